"""What callers call about, the most frequent first: which ten topics a change of work should meet.

A Pareto of the topics that agents keyed after answered calls. Calls without a topic stand apart,
with their share of all: where it is large the order above it means little.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Final

import msgspec

from firmware.reports.facts import Facts, VisitEnd
from firmware.reports.measures import arrivals

TOP: Final = 10


class Topic(msgspec.Struct, frozen=True, kw_only=True):
    """One topic: its digits, its name, calls, share of keyed calls, share of it and all above."""

    topic: str
    name: str
    calls: int
    share: float
    up_to: float


class Topics(msgspec.Struct, frozen=True, kw_only=True):
    """The order of topics.

    Attributes:
        top: The first ten.
        others: Calls of all further topics.
        blank: Answered calls without a topic.
        calls: All answered calls.
    """

    top: tuple[Topic, ...]
    others: int
    blank: int
    calls: int

    @property
    def blank_share(self) -> float | None:
        """Calls without a topic by all; None without calls."""
        return self.blank / self.calls if self.calls else None


def topics(facts: Facts, names: Mapping[str, str], most: int = TOP) -> Topics:
    """Topics by how often they were keyed; equals by their digits.

    Args:
        facts: Of a span of time.
        names: Of topics.
        most: How many stand by themselves.
    """
    taken = [visit for visit in arrivals(facts) if visit.end is VisitEnd.ANSWERED]
    counts = Counter(visit.topic for visit in taken)
    blank = counts.pop("", 0)
    keyed, before, top = counts.total(), 0, []
    order = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    for topic, calls in order[:most]:
        before += calls
        top.append(
            Topic(
                topic=topic,
                name=names.get(topic, ""),
                calls=calls,
                share=calls / keyed,
                up_to=before / keyed,
            )
        )
    return Topics(top=tuple(top), others=keyed - before, blank=blank, calls=len(taken))
