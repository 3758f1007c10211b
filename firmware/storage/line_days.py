"""How calls went over each line, day by day: what a chart of its quality is drawn from."""

from __future__ import annotations

import sqlite3
from datetime import datetime

import msgspec

from firmware.storage.call_query import wall_text


class LineDay(msgspec.Struct, frozen=True, kw_only=True):
    """One day of one line.

    Attributes:
        line: Its port.
        day: By the clock of the place where the calls began, 2026-03-02.
        calls: That ended.
        failed: Of these, failed or cut by a fault.
        faint: Of the others, those marked as silent, one-sided or too faint to be understood.
    """

    line: str
    day: str
    calls: int
    failed: int
    faint: int

    @property
    def troubled(self) -> int:
        """Calls that somebody may have complained about."""
        return self.failed + self.faint


_SQL = """
SELECT line, date(t0_wall, offset_min || ' minutes') AS day,
       COUNT(*), SUM(bad), SUM(NOT bad AND weak)
FROM (
    SELECT line, t0_wall, offset_min, outcome IN ('failed', 'interrupted') AS bad,
           instr(marks, '"faint') > 0 OR instr(marks, '"silen') > 0 AS weak
    FROM call_record WHERE t0_wall >= ? AND +line <> '' AND +outcome IS NOT NULL
)
GROUP BY line, day ORDER BY line, day
"""
# The plus signs keep the day's index leading: that of the line would read every call there is.


def line_days(connection: sqlite3.Connection, since: datetime) -> list[LineDay]:
    """Days of every line that had calls since then, by line and day."""
    names = LineDay.__struct_fields__
    rows = connection.execute(_SQL, (wall_text(since),))
    return [LineDay(**dict(zip(names, row, strict=True))) for row in rows]
