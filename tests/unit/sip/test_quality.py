"""The estimate of speech quality, against figures of the standard worked out by hand."""

from __future__ import annotations

import pytest

from firmware.sip.quality import mos


@pytest.mark.parametrize(
    ("loss", "jitter_ms", "trip_ms", "score"),
    [
        # Delay 45 ms: R = 93.2 - 0.024 * 45 = 92.12; MOS = 1 + 3.2242 + 92.12*32.12*7.88*7e-6.
        (0.0, 0.0, 0.0, 4.39),
        # 5 % loss: 95 * 5 / 30.1 = 15.78 less: R = 76.34.
        (0.05, 0.0, 0.0, 3.88),
        # Round trip 400 ms: delay 245 ms, 0.024 * 245 + 0.11 * 67.7 = 13.33: R = 79.87.
        (0.0, 0.0, 400.0, 4.02),
        # Jitter 30 ms takes 60 ms of buffer: delay 105 ms, R = 90.68.
        (0.0, 30.0, 0.0, 4.36),
        (1.0, 0.0, 0.0, 1.15),  # R = 92.12 - 75.94 = 16.2; the formula, not "nothing heard"
    ],
)
def test_by_hand(loss: float, jitter_ms: float, trip_ms: float, score: float) -> None:
    assert mos(loss, jitter_ms, trip_ms) == pytest.approx(score, abs=0.02)


def test_worse_never_sounds_better() -> None:
    for worse in ((0.1, 0, 0), (0, 60, 0), (0, 0, 600)):
        assert mos(*worse) < mos(0, 0, 0)
