"""Bells, accounts and absent people: what a handset or a caller hears and may choose."""

from __future__ import annotations

from typing import Any

import pytest

from firmware.core.destinations import FlowGoto, FlowHangsUp, ToOutside
from firmware.dialogs.absent import Absent
from firmware.dialogs.bell import BellDialog
from firmware.dialogs.booking import Booking
from firmware.dialogs.playing import Playing
from firmware.dialogs.told import CallBackWanted, Heard, Snoozed
from firmware.voicemail.leaving import Leaving
from firmware.voicemail.session import Record, Talk


def said(effects: list[Any]) -> list[str]:
    return [p.removeprefix("en/") for e in effects if isinstance(e, Talk) for p in e.prompts]


def test_a_sleeper_sleeps_on_by_one() -> None:
    bell = BellDialog("wake_up", "201", "en")
    started = bell.start(0)
    assert Heard() in started
    assert said(started) == ["wake-up-call", "wake-up-again"]
    assert Snoozed(extension="201", kind="wake_up") in bell.key("1", 2_000)
    assert bell.played(3_000) == [FlowHangsUp(at_ms=3_000)]


def test_who_only_listens_is_awake() -> None:
    bell = BellDialog("reminder", "201", "en")
    bell.start(0)
    assert bell.played(4_000) == []
    assert bell.advance(10_000) == [FlowHangsUp(at_ms=10_000)]


def test_the_account_leads_on_and_three_wrong_ones_do_not() -> None:
    booking = Booking("203", "en", "87654321", {"4711": ""})
    booking.start(0)
    for key in "4711":
        assert booking.key(key, 1_000) == []
    assert booking.key("#", 2_000) == [
        FlowGoto(at_ms=2_000, destination=ToOutside(number="87654321"), choice="4711")
    ]
    wrong = Booking("203", "en", "87654321", {"4711": ""})
    wrong.start(0)
    answers = [said(wrong.key("#", 1_000)) for _ in range(3)]
    assert answers[0] == answers[1] == ["account-wrong", "account-ask"]
    assert answers[2] == ["account-wrong", "goodbye"]
    assert wrong.played(5_000) == [FlowHangsUp(at_ms=5_000)]


def test_a_recording_can_be_heard_again() -> None:
    playing = Playing("201", "en", "/r/1.wav")
    assert said(playing.start(0)) == ["/r/1.wav"]
    assert said(playing.key("1", 1_000)) == ["/r/1.wav"]
    assert FlowHangsUp(at_ms=2_000) in playing.key("*", 2_000)


@pytest.mark.parametrize("caller", ["13800138000", ""])
def test_a_caller_of_somebody_absent_chooses(caller: str) -> None:
    absent = Absent(Leaving("203", "en"), caller)
    assert said(absent.start(0)) == ["transfer-away", "transfer-away-menu"]
    assert absent.played(3_000) == []
    effects = absent.key("1", 4_000)
    if caller:
        assert CallBackWanted(extension="203", number=caller) in effects
        assert absent.played(8_000) == [FlowHangsUp(at_ms=8_000)]
    else:  # nobody could call him back: he leaves a message
        assert "voicemail-leave" in said(effects)
        assert absent.played(8_000) == [Record()]
