"""Telephone to telephone within the office."""

from __future__ import annotations

from drivers.line import LoopClosed, LoopOpened
from firmware.core.commands import Ring
from firmware.core.log_entries import (
    CallClosed,
    CallDialled,
    CallOffered,
    Cleared,
    Outcome,
    RingingEnded,
    TelephoneAnswered,
    VoicesConnected,
)
from tests.unit.desk import Desk


def _talking() -> Desk:
    desk = Desk.ready()
    desk.lift("fxs/1")
    desk.key("fxs/1", "202")
    desk.lift("fxs/2")
    return desk


def test_a_lifted_handset_hears_dial_tone_until_the_first_key() -> None:
    desk = Desk.ready()
    desk.lift("fxs/1")
    assert desk.tones == {"fxs/1": "dial"}
    assert desk.listening["fxs/1"].digits
    desk.key("fxs/1", "2")
    assert not desk.tones


def test_201_calls_202_and_they_talk() -> None:
    desk = Desk.ready()
    lifted_ms = desk.now_ms
    desk.lift("fxs/1")
    desk.key("fxs/1", "202")
    assert set(desk.ringing) == {"fxs/2"}
    assert desk.tones == {"fxs/1": "ringback"}
    (ring,) = [effect for effect in desk.effects if isinstance(effect, Ring)]
    assert ring.caller is not None
    assert ring.caller.number == "201"
    desk.lift("fxs/2")
    assert desk.joined == {("fxs/1", "fxs/2")}
    assert not desk.tones
    assert not desk.ringing
    offered = desk.only(CallOffered)
    assert (offered.direction.value, offered.origin, offered.at_ms) == (
        "internal",
        "fxs/1",
        lifted_ms,
    )
    assert desk.only(CallDialled).digits == "202"
    assert desk.only(TelephoneAnswered).extension == "202"
    assert desk.only(VoicesConnected)


def test_the_calling_telephone_hangs_up() -> None:
    desk = _talking()
    desk.hang_up("fxs/1")
    assert desk.only(Cleared).side.value == "customer"
    assert desk.outcome == "answered"
    assert desk.tones == {"fxs/2": "congestion"}
    assert not desk.joined


def test_the_called_telephone_hangs_up() -> None:
    desk = _talking()
    desk.hang_up("fxs/2")
    assert desk.only(Cleared).side.value == "agent"
    assert desk.only(CallClosed).outcome is Outcome.ANSWERED
    assert desk.tones == {"fxs/1": "congestion"}


def test_a_busy_telephone_gives_busy_tone() -> None:
    desk = _talking()
    desk.lift("fxs/3")
    desk.key("fxs/3", "201")
    assert desk.tones == {"fxs/3": "ringback", "fxs/1": "call_waiting"}
    desk.lift("fxs/4")
    desk.key("fxs/4", "201")
    assert desk.tones["fxs/4"] == "busy", "one call waits for 201 already"
    assert desk.only(CallClosed).outcome is Outcome.BUSY
    assert desk.joined == {("fxs/1", "fxs/2")}


def test_nobody_answers_within_a_minute() -> None:
    desk = Desk.ready()
    desk.lift("fxs/1")
    desk.key("fxs/1", "202")
    desk.wait(60_000)
    assert desk.outcome == "no_answer"
    assert desk.only(RingingEnded).result == "no_answer"
    assert not desk.ringing
    assert desk.tones == {"fxs/1": "busy"}


def test_the_caller_gives_up() -> None:
    desk = Desk.ready()
    desk.lift("fxs/1")
    desk.key("fxs/1", "202")
    desk.hang_up("fxs/1")
    assert desk.outcome == "abandoned"
    assert desk.only(RingingEnded).result == "withdrawn"
    assert not desk.ringing
    assert not desk.tones


def test_a_wrong_number_leads_through_congestion_and_howler_to_silence() -> None:
    desk = Desk.ready()
    desk.lift("fxs/1")
    desk.key("fxs/1", "8")
    assert desk.outcome == "refused"
    assert desk.tones == {"fxs/1": "congestion"}
    desk.wait(20_000)
    assert desk.tones == {"fxs/1": "howler"}
    desk.wait(60_000)
    assert not desk.tones
    desk.hang_up("fxs/1")
    desk.lift("fxs/1")
    assert desk.tones == {"fxs/1": "dial"}


def test_a_handset_lifted_without_dialling_is_locked_out_and_leaves_no_record() -> None:
    desk = Desk.ready()
    desk.lift("fxs/1")
    desk.wait(15_000)
    assert desk.tones == {"fxs/1": "congestion"}
    assert not desk.log
    assert not desk.office.calls


def test_a_half_dialled_number_is_kept_when_the_handset_is_put_down() -> None:
    desk = Desk.ready()
    desk.lift("fxs/1")
    desk.key("fxs/1", "20")
    desk.hang_up("fxs/1")
    assert desk.only(CallDialled).digits == "20"
    assert desk.outcome == "abandoned"


def test_a_hook_flash_holds_the_conversation_and_the_next_one_takes_it_back() -> None:
    desk = _talking()
    desk.tell(LoopOpened(port="fxs/1", at_ms=desk.now_ms))
    desk.wait(120)  # CN recall: 90 to 120 ms
    desk.tell(LoopClosed(port="fxs/1", at_ms=desk.now_ms))
    desk.wait(5_000)
    assert desk.joined == {("fxs/2",)}, "who is held waits alone"
    assert desk.tones == {"fxs/1": "dial"}
    assert desk.plays["fxs/2"].loop
    desk.tell(LoopOpened(port="fxs/1", at_ms=desk.now_ms))
    desk.wait(120)
    desk.tell(LoopClosed(port="fxs/1", at_ms=desk.now_ms))
    desk.wait(100)
    assert desk.joined == {("fxs/1", "fxs/2")}
    assert not desk.tones
    assert not desk.plays
    assert not desk.entries(Cleared)


def test_both_lift_at_once_and_only_one_gets_the_call() -> None:
    desk = Desk.ready()
    desk.lift("fxs/1")
    desk.key("fxs/1", "200")
    assert set(desk.ringing) == {"fxs/2", "fxs/3", "fxs/4"}
    desk.lift("fxs/2")
    desk.lift("fxs/3")
    assert desk.joined == {("fxs/1", "fxs/2")}
    assert desk.tones == {"fxs/3": "dial"}


def test_pulses_dial_as_keys_do() -> None:
    desk = Desk.ready()
    desk.lift("fxs/1")
    desk.wait(500)
    for digit in (2, 10, 2):
        for _ in range(digit):
            desk.tell(LoopOpened(port="fxs/1", at_ms=desk.now_ms))
            desk.wait(60)
            desk.tell(LoopClosed(port="fxs/1", at_ms=desk.now_ms))
            desk.wait(40)
        desk.wait(700)
    assert desk.only(CallDialled).digits == "202"
    assert set(desk.ringing) == {"fxs/2"}
