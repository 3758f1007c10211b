"""A steady tone that no country's table knows: the same burst and the same pause, again and again.

Only the exchange repeats itself so exactly. What is found here is called ``unknown``; whether it
means anything is for whoever knows the line.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Protocol

CYCLES: Final = ((1, 3, 0.0), (1, 2, 1_200.0), (2, 2, 0.0))
"""Bursts in a cycle, cycles that must be the same, and from what length of a cycle that is enough:
one cycle more than of a tone that is known, unless cycles are long."""

SPREAD: Final = 0.06  # of a burst's or pause's length about its mean; exchanges keep 1 %
SLACK_MS: Final = 12.0  # a hop, and the edge of a window in noise
LEVEL_SPREAD_DB: Final = 3.0
DRIFT: Final = 0.015  # of a frequency from burst to burst
SHORTEST_MS: Final = 80.0  # the shortest bursts and pauses of any clearing tone are 100 ms
LONGEST_CYCLE_MS: Final = 2_200.0
"""The longest clearing tones have cycles of 1.5 s; ringback begins at 3 s."""


class Burst(Protocol):
    """A burst as the receiver measured it."""

    on_ms: float
    off_ms: float
    clusters: tuple[float, ...]
    level_db: float
    pure: bool


def regular(bursts: Sequence[Burst]) -> tuple[tuple[float, ...], int] | None:
    """Cadence (on, off, ... in ms) and cycles of the newest bursts; None if irregular."""
    for size, cycles, from_ms in CYCLES:
        count = size * cycles
        if len(bursts) < count:
            continue
        newest = bursts[-count:]
        if not _alike(newest):
            continue
        cadence: list[float] = []
        for place in range(size):
            own = newest[place::size]
            for lengths in ([b.on_ms for b in own], [b.off_ms for b in own]):
                mean = sum(lengths) / len(lengths)
                if mean < SHORTEST_MS:
                    return None
                if any(abs(ms - mean) > SPREAD * mean + SLACK_MS for ms in lengths):
                    break
                cadence.append(mean)
        if len(cadence) == 2 * size and from_ms <= sum(cadence) <= LONGEST_CYCLE_MS:
            return tuple(cadence), cycles
    return None


def _alike(bursts: Sequence[Burst]) -> bool:
    first = bursts[0].clusters
    if not first or any(not b.pure or not b.off_ms for b in bursts):
        return False
    levels = [b.level_db for b in bursts]
    return max(levels) - min(levels) <= LEVEL_SPREAD_DB and all(
        len(b.clusters) == len(first)
        and all(abs(x / y - 1) <= DRIFT for x, y in zip(b.clusters, first, strict=True))
        for b in bursts
    )
