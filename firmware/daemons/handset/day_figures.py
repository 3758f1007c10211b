"""The day's figures as they are read out at a handset, each beside its target. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Final

from firmware.core.report_settings import Target, target_of
from firmware.reports.measures import MEASURES, Figure
from ivr.speech import say_duration, say_number

READ_OUT: Final[Mapping[str, str]] = {
    "a": "day-calls-before",
    "b": "status-lost-before",
    "sl": "status-service-level-before",
    "aht": "day-average-before",
    "csat_2": "day-satisfied-before",
}
"""Figures in the order in which they are said, each with the words before it."""

TARGET: Final = "day-target-before"


def spoken(
    figures: Mapping[str, Figure], targets: Sequence[Target], day: date, language: str
) -> list[str]:
    """Prompts that say the figures; what has no value yet is left out.

    Args:
        figures: By code, as the reports have them.
        targets: Of the office.
        day: On which they hold.
        language: Of the listener.
    """
    if not figures or not figures["n"].top:
        return ["day-nothing"]
    said: list[str] = []
    for code, before in READ_OUT.items():
        value = figures[code].value
        if value is None:
            continue
        said += [before, *value_prompts(code, value, language)]
        said += target_prompts(target_of(targets, code, day), language)
    return said


def target_prompts(target: Target | None, language: str) -> list[str]:
    """What it is to be; nothing without a target."""
    if target is None:
        return []
    share = MEASURES[target.figure].unit == "share"
    value = target.value / 100 if share else target.value
    return [TARGET, *value_prompts(target.figure, value, language)]


def value_prompts(code: str, value: float, language: str) -> list[str]:
    """A value of a figure in whole per cent, seconds or calls."""
    match MEASURES[code].unit:
        case "share":
            number = say_number(round(100 * value), language)
            return [*number, "percent"] if language == "en" else ["percent", *number]
        case "seconds":
            return list(say_duration(round(value), language))
        case _:
            return list(say_number(round(value), language))
