"""The calendar, held against the notices of the State Council and against the library."""

from __future__ import annotations

from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest

from firmware.core.calendar_days import CLOSED, MADE_UP
from firmware.core.calendars import ZONES, statutory
from firmware.core.countries import COUNTRIES
from tests.unit.core import derive_calendars

# General Office of the State Council, notice on the holidays of 2026: first and last day off.
OFF_2026 = (
    ("01-01", "01-03"),
    ("02-15", "02-23"),
    ("04-04", "04-06"),
    ("05-01", "05-05"),
    ("06-19", "06-21"),
    ("09-25", "09-27"),
    ("10-01", "10-07"),
)
WORK_2026 = ("01-04", "02-14", "02-28", "05-09", "09-20", "10-10")


def _days(first: str, last: str) -> list[date]:
    begin, end = date.fromisoformat(f"2026-{first}"), date.fromisoformat(f"2026-{last}")
    return [begin + timedelta(days=n) for n in range((end - begin).days + 1)]


def test_china_is_off_in_2026_on_exactly_the_days_of_the_notice() -> None:
    announced = [day for first, last in OFF_2026 for day in _days(first, last)]
    off = sorted(d for d, row in statutory("CN").items() if row.kind == "closed" and d.year == 2026)
    assert off == announced


def test_china_works_on_the_weekend_days_of_the_notice() -> None:
    work = [d for d, row in statutory("CN").items() if row.kind == "work" and d.year == 2026]
    assert [day.strftime("%m-%d") for day in work] == list(WORK_2026)


@pytest.mark.parametrize("code", sorted(COUNTRIES))
def test_every_country_has_a_zone_and_new_year(code: str) -> None:
    ZoneInfo(ZONES[code])
    assert code == "IN" or statutory(code)[date(2026, 1, 1)].kind == "closed"
    assert statutory(code), f"{code} has no holidays at all"


def test_the_table_is_what_the_library_says() -> None:
    assert derive_calendars.derive() == (CLOSED, MADE_UP)
