"""DTMF receiver: all armed ports in one matrix product per 5 ms hop.

A Hann window of 20 ms slides in hops of 5 ms. Each of the eight nominal frequencies is probed at
three points; the lobe's shape gives frequency offset and level. A hop *fits* a digit when one low
and one high tone together hold nearly all energy of the window, lie within the offset and twist
limits and are loud enough. Five fitting hops of one digit in a row, steady in the middle, are a
digit: that takes about 33 ms of tone, so 40 ms always pass and 23 ms never do. A digit ends after
four hops without it: gaps up to some 18 ms are ridden through, 30 ms always end it.

Dial tone: while 330 to 490 Hz hold nearly everything for a while, that band is taken for dial tone
and its energy does not count against a digit until it goes away.

While nothing sounds like a digit, four hops are looked at together, which costs little more than
one; the fifth, which makes a digit, is looked at at once again. Reports come no later for it.

Why not the usual 102-sample Goertzel pair: measured over the combined tolerances of ITU-T Q.24 it
loses 4 to 80 % of the digits, because its filters are too coarse to tell 1.8 % from 3 %.
"""

from __future__ import annotations

import functools
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from firmware.media.tones import HIGH_HZ, KEYS, LOW_HZ, PEAK_0_DBM0, SAMPLE_RATE_HZ
from firmware.media.window import Block, Flags, SlidingWindow

HOP = 40  # 5 ms: edges are seen this finely
WINDOW = 160  # 20 ms: the shortest that separates 1.8 % from 3 % at 697 Hz

# Limits. Q.24 demands: offset 1.5 % (AT&T), 1.8 % (NTT) accepted and 3.0 % (NTT), 3.5 % refused;
# ETSI ES 201 235-3 1.5 % + 2 Hz; twist +4/-8 dB (AT&T), +-5 (NTT), +-6 (ETSI), high over low;
# level -25 dBm0 per tone accepted, -55 (AT&T) refused, Denmark -36 refused.
OFFSET_LIMIT = 0.026  # one hop
OFFSET_LIMIT_STEADY = 0.0205  # mean over the middle of a digit
# Twist is let out by 4 dB beyond them: an echo 10 dB down, or the slope of a cable, moves the two
# tones of a digit that was sent inside the limits by as much against each other.
TWIST_LOW_DB = -12.5
TWIST_HIGH_DB = 9.0
LEVEL_DBM0 = -34.0
PURITY = 0.87  # share of a window's energy that the pair must hold, also at a digit's edges
PURITY_STEADY = 0.93  # mean over the middle of a digit; white noise at 15 dB leaves 0.97
HOPS_TO_BEGIN = 5
HOPS_TO_END = 4
HOPS_AT_ONCE = HOPS_TO_BEGIN - 1  # a run that begins in the first of them is told in time
STEADY_DB = 3.0  # levels of the middle three hops may differ by this: an echo 10 dB down arrives
STEADY_OFFSET = 0.008  # and their offsets by this
GONE_DB = -9.0  # the pair has left when it is this far below what it was
COARSE_PURITY = 0.45  # before the offset is known: 2.4 % at 1633 Hz costs 3 dB of the lobe

# Dial tone of the twelve countries lies in 350 to 450 Hz.
DIAL_FROM_HZ, DIAL_TO_HZ, DIAL_STEP_HZ = 335, 485, 10
DIAL_PURITY = 0.96
DIAL_HOPS = 20  # 100 ms
DIAL_FORGET_HOPS = 30


class Digit(NamedTuple):
    """A digit began (``down``) or ended on a row.

    ``at_sample`` is the sample count of the receiver at the moment of the report;
    ``duration_samples`` is what has been heard of it until then, or its length when it ended.
    """

    port_index: int
    digit: str
    down: bool
    at_sample: int
    duration_samples: int


