"""DTMF keys as sound, with the faults a real keypad and line have.

Frequencies: ITU-T Q.23. Written apart from the product's own generator on purpose.
"""

from __future__ import annotations

import numpy as np

from tests.bench.world.copper import Samples
from tests.bench.world.level import RATE_HZ, noise, peak_of, samples_of

LOW_HZ = (697.0, 770.0, 852.0, 941.0)
HIGH_HZ = (1209.0, 1336.0, 1477.0, 1633.0)
KEYS = "123A456B789C*0#D"


def tones_of(key: str) -> tuple[float, float]:
    """Low and high frequency of a key; ``ValueError`` for anything else than 0-9 * # A-D."""
    index = KEYS.find(key.upper())
    if index < 0 or len(key) != 1:
        raise ValueError(f"key {key!r}: a telephone has the keys {KEYS}")
    return LOW_HZ[index // 4], HIGH_HZ[index % 4]


def key_sound(
    key: str,
    level_dbm0: float = -8.0,
    twist_db: float = 0.0,
    tone_ms: float = 90.0,
    off_by: float = 0.0,
) -> Samples:
    """One key.

    ``level_dbm0`` is each tone's; ``twist_db`` raises the high one above the low one; ``off_by``
    shifts both frequencies (0.015 is +1.5 %).
    """
    low, high = tones_of(key)
    time = np.arange(samples_of(tone_ms)) / RATE_HZ
    sound = peak_of(level_dbm0) * np.sin(2.0 * np.pi * low * (1.0 + off_by) * time)
    sound += peak_of(level_dbm0 + twist_db) * np.sin(2.0 * np.pi * high * (1.0 + off_by) * time)
    return sound.astype(np.float32)


def key_sounds(
    keys: str,
    level_dbm0: float = -8.0,
    twist_db: float = 0.0,
    tone_ms: float = 90.0,
    pause_ms: float = 90.0,
    noise_dbm0: float | None = None,
    seed: int = 0,
) -> Samples:
    """Keys one after the other, each with its pause; ``noise_dbm0`` lies under all of it."""
    parts: list[Samples] = []
    gap = np.zeros(samples_of(pause_ms), np.float32)
    for key in keys:
        parts += [key_sound(key, level_dbm0, twist_db, tone_ms), gap]
    sound = np.concatenate(parts) if parts else np.zeros(0, np.float32)
    if noise_dbm0 is not None:
        sound = sound + noise(noise_dbm0, len(sound), seed)
    return sound.astype(np.float32)
