"""What calls say of themselves in their log, told to the queues: who lifted, holds, talks, left."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from firmware.acd import events as told
from firmware.core.acd_entries import CallTransferred
from firmware.core.log_entries import (
    CallClosed,
    CallHeld,
    CallRetrieved,
    Cleared,
    LogEntry,
    MenuLeft,
    PartyLeft,
    Side,
    TelephoneAnswered,
    VoicesConnected,
)
from firmware.core.settings import extension_at

if TYPE_CHECKING:
    from firmware.daemons.floor.queues import QueueDesk


class Gave(NamedTuple):
    """Who let a caller go on to somebody else: agent, his extension, whether he spoke with him."""

    agent: str
    extension: str
    attended: bool


class Conversations:
    """Callers of queues, from the first ring at an agent's on.

    Args:
        desk: Queues and agents.
    """

    def __init__(self, desk: QueueDesk) -> None:
        self._desk = desk
        self.choices: dict[str, str] = {}  # call to what was keyed in its last menu
        self._gave: dict[str, Gave] = {}  # call to who passes it on just now

    def note(self, entry: LogEntry, now_ms: int, out: list[Any]) -> None:
        """Learn from the log of a call."""
        match entry:
            case MenuLeft(choice=choice) if choice:
                self.choices[entry.call] = choice
            case CallClosed():
                self.choices.pop(entry.call, None)
            case _:
                pass
        visit = self._desk.acd.hall.visits.get(entry.call)
        if visit is None:
            return
        agent = visit.agent
        match entry:
            case TelephoneAnswered(port=port):
                number = self._desk.acd.hall.ports.get(port, "")
                gave = self._gave.get(entry.call)
                if gave is not None:
                    self._gave[entry.call] = gave._replace(attended=False)
                if number and visit.state == "offered":
                    self._desk.tell(told.AgentLifted(agent=number), now_ms, out)
            case CallHeld(port=port) if agent and self._desk.port_of(agent) == port:
                self._desk.enter(
                    [self._desk.log.held(entry.call, agent, self._desk.acd, now_ms, back=False)],
                    now_ms,
                    out,
                )
                self._desk.tell(told.HoldBegan(agent=agent), now_ms, out)
            case CallRetrieved(port=port) if agent and self._desk.port_of(agent) == port:
                self._desk.enter(
                    [self._desk.log.held(entry.call, agent, self._desk.acd, now_ms, back=True)],
                    now_ms,
                    out,
                )
                self._desk.tell(told.HoldEnded(agent=agent), now_ms, out)
            case VoicesConnected(parties=parties) if visit.state == "talking":
                self._voices(entry.call, parties, now_ms, out)
            case PartyLeft(port=port) if agent and self._desk.port_of(agent) == port:
                extension = extension_at(self._desk.settings, port)
                number = extension.number if extension else ""
                self._gave[entry.call] = Gave(agent, number, attended=True)
                self._desk.tell(told.TalkEnded(agent=agent, caller_stays=True), now_ms, out)
            case Cleared(side=side):
                self._cleared(entry.call, side, now_ms, out)
            case CallClosed():
                self._gave.pop(entry.call, None)
                self._desk.tell(told.CallerCleared(visit=entry.call), now_ms, out)
            case _:
                pass

    def _voices(self, call_id: str, parties: tuple[str, ...], now_ms: int, out: list[Any]) -> None:
        visit = self._desk.acd.hall.visits[call_id]
        if visit.agent and self._desk.port_of(visit.agent) in parties:
            self._desk.enter(
                list(self._desk.log.joined(call_id, visit.agent, self._desk.acd, now_ms)),
                now_ms,
                out,
            )
            if self._desk.acd.hall.agents[visit.agent].state == "hold":
                self._desk.tell(told.HoldEnded(agent=visit.agent), now_ms, out)
            return
        sets = [port for port in parties if port in self._desk.acd.hall.ports]
        to = self._desk.acd.hall.ports[sets[0]] if sets else ""
        others = [extension_at(self._desk.settings, port) for port in parties]
        extensions = [extension.number for extension in others if extension is not None]
        hops = self.passed_on(call_id, to or "".join(extensions[:1]), now_ms, out)
        note = hops[0] if hops else ""
        self._desk.tell(told.HandedOver(visit=call_id, to=to, note=note), now_ms, out)
        if to and self._desk.acd.hall.visits[call_id].agent == to:
            self._desk.enter(
                list(self._desk.log.joined(call_id, to, self._desk.acd, now_ms)), now_ms, out
            )

    def passed_on(
        self, call_id: str, to: str, now_ms: int, out: list[Any], *, queue: bool = False
    ) -> tuple[str, ...]:
        """A caller has come from one agent to somebody else; the line that this adds to his way.

        Args:
            call_id: His call.
            to: An agent's, an extension's or a queue's number.
            now_ms: Monotonic.
            out: Effects go here.
            queue: Whether it is a queue, where nobody has spoken with anybody.
        """
        gave = self._gave.pop(call_id, None)
        visit = self._desk.acd.hall.visits.get(call_id)
        if gave is None or visit is None:
            return ()
        entry = CallTransferred(
            call=call_id,
            at_ms=now_ms,
            queue=visit.queue,
            visit=self._desk.log.visit_of(call_id),
            agent=gave.agent,
            to=to,
            attended=gave.attended and not queue,
        )
        self._desk.enter([entry], now_ms, out)
        return (f"extension:{gave.extension}",) if gave.extension else ()

    def _cleared(self, call_id: str, side: Side, now_ms: int, out: list[Any]) -> None:
        visit = self._desk.acd.hall.visits[call_id]
        if visit.state == "talking" and visit.agent and side is Side.AGENT:
            self._desk.tell(told.TalkEnded(agent=visit.agent), now_ms, out)
        elif visit.state != "talking" and self._asks_himself(call_id):
            self._desk.tell(told.CallerLeaves(visit=call_id, how="transfer"), now_ms, out)
        else:
            lost = side is Side.SYSTEM
            if side is Side.CUSTOMER and visit.state == "talking":
                self._desk.surveys.cleared(visit)
            self._desk.tell(told.CallerCleared(visit=call_id, lost=lost), now_ms, out)

    def _asks_himself(self, call_id: str) -> bool:
        """An agent's own handset stood in the queue: nobody is missed when it is put down."""
        call = self._desk.office.calls_by_id.get(call_id)
        return call is not None and bool(self._desk.agent_at(call.origin))

    def bury(self, now_ms: int, out: list[Any]) -> None:
        """Whoever's call is no more, without a word in its log, waits and talks no more."""
        calls = self._desk.office.calls_by_id
        for name, visit in list(self._desk.acd.hall.visits.items()):
            if not visit.task and name not in calls:
                self._desk.tell(told.CallerCleared(visit=name, lost=True), now_ms, out)
