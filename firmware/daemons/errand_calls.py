"""Calls that are owed: the agent's telephone rings, lifting dials, and what came of it is told."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from firmware.acd import events as told
from firmware.acd.tasks import TaskResult
from firmware.acd.visit import Visit
from firmware.call.orders import Interrupt, Summon
from firmware.core.log_entries import (
    CallClosed,
    Cleared,
    ClearedBy,
    FarSideAnswered,
    LogEntry,
    Outcome,
    Side,
    TelephoneAnswered,
)

if TYPE_CHECKING:
    from firmware.daemons.queues import QueueDesk


class ErrandCalls:
    """Callbacks, promises and the like, while their calls are up.

    Args:
        desk: Queues and agents.
    """

    def __init__(self, desk: QueueDesk) -> None:
        self._desk = desk
        self.running: dict[str, str] = {}  # call to the visit of what is owed

    def note(self, entry: LogEntry, name: str, now_ms: int, out: list[Any]) -> None:
        """A call that is owed: the agent lifts, the far end answers or not, somebody clears."""
        visit = self._desk.acd.hall.visits.get(name)
        agent = visit.agent if visit is not None else ""
        task = self._desk.acd.hall.book.tasks.get(visit.task) if visit is not None else None
        reached = task is None or task.state == "done"
        match entry:
            case TelephoneAnswered(port=port) if visit is not None and visit.state == "offered":
                self._desk.tell(told.AgentLifted(agent=self._desk.agent_at(port)), now_ms, out)
            case FarSideAnswered() if agent and not reached:
                self._desk.tell(told.TaskAttempted(agent=agent, result="reached"), now_ms, out)
            case Cleared(side=side) if agent and reached:
                over = told.TalkEnded(agent=agent) if side is Side.AGENT else None
                self._desk.tell(over or told.CallerCleared(visit=name), now_ms, out)
            case CallClosed(outcome=outcome):
                self.running.pop(entry.call, None)
                if agent and not reached:
                    result: TaskResult = "busy" if outcome is Outcome.BUSY else "no_answer"
                    self._desk.tell(told.TaskAttempted(agent=agent, result=result), now_ms, out)
            case _:
                pass

    def summon(self, visit: Visit, port: str, now_ms: int, out: list[Any]) -> None:
        """Ring the agent; lifting dials the number."""
        call = self._desk.office.open_call(now_ms)
        self.running[call.call] = visit.id
        prefix = next(iter(self._desk.settings.outside_prefixes), "")
        order = Summon(
            port=port, at_ms=now_ms, purpose=visit.kind, number=f"{prefix}{visit.number}"
        )
        self._desk.office.carry_out(call.handle(order, now_ms), now_ms, out)

    def recall(self, name: str, now_ms: int, out: list[Any]) -> None:
        """Nobody took it: the telephone rings no more."""
        for call_id, visit in list(self.running.items()):
            call = self._desk.office.calls_by_id.get(call_id)
            if visit == name and call is not None and call.state == "summoning":
                order = Interrupt(at_ms=now_ms, by=ClearedBy.ROUTING, detail="not taken")
                self._desk.office.carry_out(call.handle(order, now_ms), now_ms, out)

    def wake(self, visit: Visit, now_ms: int, out: list[Any]) -> None:
        """After a restart: who dialled is not dialling any more."""
        running = {name: call for call, name in self.running.items()}.get(visit.id, "")
        if visit.agent and running not in self._desk.office.calls_by_id:
            self.running.pop(running, None)
            self._desk.tell(told.TalkEnded(agent=visit.agent), now_ms, out)

    def bury(self, now_ms: int, out: list[Any]) -> None:
        """Calls that are no more, without a word in their log."""
        for call_id, name in list(self.running.items()):
            if call_id in self._desk.office.calls_by_id:
                continue
            del self.running[call_id]
            errand = self._desk.acd.hall.visits.get(name)
            if errand is not None and errand.agent:
                self._desk.tell(told.TalkEnded(agent=errand.agent), now_ms, out)
