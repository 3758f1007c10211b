"""The wave form of a recording, both sides apart, as numbers for an SVG."""

from __future__ import annotations

import wave
from pathlib import Path
from typing import Final

import msgspec
import numpy as np

COLUMNS: Final = 600
"""Of the picture: more than a telephone shows, and little enough to send."""

HALF: Final = 50  # height of one side above and below its middle, in units of the view
QUIETEST: Final = 0.02  # share of the height that even silence has, so that there is a line


class Wave(msgspec.Struct, frozen=True, kw_only=True):
    """A picture: ``near`` is the telephone or line recorded, ``far`` is what it heard.

    Attributes:
        duration_ms: Of the sound.
        near: Outline of the left channel, as the ``points`` of a polygon.
        far: Of the right; empty in a recording of one channel.
    """

    duration_ms: int
    near: str
    far: str = ""


def wave_of(path: Path) -> Wave:
    """The picture of a WAV file of 16 bit.

    Raises:
        OSError: it cannot be read.
        wave.Error: it is none, or cut off before its header's end.
    """
    with wave.open(str(path), "rb") as sound:
        channels, rate = sound.getnchannels(), sound.getframerate()
        data = sound.readframes(sound.getnframes())
    samples = np.frombuffer(data[: len(data) // (2 * channels) * 2 * channels], np.int16)
    samples = samples.reshape(-1, channels)
    duration_ms = samples.shape[0] * 1_000 // rate
    sides = [_outline(samples[:, at], 50 + 100 * at) for at in range(min(channels, 2))]
    return Wave(duration_ms=duration_ms, near=sides[0], far=sides[1] if len(sides) > 1 else "")


def _outline(side: np.ndarray, middle: int) -> str:
    """Peaks of equal parts, above the middle and back below it; square roots show soft speech."""
    if not side.size:
        return ""
    parts = np.array_split(side, min(COLUMNS, side.size))
    peaks = [max(float(np.abs(part.astype(np.int32)).max()) / 32_768, 0.0) for part in parts]
    heights = [max(peak**0.5, QUIETEST) * HALF * 0.95 for peak in peaks]
    step = COLUMNS / len(heights)
    upper = [f"{at * step:.0f},{middle - h:.0f}" for at, h in enumerate(heights)]
    lower = [f"{at * step:.0f},{middle + h:.0f}" for at, h in enumerate(heights)]
    return " ".join([*upper, *reversed(lower)])
