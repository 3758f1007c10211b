"""One burst of a tone as it was measured; how far a row of them is from a tone of the network."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from firmware.media.network_tone import NetworkTone, distance

# Exchanges keep +-8 % in cadence, with China +-10 % (GB 3380); the country tables themselves differ
# by as much, so the limit lies a little outside.
CADENCE_LIMIT = 0.13
CADENCE_SLACK_MS = 12.0  # one hop, and the edge of a window in noise
LEVEL_SPREAD_DB = 5.0
DRIFT_LIMIT = 0.02  # of a tone's frequency from burst to burst
STEP = 4.0  # in power: half or twice the amplitude is the edge of a burst (see edge)
EDGE_HOPS = 4  # the window and one more
EDGE_LEVEL = 0.6  # in power


@dataclass(slots=True)
class Burst:
    """One stretch of a tone: in which band, from one half-amplitude point to the other."""

    band: int
    on_ms: float
    off_ms: float  # gap after it, 0 until the next burst has begun
    clusters: tuple[float, ...]
    level_db: float
    pure: bool


def edge(powers: Sequence[float], level: float) -> float:
    """Index, broken, where a rising row of powers reaches a quarter of ``level``.

    A window half full of tone holds half the amplitude, so that is when its middle is the edge.
    The full level follows within a window, or it was only noise in front.
    """
    wanted = level / STEP
    for index, power in enumerate(powers):
        if power >= wanted and max(powers[index : index + EDGE_HOPS]) >= EDGE_LEVEL * level:
            below = powers[index - 1] if index else power
            if below >= wanted:
                return float(index)
            return index - (power - wanted) / max(power - below, 1e-9)
    return 0.0


def same(one: tuple[float, ...], other: tuple[float, ...]) -> bool:
    """Whether two bursts have the same frequencies, as one source keeps them."""
    return (
        len(one) == len(other) > 0
        and max(abs(a / b - 1) for a, b in zip(one, other, strict=True)) < DRIFT_LIMIT
    )


def best_fit(bursts: list[Burst], wanted: NetworkTone) -> tuple[float, tuple[float, ...]] | None:
    """How far the newest bursts are from a tone, and its mean cadence; None if they are not it."""
    size = len(wanted.bands)
    count = size * wanted.cycles
    if len(bursts) < count:
        return None
    newest = bursts[-count:]
    if any(not b.pure or not b.off_ms for b in newest):
        return None
    best: tuple[float, tuple[float, ...]] | None = None
    for turn in range(size):
        fit = _fit_turned(newest, wanted, turn)
        if fit is not None and (best is None or fit[0] < best[0]):
            best = fit
    return best


def _fit_turned(
    newest: list[Burst], wanted: NetworkTone, turn: int
) -> tuple[float, tuple[float, ...]] | None:
    size = len(wanted.bands)
    worst = 0.0
    floor_db = newest[0].level_db - wanted.levels_db[turn]
    sums = [0.0] * (2 * size)
    for n, burst in enumerate(newest):
        place = (n + turn) % size
        offset = distance(burst.clusters, wanted.clusters[place])
        if offset is None or burst.band != wanted.bands[place]:
            return None
        if abs(burst.level_db - wanted.levels_db[place] - floor_db) > LEVEL_SPREAD_DB:
            return None
        if size == 1 and n and not same(burst.clusters, newest[0].clusters):
            return None
        worst = max(worst, offset)
        for part, ms in ((0, burst.on_ms), (1, burst.off_ms)):
            expected = wanted.cadence_ms[2 * place + part]
            away = abs(ms - expected)
            if away > CADENCE_LIMIT * expected + CADENCE_SLACK_MS:
                return None
            sums[2 * place + part] += ms
    cycles = len(newest) // size
    mean = tuple(total / cycles for total in sums)
    for ms, expected in zip(mean, wanted.cadence_ms, strict=True):
        share = abs(ms / expected - 1)
        if share > CADENCE_LIMIT:
            return None
        worst = max(worst, share)
    return worst, mean
