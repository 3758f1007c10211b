"""Quality of lines over time as a picture: a column a day, its troubled part on top. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, timedelta
from typing import Final

import msgspec

from firmware.storage.line_days import LineDay

DAYS: Final = 30
WIDTH: Final = 960
HEIGHT: Final = 60
STEP: Final = WIDTH / DAYS
GAP: Final = 4


class Column(msgspec.Struct, frozen=True, kw_only=True):
    """One day: where it stands, how high it is, how much of that was troubled."""

    x: float
    width: float
    y: float
    height: float
    bad: float
    day: str
    calls: int
    failed: int
    faint: int


class LineQuality(msgspec.Struct, frozen=True, kw_only=True):
    """One line over :data:`DAYS` days, today at the right."""

    line: str
    columns: tuple[Column, ...]
    calls: int
    troubled: int

    @property
    def percent(self) -> float:
        """Share of its calls that were troubled."""
        return 100 * self.troubled / self.calls if self.calls else 0.0


def qualities(days: Iterable[LineDay], today: date) -> list[LineQuality]:
    """A picture for each line; its columns are measured by its own busiest day."""
    by_line: dict[str, list[LineDay]] = defaultdict(list)
    first = today - timedelta(days=DAYS - 1)
    for one in days:
        if first <= date.fromisoformat(one.day) <= today:
            by_line[one.line].append(one)
    return [_line(line, found, first) for line, found in sorted(by_line.items())]


def _line(line: str, days: list[LineDay], first: date) -> LineQuality:
    most = max(one.calls for one in days)
    columns = []
    for one in days:
        height = HEIGHT * one.calls / most
        columns.append(
            Column(
                x=STEP * (date.fromisoformat(one.day) - first).days + GAP / 2,
                width=STEP - GAP,
                y=HEIGHT - height,
                height=height,
                bad=height * one.troubled / one.calls,
                day=one.day,
                calls=one.calls,
                failed=one.failed,
                faint=one.faint,
            )
        )
    return LineQuality(
        line=line,
        columns=tuple(columns),
        calls=sum(one.calls for one in days),
        troubled=sum(one.troubled for one in days),
    )
