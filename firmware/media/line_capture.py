"""What came down a line before its call was answered, as it came: kept for who asks why.

Of each line the last stretch with sound in it is kept, bounded in length; a new one replaces it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from firmware.core.clock import SAMPLE_RATE_HZ
from firmware.media.recorder import CHANNELS, RecordingSink

Linear = npt.NDArray[np.float32]

LONGEST_S: Final = 15
"""An identity before the first ring, two rings of 5 s, and the answer (chosen)."""

_HEARD: Final = 250.0**2
"""Mean square of a block worth keeping: about -39 dBm0, fainter than any identity by standard."""


class LineCapture:
    """A ring of samples of one line."""

    def __init__(self) -> None:
        self._ring = np.zeros(LONGEST_S * SAMPLE_RATE_HZ, np.int16)
        self._at = 0
        self._total = 0
        self._heard = False

    def add(self, samples: Linear) -> None:
        """Take the next samples, shape (n,), int16 units."""
        count = len(samples)
        energy = float(samples.dot(samples))
        if self._at + count > len(self._ring):
            first = len(self._ring) - self._at
            self._put(samples[:first], energy)
            self._put(samples[first:], energy)
        else:
            self._put(samples, energy)
        if not self._heard:
            self._heard = energy > _HEARD * count

    def _put(self, samples: Linear, energy: float) -> None:
        # A line that is silent, as most are most of the time, costs no arithmetic.
        within = np.minimum(np.maximum(samples, -32768.0), 32767.0) if energy else 0
        self._ring[self._at : self._at + len(samples)] = within
        self._at = (self._at + len(samples)) % len(self._ring)
        self._total += len(samples)

    def take(self) -> npt.NDArray[np.int16] | None:
        """What was heard since this was asked last, None if nothing was; oldest sample first."""
        if not self._heard:
            return None
        self._heard = False
        if self._total < len(self._ring):
            return self._ring[: self._at].copy()
        return np.concatenate((self._ring[self._at :], self._ring[: self._at]))


class LineCaptures:
    """The captures of all lines that are listened to.

    Args:
        ports: by row.
        sink: takes finished captures; must not block.
        folder: where they go, empty keeps nothing.
    """

    def __init__(self, ports: Sequence[str], sink: RecordingSink, folder: str) -> None:
        self._ports = tuple(ports)
        self._sink = sink
        self._folder = folder
        self._lines: dict[int, LineCapture] = {}

    def add(self, said: Linear) -> None:
        """Take one block, shape (rows, samples)."""
        for row, capture in self._lines.items():
            capture.add(said[row])

    def arm(self, row: int, *, wanted: bool) -> None:
        """Hand over what a line sounded like so far, and go on or stop."""
        capture = self._lines.get(row)
        heard = capture.take() if capture is not None else None
        if heard is not None:
            path = f"{self._folder}/{self._ports[row].replace('/', '-')}.wav"
            self._sink.open(path)
            self._sink.write(path, np.repeat(heard, CHANNELS).tobytes())
            self._sink.close(path)
        if not wanted:
            self._lines.pop(row, None)
        elif capture is None and self._folder:
            self._lines[row] = LineCapture()
