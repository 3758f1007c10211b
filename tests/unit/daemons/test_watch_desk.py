"""Alarms ring who looks after the office, the day's calls are told, and bells meet real clocks."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec
import pytest

from drivers.line import LoopClosed
from firmware.call.fraud import Counters, Digest
from firmware.core.desk_entries import OutsideDigest
from firmware.core.outside_settings import Limits
from firmware.core.settings import Extension, Services, Settings, validate
from firmware.core.site_settings import Watch
from tests.unit.desk import PROMPT_MS, Desk

SUPPORT = "fxs/4"
WATCHED = Settings(watch=Watch(support="204"))
MINUTE_MS = 60_000


def office(settings: Settings = WATCHED, at: str = "2026-03-02T06:00:00.123456+00:00") -> Desk:
    """06:00 in Greenwich is two in the afternoon in China; a clock has microseconds."""
    desk = Desk.ready(settings)
    desk.office.tell_time(datetime.fromisoformat(at), desk.now_ms)
    stir(desk)
    return desk


def stir(desk: Desk) -> None:
    """Something else happens in the office, after which it looks around."""
    desk.burst("fxo/4", off_ms=100)
    desk.wait(15_000)


def said(desk: Desk) -> list[str]:
    play = desk.plays.get(SUPPORT)
    return [p.partition("/")[2] for p in play.prompts] if play else []


def alarm(desk: Desk, what: str, also: str = "") -> None:
    desk.office.outside.reached(what, also)
    stir(desk)


def test_it_says_what_happened_and_where_and_is_quiet_once_confirmed() -> None:
    desk = office()
    alarm(desk, "minutes_extension", "202")
    assert desk.ringing[SUPPORT].cadence == "alarm"
    desk.tell(LoopClosed(port=SUPPORT, at_ms=desk.now_ms, ring_trip=True))
    assert said(desk) == [
        "alarm-outside-calls",
        "limit-reached",
        "phone-extension-before",
        "digits-202",
        "alarm-confirm",
    ]
    desk.key(SUPPORT, "1")
    desk.wait(PROMPT_MS)
    desk.hang_up(SUPPORT)
    desk.wait(60 * MINUTE_MS)
    assert SUPPORT not in desk.ringing
    assert desk.office.status(desk.now_ms).alarms, "it stands on the page all the same"


def test_unconfirmed_it_is_said_twice_and_rings_again() -> None:
    desk = office()
    alarm(desk, "money_day")
    desk.tell(LoopClosed(port=SUPPORT, at_ms=desk.now_ms, ring_trip=True))
    plays = desk.plays[SUPPORT].play
    desk.wait(PROMPT_MS + 6_500)
    assert desk.plays[SUPPORT].play != plays, "once more"
    desk.wait(PROMPT_MS + 8_000)
    desk.hang_up(SUPPORT)
    desk.wait(4 * MINUTE_MS)
    assert SUPPORT not in desk.ringing
    desk.wait(70_000)
    assert SUPPORT in desk.ringing


def test_nobody_comes_three_times_and_it_gives_up_until_something_new_happens() -> None:
    desk = office()
    alarm(desk, "money_day")
    rings = 0
    for _ in range(60):
        before = SUPPORT in desk.ringing
        desk.wait(30_000)
        rings += not before and SUPPORT in desk.ringing
    assert rings <= 2, "the first one rang before"
    assert SUPPORT not in desk.ringing
    alarm(desk, "first_abroad", "201")
    desk.tell(LoopClosed(port=SUPPORT, at_ms=desk.now_ms, ring_trip=True))
    assert said(desk)[:2] == ["alarm-outside-calls", "alarm-abroad"]
    assert "limit-reached" not in said(desk)


def test_what_is_new_does_not_wait_for_the_second_try() -> None:
    desk = office()
    alarm(desk, "money_day")
    desk.wait(45_000)
    assert SUPPORT not in desk.ringing
    alarm(desk, "pin_failed", "203")
    assert SUPPORT in desk.ringing


def test_an_unconfirmed_alarm_outlives_a_restart() -> None:
    desk = office()
    alarm(desk, "money_day")
    kept = msgspec.json.encode(desk.office.outside.fraud.counters)
    again = Desk(WATCHED)
    wall = datetime(2026, 3, 2, 6, 5, tzinfo=UTC)
    counters = msgspec.json.decode(kept, type=Counters)
    again.office.know_counters(counters, again.now_ms, wall, "boot 2")
    again.adopt()
    stir(again)
    assert SUPPORT in again.ringing


def test_with_nobody_named_nobody_is_rung() -> None:
    desk = office(Settings())
    alarm(desk, "money_day")
    assert not desk.ringing


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_the_day_is_told_at_its_time_once(language: str) -> None:
    settings = Settings(language=language, watch=Watch(support="204"))
    desk = office(settings, "2026-03-02T10:25:00.654321+00:00")
    desk.dial_out()
    desk.hang_up("fxs/1")
    desk.wait(10_000)
    assert not desk.entries(OutsideDigest)
    desk.wait(5 * MINUTE_MS)
    entry = desk.only(OutsideDigest)
    assert (entry.calls, entry.minutes, entry.cost, entry.refused, entry.night) == (1, 1, 30, 0, 0)
    assert SUPPORT in desk.ringing
    desk.tell(LoopClosed(port=SUPPORT, at_ms=desk.now_ms, ring_trip=True))
    assert {"day-made-before", "day-talk-before", "day-cost-before"} <= set(said(desk))
    assert "alarm-confirm" not in said(desk)
    desk.wait(PROMPT_MS + 1_000)
    desk.hang_up(SUPPORT)
    desk.wait(60 * MINUTE_MS)
    assert len(desk.entries(OutsideDigest)) == 1
    assert SUPPORT not in desk.ringing
    figures = [a for a in desk.office.status(desk.now_ms).alarms if "0.30" in a]
    assert len(figures) == 1
    desk.wait(23 * 60 * MINUTE_MS + 5 * MINUTE_MS)
    assert len(desk.entries(OutsideDigest)) == 2


def test_a_day_without_calls_is_written_and_rings_nobody() -> None:
    desk = office(at="2026-03-02T10:29:00+00:00")
    desk.wait(2 * MINUTE_MS)
    assert desk.only(OutsideDigest).calls == 0
    assert not desk.ringing
    assert desk.office.status(desk.now_ms).alarms == ()


def test_what_is_counted_for_the_day() -> None:
    desk = office(Settings(limits=Limits(at_once_extension=1)), "2026-03-02T16:30:00+00:00")
    desk.dial_out()
    desk.hang_up("fxs/1")
    desk.wait(5_000)
    desk.lift("fxs/2")
    desk.key("fxs/2", "900441234567#")  # a class that may not
    desk.wait(PROMPT_MS)
    desk.hang_up("fxs/2")
    desk.wait(5_000)
    found = desk.office.outside.fraud.digest()
    assert found == Digest(calls=1, minutes=1, money=30, refused=1, night=1)


def test_who_is_rung_must_be_an_extension() -> None:
    settings = Settings(watch=Watch(support="99"))
    assert "99" in validate(settings, "zh-CN")["watch.support"]
    said_en = validate(settings, "en")["watch.support"]
    assert said_en == "99, which is to be rung for alarms, is no extension."


def test_a_wake_up_call_comes_though_the_clock_stands_between_two_milliseconds() -> None:
    sleeper = Extension(number="201", port="fxs/1", services=Services(wake_daily="07:00"))
    settings = Settings(extensions=(sleeper,), ring_groups=(), inbound="201")
    desk = office(settings, "2026-03-01T22:59:30.123456+00:00")
    desk.wait(20_000)
    assert "fxs/1" in desk.ringing
