"""What calls say of themselves in their log, told to the queues: who lifted, holds, talks, left."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from firmware.acd import events as told
from firmware.core.log_entries import (
    CallClosed,
    CallHeld,
    CallRetrieved,
    Cleared,
    LogEntry,
    PartyLeft,
    Side,
    TelephoneAnswered,
    VoicesConnected,
)

if TYPE_CHECKING:
    from firmware.daemons.queues import QueueDesk


class Conversations:
    """Callers of queues, from the first ring at an agent's on.

    Args:
        desk: Queues and agents.
    """

    def __init__(self, desk: QueueDesk) -> None:
        self._desk = desk

    def note(self, entry: LogEntry, now_ms: int, out: list[Any]) -> None:
        """Learn from the log of a call."""
        visit = self._desk.acd.hall.visits.get(entry.call)
        if visit is None:
            return
        agent = visit.agent
        match entry:
            case TelephoneAnswered(port=port):
                number = self._desk.acd.hall.ports.get(port, "")
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
                self._desk.tell(told.TalkEnded(agent=agent, caller_stays=True), now_ms, out)
            case Cleared(side=side):
                self._cleared(entry.call, side, now_ms, out)
            case CallClosed():
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
        self._desk.tell(told.HandedOver(visit=call_id, to=to), now_ms, out)
        if to and self._desk.acd.hall.visits[call_id].agent == to:
            self._desk.enter(
                list(self._desk.log.joined(call_id, to, self._desk.acd, now_ms)), now_ms, out
            )

    def _cleared(self, call_id: str, side: Side, now_ms: int, out: list[Any]) -> None:
        visit = self._desk.acd.hall.visits[call_id]
        if visit.state == "talking" and visit.agent and side is Side.AGENT:
            self._desk.tell(told.TalkEnded(agent=visit.agent), now_ms, out)
        else:
            lost = side is Side.SYSTEM
            self._desk.tell(told.CallerCleared(visit=call_id, lost=lost), now_ms, out)

    def bury(self, now_ms: int, out: list[Any]) -> None:
        """Whoever's call is no more, without a word in its log, waits and talks no more."""
        calls = self._desk.office.calls_by_id
        for name, visit in list(self._desk.acd.hall.visits.items()):
            if not visit.task and name not in calls:
                self._desk.tell(told.CallerCleared(visit=name, lost=True), now_ms, out)
