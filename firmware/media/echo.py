"""Echo of an exchange line's hybrid, taken out of what comes from the line without delaying it.

The path is learnt twice. libspeexdsp learns it from the first word on. Beside it
`firmware.media.echo_study` sums up what the line did and solves for the path that explains it
best; once such a path did better than the one in use on audio that neither had learnt from, it is
used, and the library rests until the line turns out to be another. We apply the path ourselves. The
library cancels whole frames only, which at frame 80 would add 5 to 10 ms to one direction, and it
puts a notch and a pre-emphasis into the audio it returns. So frames are collected for learning
alone, and the path is convolved here with what was sent, sample by sample aligned. Added delay:
none. What the near party says is not touched: with nothing sent, the output is the input, bit for
bit.

Five things surround the two:

* Pre-filters. The library notches 0 Hz in ``received`` only, and its pre-emphasis starves it of
  low frequencies. Both inputs get filters that make the two notches equal and lower (38 Hz) and
  undo most of the pre-emphasis, so that what it learns is the path itself, bass included.
* A guard. The filter in use changes only for a candidate that did better on audio it had not
  learnt from; while the residual is far above what was reached before (someone talks at the near
  end, or the path has changed) the candidate must halve it. A filter that adds energy is dropped.
  When nothing helps for a while, learning starts anew beside the filter in use.
* Passivity. A studied path that returns more than a hybrid can is none: it predicts a far talker
  from himself, as he returns through the telephone.
* Silence. Nothing is learnt while nothing is sent.
* A near talker. A hybrid is passive: what comes back louder than it was sent, by 3 dB for windows
  that do not match, was said by the near party. That holds for the whole and at any frequency, so
  the strongest frequency received is compared with its surroundings in what was sent: the voice
  of the near party is found in the gaps between the harmonics of the other's. The library is then
  shown the echo it expects instead, so that it keeps its history and learns nothing. Without this
  a tone of the near party that comes back faintly through the far telephone is taken for an echo
  of itself, and cancelled; and a busy tone under a person who talks on spoils all that was learnt.

Measured with the eight hybrids of ITU-T G.168 annex D at 6 dB echo return loss (speech sent at
-15 dBm0, line noise -65 dBm0); `tests/conformance/test_echo.py` holds the limits and
`tests/bench/figures/echo.py` prints the table.
"""

from __future__ import annotations

import math
from collections import deque
from typing import Final

import numpy as np
import numpy.typing as npt

from firmware.core.clock import SAMPLE_RATE_HZ
from firmware.media.echo_study import EchoStudy
from firmware.media.speexdsp import EchoFilter

Linear = npt.NDArray[np.float32]
Matrix = npt.NDArray[np.float32]

TAIL: Final = 200
"""Samples of echo path: 25 ms. ITU-T G.168 annex D's longest hybrid has 128 (16 ms)."""

FRAME: Final = 100
"""Samples the library learns from at a time. It delays learning, not speech. Two whole frames to
a tail learn fastest: 1 s after the first word the worst of 27 cases (three hybrids, nine talkers)
stood at 23 dB, against 21 for 80 to 240, 19 for 128 to 256 and for 160 to 256."""

# libspeexdsp 1.2.1, mdf.c: notch radius below 12 kHz, and the pre-emphasis it always applies.
_NOTCH: Final = 0.9
_PRE_EMPHASIS: Final = 0.9

