"""Sound of trunk legs: in its place, and without a click where a block is missing."""

from __future__ import annotations

import numpy as np

from firmware.media import g711
from firmware.media.leg_buffer import DEPTH_BLOCKS, LegBuffer

BLOCK = 40
IDLE = g711.IDLE["a"]


def tone(blocks: int) -> np.ndarray:
    """300 Hz at about -10 dBm0, as A-law codes."""
    t = np.arange(blocks * BLOCK)
    linear = (9_000 * np.sin(2 * np.pi * 300 * t / 8_000)).astype(np.float32)
    codes = np.zeros(linear.size, np.uint8)
    g711.encode(linear, codes, "a")
    return codes.reshape(blocks, BLOCK)


def linear(codes: np.ndarray) -> np.ndarray:
    out = np.zeros(codes.size, np.float32)
    g711.decode(codes.reshape(-1), out, "a")
    return out


def run(
    blocks: int, missing: set[int], late: set[int] = frozenset()
) -> tuple[np.ndarray, LegBuffer]:
    buffer = LegBuffer(2, BLOCK, "a")
    said = tone(blocks)
    heard = np.zeros((blocks + DEPTH_BLOCKS, BLOCK), np.uint8)
    out = np.zeros((2, BLOCK), np.uint8)
    for n in range(blocks + DEPTH_BLOCKS):
        buffer.take(n, 0b10, out)
        heard[n] = out[1]
        assert (out[0] == IDLE).all()
        if n < blocks and n not in missing and n not in late:
            buffer.put(n, 0b10, said[n : n + 1])
        for old in late:
            if n == old + DEPTH_BLOCKS:
                buffer.put(old, 0b10, said[old : old + 1])
    return heard, buffer


def test_every_block_comes_out_unchanged_and_just_as_late_as_stated() -> None:
    heard, buffer = run(50, set())
    said = tone(50)
    assert (heard[DEPTH_BLOCKS + 1 :] == said[1:]).all()  # the first one fades in
    assert DEPTH_BLOCKS * BLOCK / 8 == 20.0  # ms
    assert (buffer.late, buffer.concealed) == (0, 0)


def test_a_missing_block_is_no_click() -> None:
    whole, _ = run(50, set())
    heard, buffer = run(50, {20, 21, 22})
    assert buffer.concealed == 1
    steps = np.abs(np.diff(linear(heard[DEPTH_BLOCKS + 2 :])))
    usual = np.abs(np.diff(linear(whole[DEPTH_BLOCKS + 2 :]))).max()
    # A sine of 9000 at 300 Hz moves by 2100 a sample at most; cut off, it would jump by up to 9000.
    assert steps.max() < 1.3 * usual
    assert (linear(heard[DEPTH_BLOCKS + 21]) == linear(np.array([IDLE]))[0]).all()


def test_a_late_block_has_lost_its_place_and_the_delay_stays() -> None:
    heard, buffer = run(50, set(), {20})
    said = tone(50)
    assert buffer.late == 1
    assert (heard[DEPTH_BLOCKS + 22 :] == said[22:]).all()


def test_a_leg_that_is_not_up_is_silent() -> None:
    buffer = LegBuffer(2, BLOCK, "a")
    out = np.zeros((2, BLOCK), np.uint8)
    buffer.put(0, 0b11, tone(2))
    buffer.take(DEPTH_BLOCKS, 0b01, out)
    assert (out[1] == IDLE).all()
    assert not (out[0] == IDLE).all()


def test_of_sixty_four_legs_each_hears_its_own() -> None:
    """Legs 1, 9 and 64 of the largest box; leg 9 misses a block, the others do not notice."""
    buffer = LegBuffer(64, BLOCK, "a")
    up = 1 | 1 << 8 | 1 << 63
    out = np.zeros((64, BLOCK), np.uint8)
    said = {leg: np.roll(tone(1)[0], leg) for leg in (0, 8, 63)}
    for n in range(8):
        here = up if n != 3 else up & ~(1 << 8)
        rows = [leg for leg in (0, 8, 63) if here >> leg & 1]
        buffer.put(n, here, np.stack([said[leg] for leg in rows]))
    for n in range(8):
        buffer.take(n + DEPTH_BLOCKS, up, out)
        silent = [leg for leg in range(64) if leg not in (0, 8, 63)]
        assert (out[silent] == IDLE).all()
        for leg in (0, 63):
            assert n == 0 or (out[leg] == said[leg]).all(), (n, leg)
        if n in {1, 2, 5, 6, 7}:
            assert (out[8] == said[8]).all(), n
    assert buffer.concealed == 1
