"""What agents are told as they log in, and their own greetings: recorded, told, confirmed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

import msgspec

from firmware.acd import events as told
from firmware.call.orders import ChangeSettings, GoOn
from firmware.core.acd_settings import Acd
from firmware.core.settings import Settings, extension_at
from firmware.daemons.handset.ask import Answer, Ask
from firmware.dialogs.bulletin import KEY, Bulletin, BulletinKnown
from firmware.dialogs.sentence import Sentence, SentenceKept
from firmware.voicemail.session import Session

if TYPE_CHECKING:
    from firmware.daemons.floor.queues import QueueDesk

RECORD_FLOW: Final = "sentence"
HEAR_FLOW: Final = "bulletin"
GREETING: Final = "greeting-"
"""Before an agent's number: the key of his own greeting among the owner's prompts."""


class Bulletins:
    """Bulletins and greetings.

    Args:
        desk: Queues and agents.
    """

    def __init__(self, desk: QueueDesk) -> None:
        self._desk = desk
        self._first: dict[str, tuple[str, ...]] = {}  # agent to what his login says first

    def table(self) -> Mapping[str, Answer]:
        """Service to what carries it out."""
        return {
            "bulletin_on": self._record,
            "bulletin_off": self._withdraw,
            "agent_greeting": self._greet,
        }

    # --- hearing ------------------------------------------------------------------------------

    def unheard(self, agent: str) -> str:
        """The moment of the bulletin that this agent has not confirmed, empty for none."""
        moment = self._desk.settings.acd.bulletin
        hall = self._desk.acd.hall
        known = hall.agents[agent].record.acknowledged if agent in hall.agents else moment
        there = self._desk.whispers.prompts.has(f"{self._desk.settings.language}/{KEY}")
        return moment if there and moment != known else ""

    def waits(self, port: str) -> bool:
        """Whether the agent at this telephone has not confirmed what he is to know."""
        agent = self._desk.agent_at(port)
        return bool(agent) and bool(self.unheard(agent))

    def told_at_login(self, ask: Ask, agent: str, first: tuple[str, ...]) -> bool:
        """Whether the login goes on with a bulletin, which then says ``first`` itself."""
        if not self.unheard(agent):
            return False
        self._first[agent] = first
        self._desk.office.show_waiting()
        ask.tell(ask.call, GoOn(number="", flow=f"{HEAR_FLOW}:{agent}"))
        return True

    def dialog(self, flow: str, settings: Settings) -> Session | None:
        """The dialog that a flow's name means, None for any other flow."""
        kind, _, value = flow.partition(":")
        if kind == HEAR_FLOW and value in self._desk.acd.hall.agents:
            extension = extension_at(settings, self._desk.port_of(value))
            language = (extension.language if extension else "") or settings.language
            first = self._first.pop(value, ())
            sound = f"{settings.language}/{KEY}"
            return Bulletin(value, language, first, sound, settings.acd.bulletin)
        if kind != RECORD_FLOW:
            return None
        number, _, key = value.partition(":")
        owner = next((e for e in settings.extensions if e.number == number), None)
        if owner is None:
            return None
        bulletin = key == KEY
        return Sentence(
            number,
            owner.language or settings.language,
            settings.language,
            key,
            ask="bulletin-record" if bulletin else "greeting-agent-record",
            kept="bulletin-on" if bulletin else "saved",
        )

    def heard(self, what: BulletinKnown | SentenceKept, now_ms: int, out: list[Any]) -> None:
        """Somebody confirmed a bulletin, or recorded one or a greeting."""
        if isinstance(what, BulletinKnown):
            known = told.BulletinHeard(agent=what.agent, bulletin=what.bulletin)
            self._desk.tell(known, now_ms, out)
            self._desk.office.show_waiting()
            return
        settings = self._desk.office.settings
        acd = settings.acd
        if what.key == KEY:
            wall = self._desk.office.wall(now_ms)
            moment = wall.isoformat(timespec="seconds") if wall is not None else "1"
            self._change(settings, _with(acd, bulletin=moment), what.extension, now_ms, out)
            return
        if not what.key.startswith(GREETING):
            return
        agent = what.key.removeprefix(GREETING)
        people = tuple(
            msgspec.structs.replace(a, greeting=what.key) if a.number == agent else a
            for a in acd.agents
        )
        self._change(settings, _with(acd, agents=people), what.extension, now_ms, out)

    # --- codes --------------------------------------------------------------------------------

    def _record(self, ask: Ask) -> None:
        if self._in_charge(ask):
            flow = f"{RECORD_FLOW}:{ask.extension.number}:{KEY}"
            ask.tell(ask.call, GoOn(number="", flow=flow))

    def _withdraw(self, ask: Ask) -> None:
        if not self._in_charge(ask):
            return
        if not ask.settings.acd.bulletin:
            ask.refuse("bulletin-none")
            return
        acd = _with(ask.settings.acd, bulletin="")
        ask.change(msgspec.structs.replace(ask.settings, acd=acd))
        ask.say("done")

    def _greet(self, ask: Ask) -> None:
        agent = self._desk.agent_at(ask.port)
        if not agent:
            ask.refuse("agent-not-logged-in")
            return
        flow = f"{RECORD_FLOW}:{ask.extension.number}:{GREETING}{agent}"
        ask.tell(ask.call, GoOn(number="", flow=flow))

    def _in_charge(self, ask: Ask) -> bool:
        """Where there are supervisors, what agents are told is theirs."""
        any_there = any(agent.supervisor for agent in ask.settings.acd.agents)
        if not any_there or self._desk.supervisors.at(ask.port):
            return True
        ask.refuse("supervisor-only")
        return False

    def _change(
        self, settings: Settings, acd: Acd, extension: str, now_ms: int, out: list[Any]
    ) -> None:
        wanted = msgspec.structs.replace(settings, acd=acd)
        self._desk.office.put_in_force(wanted, now_ms)
        out.append(ChangeSettings(settings=wanted, who=f"handset {extension}", why="recorded"))


def _with(acd: Acd, **fields: object) -> Acd:
    return msgspec.structs.replace(acd, **fields)
