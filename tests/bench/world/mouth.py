"""What an actor will sound like: rendered beforehand, cut into blocks while time goes by.

Silence is None and costs nothing; a block that one piece covers wholly is a view of that piece.
"""

from __future__ import annotations

import numpy as np

from tests.bench.world.copper import Samples


class Mouth:
    """Pieces of sound at sample times, and at most one loop that goes on until it is stopped."""

    def __init__(self) -> None:
        self._pieces: list[tuple[int, int, Samples]] = []  # start, end, sound
        self._loop: Samples | None = None
        self._loop_from = 0

    def say(self, sound: Samples, start: int) -> int:
        """Put ``sound`` at sample ``start`` (overlapping pieces add up); returns its end."""
        end = start + len(sound)
        if len(sound):
            self._pieces.append((start, end, np.asarray(sound, np.float32)))
        return end

    def loop(self, period: Samples, start: int) -> None:
        """Repeat ``period`` from sample ``start`` until ``stop_loop``; replaces another loop."""
        self._loop = period if len(period) else None
        self._loop_from = start

    def stop_loop(self) -> None:
        """End the loop."""
        self._loop = None

    def stop(self) -> None:
        """Fall silent at once."""
        self._pieces.clear()
        self._loop = None

    @property
    def end(self) -> int:
        """Sample at which the last piece ends; 0 if there is none."""
        return max((end for _, end, _ in self._pieces), default=0)

    def block(self, start: int, count: int) -> Samples | None:
        """Sound of samples ``start`` to ``start + count``; None where there is none."""
        if not self._pieces and self._loop is None:
            return None
        stop = start + count
        out = self._cut_loop(start, count)
        owned = False
        spent = False
        for begin, end, sound in self._pieces:
            if end <= start:
                spent = True
                continue
            if begin >= stop:
                continue
            if out is None and begin <= start and end >= stop:
                out = sound[start - begin : stop - begin]
                continue
            if not owned:
                out = np.zeros(count, np.float32) if out is None else out.copy()
                owned = True
            low, high = max(begin, start), min(end, stop)
            out[low - start : high - start] += sound[low - begin : high - begin]
        if spent:
            self._pieces = [piece for piece in self._pieces if piece[1] > start]
        return out

    def _cut_loop(self, start: int, count: int) -> Samples | None:
        period = self._loop
        if period is None or start + count <= self._loop_from:
            return None
        length = len(period)
        at = (start - self._loop_from) % length
        if start >= self._loop_from and at + count <= length:
            return period[at : at + count]
        index = np.arange(start - self._loop_from, start - self._loop_from + count)
        return np.where(index >= 0, period[index % length], np.float32(0.0)).astype(np.float32)
