"""Test speech and markers, made by arithmetic: no recording lies in the tree.

``speech`` is vowel-like: harmonics of a gliding pitch, shaped by three formants, in syllables
with pauses. ``chirp`` and ``prbs`` mark an instant, so that a delay can be read off exactly.
"""

from __future__ import annotations

import numpy as np

from tests.bench.world.copper import Samples
from tests.bench.world.level import RATE_HZ, level_dbm0, peak_of, rms_of, samples_of

# First three formants in Hz of seven vowels (Peterson and Barney 1952, men, rounded).
FORMANTS = (
    (270, 2290, 3010), (390, 1990, 2550), (530, 1840, 2480), (660, 1720, 2410),
    (730, 1090, 2440), (570, 840, 2410), (300, 870, 2240),
)  # fmt: skip
BANDWIDTHS_HZ = (60.0, 90.0, 150.0)


def _syllable(rng: np.random.Generator, count: int, pitch_hz: float) -> Samples:
    time = np.arange(count) / RATE_HZ
    glide = pitch_hz * (1.0 + rng.uniform(-0.15, 0.15) * np.linspace(-0.5, 0.5, count))
    turns = np.cumsum(glide) / RATE_HZ
    formants = FORMANTS[rng.integers(len(FORMANTS))]
    sound = np.zeros(count)
    for number in range(1, int(3400.0 / (pitch_hz * 1.1))):
        hz = number * pitch_hz
        gain = sum(
            1.0 / (1.0 + ((hz - centre) / (width * 2.0)) ** 2) * 10.0 ** (-place * 0.3)
            for place, (centre, width) in enumerate(zip(formants, BANDWIDTHS_HZ, strict=True))
        )
        sound += (gain + 0.01) * np.sin(2.0 * np.pi * number * turns + rng.uniform(0.0, 6.28))
    rise = np.minimum(1.0, np.minimum(time / 0.03, (time[-1] - time) / 0.06))
    return (sound * rise).astype(np.float32)


def speech(ms: float, dbm0: float = -16.0, seed: int = 1, pitch_hz: float = 120.0) -> Samples:
    """Speech-like sound of ``ms``: syllables of 120 to 260 ms, short gaps, at ``dbm0`` over all.

    The same arguments give the same samples.
    """
    rng = np.random.default_rng(seed)
    total = samples_of(ms)
    out = np.zeros(total, np.float32)
    at = 0
    while at < total:
        count = int(rng.integers(samples_of(120), samples_of(260)))
        sound = _syllable(rng, count, pitch_hz * rng.uniform(0.85, 1.2))
        level = rng.uniform(0.5, 1.0) / max(1e-6, float(np.sqrt(np.mean(sound**2))))
        take = min(count, total - at)
        out[at : at + take] = sound[:take] * level
        at += count + int(rng.integers(samples_of(20), samples_of(110)))
    out *= np.float32(10.0 ** ((dbm0 - level_dbm0(out)) / 20.0))
    # A telephone's transmitter cannot exceed the code either.
    return np.clip(out, -32124.0, 32124.0)


def chirp(ms: float = 100.0, dbm0: float = -10.0) -> Samples:
    """A sweep from 500 to 3000 Hz with soft edges: one sharp peak in a correlation."""
    count = samples_of(ms)
    time = np.arange(count) / RATE_HZ
    rate = (3000.0 - 500.0) / (ms / 1000.0)
    sweep = np.sin(2.0 * np.pi * (500.0 * time + 0.5 * rate * time**2))
    edge = np.minimum(1.0, np.minimum(np.arange(count), np.arange(count)[::-1]) / 40.0)
    return (peak_of(dbm0) * sweep * edge).astype(np.float32)


def prbs(ms: float, dbm0: float = -20.0, seed: int = 1) -> Samples:
    """Binary noise of period 2^15 - 1 (polynomial of ITU-T O.150: stages 15 and 14)."""
    state = (seed % 32767) or 1
    count = samples_of(ms)
    out = np.empty(count, np.float32)
    for place in range(count):
        bit = ((state >> 14) ^ (state >> 13)) & 1
        state = ((state << 1) | bit) & 0x7FFF
        out[place] = 1.0 if bit else -1.0
    return out * np.float32(rms_of(dbm0))
