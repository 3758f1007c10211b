"""Supervisors' telephones ring for a conversation: an agent wants help, a trainee talks.

Help is asked of one supervisor after the other until one lifts. A mentor is rung for his trainee's
callers, and listens as soon as he lifts; if he does not, his trainee serves alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import msgspec

from firmware.call.call import Call
from firmware.call.orders import Interrupt, Summon
from firmware.core.acd_entries import HelpAsked
from firmware.core.acd_settings import agent_named
from firmware.core.fsm import earliest
from firmware.core.log_entries import ClearedBy
from firmware.dialogs.beckoned import AttendWanted, Beckoned
from ivr.speech import say_digits

if TYPE_CHECKING:
    from firmware.daemons.floor.queues import QueueDesk

FLOW: Final = "beckoned"
CADENCES: Final = {"help": "alarm", "mentor": "intercom"}
"""Help has the most pressing ring there is; a mentor knows by another one what it is about."""

RING_MS: Final = 16_000
"""Chosen: four rings of the alarm; an agent in need is not left waiting for one who is away."""


class Beckon(msgspec.Struct, kw_only=True):
    """A telephone that rings for a conversation."""

    about: str
    agent: str
    why: str
    asked: list[str]  # telephones, the last of them rings
    until_ms: int = 0


class Beckoning:
    """Who is called to whose conversation.

    Args:
        desk: Queues and agents.
    """

    def __init__(self, desk: QueueDesk) -> None:
        self._desk = desk
        self._ringing: dict[str, Beckon] = {}  # by the call that rings

    def help(self, about: Call, agent: str, now_ms: int, out: list[Any]) -> bool:
        """Call a supervisor to an agent's conversation; False if none can be reached."""
        again = any(b.about == about.call for b in self._ringing.values())
        beckon = Beckon(about=about.call, agent=agent, why="help", asked=[])
        return again or self._ask_next(beckon, now_ms, out)

    def mentor(self, about: str, agent: str, now_ms: int, out: list[Any]) -> None:
        """A trainee has a caller: his mentor's telephone rings, if he is there and free."""
        person = agent_named(self._desk.settings.acd, agent)
        mentor = person.mentor if person is not None else ""
        if person is None or mentor not in self._desk.acd.hall.agents:
            return
        port = self._desk.port_of(mentor)
        most = person.mentor_calls
        enough = most and self._desk.acd.hall.agents[agent].record.day.calls > most
        if port and not enough and self._desk.idle(port):
            self._ring(Beckon(about=about, agent=agent, why="mentor", asked=[port]), now_ms, out)

    def next_deadline(self) -> int | None:
        """When :meth:`advance` wants to be called."""
        return earliest(*(beckon.until_ms or None for beckon in self._ringing.values()))

    def advance(self, now_ms: int, out: list[Any]) -> None:
        """Who does not come is rung no more; :meth:`settle` asks the next."""
        for call_id, beckon in self._ringing.items():
            if beckon.until_ms and now_ms >= beckon.until_ms:
                beckon.until_ms = 0
                self._stop(call_id, now_ms, out)

    def _stop(self, call_id: str, now_ms: int, out: list[Any]) -> None:
        call = self._desk.office.calls_by_id.get(call_id)
        if call is not None and call.state == "summoning":
            stop = Interrupt(at_ms=now_ms, by=ClearedBy.ROUTING, detail="not taken")
            self._desk.order(call_id, stop, now_ms, out)

    def dialog(self, flow: str, call: Call) -> Beckoned | None:
        """What is said when the telephone is lifted; None for any other flow."""
        beckon = self._ringing.get(call.call)
        if not flow.startswith(f"{FLOW}:") or beckon is None:
            return None
        language = self._desk.supervisors.language(call.origin)
        summary: tuple[str, ...] = ()
        if beckon.why == "help":
            summary = tuple(self._summary(beckon, language))
        return Beckoned(beckon.about, language, summary, beckon.why)

    def _summary(self, beckon: Beckon, language: str) -> list[str]:
        """Who asks, and who his caller is."""
        visit = self._desk.acd.hall.visits.get(beckon.about)
        spoken = ["help-from-before", *say_digits(beckon.agent, language)]
        if visit is None:
            return spoken
        spoken += ["whisper-vip"] if visit.vip else []
        return [*spoken, "whisper-queue-before", *say_digits(visit.queue, language)]

    def wanted(self, call_id: str, what: AttendWanted, now_ms: int, out: list[Any]) -> None:
        """He keyed how he comes, or did not and listens."""
        beckon = self._ringing.pop(call_id, None)
        asking = self._desk.office.calls_by_id.get(call_id)
        found = self._desk.office.calls_by_id.get(what.about)
        if asking is None:
            return
        port = asking.origin
        came = (
            beckon is not None
            and found is not None
            and self._desk.supervisors.come(
                asking, port, found, beckon.agent, what.mode, now_ms, out, why=what.why
            )
        )
        dialog = self._desk.office.dialog_of(call_id)
        if not came and isinstance(dialog, Beckoned):
            self._desk.office.dialog_says(call_id, dialog.missed(), now_ms, out)

    def settle(self, now_ms: int, out: list[Any]) -> None:
        """Conversations that are over are rung for no more; who does not come has a successor."""
        calls = self._desk.office.calls_by_id
        for call_id, beckon in list(self._ringing.items()):
            call = calls.get(call_id)
            if beckon.about not in calls:
                self._stop(call_id, now_ms, out)
                if call is None or call.state == "summoning":
                    self._ringing.pop(call_id, None)
            elif call is None:
                del self._ringing[call_id]
                if beckon.why == "help":
                    self._ask_next(beckon, now_ms, out)

    def _ask_next(self, beckon: Beckon, now_ms: int, out: list[Any]) -> bool:
        own = self._desk.port_of(beckon.agent)
        free = [p for p in self._desk.supervisors.free() if p not in {own, *beckon.asked}]
        supervisor = self._desk.agent_at(free[0]) if free else ""
        entry = HelpAsked(
            call=beckon.about, at_ms=now_ms, agent=beckon.agent, supervisor=supervisor
        )
        self._desk.enter([entry], now_ms, out)
        if not free:
            return False
        beckon.asked.append(free[0])
        self._ring(beckon, now_ms, out)
        return True

    def _ring(self, beckon: Beckon, now_ms: int, out: list[Any]) -> None:
        order = Summon(
            port=beckon.asked[-1],
            at_ms=now_ms,
            purpose=beckon.why,
            flow=f"{FLOW}:{beckon.about}",
            cadence=CADENCES[beckon.why],
        )
        beckon.until_ms = now_ms + RING_MS
        self._ringing[self._desk.ring(order, now_ms, out).call] = beckon
