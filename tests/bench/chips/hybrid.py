"""The hybrid of an Si3050: what its own transmitted sound leaves in what it receives.

The mismatch of line and termination (register 30) comes back; eight taps (registers 45 to 52, one
sample apart, 0x40 for 1.0, data sheet rev 1.5) are taken away from it. HBE (register 2 b1) switches
the hybrid. Nothing happens on a line that does not tell its impedance.
"""

from __future__ import annotations

import numpy as np

from tests.bench.chips.voice import Samples
from tests.bench.world import impedance

TAPS = 8
FIRST_TAP = 45
UNIT = 64.0


class Hybrid:
    """Two-wire to four-wire; ``registers`` are the chip's, shared."""

    def __init__(self, registers: bytearray) -> None:
        self._r = registers
        self._sent: Samples | None = None
        self._past = np.zeros(impedance.ECHO_SAMPLES - 1, np.float32)
        self._quiet = True
        self._key: tuple[object, ...] = ()
        self._path = np.zeros(impedance.ECHO_SAMPLES, np.float32)

    def sent(self, sound: Samples | None) -> None:
        """What goes to the line in this block."""
        self._sent = sound

    def heard(
        self, sound: Samples | None, line: tuple[str, float] | None, samples: int
    ) -> Samples | None:
        """What comes from the line, with what is left of our own sound in it."""
        sent, self._sent = self._sent, None
        if line is None or (sent is None and self._quiet):
            return sound
        r = self._r
        taps = bytes(r[FIRST_TAP : FIRST_TAP + TAPS]) if r[2] & 2 else bytes(TAPS)
        key = (line, r[30] & 15, taps)
        if key != self._key:
            self._key = key
            self._path = impedance.echo(*line, impedance.NAMES[r[30] & 15]).copy()
            signed = np.frombuffer(taps, np.int8).astype(np.float32)
            self._path[:TAPS] -= signed / UNIT
        block = np.zeros(samples, np.float32) if sent is None else sent
        fed = np.concatenate([self._past, block])
        back = np.convolve(fed, self._path, "valid").astype(np.float32)
        self._past = fed[-len(self._past) :]
        self._quiet = sent is None and not self._past.any()
        return back if sound is None else sound + back
