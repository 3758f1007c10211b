"""A figure over weeks, with what was changed in which of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import Final

import msgspec

from firmware.reports.facts import Facts
from firmware.reports.interval import FEW
from firmware.reports.measures import MEASURES
from firmware.reports.policy import DEFAULT, Policy
from firmware.reports.report import By, Row, report

WEEKS: Final = 12
"""Chosen: a quarter of a year; one reads it at a glance."""

MOST_WEEKS: Final = 60


class Note(msgspec.Struct, frozen=True, kw_only=True):
    """What was changed on a day, by whom; ``version`` of the settings, 0 for a note by hand."""

    day: date
    text: str
    who: str = ""
    version: int = 0


class Week(msgspec.Struct, frozen=True, kw_only=True):
    """One week.

    Attributes:
        first: Its Monday.
        value: The figure; None where nothing can be divided by.
        top: Above the line.
        bottom: Below it; None for counts.
        few: Counted on few calls.
        notes: What was changed in it.
    """

    first: date
    value: float | None
    top: float
    bottom: float | None
    few: bool
    notes: tuple[Note, ...] = ()


def mondays(day: date, weeks: int = WEEKS) -> list[date]:
    """Mondays of the week that holds ``day`` and of those before it, oldest first."""
    last = day - timedelta(days=day.weekday())
    return [last - timedelta(weeks=back) for back in range(weeks - 1, -1, -1)]


def trend(
    code: str,
    weeks: Sequence[tuple[date, Facts]],
    notes: Iterable[Note] = (),
    policy: Policy = DEFAULT,
) -> list[Week]:
    """One figure, week by week.

    Args:
        code: Of a measure; ``KeyError`` if there is none.
        weeks: Mondays, each with the facts of its seven days.
        notes: Of any days.
        policy: Choices that figures depend on.
    """
    kept = list(notes)
    found = []
    for first, facts in weeks:
        rows: list[Row] = report(facts, by=By.WHOLE, codes=(code,), policy=policy)
        value = rows[0].figures[code]
        after = first + timedelta(weeks=1)
        counted = value.bottom if value.bottom is not None else None
        found.append(
            Week(
                first=first,
                value=value.value,
                top=value.top,
                bottom=counted,
                few=counted is not None and counted < FEW and MEASURES[code].unit != "erlang",
                notes=tuple(
                    sorted(
                        (note for note in kept if first <= note.day < after),
                        key=lambda note: (note.day, note.version),
                    )
                ),
            )
        )
    return found


def forecast(weeks: Sequence[Week]) -> float | None:
    """What the next week will be like if it goes on as before: the mean of the last four.

    A moving mean of four weeks is the plainest forecast there is, and for some dozens of calls a
    week nothing finer can be told from chance. None with less than four weeks that have a value.
    """
    values = [week.value for week in weeks if week.value is not None]
    return sum(values[-4:]) / 4 if len(values) >= 4 else None
