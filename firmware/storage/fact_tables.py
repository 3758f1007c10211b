"""Facts for figures over a connection of the records: derived with the log, read by reports."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from typing import Any, Final

import msgspec

from firmware.core.acd_entries import (
    AgentChanged,
    AgentState,
    SurveyAnswered,
    SurveyOffered,
    TaskAttempted,
    TaskClosed,
    TaskOpened,
)
from firmware.core.desk_entries import CallScored
from firmware.core.log_entries import AnyLogEntry
from firmware.reports.facts import (
    Facts,
    LineUse,
    ScoreFact,
    Span,
    SurveyFact,
    TaskFact,
    TicketFact,
    Told,
    Visit,
    stored,
    visit_of,
    visits_of,
)
from firmware.reports.live import score_of, survey_of, task_step
from firmware.reports.moments import moment_ms, moment_text
from firmware.storage.lives import read_lives
from firmware.storage.projection import Stamp
from firmware.tickets.ticket import ENDED

FACT_KINDS: Final = frozenset({"call_closed", "wrap_up_ended"})
"""Kinds of entries after which the facts of a call are made anew. Calls in progress are left out of
every report, so nothing is written for them; live counters have theirs in memory."""

REPEAT_DAYS_READ: Final = 31  # more than any window of repeats

_TASK: Final = (
    "task, kind, opened_ms, due_ms, attempts, reached_ms, closed_ms, how, queue, agent, call"
)
_SURVEY: Final = "call, at_ms, way, scale, question, key, agent, queue"
_SCORE: Final = "call, sheet, agent, queue, points, marks, who, at_ms"
_SPAN: Final = "agent, state, reason, call, start_ms, offset_min, length_ms"


def keep_facts(
    connection: sqlite3.Connection,
    stamped: Sequence[tuple[AnyLogEntry, Stamp]],
    log_of: Callable[[str], Sequence[tuple[AnyLogEntry, Stamp]]],
    first_seq_of: Callable[[str], int | None],
) -> None:
    """Bring the facts up to date with entries that were just inserted, in their transaction.

    Args:
        connection: Of the records, inside a transaction.
        stamped: The new entries.
        log_of: The whole log of a call, the new entries included.
        first_seq_of: Number of a call's first entry; None without a record.
    """
    again: dict[str, None] = {}
    for entry, stamp in stamped:
        match entry:
            case AgentChanged():
                _agent(connection, entry, stamp)
            case SurveyOffered() | SurveyAnswered():
                _survey(connection, entry, stamp)
            case CallScored():
                _score(connection, entry, stamp)
            case TaskOpened() | TaskAttempted() | TaskClosed():
                _task(connection, entry, stamp)
            case _:
                kind = str(entry.__struct_config__.tag)
                if entry.call and kind in FACT_KINDS:
                    again[entry.call] = None
    for call in again:
        first = first_seq_of(call)
        if first is not None:
            _visits(connection, first, log_of(call))


def close_spans(connection: sqlite3.Connection, boot: str) -> None:
    """At start: what agents did in an earlier boot ended at its last sign of life."""
    connection.execute(
        "UPDATE agent_span SET length_ms = max(0, coalesce((SELECT boot.at_ms FROM boot "
        "WHERE boot.boot = agent_span.boot), agent_span.at_ms) - agent_span.at_ms) "
        "WHERE length_ms IS NULL AND boot <> ?",
        (boot,),
    )


def _visits(
    connection: sqlite3.Connection, first: int, log: Sequence[tuple[AnyLogEntry, Stamp]]
) -> None:
    told = [
        Told(entry=entry, wall_ms=moment_ms(stamp.wall), offset_min=stamp.offset_min)
        for entry, stamp in log
    ]
    rows = [
        (first, v.visit, v.call, v.queue, v.arrived_ms, stored(v).decode()) for v in visits_of(told)
    ]
    connection.executemany(
        "INSERT INTO visit (first_seq, visit, call, queue, arrived_ms, body) "
        "VALUES (?, ?, ?, ?, ?, ?) "
        "ON CONFLICT (first_seq, visit) DO UPDATE SET body = excluded.body",
        rows,
    )


def _agent(connection: sqlite3.Connection, entry: AgentChanged, stamp: Stamp) -> None:
    connection.execute(
        "UPDATE agent_span SET length_ms = max(0, ? - at_ms) "
        "WHERE agent = ? AND length_ms IS NULL AND boot = ?",
        (entry.at_ms, entry.agent, stamp.boot),
    )
    if entry.state is AgentState.LOGGED_OUT:
        return
    connection.execute(
        "INSERT INTO agent_span (seq, agent, state, reason, call, boot, at_ms, start_ms, "
        "offset_min, length_ms) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, NULL)",
        (
            stamp.seq,
            entry.agent,
            str(entry.state),
            entry.reason,
            entry.call,
            stamp.boot,
            entry.at_ms,
            moment_ms(stamp.wall),
            stamp.offset_min,
        ),
    )


def _survey(
    connection: sqlite3.Connection, entry: SurveyOffered | SurveyAnswered, stamp: Stamp
) -> None:
    fact = survey_of(entry, moment_ms(stamp.wall))
    key = None
    if isinstance(entry, SurveyAnswered):
        asked = connection.execute(
            "SELECT max(seq) FROM survey WHERE call = ? AND question = ? AND key IS NULL",
            (fact.call, fact.question),
        ).fetchone()
        if asked[0] is not None:
            connection.execute("UPDATE survey SET key = ? WHERE seq = ?", (entry.key, asked[0]))
            return
        key = entry.key
    connection.execute(
        f"INSERT INTO survey (seq, {_SURVEY}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",  # noqa: S608 - our own column list
        (
            stamp.seq,
            fact.call,
            fact.at_ms,
            fact.way,
            fact.scale,
            fact.question,
            key,
            fact.agent,
            fact.queue,
        ),
    )


def _score(connection: sqlite3.Connection, entry: CallScored, stamp: Stamp) -> None:
    fact = score_of(entry, moment_ms(stamp.wall))
    marks = msgspec.json.encode(fact.marks).decode()
    values = (fact.call, fact.sheet, fact.agent, fact.queue, fact.points, marks, entry.who)
    connection.execute(
        f"INSERT OR REPLACE INTO score ({_SCORE}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",  # noqa: S608 - our own column list
        (*values, fact.at_ms),
    )


def _task(
    connection: sqlite3.Connection, entry: TaskOpened | TaskAttempted | TaskClosed, stamp: Stamp
) -> None:
    row = connection.execute(
        f"SELECT {_TASK} FROM task WHERE task = ?",  # noqa: S608 - our own column list
        (entry.task,),
    ).fetchone()
    before = None if row is None else _named(row, _TASK, TaskFact)
    after = task_step(before, entry, moment_ms(stamp.wall))
    if after is None:
        return
    number = entry.number if isinstance(entry, TaskOpened) else ""
    values = [getattr(after, name) for name in _TASK.split(", ")]
    connection.execute(
        f"INSERT INTO task ({_TASK}, number) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) "  # noqa: S608 - our own column list
        "ON CONFLICT (task) DO UPDATE SET attempts = excluded.attempts, "
        "reached_ms = excluded.reached_ms, closed_ms = excluded.closed_ms, how = excluded.how, "
        "agent = excluded.agent",
        (*values, number),
    )


def _scored(row: Sequence[Any], names: str) -> ScoreFact:
    values = dict(zip(names.split(", "), row, strict=True))
    values["marks"] = msgspec.json.decode(values["marks"])
    return msgspec.convert(values, ScoreFact)


def _named(row: Sequence[Any], names: str, kind: type[Any]) -> Any:
    return msgspec.convert(dict(zip(names.split(", "), row, strict=True)), kind)


def read_facts(connection: sqlite3.Connection, from_ms: int, until_ms: int) -> Facts:
    """All facts of a span of wall time; spans of agents are cut at its borders.

    Args:
        connection: Of the records.
        from_ms: Begin, UTC, ms since 1970.
        until_ms: End, not included.
    """
    spans = [
        _cut(_named(row, _SPAN, Span), from_ms, until_ms)
        for row in connection.execute(
            f"SELECT {_SPAN} FROM agent_span WHERE start_ms < ? AND start_ms >= ? "  # noqa: S608 - our own column list
            "ORDER BY seq",
            (until_ms, from_ms - 86_400_000),
        )
    ]
    surveys = connection.execute(
        f"SELECT {_SURVEY} FROM survey WHERE at_ms >= ? AND at_ms < ? ORDER BY seq",  # noqa: S608 - our own column list
        (from_ms, until_ms),
    )
    names = _SCORE.replace(" who,", "")
    scores = connection.execute(
        f"SELECT {names} FROM score WHERE at_ms >= ? AND at_ms < ? ORDER BY at_ms, call",  # noqa: S608 - our own column list
        (from_ms, until_ms),
    )
    tasks = connection.execute(
        f"SELECT {_TASK} FROM task WHERE opened_ms >= ? AND opened_ms < ? ORDER BY opened_ms",  # noqa: S608 - our own column list
        (from_ms, until_ms),
    )
    later_until = until_ms + REPEAT_DAYS_READ * 86_400_000
    return Facts(
        visits=_read_visits(connection, from_ms, until_ms),
        spans=tuple(span for span in spans if span.length_ms is None or span.length_ms > 0),
        surveys=tuple(_named(row, _SURVEY, SurveyFact) for row in surveys),
        scores=tuple(_scored(row, names) for row in scores),
        tasks=tuple(_named(row, _TASK, TaskFact) for row in tasks),
        tickets=tuple(
            TicketFact(
                kind=life.kind,
                opened_ms=life.opened_ms,
                answered_ms=life.answered_ms,
                solved_ms=life.solved_ms if life.state in ENDED else None,
            )
            for life in read_lives(connection, from_ms, until_ms)
        ),
        lines=_read_lines(connection, from_ms, until_ms),
        later=_read_visits(connection, until_ms, later_until),
        from_ms=from_ms,
        until_ms=until_ms,
    )


def _read_visits(connection: sqlite3.Connection, from_ms: int, until_ms: int) -> tuple[Visit, ...]:
    rows = connection.execute(
        "SELECT visit.body, coalesce(call_record.caller_number, '') FROM visit "
        "LEFT JOIN call_record ON call_record.first_seq = visit.first_seq "
        "WHERE arrived_ms >= ? AND arrived_ms < ? ORDER BY arrived_ms",
        (from_ms, until_ms),
    )
    return tuple(visit_of(body, number) for body, number in rows)


def _read_lines(connection: sqlite3.Connection, from_ms: int, until_ms: int) -> tuple[LineUse, ...]:
    rows = connection.execute(
        "SELECT line, t0_wall, coalesce(t6_ms, t7_ms) - t0_ms, call, direction, t4_ms, "
        "cleared_first FROM call_record "
        "WHERE t0_wall >= ? AND t0_wall < ? AND +line <> '' AND +outcome IS NOT NULL",
        (moment_text(from_ms), moment_text(until_ms)),
    )
    return tuple(
        LineUse(
            line=line,
            start_ms=moment_ms(begin),
            length_ms=max(0, length or 0),
            call=call,
            inbound=direction == "inbound",
            answered=t4 is not None,
            first=first or "",
        )
        for line, begin, length, call, direction, t4, first in rows
    )


def _cut(span: Span, from_ms: int, until_ms: int) -> Span:
    if span.length_ms is None:
        return span
    begin = max(span.start_ms, from_ms)
    end = min(span.start_ms + span.length_ms, until_ms)
    return msgspec.structs.replace(span, start_ms=begin, length_ms=max(0, end - begin))
