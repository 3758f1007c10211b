"""What callers ask most, by what agents keyed after calls: which question deserves a key of a menu.

A proposal and no more: nothing changes a menu but its owner.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Final

import msgspec

from firmware.core.acd_entries import WrapUpEnded
from ivr.document import FlowDocument
from ivr.nodes import Menu, Tag

MOST: Final = 10
"""Questions that are told."""
DESERVES: Final = 0.1
"""Share of the calls with a topic from which on a question deserves a key (chosen: with ten keys
a question of less helps fewer callers than the longer menu costs the others)."""
FEWEST: Final = 10
"""Calls with a topic below which shares say nothing (chosen)."""


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """One topic.

    Attributes:
        queue: Whose agents keyed it.
        topic: Its two digits.
        name: As the queue calls it; empty where it has no name any more.
        calls: How many calls ended with it.
        share: Of all calls with a topic.
        has_key: A key of a menu marks its caller with it already.
        deserves: Often enough for a key, and has none.
    """

    queue: str
    topic: str
    name: str
    calls: int
    share: float
    has_key: bool
    deserves: bool


def questions(
    entries: Iterable[object],
    names: Mapping[tuple[str, str], str],
    flows: Iterable[FlowDocument],
) -> tuple[Question, ...]:
    """The most frequent first.

    Args:
        entries: Of the log.
        names: Of topics, by queue and digits.
        flows: The menus there are.
    """
    asked: dict[str, tuple[str, str]] = {}  # the last topic of a call is what it was about
    for entry in entries:
        if isinstance(entry, WrapUpEnded) and entry.topic:
            asked[entry.call] = (entry.queue, entry.topic)
    marked = {mark for flow in flows for mark in _marks(flow)}
    found: list[Question] = []
    for (queue, topic), calls in sorted(
        Counter(asked.values()).items(), key=lambda item: (-item[1], item[0])
    )[:MOST]:
        name = names.get((queue, topic), "")
        share = calls / len(asked)
        has_key = bool(marked & {topic, name})
        often = len(asked) >= FEWEST and share >= DESERVES
        found.append(
            Question(
                queue=queue,
                topic=topic,
                name=name,
                calls=calls,
                share=share,
                has_key=has_key,
                deserves=often and not has_key,
            )
        )
    return tuple(found)


def _marks(flow: FlowDocument) -> set[str]:
    """Marks that a key of this flow's menus leads to at once."""
    led = {
        to for node in flow.nodes.values() if isinstance(node, Menu) for to in node.choices.values()
    }
    nodes = (flow.nodes.get(to) for to in led)
    return {node.tag for node in nodes if isinstance(node, Tag)}
