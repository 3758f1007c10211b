"""What measurements of a line say in words, and what is kept of them."""

from __future__ import annotations

import msgspec
import pytest

from firmware.core.events import LineMeasured
from firmware.port.line_doctor import LineDoctor
from firmware.port.line_measure import KEPT, Measure, measure_of, spoken, troubles
from firmware.port.line_profile import added
from firmware.port.line_verdict import complaint, figures, verdict

WELL = Measure(
    when="2026-11-20T08:00:00+00:00",
    idle_v=48.0,
    seized_v=9.0,
    loop_ma=25.0,
    dial_hz=(450.0,),
    dial_dbm0=-11.0,
    noise_dbm0=-62.0,
    echo_before_db=12.0,
    echo_db=30.0,
    termination=10,
    hybrid=(1, 0, 0, 0, 0, 0, 0, 0),
)


def changed(**fields: object) -> Measure:
    return msgspec.structs.replace(WELL, **fields)


def test_a_line_in_order_has_no_trouble() -> None:
    assert troubles((WELL,)) == ()
    assert spoken(WELL) == ("line-good",)


@pytest.mark.parametrize(
    ("measure", "said", "prompt"),
    [
        (changed(fault="dead"), "no battery", "line-no-voltage"),
        (changed(fault="no_loop", loop_ma=0.0), "no current when seized", "line-no-voltage"),
        (changed(fault="no_dial_tone"), "no dial tone", "line-no-dial-tone"),
        (changed(noise_dbm0=-44.0), "noisy (-44 dBm0)", "line-noisy"),
        (changed(echo_db=9.0), "only 9 dB return loss", "line-echo"),
        (changed(dial_dbm0=-29.0), "faint", "line-faint"),
        (changed(loop_ma=14.0), "draws only 14 mA", "line-faint"),
        (changed(loop_ma=90.0), "90 mA, too much", "line-call-company"),
    ],
)
def test_each_trouble_is_a_sentence_and_a_prompt(measure: Measure, said: str, prompt: str) -> None:
    doctor = LineDoctor()
    doctor.measured(measure, "CN")
    english = complaint(doctor, "line 2", "en", 0)
    assert said in english
    assert "line 2" in english
    assert complaint(doctor, "2号线", "zh-CN", 0).startswith("2号线")
    assert prompt in spoken(measure)


def test_noise_that_rises_is_told_before_it_is_bad() -> None:
    doctor = LineDoctor()
    for noise in (-66.0, -65.0, -67.0):
        doctor.measured(changed(noise_dbm0=noise), "CN")
    assert complaint(doctor, "line 1", "en", 0) == ""
    doctor.measured(changed(noise_dbm0=-56.0), "CN")  # 10 dB above the middle of the others
    assert "noise of line 1 has risen by 10 dB" in complaint(doctor, "line 1", "en", 0)


def test_a_dial_tone_of_another_country_names_it() -> None:
    doctor = LineDoctor()
    doctor.measured(changed(dial_hz=(350.1, 439.9)), "CN")
    said = complaint(doctor, "line 1", "en", 0)
    assert "350+440 Hz" in said
    assert "US" in said
    doctor.measured(WELL, "CN")
    assert complaint(doctor, "line 1", "en", 0) == "", "measured again, all is well"


def test_the_figures_stand_in_the_verdict() -> None:
    doctor = LineDoctor()
    doctor.measured(WELL, "CN")
    text = "idle 48 V, seized 9 V and 25 mA, noise -62 dBm0, echo return loss 12 → 30 dB"
    assert figures(WELL, "en") == text
    assert text in verdict(doctor, "line 1", "en", 0)


def test_what_is_kept_is_bounded_and_survives_ends_of_calls() -> None:
    doctor = LineDoctor()
    for n in range(KEPT + 5):
        doctor.measured(changed(noise_dbm0=-60.0 - n / 10), "CN")
    assert len(doctor.profile.measures) == KEPT
    after = added(doctor.profile, (), call=True)
    assert after.measures == doctor.profile.measures
    assert after.proved == {"seize": "dial"}


def test_the_setting_in_force_is_the_newest_that_was_found() -> None:
    doctor = LineDoctor()
    assert doctor.fit.hybrid == ()
    doctor.measured(WELL, "CN")
    dead = LineMeasured(port="fxo/1", at_ms=0, fault="dead", idle_v=0.0)
    doctor.measured(measure_of(dead, "2026-11-21T08:00:00+00:00"), "CN")
    assert doctor.fit.termination == 10
    assert doctor.fit.hybrid == WELL.hybrid
