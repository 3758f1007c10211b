"""From a handset to the outside: seizing, dialling, the answer and how it was known, glare."""

from __future__ import annotations

from typing import Any

import pytest

from drivers.line import (
    DialPulses,
    LoopClosed,
    LoopCurrentLost,
    LoopCurrentReturned,
    LoopOpened,
    PolarityReversed,
    RingStarted,
    Seize,
)
from firmware.core.commands import SendDigits
from firmware.core.events import SpeechHeard
from firmware.core.log_entries import (
    CallClosed,
    CallDialled,
    CallOffered,
    Cleared,
    FarSideAnswered,
    LineAnswered,
    LineReleased,
    LineSeized,
    VoicesConnected,
)
from firmware.core.settings import Extension, Line, Settings
from tests.unit.desk import PROMPT_MS, Desk


def _with_line(**fields: Any) -> Settings:
    return Settings(lines=(Line(port="fxo/1", **fields),))


def _sent(desk: Desk) -> list[str]:
    return [effect.digits for effect in desk.effects if isinstance(effect, SendDigits)]


def test_nine_and_a_number_go_out_by_the_first_line_after_its_dial_tone() -> None:
    desk = Desk.ready()
    lifted_ms = desk.now_ms
    desk.lift("fxs/1")
    desk.key("fxs/1", "901065529988")
    assert not desk.seized, "the number may go on"
    desk.wait(4_000)
    assert desk.seized == {"fxo/1"}
    assert not _sent(desk)
    desk.tone("fxo/1", "dial")
    desk.wait(250)
    assert _sent(desk) == ["01065529988"]
    assert desk.only(CallOffered).direction.value == "outbound"
    assert desk.only(CallOffered).at_ms == lifted_ms
    assert desk.only(CallDialled).digits == "901065529988"
    assert desk.only(LineSeized).port == "fxo/1"


def test_the_gate_ends_the_number_at_once() -> None:
    desk = Desk.ready()
    desk.lift("fxs/1")
    desk.key("fxs/1", "012345#")
    desk.tone("fxo/1", "dial")
    desk.wait(250)
    assert _sent(desk) == ["12345"]


def test_without_dial_tone_the_line_is_dialled_after_three_seconds() -> None:
    desk = Desk.ready()
    desk.lift("fxs/1")
    desk.key("fxs/1", "9123#", gap_ms=0)
    desk.wait(3_249)
    assert not _sent(desk)
    desk.wait(1)
    assert _sent(desk) == ["123"]


def test_a_line_that_must_give_dial_tone_and_does_not_is_left_for_the_next() -> None:
    lines = (Line(port="fxo/1", wait_for_dial_tone=True), Line(port="fxo/2"))
    desk = Desk.ready(Settings(lines=lines))
    desk.lift("fxs/1")
    desk.key("fxs/1", "9123#")
    desk.wait(3_000)
    assert desk.seized == {"fxo/2"}
    desk.tone("fxo/2", "dial")
    desk.wait(250)
    assert _sent(desk) == ["123"]
    assert [entry.port for entry in desk.entries(LineReleased)] == ["fxo/1"]


def test_a_pulse_line_is_dialled_by_pulses_of_the_country() -> None:
    desk = Desk.ready(_with_line(dialling="pulse"))
    desk.dial_out("9123")
    (pulses,) = [effect for effect in desk.effects if isinstance(effect, DialPulses)]
    assert (pulses.digits, pulses.break_ms, pulses.make_ms, pulses.inter_digit_ms) == (
        "123",
        60,
        40,
        800,
    )
    assert not _sent(desk)


def test_the_caller_hears_the_exchange_as_soon_as_the_digits_are_out() -> None:
    desk = Desk.ready()
    desk.dial_out()
    assert desk.joined == {("fxo/1", "fxs/1")}
    assert not desk.entries(VoicesConnected), "nobody has answered yet"


def test_an_answer_by_reversal_is_a_fact() -> None:
    desk = Desk.ready()
    desk.dial_out()
    desk.tone("fxo/1", "ringback")
    desk.wait(6_000)
    desk.tell(PolarityReversed(port="fxo/1", at_ms=desk.now_ms, reversed=True))
    answer = desk.only(FarSideAnswered)
    assert (answer.by.value, answer.estimate, answer.at_ms) == ("reversal", False, desk.now_ms)
    assert desk.only(VoicesConnected).at_ms == desk.now_ms


def test_ringback_that_gives_way_to_a_voice_is_an_estimated_answer() -> None:
    desk = Desk.ready()
    desk.dial_out()
    desk.tone("fxo/1", "ringback")
    desk.wait(8_000)
    desk.tone_ends("fxo/1", "ringback")
    desk.wait(400)
    desk.tell(SpeechHeard(port="fxo/1", at_ms=desk.now_ms))
    answer = desk.only(FarSideAnswered)
    assert (answer.by.value, answer.estimate) == ("speech", True)


