"""Speech on a line: sound that is no tone of the network and no steady noise.

Used to estimate that a call was answered where the exchange gives no signal for it. Cheap rather
than clever: every 10 ms the energy of the port and the share of it in the tone bands are known;
speech is loud against the floor for a while without living in one of those bands.
"""

from __future__ import annotations

import numpy as np

from firmware.media.bands import BandMeter
from firmware.media.tones import PEAK_0_DBM0
from firmware.media.window import Block, Flags

# ITU-T P.56 puts active speech on a line near -20 dBm0 and G.712 idle noise at -65; a distant
# party's speech may come at -40.
LEVEL_DBM0 = -42.0
ABOVE_FLOOR = 8.0  # 9 dB, power
SHARE_OF_TONE = 0.68  # a network tone at 6 dB SNR holds 0.8 of everything, at 4 dB 0.7
HOPS_NEEDED = 12  # 120 ms of such sound: a short "Hello?" has no more beside its tonal vowels
HOPS_FORGIVEN = 6  # each quiet or tonal hop takes a sixth of a hop away
FLOOR_RISE = 1.007  # per hop: 3 dB in a second
SHORTEST_HOPS = 25  # the first quarter second after arming only learns the floor


class ActivityMeter:
    """Tells once per arming when speech begins on a port."""

    def __init__(self, ports: int) -> None:
        """Args: ``ports``: rows of the blocks to come."""
        self._meter = BandMeter(ports)
        self._floor = np.zeros(ports, np.float32)
        self._age = np.zeros(ports, np.int64)
        self._count = np.zeros(ports, np.int64)
        self._least = np.float32(PEAK_0_DBM0**2 / 2 * 10 ** (LEVEL_DBM0 / 10))

    def process(self, block: Block, armed: Flags) -> list[int]:
        """Listen to the next samples.

        Args:
            block: float32 (ports, n) in 16-bit units, any n.
            armed: bool (ports); arming again starts anew.

        Returns:
            Rows on which speech was heard; a row is told again every 120 ms of speech.
        """
        sound = self._meter.sound
        changed = self._meter.arm(armed)
        if changed is not None:
            self._floor[changed] = self._age[changed] = self._count[changed] = 0
        if not sound.rows.size:
            sound.skip(block)
            return []
        heard: list[int] = []
        at, total = 0, block.shape[1]
        while at < total:
            at = sound.fill(block, at)
            if sound.ready:
                self._hop(heard)
        return heard

    def _hop(self, heard: list[int]) -> None:
        rows = self._meter.sound.rows
        energy = self._meter.energy()
        floor = self._floor[rows]
        age = self._age[rows] + 1
        # The first whole window begins the floor; then it follows down at once, up slowly.
        floor = np.where(age <= 3, energy, np.minimum(energy, floor * FLOOR_RISE + 1))
        loud = energy > np.maximum(self._least, ABOVE_FLOOR * floor)
        speech = loud & (age > SHORTEST_HOPS)
        if speech.any():
            banded = self._meter.banded()
            speech &= banded.max(axis=1) < SHARE_OF_TONE * energy
        count = self._count[rows]
        count = np.where(speech, count + HOPS_FORGIVEN, np.maximum(count - 1, 0))
        self._floor[rows] = floor
        self._age[rows] = age
        told = count >= HOPS_NEEDED * HOPS_FORGIVEN
        if told.any():
            heard.extend(int(row) for row in rows[told])
            count = np.where(told, 0, count)
        self._count[rows] = count
