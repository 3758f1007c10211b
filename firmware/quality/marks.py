"""Marks that callers gave. Two keys and five keys are two questions and never one figure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, Literal

import msgspec

from firmware.reports.facts import SurveyFact

SCALES: Final = (2, 5)
BAD: Final[dict[int, frozenset[int]]] = {2: frozenset({2}), 5: frozenset({1, 2})}
"""Of two keys 2 is not satisfied; of five, where 5 is best, 1 and 2."""

GOOD: Final[dict[int, frozenset[int]]] = {2: frozenset({1}), 5: frozenset({4, 5})}
Question = Literal["satisfaction", "effort", "solved"]


def is_bad(scale: int, key: int | None) -> bool:
    """Whether a mark has to be looked into. A key that the scale does not have is no mark."""
    return key is not None and key in BAD.get(scale, frozenset())


class Satisfaction(msgspec.Struct, frozen=True, kw_only=True):
    """Marks of one scale, with what the silent ones may hide.

    Attributes:
        scale: 2 or 5.
        offered: To how many the question was put.
        answered: How many keyed a mark.
        good: How many were satisfied.
        share: Good by answered; None without an answer.
        mean: Of five keys; None otherwise.
        response: Answered by offered; None without an offer.
        lowest: The share if everybody who kept silent was not satisfied.
        highest: The share if everybody who kept silent was.
        ways: Per way in which it was put: offered, answered, good.
    """

    scale: int
    offered: int
    answered: int
    good: int
    share: float | None
    mean: float | None
    response: float | None
    lowest: float | None
    highest: float | None
    ways: dict[str, tuple[int, int, int]]


def satisfaction(surveys: Iterable[SurveyFact], scale: int) -> Satisfaction:
    """The marks of one scale; those of the other are not looked at."""
    mine = [s for s in surveys if s.scale == scale and s.question == "satisfaction"]
    keys = [s.key for s in mine if s.key is not None and 1 <= s.key <= scale]
    good = sum(key in GOOD[scale] for key in keys)
    offered, answered = len(mine), len(keys)
    silent = offered - answered
    ways: dict[str, tuple[int, int, int]] = {}
    for survey in mine:
        asked, said, liked = ways.get(str(survey.way), (0, 0, 0))
        has = survey.key is not None and 1 <= survey.key <= scale
        ways[str(survey.way)] = (
            asked + 1,
            said + has,
            liked + (has and survey.key in GOOD[scale]),
        )
    return Satisfaction(
        scale=scale,
        offered=offered,
        answered=answered,
        good=good,
        share=good / answered if answered else None,
        mean=sum(keys) / answered if answered and scale > min(SCALES) else None,
        response=answered / offered if offered else None,
        lowest=good / offered if offered else None,
        highest=(good + silent) / offered if offered else None,
        ways=ways,
    )
