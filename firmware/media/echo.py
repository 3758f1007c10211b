"""Echo of an exchange line's hybrid, taken out of what comes from the line without delaying it.

libspeexdsp learns the path, we apply it. The library cancels whole frames only, which at frame 80
would add 5 to 10 ms to one direction, and it puts a notch and a pre-emphasis into the audio it
returns. So frames are collected for learning alone: the impulse response it has found is read back
and convolved here with what was sent, sample by sample aligned. Added delay: none. What the near
party says is not touched: with nothing sent, the output is the input, bit for bit.

Three things surround the library:

* Pre-filters. The library notches 0 Hz in ``received`` only, and its pre-emphasis starves it of
  low frequencies. Both inputs get filters that make the two notches equal and lower (38 Hz) and
  undo most of the pre-emphasis, so that what it learns is the path itself, bass included.
* A guard. The filter in use changes only for a candidate that did better on audio it had not
  learnt from; while the residual is far above what was reached before (someone talks at the near
  end, or the path has changed) the candidate must halve it. A filter that adds energy is dropped.
  When nothing helps for a while, learning starts anew beside the filter in use.
* Silence. Nothing is learnt while nothing is sent.

Measured with the eight hybrids of ITU-T G.168 annex D at 6 dB echo return loss (speech sent at
-15 dBm0, line noise -65 dBm0); `tests/conformance/test_echo.py` holds the limits and
`tests/bench/figures/echo.py` prints the table.
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np
import numpy.typing as npt

from firmware.media.speexdsp import EchoFilter

Linear = npt.NDArray[np.float32]
Matrix = npt.NDArray[np.float32]

TAIL: Final = 256
"""Samples of echo path: 32 ms. ITU-T G.168 annex D's longest hybrid has 128."""

FRAME: Final = 160
"""Samples the library learns from at a time. It delays learning, not speech."""

# libspeexdsp 1.2.1, mdf.c: notch radius below 12 kHz, and the pre-emphasis it always applies.
_NOTCH: Final = 0.9
_PRE_EMPHASIS: Final = 0.9

# Chosen by measurement on the eight hybrids; limits in tests/conformance/test_echo.py.
_OUR_NOTCH: Final = 0.97  # moves the notch from 190 Hz to 38 Hz
_OUR_EMPHASIS: Final = 0.1  # what is left of the pre-emphasis
_INTO_INT16: Final = 0.16  # keeps a full-scale sine of 150 Hz within int16
_MEMORY: Final = 0.6  # of residual energies, per frame
_BETTER: Final = 0.97  # a candidate must bring the residual below this part
_BETTER_IN_DOUBT: Final = 0.5
_DOUBT: Final = 10.0  # residual this much above the best reached: near talker or new path
_USELESS: Final = 0.5  # residual above this part of what was received: the path explains nothing
_LOST_FRAMES: Final = 12  # that long in doubt and useless (240 ms): learn from the beginning
_NOTHING_REACHED: Final = 0.1  # before 10 dB, candidates are taken untried: there is little to lose
_FORGET_BEST: Final = 1.002  # per frame: 10 % a second
_SILENCE: Final = 4.0  # mean square of a sent frame below which nothing is learnt (-75 dBm0)


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


def _prefilters() -> tuple[Matrix, Matrix]:
    """Filters for what is sent and what is received, before the library sees them."""
    notch = [1.0, -2 * _OUR_NOTCH, _OUR_NOTCH**2]
    theirs = [1.0, -2 * _NOTCH, _NOTCH**2 + 0.7 * (1 - _NOTCH) ** 2]
    emphasis = [_INTO_INT16, -_OUR_EMPHASIS * _INTO_INT16]
    denominator = np.polymul(notch, [1.0, -_PRE_EMPHASIS]).tolist()
    sent = np.polymul([1.0, -2.0, 1.0], emphasis).tolist()
    received = np.polymul(np.asarray(theirs) / _NOTCH, emphasis).tolist()
    return _recursion(sent, denominator, FRAME), _recursion(received, denominator, FRAME)


