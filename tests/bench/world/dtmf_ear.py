"""The exchange's digit receiver: Goertzel filters as one small matrix, fed block by block.

Independent of the product's receiver and of spandsp; its only purpose is to judge what the box
dials and what a caller-ID display would show. Frame 25.6 ms (205 samples, the classic length at
8 kHz), hop 10 ms. A digit is two frames in a row that agree; it is over after two that do not.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tests.bench.world.copper import Samples
from tests.bench.world.keypad import HIGH_HZ, KEYS, LOW_HZ
from tests.bench.world.level import RATE_HZ, rms_of

FRAME = 205
HOP = 80
LEAST_DBM0 = -38.0  # per tone: below the -36 dBm at which a display must not accept any more
TWIST_MOST_DB = 10.0
PURITY_LEAST = 0.6  # share of the frame's power above 600 Hz in the two tones
SECOND_MOST = 0.4  # amplitude of the second strongest of a group relative to the strongest


@dataclass(frozen=True, slots=True)
class Digit:
    """One key heard, with the sample at which its first frame began."""

    key: str
    sample: int


def _matrix() -> Samples:
    time = np.arange(FRAME) / RATE_HZ
    rows = [np.exp(-2j * np.pi * hz * time) * (2.0 / FRAME) for hz in (*LOW_HZ, *HIGH_HZ)]
    both = np.asarray(rows)
    return np.concatenate((both.real, both.imag)).astype(np.float32)


FILTERS = _matrix()


class DtmfEar:
    """Streaming receiver. ``heard`` grows; ``feed`` returns what was added by this block."""

    def __init__(self) -> None:
        self.heard: list[Digit] = []
        self._rest = np.zeros(0, np.float32)
        self._rest_from = 0
        self._last = ""
        self._current = ""
        self._misses = 0

    def feed(self, start: int, sound: Samples | None, count: int = 0) -> list[Digit]:
        """Hear ``sound`` from sample ``start``, or ``count`` samples of silence for None."""
        if sound is None:
            # Silence ends a digit; the frames in between need no arithmetic.
            if count and (self._current or self._last):
                self._misses += max(1, count // HOP)
                self._last = ""
                if self._misses >= 2:
                    self._current = ""
            self._rest = np.zeros(0, np.float32)
            return []
        if len(self._rest) and self._rest_from + len(self._rest) == start:
            self._rest = np.concatenate((self._rest, sound))
        else:
            self._rest, self._rest_from = sound, start
        found: list[Digit] = []
        while len(self._rest) >= FRAME:
            self._frame(self._rest[:FRAME], self._rest_from, found)
            self._rest = self._rest[HOP:]
            self._rest_from += HOP
        self.heard += found
        return found

    def _frame(self, frame: Samples, at: int, found: list[Digit]) -> None:
        key = key_of(frame)
        if key and key == self._current:
            self._misses = 0
        elif key and key == self._last:
            self._current, self._misses = key, 0
            found.append(Digit(key, at))
        elif self._current:
            self._misses += 1
            if self._misses >= 2:
                self._current = ""
        self._last = key


def key_of(frame: Samples) -> str:
    """The key that sounds in one frame of ``FRAME`` samples, or the empty string."""
    parts = FILTERS @ frame
    power = np.square(parts[:8]) + np.square(parts[8:])  # peak amplitude squared of each tone
    low, high = int(np.argmax(power[:4])), 4 + int(np.argmax(power[4:]))
    least = 2.0 * rms_of(LEAST_DBM0) ** 2
    if power[low] < least or power[high] < least:
        return ""
    ratio = 10.0 * np.log10(power[high] / power[low])
    if abs(ratio) > TWIST_MOST_DB:
        return ""
    # A neighbour 73 Hz away leaks into a full frame at -23 dB, into a frame half filled at up to
    # -8 dB (sinc of 25.6 and 12.8 ms); more than that is another sound.
    for group, best in ((power[:4], power[low]), (power[4:], power[high])):
        if float(np.sort(group)[-2]) > best * SECOND_MOST**2:
            return ""
    emphasised = frame[1:] - 0.9 * frame[:-1]  # takes a dial tone under the digits out of the sum
    gains = _emphasis(low), _emphasis(high)
    pair = 0.5 * (power[low] * gains[0] + power[high] * gains[1])
    if pair < PURITY_LEAST * float(np.mean(np.square(emphasised))):
        return ""
    return KEYS[low * 4 + high - 4]


def _emphasis(index: int) -> float:
    hz = (*LOW_HZ, *HIGH_HZ)[index]
    return float(abs(1.0 - 0.9 * np.exp(-2j * np.pi * hz / RATE_HZ)) ** 2)


def decode_dtmf(sound: Samples) -> list[Digit]:
    """All keys in a finished span."""
    ear = DtmfEar()
    ear.feed(0, np.concatenate((sound, np.zeros(FRAME + HOP, np.float32))))
    return ear.heard
