"""Callers on hold, silent callers and long conversations, in the office without sound."""

from __future__ import annotations

import msgspec
import pytest

from drivers.line import LoopClosed, LoopOpened
from firmware.core.acd_entries import TaskKind, TaskOpened
from firmware.core.commands import Play, SetBridge
from firmware.core.events import ConversationSilent, SpeechHeard
from firmware.core.log_entries import CallClosed, CallMarked, Cleared, ClearedBy, Side
from firmware.core.settings import Settings
from tests.unit.desk import Desk

SET, LINE = "fxs/1", "fxo/1"


def held(settings: Settings | None = None) -> Desk:
    """A caller on line 1, put on hold by 201 this moment."""
    desk = Desk.ready(settings)
    desk.talk_inbound()
    desk.wait(1_000)
    flash(desk)
    return desk


def flash(desk: Desk) -> None:
    desk.tell(LoopOpened(port=SET, at_ms=desk.now_ms))
    desk.wait(100)
    desk.tell(LoopClosed(port=SET, at_ms=desk.now_ms))
    desk.wait(1)


def said(desk: Desk, port: str = LINE) -> list[str]:
    """Sentences to a port, without music; oldest first, each once."""
    plays = [e for e in desk.effects if isinstance(e, Play) and e.port == port]
    return [key for play in plays for key in play.prompts if not key.startswith("music/default")]


def marks(desk: Desk) -> list[tuple[str, str]]:
    return [(entry.mark, entry.extension) for entry in desk.entries(CallMarked)]


def test_a_caller_on_hold_is_comforted_every_20_s_and_has_music_between() -> None:
    desk = held()
    desk.effects.clear()
    desk.wait(19_000)
    assert said(desk) == []
    desk.wait(24_000)
    assert said(desk) == ["zh-CN/hold-comfort"] * 2
    assert desk.plays[LINE].prompts == ("music/default",)
    assert desk.plays[LINE].loop


def test_the_holder_hears_a_beep_at_45_s_and_the_caller_an_apology_at_60_s() -> None:
    desk = held()
    desk.effects.clear()
    desk.wait(44_000)
    assert said(desk, SET) == []
    desk.wait(1_500)
    assert said(desk, SET) == ["music/beep"]
    assert marks(desk) == []
    desk.wait(15_000)
    assert said(desk)[-1] == "zh-CN/hold-apology"
    assert marks(desk) == [("held_long", "201")]


def test_hold_timers_are_the_offices() -> None:
    desk = held(Settings(timers={"hold_comfort": 10_000, "hold_reminder": 15_000}))
    desk.effects.clear()
    desk.wait(16_000)
    assert said(desk) == ["zh-CN/hold-comfort"]
    assert said(desk, SET) == ["music/beep"]


def test_a_colleague_on_hold_is_left_to_his_music() -> None:
    desk = Desk.ready()
    desk.lift("fxs/2")
    desk.key("fxs/2", "201")
    desk.lift(SET)
    desk.wait(500)
    flash(desk)
    desk.effects.clear()
    desk.wait(70_000)
    assert said(desk, "fxs/2") == []


def test_a_caller_who_was_told_the_minutes_asks_to_be_called_back_by_key_1() -> None:
    desk = held()
    desk.effects.clear()
    desk.key(SET, "*3605")
    desk.wait(100)
    told = said(desk)
    assert told[0] == "zh-CN/hold-minutes-before"
    assert told[-1] == "zh-CN/hold-offer-callback"
    assert desk.listening[LINE].digits
    desk.wait(5_000)
    desk.key(LINE, "1")
    (task,) = desk.entries(TaskOpened)
    assert (task.kind, task.number, task.agent) == (TaskKind.CALLBACK, "01065529988", "201")
    assert said(desk)[-1] == "zh-CN/callback-booked"
    desk.wait(3_000)
    assert LINE not in desk.seized, "the line is free"
    cleared = desk.entries(Cleared)[-1]
    assert (cleared.side, cleared.by) == (Side.CUSTOMER, ClearedBy.FLOW)


@pytest.mark.parametrize("key", ["2", "#"])
def test_another_key_changes_nothing_and_without_an_offer_neither_does_1(key: str) -> None:
    desk = held()
    desk.key(LINE, "1")
    desk.key(SET, "*3605")
    desk.wait(4_500)
    desk.key(LINE, key)
    desk.wait(3_000)
    assert LINE in desk.seized
    assert not desk.entries(TaskOpened)


def test_codes_for_a_held_caller_say_so_when_nobody_is_held() -> None:
    desk = Desk.ready()
    desk.lift(SET)
    desk.key(SET, "*37")
    assert said(desk, SET) == ["zh-CN/hold-none"]


def silent(desk: Desk, code: str = "*37") -> None:
    desk.key(SET, code)
    desk.wait(100)


