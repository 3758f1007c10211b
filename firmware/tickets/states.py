"""The life of a ticket: open, working, waiting, solved, closed, and open again."""

from __future__ import annotations

from typing import ClassVar, Final

import msgspec

from firmware.core.case_settings import TicketKind
from firmware.core.fsm import Machine, Order, State, Table, choose
from firmware.tickets.ticket import Ticket


class TicketOrder(Order, frozen=True, kw_only=True):
    """Something a person does with a ticket. ``who`` does it, ``note`` is for people."""

    who: str
    note: str = ""


class TakeTicket(TicketOrder, frozen=True, kw_only=True, tag="take"):
    """Somebody works on it from now on."""


class WaitForOthers(TicketOrder, frozen=True, kw_only=True, tag="wait"):
    """The customer or another department has to do something first."""


class SolveTicket(TicketOrder, frozen=True, kw_only=True, tag="solve"):
    """It is done; ``note`` is the solution."""


class CloseTicket(TicketOrder, frozen=True, kw_only=True, tag="close"):
    """The customer agrees, or nobody needs it any more."""


class ReopenTicket(TicketOrder, frozen=True, kw_only=True, tag="reopen"):
    """It was not done after all."""


TABLE: Final = Table(
    "ticket",
    State(
        "open",
        {
            TakeTicket: "working",
            WaitForOthers: "waiting",
            SolveTicket: choose("_solve", "solved", "(stay)"),
        },
    ),
    State(
        "working",
        {
            TakeTicket: "working",
            WaitForOthers: "waiting",
            SolveTicket: choose("_solve", "solved", "(stay)"),
        },
    ),
    State(
        "waiting",
        {
            TakeTicket: "working",
            SolveTicket: choose("_solve", "solved", "(stay)"),
        },
    ),
    State("solved", {CloseTicket: "closed", ReopenTicket: "open"}),
    State("closed", {ReopenTicket: "open"}),
)


class TicketCase(Machine):
    """One ticket while something is done with it.

    Args:
        ticket: As it is kept.
        kind: What its kind asks for before it may be solved.
        has_note: Whether somebody wrote or said something about it: a text or a voice note.
    """

    __slots__ = ("_has_note", "_kind", "ticket")
    TABLE: ClassVar[Table] = TABLE

    def __init__(self, ticket: Ticket, kind: TicketKind, *, has_note: bool) -> None:
        super().__init__()
        self.ticket = ticket
        self._kind = kind
        self._has_note = has_note
        self.resume(ticket.state, 0)

    def _solve(self, order: SolveTicket, now_ms: int) -> str:  # noqa: ARG002 - the form of a handler
        lacks = lacking(self.ticket, self._kind, order.note, has_note=self._has_note)
        self.do(*lacks)
        return "(stay)" if lacks else "solved"


def lacking(ticket: Ticket, kind: TicketKind, solution: str, *, has_note: bool) -> list[str]:
    """What is missing before a ticket may be solved, as keys of sentences.

    Every ticket wants a solution. A complaint is logged in detail, so it wants a note as well; a
    kind that needs the caller to be who he says wants that checked.
    """
    found = [] if solution.strip() else ["ticket-solution"]
    if kind.verify and not ticket.verified:
        found.append("ticket-verify")
    if kind.complaint and not (has_note or ticket.summary.strip()):
        found.append("ticket-note")
    return found


def carried_out(
    ticket: Ticket, order: TicketOrder, kind: TicketKind, now_ms: int, *, has_note: bool
) -> tuple[Ticket, list[str]]:
    """The ticket after an order, and what was missing; unchanged when something was.

    Args:
        ticket: As it is kept.
        order: What is wanted.
        kind: Its kind.
        now_ms: Wall clock, UTC, since 1970.
        has_note: See :class:`TicketCase`.

    Raises:
        IllegalCommand: its state does not permit it.
    """
    case = TicketCase(ticket, kind, has_note=has_note)
    lacks = [str(key) for key in case.handle(order, now_ms)]
    if lacks:
        return ticket, lacks
    changes: dict[str, object] = {"state": case.state}
    match order:
        case TakeTicket():
            changes |= {"owner": order.who, "answered_ms": ticket.answered_ms or now_ms}
        case SolveTicket():
            changes |= {"solution": order.note, "solved_ms": now_ms}
            changes |= {"answered_ms": ticket.answered_ms or now_ms}
        case CloseTicket():
            changes |= {"closed_ms": now_ms}
        case ReopenTicket():
            changes |= {"solved_ms": None, "closed_ms": None, "solution": ""}
            if now_ms > ticket.due_ms:
                # Its time is over: it gets as long again, and all its reminders.
                length_ms = ticket.due_ms - ticket.opened_ms
                changes |= {"due_ms": now_ms + length_ms, "opened_ms": now_ms, "step": 0}
        case _:
            pass
    return msgspec.structs.replace(ticket, **changes), []