# Chosen by measurement on the eight hybrids; limits in tests/conformance/test_echo.py.
_OUR_NOTCH: Final = 0.97  # moves the notch from 190 Hz to 38 Hz
_OUR_EMPHASIS: Final = 0.0  # what is left of the pre-emphasis
_INTO_INT16: Final = 0.25  # no speech is clipped; bass at full scale is, and is not learnt from
_MEMORY: Final = (
    0.9  # of residual energies, per frame: 125 ms, about a syllable. A shorter one lets
)
# a filter in that fits one vowel of a high voice and nothing else.
_BETTER: Final = 0.97  # a candidate must bring the residual below this part
_BETTER_IN_DOUBT: Final = 0.5
_DOUBT: Final = 10.0  # residual this much above the best reached: near talker or new path
_USELESS: Final = 0.5  # residual above this part of what was received: the path explains nothing
_BETTER_THAN_STUDIED: Final = 0.5  # a candidate, where a studied path is in use
_LOST_FRAMES: Final = 20  # that long in doubt and useless (250 ms): learn from the beginning
_HEARD_OUT: Final = 8  # frames on which a studied path is tried beside the one in use
_STUDIED_BETTER: Final = 0.9  # its residual there, as part of the other's
_STUDIED_LEAVES: Final = 0.3  # its residual there, as part of what was received
_AUDIBLE: Final = 256.0  # mean square of a frame it is tried on: -60 dBm0, 6 dB above idle codes
_PASSIVE: Final = 4.0  # most power a path may have at any frequency; G.168's worst, D.8, has 3.2
_HELPS: Final = 0.7  # part of what was received that a first candidate may leave
_NOTHING_REACHED: Final = (
    0.03  # until 15 dB once, candidates are taken as they come while they help
)
_KEPT: Final = 0.01  # what the last call's path is held to reach in this one; it may be less
_FORGET_BEST: Final = 1.00125  # per frame: 10 % a second
_NEAR: Final = 2.0  # times the energy sent: a passive hybrid sends back less at any frequency
_NEAR_HZ: Final = range(320, 1760, 40)
"""Where a near party's strongest frequency is looked for: the tones of exchanges and the first
resonances of voices. 40 Hz is what a window of 25 ms tells apart."""

_LISTEN: Final = 2 * FRAME  # samples of what was received that are looked at for it
_EXPLAINED: Final = 0.05  # residual below this part of what was received: nobody else is there
_SENT_FRAMES: Final = 3  # an echo of TAIL samples may stem from so many frames
_SILENCE: Final = 4.0  # mean square of a sent frame below which nothing is learnt (-75 dBm0)


_NO_PATH: Final = np.zeros(TAIL, np.float32)


def _recursion(numerator: list[float], denominator: list[float], length: int) -> Matrix:
    """Matrix that runs a recursive filter over a block: (samples, state) to (samples, state)."""
    order = len(denominator) - 1
    forward = np.pad(numerator, (0, order + 1 - len(numerator)))
    inputs = np.eye(length + order)
    state = inputs[length:].copy()
    outputs = np.zeros((length + order, length + order))
    for n in range(length):
        outputs[n] = forward[0] * inputs[n] + state[0]
        following = np.vstack((state[1:], np.zeros((1, length + order))))
        state = (
            following
            + forward[1:, np.newaxis] * inputs[n]
            - np.asarray(denominator[1:])[:, np.newaxis] * outputs[n]
        )
    outputs[length:] = state
    return outputs.astype(np.float32)


def _prefilters() -> Matrix:
    """Filters for what is received and what is sent, before the library sees them."""
    notch = [1.0, -2 * _OUR_NOTCH, _OUR_NOTCH**2]
    theirs = [1.0, -2 * _NOTCH, _NOTCH**2 + 0.7 * (1 - _NOTCH) ** 2]
    emphasis = [_INTO_INT16, -_OUR_EMPHASIS * _INTO_INT16]
    denominator = np.polymul(notch, [1.0, -_PRE_EMPHASIS]).tolist()
    sent = np.polymul([1.0, -2.0, 1.0], emphasis).tolist()
    received = np.polymul(np.asarray(theirs) / _NOTCH, emphasis).tolist()
    both = (_recursion(received, denominator, FRAME), _recursion(sent, denominator, FRAME))
    return np.stack(both)


_FILTERS: Final = _prefilters()


def _probes(length: int) -> Matrix:
    """Cosines and sines of :data:`_NEAR_HZ` in turn, (2 x frequencies, samples), windowed."""
    shape = np.hanning(length + 2)[1:-1]
    shape /= np.sqrt(shape.dot(shape))
    turns = np.outer(_NEAR_HZ, 2 * np.pi / SAMPLE_RATE_HZ * np.arange(length))
    pairs = np.stack((np.cos(turns), np.sin(turns)), axis=1) * shape
    return pairs.reshape(-1, length).astype(np.float32)


_RECEIVED_PROBES: Final = _probes(_LISTEN)
_SENT_PROBES: Final = _probes(TAIL - 1 + FRAME)


def _passive(path: Linear) -> bool:
    """Whether a hybrid could be so. What predicts a voice from its own past is louder."""
    gain = np.fft.rfft(path, 512)
    return bool((gain.real**2 + gain.imag**2).max() <= _PASSIVE)


