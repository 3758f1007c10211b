"""A caller from an exchange line: answered, cleared by each sign, abandoned at each stage."""

from __future__ import annotations

from drivers.line import LoopCurrentLost, PolarityReversed, Release, Seize
from firmware.core.commands import PlayTone, Ring, SetBridge
from firmware.core.log_entries import (
    CallClosed,
    CallerKnown,
    CallOffered,
    Cleared,
    LineAnswered,
    LineReleased,
    MenuLeft,
    Outcome,
    RingingEnded,
    TelephoneAnswered,
    TelephoneRings,
    VoicesConnected,
)
from tests.unit.desk import PROMPT_MS, Desk


def test_a_caller_presses_one_and_talks_to_extension_201() -> None:
    desk = Desk.ready()
    began_ms = desk.now_ms
    desk.talk_inbound()

    assert desk.joined == {("fxo/1", "fxs/1")}
    assert desk.only(CallOffered).at_ms == began_ms
    assert desk.only(CallerKnown).number == "01065529988"
    # Burst 1 at 0 to 1 s, pause of 4 s, burst 2 at 5 to 6 s; answered 0.6 s later, when it is
    # sure that the ring is over.
    assert desk.only(LineAnswered).at_ms == began_ms + 6_600
    assert desk.only(MenuLeft).destination == "extension 201"
    assert desk.only(MenuLeft).choice == "1"
    rings = desk.only(TelephoneRings)
    assert (rings.port, rings.extension) == ("fxs/1", "201")
    assert desk.only(RingingEnded).result == "answered"
    assert desk.only(TelephoneAnswered).extension == "201"
    assert set(desk.only(VoicesConnected).parties) == {"fxo/1", "fxs/1"}
    assert not desk.entries(CallClosed)
    assert not desk.tones
    assert not desk.ringing


def test_the_telephone_shows_the_callers_number() -> None:
    desk = Desk.ready()
    desk.talk_inbound()
    (ring,) = [effect for effect in desk.effects if isinstance(effect, Ring)]
    assert ring.caller is not None
    assert ring.caller.number == "01065529988"


def test_the_record_says_answered_before_voices_are_joined() -> None:
    desk = Desk.ready()
    desk.talk_inbound()
    order = [type(effect) for effect in desk.effects]
    assert order.index(TelephoneAnswered) < order.index(SetBridge)
    assert order.index(VoicesConnected) < order.index(SetBridge)
    assert order.index(LineAnswered) < order.index(Seize)


def test_the_caller_hears_ringback_while_the_telephone_rings() -> None:
    desk = Desk.ready()
    desk.call_in()
    desk.wait(PROMPT_MS + 500)
    desk.key("fxo/1", "1")
    desk.wait(PROMPT_MS)
    assert desk.tones == {"fxo/1": "ringback"}
    assert set(desk.ringing) == {"fxs/1"}


def _ended_well(desk: Desk, side: str, by: str) -> None:
    cleared = desk.only(Cleared)
    assert (cleared.side.value, cleared.by.value) == (side, by)
    assert desk.only(CallClosed).outcome is Outcome.ANSWERED
    assert desk.joined == set()
    assert desk.seized == set()
    assert desk.only(LineReleased).port == "fxo/1"
    assert not desk.office.calls


def test_the_agent_hangs_up_first() -> None:
    desk = Desk.ready()
    desk.talk_inbound()
    desk.hang_up("fxs/1")
    _ended_well(desk, "agent", "on_hook")
    assert not desk.tones


def test_the_caller_clears_and_the_exchange_sends_busy_tone() -> None:
    desk = Desk.ready()
    desk.talk_inbound()
    desk.wait(30_000)
    desk.tone("fxo/1", "busy")
    assert desk.joined, "a tone is believed when nobody speaks after it"
    desk.wait(4_000)
    _ended_well(desk, "customer", "tone")
    assert "busy" in desk.only(Cleared).detail
    # The agent still holds the handset and hears that it is over.
    assert desk.tones == {"fxs/1": "congestion"}
    desk.hang_up("fxs/1")
    assert not desk.tones


