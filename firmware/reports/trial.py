"""Two wordings or two menus tried on callers by chance, and whether a difference may be believed.

A ``split`` node of a menu sends callers one way or the other. Only calls under the newest text of
the menu count, since another text is another trial. Nothing is called better before both ways have
as many calls as it takes to see a difference of ten points (``interval.needed``): whoever looks
every day and stops at the first difference finds one that is not there.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, Literal

import msgspec

from firmware.core.menu_entries import NodePassed
from firmware.reports.facts import Facts, VisitEnd
from firmware.reports.interval import difference, needed, wilson

APART: Final = 0.10
"""Chosen: a difference of ten points is what an office of this size would change a menu for."""

GOOD_KEYS: Final = {2: frozenset({1}), 5: frozenset({4, 5})}

Asked = Literal["answered", "solved", "satisfied"]
QUESTIONS: Final[tuple[Asked, ...]] = ("answered", "solved", "satisfied")


class Count(msgspec.Struct, frozen=True, kw_only=True):
    """So many of so many, with the limits of the share (95 %, Wilson); None without any."""

    top: int
    bottom: int
    low: float | None = None
    high: float | None = None

    @property
    def value(self) -> float | None:
        """The share."""
        return self.top / self.bottom if self.bottom else None


class Variant(msgspec.Struct, frozen=True, kw_only=True):
    """One way of the node: calls that went it, and of them answered, solved, satisfied."""

    way: str
    calls: int
    counts: dict[str, Count]


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """What can be said of one question.

    Attributes:
        asked: Which.
        says: ``wait`` for more calls, ``same`` as far as can be seen, or ``differs``.
        better: The way that is better; empty unless it differs.
        have: Calls of the way that has fewest.
        need: Calls that each way needs.
    """

    asked: str
    says: Literal["wait", "same", "differs"]
    better: str = ""
    have: int = 0
    need: int = 0


class Trial(msgspec.Struct, frozen=True, kw_only=True):
    """One node: its menu, its variants, and the verdicts."""

    flow: str
    node: str
    edition: str
    variants: tuple[Variant, ...]
    verdicts: tuple[Verdict, ...]


def trials(
    splits: Iterable[tuple[str, str]], passed: Iterable[NodePassed], facts: Facts
) -> list[Trial]:
    """Every node where chance chooses and somebody came by, in the order of menus.

    Args:
        splits: (menu, node) of all nodes where chance chooses.
        passed: Entries of the log in the order in which they came.
        facts: Of the same span of time.
    """
    wanted = set(splits)
    newest: dict[tuple[str, str], str] = {}
    ways: dict[tuple[str, str, str], dict[str, str]] = {}  # flow, node, edition: call to way
    for entry in passed:
        place = (entry.flow, entry.node)
        if place in wanted and entry.exit != "hung_up":
            newest[place] = entry.edition
            ways.setdefault((*place, entry.edition), {})[entry.call] = entry.exit
    return [
        _trial(place, edition, ways[*place, edition], facts)
        for place, edition in sorted(newest.items())
    ]


def _trial(place: tuple[str, str], edition: str, way_of: dict[str, str], facts: Facts) -> Trial:
    spoken = {visit.call for visit in facts.visits if visit.end is VisitEnd.ANSWERED}
    spoken |= {use.call for use in facts.lines if use.answered}
    solved = {v.call: v.solved for v in facts.visits if v.solved is not None}
    keyed = {
        survey.call: survey.key in GOOD_KEYS.get(survey.scale, frozenset())
        for survey in facts.surveys
        if survey.question == "satisfaction" and survey.key
    }
    variants = []
    for way in sorted(set(way_of.values())):
        calls = [call for call, went in way_of.items() if went == way]
        counts = {
            "answered": _count(sum(call in spoken for call in calls), len(calls)),
            "solved": _count(
                sum(solved[call] is True for call in calls if call in solved),
                sum(call in solved for call in calls),
            ),
            "satisfied": _count(
                sum(keyed[call] for call in calls if call in keyed),
                sum(call in keyed for call in calls),
            ),
        }
        variants.append(Variant(way=way, calls=len(calls), counts=counts))
    verdicts = tuple(_verdict(asked, variants) for asked in QUESTIONS)
    return Trial(
        flow=place[0], node=place[1], edition=edition, variants=tuple(variants), verdicts=verdicts
    )


def _count(top: int, bottom: int) -> Count:
    limits = wilson(top, bottom)
    low, high = limits if limits is not None else (None, None)
    return Count(top=top, bottom=bottom, low=low, high=high)


def _verdict(asked: Asked, variants: list[Variant]) -> Verdict:
    """The best way against the others together."""
    counts = {variant.way: variant.counts[asked] for variant in variants}
    top, bottom = sum(c.top for c in counts.values()), sum(c.bottom for c in counts.values())
    # Without any answer yet the share that needs the most calls is assumed.
    share = min(max(top / bottom, 0.05), 0.95) if bottom else 0.5
    need = needed(share, APART)
    have = min((count.bottom for count in counts.values()), default=0)
    if len(counts) < 2 or have < need:
        return Verdict(asked=asked, says="wait", have=have, need=need)
    best = max(counts, key=lambda way: counts[way].value or 0.0)
    rest_top, rest_bottom = top - counts[best].top, bottom - counts[best].bottom
    apart = difference(counts[best].top, counts[best].bottom, rest_top, rest_bottom)
    if apart is None or apart[0] <= 0:
        return Verdict(asked=asked, says="same", have=have, need=need)
    return Verdict(asked=asked, says="differs", better=best, have=have, need=need)
