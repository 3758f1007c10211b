"""Weeks as a picture: numbers for an SVG. Pure."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Final

import msgspec

from firmware.reports.trend import Week

WIDTH: Final = 960
HEIGHT: Final = 180
TOP: Final = 16
BASE: Final = 150


class Point(msgspec.Struct, frozen=True, kw_only=True):
    """One week: its place, its label, whether something was changed in it."""

    x: float
    y: float
    label: str
    changed: bool


class Chart(msgspec.Struct, frozen=True, kw_only=True):
    """Points, lines between neighbours that both have a value, and the greatest value."""

    points: tuple[Point, ...]
    lines: tuple[tuple[Point, Point], ...]
    most: float


def chart(weeks: Sequence[Week]) -> Chart:
    """The picture of a figure; the scale begins at 0, so that nothing looks larger than it is.

    Args:
        weeks: Oldest first.
    """
    most = max((week.value for week in weeks if week.value is not None), default=0.0)
    step = WIDTH / max(len(weeks), 1)
    places: list[Point | None] = [
        None
        if week.value is None
        else Point(
            x=round(step * (at + 0.5), 1),
            y=round(BASE - (BASE - TOP) * (week.value / most if most else 0), 1),
            label=f"{week.first:%m-%d}",
            changed=bool(week.notes),
        )
        for at, week in enumerate(weeks)
    ]
    lines = [
        (one, other)
        for one, other in itertools.pairwise(places)
        if one is not None and other is not None
    ]
    return Chart(
        points=tuple(point for point in places if point is not None),
        lines=tuple(lines),
        most=most,
    )
