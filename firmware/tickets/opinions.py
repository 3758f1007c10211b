"""What customers think of the office: suggestions, criticism, praise, month by month. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

import msgspec

from firmware.core.case_settings import CaseSettings
from firmware.tickets.ticket import Ticket


class Opinion(msgspec.Struct, frozen=True, kw_only=True):
    """One of them: when, of what kind, who has it, what was said, what became of it."""

    reference: str
    at_ms: int
    kind: str
    owner: str
    number: str
    customer: int
    state: str
    words: str
    solution: str


class Opinions(msgspec.Struct, frozen=True, kw_only=True):
    """Those of a month. ``counts`` has every kind of the settings, also those without one."""

    month: str
    counts: dict[str, int]
    opinions: tuple[Opinion, ...]


def kinds_of(settings: CaseSettings) -> tuple[str, ...]:
    """Names of the kinds that are opinions."""
    return tuple(kind.name for kind in settings.kinds if kind.opinion)


def opinions(month: str, settings: CaseSettings, tickets: Iterable[Ticket]) -> Opinions:
    """The list of a month, oldest first.

    Args:
        month: ``2026-11``, for the head.
        settings: With the kinds that are opinions.
        tickets: Opened in that month, of any kind.
    """
    kinds = kinds_of(settings)
    wanted = sorted(
        (ticket for ticket in tickets if ticket.kind in kinds),
        key=lambda ticket: (ticket.opened_ms, ticket.ticket),
    )
    counts = Counter(ticket.kind for ticket in wanted)
    return Opinions(
        month=month,
        counts={kind: counts[kind] for kind in kinds},
        opinions=tuple(
            Opinion(
                reference=ticket.reference,
                at_ms=ticket.opened_ms,
                kind=ticket.kind,
                owner=ticket.owner,
                number=ticket.number,
                customer=ticket.customer,
                state=ticket.state,
                words=ticket.summary,
                solution=ticket.solution,
            )
            for ticket in wanted
        ),
    )
