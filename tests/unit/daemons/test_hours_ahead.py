"""Thirty days as an owner looks them through, worked out by hand from the calendar of 2026."""

from datetime import UTC, datetime

from firmware.core.settings import Hours, Settings
from firmware.daemons.desks.hours_ahead import hours_ahead

WEEK = dict.fromkeys(("mon", "tue", "wed", "thu", "fri"), ("09:00-12:00", "13:00-18:00"))
FRIDAY = datetime(2026, 9, 25, 1, tzinfo=UTC)  # 09:00 in Shanghai, mid-autumn festival


def spans(settings: Settings, day: str, language: str = "en") -> list[tuple[str, ...]]:
    days = {d.day: d.spans for d in hours_ahead(settings, FRIDAY, language).days}
    return [(s.begins, s.ends, s.mode, s.holiday) for s in days[day]]


def test_an_ordinary_day_a_weekend_and_a_holiday() -> None:
    office = Settings(hours=Hours(week=WEEK))
    found = hours_ahead(office, FRIDAY, "en").days
    assert len(found) == 30
    assert found[0].day == "2026-09-25"
    assert spans(office, "2026-09-29") == [
        ("00:00", "09:00", "night", ""),
        ("09:00", "12:00", "day", ""),
        ("12:00", "13:00", "night", ""),
        ("13:00", "18:00", "day", ""),
        ("18:00", "24:00", "night", ""),
    ]
    (national,) = spans(office, "2026-10-01")
    assert national[:3] == ("00:00", "24:00", "holiday")
    assert national[3] != ""
    assert spans(office, "2026-10-01", "zh-CN")[0][3] == "国庆节"


def test_an_office_without_a_week_is_always_open() -> None:
    assert spans(Settings(), "2026-09-29") == [("00:00", "24:00", "day", "")]
