"""Handling time by kind of call, each beside the target of its kind: like is compared with like.

The kind is the topic that was keyed; what has none is a kind of its own. Handling time is that of
the figure ``aht``: talk, hold and wrap-up, of answered calls.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import msgspec

from firmware.reports.facts import Facts, Visit, VisitEnd
from firmware.reports.measures import cut

USUAL_S: Final = 180
"""The target of a kind without its own; the reference of service centres (simple enquiries take
about so long, complex support about 15 min)."""


class Kind(msgspec.Struct, frozen=True, kw_only=True):
    """One kind of call.

    Attributes:
        topic: Its two digits, empty for none keyed.
        name: As the queue calls it.
        calls: Answered calls of this kind.
        mean_s: Their mean handling time.
        longest_s: The longest.
        target_s: What it should take.
        within: Share of the calls that took no longer than that.
    """

    topic: str
    name: str
    calls: int
    mean_s: float
    longest_s: int
    target_s: int
    within: float


def handling(
    facts: Facts, targets: Mapping[str, int], names: Mapping[str, str], usual_s: int = USUAL_S
) -> list[Kind]:
    """Kinds that were handled, by topic; open calls are left out.

    Args:
        facts: Of a span of time.
        targets: Seconds by topic.
        names: Of topics.
        usual_s: The target of any other.
    """
    kinds: dict[str, list[int]] = {}
    for visit in facts.visits:
        if visit.end is VisitEnd.ANSWERED and not visit.open:
            kinds.setdefault(visit.topic, []).append(cut(_handled_ms(visit)))
    found = []
    for topic, seconds in sorted(kinds.items()):
        target_s = targets.get(topic, usual_s)
        found.append(
            Kind(
                topic=topic,
                name=names.get(topic, ""),
                calls=len(seconds),
                mean_s=sum(seconds) / len(seconds),
                longest_s=max(seconds),
                target_s=target_s,
                within=sum(one <= target_s for one in seconds) / len(seconds),
            )
        )
    return found


def _handled_ms(visit: Visit) -> int:
    return visit.talk_ms + visit.hold_ms + visit.wrap_ms
