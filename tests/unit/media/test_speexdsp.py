"""The library's filter as ``echo`` relies on it."""

import numpy as np
import pytest

from firmware.media.speexdsp import EchoFilter


@pytest.mark.parametrize(("frame", "tail"), [(80, 256), (100, 200)])
def test_the_impulse_response_read_back_is_the_path_in_its_true_size(frame, tail):
    rng = np.random.default_rng(41)
    path = np.zeros(50)
    path[[7, 8, 30]] = 0.4, -0.3, 0.1
    sent = np.rint(rng.normal(size=frame * 150) * 2000)
    received = np.convolve(sent, path)[: len(sent)]
    learnt = EchoFilter(frame, tail)
    for at in range(0, len(sent), frame):
        both = np.stack((received[at : at + frame], sent[at : at + frame]))
        learnt.learn(both.astype(np.float32))
    # Received goes through the library's notch, which begins with 0.9; the tail of it is small.
    assert learnt.response()[7] == pytest.approx(0.4 * 0.9, rel=0.03), "seed 41"
    assert len(learnt.response()) == learnt.taps >= tail
    learnt.reset()
    assert not learnt.response().any()
