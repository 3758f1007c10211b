"""The load of a day by half-hours as a picture: numbers for an SVG. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import msgspec

from firmware.reports.report import Row

WIDTH: Final = 960
HEIGHT: Final = 160
BASE: Final = 130
HALF_HOURS: Final = 48


class Bar(msgspec.Struct, frozen=True, kw_only=True):
    """One half-hour: answered from the bottom, abandoned above it; heights in units of the view."""

    x: float
    width: float
    answered_y: float
    answered: float
    lost_y: float
    lost: float
    label: str
    title: tuple[str, int, int, int]  # half-hour, offered, answered, abandoned


def bars(rows: Sequence[Row]) -> tuple[list[Bar], int]:
    """Bars of the half-hours with calls, and the greatest number of calls in one.

    Args:
        rows: Of a report by half-hours, with the figures ``n``, ``a`` and ``b``.
    """
    counts = []
    for row in rows:
        hours, _, minutes = row.key.rpartition(" ")[2].partition(":")
        if hours.isdecimal() and minutes[:2].isdecimal():
            at = int(hours) * 2 + int(minutes[:2]) // 30
            n, a, b = (int(row.figures[code].top) for code in ("n", "a", "b"))
            counts.append((at, row.key, n, a, b))
    most = max((n for _, _, n, _, _ in counts), default=0)
    if not most:
        return [], 0
    first = min(at for at, *_ in counts)
    last = max(at for at, *_ in counts)
    width = WIDTH / max(last - first + 1, 8)
    scale = (BASE - 10) / most
    return [
        Bar(
            x=round((at - first) * width + width * 0.1, 1),
            width=round(width * 0.8, 1),
            answered=round(a * scale, 1),
            answered_y=round(BASE - a * scale, 1),
            lost=round(b * scale, 1),
            lost_y=round(BASE - (a + b) * scale, 1),
            label=f"{at // 2}" if at % 2 == 0 else "",
            title=(key, n, a, b),
        )
        for at, key, n, a, b in counts
    ], most
