"""Customers, tickets, reviews and articles behind calld: one desk for each, asked through this."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

import msgspec

from firmware.control.case_messages import (
    AskReviews,
    CaseRequest,
    ChangeTicket,
    CustomersAnswer,
    EndReview,
    EraseCustomer,
    FindCustomers,
    FindTickets,
    ImportCustomers,
    MergeCustomers,
    OpenTicket,
    SaveCustomer,
    ShowCustomer,
    ShowTicket,
    TicketsAnswer,
)
from firmware.control.messages import Refused
from firmware.core.desk_entries import Audited
from firmware.core.log_entries import AnyLogEntry
from firmware.core.settings import Settings
from firmware.daemons.desks.article_desk import ArticleDesk
from firmware.daemons.desks.case_words import CaseError
from firmware.daemons.desks.customer_desk import CustomerDesk, Erase
from firmware.daemons.desks.review_desk import ReviewDesk
from firmware.daemons.desks.ticket_desk import TicketDesk
from firmware.reports.moments import EPOCH, MS
from firmware.storage.records import Records

Answered = tuple[msgspec.Struct, Sequence[AnyLogEntry]]


class CaseDesk:
    """Answers what is asked about customers and what is owed to them.

    Args:
        records: Open for writing.
        settings: Those in force.
        erase: Takes a number out of the whole box: (number, who, now_ms, wall) to its receipt.
    """

    def __init__(self, records: Records, settings: Callable[[], Settings], erase: Erase) -> None:
        self._customers = CustomerDesk(records, settings, erase)
        self._tickets = TicketDesk(records, settings)
        self._reviews = ReviewDesk(records, settings)
        self._articles = ArticleDesk(records, settings)
        self.customer_of = self._customers.customer_of
        self.known_of = self._customers.known_of
        self.contacts_of = self._customers.contacts_of
        self.tickets_of = self._tickets.tickets_of
        self.advance = self._tickets.advance
        self.take_reminders = self._tickets.take_reminders
        records.follower.settings_of = lambda: settings().cases
        records.follower.key_of = self._customers.key

    def answer(self, request: CaseRequest, now_ms: int, wall: datetime) -> Answered:
        """Carry out one request; a mistake is a sentence and changes nothing."""
        wall_ms = (wall - EPOCH) // MS
        try:
            answer, noted = self._answer(request, now_ms, wall_ms, wall)
        except CaseError as wrong:
            return Refused(id=wrong.key, message=str(wrong), fields=wrong.fields), ()
        except OSError as problem:
            return Refused(id="not-kept", message=str(problem)), ()
        if not noted:
            return answer, ()
        action, what, detail = noted
        entry = Audited(
            at_ms=now_ms,
            who=request.who,
            action=action,
            what=what,
            origin=request.origin,
            detail=detail,
        )
        return answer, (entry,)

    def _answer(
        self, request: CaseRequest, now_ms: int, wall_ms: int, wall: datetime
    ) -> tuple[msgspec.Struct, tuple[str, str, str] | None]:
        match request:
            case FindCustomers():
                return self._customers.find(request), None
            case ShowCustomer(customer=customer):
                return self._customers.show(customer, request.language), (
                    "view",
                    f"customer/{customer}",
                    "",
                )
            case SaveCustomer():
                kept, changed = self._customers.save(request, wall_ms)
                answer = CustomersAnswer(customers=(kept,))
                return answer, ("customer_saved", f"customer/{kept.customer}", changed)
            case ImportCustomers():
                return self._customers.take_in(request, wall_ms)
            case MergeCustomers():
                return self._customers.merge(request, wall_ms)
            case EraseCustomer():
                return self._customers.erase(request, now_ms, wall)
            case FindTickets():
                return TicketsAnswer(tickets=self._tickets.find(request)), None
            case ShowTicket():
                return self._tickets.shown(
                    self._tickets.ticket(request.ticket, request.language)
                ), None
            case OpenTicket():
                ticket = self._tickets.open(request, wall_ms)
                what = f"ticket/{ticket.ticket}"
                return self._tickets.shown(ticket), ("ticket_open", what, ticket.kind)
            case ChangeTicket():
                ticket = self._tickets.change(request, wall_ms)
                what = f"ticket/{ticket.ticket}"
                return self._tickets.shown(ticket), (f"ticket_{request.act}", what, ticket.state)
            case AskReviews():
                return self._reviews.all(request.from_ms, request.until_ms), None
            case EndReview():
                return self._reviews.end(request, wall_ms)
            case _:
                return self._articles.answer(request)
