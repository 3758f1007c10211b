"""Fax machines, heard on any row: the calling tone, the answering tone, the first words of T.30.

Every 10 ms the armed rows that sound are measured in three places: around 1100 Hz (CNG), around
2100 Hz (CED, ANS, ANSam) and over 1550 to 1950 Hz (V.21, channel 2, in which machines talk of what
follows). A machine's tone holds nearly all of the sound, its level and its frequency stand still;
a voice manages none of that for the 0.4 s that are asked for. The frequency within a tone is
read from how far its phase turns from one hop to the next, to a fraction of a hertz.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, NamedTuple

import numpy as np
import numpy.typing as npt

from firmware.media.tones import PEAK_0_DBM0, SAMPLE_RATE_HZ
from firmware.media.window import Block, Flags, Rows, SlidingWindow

HOP: Final = 80
WINDOW: Final = 160
HOPS: Final = 4
"""So many are looked at together, which costs little more than one: 40 ms, a tenth of what a
machine has to sound for."""
_BIN_HZ: Final = SAMPLE_RATE_HZ // WINDOW  # 50: a whole number of turns in a hop, for each bin

LEVEL_DBM0: Final = -43.0
"""Of the weakest machine that counts: ITU-T T.30 4.1 sends at 0 to -15 dBm, 28 dB of line."""

Kind = Literal["cng", "ced", "v21"]


@dataclass(frozen=True, slots=True)
class Signal:
    """What one of the signals looks like."""

    kind: Kind
    first_hz: int
    last_hz: int
    middle_hz: int  # where the phase is followed; 0: it is no steady tone
    off_hz: float  # how far from the middle
    share: float  # of all energy
    hops: int  # so long without a break
    breaks: int  # hops that may lack it all the same
    spread: float  # of the level, standard deviation over mean
    most_hops: int  # a longer one is something else; 0: may last


# ITU-T T.30 4.1: CNG 1100 +-38 Hz, 0.5 s on and 3 s off, all +-15 %; CED 2100 +-15 Hz, 2.6 to 4 s;
# V.8 ANSam is the same with 20 % of 15 Hz and a turned phase every 450 ms. V.21 channel 2 is 1650
# and 1850 Hz at 300 bit/s, its preamble 1 s +-15 % of flags. Shares leave a line's noise of 10 dB
# below; 25 ms of break are what T.30 lets be.
SIGNALS: Final = (
    Signal("cng", 1000, 1200, 1100, 45.0, 0.80, 38, 2, 0.25, 66),
    Signal("ced", 2000, 2200, 2100, 22.0, 0.80, 50, 3, 0.25, 0),
    Signal("v21", 1550, 1950, 0, 0.0, 0.85, 40, 1, 0.16, 0),
)
_SHARES: Final = np.array([s.share for s in SIGNALS], np.float32)
_STEADY_HZ: Final = 6.0  # how far the frequency of one tone wanders, +-
_QUIET_HOPS: Final = 12
_QUIET_BEHIND: Final = 0.5  # of the burst's level: 6 dB, what a line's noise of 10 dB below leaves
_MIDDLE_SHARE: Final = 0.2  # of a Hann window's 0.67, 0.31 are left 38 Hz beside it
_MARK: Final = (0.30, 0.95)  # share of 1650 Hz in flags, which are three quarters mark
_SPACE: Final = (0.06, 0.60)


class FaxTone(NamedTuple):
    """A machine was heard; told once per sounding."""

    row: int
    kind: Kind


class _Measured(NamedTuple):
    """Of rows, and at first of all hops in turn: one value each, or one for each signal."""

    level: npt.NDArray[np.float32]
    hits: Flags
    turned: npt.NDArray[np.complex64]
    mark: npt.NDArray[np.float32]
    space: npt.NDArray[np.float32]

    def of(self, part: slice) -> _Measured:
        """A part of it."""
        return _Measured(
            self.level[part],
            self.hits[part],
            self.turned[part],
            self.mark[part],
            self.space[part],
        )


@dataclass(slots=True)
class _Run:
    """What one signal has done on one row."""

    hops: int = 0
    missing: int = 0
    level: float = 0.0
    squares: float = 0.0
    hz: float = 0.0
    mark: float = 0.0
    space: float = 0.0
    told: bool = False
    quiet: int = 0  # hops behind a burst that have yet to be quiet

    def begin(self) -> None:
        self.hops = self.missing = self.quiet = 0
        self.level = self.squares = self.hz = self.mark = self.space = 0.0
        self.told = False


class FaxToneReceiver:
    """Fax machines on any number of rows."""

    def __init__(self, rows: int) -> None:
        """Args: ``rows`` of the blocks to come."""
        self._sound = SlidingWindow(rows, WINDOW + (HOPS - 1) * HOP, HOP)
        self._waiting = 0  # hops not looked at yet
        self._runs = [[_Run() for _ in SIGNALS] for _ in range(rows)]
        self._turned = np.zeros((rows, 2), np.complex64)  # 1100 and 2100 Hz, a hop ago
        self._awake = np.zeros(rows, np.bool_)
        points = [
            hz for s in SIGNALS for hz in range(s.first_hz, s.last_hz + _BIN_HZ // 2, _BIN_HZ)
        ]
        member = [
            n
            for n, s in enumerate(SIGNALS)
            for _ in range(s.first_hz, s.last_hz + _BIN_HZ // 2, _BIN_HZ)
        ]
        shape = np.hanning(WINDOW + 1)[:-1]
        # The phase of a bin is that of time zero, so each bin turns with its own frequency's error.
        angle = np.arange(WINDOW)[:, None] * np.array(points)[None] * (2 * np.pi / SAMPLE_RATE_HZ)
        self._shape = shape.astype(np.float32)
        self._matrix = np.concatenate([np.cos(angle), -np.sin(angle)], axis=1).astype(np.float32)
        self._count = len(points)
        self._fold = np.zeros((len(points), len(SIGNALS)), np.float32)
        self._fold[np.arange(len(points)), member] = 1.0
        self._middle = [points.index(1100), points.index(2100)]
        # Each of the two tones of V.21 with the bins beside it.
        first = points.index(1550)
        self._mark = slice(first + 1, first + 4)  # 1600 to 1700
        self._space = slice(first + 5, first + 8)  # 1800 to 1900
        mean_square = PEAK_0_DBM0**2 / 2 * 10 ** (LEVEL_DBM0 / 10)
        self._least = float(mean_square * (shape**2).sum())

    def process(self, block: Block, armed: Flags) -> list[FaxTone]:
        """Listen to the next samples.

        Args:
            block: float32 (rows, n) in 16-bit units, any n.
            armed: bool (rows); a row newly armed knows nothing of what came before.
        """
        sound = self._sound
        changed = sound.arm(armed)
        if changed is not None:
            for row in changed:
                self._forget(int(row))
        if not sound.rows.size:
            sound.skip(block)
            return []
        found: list[FaxTone] = []
        at, total = 0, block.shape[1]
        while at < total:
            at = sound.fill(block, at)
            if sound.ready:
                self._waiting += 1
                if self._waiting == HOPS:
                    self._waiting = 0
                    self._look(found)
        return found

    def _look(self, found: list[FaxTone]) -> None:
        """Measure the last hops together, oldest first."""
        rows = self._sound.rows
        windowed = self._sound.windows(WINDOW, HOPS) * self._shape
        windowed = windowed.reshape(-1, WINDOW)
        energy = np.vecdot(windowed, windowed)
        loud = energy > self._least
        if not loud.any() and not self._awake.any():
            return
        probed = windowed @ self._matrix
        real, imaginary = probed[:, : self._count], probed[:, self._count :]
        powers = real * real
        powers += imaginary * imaginary
        scale = 2 / WINDOW / np.maximum(energy, 1e-9)
        hits = powers @ self._fold * scale[:, None] > _SHARES
        # 80 Hz beside the middle turn as 20 Hz do on the other side: the middle has to be loud.
        hits[:, :2] &= powers[:, self._middle] * scale[:, None] > _MIDDLE_SHARE
        hits &= loud[:, None]
        if not hits.any() and not self._awake.any():
            return  # nearly always: voices and silence
        measured = _Measured(
            level=np.sqrt(energy),
            hits=hits,
            turned=real[:, self._middle] + 1j * imaginary[:, self._middle],
            mark=powers[:, self._mark].sum(axis=1) * scale,
            space=powers[:, self._space].sum(axis=1) * scale,
        )
        for hop in range(HOPS):
            self._hop(rows, measured.of(slice(hop * rows.size, (hop + 1) * rows.size)), found)

    def _hop(self, rows: Rows, now: _Measured, found: list[FaxTone]) -> None:
        turn = now.turned * np.conj(self._turned[rows])
        self._turned[rows] = now.turned
        off_hz = np.angle(turn) * (SAMPLE_RATE_HZ / HOP / (2 * np.pi))
        for n in np.flatnonzero(now.hits.any(axis=1) | self._awake[rows]):
            row = int(rows[n])
            self._awake[row] = False
            for k, signal in enumerate(SIGNALS):
                run = self._runs[row][k]
                hit = bool(now.hits[n, k])
                if not hit and not run.hops:
                    continue
                hz = float(off_hz[n, k]) if signal.middle_hz else 0.0
                kind = _step(run, signal, hit, float(now.level[n]), hz)
                if hit:
                    run.mark += float(now.mark[n])
                    run.space += float(now.space[n])
                if kind and _like(run, signal):
                    run.told = run.hops > 0  # told while it sounds; a burst is over by now
                    found.append(FaxTone(row, signal.kind))
                self._awake[row] |= run.hops > 0

    def _forget(self, row: int) -> None:
        for run in self._runs[row]:
            run.begin()
        self._awake[row] = False
        self._turned[row] = 0


def _step(run: _Run, signal: Signal, hit: bool, level: float, hz: float) -> bool:
    """One hop of one signal; whether it is time to judge it."""
    if hit and run.hops and signal.middle_hz:
        # A tone that moves, or stands elsewhere, is another one; the first hop has no turn yet.
        there = run.hz / (run.hops - 1) if run.hops > 1 else hz
        if abs(hz) > signal.off_hz or abs(hz - there) > _STEADY_HZ:
            hit = False
    if not hit:
        run.missing += 1
        if run.missing <= signal.breaks and run.hops:
            return False
        long_enough = signal.most_hops and signal.hops <= run.hops <= signal.most_hops
        if not long_enough or level > _QUIET_BEHIND * run.level / run.hops:
            run.begin()
            return False
        # A burst is followed by seconds of silence; a voice or a melody goes on.
        run.quiet += 1
        return run.quiet >= _QUIET_HOPS
    run.missing = run.quiet = 0
    run.hz += hz if run.hops else 0.0
    run.hops += 1
    run.level += level
    run.squares += level * level
    return not signal.most_hops and run.hops >= signal.hops and not run.told


def _like(run: _Run, signal: Signal) -> bool:
    """Whether a run that is long enough is the signal, by its level and what it is made of."""
    mean = run.level / run.hops
    spread = float(max(0.0, run.squares / run.hops - mean * mean) ** 0.5) / mean
    good = spread <= signal.spread
    if signal.kind == "v21":
        mark, space = run.mark / run.hops, run.space / run.hops
        good = good and _MARK[0] <= mark <= _MARK[1] and _SPACE[0] <= space <= _SPACE[1]
    if signal.most_hops or not good:
        run.begin()
    return good
