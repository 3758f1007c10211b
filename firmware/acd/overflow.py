"""Where callers go when a queue is too much for its agents. The first rule that fits wins."""

from __future__ import annotations

from typing import Final

import msgspec

from firmware.core.acd_settings import Overflow, Queue

MOST_HOPS: Final = 3
"""So many queues a caller is passed through at most; then he stays where he is."""


class Situation(msgspec.Struct, frozen=True, kw_only=True):
    """What the rules look at when a caller enters."""

    waiting: int
    longest_ms: int
    logged_in: int
    free_lines: int | None
    open: bool = True


def on_entry(queue: Queue, situation: Situation) -> Overflow | None:
    """The rule that sends an entering caller elsewhere, or None."""
    for rule in queue.overflow:
        match rule.when:
            case "length":
                fits = situation.waiting >= rule.limit
            case "longest":
                fits = situation.longest_ms >= rule.limit * 1000
            case "no_agent":
                fits = situation.logged_in == 0
            case "lines_busy":
                fits = situation.free_lines is not None and situation.free_lines <= rule.limit
            case "closed":
                fits = not situation.open
            case _:
                fits = False
        if fits:
            return rule
    if situation.logged_in == 0 and not queue.join_empty:
        return Overflow(when="no_agent", to=queue.when_empty)
    return None


def while_waiting(queue: Queue) -> Overflow | None:
    """The first rule on this caller's own wait, or None."""
    return next((rule for rule in queue.overflow if rule.when == "waited"), None)


def when_deserted(queue: Queue) -> str | None:
    """Where those who wait go as the last agent leaves; None lets them wait."""
    rule = next((rule for rule in queue.overflow if rule.when == "no_agent"), None)
    if rule is not None:
        return rule.to
    return queue.when_empty or None


def may_leave(queue: Queue) -> bool:
    """Whether the last agent may log out: there must be somewhere for callers to go."""
    return when_deserted(queue) is not None
