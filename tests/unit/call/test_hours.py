"""Day, lunch, night and holidays as an office lives them."""

from __future__ import annotations

from datetime import UTC, date, datetime
from itertools import pairwise
from zoneinfo import ZoneInfo

import msgspec
import pytest

from firmware.call.hours import forced, notice, opening, place, preview
from firmware.core.settings import Hours, Line, Notice, Settings, validate

CHINA = ZoneInfo("Asia/Shanghai")
WEEK = dict.fromkeys(("mon", "tue", "wed", "thu", "fri"), ("09:00-12:00", "13:00-18:00"))
OFFICE = Settings(hours=Hours(week=WEEK, lunch="12:00-13:00"))


def _at(text: str, zone: ZoneInfo = CHINA) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone)


@pytest.mark.parametrize(
    ("when", "mode", "until", "reason"),
    [
        ("2026-03-02T08:59", "night", "2026-03-02T09:00", "schedule"),
        ("2026-03-02T09:00", "day", "2026-03-02T12:00", "schedule"),
        ("2026-03-02T12:00", "lunch", "2026-03-02T13:00", "schedule"),
        ("2026-03-02T17:59", "day", "2026-03-02T18:00", "schedule"),
        ("2026-03-06T18:00", "night", "2026-03-09T09:00", "schedule"),  # over a weekend
        ("2026-10-01T10:00", "holiday", "2026-10-08T00:00", "holiday"),  # national day
        ("2026-10-04T10:00", "holiday", "2026-10-08T00:00", "holiday"),  # a Sunday within it
        ("2026-10-10T10:00", "day", "2026-10-10T12:00", "made_up"),  # a Saturday of work
        ("2026-10-10T12:30", "lunch", "2026-10-10T13:00", "made_up"),
        ("2026-10-17T10:00", "night", "2026-10-19T09:00", "schedule"),  # a Saturday like others
    ],
)
def test_mode_of_a_moment(when: str, mode: str, until: str, reason: str) -> None:
    found = opening(OFFICE, _at(when).astimezone(UTC))
    assert (found.mode, found.until, found.reason) == (mode, _at(until), reason)


def test_without_a_week_it_is_always_day() -> None:
    assert opening(Settings(), _at("2026-10-01T03:00")).mode == "day"


def test_own_days_come_before_the_calendar() -> None:
    days = {"2026-10-01": "work", "2026-03-02": "closed"}
    office = msgspec.structs.replace(
        OFFICE,
        hours=msgspec.structs.replace(OFFICE.hours, days=days),
    )
    assert opening(office, _at("2026-10-01T10:00")).mode == "day"
    assert opening(office, _at("2026-03-02T10:00")).mode == "holiday"


def test_nine_oclock_stays_nine_oclock_through_daylight_saving() -> None:
    hours = Hours(week={"mon": ("09:00-17:00",), "sun": ("09:00-17:00",)}, statutory=False)
    london = Settings(country="GB", hours=hours)
    # Clocks go forward on Sunday 29 March 2026: 09:00 is 09:00 UTC on the 22nd, 08:00 on the 29th.
    assert opening(london, datetime(2026, 3, 22, 8, 59, tzinfo=UTC)).mode == "night"
    assert opening(london, datetime(2026, 3, 22, 9, 0, tzinfo=UTC)).mode == "day"
    assert opening(london, datetime(2026, 3, 29, 7, 59, tzinfo=UTC)).mode == "night"
    assert opening(london, datetime(2026, 3, 29, 8, 0, tzinfo=UTC)).mode == "day"


def test_a_forced_mode_ends_with_the_next_change_of_the_schedule() -> None:
    closed = forced(OFFICE, "night", _at("2026-03-02T10:00"))
    assert opening(closed, _at("2026-03-02T11:59")).mode == "night"
    assert opening(closed, _at("2026-03-02T11:59")).reason == "handset"
    assert opening(closed, _at("2026-03-02T12:00")).mode == "lunch"
    assert forced(closed, None, _at("2026-03-02T10:00")) == OFFICE
    assert validate(closed) == {}


def test_a_forced_mode_without_a_schedule_stays() -> None:
    closed = forced(Settings(), "night", _at("2026-03-02T10:00"))
    assert opening(closed, _at("2027-03-02T10:00")).mode == "night"


def test_a_notice_is_heard_between_its_times() -> None:
    said = Notice(prompt="closed", since="2026-03-02T09:00", until="2026-03-03T09:00")
    office = Settings(hours=Hours(notice=said))
    heard = [
        notice(office, _at(when)) is not None
        for when in ("2026-03-02T08:59", "2026-03-02T09:00", "2026-03-03T08:59", "2026-03-03T09:00")
    ]
    assert heard == [False, True, True, False]


def test_place_is_the_lines_then_the_offices_and_holidays_fall_back_to_night() -> None:
    office = Settings(inbound="200", inbound_modes={"night": "201", "lunch": "202"})
    line = Line(port="fxo/1", inbound="203", inbound_modes={"lunch": "204"})
    assert [place(office, None, m) for m in ("day", "lunch", "night", "holiday")] == [
        "200",
        "202",
        "201",
        "201",
    ]
    assert [place(office, line, m) for m in ("day", "lunch", "night")] == ["203", "204", "201"]


def test_thirty_days_ahead_show_the_holiday_and_the_working_saturday() -> None:
    spans = preview(OFFICE, _at("2026-09-20T08:00"))
    assert spans[0].begins == _at("2026-09-20T00:00")
    assert spans[-1].ends == _at("2026-10-20T00:00")
    assert all(one.ends == two.begins for one, two in pairwise(spans))
    named = {span.begins.date(): span.day.english for span in spans if span.mode == "holiday"}
    assert named[date(2026, 10, 1)] == "National Day"
    saturday = [span.mode for span in spans if span.begins.date() == date(2026, 10, 10)]
    assert saturday == ["night", "day", "lunch", "day", "night"]


@pytest.mark.parametrize(
    ("hours", "path"),
    [
        (Hours(week={"mon": ("18:00-09:00",)}), "hours.week.mon"),
        (Hours(week={"mon": ("nine",)}), "hours.week.mon"),
        (Hours(lunch="12-13-14"), "hours.lunch"),
        (Hours(days={"2026-13-01": "closed"}), "hours.days.2026-13-01"),
        (Hours(zone="Asia/Peking"), "hours.zone"),
        (Hours(notice=Notice(prompt="closed", until="tomorrow")), "hours.notice.until"),
    ],
)
def test_hours_that_cannot_be_read_are_refused_with_a_sentence(hours: Hours, path: str) -> None:
    for language in ("zh-CN", "en"):
        assert path in validate(Settings(hours=hours), language)
    assert path not in validate(Settings(hours=Hours(week={"mon": ("00:00-24:00",)})))
