"""What a benchmark hands over."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure: its median, its spread, and what it is to be held against."""

    name: str
    unit: str
    median: float
    low: float
    high: float
    beside: str = ""  # the rival on the same input, or the limit and its source
    holds: bool | None = None  # None where there is nothing to hold
    unjudged: str = ""  # why it cannot be said here whether it holds


def of(
    name: str, unit: str, values: Sequence[float], beside: str = "", limit: float | None = None
) -> Figure:
    """A figure of several measurements; it holds when its median is within ``limit``."""
    median = statistics.median(values)
    holds = None if limit is None else median <= limit
    return Figure(name, unit, median, min(values), max(values), beside, holds)


def left_out(name: str, why: str) -> Figure:
    """In place of figures that cannot be taken here."""
    return Figure(name, "", 0.0, 0.0, 0.0, unjudged=why)
