"""A ticket: something owed to a customer until a moment, with an owner."""

from __future__ import annotations

from typing import Final, Literal

import msgspec

from firmware.core.case_settings import TicketKind

HOUR_MS: Final = 3_600_000
Priority = Literal["high", "medium", "low"]
STATES: Final = ("open", "working", "waiting", "solved", "closed")
ENDED: Final = ("solved", "closed")
"""Nobody is reminded of these."""


class Ticket(msgspec.Struct, frozen=True, kw_only=True):
    """A ticket as it is kept. Times are wall clock, UTC, milliseconds since 1970.

    Attributes:
        ticket: Counted from 1.
        reference: What the caller is told.
        kind: Name of its kind (``firmware.core.case_settings``).
        state: Of :data:`firmware.tickets.states.TABLE`.
        priority: Orders the board.
        owner: An agent's number, empty while nobody has it.
        group: A queue or ring group, empty for none.
        customer: His card, 0 for none.
        number: To whom it is owed.
        summary: What it is about.
        solution: What was done.
        opened_ms: When.
        due_ms: When it must be solved.
        answered_ms: First time somebody worked on it.
        solved_ms: When it was solved last.
        closed_ms: When it was closed.
        step: How many steps of escalation were taken.
        verified: The caller proved who he is.
        task: The callback or promise it came from, empty for none.
        origin: ``handset``, ``flow``, ``command line``, ``page``; ``key date`` of the box itself;
            entered by hand how it came: ``fax``, ``text``, ``chat``, ``letter`` and others.
    """

    ticket: int = 0
    reference: str = ""
    kind: str = "enquiry"
    state: str = "open"
    priority: Priority = "medium"
    owner: str = ""
    group: str = ""
    customer: int = 0
    number: str = ""
    summary: str = ""
    solution: str = ""
    opened_ms: int = 0
    due_ms: int = 0
    answered_ms: int | None = None
    solved_ms: int | None = None
    closed_ms: int | None = None
    step: int = 0
    verified: bool = False
    task: str = ""
    origin: str = ""


class TicketStep(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that was done: ``what`` is an event's name, ``note`` is for people."""

    at_ms: int
    who: str
    what: str
    note: str = ""


def opened(kind: TicketKind, now_ms: int, **values: object) -> Ticket:
    """A new ticket of a kind, due when its kind says.

    Args:
        kind: With its hours and its priority.
        now_ms: Wall clock, UTC, since 1970.
        **values: What else is known of it.
    """
    blank = Ticket(
        kind=kind.name,
        priority=kind.priority,
        group=kind.group,
        opened_ms=now_ms,
        due_ms=now_ms + kind.hours * HOUR_MS,
    )
    return msgspec.structs.replace(blank, **values)
