"""Calls that carry marks of a kind, read for figures."""

from __future__ import annotations

import sqlite3
from typing import Final

import msgspec

from firmware.reports.moments import moment_text

_MARKED: Final = """
SELECT call, marks FROM call_record
WHERE t0_wall >= ? AND t0_wall < ? AND instr(marks, ?)
"""


def read_marked(
    connection: sqlite3.Connection, beginning: str, from_ms: int, until_ms: int
) -> dict[str, tuple[str, ...]]:
    """Calls of a span that have a mark with this beginning, each with all of these.

    Args:
        connection: Of the records.
        beginning: Of the mark.
        from_ms: Begin, wall clock, UTC, since 1970.
        until_ms: End, not included.
    """
    rows = connection.execute(
        _MARKED, (moment_text(from_ms), moment_text(until_ms), f'"{beginning}')
    )
    return {
        call: tuple(m for m in msgspec.json.decode(marks) if m.startswith(beginning))
        for call, marks in rows
    }
