"""A 1200 baud FSK receiver for caller identity: sound in, bytes of whole messages out.

Two correlators one bit long (the matched filter of each tone) give one soft value per sample; a
slicer follows the middle between mark and space, so that a line which passes one tone 10 dB worse
costs nothing; every byte is timed where its own eye is widest open, between samples.

Why not libspandsp's demodulator: behind the same filter it lost 3 % of V.23 messages at 12 dB of
noise and 22 % at -8 dB of twist, and under hum it handed over wrong numbers. Here a byte without
its stop bit ends the message: no result is better than a wrong number.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np
import numpy.typing as npt

from firmware.core.clock import SAMPLE_RATE_HZ

Linear = npt.NDArray[np.float32]

BAUD: Final = 1200
BIT: Final = SAMPLE_RATE_HZ / BAUD  # samples
CHUNK: Final = 160
"""Samples worked at a time: 20 ms, longer than any byte (10 bits, 66.7 samples)."""

_TAPS: Final = 7
_MARK_RUN: Final = 20 * BIT
"""Mark before the first byte: BT SIN 227 allows 55 bits, EN 300 659-1 lets bytes be 10 apart."""

_MIDDLES: Final = (np.arange(10) + 0.5) * BIT  # of start, data and stop, from the edge
_CLOCKS: Final = (1.0, 0.99, 1.01)  # the standards allow 1 %
_SHIFTS: Final = np.repeat(np.array((0.0, -0.1, 0.1, -0.2, 0.2, -0.3, 0.3)) * BIT, len(_CLOCKS))
_TRIED: Final = _SHIFTS[:, np.newaxis] + np.tile(
    np.outer(_CLOCKS, _MIDDLES), (len(_SHIFTS) // len(_CLOCKS), 1)
)
_BYTE: Final = 10.5 * BIT  # samples to wait for
_WEIGHTS: Final = 1 << np.arange(8)
_FOLLOW: Final = 0.5  # of a level's change is taken over per chunk: 40 dB within a seizure

_FAINT: Final = 0.05
"""Of what mark and space were: 26 dB below them nothing of the same message is on the line."""
_FORGET: Final = 6 * CHUNK
"""Samples so faint (120 ms; no message pauses for as long) after which levels are unknown again.
Keys pressed on the line earlier are louder than what a far exchange sends, and would hide it."""


def correlator(mark_hz: float, space_hz: float) -> Linear:
    """Matrix (taps, 4): cosine and sine of mark, then of space, over one bit."""
    at = np.arange(_TAPS) - (_TAPS - 1) / 2
    window = np.clip((BIT + 1) / 2 - np.abs(at), 0.0, 1.0) / BIT
    angle = 2 * np.pi * np.outer(at, (mark_hz, mark_hz, space_hz, space_hz)) / SAMPLE_RATE_HZ
    shifted = np.cos(angle - np.array([0.0, np.pi / 2, 0.0, np.pi / 2]))
    return np.asarray(window[:, np.newaxis] * shifted, np.float32)


class FskReceiver:
    """One modem's receiver.

    Args:
        mark_hz: sends 1 and rests.
        space_hz: sends 0.
        weakest: distance between mark and space (int16 units) below which no message is taken;
            a tone of peak A weighs A / 2.
        ends: is asked after each byte of a message: True when it is complete, None when it
            cannot become one, False when it goes on.
    """

    def __init__(
        self,
        mark_hz: float,
        space_hz: float,
        weakest: float,
        ends: Callable[[bytes], bool | None],
    ) -> None:
        self._correlator = correlator(mark_hz, space_hz)
        self._weakest = weakest
        self._ends = ends
        self._past: Linear = np.zeros(_TAPS - 1, np.float32)
        self._soft: Linear = np.zeros(0, np.float32)  # mark above, space below; not yet read
        self._at = 0.0
        self._mark = self._space = 0.0
        self._run = 0.0  # samples of mark before what is not yet read
        self._message = bytearray()
        self._reading = False
        self._faint = 0  # samples

    @property
    def resting(self) -> bool:
        """Whether mark has been sounding for a while: the moment to measure it."""
        return self._run >= _MARK_RUN and self._at + 1 >= len(self._soft)

    def feed(self, sound: Linear) -> list[bytes]:
        """Messages that end within the next ``CHUNK`` samples."""
        window = np.concatenate((self._past, sound))
        self._past = window[-(_TAPS - 1) :]
        taps = np.lib.stride_tricks.sliding_window_view(window, _TAPS) @ self._correlator
        power = taps * taps
        soft = np.sqrt(power[:, 0] + power[:, 1]) - np.sqrt(power[:, 2] + power[:, 3])
        highest, lowest = float(soft.max()), float(soft.min())
        if max(highest, -lowest) < _FAINT * (self._mark - self._space) / 2:
            self._faint += len(sound)
            if self._faint >= _FORGET:
                self._forget()
        else:
            self._faint = 0
        self._follow(highest, lowest)
        self._soft = np.concatenate((self._soft, soft))
        return self._read()

    def _forget(self) -> None:
        self._soft, self._at = np.zeros(0, np.float32), 0.0
        self._mark = self._space = self._run = 0.0
        self._message.clear()
        self._reading, self._faint = False, 0

    def _follow(self, highest: float, lowest: float) -> None:
        middle = (self._mark + self._space) / 2
        if highest > middle:
            self._mark += _FOLLOW * (highest - self._mark)
        if lowest < middle:
            self._space += _FOLLOW * (lowest - self._space)

    def _read(self) -> list[bytes]:
        found = []
        middle = (self._mark + self._space) / 2
        soft = self._soft
        spaces = np.flatnonzero(soft <= middle)
        at = self._at  # everything before is read
        while True:
            index = int(np.searchsorted(spaces, at))
            if index == len(spaces):
                self._run += len(soft) - at
                at = len(soft)
                break
            start = int(spaces[index])
            run = self._run + start - at
            if not self._reading and run < _MARK_RUN:
                # No start bit: go on behind the space before the next long mark, if any is here.
                behind = spaces[index:]
                long = np.flatnonzero(np.diff(behind) > _MARK_RUN)
                at, self._run = float(behind[long[0] if len(long) else -1]) + 1.0, 0.0
                continue
            above, below = float(soft[start - 1]) if start else middle, float(soft[start])
            edge = start - (middle - below) / (above - below) if above > middle else float(start)
            if edge + _BYTE >= len(soft):
                self._run, at = run, float(start)  # wait for the rest of the byte
                break
            bits, edge = _bits(soft, middle, edge)
            if bits[0]:
                at, self._run = start + 1.0, run + 1.0  # a crackle in the mark, no start bit
                continue
            if run >= _MARK_RUN:
                self._message.clear()
            self._reading = bool(bits[9])
            at, self._run = edge + float(_MIDDLES[9]), 0.0
            if self._reading:
                self._message.append(int(bits[1:9] @ _WEIGHTS))
                ended = self._ends(bytes(self._message))
                if ended and self._mark - self._space >= self._weakest:
                    found.append(bytes(self._message))
                self._reading = ended is False
        keep = max(int(at) - 1, 0)  # one sample more, for the slope of an edge
        self._soft = soft[keep:]
        self._at = at - keep
        return found


def _bits(soft: Linear, middle: float, edge: float) -> tuple[npt.NDArray[np.bool_], float]:
    """The ten bits of a byte and the edge of its start bit, where its eye is widest open.

    One noisy edge would move all samples of the byte; so several shifts and clocks are tried, and
    the one whose least certain bit is the most certain is taken.
    """
    values = np.interp(edge + _TRIED, np.arange(len(soft)), soft) - middle
    certain = np.abs(values)
    certain[:, 0] = -values[:, 0]  # a start bit is a space
    certain[:, 9] = values[:, 9]  # a stop bit is a mark
    best = int(certain.min(axis=1).argmax())
    return values[best] > 0, edge + float(_SHIFTS[best])
