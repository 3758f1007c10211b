"""Which calls are wanted, as SQL that finds a page among a million without reading them all."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Final

import msgspec

from firmware.core.log_entries import Direction, Outcome


class CallFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Which calls are wanted; what is None does not matter.

    Attributes:
        direction: Where the call came from.
        outcome: How it ended.
        line: Port of the exchange line.
        extension: Number of the telephone that answered.
        number: Part of the caller's number or of what was dialled.
        since: Begun at or after this time.
        until: Begun before this time.
    """

    direction: Direction | None = None
    outcome: Outcome | None = None
    line: str | None = None
    extension: str | None = None
    number: str | None = None
    since: datetime | None = None
    until: datetime | None = None


ALL_CALLS: Final = CallFilter()

COLUMNS: Final = ("extension", "line")
"""The rarer first: the one that is asked for leads, by its index."""

FEW_NUMBERS: Final = 200
"""Up to so many numbers that contain what was asked for, their calls are fetched by number."""


class _Where:
    """Conditions and their values."""

    def __init__(self) -> None:
        self.terms: list[str] = []
        self.values: dict[str, Any] = {}
        self.led = False

    def add(self, left: str, sign: str, value: object) -> None:
        """``left sign value``; once an index leads, a plus keeps this column from choosing one."""
        name = f"v{len(self.values)}"
        self.values[name] = value
        self.terms.append(f"{'+' if self.led else ''}{left} {sign} :{name}")


def question(
    connection: sqlite3.Connection,
    filters: CallFilter,
    before: str | None,
    fields: Sequence[str],
    limit: int,
) -> tuple[str, dict[str, Any]]:
    """SELECT with its values, newest first.

    One index leads and the other conditions are kept from choosing theirs: without statistics a
    wrong index may read the whole table.

    Args:
        connection: Of the records.
        filters: What is wanted.
        before: Only calls older than this one.
        fields: Columns to read.
        limit: At most so many; -1 for all.
    """
    where, order = _Where(), "first_seq DESC"
    where.values = {"before": before, "limit": limit}
    if filters.number is not None:
        _by_number(connection, filters.number, where)
    if filters.since is not None or filters.until is not None:
        if not where.led:
            order = "t0_wall DESC, first_seq DESC"
        for sign, moment in ((">=", filters.since), ("<", filters.until)):
            if moment is not None:
                where.add("t0_wall", sign, wall_text(moment))
        where.led = True
    for column in COLUMNS:
        wanted = getattr(filters, column)
        if wanted is not None:
            where.add(column, "=", wanted)
            if not where.led:
                where.terms.append(f"{column} <> ''")
            where.led = True
    source = "call_record"
    if filters.outcome is not None or filters.direction is not None:
        if not where.terms:
            source = f"call_record WHERE first_seq IN ({_by_kind(filters, before)})"
        for column in ("outcome", "direction"):
            wanted = getattr(filters, column)
            if wanted is not None and where.terms:
                where.led = True
                where.add(column, "=", str(wanted))
    if before is not None:
        same = "SELECT {} FROM call_record WHERE call = :before"
        if order.startswith("t0_wall"):
            where.terms.append(f"(t0_wall, first_seq) < ({same.format('t0_wall, first_seq')})")
        else:
            where.terms.append(f"first_seq < ({same.format('first_seq')})")
    if where.terms:
        source += (" AND " if " WHERE " in source else " WHERE ") + " AND ".join(where.terms)
    return (
        f"SELECT {', '.join(fields)} FROM {source} ORDER BY {order} LIMIT :limit",  # noqa: S608 - our own column names; values are bound
        where.values,
    )


def _by_kind(filters: CallFilter, before: str | None) -> str:
    """Outcome and direction share one index, so each pair of values is asked for by itself.

    Every part brings at most as many calls as are wanted in all, the newest of its kind.
    """
    outcomes = [filters.outcome] if filters.outcome is not None else [None, *Outcome]
    directions = [filters.direction] if filters.direction is not None else list(Direction)
    older = "AND first_seq < (SELECT first_seq FROM call_record WHERE call = :before) "
    parts = []
    for outcome in outcomes:
        same = "outcome IS NULL" if outcome is None else f"outcome = '{outcome}'"
        parts += [
            "SELECT * FROM (SELECT first_seq FROM call_record "  # noqa: S608 - words of our own
            f"WHERE {same} AND direction = '{direction}' {older if before else ''}"
            "ORDER BY first_seq DESC LIMIT :limit)"
            for direction in directions
        ]
    return " UNION ALL ".join(parts)


def wall_text(moment: datetime) -> str:
    """A point in time as the records keep it: UTC, ISO 8601 with milliseconds."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds")


def _by_number(connection: sqlite3.Connection, part: str, where: _Where) -> None:
    """Conditions for part of a number."""
    numbers = [
        number
        for (number,) in connection.execute(
            "SELECT number FROM number_seen WHERE instr(number, ?) LIMIT ?",
            (part, FEW_NUMBERS + 1),
        )
    ]
    if len(numbers) > FEW_NUMBERS:
        # So many calls match that the newest ones are found at once.
        where.values["part"] = part
        where.terms.append("(instr(caller_number, :part) OR instr(dialled, :part))")
        return
    names = []
    for place, number in enumerate(numbers):
        where.values[f"n{place}"] = number
        names.append(f":n{place}")
    marks = ", ".join(names)
    where.terms.append(
        "first_seq IN (SELECT first_seq FROM call_record "  # noqa: S608 - names of values only
        f"WHERE caller_number <> '' AND caller_number IN ({marks}) UNION SELECT first_seq "
        f"FROM call_record WHERE dialled <> '' AND dialled IN ({marks}))"
    )
    where.led = True