def test_ringback_that_gives_way_to_silence_is_an_estimated_answer() -> None:
    desk = Desk.ready()
    desk.dial_out()
    desk.tone("fxo/1", "ringback")
    desk.wait(8_000)
    desk.tone_ends("fxo/1", "ringback")
    desk.wait(3_000)
    answer = desk.only(FarSideAnswered)
    assert (answer.by.value, answer.estimate) == ("tone_ended", True)


def test_without_any_tone_an_answer_is_assumed_after_25_seconds() -> None:
    desk = Desk.ready()
    desk.dial_out()
    desk.wait(25_000)
    answer = desk.only(FarSideAnswered)
    assert (answer.by.value, answer.estimate) == ("timer", True)


def test_a_reversal_after_an_estimate_is_the_answer_and_not_the_clear() -> None:
    desk = Desk.ready()
    desk.dial_out()
    desk.wait(25_000)
    desk.wait(5_000)
    desk.tell(PolarityReversed(port="fxo/1", at_ms=desk.now_ms, reversed=True))
    assert [(a.by.value, a.estimate) for a in desk.entries(FarSideAnswered)] == [
        ("timer", True),
        ("reversal", False),
    ]
    assert not desk.entries(Cleared)
    desk.wait(60_000)
    desk.tell(PolarityReversed(port="fxo/1", at_ms=desk.now_ms, reversed=False))
    assert desk.only(Cleared).by.value == "reversal"


def test_a_busy_number_frees_the_line_and_says_busy() -> None:
    desk = Desk.ready()
    desk.dial_out()
    desk.tone("fxo/1", "busy")
    assert desk.outcome == "busy"
    assert desk.seized == set()
    assert desk.tones == {"fxs/1": "busy"}
    assert not desk.joined


@pytest.mark.parametrize(
    ("tone", "outcome"), [("congestion", "failed"), ("special_information", "refused")]
)
def test_other_refusals_of_the_exchange(tone: str, outcome: str) -> None:
    desk = Desk.ready()
    desk.dial_out()
    desk.tone("fxo/1", tone)
    assert desk.outcome == outcome
    assert desk.seized == set()


def test_nobody_answers_and_the_caller_hangs_up() -> None:
    desk = Desk.ready()
    desk.dial_out()
    desk.tone("fxo/1", "ringback")
    desk.wait(30_000)
    desk.hang_up("fxs/1")
    assert desk.outcome == "abandoned"
    assert desk.only(Cleared).side.value == "agent"
    assert desk.seized == set()


def _answered() -> Desk:
    desk = Desk.ready()
    desk.dial_out()
    desk.tell(PolarityReversed(port="fxo/1", at_ms=desk.now_ms, reversed=True))
    desk.wait(10_000)
    return desk


def test_the_far_side_clears_by_loop_break() -> None:
    desk = _answered()
    desk.tell(LoopCurrentLost(port="fxo/1", at_ms=desk.now_ms))
    desk.wait(250)
    assert (desk.only(Cleared).side.value, desk.only(Cleared).by.value) == (
        "customer",
        "loop_break",
    )
    assert desk.outcome == "answered"


def test_a_short_gap_of_current_is_no_clear() -> None:
    desk = _answered()
    desk.tell(LoopCurrentLost(port="fxo/1", at_ms=desk.now_ms))
    desk.wait(50)
    desk.tell(LoopCurrentReturned(port="fxo/1", at_ms=desk.now_ms, gap_ms=50))
    desk.wait(10_000)
    assert desk.joined == {("fxo/1", "fxs/1")}


def test_the_office_clears_and_the_line_rests_before_it_is_taken_again() -> None:
    desk = Desk.ready(_with_line())
    desk.dial_out()
    desk.hang_up("fxs/1")
    assert desk.seized == set()
    desk.lift("fxs/2")
    desk.key("fxs/2", "91#", gap_ms=0)
    assert not desk.seized, "the exchange has not seen the line on-hook yet"
    desk.wait(PROMPT_MS)
    assert desk.tones == {"fxs/2": "congestion"}
    desk.hang_up("fxs/2")
    desk.wait(1_000)
    desk.lift("fxs/2")
    desk.key("fxs/2", "91#", gap_ms=0)
    assert desk.seized == {"fxo/1"}


