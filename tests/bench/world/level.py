"""Levels of sound on the bench: float32 in units of the 16-bit code against dBm0.

One scale for the whole world outside the box, fixed by ``copper``: a sine that just fills the
A-law code (peak 32124) is +3.14 dBm0 (ITU-T G.711, table 1a and its note on the overload point).
"""

from __future__ import annotations

import math

import numpy as np

from tests.bench.world.copper import Samples

RATE_HZ = 8000
FULL_SCALE_PEAK = 32124.0
FULL_SCALE_DBM0 = 3.14
SILENCE_DBM0 = -120.0  # what a level meter shows where there is nothing at all


def samples_of(ms: float) -> int:
    """Number of samples in ``ms`` milliseconds, rounded to the nearest."""
    return round(ms * RATE_HZ / 1000.0)


def peak_of(dbm0: float) -> float:
    """Peak of a sine of this level."""
    return float(FULL_SCALE_PEAK * 10.0 ** ((dbm0 - FULL_SCALE_DBM0) / 20.0))


def rms_of(dbm0: float) -> float:
    """Root mean square of any sound of this level."""
    return peak_of(dbm0) / math.sqrt(2.0)


def level_dbm0(sound: Samples) -> float:
    """Level of a whole span, by its power; ``SILENCE_DBM0`` for nothing."""
    if len(sound) == 0:
        return SILENCE_DBM0
    power = float(np.mean(np.square(sound, dtype=np.float64)))
    if power <= 0.0:
        return SILENCE_DBM0
    return max(
        SILENCE_DBM0,
        10.0 * math.log10(2.0 * power) - 20.0 * math.log10(FULL_SCALE_PEAK) + FULL_SCALE_DBM0,
    )


def sine(hz: float, dbm0: float, ms: float, phase: float = 0.0) -> Samples:
    """A sine of ``ms`` milliseconds."""
    turns = np.arange(samples_of(ms)) * (2.0 * np.pi * hz / RATE_HZ) + phase
    return (peak_of(dbm0) * np.sin(turns)).astype(np.float32)


def noise(dbm0: float, count: int, seed: int) -> Samples:
    """White noise of ``count`` samples over the whole band 0 to 4 kHz."""
    shape = np.random.default_rng(seed).standard_normal(count)
    return (rms_of(dbm0) * shape).astype(np.float32)
