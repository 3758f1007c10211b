"""Ours hang up first, and the caller is still there; he is spoken to in the language he chose."""

from __future__ import annotations

import pytest

from drivers.line import LoopCurrentLost, LoopCurrentReturned, LoopOpened
from firmware.core.destinations import FlowLearned
from firmware.core.log_entries import CallClosed, Cleared, LineReleased, Side
from firmware.core.settings import Settings
from tests.unit.desk import Desk

LINE, SET = "fxo/1", "fxs/1"
FAREWELL = Settings(farewell=True)


def test_the_line_is_kept_until_the_timer_when_nothing_tells_that_he_has_gone() -> None:
    desk = Desk.ready(FAREWELL)
    desk.talk_inbound()
    desk.wait(5_000)
    desk.hang_up(SET)
    put_down_ms = desk.only(Cleared).at_ms
    assert desk.plays[LINE].prompts == ("zh-CN/goodbye",)
    assert desk.seized == {LINE}
    desk.lift(SET)
    assert desk.tones[SET] == "dial", "the telephone is free meanwhile"
    desk.wait(20_000)
    kept_ms = desk.only(LineReleased).at_ms - put_down_ms
    assert 8_000 <= kept_ms <= 9_500
    assert desk.only(Cleared).side is Side.AGENT


def test_he_clears_and_the_line_is_free_at_once() -> None:
    desk = Desk.ready(FAREWELL)
    desk.talk_inbound()
    desk.wait(5_000)
    desk.hang_up(SET)
    desk.wait(1_000)
    desk.tell(LoopCurrentLost(port=LINE, at_ms=desk.now_ms))
    desk.wait(600)
    desk.tell(LoopCurrentReturned(port=LINE, at_ms=desk.now_ms, gap_ms=600))
    assert desk.seized == set()
    desk.wait(3_000)
    assert desk.only(Cleared).side is Side.AGENT, "still it was ours who cleared first"
    assert desk.only(CallClosed).outcome.value == "answered"


def test_calls_that_we_made_and_offices_that_do_not_want_it_are_released_at_once() -> None:
    for settings, begin in ((FAREWELL, Desk.dial_out), (Settings(), Desk.talk_inbound)):
        desk = Desk.ready(settings)
        begin(desk)
        desk.wait(5_000)
        desk.hang_up(SET)
        desk.wait(1_000)
        assert desk.seized == set()


@pytest.mark.parametrize(("chosen", "spoken"), [("en", "en"), ("zh-HK", "zh-CN"), ("", "zh-CN")])
def test_on_hold_he_is_spoken_to_in_the_language_he_chose(chosen: str, spoken: str) -> None:
    desk = Desk.ready()
    desk.call_in()
    (call,) = desk.office.calls
    call.handle(FlowLearned(at_ms=desk.now_ms, language=chosen), desk.now_ms)
    desk.wait(2_500)
    desk.key(LINE, "1")
    desk.wait(2_500)
    desk.lift(SET)
    desk.wait(2_000)
    desk.tell(LoopOpened(port=SET, at_ms=desk.now_ms))
    desk.wait(100)
    desk.lift(SET)
    heard: list[str] = []
    for _ in range(60):
        desk.wait(1_000)
        heard += desk.plays[LINE].prompts if LINE in desk.plays else ()
    assert f"{spoken}/hold-comfort" in heard
