"""When somebody is reminded of a ticket, and who: at 50, 80 and 100 percent of its time."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import msgspec

from firmware.tickets.ticket import ENDED, Ticket

STEPS: Final = ((50, "owner"), (80, "group"), (100, "supervisor"))
"""Percent of the time from opening to deadline, and who is told; who had it before is told too."""


class Reminder(msgspec.Struct, frozen=True, kw_only=True):
    """A step that is due. ``percent`` of the time is gone; ``to`` is who is told."""

    ticket: int
    step: int
    percent: int
    to: str
    at_ms: int


def step_at_ms(ticket: Ticket, step: int) -> int:
    """The moment of a step, counted from 1; wall clock, UTC, since 1970."""
    percent, _ = STEPS[step - 1]
    return ticket.opened_ms + (ticket.due_ms - ticket.opened_ms) * percent // 100


def next_ms(ticket: Ticket) -> int | None:
    """When the next step is due; None after the last one, and for a ticket that is done."""
    if ticket.state in ENDED or ticket.step >= len(STEPS):
        return None
    return step_at_ms(ticket, ticket.step + 1)


def due(tickets: Iterable[Ticket], now_ms: int) -> list[Reminder]:
    """Steps that are due by now, oldest first.

    A box that was off is not silent about what it missed, but says the newest step only: three
    reminders at once tell nobody more than one.
    """
    found: list[Reminder] = []
    for ticket in tickets:
        if ticket.state in ENDED:
            continue
        passed = range(ticket.step + 1, len(STEPS) + 1)
        reached = [n for n in passed if step_at_ms(ticket, n) <= now_ms]
        if reached:
            step = reached[-1]
            percent, to = STEPS[step - 1]
            found.append(
                Reminder(
                    ticket=ticket.ticket,
                    step=step,
                    percent=percent,
                    to=to,
                    at_ms=step_at_ms(ticket, step),
                )
            )
    return sorted(found, key=lambda reminder: (reminder.at_ms, reminder.ticket))
