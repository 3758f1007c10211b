"""The highway between box and chips: slots, clocks, collisions."""

from __future__ import annotations

import numpy as np
import pytest

from tests.bench.chips import g711
from tests.unit.bench.chip_stand import BLOCK, Stand


def looped(*slots, fmt=0x00, first_count=0, idle=0xD5):
    """DAAs that loop every code (DDL), in given start counts."""
    stand = Stand(fxs=(), fxo=len(slots), first_count=first_count, idle=idle)
    for chip, count in enumerate(slots):
        stand.daa(10, 0x01, chip)
        for low in (34, 36):
            stand.daa(low, count & 0xFF, chip)
            stand.daa(low + 1, count >> 8, chip)
        stand.daa(33, 0x20 | fmt, chip)
    rng = np.random.default_rng(5)
    stand.play = rng.integers(0, 256, (8, BLOCK)).astype(np.uint8)
    return stand


def test_every_slot_reaches_its_chip_and_no_other():
    stand = looped(0, 8, 16, 24, 32, 40, 48)
    back = stand.run(5)
    assert (back[:7] == stand.play[:7]).all()
    assert (back[7] == 0xD5).all()


def test_an_undriven_slot_reads_idle():
    stand = looped(8, idle=0xFF)
    back = stand.run(5)
    assert (np.delete(back, 1, axis=0) == 0xFF).all()


def test_a_start_count_beyond_the_frame_switches_a_direction_off():
    stand = looped(512)
    assert (stand.run(5) == 0xD5).all()


def test_counts_begin_at_one_with_an_early_frame_signal():
    stand = looped(9, first_count=1)
    assert (stand.run(5)[1] == stand.play[1]).all()
    assert (stand.captured[0] == 0xD5).all()


def test_a_count_off_by_one_shifts_every_code_by_a_bit():
    stand = looped(1, idle=0x00)
    stand.play[:] = 0
    stand.play[0] = 0b0101_1011
    stand.play[1] = 0b1000_0000
    back = stand.run(5)
    # It hears bits 1 to 8 of the frame and sends them one clock late as well: the same clocks.
    assert (back[0] == 0b0101_1011).all()
    assert (back[1] == 0b1000_0000).all()
    stand.daa(36, 0)  # hears slot 0 exactly, sends one clock late
    back = stand.run(5)
    assert (back[0] == 0b0010_1101).all()
    assert (back[1] == 0b1000_0000).all()


def test_a_slot_over_the_end_of_the_frame_continues_in_the_next():
    stand = looped(57, idle=0x00)
    stand.play[:] = 0
    stand.play[7] = np.arange(BLOCK)
    stand.play[0] = 0x80  # its first bit is the last of the slot that began at 57
    stand.run(5)
    sent = np.concatenate([stand.run(5)[7], stand.run(5)[7]])
    assert (sent[1:BLOCK] == np.arange(BLOCK - 1) & 0x7F).all()


@pytest.mark.parametrize("fmt", [0x00, 0x08])
def test_two_chips_in_one_slot_are_reported_and_give_garbage(fmt):
    stand = looped(16, 16, fmt=fmt)
    stand.daa(10, 0x00, 1)  # the second sends its own silence
    stand.daa(6, 0x00, 1)
    stand.daa(5, 0x08, 1)
    back = stand.run(50)
    assert stand.card.highway.conflicts > 0
    assert "fxo/1 at 16, fxo/2 at 16" in stand.card.highway.conflict
    idle = g711.IDLE[g711.Law.MU if fmt else g711.Law.A]
    assert (back[2] == stand.play[2] & idle).all()


def test_no_conflict_is_counted_side_by_side():
    stand = looped(16, 24)
    stand.run(50)
    assert stand.card.highway.conflicts == 0


def test_linear_sixteen_bit_takes_two_slots():
    stand = looped(16, fmt=0x18)
    back = stand.run(5)
    assert (back[2:4] == stand.play[2:4]).all()
    assert (np.delete(back, (2, 3), axis=0) == 0xD5).all()


def test_both_laws_can_live_on_one_highway():
    stand = looped(0, 8)
    for chip, mode in ((0, 0x20), (1, 0x28)):
        stand.daa(10, 0x00, chip)
        stand.daa(33, mode, chip)
    stand.play[0] = 0xAA ^ 0x80  # loud in A-law
    stand.play[1] = 0x00  # loud in u-law
    back = stand.run(5)  # through the filters of PDL, 0.9 dB down
    assert g711.decode(back[0], g711.Law.A)[0] == pytest.approx(-32256 * 0.9016, rel=0.03)
    assert g711.decode(back[1], g711.Law.MU)[0] == pytest.approx(-32124 * 0.9016, rel=0.03)
