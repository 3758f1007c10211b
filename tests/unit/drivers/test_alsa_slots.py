"""Which byte of a frame carries which slot: expectations written by hand.

The first bit on the wire is the most significant of the left word and S32_LE keeps the least
significant byte first, so slots 0 to 3 stand backwards in the left word and 4 to 7 in the right.
"""

from __future__ import annotations

import numpy as np

from drivers.alsa_pcm import from_slots, to_slots

# Two frames: slot n carries A0 + n in the first sample, B0 + n in the second.
FRAMES = bytes.fromhex("a3a2a1a0 a7a6a5a4  b3b2b1b0 b7b6b5b4")
SLOTS = np.array([[0xA0 + n, 0xB0 + n] for n in range(8)], np.uint8)


def test_captured_frames_are_sorted_into_slots() -> None:
    found = np.zeros((8, 2), np.uint8)
    to_slots(FRAMES, found)
    assert found.tolist() == SLOTS.tolist()


def test_slots_become_frames_for_the_wire() -> None:
    assert from_slots(SLOTS) == FRAMES


def test_the_wire_order_is_the_numerical_order_of_the_words() -> None:
    left, right = np.frombuffer(from_slots(SLOTS)[:8], "<u4")
    assert (int(left), int(right)) == (0xA0A1A2A3, 0xA4A5A6A7)


def test_a_lone_slot_touches_no_other() -> None:
    for slot, byte in {0: 3, 1: 2, 2: 1, 3: 0, 4: 7, 5: 6, 6: 5, 7: 4}.items():
        block = np.zeros((8, 1), np.uint8)
        block[slot, 0] = 0x5A
        frame = from_slots(block)
        assert [place for place in range(8) if frame[place]] == [byte], f"slot {slot}"


def test_the_rows_that_are_filled_may_be_part_of_a_larger_array() -> None:
    larger = np.zeros((8, 2), np.uint8)
    to_slots(FRAMES[:8], larger[:, 1:])
    assert larger[:, 0].tolist() == [0] * 8
    assert larger[:, 1].tolist() == list(range(0xA0, 0xA8))
