"""The sliding window against the plain end of everything that was said."""

import numpy as np
import pytest

from firmware.media.window import SlidingWindow

SEED = 30


@pytest.mark.parametrize("block", [1, 13, 40, 41, 200, 999])
@pytest.mark.parametrize("armed", [(True, True, True), (False, True, True)])
def test_every_hop_shows_the_newest_samples(block, armed):
    rng = np.random.default_rng(SEED)
    sound = rng.standard_normal((3, 20_000)).astype(np.float32)
    window = SlidingWindow(3, 100, 40)
    flags = np.array(armed)
    window.arm(flags)
    hops = 0
    for begin in range(0, sound.shape[1], block):
        part = sound[:, begin : begin + block]
        at = 0
        while at < part.shape[1]:
            at = window.fill(part, at)
            if window.ready:
                hops += 1
                end = begin + at
                if end >= 100:
                    expected = sound[flags, end - 100 : end]
                    assert np.array_equal(window.newest(100), expected), f"seed {SEED}, at {end}"
    assert hops == sound.shape[1] // 40
    assert window.samples == sound.shape[1]


def test_a_row_armed_anew_begins_with_silence():
    window = SlidingWindow(2, 100, 40)
    loud = np.ones((2, 400), np.float32)
    assert window.arm(np.array([True, True])).tolist() == [0, 1]
    at = 0
    while at < 400:
        at = window.fill(loud, at)
        assert isinstance(window.ready, bool)
    assert window.arm(np.array([True, True])) is None
    window.arm(np.array([True, False]))
    assert window.arm(np.array([True, True])).tolist() == [1]
    assert window.newest(100).tolist() == [[1.0] * 100, [0.0] * 100]
