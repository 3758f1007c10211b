"""An ear: keeps what arrived, asks nothing of it until somebody wants to know.

Chunks are stored as they came; silence that came as None is not stored at all.
"""

from __future__ import annotations

import bisect
import wave
from pathlib import Path

import numpy as np

from tests.bench.world.copper import Samples
from tests.bench.world.level import RATE_HZ, level_dbm0, samples_of
from tests.bench.world.measure import Tone, bursts, find_tones

JOIN_CHUNKS = 200  # small chunks become one array now and then, for the memory's sake


class Ear:
    """A recording by sample time. ``keep_ms`` bounds the memory; None keeps everything."""

    def __init__(self, keep_ms: float | None = 600_000.0) -> None:
        self.sample = 0  # end of the last thing heard, silence not counted
        self._starts: list[int] = []
        self._sounds: list[Samples] = []
        self._fresh: list[Samples] = []
        self._fresh_from = 0
        self._keep = None if keep_ms is None else samples_of(keep_ms)

    def hear(self, start: int, sound: Samples) -> None:
        """Add ``sound`` that began at sample ``start``. Kept, not copied."""
        fresh = self._fresh
        if fresh and start != self.sample:
            self._join()
            fresh = self._fresh
        if not fresh:
            self._fresh_from = start
        fresh.append(sound)
        self.sample = start + len(sound)
        if len(fresh) >= JOIN_CHUNKS:
            self._join()

    def _join(self) -> None:
        if not self._fresh:
            return
        self._starts.append(self._fresh_from)
        self._sounds.append(np.concatenate(self._fresh))
        self._fresh = []
        if self._keep is not None:
            oldest = self.sample - self._keep
            while self._starts and self._starts[0] + len(self._sounds[0]) < oldest:
                del self._starts[0], self._sounds[0]

    def span(self, start: int, stop: int) -> Samples:
        """What was heard from sample ``start`` to ``stop``; silence is zero."""
        self._join()
        out = np.zeros(max(0, stop - start), np.float32)
        first = max(0, bisect.bisect_right(self._starts, start) - 1)
        for begin, sound in zip(self._starts[first:], self._sounds[first:], strict=True):
            if begin >= stop:
                break
            low, high = max(begin, start), min(begin + len(sound), stop)
            if high > low:
                out[low - start : high - start] = sound[low - begin : high - begin]
        return out

    def between_ms(self, from_ms: float, to_ms: float) -> Samples:
        """What was heard between two times of the actor's clock."""
        return self.span(samples_of(from_ms), samples_of(to_ms))

    def level_dbm0(self, from_ms: float, to_ms: float) -> float:
        """Level over a span."""
        return level_dbm0(self.between_ms(from_ms, to_ms))

    def tones(self, from_ms: float, to_ms: float, most: int = 2) -> list[Tone]:
        """The strongest steady tones of a span, by FFT."""
        return find_tones(self.between_ms(from_ms, to_ms), most)

    def cadence(self, from_ms: float, to_ms: float) -> list[tuple[float, float]]:
        """Bursts of sound in a span: start and length in ms from ``from_ms``."""
        return bursts(self.between_ms(from_ms, to_ms))

    def write_wav(self, path: Path, until: int | None = None) -> None:
        """Everything kept, as 16-bit mono at 8 kHz, from sample 0 so that files line up."""
        sound = np.clip(self.span(0, self.sample if until is None else until), -32768, 32767)
        with wave.open(str(path), "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(RATE_HZ)
            file.writeframes(sound.astype("<i2").tobytes())