def _probes() -> tuple[Block, npt.NDArray[np.float64]]:
    """Matrix (window, 48 + dial) of cosines and sines, and the half spacings in Hz (8)."""
    nominal = np.array(LOW_HZ + HIGH_HZ, np.float64)
    spacing = np.maximum(25.0, 0.022 * nominal)
    points = np.concatenate([nominal - spacing, nominal, nominal + spacing])
    at = (np.arange(WINDOW) - (WINDOW - 1) / 2) * (2 * np.pi / SAMPLE_RATE_HZ)
    angle = at[:, None] * points[None]
    return np.concatenate([np.cos(angle), np.sin(angle)], axis=1), spacing


def _lobe(offset_hz: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Power response of the window at an offset, 1 at 0."""
    at = (np.arange(WINDOW) - (WINDOW - 1) / 2) * (2 * np.pi / SAMPLE_RATE_HZ)
    shape = np.cos(np.multiply.outer(offset_hz, at)) @ _HANN
    return np.asarray((shape / _HANN.sum()) ** 2)


_HANN = np.hanning(WINDOW + 2)[1:-1]
_DB = 10 / np.log(10)  # decibels in a natural logarithm of power
_TWIST_MIDDLE = (TWIST_HIGH_DB + TWIST_LOW_DB) / 2 / _DB
_TWIST_HALF = (TWIST_HIGH_DB - TWIST_LOW_DB) / 2 / _DB
_TINY = np.float32(1e-3)
_KEY = np.arange(16)
_MIDDLES = np.stack([8 + _KEY // 4, 12 + _KEY % 4])  # columns of the two nominal powers, by key
_POINTS = np.concatenate([_MIDDLES - 8, _MIDDLES, _MIDDLES + 8])


def _curves(spacing: npt.NDArray[np.float64]) -> npt.NDArray[np.float32]:
    """What turns three points into offset and level, by key: (10, 16), low and high tone each.

    With r = (left - right) / (left - 2 middle + right) of the log powers, the offset is
    a1 r + a3 r^3 Hz, and the lobe's loss at the middle point b1 offset^2 + b2 offset^4; the last
    pair turns Hz into a share of the nominal frequency.
    """
    nominal = np.array(LOW_HZ + HIGH_HZ, np.float64)
    rows = []
    for step, hz in zip(spacing, nominal, strict=True):
        true = np.linspace(-1.6, 1.6, 65) * step
        left, mid, right = (np.log(_lobe(true + shift)) for shift in (step, 0.0, -step))
        raw = (left - right) / (left - 2 * mid + right)
        bend = np.linalg.lstsq(np.stack([raw, raw**3], 1), true, rcond=None)[0]
        loss = np.linalg.lstsq(np.stack([true**2, true**4], 1), -mid, rcond=None)[0]
        rows.append([*bend, *loss, 1 / hz])
    by_tone = np.array(rows)
    pairs = [np.stack([by_tone[k // 4], by_tone[4 + k % 4]], axis=1).ravel() for k in range(16)]
    return np.ascontiguousarray(np.array(pairs, np.float32).T)


def _dial_basis() -> npt.NDArray[np.float64]:
    """Orthonormal columns that hold any windowed sound within the dial-tone band."""
    at = np.arange(WINDOW) * (2 * np.pi / SAMPLE_RATE_HZ)
    hz = np.arange(DIAL_FROM_HZ, DIAL_TO_HZ + 1, DIAL_STEP_HZ)
    angle = at[:, None] * hz[None]
    waves = np.concatenate([np.cos(angle), np.sin(angle)], axis=1) * _HANN[:, None]
    left, sizes, _ = np.linalg.svd(waves, full_matrices=False)
    return left[:, sizes > 0.01 * sizes[0]]


@functools.cache
def _tables() -> tuple[Block, Block, npt.NDArray[np.float32]]:
    """Probes with the dial band, what folds their squares into powers, and the curves.

    Made once: a receiver for an identity is made in the middle of a tick.
    """
    probes, spacing = _probes()
    matrix = np.concatenate([probes, _dial_basis()], axis=1).astype(np.float32)
    # Folds squared cosine and sine parts into 24 powers, and the dial band into one more.
    fold = np.zeros((matrix.shape[1], 25), np.float32)
    fold[:24, :24] = fold[24:48, :24] = np.eye(24)
    fold[48:, 24] = 1
    return matrix, fold, _curves(spacing)


class DigitReceiver:
    """DTMF on any number of ports; a port that is not armed costs nothing but its place."""

    def __init__(self, ports: int) -> None:
        """Args: ``ports``: rows of the blocks to come."""
        self._sound = SlidingWindow(ports, WINDOW + (HOPS_AT_ONCE - 1) * HOP, HOP)
        self._pending = 0  # hops that nobody has looked at
        self._samples = 0  # heard at the end of the hop that is looked at
        self._digit = np.full(ports, -1, np.int64)  # candidate, -1 none
        self._run = np.zeros(ports, np.int64)
        self._trail = np.zeros((HOPS_TO_BEGIN, 5, ports), np.float64)  # offsets, levels, purity
        self._down = np.full(ports, -1, np.int64)  # reported digit
        self._down_level = np.zeros(ports, np.float64)
        self._down_since = np.zeros(ports, np.int64)
        self._missing = np.zeros(ports, np.int64)
        self._dial_hops = np.zeros(ports, np.int64)
        self._dial = np.zeros(ports, np.bool_)
        self._dial_gone = np.zeros(ports, np.int64)
        self._dial_level = np.zeros(ports, np.float64)
        self._active = np.zeros(ports, np.bool_)  # has a run or a digit down
        self._busy = False  # some armed port is active
        self._sounding = 0  # digits down
        self._base = np.arange(ports) * 25  # first column of each row in a flat view of powers
        self._turn = 0  # place of this hop in ``_trail``
        self._any_dial = False
        self._matrix, self._fold, self._curves = _tables()
        self._window = _HANN.astype(np.float32)
        # Share of a window's energy that one probed power stands for: (A/2 sum w)^2 is probed,
        # A^2/2 sum w^2 is the energy.
        self._share = 2 * float((_HANN**2).sum()) / float(_HANN.sum()) ** 2
        peak = PEAK_0_DBM0 * 10 ** (LEVEL_DBM0 / 20)
        self._least = (peak / 2 * float(_HANN.sum())) ** 2  # probed power at the lowest level
        self._log_least = float(np.log(self._least))
        self._least_energy = self._least * self._share
        self._scratch: dict[tuple[int, int], tuple[Block, Block, Block]] = {}

    def process(self, block: Block, armed: Flags) -> list[Digit]:
        """Listen to the next samples.

        Args:
            block: float32 (ports, n) in 16-bit units, any n.
            armed: bool (ports); a port newly armed starts deaf to what came before.

        Returns:
            Digits that began or ended, in order of time.
        """
        window = self._sound
        changed = window.arm(armed)
        if changed is not None:
            self._forget(changed)
        if not window.rows.size:
            self._pending = 0
            window.skip(block)
            return []
        found: list[Digit] = []
        at, total = 0, block.shape[1]
        while at < total:
            at = window.fill(block, at)
            if window.ready:
                self._pending += 1
                if self._busy or self._any_dial or self._pending == HOPS_AT_ONCE:
                    self._look(found)
        return found

    def _forget(self, rows: npt.NDArray[np.intp]) -> None:
        self._sounding -= int((self._down[rows] >= 0).sum())
        self._digit[rows] = self._down[rows] = -1
        self._run[rows] = self._missing[rows] = self._dial_hops[rows] = 0
        self._dial[rows] = self._active[rows] = False

    def _look(self, found: list[Digit]) -> None:
        """Look at the hops that have gathered."""
        hops, self._pending = self._pending, 0
        rows = self._sound.rows
        count = rows.size
        scratch = self._scratch.get((hops, count))
        if scratch is None:
            scratch = (
                np.empty((hops, count, WINDOW), np.float32),
                np.empty((hops * count, self._matrix.shape[1]), np.float32),
                np.empty((hops * count, self._fold.shape[1]), np.float32),
            )
            self._scratch[hops, count] = scratch
        windowed, probed, flat = scratch
        np.multiply(self._sound.windows(WINDOW, hops), self._window, out=windowed)
        energy = np.vecdot(windowed, windowed) + 1
        idle = not self._busy and not self._any_dial
        if idle and energy.max() < self._least_energy:
            return
        np.matmul(windowed.reshape(hops * count, WINDOW), self._matrix, out=probed)
        np.multiply(probed, probed, out=probed)
        np.matmul(probed, self._fold, out=flat)
        power = flat.reshape(hops, count, 25)
        if idle and hops > 1:
            # The two tests that every hop begins with, for all of them.
            pairs = power[:, :, 8:16].reshape(hops, count, 2, 4).max(axis=3)
            coarse = (pairs[:, :, 0] + pairs[:, :, 1]) * self._share
            digits = coarse > np.maximum(COARSE_PURITY * energy, self._least_energy)
            dial = power[:, :, 24] > np.maximum(DIAL_PURITY * energy, self._least_energy)
            if not (digits | dial).any():
                return
        for hop in range(hops):
            self._samples = self._sound.samples - (hops - 1 - hop) * HOP
            self._hop(rows, energy[hop], power[hop], found)

    def _hop(
        self,
        rows: npt.NDArray[np.intp],
        energy: npt.NDArray[np.float32],
        power: Block,
        found: list[Digit],
    ) -> None:
        rest = self._without_dial(rows, energy, power[:, 24])
        low = power[:, 8:12].argmax(axis=1)
        high = power[:, 12:16].argmax(axis=1)
        key = low * 4 + high
        coarse = (power[:, 8:12].max(axis=1) + power[:, 12:16].max(axis=1)) * self._share
        likely = coarse > np.maximum(COARSE_PURITY * rest, self._least_energy)
        if self._busy:
            wanted = likely | (self._active if self._sound.all else self._active[rows])
            pick = wanted.nonzero()[0]
        else:
            pick = likely.nonzero()[0]
        if pick.size == rows.size:
            self._judge(rows, power, rest, key, likely, found)
        elif pick.size:
            self._judge(rows[pick], power[pick], rest[pick], key[pick], likely[pick], found)

    def _without_dial(
        self, rows: npt.NDArray[np.intp], energy: Block, dial: Block
    ) -> npt.NDArray[np.float32]:
        """Energy that counts against a digit: all of it, less a dial tone's."""
        pure = dial > np.maximum(DIAL_PURITY * energy, self._least_energy)
        if not self._any_dial and not pure.any():
            return energy
        hops = self._dial_hops[rows]
        hops = np.where(pure, np.minimum(hops + 1, DIAL_HOPS), np.maximum(hops - 2, 0))
        self._dial_hops[rows] = hops
        latched = self._dial[rows] | (hops >= DIAL_HOPS)
        level = self._dial_level[rows]
        level = np.where(pure, np.where(latched, 0.9 * level + 0.1 * dial, dial), level)
        present = dial > 0.25 * level
        gone = np.where(present, 0, self._dial_gone[rows] + 1)
        latched &= gone < DIAL_FORGET_HOPS
        self._dial[rows] = latched
        self._dial_level[rows] = level
        self._dial_gone[rows] = gone
        self._any_dial = bool(latched.any()) or bool(hops.any())
        return np.where(latched, np.maximum(energy - dial, 0.02 * energy), energy)

    def _judge(
        self,
        who: npt.NDArray[np.intp],
        power: Block,
        rest: npt.NDArray[np.float32],
        key: npt.NDArray[np.intp],
        likely: Flags,
        found: list[Digit],
    ) -> None:
        """Offsets, levels and runs of the ports that sound like a digit or have one down."""
        # Rows: left, middle and right point of the low and the high tone.
        logs = np.log(power.take(_POINTS[:, key] + self._base[: who.size]) + _TINY)
        left, mid, right = logs[0:2], logs[2:4], logs[4:6]
        curve = self._curves[:, key]
        raw = (left - right) / np.minimum(left - 2 * mid + right, -1e-3)
        raw = np.minimum(np.maximum(raw, -3.0), 3.0)
        offset_hz = raw * (curve[0:2] + curve[2:4] * (raw * raw))
        square = offset_hz * offset_hz
        level = mid + square * (curve[4:6] + curve[6:8] * square)  # log power
        offset = offset_hz * curve[8:10]
        both = np.exp(level)
        purity = (both[0] + both[1]) * (self._share / rest)
        size = np.abs(offset)
        fits = (
            likely
            & (purity > PURITY)
            & (np.maximum(size[0], size[1]) < OFFSET_LIMIT)
            & (np.abs(level[1] - level[0] - _TWIST_MIDDLE) < _TWIST_HALF)
            & (np.minimum(level[0], level[1]) > self._log_least)
        )
        digit = np.where(fits, key, -1)
        run = np.where(digit == self._digit[who], self._run[who] + 1, 1) * fits
        self._digit[who] = digit
        self._run[who] = run
        self._turn = (self._turn + 1) % HOPS_TO_BEGIN
        self._trail[self._turn][:, who] = np.concatenate([offset, level, purity[None]])
        if self._sounding:
            self._watch(who, power, digit, found)
        if run.max() >= HOPS_TO_BEGIN:
            begins = (run >= HOPS_TO_BEGIN) & (self._down[who] != digit)
            for n in begins.nonzero()[0]:
                row = int(who[n])
                if self._steady(np.roll(self._trail[:, :, row], -1 - self._turn, axis=0)):
                    self._begin(row, int(digit[n]), found)
        active = (run > 0) | (self._down[who] >= 0)
        self._active[who] = active
        self._busy = bool(active.any())

    @staticmethod
    def _steady(trail: npt.NDArray[np.float64]) -> bool:
        """Whether the middle hops of a run have one level and one frequency."""
        middle = trail[1:-1]
        spread = middle.max(axis=0) - middle.min(axis=0)
        mean = np.abs(middle.mean(axis=0))
        return bool(
            spread[:2].max() < STEADY_OFFSET
            and spread[2:4].max() * _DB < STEADY_DB
            and mean[:2].max() < OFFSET_LIMIT_STEADY
            and mean[4] > PURITY_STEADY
        )

    def _begin(self, row: int, digit: int, found: list[Digit]) -> None:
        if self._down[row] >= 0:
            self._finish(row, found)
        self._sounding += 1
        self._down[row] = digit
        self._down_level[row] = self._trail[(self._turn - 2) % HOPS_TO_BEGIN, 2:4, row].sum()
        # The first fitting window is full to about three quarters.
        self._down_since[row] = self._samples - (HOPS_TO_BEGIN - 1) * HOP - 3 * WINDOW // 4
        self._missing[row] = 0
        heard = self._samples - int(self._down_since[row])
        found.append(Digit(row, KEYS[digit], True, self._samples, heard))

    def _watch(
        self,
        who: npt.NDArray[np.intp],
        power: Block,
        digit: npt.NDArray[np.intp],
        found: list[Digit],
    ) -> None:
        """See whether reported digits still sound; ride through short breaks."""
        down = self._down[who]
        both = power.take(_MIDDLES[:, down] + self._base[: who.size])
        now = np.log(both[0] * both[1] + _TINY)
        here = (now - self._down_level[who] > 2 * GONE_DB / _DB) | (digit == down) | (down < 0)
        missing = np.where(here, 0, self._missing[who] + 1)
        self._missing[who] = missing
        if missing.max() >= HOPS_TO_END:
            for row in who[missing >= HOPS_TO_END]:
                self._finish(int(row), found)

    def _finish(self, row: int, found: list[Digit]) -> None:
        # The pair fell by ``GONE_DB`` when the window's middle had just passed the end.
        end = self._samples - int(self._missing[row]) * HOP - WINDOW // 2 + HOP // 2
        length = max(end - int(self._down_since[row]), 0)
        digit = KEYS[int(self._down[row])]
        self._sounding -= 1
        self._down[row] = -1
        self._missing[row] = 0
        found.append(Digit(row, digit, False, self._samples, length))
