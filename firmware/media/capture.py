"""A stretch of what came from one port, for a measurement."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Linear = npt.NDArray[np.float32]


class Capture:
    """``samples`` of sound, filled block by block."""

    __slots__ = ("_at", "sound")

    def __init__(self, samples: int) -> None:
        self.sound: Linear = np.zeros(samples, np.float32)
        self._at = 0

    @property
    def missing(self) -> int:
        """Samples that have not come yet."""
        return self.sound.size - self._at

    def add(self, block: Linear) -> None:
        """One more block; what is beyond the end is left."""
        took = min(self.missing, block.size)
        self.sound[self._at : self._at + took] = block[:took]
        self._at += took
