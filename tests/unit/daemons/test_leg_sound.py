"""The wire of trunk legs between lined and sipd, with as many legs as a box can have."""

from __future__ import annotations

import threading
from pathlib import Path

import numpy as np

from firmware.core.clock import BLOCK_SAMPLES
from firmware.core.countries import country
from firmware.core.sip_settings import MOST_LEGS
from firmware.daemons.trunk.leg_wire import LegWire
from firmware.daemons.wires.leg_sound import LegSound
from firmware.media.leg_buffer import DEPTH_BLOCKS

WAIT_S = 20.0  # a machine may be busy with something else; ordinarily it is milliseconds


def test_the_last_leg_of_the_largest_box_hears_its_own_far_side(tmp_path: Path) -> None:
    sound = LegSound(tmp_path, MOST_LEGS, country("CN"), BLOCK_SAMPLES)
    worked = threading.Semaphore(0)
    wire: list[LegWire] = []

    def work_frame() -> None:
        """The far side of every leg says what it hears."""
        wire[0].from_far[:] = wire[0].to_far
        worked.release()

    wire.append(LegWire(tmp_path, MOST_LEGS, "a", work_frame, lambda: None))
    wire[0].start()
    wire[0].legs_up(1 << 63 | 1 << 8)
    captured = np.zeros((MOST_LEGS, BLOCK_SAMPLES), np.uint8)
    said = np.full((MOST_LEGS, BLOCK_SAMPLES), 0xD5, np.uint8)
    said[8], said[63] = 0x35, 0x80  # two loud codes
    try:
        end = threading.Event()
        for _ in range(int(WAIT_S / 0.005)):
            sound.accept()
            sound.take(captured)
            if sound.up:
                break
            end.wait(0.005)
        assert sound.up == 1 << 63 | 1 << 8
        for n in range(DEPTH_BLOCKS + 8):
            sound.take(captured)
            sound.give(said)
            if n % 2:  # a frame of the bridge is two blocks
                assert worked.acquire(timeout=WAIT_S)
        # The frame that was just worked came after the answers to the one before were sent, so what
        # is due now is there. Both ways by the codes of the box: it is the same to the bit.
        sound.take(captured)
        assert (captured[63] == said[63]).all()
        assert (captured[8] == said[8]).all()
        assert (captured[:8] == 0xD5).all()
    finally:
        wire[0].stop()
        sound.close()
