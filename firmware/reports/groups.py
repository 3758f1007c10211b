"""Groups beside each other: queues, agents, topics, lines; what differs by more than chance.

Each group is compared with all the others together. A share that was counted on few calls says so
and gets no verdict.
"""

from __future__ import annotations

from typing import Final, Literal

import msgspec

from firmware.reports.facts import Facts
from firmware.reports.interval import FEW, difference, wilson
from firmware.reports.measures import figure
from firmware.reports.policy import DEFAULT, Policy
from firmware.reports.report import By, parts

COMPARED: Final = (
    "fcr_key",
    "fcr_repeat",
    "csat_2",
    "csat_5",
    "answer",
    "sl",
    "transfer",
    "held",
    "hung_up_first",
    "wrap_ok",
)
"""Figures that are so many calls out of so many; for times and sums a share's interval is wrong."""

Mark = Literal["above", "below", "same", "few", "alone"]


class Group(msgspec.Struct, frozen=True, kw_only=True):
    """One group.

    Attributes:
        key: The queue, agent, topic or line.
        top: Calls that have it.
        bottom: Of so many.
        low: Lower limit of the share, 95 % (Wilson).
        high: Upper limit.
        mark: ``above`` or ``below`` all the others by more than chance, the ``same`` as far as can
            be seen, too ``few`` calls for a verdict, or ``alone``.
    """

    key: str
    top: int
    bottom: int
    low: float
    high: float
    mark: Mark

    @property
    def value(self) -> float:
        """The share."""
        return self.top / self.bottom


def groups(facts: Facts, by: By, code: str, policy: Policy = DEFAULT) -> list[Group]:
    """All groups that have any calls, the lowest share first: that is who needs training.

    Args:
        facts: Of a span of time.
        by: How they are divided.
        code: A figure of :data:`COMPARED`.
        policy: Choices that figures depend on.

    Raises:
        KeyError: the figure is none of those.
    """
    if code not in COMPARED:
        raise KeyError(code)
    over = tuple(visit for visit in facts.visits if not visit.open)
    settled = msgspec.structs.replace(facts, visits=over, settled=True)
    counts: list[tuple[str, int, int]] = []
    for key, part in parts(settled, by):
        found = figure(code, part, policy)
        if found.bottom:
            counts.append((key, int(found.top), int(found.bottom)))
    whole_top, whole_bottom = sum(top for _, top, _ in counts), sum(n for _, _, n in counts)
    found_groups = [
        _group(key, top, bottom, whole_top - top, whole_bottom - bottom)
        for key, top, bottom in counts
    ]
    return sorted(found_groups, key=lambda group: (group.value, group.key))


def _group(key: str, top: int, bottom: int, rest_top: int, rest_bottom: int) -> Group:
    low, high = wilson(top, bottom) or (0.0, 1.0)
    mark: Mark = "same"
    apart = difference(top, bottom, rest_top, rest_bottom)
    if apart is None:
        mark = "alone"
    elif min(bottom, rest_bottom) < FEW:
        mark = "few"
    elif apart[0] > 0:
        mark = "above"
    elif apart[1] < 0:
        mark = "below"
    return Group(key=key, top=top, bottom=bottom, low=low, high=high, mark=mark)
