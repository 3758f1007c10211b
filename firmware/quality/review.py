"""A bad mark is looked into: a review with a deadline, closed only with a cause and an action."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import ClassVar, Final

import msgspec

from firmware.core.fsm import Machine, Order, State, Table, choose

HOUR_MS: Final = 3_600_000
SHORTEST_ACTION: Final = 4
"""Characters of an action: less is a dash to get past the question."""


class Review(msgspec.Struct, frozen=True, kw_only=True):
    """One review. Times are wall clock, UTC, milliseconds since 1970.

    Attributes:
        review: Counted from 1.
        call: The conversation that was marked.
        scale: 2 or 5 keys.
        key: The mark.
        agent: Who had the conversation.
        queue: For which queue.
        state: ``open`` or ``closed``.
        cause: What was found, one of the settings' causes.
        action: What is done about it.
        opened_ms: When the mark came.
        due_ms: Until when it must be closed.
        closed_ms: When it was.
        closed_by: By whom.
    """

    review: int = 0
    call: str = ""
    scale: int = 2
    key: int = 2
    agent: str = ""
    queue: str = ""
    state: str = "open"
    cause: str = ""
    action: str = ""
    opened_ms: int = 0
    due_ms: int = 0
    closed_ms: int | None = None
    closed_by: str = ""


class CloseReview(Order, frozen=True, kw_only=True, tag="close_review"):
    """It was looked into."""

    who: str
    cause: str
    action: str


TABLE: Final = Table(
    "review",
    State("open", {CloseReview: choose("_close", "closed", "(stay)")}),
    State("closed", final=True),
)


class ReviewCase(Machine):
    """One review while somebody closes it.

    Args:
        causes: What the office lets a review find.
    """

    __slots__ = ("_causes",)
    TABLE: ClassVar[Table] = TABLE

    def __init__(self, causes: Sequence[str]) -> None:
        super().__init__()
        self._causes = causes

    def _close(self, order: CloseReview, now_ms: int) -> str:  # noqa: ARG002 - the form of a handler
        lacks = []
        if order.cause not in self._causes:
            lacks.append("review-cause")
        if len(order.action.strip()) < SHORTEST_ACTION:
            lacks.append("review-action")
        self.do(*lacks)
        return "(stay)" if lacks else "closed"


def closed(
    review: Review, order: CloseReview, causes: Sequence[str], now_ms: int
) -> tuple[Review, list[str]]:
    """The review after somebody wants to close it, and what is missing; unchanged if something is.

    Args:
        review: As it is kept.
        order: By whom, with cause and action.
        causes: What the office lets a review find.
        now_ms: Wall clock, UTC, since 1970.
    """
    if review.state == "closed":
        return review, ["review-closed"]
    case = ReviewCase(causes)
    lacks = [str(key) for key in case.handle(order, now_ms)]
    if lacks:
        return review, lacks
    return (
        msgspec.structs.replace(
            review,
            state=case.state,
            cause=order.cause,
            action=order.action.strip(),
            closed_ms=now_ms,
            closed_by=order.who,
        ),
        [],
    )


class Share(msgspec.Struct, frozen=True, kw_only=True):
    """One cause: how often, its share of all, and the share of it and all more frequent ones."""

    cause: str
    count: int
    share: float
    up_to: float


def pareto(reviews: Iterable[Review]) -> list[Share]:
    """Causes of closed reviews, the most frequent first; equals by name."""
    counts = Counter(review.cause for review in reviews if review.state == "closed")
    total, before, found = counts.total(), 0, []
    for cause, count in sorted(counts.items(), key=lambda item: (-item[1], item[0])):
        before += count
        found.append(Share(cause=cause, count=count, share=count / total, up_to=before / total))
    return found