class EchoCanceller:
    """The canceller of one exchange line. Blocks may have any length, equal in both directions."""

    def __init__(self) -> None:
        self._filter = EchoFilter(FRAME, TAIL)
        self._study = EchoStudy(FRAME, TAIL)
        self.reset()

    def reset(self) -> None:
        """Forget the path."""
        self._filter.reset()
        self._study.reset()
        self._studied: Linear | None = None  # found by study, on trial
        self._trial = np.zeros(3)  # residual of it and of the path in use; received
        self._tried = 0  # frames
        self._settled = False  # a studied path is in use
        self._doubt = False
        self._filtered: Matrix = np.zeros((2, _FILTERS.shape[1]), np.float32)  # frames, states
        self._path: Linear = np.zeros(TAIL, np.float32)  # in use; reversed in time
        self._candidate: Linear = self._path
        self._sent: Linear = np.zeros(TAIL - 1 + FRAME, np.float32)  # past, then this frame
        self._heard: Linear = np.zeros(_LISTEN, np.float32)  # past, then this frame
        self._received: Linear = self._heard[-FRAME:]
        self._clean: Linear = np.zeros(FRAME, np.float32)
        self._filled = 0
        self._received_energy = 0.0
        self._residual_energy = 0.0
        self._candidate_energy = 0.0
        self._best = 1.0
        self._reached = False  # 15 dB, ever since
        self._silent_frames = 0
        self._lost_frames = 0
        self._sent_energies: deque[float] = deque([0.0] * _SENT_FRAMES, _SENT_FRAMES)
        self._echo_mean = 0.0
        self._clean_mean = 0.0

    def renew(self) -> None:
        """Another call on the same line: learn anew, beside the path that served the last one.

        Most of a line's echo is made by its own pair and its own exchange. Where the path is
        another one after all, it is dropped as any that does not help.
        """
        path, kept = self._path, self._reached
        self.reset()
        if kept:
            self._path = path
            self._reached = True
            self._best = _KEPT

    @property
    def erle_db(self) -> float:
        """Echo return loss enhancement over the last seconds of single talk; 0 before any."""
        if self._echo_mean <= 0.0 or self._clean_mean <= 0.0:
            return 0.0
        return 10.0 * math.log10(self._echo_mean / self._clean_mean)

    def cancel(self, received: Linear, sent: Linear) -> Linear:
        """Return ``received`` without the echo of ``sent``.

        Args:
            received: what came from the line, shape (n,), int16 units.
            sent: what went to the line in the same samples, shape (n,). A constant delay of the
                sound device between the two is the caller's to take out.
        """
        if self._filled + len(sent) < FRAME:
            return self._cancel(received, sent)
        parts, start, end = [], 0, FRAME - self._filled
        while end <= len(sent):
            parts.append(self._cancel(received[start:end], sent[start:end]))
            self._learn()
            start, end = end, end + FRAME
        if start < len(sent):
            parts.append(self._cancel(received[start:], sent[start:]))
        return parts[0] if len(parts) == 1 else np.concatenate(parts)

    def _cancel(self, received: Linear, sent: Linear) -> Linear:
        """Cancel a part of a block that lies within one frame, and keep it for learning."""
        start, end = self._filled, self._filled + len(sent)
        self._sent[TAIL - 1 + start : TAIL - 1 + end] = sent
        echo = np.correlate(self._sent[start : TAIL - 1 + end], self._path, "valid")
        clean: Linear = received - echo
        self._received[start:end] = received
        self._clean[start:end] = clean
        self._filled = end
        return clean

    def _learn(self) -> None:
        """A frame is full: judge the candidate on it, then let the library adapt to it."""
        sent, received = self._sent[TAIL - 1 :], self._received
        sent_energy = float(sent.dot(sent))
        self._sent_energies.append(sent_energy)
        energy = float(received.dot(received))
        clean_energy = float(self._clean.dot(self._clean))
        near = energy > _NEAR * max(self._sent_energies) or (
            # Where little is left of what came, what came was echo.
            clean_energy > _EXPLAINED * energy and self._stranger()
        )
        silent = sent_energy < _SILENCE * FRAME
        if near or silent:
            self._study.leave()
        else:
            if self._studied is not None and energy > _AUDIBLE * FRAME:
                self._try(self._studied, energy, clean_energy)
            found = self._study.hear(self._sent, received)
            if found is not None and _passive(found):
                self._studied = found
                self._trial[:] = self._tried = 0
        self._silent_frames = self._silent_frames + 1 if silent else 0
        # For a while the library still needs the silence, to push out what it remembers as sent.
        if self._silent_frames <= TAIL // FRAME + 1:
            if self._settled and not self._doubt:
                if not near:
                    self._judge(energy, clean_energy, clean_energy)
            else:
                self._adapt(energy, clean_energy, near=near)
        self._sent[: TAIL - 1] = self._sent[FRAME:]
        self._heard[:-FRAME] = self._heard[FRAME:]
        self._filled = 0

    def _adapt(self, energy: float, clean_energy: float, *, near: bool) -> None:
        """Let the library learn from the frame, after its candidate was judged on it."""
        received = self._received
        expected = np.correlate(self._sent, self._candidate, "valid")
        filtered = self._filtered
        filtered[0, :FRAME] = expected if near else received
        filtered[1, :FRAME] = self._sent[TAIL - 1 :]
        for row, matrix in zip(filtered, _FILTERS, strict=True):
            row[:] = matrix.dot(row)
        if not near:
            left = received - expected
            self._judge(energy, clean_energy, float(left.dot(left)))
        self._filter.learn(filtered[:, :FRAME])
        if not near:
            self._candidate = self._filter.response()[TAIL - 1 :: -1]
            if not self._reached and not self._settled:
                helps = self._candidate_energy < _HELPS * self._received_energy
                self._path = self._candidate if helps else _NO_PATH

    def _try(self, studied: Linear, energy: float, clean_energy: float) -> None:
        """A path found by study is used once it did better on frames it has not learnt from."""
        left = self._received - np.correlate(self._sent, studied, "valid")
        self._trial += (float(left.dot(left)), clean_energy, energy)
        self._tried += 1
        if self._tried >= _HEARD_OUT:
            mine, in_use, received = self._trial.tolist()
            if mine < _STUDIED_BETTER * in_use and mine < _STUDIED_LEAVES * received:
                self._path, self._settled = studied, True
            self._studied = None

    def _stranger(self) -> bool:
        """Whether the strongest frequency received is louder than all of it that was sent."""
        heard = _RECEIVED_PROBES.dot(self._heard)
        top = min(max(int((heard * heard).argmax()) // 2, 1), len(_NEAR_HZ) - 2)
        here = heard[2 * top - 2 : 2 * top + 4]
        # A window of what was sent is longer and holds the pauses as well: its neighbours count.
        sent = _SENT_PROBES[max(2 * top - 4, 0) : 2 * top + 6].dot(self._sent)
        return bool(here.dot(here) > _NEAR * sent.dot(sent))

    def _judge(self, received: float, clean: float, left: float) -> None:
        """Take the candidate, keep the path, or drop it, by their energies over the last frames."""
        self._received_energy = _MEMORY * self._received_energy + received
        self._residual_energy = _MEMORY * self._residual_energy + clean
        self._candidate_energy = _MEMORY * self._candidate_energy + left
        reached = self._residual_energy / (self._received_energy + 1.0)
        self._doubt = doubt = reached > _DOUBT * self._best
        usual = _BETTER_THAN_STUDIED if self._settled else _BETTER
        if self._candidate_energy < self._residual_energy * (_BETTER_IN_DOUBT if doubt else usual):
            self._path = self._candidate
            if self._settled:  # the line is another one than was studied
                self._study.reset()
                self._settled = False
            self._residual_energy = self._candidate_energy
        elif self._received_energy < _BETTER_IN_DOUBT * self._residual_energy:
            self._path = _NO_PATH
            self._residual_energy = self._received_energy
        useless = self._residual_energy > _USELESS * self._received_energy
        self._lost_frames = self._lost_frames + 1 if doubt and useless else 0
        if self._lost_frames >= _LOST_FRAMES:
            # The library is slow to leave a path it was sure of. The one in use stays meanwhile.
            self._filter.reset()
            self._study.reset()
            self._studied, self._settled = None, False
            self._lost_frames = 0
        if self._received_energy > _SILENCE * FRAME:
            self._best = min(self._best * _FORGET_BEST, max(reached, 1e-4), 1.0)
            self._reached = self._reached or self._best <= _NOTHING_REACHED
        if not doubt and self._silent_frames == 0:
            self._echo_mean += 0.01 * (received - self._echo_mean)
            self._clean_mean += 0.01 * (clean - self._clean_mean)
