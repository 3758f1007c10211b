"""How often callers came to each node of a flow, how they left it, and where they hung up.

Derived from the log alone, so figures of last year can be made again. A flow that was changed is
counted apart from what it was before, by its edition.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Final, NamedTuple

import msgspec

from firmware.core.menu_entries import NodePassed
from ivr.shipped import ANNOUNCEMENT

HUNG_UP: Final = "hung_up"


class Place(NamedTuple):
    """A node of one edition of a flow."""

    flow: str
    edition: str
    node: str


class NodeCount(msgspec.Struct, kw_only=True):
    """What happened at one node.

    Attributes:
        visits: How often callers came.
        hang_ups: How often they cleared there.
        exits: How often each way out was taken.
        stay_ms: How long they were there in all.
    """

    visits: int = 0
    hang_ups: int = 0
    exits: Counter[str] = msgspec.field(default_factory=Counter)
    stay_ms: int = 0


def count(entries: Iterable[object]) -> dict[Place, NodeCount]:
    """Figures per node, in the order in which nodes were first left."""
    found: dict[Place, NodeCount] = {}
    for entry in entries:
        if not isinstance(entry, NodePassed):
            continue
        place = Place(entry.flow, entry.edition, entry.node)
        node = found.setdefault(place, NodeCount())
        node.visits += 1
        node.stay_ms += entry.at_ms - entry.entered_ms
        if entry.exit == HUNG_UP:
            node.hang_ups += 1
        else:
            node.exits[entry.exit] += 1
    return found


def notice_heard(entries: Iterable[object]) -> tuple[int, int]:
    """How many callers heard a message before the menu, and how many of them then hung up in it.

    Who hung up had his answer, or had enough: the second figure is the most that the message can
    have saved.
    """
    heard: set[str] = set()
    gone: set[str] = set()
    for entry in entries:
        if not isinstance(entry, NodePassed):
            continue
        if entry.node == ANNOUNCEMENT:
            heard.add(entry.call)
        if entry.exit == HUNG_UP:
            gone.add(entry.call)
    return len(heard), len(heard & gone)