def test_a_silent_call_is_greeted_twice_told_so_and_cleared_5_s_later() -> None:
    desk = held()
    desk.effects.clear()
    silent(desk)
    desk.hang_up(SET)
    desk.wait(30_000)
    greeted = ["silent-hello", "silent-hello-again", "silent-goodbye"]
    assert said(desk) == [f"zh-CN/{key}" for key in greeted]
    cleared = desk.entries(Cleared)[-1]
    assert cleared.side is Side.SYSTEM
    assert cleared.detail == "nothing was heard"
    assert desk.entries(CallClosed)[-1].outcome.value == "answered"
    assert LINE not in desk.seized
    assert ("silent", "201") in marks(desk)
    last = next(e for e in reversed(desk.effects) if isinstance(e, Play) and e.port == LINE)
    assert last.prompts == ("zh-CN/silent-goodbye",)


def test_speech_brings_a_silent_caller_back_to_the_telephone() -> None:
    desk = held()
    silent(desk)
    desk.hang_up(SET)
    desk.wait(2_500)
    desk.tell(SpeechHeard(port=LINE, at_ms=desk.now_ms))
    assert SET in desk.ringing
    desk.lift(SET)
    desk.wait(100)
    assert desk.joined == {(LINE, SET)}


def test_a_faint_caller_is_made_louder_twice_before_he_is_asked_to_speak_up() -> None:
    desk = held()
    gains = []
    for _ in range(2):
        silent(desk, "*35")
        desk.wait(3_000)
        bridge = next(e for e in reversed(desk.effects) if isinstance(e, SetBridge))
        gains.append({party.port: party.gain_db for party in bridge.parties}[LINE])
        flash(desk)
    assert gains == [3.0, 6.0]
    desk.effects.clear()
    silent(desk, "*35")
    desk.hang_up(SET)
    desk.wait(30_000)
    assert said(desk) == ["zh-CN/faint-speak-up", "zh-CN/faint-goodbye"]
    assert LINE not in desk.seized


def test_the_next_call_of_a_line_is_as_loud_as_ever() -> None:
    desk = held()
    silent(desk, "*35")
    desk.wait(3_000)
    desk.tone(LINE, "busy")
    desk.wait(8_000)
    desk.hang_up(SET)
    desk.wait(3_000)
    desk.talk_inbound()
    bridge = next(e for e in reversed(desk.effects) if isinstance(e, SetBridge) and e.parties)
    assert {party.gain_db for party in bridge.parties} == {0.0}


def test_talk_time_is_reminded_of_at_150_and_180_s_and_never_cut() -> None:
    desk = Desk.ready(msgspec.structs.replace(Settings(), talk_tones=True))
    desk.talk_inbound()
    desk.effects.clear()
    desk.wait(149_000)
    assert said(desk, SET) == []
    desk.wait(2_000)
    assert said(desk, SET) == ["music/beep"]
    desk.wait(30_000)
    assert said(desk, SET) == ["music/beep"] * 2
    assert marks(desk) == [("talked_long", "201")]
    desk.wait(60_000)
    assert desk.joined == {(LINE, SET)}


def test_talk_time_is_an_offices_choice() -> None:
    desk = Desk.ready()
    desk.talk_inbound()
    desk.effects.clear()
    desk.wait(200_000)
    assert said(desk, SET) == []


def test_a_silence_of_15_s_is_told_to_the_telephone_once() -> None:
    desk = Desk.ready(msgspec.structs.replace(Settings(), silence_tone=True))
    desk.talk_inbound()
    desk.effects.clear()
    for lasted_ms in range(5_000, 35_000, 5_000):
        desk.wait(5_000)
        desk.tell(ConversationSilent(port=SET, at_ms=desk.now_ms, lasted_ms=lasted_ms))
        assert said(desk, SET) == ([] if lasted_ms < 15_000 else ["music/beep"])
    assert marks(desk) == [("silence", "201")]


def test_after_a_code_the_caller_is_back_by_himself() -> None:
    for code in ("*65", "*35", "*67"):
        desk = held()
        desk.key(SET, code)
        assert desk.joined != {(LINE, SET)}, "the sentence is not over yet"
        desk.wait(2_500)
        assert desk.joined == {(LINE, SET)}, code
        assert "fxs/1" not in desk.tones
        flash(desk)  # and a recall begins another enquiry
        assert desk.tones[SET] == "dial"


def test_a_caller_who_is_told_the_minutes_hears_them_to_the_end() -> None:
    desk = held()
    desk.key(SET, "*3605")
    desk.wait(2_500)
    assert desk.joined != {(LINE, SET)}
    flash(desk)
    assert desk.joined == {(LINE, SET)}


def test_callers_who_went_with_the_line_daemon_are_looked_after_no_more() -> None:
    desk = held()
    desk.office.lines_lost(desk.now_ms)
    for kept in (desk.tones, desk.bridges, desk.seized, desk.plays, desk.recordings):
        kept.clear()
    desk._later.clear()
    desk.effects.clear()
    desk.wait(60_000)  # every timer of a hold would have been due
    assert said(desk, LINE) == said(desk, SET) == []
