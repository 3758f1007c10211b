"""Holidays of a place by its statutory calendar, and its time zone. A table; nothing is computed.

The days of years that are not in the table are ordinary days; :data:`LAST_YEAR` is there for a
reminder. Offices lay days of their own over these (``Hours.days``).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from functools import cache
from typing import Final, Literal

import msgspec

from firmware.core.calendar_days import CLOSED, MADE_UP

ZONES: Final[Mapping[str, str]] = {
    # IANA time zone data base; where a country has several, that of its largest city.
    "CN": "Asia/Shanghai",
    "HK": "Asia/Hong_Kong",
    "TW": "Asia/Taipei",
    "SG": "Asia/Singapore",
    "US": "America/New_York",
    "GB": "Europe/London",
    "DE": "Europe/Berlin",
    "FR": "Europe/Paris",
    "JP": "Asia/Tokyo",
    "AU": "Australia/Sydney",
    "IN": "Asia/Kolkata",
    "BR": "America/Sao_Paulo",
}

_SATURDAY: Final = 5
_REST: Final = ("休息日", "Day off")
_MADE_UP: Final = ("调休上班", "Working day in exchange")


class CalendarDay(msgspec.Struct, frozen=True, kw_only=True):
    """A day that is not what its weekday says."""

    day: date
    kind: Literal["closed", "work"]
    chinese: str
    english: str


LAST_YEAR: Final = max(int(row[:4]) for rows in CLOSED.values() for row in rows)
"""The last year the table knows."""


@cache
def statutory(country: str) -> Mapping[date, CalendarDay]:
    """A country's holidays and made-up working days; empty for a country without a table.

    In China the weekend beside a holiday belongs to it, as the State Council's notices count
    (1 to 7 October), so an office that works on Saturdays is closed then as well.
    """
    found: dict[date, CalendarDay] = {}
    for text in MADE_UP.get(country, ()):
        day = date.fromisoformat(text)
        found[day] = CalendarDay(day=day, kind="work", chinese=_MADE_UP[0], english=_MADE_UP[1])
    for row in CLOSED.get(country, ()):
        text, chinese, english = row.split("|")
        day = date.fromisoformat(text)
        found[day] = CalendarDay(day=day, kind="closed", chinese=chinese, english=english)
    if country == "CN":
        for day in list(found):
            if found[day].kind == "closed":
                _take_weekend(found, day)
    return found


def _take_weekend(found: dict[date, CalendarDay], day: date) -> None:
    for step in (timedelta(days=1), timedelta(days=-1)):
        beside = day + step
        while beside.weekday() >= _SATURDAY and beside not in found:
            chinese, english = _REST
            found[beside] = CalendarDay(day=beside, kind="closed", chinese=chinese, english=english)
            beside += step
