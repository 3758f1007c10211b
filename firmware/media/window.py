"""A sliding window over the newest sound of every port, whatever length the blocks have.

The newest samples move along a longer strip and are copied back to its beginning once in a
while, so that a hop costs one small copy and no shifting.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Block = npt.NDArray[np.float32]
Flags = npt.NDArray[np.bool_]
Rows = npt.NDArray[np.intp]


class SlidingWindow:
    """The last ``length`` samples of the armed ports, complete at every ``hop`` samples."""

    def __init__(self, ports: int, length: int, hop: int) -> None:
        """Args: ``length`` and ``hop`` in samples; ``ports`` rows."""
        self.samples = 0  # heard since the beginning, armed or not
        self.rows: Rows = np.zeros(0, np.intp)
        self.all = False  # every port is armed
        self._ports = ports
        self._length = length
        self._hop = hop
        self._strip = np.zeros((ports, length + max(8 * length, 64 * hop)), np.float32)
        self._end = length
        self._fresh = 0
        self._armed = np.zeros(ports, np.bool_).tobytes()

    def arm(self, armed: Flags) -> Rows | None:
        """Say which ports listen; the rows that changed, cleared of old sound, or None."""
        mark = armed.tobytes()
        if mark == self._armed:
            return None
        changed = np.flatnonzero(armed != np.frombuffer(self._armed, np.bool_))
        self._strip[changed] = 0
        self._armed = mark
        self.rows = np.flatnonzero(armed)
        self.all = self.rows.size == self._ports
        return changed

    def fill(self, block: Block, at: int) -> int:
        """Take samples of ``block`` from ``at`` up to the next hop; where the next fill begins."""
        length = min(self._hop - self._fresh, int(block.shape[1]) - at)
        strip = self._strip
        if self._end + length > strip.shape[1]:
            strip[:, : self._length] = strip[:, self._end - self._length : self._end]
            self._end = self._length
        here = slice(self._end, self._end + length)
        if self.all:
            strip[:, here] = block[:, at : at + length]
        else:
            strip[self.rows, here] = block[self.rows, at : at + length]
        self._end += length
        self._fresh += length
        self.samples += length
        return at + length

    def skip(self, block: Block) -> None:
        """Let a block pass while nobody listens."""
        self.samples += block.shape[1]

    @property
    def ready(self) -> bool:
        """Whether a hop is complete; asking takes note of it."""
        if self._fresh < self._hop:
            return False
        self._fresh = 0
        return True

    def newest(self, length: int) -> Block:
        """The last ``length`` samples of the armed rows, in the order of ``rows``."""
        view = self._strip[:, self._end - length : self._end]
        return view if self.all else view[self.rows]

    def windows(self, length: int, count: int) -> Block:
        """The newest ``count`` windows of so many samples, a hop apart, oldest first.

        Shape (count, armed rows, length); the strip must hold ``length`` and ``count - 1`` hops.
        """
        strip = self._strip
        step = strip.itemsize
        view = np.ndarray(
            (count, self._ports, length),
            np.float32,
            strip,
            (self._end - length - (count - 1) * self._hop) * step,
            (self._hop * step, strip.strides[0], step),
        )
        return view if self.all else view[:, self.rows]

    def past(self, row: int, length: int, before: int) -> Block:
        """``length`` samples of one port that ended ``before`` samples ago."""
        end = self._end - before
        return self._strip[row, end - length : end]
