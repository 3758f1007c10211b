"""Which of the agents that are free is asked: eight ways, each with its exact meaning.

All choose among those at or above the level that is asked for. Ties go to the longer idle, then
to the one who stands first in the settings, so every order is total.

================  ==============================================================================
ring_all          everybody, up to ``MOST_RUNG`` sets; the first to lift has the caller
longest_idle      whose last work ended longest ago, over all queues; a login or a return from
                  a pause begins anew, a missed offer does not
fewest_calls      who answered the fewest calls since midnight, over all queues
least_talk        who talked the least since midnight, hold not counted
round_robin       the next in the settings' order after the one who was asked last in this queue,
                  around; the memory is the queue's and survives a restart
linear            the first in the settings' order, for every caller from the top
skill_first       the highest level in what the caller needs; among equals the longest idle
weighted_random   a draw; each one's chance is his weight over the sum of weights
================  ==============================================================================
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import accumulate
from typing import Final

import msgspec

from firmware.core.acd_settings import Strategy

MOST_RUNG: Final = 8
"""Sets that ring for one caller: as many as the box has jacks."""

Key = tuple[int, int, int, str]
"""Sort value, idle since, position in the settings, number. The lowest is asked first."""

Row = list[Key]


class Standing(msgspec.Struct, kw_only=True):
    """What the strategies look at in one agent."""

    number: str
    position: int
    idle_since_ms: int
    calls: int = 0
    talk_ms: int = 0
    weight: int = 10


def key_of(strategy: Strategy, who: Standing) -> Key:
    """Where he stands among those who are free; it does not change while he is."""
    value = 0
    match strategy:
        case "fewest_calls":
            value = who.calls
        case "least_talk":
            value = who.talk_ms
        case "round_robin" | "linear" | "weighted_random":
            return (who.position, 0, who.position, who.number)
        case _:
            pass
    return (value, who.idle_since_ms, who.position, who.number)


def choose(
    strategy: Strategy,
    rows: Mapping[int, Row],
    floor: int,
    *,
    after: int = -1,
    draw: Callable[[], float] | None = None,
    weights: Mapping[str, int] | None = None,
    without: Sequence[str] = (),
    most: int = MOST_RUNG,
) -> tuple[str, ...]:
    """Who is asked: one number, several with ``ring_all``, none when nobody may be.

    Args:
        strategy: By which rule.
        rows: Per level those who are free, sorted by :func:`key_of`.
        floor: The lowest level that counts.
        after: ``round_robin``: the position that was asked last in this queue.
        draw: ``weighted_random``: gives numbers from 0 to below 1.
        weights: ``weighted_random``: weight per number.
        without: Who is asked only when there is nobody else; he let this caller ring before.
        most: ``ring_all``: so many at most.
    """
    open_rows = [(level, row) for level, row in rows.items() if level >= floor and row]
    if not open_rows:
        return ()
    if without:
        fresh = [(lvl, [key for key in row if key[3] not in without]) for lvl, row in open_rows]
        fresh = [(level, row) for level, row in fresh if row]
        open_rows = fresh or open_rows
    match strategy:
        case "ring_all":
            keys = sorted(key for _, row in open_rows for key in row[:most])
            return tuple(key[3] for key in keys[:most])
        case "skill_first":
            return (max(open_rows)[1][0][3],)
        case "round_robin":
            return (_next_after(after, (row for _, row in open_rows)),)
        case "weighted_random":
            return (_drawn((row for _, row in open_rows), draw, weights or {}),)
        case _:
            return (min(row[0] for _, row in open_rows)[3],)


def _next_after(after: int, rows: Iterable[Row]) -> str:
    def candidates() -> Iterator[tuple[bool, Key]]:
        for row in rows:
            at = bisect_right(row, after, key=lambda key: key[2])
            around = at == len(row)
            yield around, row[0 if around else at]

    return min(candidates())[1][3]


def _drawn(
    rows: Iterable[Row], draw: Callable[[], float] | None, weights: Mapping[str, int]
) -> str:
    if draw is None:
        raise ValueError("weighted_random: a source of numbers is needed")
    keys = sorted(key for row in rows for key in row)
    sums = list(accumulate(weights.get(key[3], 10) for key in keys))
    return keys[bisect_right(sums, draw() * sums[-1])][3]


REASONS: Final[Mapping[str, str]] = {
    "ring_all": "everybody free is rung",
    "longest_idle": "idle longest",
    "fewest_calls": "fewest calls today",
    "least_talk": "least talk today",
    "round_robin": "next in turn",
    "linear": "first in the list",
    "skill_first": "highest level",
    "weighted_random": "drawn by weight",
    "wish": "asked for by the caller",
    "last_served": "served this caller last",
    "longest_wait": "the longest wait among those he may serve",
    "vip": "a VIP waits",
    "second_choice": "second choice after the VIP's first seconds",
}
"""Rule of a decision to its words."""
