"""Queues over restarts and new settings: what is kept, who is taken back, who is sent on."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from firmware.acd import events as told
from firmware.acd.journal import capture
from firmware.call.orders import LeaveQueue
from firmware.core.destinations import ToFlow
from firmware.core.log_entries import Cleared, ClearedBy, LogEntry
from firmware.core.settings import Settings
from firmware.daemons.floor.queue_memory import QueueMemory, brought_back, carried_over

if TYPE_CHECKING:
    from firmware.daemons.floor.queues import QueueDesk


class Continuity:
    """What a new call control and new settings find.

    Args:
        desk: Queues and agents.
    """

    def __init__(self, desk: QueueDesk) -> None:
        self._desk = desk
        self.resting = False  # nobody knows yet which calls are up
        self._wanted: Settings | None = None  # in force at the next settling

    def memory(self, now_ms: int, boot: str) -> QueueMemory:
        """What is to be kept; encode it at once."""
        return QueueMemory(
            acd=capture(self._desk.acd, now_ms, boot),
            log=self._desk.log.kept(),
            errands=self._desk.errands.running,
            why=self._desk.sets.why,
            after=self._desk.after.kept(),
            unasked=self._desk.surveys.unasked,
            texted=self._desk.texts.sent,
            day=self._desk.around.day,
            alarms=list(self._desk.alarms.open.values()),
        )

    def know(self, kept: QueueMemory, now_ms: int, wall: datetime, boot: str) -> list[LogEntry]:
        """What an earlier call control left, said once at the beginning; what to write comes back.

        Nothing moves before :meth:`wake`.
        """
        same = kept.acd.boot == boot
        offset_ms = round(wall.timestamp() * 1_000) - now_ms
        self._desk.acd, effects = brought_back(
            self._desk.settings.acd, kept.acd, now_ms, boot, offset_ms
        )
        self._desk.log.know(kept.log)
        self._desk.errands.running = kept.errands if same else {}
        self._desk.after.know(kept.after, same_boot=same)
        self._desk.texts.sent = kept.texted
        self._desk.surveys.unasked = kept.unasked
        self._desk.sets.why, self._desk.around.day = kept.why, kept.day
        self._desk.around.open = self._desk.acd.hall.memo.open
        self._desk.alarms.know(kept.alarms if same else (), now_ms)
        self.resting = True
        self._desk.changed = True
        return [
            entry for e in effects for entry in self._desk.log.entries(e, self._desk.acd, now_ms)
        ]

    def rest(self) -> None:
        """Calls are about to be taken over: nothing is told and nobody rung until then."""
        self.resting = True

    def flows(self) -> dict[str, str]:
        """Calls that wait in a queue, with the flow in which they do."""
        visits = self._desk.acd.hall.visits.values()
        return {v.id: f"queue:{v.queue}" for v in visits if not v.task and v.state != "talking"}

    def wake(self, now_ms: int, out: list[Any]) -> None:
        """Calls were taken over: who is there waits or talks on, the others are owed a call."""
        self.resting = False
        self._desk.follow(self._desk.acd.take_back(now_ms), now_ms, out)
        cleared = {e.call: e for e in out if isinstance(e, Cleared)}
        calls = self._desk.office.calls_by_id
        for name, visit in list(self._desk.acd.hall.visits.items()):
            if visit.task:
                self._desk.errands.wake(visit, now_ms, out)
                continue
            call = calls.get(name)
            if call is None:
                end = cleared.get(name)
                clean = end is not None and end.by is not ClearedBy.RESTART
                if visit.state == "talking" and clean:
                    self._desk.tell(told.CallerCleared(visit=name), now_ms, out)
                else:
                    self._desk.follow(self._desk.acd.interrupted(name, now_ms), now_ms, out)
            elif visit.state == "talking" and visit.agent:
                there = self._desk.port_of(visit.agent) in call.parties.legs
                if call.state == "menu" or not there:
                    over = told.TalkEnded(agent=visit.agent, caller_stays=True)
                    self._desk.tell(over, now_ms, out)
            elif visit.state != "talking" and call.state != "menu":
                self._desk.tell(told.CallerLeaves(visit=name, how="taken"), now_ms, out)
        self._desk.room.let_in(now_ms, out)

    def retune(self, settings: Settings) -> None:
        """New settings: who waits and who is logged in stays. In force with the next settling."""
        if settings.acd == self._desk.settings.acd and self._wanted is None:
            self._desk.settings = settings
        else:
            self._wanted = settings

    def look(self, now_ms: int, out: list[Any]) -> None:
        """Put new settings in force, if there are some."""
        if self._wanted is not None:
            wanted, self._wanted = self._wanted, None
            self._put_in_force(wanted, now_ms, out)

    def _put_in_force(self, settings: Settings, now_ms: int, out: list[Any]) -> None:
        """Whoever has no place in the new settings is sent on before."""
        hall = self._desk.acd.hall
        queues = {queue.number for queue in settings.acd.queues}
        agents = {agent.number for agent in settings.acd.agents}
        for number in [n for n in hall.agents if n not in agents]:
            agent = hall.agents[number]
            if agent.state in {"talking", "hold"}:
                self._desk.tell(told.TalkEnded(agent=number, caller_stays=True), now_ms, out)
            self._desk.tell(told.LoggedOut(agent=number, by="settings"), now_ms, out)
        sent: list[str] = []
        for name, visit in list(hall.visits.items()):
            if visit.queue not in queues and visit.state != "talking":
                self._desk.tell(told.CallerLeaves(visit=name, how="menu"), now_ms, out)
                sent += [] if visit.task else [name]
        self._desk.settings = settings
        self._desk.acd = carried_over(self._desk.acd, settings.acd, now_ms)
        for name in sent:
            leave = LeaveQueue(destination=ToFlow(flow="main"), at_ms=now_ms)
            self._desk.order(name, leave, now_ms, out)
        self._desk.changed = True
        self._desk.follow(self._desk.acd.look_again(now_ms), now_ms, out)