def test_pulses_of_a_dial_are_passed_on_as_tones_after_the_answer() -> None:
    desk = _answered()
    before = len(_sent(desk))
    for _ in range(3):
        desk.tell(LoopOpened(port="fxs/1", at_ms=desk.now_ms))
        desk.wait(60)
        desk.tell(LoopClosed(port="fxs/1", at_ms=desk.now_ms))
        desk.wait(40)
    desk.wait(300)
    assert _sent(desk)[before:] == ["3"]


def test_all_lines_taken() -> None:
    desk = Desk.ready(_with_line())
    desk.dial_out(phone="fxs/1")
    desk.lift("fxs/2")
    desk.key("fxs/2", "9123#")
    assert desk.plays["fxs/2"].prompts == ("zh-CN/line-unavailable",)
    desk.wait(PROMPT_MS)
    assert desk.tones["fxs/2"] == "congestion"
    assert [(c.outcome.value, c.detail) for c in desk.entries(CallClosed)] == [
        ("refused", "no line is free")
    ]


def test_glare_gives_the_line_to_the_caller_and_the_call_out_takes_another() -> None:
    desk = Desk.ready()
    desk.lift("fxs/1")
    desk.key("fxs/1", "9123#")
    assert desk.seized == {"fxo/1"}
    desk.tell(RingStarted(port="fxo/1", at_ms=desk.now_ms))
    assert desk.seized == {"fxo/1", "fxo/2"}
    assert desk.plays["fxo/1"].prompts == ("zh-CN/welcome",)
    inbound, outbound = (
        next(c for c in desk.entries(CallOffered) if c.direction.value == which)
        for which in ("inbound", "outbound")
    )
    assert inbound.call != outbound.call
    assert desk.only(LineAnswered).call == inbound.call
    assert [(s.call, s.port) for s in desk.entries(LineSeized)] == [
        (outbound.call, "fxo/1"),
        (outbound.call, "fxo/2"),
    ]
    assert not desk.entries(LineReleased), "nobody may be cut off"
    desk.tone("fxo/2", "dial")
    desk.wait(250)
    assert [e.port for e in desk.effects if isinstance(e, SendDigits)] == ["fxo/2"]
    desk.wait(1_000)
    assert desk.joined == {("fxo/2", "fxs/1")}
    # The menu listens to the caller's keys.
    assert desk.listening["fxo/1"].digits
    desk.key("fxo/1", "2")
    desk.wait(2_100)
    assert set(desk.ringing) == {"fxs/2"}


def test_glare_on_the_only_line_refuses_the_call_out() -> None:
    desk = Desk.ready(_with_line())
    desk.lift("fxs/1")
    desk.key("fxs/1", "9123#")
    desk.tell(RingStarted(port="fxo/1", at_ms=desk.now_ms))
    assert desk.plays["fxs/1"].prompts == ("zh-CN/line-unavailable",)
    desk.wait(PROMPT_MS)
    assert desk.tones == {"fxs/1": "congestion"}
    assert desk.seized == {"fxo/1"}
    assert desk.outcome == "refused"


def test_an_emergency_number_needs_neither_prefix_nor_patience() -> None:
    desk = Desk.ready()
    desk.lift("fxs/1")
    desk.key("fxs/1", "110", gap_ms=0)
    assert desk.seized == {"fxo/1"}
    assert desk.only(CallDialled).destination == "emergency 110"


def test_an_emergency_number_behind_the_prefix() -> None:
    desk = Desk.ready()
    desk.lift("fxs/1")
    desk.key("fxs/1", "9119", gap_ms=0)
    desk.wait(1_500)
    assert desk.seized == {"fxo/1"}
    desk.tone("fxo/1", "dial")
    desk.wait(250)
    assert _sent(desk) == ["119"]


def test_an_emergency_call_takes_a_line_that_is_kept_for_incoming_calls() -> None:
    desk = Desk.ready(_with_line(outgoing=False))
    desk.lift("fxs/1")
    desk.key("fxs/1", "9123#")
    assert not desk.seized
    desk.hang_up("fxs/1")
    desk.lift("fxs/1")
    desk.key("fxs/1", "110")
    assert desk.seized == {"fxo/1"}


def test_the_caller_hangs_up_while_the_line_is_seized() -> None:
    desk = Desk.ready()
    desk.lift("fxs/1")
    desk.key("fxs/1", "9123#")
    desk.hang_up("fxs/1")
    assert desk.seized == set()
    assert desk.outcome == "abandoned"
    assert not _sent(desk)
    assert len([e for e in desk.effects if isinstance(e, Seize)]) == 1


def test_a_telephone_without_extension_can_still_call_for_help() -> None:
    settings = Settings(extensions=(Extension(number="201", port="fxs/1"),), ring_groups=())
    desk = Desk.ready(settings)
    desk.lift("fxs/3")
    desk.key("fxs/3", "110")
    assert desk.seized == {"fxo/1"}
