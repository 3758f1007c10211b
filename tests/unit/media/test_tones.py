"""Tones as an instrument at the telephone's pair would measure them.

Limits: frequency within 0.5 %, cadence within 2 %, level within 0.2 dB of the country table.
"""

import numpy as np
import pytest

from firmware.core.countries import COUNTRIES
from firmware.media.tones import PEAK_0_DBM0, ToneBank, digit_sequence
from tests.conformance import spandsp_oracle

EVERY = [(code, name) for code, profile in COUNTRIES.items() for name in profile.tones]


def play(code, name, seconds, block=40):
    bank = ToneBank(2, COUNTRIES[code])
    bank.start(1, name)
    sound = np.zeros((2, int(seconds * 8000)), np.float32)
    for at in range(0, sound.shape[1], block):
        bank.add(sound[:, at : at + block])
    assert not sound[0].any(), "the other row stays silent"
    return sound[1]


def spectrum_peaks(sound, count):
    power = np.abs(np.fft.rfft(sound * np.hanning(sound.size), 65536)) ** 2
    peaks = []
    for _ in range(count):
        top = int(power.argmax())
        peaks.append(top * 8000 / 65536)
        power[max(top - 100, 0) : top + 100] = 0
    return sorted(peaks)


@pytest.mark.parametrize(("code", "name"), EVERY)
def test_every_tone_has_its_first_burst_in_frequency_and_length(code, name):
    tone = COUNTRIES[code].tones[name]
    sound = play(code, name, 4)
    on_ms = tone.cadence_ms[0] if tone.cadence_ms else 4000
    burst = sound[: on_ms * 8]
    frequencies = tone.bursts_hz[0] if tone.bursts_hz else tone.frequencies_hz
    if on_ms >= 100 and not tone.modulation_hz:
        gaps = np.diff(sorted(frequencies)) if len(frequencies) > 1 else [1000]
        if min(gaps) * on_ms > 2500:  # else the burst is too short to tell them apart
            measured = spectrum_peaks(burst, len(frequencies))
            assert measured == pytest.approx(sorted(frequencies), rel=0.005)
    if tone.cadence_ms and tone.cadence_ms[1] > 20:
        off = sound[on_ms * 8 : (on_ms + tone.cadence_ms[1]) * 8]
        assert not off.any()
        assert np.abs(burst[-80:]).max() > 0


@pytest.mark.parametrize(
    ("code", "name", "expected_dbm0"),
    [("CN", "dial", -10), ("DE", "busy", -16), ("FR", "dial", -13), ("GB", "busy", -18)],
)
def test_levels_are_those_of_the_table(code, name, expected_dbm0):
    burst = play(code, name, 0.3)
    level_dbm0 = 20 * np.log10(np.sqrt(2 * np.mean(burst**2)) / PEAK_0_DBM0)
    assert level_dbm0 == pytest.approx(expected_dbm0, abs=0.2)


@pytest.mark.parametrize(
    ("code", "name"), [("GB", "ringback"), ("IN", "ringback"), ("US", "stutter")]
)
def test_a_tone_does_not_depend_on_the_block(code, name):
    by_5_ms, by_20_ms, odd = (play(code, name, 5, block) for block in (40, 160, 333))
    assert np.array_equal(by_5_ms, by_20_ms)
    assert np.array_equal(by_5_ms, odd)


def test_cadence_over_a_minute_is_exact():
    sound = play("CN", "busy", 60)
    on = np.convolve(np.abs(sound) > 0, np.ones(40), "same") > 0
    starts = np.flatnonzero(np.diff(on.astype(int)) == 1)
    assert np.diff(starts) / 8 == pytest.approx(700, abs=6)
    assert len(starts) == 85


def test_a_steady_tone_never_jumps():
    sound = play("CN", "dial", 3)
    step_limit = 2 * np.pi * 450 / 8000 * PEAK_0_DBM0 * 10 ** (-10 / 20)
    assert np.abs(np.diff(sound)).max() <= step_limit * 1.001


def test_stutter_ends_in_a_steady_dial_tone():
    sound = play("US", "stutter", 4)
    envelope = np.abs(sound).reshape(-1, 400).max(axis=1) > 0  # 50 ms
    assert list(envelope[:24]) == [True, True, False, False] * 6
    assert envelope[24:].all()


def test_howler_rises():
    sound = play("CN", "howler", 16)
    loud = [np.abs(sound[s * 24000 : s * 24000 + 8000]).max() for s in range(5)]
    assert loud == sorted(loud)
    assert 20 * np.log10(loud[4] / loud[0]) == pytest.approx(20, abs=0.1)


def test_confirmation_ends_by_itself():
    bank = ToneBank(1, COUNTRIES["US"])
    bank.start(0, "confirm")
    sound = np.zeros((1, 8000), np.float32)
    bank.add(sound)
    assert not bank.active
    assert not sound[0, 5 * 800 :].any()


def test_an_unknown_tone_is_named():
    bank = ToneBank(1, COUNTRIES["CN"])
    with pytest.raises(ValueError, match="CN has no tone 'bussy'"):
        bank.start(0, "bussy")


def test_spandsp_hears_the_digits_we_send():
    sent = "0123456789*#ABCD"
    assert spandsp_oracle.hear(digit_sequence(sent).astype(np.float32)) == sent
    assert spandsp_oracle.hear(digit_sequence("55-5 5", tone_ms=50, pause_ms=50)) == "5555"


def test_a_comma_waits_a_second():
    assert digit_sequence("1,2").size - digit_sequence("12").size == 8000


def test_what_is_no_digit_is_refused():
    with pytest.raises(ValueError, match="digit 'x'"):
        digit_sequence("1x")
    with pytest.raises(ValueError, match="tone 20 ms"):
        digit_sequence("1", tone_ms=20)
