"""Supervisors at their handsets: they listen to conversations, whisper, join, take over.

Who is a supervisor is known by where he has signed in, with his PIN. Whatever he does stands in the
log before it happens. Which of them listens where is kept by the calls alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from firmware.call.call import Call
from firmware.call.orders import Dissolve, LetGo, Oversee, OverseeMode, TakeOver
from firmware.core.acd_entries import SupervisorActed
from firmware.core.acd_settings import agent_named
from firmware.core.port_events import Digit
from firmware.core.settings import extension_at
from firmware.dialogs.beckoned import MODES

if TYPE_CHECKING:
    from firmware.daemons.floor.queues import QueueDesk

SAID: Final = {
    "listen": "supervisor-listening",
    "whisper": "supervisor-whispering",
    "join": "supervisor-joined",
    "take_over": "supervisor-taken",
    "mentor": "mentor-listening",
}
NOTICE_TONE: Final = "music/beep"
MODE_OF: Final[dict[str, OverseeMode]] = {"whisper": "whisper", "join": "join"}


class Supervisors:
    """Who may decide over others, and the conversations they attend.

    Args:
        desk: Queues and agents.
    """

    def __init__(self, desk: QueueDesk) -> None:
        self._desk = desk
        self._taking_part: dict[str, str] = {}  # port of one who joined to the call

    # --- who ----------------------------------------------------------------------------------

    def at(self, port: str) -> str:
        """The supervisor who has signed in at a telephone, empty for none."""
        number = self._desk.agent_at(port)
        person = agent_named(self._desk.settings.acd, number)
        return number if person is not None and person.supervisor and person.pin_hash else ""

    def on_duty(self) -> list[str]:
        """Telephones at which supervisors have signed in, in the order of the settings."""
        hall = self._desk.acd.hall
        ports = [hall.agents[p.number].record.port for p in self._desk.settings.acd.agents]
        return [port for port in ports if port and self.at(port)]

    def free(self) -> list[str]:
        """Telephones of supervisors that can ring now: who waits for a call first, pauses last."""
        hall = self._desk.acd.hall
        ranks = {"ready": 0, "wrap_up": 1, "paused": 2}
        found = [
            (ranks[hall.agents[hall.ports[port]].state], at, port)
            for at, port in enumerate(self.on_duty())
            if hall.agents[hall.ports[port]].state in ranks and self._desk.idle(port)
        ]
        return [port for _, _, port in sorted(found)]

    def language(self, port: str) -> str:
        """In which a telephone is spoken to."""
        extension = extension_at(self._desk.settings, port)
        return (extension.language if extension else "") or self._desk.settings.language

    # --- conversations ------------------------------------------------------------------------

    def conversation(self, agent: str) -> Call | None:
        """The conversation an agent is in, None while he is in none that may be attended."""
        port = self._desk.port_of(agent)
        call = self._desk.office.call_at(port) if port else None
        open_to_others = call is not None and Oversee in call.TABLE.states[call.state].on
        return call if open_to_others else None

    def come(
        self,
        asking: Call,
        port: str,
        found: Call,
        agent: str,
        mode: str,
        now_ms: int,
        out: list[Any],
        *,
        why: str = "",
    ) -> bool:
        """Let a lifted telephone attend a conversation; False if that cannot be now.

        Args:
            asking: The call of that telephone, which ends.
            port: The telephone.
            found: The conversation.
            agent: Who has it.
            mode: listen, whisper, join or take_over.
            now_ms: Monotonic.
            out: Effects go here.
            why: help or mentor, if he was called.
        """
        wanted = TakeOver if mode == "take_over" else Oversee
        if wanted not in found.TABLE.states[found.state].on or port in found.parties.legs:
            return False
        office = self._desk.office
        detail = f"attends call {found.call}"
        office.carry_out(asking.handle(Dissolve(detail=detail), now_ms), now_ms, out)
        self._act(found, port, agent, mode, now_ms, out, other=asking.call, why=why)
        return True

    def key(self, event: Digit, now_ms: int, out: list[Any]) -> bool:
        """A key of somebody who attends a conversation; False for everybody else's."""
        call = self._desk.office.call_at(event.port)
        if call is None:
            self._taking_part.pop(event.port, None)
            return False
        joined = self._taking_part.get(event.port) == call.call
        if not joined and event.port not in call.parties.beside:
            return False
        agent = self._agent_in(call, event.port)
        if event.digit == "*":
            self._note(call, "leave", event.port, agent, now_ms, out)
            self._taking_part.pop(event.port, None)
            self._desk.order(call.call, LetGo(port=event.port), now_ms, out)
        elif (mode := MODES.get(event.digit, "")) and agent:
            self._act(call, event.port, agent, mode, now_ms, out)
        return not joined

    def _act(
        self,
        found: Call,
        port: str,
        agent: str,
        mode: str,
        now_ms: int,
        out: list[Any],
        *,
        other: str = "",
        why: str = "",
    ) -> None:
        extension = extension_at(self._desk.settings, port)
        number = extension.number if extension else ""
        key = SAID["mentor" if why == "mentor" and mode == "listen" else mode]
        prompts = (f"{self.language(port)}/{key}",)
        self._note(found, mode, port, agent, now_ms, out, why=why)
        self._taking_part.pop(port, None)
        if mode == "take_over":
            order: TakeOver | Oversee = TakeOver(
                port=port,
                extension=number,
                other=other,
                agent=self._desk.port_of(agent),
                prompts=prompts,
            )
        else:
            if mode == "join":
                self._taking_part[port] = found.call
            told = self._desk.settings.acd.listen_tone and bool(other) and mode == "listen"
            order = Oversee(
                port=port,
                extension=number,
                other=other,
                mode=MODE_OF.get(mode, "listen"),
                prompts=prompts,
                tone=NOTICE_TONE if told else "",
            )
        self._desk.order(found.call, order, now_ms, out)

    def _agent_in(self, call: Call, supervisor: str) -> str:
        """Whose conversation it is."""
        found = [self._desk.agent_at(p) for p in call.parties.legs if p != supervisor]
        return next((number for number in found if number), "")

    def _note(
        self,
        call: Call,
        act: str,
        port: str,
        agent: str,
        now_ms: int,
        out: list[Any],
        *,
        why: str = "",
    ) -> None:
        visit = self._desk.acd.hall.visits.get(call.call)
        entry = SupervisorActed(
            call=call.call,
            at_ms=now_ms,
            supervisor=self._desk.agent_at(port),
            act=act,
            agent=agent,
            queue=visit.queue if visit is not None else "",
            port=port,
            detail=why,
        )
        self._desk.enter([entry], now_ms, out)
