"""Figures in pairs, so that none is made good at the cost of the other.

Calls can be made shorter by solving less, and more of them can be answered by serving each worse.
Each pair is looked at over two spans of time; a warning stands where only one of the two improved.
"""

from __future__ import annotations

from typing import Final, Literal

import msgspec

from firmware.reports.facts import Facts
from firmware.reports.interval import FEW
from firmware.reports.measures import MEASURES, Figure, figure
from firmware.reports.policy import DEFAULT, Policy

Way = Literal["better", "worse", "same", "unknown"]
Verdict = Literal["both", "one", "none", "unknown"]


class Sense(msgspec.Struct, frozen=True):
    """A figure, and whether less of it is better."""

    code: str
    less: bool = False


PAIRS: Final = (
    (Sense("aht", less=True), Sense("fcr_key")),
    (Sense("answer"), Sense("csat_2")),
    (Sense("answer"), Sense("csat_5")),
    (Sense("asa", less=True), Sense("wrap_ok")),
)
"""Handling time with solving at once, answering with satisfaction (each scale by itself), speed of
answer with the care of the notes behind it."""

SHARE_STEP: Final = 0.01
"""Chosen: a share that moved by less than a point has not moved."""

TIME_STEP: Final = 0.03
"""Chosen: a time that moved by less than 3 % of itself has not moved."""


class Side(msgspec.Struct, frozen=True, kw_only=True):
    """One figure of a pair: before, now, which way it went; ``few`` calls make it a guess."""

    code: str
    less: bool
    before: Figure
    now: Figure
    way: Way
    few: bool


class Pair(msgspec.Struct, frozen=True, kw_only=True):
    """Two figures and what they say together: ``one`` is the warning."""

    first: Side
    second: Side
    verdict: Verdict

    @property
    def improved(self) -> str:
        """The code of the only figure that improved; empty if not exactly one did."""
        if self.verdict != "one":
            return ""
        return self.first.code if self.first.way == "better" else self.second.code


def pairs(now: Facts, before: Facts, policy: Policy = DEFAULT) -> list[Pair]:
    """All pairs that have a value in both spans for at least one of their figures.

    Args:
        now: Facts of the span.
        before: Facts of the span of the same kind before it.
        policy: Choices that figures depend on.
    """
    found = []
    for senses in PAIRS:
        first, second = (_side(sense, now, before, policy) for sense in senses)
        if first.now.value is None or second.now.value is None:
            continue  # nobody was asked on this scale, or nobody called
        found.append(Pair(first=first, second=second, verdict=_verdict(first.way, second.way)))
    return found


def _side(sense: Sense, now: Facts, before: Facts, policy: Policy) -> Side:
    new, old = figure(sense.code, now, policy), figure(sense.code, before, policy)
    counted = min(new.bottom or 0, old.bottom or 0)
    return Side(
        code=sense.code,
        less=sense.less,
        before=old,
        now=new,
        way=_way(sense, new.value, old.value),
        few=counted < FEW,
    )


def _way(sense: Sense, now: float | None, before: float | None) -> Way:
    if now is None or before is None:
        return "unknown"
    step = SHARE_STEP if MEASURES[sense.code].unit == "share" else TIME_STEP * before
    if abs(now - before) < step or now == before:
        return "same"
    return "better" if (now < before) == sense.less else "worse"


def _verdict(first: Way, second: Way) -> Verdict:
    if "unknown" in {first, second}:
        return "unknown"
    better = (first == "better") + (second == "better")
    return ("none", "one", "both")[better]
