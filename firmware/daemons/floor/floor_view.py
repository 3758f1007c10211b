"""How it stands with queues and agents, as a page shows it: read off, nothing decided."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from firmware.acd.distribution import Distribution
from firmware.acd.tasks import Task
from firmware.call.call import Call
from firmware.control.floor_messages import AgentNow, Floor, QueueNow, TaskNow, WaiterNow
from firmware.core.settings import Settings, extension_at
from firmware.daemons.floor.queues import QueueDesk


class Office(Protocol):
    """The office, as the floor needs it."""

    queues: QueueDesk

    @property
    def calls_by_id(self) -> dict[str, Call]:
        """Calls that are up."""
        ...

    def carry_out(self, effects: Any, now_ms: int, out: list[Any]) -> None:
        """Pass effects on."""
        ...

    def free_lines(self) -> int:
        """Exchange lines that could be taken."""
        ...


class FloorView:
    """The floor as it is.

    Args:
        office: Queues, agents and calls.
        settings: Those in force.
    """

    def __init__(self, office: Office, settings: Callable[[], Settings]) -> None:
        self._office = office
        self._settings = settings

    @property
    def _desk(self) -> QueueDesk:
        return self._office.queues

    @property
    def _acd(self) -> Distribution:
        return self._desk.acd

    def floor(self, now_ms: int) -> Floor | None:
        """Everybody at queues now; None for an office without queues."""
        hall, settings = self._acd.hall, self._settings()
        if not hall.queues:
            return None
        waiters = tuple(
            WaiterNow(
                call=visit.id,
                queue=visit.queue,
                kind=visit.kind,
                state=visit.state,
                number=visit.number,
                name=visit.name,
                vip=visit.vip,
                since_ms=visit.entered_ms,
            )
            for visit in hall.visits.values()
            if visit.state != "talking"
        )
        return Floor(
            queues=tuple(self._queue(number, now_ms) for number in hall.queues),
            agents=tuple(self._agent(number, settings, now_ms) for number in hall.agents),
            waiters=waiters,
            free_lines=self._office.free_lines(),
            lines=len(settings.lines),
            tasks=len(hall.book.live),
        )

    def _queue(self, number: str, now_ms: int) -> QueueNow:
        line = self._acd.hall.queues[number]
        figures = self._desk.figures(number)
        counts = line.record.counts
        return QueueNow(
            queue=number,
            name=line.settings.name,
            waiting=line.waiting,
            longest_since_ms=now_ms - line.longest_ms(now_ms) if line.waiting else 0,
            logged_in=line.logged_in,
            staffed=line.staffed,
            expected_s=figures.wait_s,
            offered=counts.offered,
            answered=counts.answered,
            abandoned=counts.abandoned,
            answered_in_level=counts.answered_in_level,
            level_s=line.settings.level_s,
        )

    def _agent(self, number: str, settings: Settings, now_ms: int) -> AgentNow:
        hall = self._acd.hall
        record = hall.agents[number].record
        extension = extension_at(settings, record.port) if record.port else None
        day, visit = record.day, hall.visits.get(record.visit)
        running = now_ms - record.since_ms  # of the present state, which no booking holds yet
        talks = record.state in {"talking", "hold"}
        pauses = dict(day.pauses_ms)
        if record.state == "paused":
            pauses[record.pause] = pauses.get(record.pause, 0) + running
        return AgentNow(
            agent=number,
            name=hall.people[number].name,
            state=record.state,
            since_ms=record.since_ms,
            port=record.port,
            extension=extension.number if extension else "",
            set_state=record.set_state,
            pause=record.pause,
            then=record.then,
            call=self.call_of(number),
            queue=visit.queue if visit is not None else record.queue,
            wrap_up_until_ms=record.wrap_up_until_ms if record.state == "wrap_up" else 0,
            queues=hall.memberships(number),
            calls=day.calls,
            missed=day.missed,
            talk_ms=day.talking_ms + day.hold_ms + (running if talks else 0),
            wrap_up_ms=day.wrap_up_ms + (running if record.state == "wrap_up" else 0),
            pauses_ms=pauses,
            results=dict(day.results),
        )

    def call_of(self, number: str) -> str:
        """The call that is offered to an agent, that he has, or whose work he does."""
        record = self._acd.hall.agents[number].record
        if record.state == "wrap_up":
            last = self._desk.after.last.get(number)
            return last.call if last is not None else record.last_visit
        return record.visit if record.state in {"offered", "talking", "hold"} else ""

    def tasks(self) -> tuple[TaskNow, ...]:
        """Calls that are owed, the oldest due first; then the last that were, newest first."""
        book = self._acd.hall.book
        live = sorted(book.live.values(), key=lambda task: (task.due_ms, task.id))
        over = [task for key, task in reversed(book.tasks.items()) if key not in book.live]
        return tuple(_task(task) for task in (*live, *over))


def _task(task: Task) -> TaskNow:
    return TaskNow(
        task=task.id,
        kind=task.kind,
        number=task.number,
        name=task.name,
        queue=task.queue,
        owner=task.owner,
        note=task.note,
        opened_ms=task.opened_ms,
        due_ms=task.due_ms,
        next_ms=task.next_ms,
        attempts=task.attempts,
        state=task.state,
        level=task.level,
        result=task.result,
        call=task.about,
    )
