"""The doctor of a telephone: what it says, and the recall it learns."""

from __future__ import annotations

from drivers.line import LoopClosed, LoopOpened, PowerAlarm, Reading
from firmware.core.countries import country
from firmware.port.phone_doctor import PhoneDoctor, sentences

HOOK = country("GB").hook  # recalls of 80 to 250 ms: sets of 300 ms and more are not taken
PORT = "fxs/1"


def recall(doctor: PhoneDoctor, at_ms: int, gap_ms: int) -> bool:
    doctor.see(LoopOpened(port=PORT, at_ms=at_ms), "in_call", HOOK)
    return doctor.see(LoopClosed(port=PORT, at_ms=at_ms + gap_ms), "in_call", HOOK)


def reading(ma: float, *, off_hook: bool = False) -> Reading:
    return Reading(port=PORT, at_ms=0, chip="", state="", loop_ma=ma, off_hook=off_hook)


def test_a_recall_outside_of_the_country_s_window_is_learned_from_three() -> None:
    assert HOOK.flash_ms[1] < 330 < HOOK.hang_up_ms
    doctor = PhoneDoctor()
    assert not recall(doctor, 1_000, 330)
    assert not recall(doctor, 5_000, 325)
    assert doctor.timing(HOOK) == HOOK
    assert recall(doctor, 9_000, 334)
    low, high = doctor.timing(HOOK).flash_ms
    assert low <= HOOK.flash_ms[0]
    assert 334 < high < HOOK.hang_up_ms
    said = sentences(doctor.findings("idle", HOOK, 0), "201", "en")
    assert "recall key of 201 (330 ms)" in said
    assert PhoneDoctor(doctor.flash_ms).timing(HOOK).flash_ms == (low, high), "kept over a restart"


def test_a_finger_on_the_hook_teaches_nothing_and_pulses_never_do() -> None:
    doctor = PhoneDoctor()
    for n, gap_ms in enumerate((300, 180, 240, 340, 130)):
        assert not recall(doctor, 1_000 * n, gap_ms)
    for n in range(9):
        assert not recall(doctor, 60_000 + 1_000 * n, HOOK.pulse_break_ms[0] + 5)
    assert doctor.timing(HOOK) == HOOK


def test_a_hang_up_is_no_recall() -> None:
    doctor = PhoneDoctor()
    for n in range(5):
        assert not recall(doctor, 10_000 * n, HOOK.hang_up_ms + 50)
    assert doctor.flash_ms == 0


def test_leakage_is_told_after_three_readings_on_hook() -> None:
    doctor = PhoneDoctor()
    doctor.read(reading(2.5), "idle")
    doctor.read(reading(2.5), "idle")
    assert doctor.findings("idle", HOOK, 0) == []
    doctor.read(reading(2.5), "idle")
    assert "the pair of 201 leaks (2.5 mA" in sentences(
        doctor.findings("idle", HOOK, 0), "201", "en"
    )
    assert "漏电" in sentences(doctor.findings("idle", HOOK, 0), "201", "zh-CN")
    doctor.read(reading(0.0), "idle")
    assert doctor.findings("idle", HOOK, 0) == [], "it has dried"


def test_a_conversation_is_no_leak() -> None:
    doctor = PhoneDoctor()
    for _ in range(5):
        doctor.read(reading(22.5, off_hook=True), "in_call")
    assert doctor.findings("in_call", HOOK, 0) == []


def test_too_many_ringers_and_a_short_are_told_apart() -> None:
    doctor = PhoneDoctor()
    for count in (1, 2):
        doctor.see(PowerAlarm(port=PORT, at_ms=0, count=count), "ringing", HOOK)
    assert "too many telephones" in sentences(doctor.findings("idle", HOOK, 0), "201", "en")
    other = PhoneDoctor()
    other.see(PowerAlarm(port=PORT, at_ms=0, count=1), "idle", HOOK)
    assert "a short" in sentences(other.findings("idle", HOOK, 0), "201", "en")


def test_a_handset_left_lifted_is_told_with_its_minutes() -> None:
    doctor = PhoneDoctor()
    doctor.see(LoopClosed(port=PORT, at_ms=60_000), "idle", HOOK)
    assert doctor.findings("dial_tone", HOOK, 400_000) == []
    assert doctor.findings("locked_out", HOOK, 400_000) == [("off_hook", "5")]
    assert "5 min" in sentences(doctor.findings("locked_out", HOOK, 400_000), "201", "en")
