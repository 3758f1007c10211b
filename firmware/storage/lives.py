"""The times of tickets, read for figures: when each was opened first, answered, solved."""

from __future__ import annotations

import sqlite3
from typing import Final

import msgspec

from firmware.tickets.ageing import Life

_LIFE: Final = """
SELECT ticket, reference, kind, state, owner, first_ms AS opened_ms, due_ms, answered_ms, solved_ms
FROM (
    SELECT *, coalesce(
        (SELECT min(at_ms) FROM ticket_step WHERE ticket_step.ticket = ticket.ticket), opened_ms
    ) AS first_ms FROM ticket WHERE opened_ms >= :from_ms
)
WHERE first_ms >= :from_ms AND first_ms < :until_ms ORDER BY ticket
"""
# One that was opened again late has a later opening of its own, never an earlier one.


def read_lives(connection: sqlite3.Connection, from_ms: int, until_ms: int) -> list[Life]:
    """Tickets that were opened first in a span, by number.

    Args:
        connection: Of the records.
        from_ms: Begin, wall clock, UTC, since 1970.
        until_ms: End, not included.
    """
    rows = connection.execute(_LIFE, {"from_ms": from_ms, "until_ms": until_ms})
    names = Life.__struct_fields__
    return [msgspec.convert(dict(zip(names, row, strict=True)), Life) for row in rows]