def test_the_caller_clears_by_loop_break() -> None:
    desk = Desk.ready()
    desk.talk_inbound()
    desk.wait(30_000)
    desk.tell(LoopCurrentLost(port="fxo/1", at_ms=desk.now_ms))
    desk.wait(249)
    assert desk.joined, "a gap shorter than 250 ms is no clear"
    desk.wait(1)
    _ended_well(desk, "customer", "loop_break")


def test_the_caller_clears_by_reversal() -> None:
    desk = Desk.ready()
    desk.talk_inbound()
    desk.wait(30_000)
    desk.tell(PolarityReversed(port="fxo/1", at_ms=desk.now_ms, reversed=True))
    _ended_well(desk, "customer", "reversal")


def test_a_reversal_right_after_the_answer_is_not_a_clear() -> None:
    desk = Desk.ready()
    desk.call_in()
    desk.tell(PolarityReversed(port="fxo/1", at_ms=desk.now_ms, reversed=True))
    assert not desk.entries(Cleared)


def test_the_caller_gives_up_while_the_line_still_rings() -> None:
    desk = Desk.ready()
    desk.burst("fxo/1")
    desk.wait(3_000)
    assert desk.outcome == "abandoned"
    assert not desk.entries(LineAnswered)
    assert not [effect for effect in desk.effects if isinstance(effect, Seize)]


def test_the_caller_clears_in_the_menu() -> None:
    desk = Desk.ready()
    desk.call_in()
    desk.tone("fxo/1", "busy")
    desk.wait(4_000)
    assert desk.outcome == "abandoned"
    assert desk.seized == set()
    assert not desk.plays


def test_the_caller_clears_while_the_telephone_rings() -> None:
    desk = Desk.ready()
    desk.call_in()
    desk.wait(PROMPT_MS + 500)
    desk.key("fxo/1", "1")
    desk.wait(PROMPT_MS)
    desk.tone("fxo/1", "busy")
    desk.wait(4_000)
    assert desk.outcome == "abandoned"
    assert desk.only(RingingEnded).result == "withdrawn"
    assert not desk.ringing
    assert not desk.tones


def test_silence_rings_everybody_and_the_first_to_lift_gets_the_call() -> None:
    desk = Desk.ready()
    desk.call_in()
    # Welcome and menu 2 s each, 5 s of waiting, 2 s of "connecting".
    desk.wait(2 * PROMPT_MS + 5_000 + PROMPT_MS + 100)
    assert set(desk.ringing) == {"fxs/1", "fxs/2", "fxs/3", "fxs/4"}
    desk.lift("fxs/3")
    assert desk.joined == {("fxo/1", "fxs/3")}
    assert not desk.ringing
    results = {entry.port: entry.result for entry in desk.entries(RingingEnded)}
    assert results == {
        "fxs/1": "withdrawn",
        "fxs/2": "withdrawn",
        "fxs/3": "answered",
        "fxs/4": "withdrawn",
    }
    assert desk.only(MenuLeft).choice == ""


def test_nobody_answers_and_the_caller_gets_another_try_and_a_goodbye() -> None:
    desk = Desk.ready()
    desk.call_in()
    desk.key("fxo/1", "1")
    desk.wait(PROMPT_MS + 30_000)
    assert desk.plays["fxo/1"].prompts == ("zh-CN/no-answer",)
    desk.wait(PROMPT_MS + 500)
    desk.key("fxo/1", "2")
    desk.wait(PROMPT_MS + 30_000)
    assert desk.plays["fxo/1"].prompts == ("zh-CN/goodbye",)
    desk.wait(PROMPT_MS)
    cleared = desk.only(Cleared)
    assert (cleared.side.value, cleared.by.value) == ("system", "flow")
    assert desk.outcome == "no_answer"
    assert desk.seized == set()


def test_a_busy_extension_is_said_and_not_rung() -> None:
    desk = Desk.ready()
    desk.lift("fxs/1")
    desk.call_in()
    desk.key("fxo/1", "1")
    desk.wait(PROMPT_MS)
    assert desk.plays["fxo/1"].prompts == ("zh-CN/all-busy",)
    assert not desk.ringing


def test_release_follows_the_clear_at_once() -> None:
    desk = Desk.ready()
    desk.talk_inbound()
    desk.tone("fxo/1", "busy")
    done = desk.wait(4_000)
    assert any(isinstance(effect, Release) for effect in done)
    assert any(isinstance(effect, PlayTone) and effect.port == "fxs/1" for effect in done)
