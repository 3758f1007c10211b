"""The call-progress receiver as a line sees it; noise and tolerances are in tests/conformance."""

import numpy as np
import pytest

from firmware.core.countries import COUNTRIES
from firmware.media.progress import ProgressReceiver
from firmware.media.tones import ToneBank
from tests.conformance.receivers import progress

LEAD = 4000


def line(code, name, seconds, after=2.0):
    bank = ToneBank(1, COUNTRIES[code])
    bank.start(0, name)
    sound = np.zeros((1, int((seconds + after) * 8000) + LEAD), np.float32)
    bank.add(sound[:, LEAD : LEAD + int(seconds * 8000)])
    return sound


@pytest.mark.parametrize(
    ("code", "tone", "hz", "cadence_ms", "cycle_ms"),
    [
        ("CN", "busy", 450, (350, 350), 700),
        ("CN", "congestion", 450, (700, 700), 1400),
        ("DE", "busy", 425, (480, 480), 960),
        ("DE", "congestion", 425, (240, 240), 480),
        ("GB", "congestion", 400, (400, 350, 225, 525), 1500),
    ],
)
def test_clearing_tones_are_told_after_two_cycles_with_what_was_measured(
    code, tone, hz, cadence_ms, cycle_ms
):
    first, *rest = progress(line(code, tone, 10), [COUNTRIES[code]])
    assert (first.tone, first.ended, first.cycles) == (tone, False, 2)
    assert first.frequencies_hz == pytest.approx((hz,), rel=0.005)
    assert first.cadence_ms == pytest.approx(cadence_ms, abs=12)
    assert (first.at_sample - LEAD) / 8 <= 2 * cycle_ms + 100
    assert [(report.tone, report.ended) for report in rest] == [(tone, True)], "told once"


def test_two_frequencies_are_both_measured():
    first = progress(line("US", "busy", 4), [COUNTRIES["US"]])[0]
    assert first.tone == "busy"
    assert first.frequencies_hz == pytest.approx((480, 620), rel=0.005)


@pytest.mark.parametrize("code", list(COUNTRIES))
def test_ringback_is_told_when_the_second_ring_begins(code):
    tone = COUNTRIES[code].tones["ringback"]
    cycle_ms = sum(tone.cadence_ms)
    first = progress(line(code, "ringback", 2.2 * cycle_ms / 1000), [COUNTRIES[code]])[0]
    assert first.tone == "ringback"
    assert (first.at_sample - LEAD) / 8 <= 2 * cycle_ms


@pytest.mark.parametrize("code", list(COUNTRIES))
def test_dial_tone_is_told_and_its_end(code):
    found = progress(line(code, "dial", 3), [COUNTRIES[code]])
    assert [(report.tone, report.ended) for report in found] == [("dial", False), ("dial", True)]
    heard_ms, gone_ms = ((report.at_sample - LEAD) / 8 for report in found)
    assert 1000 <= heard_ms <= 2000
    assert 3000 <= gone_ms <= 3150


@pytest.mark.parametrize("code", list(COUNTRIES))
def test_special_information_is_told(code):
    found = progress(line(code, "special_information", 7), [COUNTRIES[code]])
    assert found[0].tone == "special_information"


def test_a_burst_that_is_no_cadence_says_nothing():
    sound = line("CN", "busy", 0.35)
    assert progress(sound, [COUNTRIES["CN"]]) == []


def test_arming_again_begins_anew():
    receiver = ProgressReceiver(1, [COUNTRIES["CN"]])
    sound = line("CN", "busy", 6)
    half = LEAD + 8 * 1000
    assert receiver.process(sound[:, :half], np.array([True])) == []
    receiver.process(sound[:, half : half + 40], np.array([False]))
    found = receiver.process(sound[:, half + 40 :], np.array([True]))
    assert (found[0].at_sample - half) / 8 > 1000


@pytest.mark.parametrize("block", [40, 160, 333])
def test_the_block_length_changes_nothing_but_the_moment_of_report(block):
    sound = line("US", "congestion", 3)
    mine, reference = (progress(sound, [COUNTRIES["US"]], n) for n in (block, 80))
    assert [(r.tone, r.cadence_ms, r.at_sample) for r in mine] == [
        (r.tone, r.cadence_ms, r.at_sample) for r in reference
    ]


@pytest.mark.parametrize(("hz", "on_ms", "off_ms"), [(1100, 500, 3000), (2100, 3000, 500)])
def test_a_fax_machine_is_recognised(hz, on_ms, off_ms):
    at = np.arange(8 * 8000)
    wave = 3000 * np.sin(2 * np.pi * hz * at / 8000) * (at % ((on_ms + off_ms) * 8) < on_ms * 8)
    found = progress(wave[None].astype(np.float32), [COUNTRIES["CN"]])
    assert found[0].tone == "fax"
