"""Counters of the running day, from the same facts and measures as the reports.

Told every entry that calld keeps; holds the entries of calls that are open and the facts of those
that are over. Nothing here counts by itself: :func:`firmware.reports.facts.visits_of` does, for
live counters and for reports alike.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from firmware.core.acd_entries import (
    AcdEntry,
    AgentChanged,
    AgentState,
    SurveyAnswered,
    SurveyOffered,
    TaskAttempted,
    TaskClosed,
    TaskKind,
    TaskOpened,
)
from firmware.core.desk_entries import CallScored
from firmware.core.log_entries import AnyLogEntry, CallClosed, CallerKnown
from firmware.reports.facts import (
    Facts,
    ScoreFact,
    Span,
    SurveyFact,
    TaskFact,
    Told,
    Visit,
    visits_of,
)
from firmware.reports.moments import moment_ms


class Live:
    """Facts of one span of time while it runs."""

    def __init__(self, from_ms: int = 0) -> None:
        """``from_ms``: begin of the span, wall clock, UTC, ms since 1970."""
        self._from_ms = from_ms
        self._calls: dict[str, list[Told]] = {}
        self._queued: set[str] = set()
        self._changed: set[str] = set()
        self._numbers: dict[str, str] = {}
        self._visits: dict[str, tuple[Visit, ...]] = {}
        self._spans: list[Span] = []
        self._states: dict[str, tuple[Span, int]] = {}
        self._surveys: list[SurveyFact] = []
        self._tasks: dict[str, TaskFact] = {}
        self._scores: dict[tuple[str, str], ScoreFact] = {}

    def add(self, entry: AnyLogEntry, wall_ms: int, offset_min: int = 0) -> None:
        """One entry, at the wall clock of its moment."""
        match entry:
            case AgentChanged():
                self._agent(entry, wall_ms, offset_min)
            case SurveyOffered() | SurveyAnswered():
                survey_step(self._surveys, entry, wall_ms)
            case CallScored():
                self._scores[entry.call, entry.sheet] = score_of(entry, wall_ms)
            case TaskOpened() | TaskAttempted() | TaskClosed():
                kept = self._tasks.get(entry.task)
                after = task_step(kept, entry, wall_ms)
                if after is not None:
                    self._tasks[entry.task] = after
            case _:
                self._call(entry, wall_ms, offset_min)

    def _call(self, entry: AnyLogEntry, wall_ms: int, offset_min: int) -> None:
        call = entry.call
        if not call:
            return
        if isinstance(entry, CallerKnown):
            self._numbers[call] = entry.number
        told = self._calls.setdefault(call, [])
        told.append(Told(entry=entry, wall_ms=wall_ms, offset_min=offset_min))
        if isinstance(entry, AcdEntry):
            self._queued.add(call)
        if isinstance(entry, CallClosed) and call not in self._queued:
            # Never in a queue: no figure of a queue asks for it again.
            del self._calls[call]
            self._numbers.pop(call, None)
            return
        if call in self._queued:
            self._changed.add(call)

    def _agent(self, entry: AgentChanged, wall_ms: int, offset_min: int) -> None:
        before = self._states.pop(entry.agent, None)
        if before is not None:
            span, started_ms = before
            length_ms = max(0, entry.at_ms - started_ms)
            self._spans.append(msgspec.structs.replace(span, length_ms=length_ms))
        if entry.state is AgentState.LOGGED_OUT:
            return
        span = Span(
            agent=entry.agent,
            state=str(entry.state),
            start_ms=wall_ms,
            reason=entry.reason,
            offset_min=offset_min,
            call=entry.call,
        )
        self._states[entry.agent] = (span, entry.at_ms)

    def facts(self, until_ms: int = 0, *, line_count: int = 0) -> Facts:
        """Everything so far."""
        for call in self._changed:
            self._visits[call] = visits_of(self._calls[call])
        self._changed.clear()
        visits = tuple(
            msgspec.structs.replace(visit, number=self._numbers.get(call, ""))
            for call, found in self._visits.items()
            for visit in found
        )
        return Facts(
            visits=visits,
            spans=tuple(self._spans),
            surveys=tuple(self._surveys),
            scores=tuple(self._scores.values()),
            tasks=tuple(self._tasks.values()),
            line_count=line_count,
            from_ms=self._from_ms,
            until_ms=until_ms,
        )


def score_of(entry: CallScored, wall_ms: int) -> ScoreFact:
    """What was kept of a score."""
    return ScoreFact(
        call=entry.call,
        at_ms=wall_ms,
        sheet=entry.sheet,
        agent=entry.agent,
        queue=entry.queue,
        points=entry.points,
        marks=entry.marks,
    )


def survey_step(
    surveys: list[SurveyFact], entry: SurveyOffered | SurveyAnswered, wall_ms: int
) -> None:
    """Note a question, or the key to the youngest question of that call."""
    about = entry.about or entry.call
    if isinstance(entry, SurveyOffered):
        surveys.append(survey_of(entry, wall_ms))
        return
    for place in range(len(surveys) - 1, -1, -1):
        asked = surveys[place]
        if asked.call == about and asked.question == entry.question and asked.key is None:
            surveys[place] = msgspec.structs.replace(asked, key=entry.key)
            return
    surveys.append(msgspec.structs.replace(survey_of(entry, wall_ms), key=entry.key))


def survey_of(entry: SurveyOffered | SurveyAnswered, wall_ms: int) -> SurveyFact:
    """A question without its key."""
    return SurveyFact(
        call=entry.about or entry.call,
        at_ms=wall_ms,
        way=str(entry.way),
        scale=entry.scale,
        question=entry.question,
        agent=entry.agent,
        queue=entry.queue,
    )


def task_step(
    task: TaskFact | None, entry: TaskOpened | TaskAttempted | TaskClosed, wall_ms: int
) -> TaskFact | None:
    """A task after one more entry; None for a task that was never opened."""
    match entry:
        case TaskOpened():
            return task or TaskFact(
                task=entry.task,
                kind=str(TaskKind(entry.kind)),
                opened_ms=wall_ms,
                due_ms=moment_ms(entry.due_wall) if entry.due_wall else None,
                queue=entry.queue,
                agent=entry.agent,
                call=entry.call,
            )
        case TaskAttempted():
            if task is None:
                return None
            reached = task.reached_ms
            if entry.reached and reached is None:
                reached = wall_ms
            return msgspec.structs.replace(
                task, attempts=task.attempts + 1, reached_ms=reached, agent=entry.agent
            )
        case TaskClosed():
            if task is None:
                return None
            return msgspec.structs.replace(task, closed_ms=wall_ms, how=entry.how)


def facts_of(entries: Iterable[AnyLogEntry], *, start_ms: int = 0, until_ms: int = 0) -> Facts:
    """Facts of a list of entries whose monotonic clock began at the wall clock ``start_ms``."""
    live = Live(start_ms)
    for entry in entries:
        live.add(entry, start_ms + entry.at_ms)
    return live.facts(until_ms)
