"""Calls the office owes: callbacks, promises, missed calls, follow-ups. Each has one owner.

Tasks live by wall-clock time in UTC milliseconds, since "by four o'clock" must survive a power
cut. A task that is due becomes a visit and is handed to an agent like a caller, but only when
nobody waits (``firmware.acd.lineup``); a callback asked for in the queue keeps its place there.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, Literal

import msgspec

from firmware.core.acd_settings import Acd

TaskKind = Literal["callback", "promise", "missed_call", "follow_up", "power_cut", "key_date"]
TaskState = Literal["open", "offered", "done", "failed"]
TaskResult = Literal["reached", "busy", "no_answer", "wrong_number", "refused"]

MINUTE_MS: Final = 60_000
HOUR_MS: Final = 60 * MINUTE_MS
DAY_MS: Final = 24 * HOUR_MS

RETRY_MS: Final = {
    "busy": (5 * MINUTE_MS, 15 * MINUTE_MS),
    "no_answer": (30 * MINUTE_MS, 2 * HOUR_MS),
}
"""Pause before the next attempt, by result; the last one holds for all further ones. Chosen."""

DUE_MS: Final[dict[str, int]] = {
    "callback": 0,
    "missed_call": 5 * MINUTE_MS,  # many call again by themselves
    "power_cut": 0,
    "promise": 0,
    "follow_up": 0,
    "key_date": 0,
}

LATE_MS: Final[dict[str, tuple[int, int]]] = {
    "promise": (5 * MINUTE_MS, 15 * MINUTE_MS),
    "callback": (30 * MINUTE_MS, 2 * HOUR_MS),
    "missed_call": (8 * HOUR_MS, DAY_MS),
    "power_cut": (30 * MINUTE_MS, 2 * HOUR_MS),
    "follow_up": (DAY_MS, 2 * DAY_MS),
    "key_date": (16 * HOUR_MS, 20 * HOUR_MS),  # from midnight: by four anybody, at eight the last
}
"""After how long past due a task leaves its owner for the whole queue, and when supervisors are
told. A promise rings whoever gave it for five minutes, then anybody. A missed call is called back
the same day by its owner, within 24 h by somebody."""

LIVE: Final = frozenset({"open", "offered"})
MOST_KEPT: Final = 200
"""Tasks that are over are kept for the page up to this; the records keep all of them."""

PHONE_OWED: Final = frozenset({"callback", "missed_call", "power_cut"})
"""One of these at most is open per number: nobody is called several times for one wish."""


class Task(msgspec.Struct, kw_only=True):
    """One call that is owed."""

    id: str
    kind: TaskKind
    number: str
    name: str = ""
    queue: str = ""
    owner: str = ""
    note: str = ""  # what was promised, as a text or the name of a recording
    language: str = ""
    topic: str = ""  # two digits
    opened_ms: int
    due_ms: int
    next_ms: int
    attempts: int = 0
    state: TaskState = "open"
    level: int = 0  # 0 owner, 1 queue, 2 supervisors were told
    result: str = ""
    about: str = ""  # the call it comes from
    order_ms: int = 0  # a callback's place in the queue, monotonic
    history: list[tuple[int, str]] = []


class TaskRefused(ValueError):  # noqa: N818 - it names what happened to the task
    """A task may not be opened; ``why`` is ``do_not_call``, ``no_number`` or ``open_already``."""

    def __init__(self, why: str, number: str) -> None:
        super().__init__(f"no task for {number or 'a withheld number'}: {why}")
        self.why = why


class TaskBook:
    """All tasks. Pure: told the wall time, it says what is due and what went wrong.

    Args:
        acd: Attempts, calling hours and the list of numbers not to be called.
        tasks: What an earlier one kept.
        zone_ms: The office's offset from UTC.
    """

    __slots__ = ("acd", "live", "number", "tasks", "zone_ms")

    def __init__(self, acd: Acd, tasks: Iterable[Task] = (), zone_ms: int = 8 * HOUR_MS) -> None:
        self.acd = acd
        self.tasks = {task.id: task for task in tasks}
        self.live = {key: t for key, t in self.tasks.items() if t.state in LIVE}
        self.number = max((int(key[1:]) for key in self.tasks), default=0)
        self.zone_ms = zone_ms

    def open_for(self, number: str) -> Task | None:
        """The call that is owed to a number already, promises aside."""
        return next(
            (
                task
                for task in self.live.values()
                if task.number == number and task.kind in PHONE_OWED
            ),
            None,
        )

    def open(
        self,
        kind: TaskKind,
        number: str,
        wall_ms: int,
        *,
        due_ms: int | None = None,
        queue: str = "",
        owner: str = "",
        name: str = "",
        note: str = "",
        about: str = "",
        language: str = "",
        topic: str = "",
        order_ms: int = 0,
    ) -> Task:
        """A call is owed from now on.

        Raises:
            TaskRefused: No number, not to be called, or one is owed already.
        """
        if not number:
            raise TaskRefused("no_number", number)
        if number in self.acd.do_not_call:
            raise TaskRefused("do_not_call", number)
        if kind in PHONE_OWED:
            earlier = self.open_for(number)
            if earlier is not None and not (
                kind == "callback" and earlier.kind == "missed_call" and earlier.state == "open"
            ):
                raise TaskRefused("open_already", number)
            if earlier is not None:
                self._close(earlier, "replaced", wall_ms)
        self.number += 1
        due = wall_ms + DUE_MS[kind] if due_ms is None else due_ms
        task = Task(
            id=f"t{self.number}",
            kind=kind,
            number=number,
            name=name,
            queue=queue,
            owner=owner,
            note=note,
            about=about,
            language=language,
            topic=topic,
            opened_ms=wall_ms,
            due_ms=due,
            next_ms=due,
            order_ms=order_ms,
            history=[(wall_ms, "opened")],
        )
        self.tasks[task.id] = self.live[task.id] = task
        return task

    def offered(self, task: Task, wall_ms: int) -> None:
        """It stands in a line of the queue, to be handed to somebody."""
        task.state = "offered"
        task.history.append((wall_ms, "offered"))

    def back(self, task: Task, wall_ms: int, again_ms: int = MINUTE_MS) -> None:
        """Nobody took it; it is due again in a while."""
        task.state = "open"
        task.next_ms = wall_ms + again_ms
        task.history.append((wall_ms, "not taken"))

    def attempted(self, task: Task, result: TaskResult, wall_ms: int) -> bool:
        """Somebody dialled. False when the task has failed for good."""
        task.attempts += 1
        task.history.append((wall_ms, result))
        if result == "reached":
            self._close(task, "reached", wall_ms)
            return True
        if result in {"wrong_number", "refused"} or task.attempts >= self.acd.attempts:
            self._end(task, "failed", result)
            return False
        waits = RETRY_MS[result]
        task.state = "open"
        task.next_ms = wall_ms + waits[min(task.attempts, len(waits)) - 1]
        return True

    def spoken_all_the_same(self, task: Task | None, result: TaskResult, wall_ms: int) -> bool:
        """He called in by himself while he was being dialled: whether they talk in spite of it."""
        if task is not None and result == "reached" != task.result:
            task.history.append((wall_ms, result))
            task.result = result
        return result == "reached" or (task is not None and task.result == "reached")

    def reached_meanwhile(self, number: str, wall_ms: int) -> Task | None:
        """The caller was spoken with: what was owed to his number is done."""
        task = self.open_for(number) if number else None
        if task is not None:
            self._close(task, "called_again", wall_ms)
        return task

    def settled(self, task: Task, how: str, wall_ms: int) -> None:
        """A person ended it: ``how`` is done or withdrawn."""
        self._close(task, how, wall_ms)

    def due(self, wall_ms: int) -> list[Task]:
        """Tasks to hand out now, the oldest due first; none outside calling hours."""
        if not self.calling(wall_ms):
            return []
        found = [t for t in self.live.values() if t.state == "open" and t.next_ms <= wall_ms]
        return sorted(found, key=lambda task: (task.next_ms, int(task.id[1:])))

    def escalate(self, wall_ms: int) -> list[Task]:
        """Tasks that have just become too late for their owner, or for anybody (level 2)."""
        found = []
        for task in self.live.values():
            to_queue, to_supervisor = LATE_MS[task.kind]
            late = wall_ms - task.due_ms
            level = 2 if late >= to_supervisor else 1 if late >= to_queue and task.owner else 0
            if level > task.level:
                task.level = level
                task.history.append((wall_ms, f"level {level}"))
                found.append(task)
        return found

    def next_wall_ms(self, wall_ms: int, *, handed_out: bool = True) -> int | None:
        """When to look again: the next that is due, becomes late, or the hours begin.

        Args:
            wall_ms: The time now.
            handed_out: Whether due tasks are handed out at all; a closed office does not.
        """
        times: list[int] = []
        for task in self.live.values():
            if task.state == "open" and handed_out:
                at_ms = max(task.next_ms, wall_ms)
                times.append(at_ms if self.calling(at_ms) else self._opening(at_ms))
            if task.level < 2:
                times += [
                    task.due_ms + late
                    for late in LATE_MS[task.kind]
                    if task.due_ms + late > wall_ms
                ]
        return min(times, default=None)

    def calling(self, wall_ms: int) -> bool:
        """Whether calls may go out by the clock of the office."""
        begin, end = self._hours()
        return begin <= (wall_ms + self.zone_ms) % DAY_MS < end

    def _close(self, task: Task, result: str, wall_ms: int) -> None:
        task.history.append((wall_ms, result))
        self._end(task, "done", result)

    def _end(self, task: Task, state: TaskState, result: str) -> None:
        task.state, task.result = state, result
        del self.live[task.id]
        if len(self.tasks) > MOST_KEPT:
            for key in tuple(self.tasks):
                if key not in self.live:
                    del self.tasks[key]
                    break

    def _hours(self) -> tuple[int, int]:
        begin, end = self.acd.call_hours.split("-")
        return _of_day_ms(begin), _of_day_ms(end)

    def _opening(self, wall_ms: int) -> int:
        begin, _ = self._hours()
        of_day = (wall_ms + self.zone_ms) % DAY_MS
        wait = begin - of_day
        return wall_ms + (wait if wait > 0 else wait + DAY_MS)


def _of_day_ms(clock: str) -> int:
    hours, minutes = clock.split(":")
    return int(hours) * HOUR_MS + int(minutes) * MINUTE_MS
