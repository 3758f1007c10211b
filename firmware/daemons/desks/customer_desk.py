"""Customers: found, shown, kept, imported, merged, erased, and what is known of who calls."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from datetime import datetime
from typing import Final

import msgspec

from firmware.control.case_messages import (
    CallLine,
    CustomerAnswer,
    CustomersAnswer,
    EraseCustomer,
    FindCustomers,
    ImportAnswer,
    ImportCustomers,
    MergeCustomers,
    SaveCustomer,
)
from firmware.control.office_messages import ErasedAnswer
from firmware.core.acd_entries import WrapUpEnded
from firmware.core.countries import country as country_of
from firmware.core.settings import Settings
from firmware.customers.customer import Customer, checked, merged, sentence
from firmware.customers.importing import planned
from firmware.customers.key_date import day_of
from firmware.daemons.desks.case_keeper import CaseKeeper
from firmware.daemons.desks.case_words import CaseError
from firmware.daemons.floor.whispers import Contact, Known
from firmware.storage.call_query import CallFilter
from firmware.storage.cases import MOST_FOUND
from firmware.storage.records import Records
from firmware.tickets.ticket import ENDED

Erase = Callable[[str, str, int, datetime], msgspec.Struct]

HISTORY: Final = 50  # calls of a customer that are shown
LOOKED_BACK: Final = 3
"""Calls of a number that are looked at for the last topic; it is asked while a telephone rings."""


class CustomerDesk(CaseKeeper):
    """What is asked about customers.

    Args:
        records: Open for writing.
        settings: Those in force.
        erase: Takes a number out of the whole box: (number, who, now_ms, wall) to its receipt.
    """

    def __init__(self, records: Records, settings: Callable[[], Settings], erase: Erase) -> None:
        super().__init__(records, settings)
        self._erase_number = erase

    def known_of(self, number: str) -> Known:
        """What an agent is told of a caller; asked while his telephone rings."""
        card = self.customer_of(number)
        try:
            who = card or Customer(numbers=(self.key(number),))
        except ValueError:
            return Known()
        owed = [ticket for ticket in self._cases.tickets_of(who) if ticket.state not in ENDED]
        complaints = {kind.name for kind in self._settings().cases.kinds if kind.complaint}
        return Known(
            tags=card.tags if card is not None else (),
            open_ticket=bool(owed),
            complaint=any(ticket.kind in complaints for ticket in owed),
            topic=next((c.topic for c in self.contacts_of(number) if c.topic), ""),
            grade=who.grade,
            days={d.name: day for d in who.dates if (day := day_of(d.day)) is not None},
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

    def find(self, request: FindCustomers) -> CustomersAnswer:
        """Cards that fit what was typed, or the next ones."""
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

    def card(self, customer: int, language: str) -> Customer:
        """A card by its number; CaseError if there is none."""
        card = self._cases.customer(customer)
        if card is None:
            raise CaseError("no-customer", language, value=customer)
        return card

    def show(self, customer: int, language: str) -> CustomerAnswer:
        """A card with all that is known of the customer."""
        card = self.card(customer, language)
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

    def save(self, request: SaveCustomer, wall_ms: int) -> tuple[Customer, str]:
        """Keep a card; the names of what changed come back."""
        settings, language = self._settings(), request.language
        before = self.card(request.card.customer, language) if request.card.customer else None
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

    def take_in(
        self, request: ImportCustomers, wall_ms: int
    ) -> tuple[msgspec.Struct, tuple[str, str, str] | None]:
        """Look through a file of cards, and keep what is new unless it is a dry run."""
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

    def merge(
        self, request: MergeCustomers, wall_ms: int
    ) -> tuple[msgspec.Struct, tuple[str, str, str]]:
        """Make one card of two."""
        if request.keep == request.other:
            raise CaseError("merge-itself", request.language, value=request.keep)
        keep = self.card(request.keep, request.language)
        other = self.card(request.other, request.language)
        with self._records.changing():
            kept = self._cases.merge(merged(keep, other), other.customer, wall_ms)
        what = f"customer/{keep.customer}"
        return CustomersAnswer(customers=(kept,)), ("merged", what, f"customer/{other.customer}")

    def erase(
        self, request: EraseCustomer, now_ms: int, wall: datetime
    ) -> tuple[msgspec.Struct, tuple[str, str, str] | None]:
        """Take all numbers of a customer out of the whole box."""
        card = self.card(request.customer, request.language)
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
