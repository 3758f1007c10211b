"""Customers, tickets, reviews and articles behind calld."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Final

import msgspec

from firmware.control.case_messages import (
    ArticlesAnswer,
    AskReviews,
    CallLine,
    CaseRequest,
    ChangeTicket,
    CustomerAnswer,
    CustomersAnswer,
    EndReview,
    EraseCustomer,
    FindArticles,
    FindCustomers,
    FindTickets,
    ImportAnswer,
    ImportCustomers,
    MergeCustomers,
    OpenTicket,
    RemoveArticle,
    ReviewsAnswer,
    SaveArticle,
    SaveCustomer,
    ShowCustomer,
    ShowTicket,
    TicketAnswer,
    TicketsAnswer,
    UseArticle,
)
from firmware.control.messages import Refused
from firmware.control.office_messages import ErasedAnswer
from firmware.core.acd_entries import WrapUpEnded
from firmware.core.case_settings import TicketKind
from firmware.core.countries import country as country_of
from firmware.core.desk_entries import Audited
from firmware.core.fsm import IllegalCommand
from firmware.core.log_entries import AnyLogEntry
from firmware.core.settings import Settings
from firmware.customers.customer import Customer, checked, merged, number_key, sentence
from firmware.customers.importing import planned
from firmware.daemons.case_words import word
from firmware.daemons.whispers import Contact, Known
from firmware.knowledge.article import Article, problems
from firmware.knowledge.article import sentence as article_sentence
from firmware.quality.marks import SCALES, satisfaction
from firmware.quality.review import CloseReview, closed, pareto
from firmware.reports.moments import EPOCH, MS
from firmware.storage.call_query import CallFilter
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
from firmware.tickets.ticket import ENDED, HOUR_MS, Ticket, TicketStep, opened

Answered = tuple[msgspec.Struct, Sequence[AnyLogEntry]]
Erase = Callable[[str, int, datetime], msgspec.Struct]

HISTORY: Final = 50  # calls of a customer that are shown
MOST_HOURS: Final = 720
LOOKED_BACK: Final = 3
"""Calls of a number that are looked at for the last topic; it is asked while a telephone rings."""
ORDERS: Final[dict[str, type[TicketOrder]]] = {
    "take": TakeTicket,
    "wait": WaitForOthers,
    "solve": SolveTicket,
    "close": CloseTicket,
    "reopen": ReopenTicket,
}


class CaseError(Exception):
    """A mistake of whoever asks, as one sentence in his language; ``fields`` by path."""

    def __init__(
        self, key: str, language: str, fields: dict[str, str] | None = None, **values: object
    ) -> None:
        super().__init__(word(key, language, **values))
        self.key = key
        self.fields = fields or {}


class CaseDesk:
    """Answers what is asked about customers and what is owed to them.

    Args:
        records: Open for writing.
        settings: Those in force.
        erase: Takes a number out of the whole box: (number, now_ms, wall) to its receipt.
    """

    def __init__(
        self,
        records: Records,
        settings: Callable[[], Settings],
        erase: Callable[..., msgspec.Struct],
    ) -> None:
        self._records = records
        self._settings = settings
        self._erase_number = erase
        self._cases = records.cases
        self._reminders: list[tuple[Reminder, Ticket]] = []
        records.follower.settings_of = lambda: settings().cases
        records.follower.key_of = self._key

    # --- asked by call control --------------------------------------------------------------------

    def customer_of(self, number: str) -> Customer | None:
        """Whose number this is, in any form; None for nobody we know."""
        try:
            return self._cases.customer_of(self._key(number)) if number else None
        except ValueError:
            return None

    def tickets_of(self, agent: str) -> int:
        """How many open tickets an agent has."""
        return len(self._cases.open_tickets(agent))

    def known_of(self, number: str) -> Known:
        """What an agent is told of a caller; asked while his telephone rings."""
        card = self.customer_of(number)
        try:
            who = card or Customer(numbers=(self._key(number),))
        except ValueError:
            return Known()
        owed = [ticket for ticket in self._cases.tickets_of(who) if ticket.state not in ENDED]
        complaints = {kind.name for kind in self._settings().cases.kinds if kind.complaint}
        return Known(
            tags=card.tags if card is not None else (),
            open_ticket=bool(owed),
            complaint=any(ticket.kind in complaints for ticket in owed),
            topic=next((c.topic for c in self.contacts_of(number) if c.topic), ""),
        )

    def contacts_of(self, number: str) -> tuple[Contact, ...]:
        """The last calls of a number that are over, newest first, with what they were about."""
        found = self._records.calls(LOOKED_BACK + 1, filters=CallFilter(number=number))
        over = [record for record in found if record.outcome is not None][:LOOKED_BACK]
        return tuple(
            Contact(datetime.fromisoformat(record.t0_wall), self._topic(record.call))
            for record in over
        )

    def _topic(self, call: str) -> str:
        """What a call was about, as its agent keyed it; empty if nobody did."""
        entries = [event.entry for event in self._records.events(call)]
        topics = [e.topic for e in entries if isinstance(e, WrapUpEnded) and e.topic]
        return topics[-1] if topics else ""

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

    # --- asked by people --------------------------------------------------------------------------

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
                return self._find_customers(request), None
            case ShowCustomer(customer=customer):
                return self._show(customer, request.language), ("view", f"customer/{customer}", "")
            case SaveCustomer():
                kept, changed = self._save(request, wall_ms)
                answer = CustomersAnswer(customers=(kept,))
                return answer, ("customer_saved", f"customer/{kept.customer}", changed)
            case ImportCustomers():
                return self._import(request, wall_ms)
            case MergeCustomers():
                return self._merge(request, wall_ms)
            case EraseCustomer():
                return self._erase(request, now_ms, wall)
            case FindTickets():
                return TicketsAnswer(tickets=self._find_tickets(request)), None
            case ShowTicket():
                return self._shown(self._ticket(request.ticket, request.language)), None
            case OpenTicket():
                ticket = self._open(request, wall_ms)
                what = f"ticket/{ticket.ticket}"
                return self._shown(ticket), ("ticket_open", what, ticket.kind)
            case ChangeTicket():
                ticket = self._change(request, wall_ms)
                what = f"ticket/{ticket.ticket}"
                return self._shown(ticket), (f"ticket_{request.act}", what, ticket.state)
            case AskReviews():
                return self._reviews(request.from_ms, request.until_ms), None
            case EndReview():
                return self._end_review(request, wall_ms)
            case _:
                return self._articles(request)

    # --- customers --------------------------------------------------------------------------------

    def _key(self, number: str) -> str:
        return number_key(number, country_of(self._settings().country))

    def _find_customers(self, request: FindCustomers) -> CustomersAnswer:
        text = request.text.strip()
        if not text:
            found = self._cases.customers(MOST_FOUND + 1, request.after)
        elif known := self.customer_of(text):
            found = [known]
        else:
            names = self._cases.found(text, "customer", MOST_FOUND + 1)
            cards = (self._cases.customer(int(name)) for _, name in names)
            found = [card for card in cards if card is not None]
        return CustomersAnswer(customers=tuple(found[:MOST_FOUND]), more=len(found) > MOST_FOUND)

    def _card(self, customer: int, language: str) -> Customer:
        card = self._cases.customer(customer)
        if card is None:
            raise CaseError("no-customer", language, value=customer)
        return card

    def _show(self, customer: int, language: str) -> CustomerAnswer:
        card = self._card(customer, language)
        calls = {}
        for number in card.numbers:
            # The log has a number as it came: the digits behind the country's code are in each.
            plain = number.removeprefix("+").removeprefix(
                country_of(self._settings().country).numbering.calling_code
            )
            for record in self._records.calls(HISTORY, filters=CallFilter(number=plain)):
                calls[record.call] = record
        newest = sorted(calls.values(), key=lambda record: record.t0_wall, reverse=True)[:HISTORY]
        lines = tuple(
            CallLine(
                call=r.call,
                at=r.t0_wall,
                direction=str(r.direction),
                outcome=str(r.outcome or ""),
                talk_ms=r.talk_ms or 0,
            )
            for r in newest
        )
        messages = tuple(
            message.message
            for message in self._records.messages.all()
            if message.caller and self.customer_of(message.caller) == card
        )
        reviews = (self._cases.review_of(record.call) for record in newest)
        return CustomerAnswer(
            card=card,
            calls=lines,
            tickets=tuple(self._cases.tickets_of(card)),
            messages=messages,
            reviews=tuple(review for review in reviews if review is not None),
        )

    def _save(self, request: SaveCustomer, wall_ms: int) -> tuple[Customer, str]:
        settings, language = self._settings(), request.language
        before = self._card(request.card.customer, language) if request.card.customer else None
        cases = settings.cases
        card, wrong = checked(
            request.card, country_of(settings.country), cases.grades, cases.fields
        )
        if wrong:
            fields = {path: sentence(problem, language) for path, problem in wrong.items()}
            raise CaseError("customer-wrong", language, fields)
        for number in card.numbers:
            other = self._cases.customer_of(number)
            if other is not None and other.customer != card.customer:
                raise CaseError("number-taken", language, value=number, customer=other.customer)
        with self._records.changing():
            kept = self._cases.keep_customer(card, wall_ms)
        known = before or Customer()
        # The log says which parts of the card changed and not what they were: it is never erased.
        names = [n for n in Customer.__struct_fields__[1:] if getattr(known, n) != getattr(kept, n)]
        return kept, ", ".join(names)

    def _import(
        self, request: ImportCustomers, wall_ms: int
    ) -> tuple[msgspec.Struct, tuple[str, str, str] | None]:
        settings = self._settings()
        plan = planned(
            request.cards,
            self._cases.customer_of,
            country_of(settings.country),
            settings.cases.grades,
            settings.cases.fields,
        )
        answer = ImportAnswer(
            new=len(plan.new),
            changed=len(plan.changed),
            same=plan.same,
            doubles=plan.doubles,
            wrong=tuple(
                (w.line, w.field, sentence(w.problem, request.language)) for w in plan.wrong
            ),
            dry_run=request.dry_run,
        )
        if request.dry_run:
            return answer, None
        try:
            with self._records.changing():
                for card in (*plan.new, *plan.changed):
                    self._cases.keep_customer(card, wall_ms)
        except sqlite3.IntegrityError as twice:
            raise CaseError("import-clash", request.language) from twice
        return answer, ("customers_imported", "customers", f"{answer.new} new")

    def _merge(
        self, request: MergeCustomers, wall_ms: int
    ) -> tuple[msgspec.Struct, tuple[str, str, str]]:
        if request.keep == request.other:
            raise CaseError("merge-itself", request.language, value=request.keep)
        keep = self._card(request.keep, request.language)
        other = self._card(request.other, request.language)
        with self._records.changing():
            kept = self._cases.merge(merged(keep, other), other.customer, wall_ms)
        what = f"customer/{keep.customer}"
        return CustomersAnswer(customers=(kept,)), ("merged", what, f"customer/{other.customer}")

    def _erase(
        self, request: EraseCustomer, now_ms: int, wall: datetime
    ) -> tuple[msgspec.Struct, tuple[str, str, str] | None]:
        card = self._card(request.customer, request.language)
        whole = self._records.erase_customer(card.customer) if not card.numbers else None
        receipts = []
        for number in card.numbers:
            receipt = self._erase_number(number, request.who, now_ms, wall)
            if not isinstance(receipt, ErasedAnswer):
                return receipt, None
            receipts.append(receipt)
        what: dict[str, int] = {"customer": 1} if whole is not None else {}
        for receipt in receipts:
            for table, count in receipt.what.items():
                what[table] = what.get(table, 0) + count
        answer = ErasedAnswer(
            calls=sum(receipt.calls for receipt in receipts),
            entries=sum(receipt.entries for receipt in receipts),
            what=what,
            kept_back=tuple(path for receipt in receipts for path in receipt.kept_back),
            remains={path: n for receipt in receipts for path, n in receipt.remains.items()},
            older=receipts[-1].older if receipts else (),
            proof=" ".join(receipt.proof for receipt in receipts),
            salt=" ".join(receipt.salt for receipt in receipts),
        )
        return answer, ("customer_erased", f"customer/{card.customer}", "")

    # --- tickets ----------------------------------------------------------------------------------

    def _find_tickets(self, request: FindTickets) -> tuple[Ticket, ...]:
        if request.text.strip():
            names = self._cases.found(request.text, "ticket")
            tickets = (self._cases.ticket(int(name)) for _, name in names)
            found = [ticket for ticket in tickets if ticket is not None]
        elif request.all:
            found = self._cases.tickets()
        else:
            found = self._cases.open_tickets(limit=MOST_FOUND, owner=request.owner)
        return tuple(t for t in found if not request.owner or t.owner == request.owner)

    def _ticket(self, named: str, language: str) -> Ticket:
        found: Ticket | None = None
        if named.startswith("#") and named[1:].isdecimal():
            found = self._cases.ticket(int(named[1:]))
        elif is_reference(named):
            found = self._cases.ticket_called(named)
        if found is None:
            raise CaseError("no-ticket", language, value=named)
        return found

    def _shown(self, ticket: Ticket) -> TicketAnswer:
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

    def _open(self, request: OpenTicket, wall_ms: int) -> Ticket:
        language = request.language
        kind = self._kind(request.kind, language)
        if not request.summary.strip():
            raise CaseError("ticket-summary", language)
        if not 0 <= request.hours <= MOST_HOURS:
            raise CaseError("ticket-hours", language, value=request.hours, limit=MOST_HOURS)
        number = request.number
        if number:
            try:
                number = self._key(number)
            except ValueError as wrong:
                raise CaseError("ticket-number", language, value=number) from wrong
        for call in request.calls:
            self._known_call(call, language)
        customer = self.customer_of(number)
        ticket = opened(
            kind,
            wall_ms,
            owner=request.owner,
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

    def _known_call(self, call: str, language: str) -> None:
        if self._records.call(call) is None:
            raise CaseError("no-call", language, value=call)

    def _change(self, request: ChangeTicket, wall_ms: int) -> Ticket:
        language, note = request.language, request.note.strip()
        before = self._ticket(request.ticket, language)
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
            self._known_call(note, language)
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

    # --- reviews ----------------------------------------------------------------------------------

    def _reviews(self, from_ms: int, until_ms: int) -> ReviewsAnswer:
        found = self._cases.reviews(from_ms, until_ms)
        surveys = self._cases.surveys(from_ms, until_ms)
        return ReviewsAnswer(
            reviews=tuple(found),
            causes=tuple(pareto(found)),
            marks=tuple(satisfaction(surveys, scale) for scale in SCALES),
        )

    def _end_review(
        self, request: EndReview, wall_ms: int
    ) -> tuple[msgspec.Struct, tuple[str, str, str]]:
        language, causes = request.language, self._settings().cases.causes
        before = self._cases.review(request.review)
        if before is None:
            raise CaseError("no-review", language, value=request.review)
        order = CloseReview(who=request.who, cause=request.cause, action=request.action)
        after, lacks = closed(before, order, causes, wall_ms)
        if lacks:
            limit = ", ".join(causes)
            fields = {key: word(key, language, value=request.cause, limit=limit) for key in lacks}
            raise CaseError("review-lacks", language, fields, value=request.review)
        with self._records.changing():
            self._cases.keep_review(after)
            self._cases.release(after.call, "bad_mark")
        answer = ReviewsAnswer(reviews=(after,), causes=(), marks=())
        return answer, ("review_closed", f"review/{after.review}", after.cause)

    # --- articles ---------------------------------------------------------------------------------

    def _articles(self, request: CaseRequest) -> tuple[msgspec.Struct, tuple[str, str, str] | None]:
        language = request.language
        match request:
            case FindArticles(text=text):
                return ArticlesAnswer(articles=self._find_articles(text.strip())), None
            case SaveArticle(article=article):
                wrong = problems(article)
                if wrong:
                    fields = {
                        path: article_sentence(key, language, **values)
                        for path, (key, values) in wrong.items()
                    }
                    raise CaseError("article-wrong", language, fields)
                with self._records.changing():
                    self._cases.keep_article(article)
                code, action = article.code, "article_saved"
            case RemoveArticle(code=code):
                self._known_article(code, language)
                with self._records.changing():
                    self._cases.remove_article(code)
                return ArticlesAnswer(articles=()), ("article_removed", f"article/{code}", "")
            case UseArticle(code=code, call=call):
                self._known_article(code, language)
                self._known_call(call, language)
                with self._records.changing():
                    self._cases.use_article(code, call)
                action = "article_used"
            case _:
                raise CaseError("unknown-request", language)
        kept = self._cases.article(code)
        assert kept is not None  # noqa: S101  # it was kept just now
        return ArticlesAnswer(articles=(kept,)), (action, f"article/{code}", "")

    def _known_article(self, code: str, language: str) -> None:
        if self._cases.article(code) is None:
            raise CaseError("no-article", language, value=code)

    def _find_articles(self, text: str) -> tuple[Article, ...]:
        if not text:
            return tuple(self._cases.articles())
        by_code = self._cases.article(text)
        if by_code is not None:
            return (by_code,)
        names = (name for _, name in self._cases.found(text, "article"))
        return tuple(a for name in names if (a := self._cases.article(name)) is not None)
