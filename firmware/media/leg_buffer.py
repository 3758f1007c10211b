"""Sound of trunk legs on its way into the media graph: one buffer of stated depth.

sipd works on our clock: for every block that lined sends it there is one that comes back, named
by the same number. So nothing drifts on this wire; all it has to bear is that sipd is scheduled
late now and then. A block is played ``DEPTH_BLOCKS`` after the one it answers. One that comes
later has lost its place: what was said last is faded out instead, and what comes next fades in,
so that a gap is a gap and never a click. What the far side's clock does against ours is taken up
once, in the library's own jitter buffer.
"""

from __future__ import annotations

import functools
from typing import Final

import numpy as np
import numpy.typing as npt

from firmware.media import g711

Codes = npt.NDArray[np.uint8]

DEPTH_BLOCKS: Final = 4
"""20 ms at blocks of 5 ms, chosen: a frame of 10 ms has to be complete first, and 10 ms more are
what a process of ordinary priority is late by on a busy machine."""


MOST_MASKS: Final = 256  # remembered; which legs are up changes with calls, not with blocks


@functools.lru_cache(maxsize=MOST_MASKS)
def rows_of(mask: int) -> npt.NDArray[np.intp]:
    """Numbers of the legs in a mask, in their order; not to be written into."""
    return np.flatnonzero([mask >> leg & 1 for leg in range(mask.bit_length())])


class LegBuffer:
    """Blocks of all legs by the number of the block they answer.

    Args:
        legs: How many there may be; each is one bit of a mask.
        block_samples: Length of a block.
        law: Of the codes.
        depth: Blocks between asking and playing.
    """

    def __init__(
        self, legs: int, block_samples: int, law: g711.Law, depth: int = DEPTH_BLOCKS
    ) -> None:
        self.legs = legs
        self.depth = depth
        self.late = 0  # came after their place
        self.concealed = 0  # places of a leg that were filled with silence
        self._law: g711.Law = law
        self._idle = g711.IDLE[law]
        self._waiting: dict[int, tuple[int, Codes]] = {}
        self._due = -(10**9)
        self._last = np.full((legs, block_samples), self._idle, np.uint8)
        self._sounding = 0  # legs whose last block was played
        self._fade_in = np.linspace(0.0, 1.0, block_samples, dtype=np.float32)
        self._linear = np.zeros(block_samples, np.float32)

    def put(self, number: int, mask: int, codes: Codes) -> None:
        """A block of the legs in ``mask``, a row for each in their order."""
        if number <= self._due:
            self.late += 1
            return
        self._waiting[number] = (mask, codes)

    def take(self, number: int, wanted: int, out: Codes) -> None:
        """Fill ``out``, a row for each leg, with what answers block ``number - depth``.

        ``wanted`` are the legs that are up; the others are silent.
        """
        self._due = number - self.depth
        mask, codes = self._waiting.pop(self._due, (0, self._last[:0]))
        for old in [n for n in self._waiting if n < self._due]:
            del self._waiting[old]
        if mask == wanted == self._sounding:
            # Nearly always: everybody speaks on, and no leg is looked at by itself.
            rows = rows_of(mask)
            out.fill(self._idle)
            out[rows] = codes
            self._last[rows] = codes
            return
        row = 0
        for leg in range(self.legs):
            bit = 1 << leg
            here = mask & bit
            if here:
                fresh = codes[row]
                row += 1
            if not wanted & bit:
                out[leg] = self._idle
                self._sounding &= ~bit
            elif here:
                self._play(leg, fresh, out[leg])
            else:
                self._conceal(leg, out[leg])

    def forget(self) -> None:
        """The wire is gone; what waited is of no use."""
        self._waiting.clear()
        self._sounding = 0
        self._due = -(10**9)

    def _play(self, leg: int, fresh: Codes, out: Codes) -> None:
        bit = 1 << leg
        out[:] = fresh
        if not self._sounding & bit:
            self._faded(out, self._fade_in)
        self._last[leg] = fresh
        self._sounding |= bit

    def _conceal(self, leg: int, out: Codes) -> None:
        bit = 1 << leg
        if self._sounding & bit:
            # The last block backwards begins where it ended: no step, and no repeated attack.
            out[:] = self._last[leg][::-1]
            self._faded(out, self._fade_in[::-1])
            self.concealed += 1
        else:
            out[:] = self._idle
        self._sounding &= ~bit

    def _faded(self, codes: Codes, gain: npt.NDArray[np.float32]) -> None:
        g711.decode(codes, self._linear, self._law)
        self._linear *= gain
        g711.encode(self._linear, codes, self._law)
