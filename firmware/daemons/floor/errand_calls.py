"""Calls that are owed: the agent's telephone rings, he hears what it is about, it is dialled.

What came of it is told to the queues.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from firmware.acd import events as told
from firmware.acd.tasks import TaskResult
from firmware.acd.visit import Visit
from firmware.call.hours import zone_of
from firmware.call.orders import Interrupt, Summon
from firmware.core.log_entries import (
    CallClosed,
    Cleared,
    ClearedBy,
    Direction,
    FarSideAnswered,
    LogEntry,
    Outcome,
    PartyLeft,
    Side,
    TelephoneAnswered,
)
from firmware.core.settings import Settings, extension_at
from firmware.daemons.floor.task_news import item_of, news_of
from firmware.dialogs.task_call import TaskCall, TaskJudged
from firmware.dialogs.task_list import TaskChosen, TaskList

if TYPE_CHECKING:
    from firmware.daemons.floor.queues import QueueDesk

FLOW: Final = "task"
LATER_MS: Final = 1_800_000
"""Chosen: who puts a call off is busy with something that takes a while."""


class ErrandCalls:
    """Callbacks, promises and the like, while their calls are up.

    Args:
        desk: Queues and agents.
    """

    def __init__(self, desk: QueueDesk) -> None:
        self._desk = desk
        self.running: dict[str, str] = {}  # call to the visit of what is owed
        self._about: dict[str, str] = {}  # such a call to the one it follows from

    def note(self, entry: LogEntry, name: str, now_ms: int, out: list[Any]) -> None:
        """A call that is owed: the agent lifts, the far end answers or not, somebody clears."""
        visit = self._desk.acd.hall.visits.get(name)
        agent = visit.agent if visit is not None else ""
        task = self._desk.acd.hall.book.tasks.get(visit.task) if visit is not None else None
        reached = task is None or task.result == "reached"
        match entry:
            case TelephoneAnswered(port=port) if visit is not None and visit.state == "offered":
                self._desk.tell(told.AgentLifted(agent=self._desk.agent_at(port)), now_ms, out)
            case FarSideAnswered() if agent and not reached:
                self._desk.tell(told.TaskAttempted(agent=agent, result="reached"), now_ms, out)
            case PartyLeft(port=port) if agent and self._desk.port_of(agent) == port:
                self._desk.tell(told.TalkEnded(agent=agent), now_ms, out)
            case Cleared(side=side) if agent and reached:
                over = told.TalkEnded(agent=agent) if side is Side.AGENT else None
                self._desk.tell(over or told.CallerCleared(visit=name), now_ms, out)
            case CallClosed(outcome=outcome):
                self.running.pop(entry.call, None)
                call = self._desk.office.calls_by_id.get(entry.call)
                dialled = call is None or call.journal.direction is Direction.OUTBOUND
                if agent and not reached and not dialled:  # he hung up before it was dialled
                    self._desk.tell(told.TalkEnded(agent=agent), now_ms, out)
                elif agent and not reached:
                    result: TaskResult = "busy" if outcome is Outcome.BUSY else "no_answer"
                    self._desk.tell(told.TaskAttempted(agent=agent, result=result), now_ms, out)
            case _:
                pass

    def summon(self, visit: Visit, port: str, now_ms: int, out: list[Any]) -> None:
        """Ring the agent; lifting it he hears what it is about, then it is dialled."""
        call = self._desk.office.open_call(now_ms)
        self.running[call.call] = visit.id
        task = self._desk.acd.hall.book.tasks.get(visit.task)
        calls = self._desk.office.calls_by_id
        self._about = {name: about for name, about in self._about.items() if name in calls}
        self._about[call.call] = task.about if task is not None else ""
        prefix = next(iter(self._desk.settings.outside_prefixes), "")
        order = Summon(
            port=port,
            at_ms=now_ms,
            purpose=visit.kind,
            number=f"{prefix}{visit.number}",
            flow=f"{FLOW}:{visit.id}",
        )
        self._desk.office.carry_out(call.handle(order, now_ms), now_ms, out)

    def about(self, call_id: str) -> str:
        """The call that a call follows from; itself, where it follows from none."""
        return self._about.get(call_id, "") or call_id

    def dialog(self, name: str, settings: Settings) -> TaskCall | None:
        """What the agent who lifted hears of what is owed."""
        visit = self._desk.acd.hall.visits.get(name)
        task = self._desk.acd.hall.book.tasks.get(visit.task) if visit is not None else None
        if visit is None or task is None:
            return None
        port = self._desk.port_of(visit.agent) if visit.agent else ""
        extension = extension_at(settings, port)
        language = (extension.language if extension else "") or settings.language
        has = self._desk.whispers.prompts.has
        news = news_of(task, language, zone_of(settings), has)
        return TaskCall(visit.id, language, news)

    def list_of(self, agent: str, settings: Settings) -> TaskList:
        """What this agent owes, the most urgent first; what nobody owns is his as well."""
        book = self._desk.acd.hall.book
        extension = extension_at(settings, self._desk.port_of(agent))
        language = (extension.language if extension else "") or settings.language
        mine = [task for task in book.live.values() if task.owner in {agent, ""}]
        has = self._desk.whispers.prompts.has
        items = [
            item_of(task, language, zone_of(settings), has)
            for task in sorted(mine, key=lambda task: (task.due_ms, task.id))
        ]
        return TaskList(agent, language, items)

    def chosen(self, what: TaskChosen, now_ms: int, out: list[Any]) -> None:
        """An agent goes through what he owes."""
        if what.how == "done":
            self._desk.tell(told.TaskEnded(task=what.task, how="done"), now_ms, out)
            return
        in_ms = 0 if what.how == "now" else LATER_MS
        self._desk.tell(told.TaskPutOff(task=what.task, in_ms=in_ms), now_ms, out)

    def judged(self, call_id: str, what: TaskJudged, now_ms: int, out: list[Any]) -> None:
        """The agent puts it off, or says that nothing is owed any more."""
        visit = self._desk.acd.hall.visits.get(what.visit)
        if visit is None:
            return
        task = visit.task
        self.running.pop(call_id, None)
        self._desk.tell(told.TaskPutOff(task=task, in_ms=LATER_MS), now_ms, out)
        if what.how == "withdrawn":
            self._desk.tell(told.TaskEnded(task=task, how="withdrawn"), now_ms, out)

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
