"""How long tickets take, by kind, to the first answer and to the solution; how old open ones are.

One definition for page, command line and report. Times are whole seconds of the wall clock.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

import msgspec

from firmware.tickets.ticket import ENDED

FORMULAS: Final[dict[str, tuple[str, str, str]]] = {
    "opened": ("工单数", "Opened", "tickets with open time in the span"),
    "answered": ("已响应", "Answered", "of these, with a first response"),
    "response_p50": (
        "首次响应中位数",
        "Time to first response, median",
        "first taken or solved - opened, of the answered; sorted, place ceil(0.5 n)",
    ),
    "response_p90": (
        "首次响应九成位",
        "Time to first response, 90th percentile",
        "the same, place ceil(0.9 n)",
    ),
    "solved": ("已解决", "Solved", "of the opened, solved or closed now"),
    "solve_p50": (
        "解决时间中位数",
        "Time to solve, median",
        "solved - opened, of the solved; sorted, place ceil(0.5 n)",
    ),
    "solve_p90": (
        "解决时间九成位",
        "Time to solve, 90th percentile",
        "the same, place ceil(0.9 n)",
    ),
    "in_time": ("按时解决率", "Solved in time", "solved by their deadline / solved"),
    "open": ("未结", "Open", "opened in the span, neither solved nor closed now"),
    "oldest": ("最久未结", "Oldest open", "now - opened, the greatest"),
}
"""Each figure: in Chinese, in English, and its formula as it is printed."""


class Life(msgspec.Struct, frozen=True, kw_only=True):
    """What there is to know of the time of a ticket; wall clock, UTC, ms since 1970.

    Attributes:
        ticket: Its number.
        reference: As people call it.
        kind: Name of its kind.
        state: As it is now.
        owner: Who has it.
        opened_ms: The first time; a ticket that was opened again began then.
        due_ms: Its deadline now.
        answered_ms: When somebody took or solved it first.
        solved_ms: When it was solved last; None while it is open.
    """

    ticket: int
    reference: str
    kind: str
    state: str
    owner: str
    opened_ms: int
    due_ms: int
    answered_ms: int | None
    solved_ms: int | None


class Ageing(msgspec.Struct, frozen=True, kw_only=True):
    """One kind. Times in seconds, None where nothing is to measure; ``ages_s`` oldest first."""

    kind: str
    opened: int
    answered: int
    response_p50: int | None
    response_p90: int | None
    solved: int
    solve_p50: int | None
    solve_p90: int | None
    in_time: float | None
    open: int
    oldest: int | None
    ages_s: tuple[int, ...]


class Age(msgspec.Struct, frozen=True, kw_only=True):
    """One open ticket: how old it is, and how long until it is due (negative: overdue)."""

    reference: str
    kind: str
    owner: str
    age_s: int
    left_s: int


ALL: Final = ""
"""The kind of the line that sums up."""


def place_of(values: Sequence[int], percent: int) -> int | None:
    """The value at place ``ceil(percent/100 * n)`` of the sorted ones; None of none."""
    if not values:
        return None
    return sorted(values)[-(-percent * len(values) // 100) - 1]


def ageing(lives: Iterable[Life], now_ms: int) -> list[Ageing]:
    """A line for each kind by name, and one for all of them at the end.

    Args:
        lives: Tickets that were opened in the span.
        now_ms: Wall clock, UTC, since 1970.
    """
    whole = list(lives)
    kinds = sorted({life.kind for life in whole})
    lines = [_line(kind, [one for one in whole if one.kind == kind], now_ms) for kind in kinds]
    return [*lines, _line(ALL, whole, now_ms)]


def open_ages(lives: Iterable[Life], now_ms: int) -> list[Age]:
    """What is open, the oldest first."""
    found = [
        Age(
            reference=life.reference,
            kind=life.kind,
            owner=life.owner,
            age_s=_seconds(now_ms - life.opened_ms),
            left_s=_seconds(life.due_ms - now_ms),
        )
        for life in lives
        if life.state not in ENDED
    ]
    return sorted(found, key=lambda age: (-age.age_s, age.reference))


def _line(kind: str, lives: Sequence[Life], now_ms: int) -> Ageing:
    responses = [
        _seconds(one.answered_ms - one.opened_ms) for one in lives if one.answered_ms is not None
    ]
    done = [one for one in lives if one.state in ENDED and one.solved_ms is not None]
    solutions = [_seconds(one.solved_ms - one.opened_ms) for one in done if one.solved_ms]
    ages = sorted((a.age_s for a in open_ages(lives, now_ms)), reverse=True)
    kept = sum(one.solved_ms is not None and one.solved_ms <= one.due_ms for one in done)
    return Ageing(
        kind=kind,
        opened=len(lives),
        answered=len(responses),
        response_p50=place_of(responses, 50),
        response_p90=place_of(responses, 90),
        solved=len(done),
        solve_p50=place_of(solutions, 50),
        solve_p90=place_of(solutions, 90),
        in_time=kept / len(done) if done else None,
        open=len(ages),
        oldest=ages[0] if ages else None,
        ages_s=tuple(ages),
    )


def _seconds(ms: int) -> int:
    return ms // 1_000
