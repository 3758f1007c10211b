"""Days on which a customer is to be thought of: a birthday, the end of a contract. Pure.

The calendar alone decides; at which hour somebody calls is the business of who is told the day.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Final

import msgspec

MOST_DATES: Final = 8
LONGEST_NAME: Final = 40
BIRTHDAY: Final = "birthday"
"""The name that address books know (RFC 6350 clause 6.2.5, BDAY); an office may use any others."""

CHANNELS: Final = ("", "call", "text", "mail")
"""How a customer prefers to be reached; empty is by telephone."""


class KeyDate(msgspec.Struct, frozen=True, kw_only=True):
    """One day of a customer.

    Attributes:
        name: What it is.
        day: ``1980-05-01``; of a yearly one the year is that of the first.
        yearly: Whether it comes again each year.
    """

    name: str
    day: str
    yearly: bool = True


_WRITTEN: Final = re.compile(
    r"(?P<name>.*?)\s+(?P<day>\d{4}[-/.]\d{1,2}[-/.]\d{1,2})\s*(?P<how>yearly|once|每年|一次)?"
)


def day_of(text: str) -> date | None:
    """A day as people write it, ``2026-5-1`` too; None for anything that is no day."""
    parts = text.strip().replace("/", "-").replace(".", "-").split("-")
    if len(parts) != len("ymd") or not all(p.isascii() and p.isdecimal() for p in parts):
        return None
    try:
        return date(*(int(part) for part in parts))
    except ValueError:
        return None


def falls_on(key_date: KeyDate, day: date) -> bool:
    """Whether it is this day. The 29th of February is kept on the 28th in a year without one."""
    first = day_of(key_date.day)
    if first is None or day < first:
        return False
    if not key_date.yearly:
        return day == first
    return in_year(first, day.year) == day


def in_year(first: date, year: int) -> date:
    """The day on which something of ``first`` is kept in a year."""
    try:
        return first.replace(year=year)
    except ValueError:
        return date(year, 2, 28)


def fallen(dates: Iterable[KeyDate], days: Iterable[date]) -> list[tuple[KeyDate, date]]:
    """What falls on which of these days."""
    whole = tuple(days)
    return [(one, day) for one in dates for day in whole if falls_on(one, day)]


def read_dates(text: str) -> tuple[KeyDate, ...]:
    """Dates as a person or a table writes them: ``birthday 1980-05-01 yearly; renewal 2027-3-1``.

    They are parted by ``;`` or line breaks. One without ``yearly`` or ``once`` is yearly if it is
    called a birthday, else once. What is no date comes back as one that :func:`wrong_dates` tells.
    """
    found: list[KeyDate] = []
    for part in re.split(r"[;；\n]", text):
        if not (whole := part.strip()):
            continue
        match = _WRITTEN.fullmatch(whole)
        if match is None:
            found.append(KeyDate(name=whole, day="", yearly=False))
            continue
        yearly = match["how"] in {"yearly", "每年"} or (
            match["how"] is None and match["name"].casefold() in {BIRTHDAY, "生日"}
        )
        found.append(KeyDate(name=match["name"], day=match["day"], yearly=yearly))
    return tuple(found)


def written_dates(dates: Sequence[KeyDate]) -> str:
    """What :func:`read_dates` reads back."""
    return "; ".join(f"{d.name} {d.day} {'yearly' if d.yearly else 'once'}" for d in dates)


def tidy(dates: Iterable[KeyDate]) -> tuple[KeyDate, ...]:
    """In their kept form, each once."""
    kept = []
    for one in dates:
        day = day_of(one.day)
        written = day.isoformat() if day is not None else one.day
        kept.append(msgspec.structs.replace(one, name=one.name.strip(), day=written))
    return tuple(dict.fromkeys(kept))


def wrong_dates(dates: Sequence[KeyDate]) -> tuple[str, dict[str, object]] | None:
    """What is wrong with them, as the key of a sentence and its values; None if nothing is."""
    if len(dates) > MOST_DATES:
        return "customer-dates", {"value": len(dates), "limit": MOST_DATES}
    for one in dates:
        if not one.name or len(one.name) > LONGEST_NAME:
            return "customer-date-name", {"value": one.name or "-", "limit": LONGEST_NAME}
        if day_of(one.day) is None:
            shown = f"{one.name} {one.day}".strip()
            return "customer-date", {"value": shown}
    return None
