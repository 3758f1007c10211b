"""Which hint an agent gets for a caller: the first rule whose conditions all apply. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date

import msgspec

from firmware.core.desk_settings import Hint


class Situation(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of a caller as he is put through.

    Attributes:
        today: By the clock of the office.
        tags: Of his card.
        grade: Of his card.
        topic: What his last call was about.
        choice: What he keyed in the menu of this one.
        days: Dates of his card by name: of a bought thing, the day it was bought.
    """

    today: date
    tags: tuple[str, ...] = ()
    grade: str = ""
    topic: str = ""
    choice: str = ""
    days: Mapping[str, date] = {}


def hint_for(rules: Iterable[Hint], situation: Situation) -> Hint | None:
    """What his agent is told; None for nothing."""
    return next((rule for rule in rules if _applies(rule, situation)), None)


def _applies(rule: Hint, situation: Situation) -> bool:
    if rule.tag and rule.tag not in situation.tags:
        return False
    if rule.grade and rule.grade != situation.grade:
        return False
    if rule.topic and rule.topic != situation.topic:
        return False
    if rule.choice and rule.choice != situation.choice:
        return False
    if not rule.date:
        return True
    day = situation.days.get(rule.date)
    if day is None:
        return False
    age_days = (situation.today - day).days
    return age_days >= rule.from_days and (not rule.to_days or age_days <= rule.to_days)
