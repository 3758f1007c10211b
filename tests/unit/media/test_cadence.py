"""Steady tones that no table has: told when they repeat exactly, and only then."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest

from firmware.core.countries import country
from firmware.media.cadence import regular
from firmware.media.progress import Progress, ProgressReceiver
from tests.bench.clearings import noise, tone_sound
from tests.bench.world.exchanges import CallTone


@dataclass
class Heard:
    on_ms: float
    off_ms: float
    clusters: tuple[float, ...] = (425.0,)
    level_db: float = 40.0
    pure: bool = True


def told(tone: CallTone, seconds: float = 6.0) -> list[Progress]:
    rng = np.random.default_rng(5)
    sound = noise(rng, 1, seconds + 1.0)
    sound[0, 8000:] += tone_sound(tone, seconds)
    receiver = ProgressReceiver(1, (country("CN"),), unknown=True)
    armed = np.ones(1, np.bool_)
    found: list[Progress] = []
    for at in range(0, sound.shape[1], 80):
        found += receiver.process(sound[:, at : at + 80], armed)
    return [report for report in found if not report.ended]


@pytest.mark.parametrize("ms", [240, 480, 500])
def test_three_equal_cycles_are_a_tone(ms: int) -> None:
    (report,) = told(CallTone((425.0,), (ms, ms)))
    assert report.tone == "unknown"
    assert report.frequencies_hz == pytest.approx((425.0,), rel=0.01)
    assert report.cadence_ms == pytest.approx((ms, ms), abs=15)
    assert report.at_sample / 8 - 1_000 <= 3 * 2 * ms + 100


def test_slow_cycles_are_told_after_two() -> None:
    (report,) = told(CallTone((400.0,), (750, 750)))
    assert report.tone == "unknown"
    assert report.at_sample / 8 - 1_000 <= 2 * 1_500 + 100


def test_a_strange_dial_tone_is_told_without_cadence() -> None:
    (report,) = told(CallTone((350.0, 440.0)))
    assert (report.tone, report.cadence_ms) == ("unknown", ())
    assert report.frequencies_hz == pytest.approx((350.0, 440.0), rel=0.01)


def test_what_the_country_has_keeps_its_name() -> None:
    (report,) = told(CallTone((450.0,), (350, 350)))
    assert report.tone == "busy"


def test_a_foreign_ringback_is_no_candidate() -> None:
    assert told(CallTone((400.0,), (1_000, 4_000)), 20.0) == []
    american = told(CallTone((440.0, 480.0), (2_000, 4_000)), 20.0)
    assert "unknown" not in {report.tone for report in american}


def test_bursts_that_differ_are_not_regular() -> None:
    even = [Heard(500, 500)] * 3
    assert regular(even) == ((500.0, 500.0), 3)
    assert regular([*even[:2], Heard(590, 500)]) is None
    assert regular([*even[:2], Heard(500, 500, clusters=(440.0,))]) is None
    assert regular([*even[:2], Heard(500, 500, level_db=46.0)]) is None
    assert regular([*even[:2], Heard(500, 500, pure=False)]) is None
    assert regular(even[:2]) is None


def test_two_bursts_in_a_cycle_are_one_cadence() -> None:
    cycle = [Heard(400, 350), Heard(225, 525)]
    assert regular(cycle * 2) == ((400.0, 350.0, 225.0, 525.0), 2)
