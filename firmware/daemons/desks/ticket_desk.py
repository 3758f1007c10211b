"""Tickets: opened, worked on, closed, and who has to be reminded of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Final

import msgspec

from firmware.control.case_messages import ChangeTicket, FindTickets, OpenTicket, TicketAnswer
from firmware.core.case_settings import TicketKind
from firmware.core.desk_entries import Audited
from firmware.core.fsm import IllegalCommand
from firmware.core.log_entries import AnyLogEntry
from firmware.core.settings import Settings
from firmware.daemons.desks.case_keeper import CaseKeeper
from firmware.daemons.desks.case_words import CaseError, word
from firmware.reports.moments import EPOCH, MS
from firmware.storage.cases import MOST_FOUND
from firmware.storage.records import Records
from firmware.tickets.escalation import Reminder, due
from firmware.tickets.reference import is_reference
from firmware.tickets.states import (
    CloseTicket,
    ReopenTicket,
    SolveTicket,
    TakeTicket,
    TicketOrder,
    WaitForOthers,
    carried_out,
)
from firmware.tickets.ticket import HOUR_MS, Ticket, TicketStep, opened

MOST_HOURS: Final = 720
ORDERS: Final[dict[str, type[TicketOrder]]] = {
    "take": TakeTicket,
    "wait": WaitForOthers,
    "solve": SolveTicket,
    "close": CloseTicket,
    "reopen": ReopenTicket,
}


class TicketDesk(CaseKeeper):
    """What is asked about tickets.

    Args:
        records: Open for writing.
        settings: Those in force.
    """

    def __init__(self, records: Records, settings: Callable[[], Settings]) -> None:
        super().__init__(records, settings)
        self._reminders: list[tuple[Reminder, Ticket]] = []

    def tickets_of(self, agent: str) -> int:
        """How many open tickets an agent has."""
        return len(self._cases.open_tickets(agent))

    def advance(self, now_ms: int, wall: datetime) -> Sequence[AnyLogEntry]:
        """Take the steps of escalation that are due; they stand in the ticket and in the log."""
        wall_ms = (wall - EPOCH) // MS
        entries: list[AnyLogEntry] = []
        tickets = {ticket.ticket: ticket for ticket in self._cases.open_tickets()}
        reminders = due(tickets.values(), wall_ms)
        if not reminders:
            return ()
        with self._records.changing():
            for reminder in reminders:
                ticket = msgspec.structs.replace(tickets[reminder.ticket], step=reminder.step)
                self._reminders.append((reminder, ticket))
                what = f"remind_{reminder.percent}"
                step = TicketStep(at_ms=wall_ms, who="box", what=what, note=reminder.to)
                self._cases.keep_ticket(ticket, step)
                entries.append(
                    Audited(
                        at_ms=now_ms,
                        who="box",
                        action="ticket_" + what,
                        what=f"ticket/{ticket.ticket}",
                        detail=reminder.to,
                    )
                )
        return entries

    def take_reminders(self) -> list[tuple[Reminder, Ticket]]:
        """Steps that were taken since this was asked last, each with its ticket."""
        reminders, self._reminders = self._reminders, []
        return reminders

    def find(self, request: FindTickets) -> tuple[Ticket, ...]:
        """Tickets that fit what was typed, or what is owed."""
        if request.text.strip():
            names = self._cases.found(request.text, "ticket")
            tickets = (self._cases.ticket(int(name)) for _, name in names)
            found = [ticket for ticket in tickets if ticket is not None]
        elif request.all:
            found = self._cases.tickets()
        else:
            found = self._cases.open_tickets(limit=MOST_FOUND, owner=request.owner)
        return tuple(t for t in found if not request.owner or t.owner == request.owner)

    def ticket(self, named: str, language: str) -> Ticket:
        """A ticket by its reference or ``#`` and number; CaseError if there is none."""
        found: Ticket | None = None
        if named.startswith("#") and named[1:].isdecimal():
            found = self._cases.ticket(int(named[1:]))
        elif is_reference(named):
            found = self._cases.ticket_called(named)
        if found is None:
            raise CaseError("no-ticket", language, value=named)
        return found

    def shown(self, ticket: Ticket) -> TicketAnswer:
        """A ticket with its steps, calls and voice notes."""
        number = ticket.ticket
        return TicketAnswer(
            ticket=ticket,
            steps=tuple(self._cases.steps(number)),
            calls=tuple(self._cases.calls_of(number)),
            voices=tuple(self._cases.voices_of(number)),
        )

    def _kind(self, name: str, language: str) -> TicketKind:
        kinds = {kind.name: kind for kind in self._settings().cases.kinds}
        if name not in kinds:
            raise CaseError("no-kind", language, value=name, limit=", ".join(kinds))
        return kinds[name]

    def open(self, request: OpenTicket, wall_ms: int) -> Ticket:
        """Open one by hand."""
        language = request.language
        kind = self._kind(request.kind, language)
        if not request.summary.strip():
            raise CaseError("ticket-summary", language)
        if not 0 <= request.hours <= MOST_HOURS:
            raise CaseError("ticket-hours", language, value=request.hours, limit=MOST_HOURS)
        number = request.number
        if number:
            try:
                number = self.key(number)
            except ValueError as wrong:
                raise CaseError("ticket-number", language, value=number) from wrong
        for call in request.calls:
            self.known_call(call, language)
        customer = self.customer_of(number)
        ticket = opened(
            kind,
            wall_ms,
            owner=request.owner or kind.owner,
            priority=request.priority or kind.priority,
            number=number,
            customer=customer.customer if customer else 0,
            summary=request.summary.strip(),
            origin=request.origin,
        )
        if request.hours:
            ticket = msgspec.structs.replace(ticket, due_ms=wall_ms + request.hours * HOUR_MS)
        step = TicketStep(at_ms=wall_ms, who=request.who, what="open")
        with self._records.changing():
            kept = self._cases.open_ticket(ticket, step, request.calls)
            if kind.complaint:
                for call in request.calls:
                    self._cases.hold(call, "complaint")
        return kept

    def change(self, request: ChangeTicket, wall_ms: int) -> Ticket:
        """Take, solve, close, note, assign, link: what was done with it."""
        language, note = request.language, request.note.strip()
        before = self.ticket(request.ticket, language)
        after = before
        if order := ORDERS.get(request.act):
            after = self._ordered(before, order(who=request.who, note=note), wall_ms, language)
        elif request.act == "verify":
            after = msgspec.structs.replace(before, verified=True)
        elif not note:
            raise CaseError("ticket-nothing", language)
        elif request.act == "assign":
            known = {agent.number for agent in self._settings().acd.agents}
            known |= {extension.number for extension in self._settings().extensions}
            if note not in known:
                raise CaseError("no-owner", language, value=note)
            after = msgspec.structs.replace(before, owner=note)
        elif request.act == "link":
            self.known_call(note, language)
        with self._records.changing():
            step = TicketStep(at_ms=wall_ms, who=request.who, what=request.act, note=note)
            self._cases.keep_ticket(after, step)
            if request.act == "link":
                self._cases.link(after.ticket, note)
            elif request.act == "voice":
                self._cases.add_voice(after.ticket, note)
            if request.act == "close":
                # Looked into and agreed: the recordings follow the rules for all again.
                for call in self._cases.calls_of(after.ticket):
                    self._cases.release(call, "complaint")
        return after

    def _ordered(self, ticket: Ticket, order: TicketOrder, wall_ms: int, language: str) -> Ticket:
        kinds = {kind.name: kind for kind in self._settings().cases.kinds}
        kind = kinds.get(ticket.kind) or TicketKind(name=ticket.kind)
        steps = self._cases.steps(ticket.ticket)
        has_note = any(step.what == "note" for step in steps)
        has_note = has_note or bool(self._cases.voices_of(ticket.ticket))
        try:
            after, lacks = carried_out(ticket, order, kind, wall_ms, has_note=has_note)
        except IllegalCommand as wrong:
            state = word(ticket.state, language)
            raise CaseError(
                "ticket-state", language, value=ticket.reference, limit=state
            ) from wrong
        if lacks:
            fields = {key: word(key, language) for key in lacks}
            raise CaseError("ticket-lacks", language, fields, value=ticket.reference)
        return after
