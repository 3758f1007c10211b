"""Silence between a fax machine's signals, and the sample at which each of them begins.

spandsp's receivers want two things of a line that lines do not give. Idle noise must be silence, or
it is a carrier that goes on. And the short training of V.17, ahead of every page, must meet the
receiver's oscillator at a good angle. That one starts at the sample at which the power meter finds
a carrier; of the alternations A B A B two symbols are then compared to tell which was first, by a
difference of two 32-bit angles that overflows if they lie on either side of half a turn: the
receiver takes one for the other, finds no training, and T2 expires. So it is with a quarter of all
angles, on any line, noise or none. 1800 Hz turn by 81 degrees in a sample and the alternations are
850 samples long, so a sample less makes a bad angle a good one. The gate hears 45 ms ahead, works
out where the oscillator will start, and opens at the best of the first few samples. From there to
the signal's end every sample is what came.
"""

from __future__ import annotations

from collections import deque
from typing import Final

import numpy as np
import numpy.typing as npt

from firmware.media.tones import PEAK_0_DBM0

Samples = npt.NDArray[np.int16]

HOP: Final = 40
"""5 ms; 1800 Hz have nine turns in it."""
_AHEAD: Final = 8
DELAY: Final = (_AHEAD + 1) * HOP
"""Samples by which what comes is late: 45 ms of the 300 that T.30 bears."""

NOTHING_DBM0: Final = -46.0
"""What is fainter than that is a quiet line. T.30 4.1 leaves a signal at -43 dBm at least."""
_NOTHING: Final = PEAK_0_DBM0**2 / 2 * 10 ** (NOTHING_DBM0 / 10) * HOP
_HOLD: Final = 4
"""Quiet hops that end a signal: 20 ms, where T.30 5.3.2.2 has 75 +-20 ms between two."""

_TURN: Final = 2 * np.pi * 1800 / 8000
_STEADY: Final = 4 * HOP
"""Of the hops heard ahead, from here on the alternations are steady, shaping and all."""
_WAVE: Final = np.exp(-1j * _TURN * np.arange(_STEADY, DELAY))

# spandsp 0.0.6, v17rx.c and power_meter.c: found at -43 dBm0, by the difference of halved samples.
_FOUND: Final = int(0.4 * 32767**2 * 10 ** ((-43.0 - 6.16) / 10))
_METER_SHIFT: Final = 4
_CHOICES: Final = 16
_NEAR: Final = float(np.radians(41))
"""Five turns of 81 degrees leave none farther from where it is wanted; the meter passes over some
samples of weak signals, which therefore have more choices."""
BEST: Final = float(np.radians(15))
"""Angle of 1800 Hz where the oscillator starts that puts A and B on either side of zero. It is what
the receiver's filters turn by. Measured, by 80 calls each at every tenth degree, noise -60 dBm0 and
any fraction of a sample of delay: of four choices all are good from -40 to +70."""


class CarrierGate:
    """One receiver's gate; samples in, as many out, ``DELAY`` later."""

    def __init__(self) -> None:
        self._coming = np.zeros(0, np.int16)  # less than a hop
        self._heard: deque[Samples] = deque([np.zeros(HOP, np.int16)] * _AHEAD)
        self._loud: deque[bool] = deque([False] * _AHEAD)
        self._going = np.zeros(HOP, np.int16)
        self._open = False
        self._quiet = 0
        self._cut = 0

    def process(self, heard: npt.NDArray[np.generic]) -> Samples:
        """Take samples of the line in 16-bit units, and return as many for the receiver."""
        count = len(heard)
        coming = np.concatenate([self._coming, heard.astype(np.int16)])
        hops = len(coming) // HOP
        going = [self._going]
        for hop in coming[: hops * HOP].reshape(hops, HOP):
            sound = hop.astype(np.float64)
            self._heard.append(hop)
            self._loud.append(bool(sound.dot(sound) >= _NOTHING))
            going.append(self._oldest())
        self._coming = coming[hops * HOP :]
        out = np.concatenate(going)
        self._going = out[count:]
        return out[:count]

    def _oldest(self) -> Samples:
        begins = self._loud[1] and self._loud[2]
        window = None if self._open or not begins else np.concatenate(self._heard)
        hop, loud = self._heard.popleft(), self._loud.popleft()
        if window is not None:
            self._open, self._quiet = True, 0
            self._cut = start_of(window)
        if not self._open:
            return np.zeros(HOP, np.int16)
        if self._cut:
            cut = min(self._cut, HOP)
            self._cut -= cut
            hop = hop.copy()
            hop[:cut] = 0
        self._quiet = 0 if loud or window is not None else self._quiet + 1
        self._open = self._quiet < _HOLD
        return hop


def start_of(window: Samples) -> int:
    """Sample of a window in which a signal begins at which to open, so that its angle is good."""
    angle = float(np.angle(window[_STEADY:].astype(np.float64) @ _WAVE))
    best, least, start = 0, np.inf, 0
    for _ in range(_CHOICES):
        found = _found(window, start)
        if found is None:
            break
        off = abs(float(np.angle(np.exp(1j * (angle + _TURN * found - BEST)))))
        if off < least:
            best, least = start, off
        if off <= _NEAR:
            break
        start = found + 1
    return best


def _found(window: Samples, start: int) -> int | None:
    """Sample at which the receiver finds a carrier if all is silence before ``start``."""
    last = power = 0
    for n, sample in enumerate(window[start:_STEADY].tolist(), start):
        half = sample >> 1
        power += ((half - last) ** 2 - power) >> _METER_SHIFT
        last = half
        if power >= _FOUND:
            return n
    return None
