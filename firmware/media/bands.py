"""Energy of every port in the few narrow bands where exchanges sound their tones.

A Hann window of 25 ms every 10 ms: long enough to hold the 25 to 40 Hz beats of two-frequency
tones together, short enough for cadences of 100 ms.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from firmware.media.tones import SAMPLE_RATE_HZ
from firmware.media.window import Block, Flags, Rows, SlidingWindow

HOP = 80
WINDOW = 200
STEP_HZ = SAMPLE_RATE_HZ // WINDOW  # powers at this spacing add up to the band's energy

# From E.180 and the country table: dial, ringback, busy and congestion lie in 350 to 620 Hz and
# special information at 950, 1400 and 1800 Hz; T.30 has 1100 +-38 Hz for calling and 2100 +-15 Hz
# for answering. Added: 5 %, which coded special information shifts, and the window's width.
BANDS_HZ = ((320, 680), (880, 1020), (1060, 1140), (1320, 1480), (1690, 1910), (2060, 2140))


class BandMeter:
    """Energy of the newest window, whole and by band, of all armed ports."""

    def __init__(self, ports: int, keep: int = WINDOW) -> None:
        """Args: ``keep``: samples of the past that stay readable."""
        self.sound = SlidingWindow(ports, max(keep, WINDOW), HOP)
        points: list[int] = []
        member: list[int] = []
        for band, (first_hz, last_hz) in enumerate(BANDS_HZ):
            inside = range(first_hz, last_hz + 1, STEP_HZ)
            points += inside
            member += [band] * len(inside)
        shape = np.hanning(WINDOW + 2)[1:-1]
        angle = np.arange(WINDOW)[:, None] * np.array(points)[None] * (2 * np.pi / SAMPLE_RATE_HZ)
        self._shape = shape.astype(np.float32)
        self._matrix = np.concatenate([np.cos(angle), np.sin(angle)], axis=1).astype(np.float32)
        fold = np.zeros((len(points), len(BANDS_HZ)))
        # Sum over all bins k of |X(k)|^2 is N sum (w x)^2, half of it at positive frequencies.
        fold[np.arange(len(points)), member] = 2 / WINDOW
        # Mean square of a steady sound from its windowed energy.
        self.to_mean_square = np.float32(1 / (shape**2).sum())
        fold *= self.to_mean_square
        self._fold = np.concatenate([fold, fold]).astype(np.float32)
        self._memory: dict[int, tuple[Block, Block, Block]] = {}

    def arm(self, armed: Flags) -> Rows | None:
        """Say which ports listen; the rows that changed, or None."""
        return self.sound.arm(armed)

    def energy(self) -> npt.NDArray[np.float32]:
        """Mean square of the armed rows' newest window, in squared 16-bit units."""
        count = self.sound.rows.size
        memory = self._memory.get(count)
        if memory is None:
            memory = (
                np.empty((count, WINDOW), np.float32),
                np.empty((count, self._matrix.shape[1]), np.float32),
                np.empty((count, len(BANDS_HZ)), np.float32),
            )
            self._memory[count] = memory
        windowed = memory[0]
        np.multiply(self.sound.newest(WINDOW), self._shape, out=windowed)
        energy: npt.NDArray[np.float32] = np.vecdot(windowed, windowed)
        return energy * self.to_mean_square

    def banded(self) -> Block:
        """The same by band (armed rows, 6), of the window that ``energy`` has measured."""
        windowed, probed, banded = self._memory[self.sound.rows.size]
        np.matmul(windowed, self._matrix, out=probed)
        np.multiply(probed, probed, out=probed)
        np.matmul(probed, self._fold, out=banded)
        return banded
