"""The path that explains best what a line sent back, against paths that are known."""

import numpy as np
import pytest

from firmware.media.echo_study import FIRST, MEMORY, EchoStudy

FRAME, TAIL = 100, 200


def known(rng):
    """A path of 25 ms, and a voice-like sound through it: strong below 1 kHz, faint above."""
    path = rng.standard_normal(TAIL) * np.exp(-np.arange(TAIL) / 20) * 0.3
    sent = np.convolve(rng.standard_normal(160_000), (1.0, 1.8, 1.2, 0.5), "same") * 1000
    return path, sent, np.convolve(sent, path)[: len(sent)]


def heard(study, sent, received, frames):
    """Every path that the study finds in these frames, with the number of frames heard."""
    found = []
    for count, n in enumerate(frames, 1):
        at = n * FRAME
        path = study.hear(sent[at - TAIL + 1 : at + FRAME], received[at : at + FRAME])
        if path is not None:
            found.append((count, path[::-1]))
    return found


def off_db(found, path):
    return 20 * np.log10(np.linalg.norm(found - path) / np.linalg.norm(path))


def test_a_path_is_found_after_half_a_second():
    path, sent, received = known(np.random.default_rng(71))
    (count, found), *_ = heard(EchoStudy(FRAME, TAIL), sent, received, range(2, 60))
    assert count <= 2 * FIRST, "seed 71"
    assert off_db(found, path) <= -50, "seed 71"


@pytest.mark.parametrize("run", [4, 5, 9, 31])
def test_frames_may_come_in_runs_of_any_length(run):
    """Between runs somebody speaks. Short runs are as good as their share of a long one."""
    path, sent, received = known(np.random.default_rng(72))
    spoilt = received.copy()
    study, found = EchoStudy(FRAME, TAIL), []
    for n in range(2, 600):
        at = n * FRAME
        if n % (run + 2) < 2:
            spoilt[at : at + FRAME] += 5000
            study.leave()
            continue
        got = study.hear(sent[at - TAIL + 1 : at + FRAME], spoilt[at : at + FRAME])
        found += [] if got is None else [got[::-1]]
    assert len(found) >= 2, "seed 72"
    assert max(off_db(one, path) for one in found) <= -50, "seed 72"


def test_what_is_old_is_forgotten():
    """A line that changes slowly: of the path of before, little is left after three memories."""
    rng = np.random.default_rng(73)
    path, sent, received = known(rng)
    other = np.roll(path, 3)
    after = np.convolve(sent, other)[: len(sent)]
    study = EchoStudy(FRAME, TAIL)
    heard(study, sent, received, range(2, MEMORY // 2))
    found = heard(study, sent, after, [*range(2, 1500)] * 2)
    assert off_db(found[-1][1], other) <= -15, "seed 73"


def test_forgotten_at_once_when_told():
    path, sent, received = known(np.random.default_rng(74))
    study = EchoStudy(FRAME, TAIL)
    heard(study, sent, -received, range(2, 300))
    study.reset()
    (_, found), *_ = heard(study, sent, received, range(300, 360))
    assert off_db(found, path) <= -50, "seed 74"
