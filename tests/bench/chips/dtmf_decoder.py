"""The digit decoder that sits in an Si3210 (not in an Si3215) on the transmit path.

It stands for the chip's own decoder behind register 24; nothing else on the bench or in the box
may use it. Two positive tests inside 45 ms, one digit register, no queue.
"""

from __future__ import annotations

from collections import deque

import numpy as np
import numpy.typing as npt

Samples = npt.NDArray[np.float32]

ROWS_HZ = (697, 770, 852, 941)
COLUMNS_HZ = (1209, 1336, 1477, 1633)
CODES = ((1, 2, 3, 0xD), (4, 5, 6, 0xE), (7, 8, 9, 0xF), (0xB, 0xA, 0xC, 0x0))
"""Register 24 b3:0 by row and column: 0 is A, star is B, hash is C, A-D are D E F 0."""

TEST_SAMPLES = 180  # two tests of 22.5 ms fill the 45 ms of the data sheet
_KEPT_BLOCKS = 64
_LEAST_AMPLITUDE = 300.0  # about -40 dBm0 per tone; chosen, the chip's limit is a register
_PURITY = 0.7  # part of the energy that must lie in the two tones; chosen

_time = np.arange(TEST_SAMPLES) / 8000.0
_PROBE = np.exp(-2j * np.pi * np.array(ROWS_HZ + COLUMNS_HZ)[:, None] * _time).astype(np.complex64)
_PROBE *= np.float32(2.0 / TEST_SAMPLES)


def _one_test(sound: Samples) -> int | None:
    amplitude = np.abs(_PROBE @ sound)
    row, column = int(amplitude[:4].argmax()), int(amplitude[4:].argmax())
    low, high = float(amplitude[row]), float(amplitude[4 + column])
    if min(low, high) < _LEAST_AMPLITUDE:
        return None
    tones = (low * low + high * high) / 2.0
    if tones < _PURITY * float(np.mean(sound * sound)):
        return None
    return CODES[row][column]


class DtmfDecoder:
    """Keeps the last blocks of what the telephone sends and looks at them when asked."""

    def __init__(self) -> None:
        self._recent: deque[tuple[Samples | None, int]] = deque(maxlen=_KEPT_BLOCKS)
        self.digit = 0
        self.present = False

    def hear(self, sound: Samples | None, samples: int) -> None:
        """Take the next block; None is silence."""
        self._recent.append((sound, samples))

    def read(self) -> int:
        """Register 24: VAL in b4 while a tone is present, the last digit in b3:0."""
        self.present = False
        last = self._last(2 * TEST_SAMPLES)
        if last is not None:
            first, second = _one_test(last[:TEST_SAMPLES]), _one_test(last[TEST_SAMPLES:])
            if first is not None and first == second:
                self.digit = first
                self.present = True
        return (0x10 if self.present else 0) | self.digit

    def _last(self, samples: int) -> Samples | None:
        """The last ``samples`` when none of them was silence."""
        parts: list[Samples] = []
        missing = samples
        for sound, _length in reversed(self._recent):
            if sound is None:
                return None
            parts.append(sound)
            missing -= sound.size
            if missing <= 0:
                return np.concatenate(parts[::-1])[-samples:]
        return None
