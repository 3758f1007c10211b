"""Peak waits by half-hour as a picture, with the marks of changes: numbers for an SVG. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

import msgspec

from firmware.reports.waits import HALF_HOUR_MS, HalfHour

WIDTH: Final = 960
TOP: Final = 16
BASE: Final = 150
LABELS: Final = 8
"""Chosen: so many times fit under the picture on a narrow screen."""


class Bar(msgspec.Struct, frozen=True, kw_only=True):
    """One half-hour: its place, its height, and what stands at the pointer."""

    x: float
    y: float
    width: float
    height: float
    begins: str
    longest_s: int
    callers: int


class Mark(msgspec.Struct, frozen=True, kw_only=True):
    """Settings came into force here."""

    x: float
    version: int


class Tick(msgspec.Struct, frozen=True, kw_only=True):
    """A time under the picture."""

    x: float
    label: str


class PeakChart(msgspec.Struct, frozen=True, kw_only=True):
    """Bars, marks, times, and the longest wait, which is as high as the picture."""

    bars: tuple[Bar, ...]
    marks: tuple[Mark, ...]
    ticks: tuple[Tick, ...]
    most_s: int


def peak_chart(rows: Sequence[HalfHour], begin_ms: int, end_ms: int) -> PeakChart:
    """The picture of a span: time from left to right as it went, waits from 0 up.

    Args:
        rows: Half-hours in which something was, oldest first.
        begin_ms: Begin of the span, UTC, ms since 1970.
        end_ms: Its end.
    """
    most_s = max((row.longest_s for row in rows), default=0)
    scale = WIDTH / (end_ms - begin_ms)
    width = HALF_HOUR_MS * scale
    bars = []
    for row in rows:
        height = (BASE - TOP) * row.longest_s / most_s if most_s else 0.0
        x = (_moment_ms(row.begins) - begin_ms) * scale
        bars.append(
            Bar(
                x=round(x, 2),
                y=round(BASE - height, 1),
                width=round(max(width - 1, 1), 2),
                height=round(height, 1),
                begins=row.begins[:16],
                longest_s=row.longest_s,
                callers=row.callers,
            )
        )
    marks = [
        Mark(x=round((change.at_ms - begin_ms) * scale, 2), version=change.version)
        for row in rows
        for change in row.changes
    ]
    return PeakChart(
        bars=tuple(bars), marks=tuple(marks), ticks=_ticks(rows, begin_ms, end_ms), most_s=most_s
    )


def _ticks(rows: Sequence[HalfHour], begin_ms: int, end_ms: int) -> tuple[Tick, ...]:
    """Times by the office's clock: hours within a day, dates beyond."""
    if not rows:
        return ()
    zone = datetime.fromisoformat(rows[0].begins).tzinfo
    step_ms = (end_ms - begin_ms) / LABELS
    form = "%H:%M" if end_ms - begin_ms <= 48 * HALF_HOUR_MS else "%m-%d"
    return tuple(
        Tick(
            x=round(WIDTH / LABELS * n, 1),
            label=datetime.fromtimestamp((begin_ms + n * step_ms) / 1000, zone).strftime(form),
        )
        for n in range(LABELS)
    )


def _moment_ms(text: str) -> int:
    return round(datetime.fromisoformat(text).timestamp() * 1000)
