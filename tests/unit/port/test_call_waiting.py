"""The Type II sequence against the figures of GR-30-CORE, by hand."""

from __future__ import annotations

from firmware.port.call_waiting import WaitingIdentity
from firmware.port.call_waiting import WaitingStep as Step


def _asking() -> WaitingIdentity:
    waiting = WaitingIdentity(tone_ms=400, data_ms=500)
    assert waiting.start(1_000) == []
    assert waiting.advance(1_399) == []
    assert waiting.advance(1_400) == [Step.MUTE, Step.SEND_ALERT]
    return waiting


def test_the_set_answers_and_is_told_within_half_a_second() -> None:
    waiting = _asking()
    assert waiting.key("D", 1_560) == []
    due = waiting.next_deadline()
    assert due is not None
    assert 1_560 + 65 < due <= 1_560 + 500, "behind the key, within 500 ms of it"
    assert waiting.advance(due) == [Step.SEND_DATA]
    assert waiting.advance(due + 499) == []
    assert waiting.advance(due + 500) == [Step.UNMUTE]
    assert waiting.ended
    assert waiting.shown


def test_a_set_that_says_nothing_talks_on_after_a_quarter_of_a_second() -> None:
    waiting = _asking()
    assert waiting.advance(1_639) == []
    assert waiting.advance(1_640) == [Step.UNMUTE]  # 80 ms of tone, 160 ms of patience
    assert waiting.ended
    assert not waiting.shown


def test_a_persons_key_is_no_answer_and_an_adsi_set_answers_with_a() -> None:
    waiting = _asking()
    waiting.key("5", 1_500)
    assert waiting.advance(1_640) == [Step.UNMUTE]
    adsi = _asking()
    adsi.key("A", 1_550)
    assert adsi.advance(1_650) == [Step.SEND_DATA]


def test_whoever_stops_it_gives_the_talk_path_back_if_it_was_taken() -> None:
    assert WaitingIdentity(400, 500).stop() == []
    assert _asking().stop() == [Step.UNMUTE]


def test_late_news_of_time_loses_no_step() -> None:
    waiting = WaitingIdentity(tone_ms=400, data_ms=500)
    waiting.start(1_000)
    assert waiting.advance(9_000) == [Step.MUTE, Step.SEND_ALERT, Step.UNMUTE]
