"""Whose day it is: which customers are to be reached today, and how. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Final

import msgspec

from firmware.customers.customer import Customer
from firmware.customers.key_date import fallen

MOST_DAYS: Final = 7
"""Chosen: a box that was off over a holiday week still tells what was missed; longer ago it would
surprise the customer more than please him."""


class Occasion(msgspec.Struct, frozen=True, kw_only=True):
    """One day of one customer that has come."""

    card: Customer
    what: str
    day: date

    @property
    def key(self) -> str:
        """By which it is known that it was told."""
        return f"{self.card.customer}/{self.what}/{self.day}"


def days_since(last: date | None, today: date) -> list[date]:
    """Days that are looked at: from the last one that was, today included."""
    first = max(last or today, today - timedelta(days=MOST_DAYS))
    return [first + timedelta(days=n) for n in range((today - first).days + 1)]


def month_days(days: Iterable[date]) -> set[str]:
    """``-05-01`` of each: what a card must hold for its dates to be looked at."""
    found = {f"-{day:%m-%d}" for day in days}
    return found | {"-02-29"} if "-02-28" in found else found


def occasions(cards: Iterable[Customer], days: list[date], told: set[str]) -> list[Occasion]:
    """What has come on these days and was not told yet, by day and card.

    Args:
        cards: Those that may have something.
        days: That are looked at.
        told: Keys of what was.
    """
    found = [
        Occasion(card=card, what=one.name, day=day)
        for card in cards
        for one, day in fallen(card.dates, days)
    ]
    return sorted(
        (one for one in found if one.key not in told),
        key=lambda one: (one.day, one.card.customer),
    )
