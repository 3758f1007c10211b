"""Makes a faint far side of an exchange line louder, slowly and within a limit, without a word.

Measured is the active speech level of what comes from the line, its echo taken out: the mean power
of those 20 ms in which somebody speaks there, as ITU-T P.56 means it. Nothing is learnt while we
send (what comes then may be our own echo), nor from what keeps its level as tones and modems do.
The gain lies behind the echo canceller and in front of the telephones alone: what the canceller,
the detectors and other lines hear is as it came, so that no loop of two lines gains anything.

The subjects are those of ITU-T G.169 (stability, echo, noise tolerance, signalling tones, voiceband
data); the numbers are chosen, and each says why.
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np
import numpy.typing as npt

from firmware.media.tones import PEAK_0_DBM0

Linear = npt.NDArray[np.float32]

FRAME: Final = 160  # samples, 20 ms: a fifth of a syllable
TARGET_DBM0: Final = -24.0
"""Chosen: an active speech level 4 dB under the usual -20 dBm0; who speaks so is left alone."""

SLACK_DB: Final = 3.0  # so far from the target nothing is done: people move their heads
LEAST_DBM0: Final = -48.0  # fainter is no speech that 12 dB would make understood
ABOVE_FLOOR_DB: Final = 9.0  # speech is so much louder than the line's own noise
FLOOR_RISE: Final = 1.014  # per frame: 3 dB in a second, down at once
SENDING_DBM0: Final = -45.0  # louder, and what comes may be our echo
SENDING_FRAMES: Final = 10  # an echo, and the far talker's reply, lie within 200 ms
NEEDED_FRAMES: Final = 100  # 2 s of speech before anything is done
MEMORY_FRAMES: Final = 150  # 3 s of speech: two sentences
UP_DB: Final = 0.02  # per frame of speech, 1 dB in a second of it: nobody hears that
DOWN_DB: Final = 0.2  # 10 dB a second: who was faint takes his handset nearer
LOUDEST_DBM0: Final = -9.0  # a frame made louder than that would be a shout
NOISE_DBM0: Final = -50.0
"""Noise is never brought above this: 15 dB over the idle noise that ITU-T G.712 allows."""

STEADY_DB: Final = 1.5
STEADY_FRAMES: Final = 30
"""So long within so little: 600 ms. No voice does that; tones, fax and modems do nothing else."""

TOLD_DB: Final = 0.5  # a change that is worth an event


def _power(level_dbm0: float) -> float:
    """Mean square of a level in squared 16-bit units."""
    return float(PEAK_0_DBM0**2 / 2 * 10 ** (level_dbm0 / 10))


def _level(power: float) -> float:
    return 10 * math.log10(max(power, 1e-6) / _power(0.0))


_LEAST: Final = _power(LEAST_DBM0)
_SENDING: Final = _power(SENDING_DBM0)
_ABOVE_FLOOR: Final = 10 ** (ABOVE_FLOOR_DB / 10)


class Leveller:
    """One line's far side. Blocks may have any length."""

    __slots__ = (
        "_active",
        "_count",
        "_filled",
        "_floor",
        "_modem",
        "_received",
        "_run",
        "_run_count",
        "_sending",
        "_sent",
        "_told_db",
        "_tone",
        "gain_db",
    )

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Another call: everything is open again."""
        self.gain_db = 0.0  # what speech gets now
        self._active = 0.0  # mean power of speech
        self._count = 0  # frames of speech behind it
        self._floor = _LEAST
        self._filled = 0
        self._received = 0.0
        self._sent = 0.0
        self._sending = 0  # frames for which what comes may be our echo
        self._run = 0.0  # power of the frames that kept one level
        self._run_count = 0
        self._tone = False
        self._modem = False
        self._told_db = 0.0

    @property
    def level_dbm0(self) -> float:
        """The far side's active speech level so far, as it came."""
        return _level(self._active)

    @property
    def sounding_db(self) -> float:
        """The gain in force at this moment: none for tones, fax and modems."""
        quiet = self._tone or self._modem or self._run_count >= STEADY_FRAMES
        return 0.0 if quiet else self.gain_db

    def tone(self, *, sounds: bool, fax: bool) -> None:
        """A tone was recognised on the line, or is over; after a fax's nothing is changed again."""
        self._tone = sounds
        self._run_count = 0
        if fax:
            self._modem = True
            self.gain_db = 0.0

    def take_change(self) -> bool:
        """Whether the gain differs enough from what was last told."""
        if abs(self.gain_db - self._told_db) < TOLD_DB:
            return False
        self._told_db = self.gain_db
        return True

    def hear(self, received: Linear, sent: Linear, limit_db: float, fixed_db: float) -> None:
        """Take the next block.

        Args:
            received: from the line without its echo, 16-bit units.
            sent: what went to the line in the same samples.
            limit_db: so much louder it may become.
            fixed_db: gain that the port has anyway.
        """
        self._received += float(received.dot(received))
        self._sent += float(sent.dot(sent))
        self._filled += len(received)
        if self._filled >= FRAME:
            power, sending = self._received / self._filled, self._sent / self._filled
            self._filled, self._received, self._sent = 0, 0.0, 0.0
            if not self._modem:
                self._frame(power, sending, limit_db, fixed_db)

    def _frame(self, power: float, sending: float, limit_db: float, fixed_db: float) -> None:
        self._sending = SENDING_FRAMES if sending > _SENDING else max(self._sending - 1, 0)
        self._floor = min(power, self._floor * FLOOR_RISE)
        shout_db = _level(power) + fixed_db + self.gain_db - LOUDEST_DBM0
        if shout_db > 0:
            self.gain_db = max(self.gain_db - shout_db, 0.0)
        loud = power > max(_LEAST, _ABOVE_FLOOR * self._floor)
        speech = loud and not self._tone and not self._sending
        same = self._run_count and abs(_level(power) - _level(self._run)) <= STEADY_DB
        if speech and same:
            self._run_count += 1
            self._run += (power - self._run) / self._run_count
            return  # judged when it is over, which with speech is soon
        self._end_run(limit_db, fixed_db)
        if speech:
            self._run, self._run_count = power, 1

    def _end_run(self, limit_db: float, fixed_db: float) -> None:
        """A stretch of one level is over: a short one was speech."""
        frames, self._run_count = self._run_count, 0
        if not frames or frames >= STEADY_FRAMES:
            return
        self._count = min(self._count + frames, NEEDED_FRAMES + MEMORY_FRAMES)
        weight = frames / min(self._count, MEMORY_FRAMES)
        self._active += min(weight, 1.0) * (self._run - self._active)
        if self._count >= NEEDED_FRAMES:
            self._follow(frames, limit_db, fixed_db)

    def _follow(self, frames: int, limit_db: float, fixed_db: float) -> None:
        """Go towards the gain that is wanted, as far as so many frames of speech allow."""
        wanted_db = TARGET_DBM0 - _level(self._active) - fixed_db
        if self.gain_db == 0.0 and wanted_db < SLACK_DB:
            return
        noise_db = NOISE_DBM0 - _level(self._floor) - fixed_db
        wanted_db = max(min(wanted_db, limit_db, noise_db), 0.0)
        up_db, down_db = self.gain_db + UP_DB * frames, self.gain_db - DOWN_DB * frames
        self.gain_db = min(max(wanted_db, down_db), up_db)
