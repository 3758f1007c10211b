"""Hints: which line an agent gets for which caller, and rules that would mean nothing."""

from __future__ import annotations

from datetime import date

import msgspec
import pytest

from firmware.core.desk_settings import Desk, Hint
from firmware.core.settings import Settings, validate
from firmware.knowledge.hints import Situation, hint_for

TODAY = date(2026, 11, 22)
RULES = (
    Hint(code="12", text="Offer the care plan", tag="boiler", date="purchase", from_days=300),
    Hint(code="13", text="Ask about the filter", topic="23", to_days=0),
    Hint(code="14", text="Third edition is out", grade="vip", choice="1"),
    Hint(code="15", text="New: first service free", date="purchase", to_days=30),
)


@pytest.mark.parametrize(
    ("known", "code"),
    [
        # bought 326 days ago
        ({"tags": ("boiler",), "days": {"purchase": date(2025, 12, 31)}}, "12"),
        # 299 days are too few, and more than 30
        ({"tags": ("boiler",), "days": {"purchase": date(2026, 1, 27)}}, None),
        ({"days": {"purchase": date(2025, 12, 31)}}, None),  # another tag
        ({"tags": ("boiler",)}, None),  # nobody knows when
        ({"topic": "23", "grade": "vip", "choice": "1"}, "13"),  # the first that applies
        ({"grade": "vip", "choice": "1"}, "14"),
        ({"grade": "vip", "choice": "2"}, None),
        ({"days": {"purchase": date(2026, 10, 23)}}, "15"),  # 30 days
        ({"days": {"purchase": date(2026, 10, 22)}}, None),  # 31
        ({"days": {"purchase": date(2026, 12, 1)}}, None),  # not bought yet
        ({}, None),
    ],
)
def test_the_first_rule_whose_conditions_all_apply(
    known: dict[str, object], code: str | None
) -> None:
    found = hint_for(RULES, msgspec.convert({"today": TODAY, **known}, Situation))
    assert (found.code if found else None) == code


@pytest.mark.parametrize(
    ("hint", "path", "words"),
    [
        (Hint(code="1", text="x", tag="a"), "code", "Article 1: its code must be 2 to 4 digits."),
        (Hint(code="12", text=" ", tag="a"), "text", "Hint 12: it needs a line of 1 to 120"),
        (Hint(code="12", text="x"), "", "Hint 12 has no condition"),
        (Hint(code="12", text="x", grade="gold"), "grade", "There is no grade gold"),
        (Hint(code="12", text="x", topic="7"), "topic", "Topic 7 of a hint"),
        (Hint(code="12", text="x", choice="#"), "choice", "Menu key # of a hint"),
        (
            Hint(code="12", text="x", date="purchase", from_days=9, to_days=3),
            "from_days",
            "9 must not be more than 3",
        ),
        (Hint(code="12", text="x", tag="a", to_days=3), "date", "does not name a date"),
    ],
)
def test_a_rule_that_means_nothing_is_refused(hint: Hint, path: str, words: str) -> None:
    whole = Settings(desk=Desk(hints=(hint,)))
    at = ".".join(part for part in ("desk.hints.0", path) if part)
    assert words in validate(whole, "en")[at]
    assert validate(whole, "zh-CN")[at]
