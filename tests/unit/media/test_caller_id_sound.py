"""What goes down a telephone's pair, measured as an instrument would."""

from datetime import datetime

import numpy as np
import pytest

from firmware.core.commands import Caller
from firmware.core.countries import COUNTRIES
from firmware.media.caller_id_sound import (
    alert_tone,
    call_waiting_sound,
    caller_id_sound,
    frame,
    fsk,
)

WHEN = datetime(2026, 3, 4, 5, 6)  # noqa: DTZ001  # local wall-clock time is what a set shows
CALLER = Caller(number="01012345678", name="LI LEI")
FULL_SCALE_DBM0 = 3.14


def level_dbm0(sound: np.ndarray) -> float:
    return 10 * np.log10(2 * np.mean(np.square(sound, dtype=float)) / 32768**2) + FULL_SCALE_DBM0


def tones_hz(sound: np.ndarray, count: int) -> list[float]:
    """The strongest frequencies, 2 Hz fine, at least 50 Hz apart."""
    power = np.abs(np.fft.rfft(sound * np.hanning(len(sound)), 4096 * 4))
    found = []
    for _ in range(count):
        best = int(power.argmax())
        found.append(best * 8000 / 16384)
        power[max(best - 100, 0) : best + 100] = 0
    return sorted(found)


@pytest.mark.parametrize(("mark_hz", "space_hz"), [(1200, 2200), (1300, 2100)])
def test_mark_and_space_have_their_frequencies_and_level(mark_hz, space_hz):
    mark = fsk(np.ones(600, np.int64), mark_hz, space_hz, -13.5)
    space = fsk(np.zeros(600, np.int64), mark_hz, space_hz, -13.5)
    assert tones_hz(mark, 1) == pytest.approx([mark_hz], abs=1)
    assert tones_hz(space, 1) == pytest.approx([space_hz], abs=1)
    assert level_dbm0(mark) == pytest.approx(-13.5, abs=0.05)
    assert level_dbm0(space) == pytest.approx(-13.5, abs=0.05)


def test_a_frame_is_seizure_mark_and_bytes_low_bit_first():
    bits = frame(b"\x04").tolist()
    assert bits[:300] == [0, 1] * 150
    assert bits[300:480] == [1] * 180
    assert bits[480:490] == [0, 0, 0, 1, 0, 0, 0, 0, 0, 1]
    assert all(bits[490:])


def test_phase_never_jumps():
    bits = np.random.default_rng(3).integers(0, 2, 500)
    sound = fsk(bits, 1200, 2200, 0.0)
    steepest = 2 * np.sin(np.pi * 2200 / 8000) * np.abs(sound).max()
    assert np.abs(np.diff(sound)).max() <= steepest * 1.001, "seed 3"


@pytest.mark.parametrize(
    ("kind", "shortest_ms", "longest_ms"), [("dt_as", 88, 110), ("cas", 75, 85)]
)
def test_alert_tones_keep_to_their_standards(kind, shortest_ms, longest_ms):
    tone = alert_tone(kind)
    assert shortest_ms <= len(tone) / 8 <= longest_ms
    assert tones_hz(tone, 2) == pytest.approx([2130, 2750], rel=0.005)
    assert level_dbm0(tone) - 3.01 == pytest.approx(-15.0, abs=0.2)  # per tone; -14 to -32 (GR-30)


@pytest.mark.parametrize("code", sorted(COUNTRIES))
def test_every_country_has_a_sound_that_fits_between_two_rings(code):
    sound = caller_id_sound(COUNTRIES[code].caller_id_out, CALLER, WHEN)
    assert 0.3 < len(sound) / 8000 < 2.2
    assert np.abs(sound).max() < 32767 * 0.6


def test_line_reversal_scheme_begins_with_the_alert_and_a_pause():
    sound = caller_id_sound("fsk_v23_before_ring", CALLER, WHEN)
    assert tones_hz(sound[:800], 2) == pytest.approx([2130, 2750], rel=0.005)
    assert not sound[800:2000].any()
    assert sound[2000:2100].any()


def test_identity_of_a_waiting_call_has_no_seizure():
    first = call_waiting_sound("fsk_bell202_between_rings", CALLER, WHEN)[:1000]
    assert tones_hz(first, 1) == pytest.approx([1200], abs=3)


def test_unknown_scheme_is_refused_by_name():
    with pytest.raises(ValueError, match="smoke_signals"):
        caller_id_sound("smoke_signals", CALLER, WHEN)