_SENT, _RECEIVED = _prefilters()


class _Prefilter:
    """One of the two filters with its state."""

    def __init__(self, matrix: Matrix) -> None:
        self._matrix = matrix
        self._vector = np.zeros(len(matrix), np.float32)

    def run(self, samples: Linear) -> npt.NDArray[np.int16]:
        self._vector[:FRAME] = samples
        result: Linear = self._matrix.dot(self._vector)
        self._vector[FRAME:] = result[FRAME:]
        limited: Linear = result[:FRAME].clip(-32768, 32767)
        return np.rint(limited).astype(np.int16)


class EchoCanceller:
    """The canceller of one exchange line. Blocks may have any length, equal in both directions."""

    def __init__(self) -> None:
        self._filter = EchoFilter(FRAME, TAIL)
        self.reset()

    def reset(self) -> None:
        """Forget the path: the line was released, the next call meets another one."""
        self._filter.reset()
        self._sent_filter = _Prefilter(_SENT)
        self._received_filter = _Prefilter(_RECEIVED)
        self._path: Linear = np.zeros(TAIL, np.float32)  # in use; reversed in time
        self._candidate: Linear = self._path
        self._sent: Linear = np.zeros(TAIL - 1 + FRAME, np.float32)  # past, then this frame
        self._received: Linear = np.zeros(FRAME, np.float32)
        self._clean: Linear = np.zeros(FRAME, np.float32)
        self._filled = 0
        self._received_energy = 0.0
        self._residual_energy = 0.0
        self._candidate_energy = 0.0
        self._best = 1.0
        self._silent_frames = 0
        self._lost_frames = 0
        self._echo_mean = 0.0
        self._clean_mean = 0.0

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
        for_library = self._received_filter.run(received), self._sent_filter.run(sent)
        silent = float(sent.dot(sent)) < _SILENCE * FRAME
        self._silent_frames = self._silent_frames + 1 if silent else 0
        # For a while the library still needs the silence, to push out what it remembers as sent.
        if self._silent_frames <= TAIL // FRAME + 1:
            left = received - np.correlate(self._sent, self._candidate, "valid")
            self._judge(
                float(received.dot(received)),
                float(self._clean.dot(self._clean)),
                float(left.dot(left)),
            )
            self._filter.learn(*for_library)
            self._candidate = self._filter.response()[TAIL - 1 :: -1]
            if self._best > _NOTHING_REACHED:
                self._path = self._candidate
        self._sent[: TAIL - 1] = self._sent[FRAME:]
        self._filled = 0

    def _judge(self, received: float, clean: float, left: float) -> None:
        """Take the candidate, keep the path, or drop it, by their energies over the last frames."""
        self._received_energy = _MEMORY * self._received_energy + received
        self._residual_energy = _MEMORY * self._residual_energy + clean
        self._candidate_energy = _MEMORY * self._candidate_energy + left
        reached = self._residual_energy / (self._received_energy + 1.0)
        doubt = reached > _DOUBT * self._best
        if self._candidate_energy < self._residual_energy * (
            _BETTER_IN_DOUBT if doubt else _BETTER
        ):
            self._path = self._candidate
            self._residual_energy = self._candidate_energy
        elif self._received_energy < _BETTER_IN_DOUBT * self._residual_energy:
            self._path = np.zeros(TAIL, np.float32)
            self._residual_energy = self._received_energy
        useless = self._residual_energy > _USELESS * self._received_energy
        self._lost_frames = self._lost_frames + 1 if doubt and useless else 0
        if self._lost_frames >= _LOST_FRAMES:
            # The library is slow to leave a path it was sure of. The one in use stays meanwhile.
            self._filter.reset()
            self._lost_frames = 0
        if self._received_energy > _SILENCE * FRAME:
            self._best = min(self._best * _FORGET_BEST, max(reached, 1e-4), 1.0)
        if not doubt and self._silent_frames == 0:
            self._echo_mean += 0.01 * (received - self._echo_mean)
            self._clean_mean += 0.01 * (clean - self._clean_mean)
