"""Customers, tickets, reviews and articles over a connection of the records.

:class:`ReadCases` is for everybody; :class:`Cases` is for the one writer, and every change of it is
made within the writer's transaction.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Sequence
from typing import Any, Final, TypeVar

import msgspec

from firmware.core.accounts import Role
from firmware.customers.customer import Customer
from firmware.knowledge.article import Article
from firmware.knowledge.words import indexed, question
from firmware.quality.review import Review
from firmware.reports.facts import SurveyFact
from firmware.storage.lives import read_lives
from firmware.storage.marked_calls import read_marked
from firmware.storage.masks import SEES_PEOPLE, masked_card, masked_part, sees_people
from firmware.tickets.ageing import Life
from firmware.tickets.reference import reference_of
from firmware.tickets.ticket import Ticket, TicketStep

T = TypeVar("T", bound=msgspec.Struct)
MOST_FOUND: Final = 50
HELD: Final = "recordings_held"  # name of the document of what is held by hand
_CARD: Final = "customer, name, company, grade, tags, language, agent, note, fields, dates, channel"
_TICKET: Final = tuple(Ticket.__struct_fields__)
_REVIEW: Final = tuple(Review.__struct_fields__)
_ARTICLE: Final = tuple(Article.__struct_fields__)
_OPEN: Final = "state NOT IN ('solved', 'closed')"


class ReadCases:
    """What is known of customers and owed to them."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._roles: Collection[Role] = tuple(SEES_PEOPLE)

    def show_to(self, roles: Collection[Role]) -> None:
        """From now on cards and tickets are read as somebody with these roles may see them."""
        self._roles = tuple(roles)

    # --- customers --------------------------------------------------------------------------------

    def customer(self, customer: int) -> Customer | None:
        """A card by its number."""
        row = self._one(
            f"SELECT {_CARD} FROM customer WHERE customer = ?",  # noqa: S608 - our own column list
            customer,
        )
        return None if row is None else self._card(row)

    def customer_of(self, number: str) -> Customer | None:
        """Whose telephone number this is, in the form of ``number_key``; while it rings."""
        row = self._one(
            f"SELECT {_CARD} FROM customer WHERE customer = "  # noqa: S608 - our own column list
            "(SELECT customer FROM customer_number WHERE number = ?)",
            number,
        )
        return None if row is None else self._card(row)

    def customers(self, limit: int = -1, after: int = 0) -> list[Customer]:
        """Cards in the order in which they came, from after this one."""
        rows = self._connection.execute(
            f"SELECT {_CARD} FROM customer WHERE customer > ? ORDER BY customer LIMIT ?",  # noqa: S608 - our own column list
            (after, limit),
        ).fetchall()
        return [self._card(row) for row in rows]

    def dated_customers(self, month_days: Collection[str]) -> list[Customer]:
        """Cards with a day of their own that is written with one of these (``-05-01``)."""
        either = " OR ".join("instr(dates, ?)" for _ in month_days) or "0"
        rows = self._connection.execute(
            f"SELECT {_CARD} FROM customer WHERE dates <> '[]' AND ({either}) ORDER BY customer",  # noqa: S608 - our own column list
            tuple(month_days),
        ).fetchall()
        return [self._card(row) for row in rows]

    def _card(self, row: Sequence[Any]) -> Customer:
        values = dict(zip(_CARD.split(", "), row, strict=True))
        numbers = self._connection.execute(
            "SELECT number FROM customer_number WHERE customer = ? ORDER BY place",
            (values["customer"],),
        )
        values["numbers"] = [number for (number,) in numbers]
        values["tags"] = msgspec.json.decode(values["tags"])
        values["fields"] = msgspec.json.decode(values["fields"])
        values["dates"] = msgspec.json.decode(values["dates"])
        return masked_card(msgspec.convert(values, Customer), self._roles)

    # --- tickets ----------------------------------------------------------------------------------

    def ticket(self, ticket: int) -> Ticket | None:
        """A ticket by its number."""
        return self._first("ticket", _TICKET, Ticket, "ticket = ?", ticket)

    def ticket_called(self, reference: str) -> Ticket | None:
        """The newest ticket of a reference."""
        where = "reference = ? ORDER BY ticket DESC"
        return self._first("ticket", _TICKET, Ticket, where, reference)

    def open_tickets(self, owner: str = "", limit: int = -1) -> list[Ticket]:
        """What is owed, the most urgent first; of one owner, if one is named."""
        where = f"{_OPEN} AND (?1 = '' OR owner = ?1) ORDER BY due_ms, ticket LIMIT ?2"
        return self._all("ticket", _TICKET, Ticket, where, owner, limit)

    def tickets(self, limit: int = MOST_FOUND, before: int = 1 << 62) -> list[Ticket]:
        """All tickets, newest first, from before this one."""
        where = "ticket < ? ORDER BY ticket DESC LIMIT ?"
        return self._all("ticket", _TICKET, Ticket, where, before, limit)

    def tickets_opened(self, from_ms: int, until_ms: int) -> list[Ticket]:
        """Tickets that were opened in a span of wall time, oldest first."""
        where = "opened_ms >= ? AND opened_ms < ? ORDER BY ticket"
        return self._all("ticket", _TICKET, Ticket, where, from_ms, until_ms)

    def lives(self, from_ms: int = 0, until_ms: int = 1 << 62) -> list[Life]:
        """How long tickets took that were opened first in a span of wall time."""
        return read_lives(self._connection, from_ms, until_ms)

    def marked_calls(
        self, beginning: str, from_ms: int, until_ms: int
    ) -> dict[str, tuple[str, ...]]:
        """Calls of a span that carry such a mark, each with all of these."""
        return read_marked(self._connection, beginning, from_ms, until_ms)

    def tickets_of_number(self, number: str) -> list[Ticket]:
        """Tickets of a number, newest first, whether anybody has a card of it or not."""
        return self._all("ticket", _TICKET, Ticket, "number = ? ORDER BY ticket DESC", number)

    def tickets_of(self, customer: Customer) -> list[Ticket]:
        """A customer's tickets, newest first."""
        marks = ", ".join("(?)" for _ in customer.numbers) or "('')"
        his = "SELECT number FROM customer_number WHERE customer = ?1"
        where = (
            f"(customer <> 0 AND customer = ?1) OR number IN ({his} UNION VALUES {marks}) "
            "ORDER BY ticket DESC"
        )
        return self._all("ticket", _TICKET, Ticket, where, customer.customer, *customer.numbers)

    def steps(self, ticket: int) -> list[TicketStep]:
        """What was done with a ticket, oldest first."""
        names = tuple(TicketStep.__struct_fields__)
        return self._all("ticket_step", names, TicketStep, "ticket = ? ORDER BY step", ticket)

    def calls_of(self, ticket: int) -> list[str]:
        """The calls a ticket is about."""
        return self._names("SELECT call FROM ticket_call WHERE ticket = ? ORDER BY call", ticket)

    def voices_of(self, ticket: int) -> list[str]:
        """Paths of the voice notes of a ticket."""
        if not sees_people(self._roles):
            return []
        return self._names("SELECT path FROM ticket_voice WHERE ticket = ? ORDER BY path", ticket)

    def reference_of(self, call: str) -> tuple[str, bool]:
        """What a caller is told: his call's ticket, or the next one; and whether it is new."""
        about = [ticket for ticket in self.tickets_of_call(call) if not ticket.task]
        if about:
            return about[-1].reference, False
        (last,) = self._one("SELECT coalesce(max(ticket), 0) FROM ticket")
        return reference_of(int(last) + 1), True

    def ticket_of_task(self, task: str) -> Ticket | None:
        """The ticket of a callback or a promise."""
        return self._first("ticket", _TICKET, Ticket, "task = ?", task)

    def tickets_of_call(self, call: str) -> list[Ticket]:
        """The tickets that are about a call, oldest first."""
        where = "ticket IN (SELECT ticket FROM ticket_call WHERE call = ?) ORDER BY ticket"
        return self._all("ticket", _TICKET, Ticket, where, call)

    # --- reviews ----------------------------------------------------------------------------------

    def review(self, review: int) -> Review | None:
        """A review by its number."""
        return self._first("review", _REVIEW, Review, "review = ?", review)

    def review_of(self, call: str) -> Review | None:
        """The review of a conversation."""
        return self._first("review", _REVIEW, Review, "call = ?", call)

    def reviews(self, from_ms: int = 0, until_ms: int = 1 << 62) -> list[Review]:
        """Reviews opened in a span of wall time, those still open first, the most urgent first."""
        where = "opened_ms >= ? AND opened_ms < ? ORDER BY state = 'closed', due_ms, review"
        return self._all("review", _REVIEW, Review, where, from_ms, until_ms)

    def surveys(self, from_ms: int = 0, until_ms: int = 1 << 62) -> list[SurveyFact]:
        """Questions put in a span of wall time, with their keys."""
        names = tuple(SurveyFact.__struct_fields__)
        where = "at_ms >= ? AND at_ms < ? ORDER BY seq"
        return self._all("survey", names, SurveyFact, where, from_ms, until_ms)

    def held_calls(self) -> dict[str, tuple[str, ...]]:
        """Calls whose recordings must stay, and why."""
        found: dict[str, tuple[str, ...]] = {}
        for call, why in self._connection.execute("SELECT call, why FROM call_held ORDER BY why"):
            found[call] = (*found.get(call, ()), why)
        return found

    def held_recordings(self) -> dict[str, str]:
        """Recordings that somebody holds by hand, and why."""
        row = self._one("SELECT body FROM document WHERE name = ?", HELD)
        return {} if row is None else msgspec.json.decode(row[0], type=dict[str, str])

    # --- articles ---------------------------------------------------------------------------------

    def article(self, code: str) -> Article | None:
        """An article by its code."""
        return self._first("article", _ARTICLE, Article, "code = ?", code)

    def articles(self) -> list[Article]:
        """All of them, the most used first."""
        return self._all("article", _ARTICLE, Article, "1 ORDER BY uses DESC, code")

    # --- words ------------------------------------------------------------------------------------

    def found(self, text: str, kind: str = "", limit: int = MOST_FOUND) -> list[tuple[str, str]]:
        """What holds all these words, the best first, as (kind, name).

        Args:
            text: In any language; two Chinese characters are enough.
            kind: ``customer``, ``ticket`` or ``article``; any, if it is empty.
            limit: At most so many.
        """
        asked = question(text)
        if not asked:
            return []
        rows = self._connection.execute(
            "SELECT kind, name FROM word WHERE word MATCH ?1 AND (?2 = '' OR kind = ?2) "
            "ORDER BY rank LIMIT ?3",
            (f"text : ({asked})", kind, limit),
        )
        return [(str(of), str(name)) for of, name in rows]

    # --- within -----------------------------------------------------------------------------------

    def _one(self, sql: str, *values: Any) -> Any:
        return self._connection.execute(sql, values).fetchone()

    def _names(self, sql: str, *values: Any) -> list[str]:
        return [name for (name,) in self._connection.execute(sql, values)]

    def _all(
        self, table: str, names: Sequence[str], kind: type[T], where: str, *values: Any
    ) -> list[T]:
        columns = ", ".join(f'"{name}"' for name in names)
        rows = self._connection.execute(
            f"SELECT {columns} FROM {table} WHERE {where}",  # noqa: S608 - our own names
            values,
        ).fetchall()
        found = [
            msgspec.convert(dict(zip(names, row, strict=True)), kind, strict=False) for row in rows
        ]
        return [masked_part(one, self._roles) for one in found]

    def _first(
        self, table: str, names: Sequence[str], kind: type[T], where: str, *values: Any
    ) -> T | None:
        return next(iter(self._all(table, names, kind, f"{where} LIMIT 1", *values)), None)


class Cases(ReadCases):
    """The same for the one writer, inside a transaction of the records."""

    # --- customers --------------------------------------------------------------------------------

    def keep_customer(self, card: Customer, now_ms: int) -> Customer:
        """Insert a card, or replace it; it comes back with its number.

        Raises:
            sqlite3.IntegrityError: one of the numbers is another customer's.
        """
        values = (
            card.customer or None,
            card.name,
            card.company,
            card.grade,
            msgspec.json.encode(card.tags).decode(),
            card.language,
            card.agent,
            card.note,
            msgspec.json.encode(card.fields).decode(),
            msgspec.json.encode(card.dates).decode(),
            card.channel,
            now_ms,
        )
        cursor = self._connection.execute(
            f"INSERT INTO customer ({_CARD}, changed_ms) "  # noqa: S608 - our own column list
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) "
            "ON CONFLICT (customer) DO UPDATE SET name = excluded.name, "
            "company = excluded.company, grade = excluded.grade, tags = excluded.tags, "
            "language = excluded.language, agent = excluded.agent, note = excluded.note, "
            "fields = excluded.fields, dates = excluded.dates, channel = excluded.channel, "
            "changed_ms = excluded.changed_ms",
            values,
        )
        number = card.customer or int(cursor.lastrowid or 0)
        kept = msgspec.structs.replace(card, customer=number)
        self._connection.execute("DELETE FROM customer_number WHERE customer = ?", (number,))
        self._connection.executemany(
            "INSERT INTO customer_number (number, customer, place) VALUES (?, ?, ?)",
            [(text, number, place) for place, text in enumerate(card.numbers)],
        )
        self.index_customer(kept)
        return kept

    def index_customer(self, card: Customer) -> None:
        """The words by which a card is found."""
        texts = (card.name, card.company, card.note, *card.tags, *card.fields.values())
        self._words("customer", str(card.customer), texts)

    def remove_customer(self, customer: int) -> None:
        """Take a card away; his tickets stay, without his name."""
        for sql in (
            "DELETE FROM customer_number WHERE customer = ?",
            "DELETE FROM customer WHERE customer = ?",
            "UPDATE ticket SET customer = 0 WHERE customer = ?",
        ):
            self._connection.execute(sql, (customer,))
        self._words("customer", str(customer), ())

    def merge(self, keep: Customer, other: int, now_ms: int) -> Customer:
        """Keep one card for two: tickets of the other are his now."""
        self._connection.execute(
            "UPDATE ticket SET customer = ? WHERE customer = ?", (keep.customer, other)
        )
        self.remove_customer(other)
        return self.keep_customer(keep, now_ms)

    # --- tickets ----------------------------------------------------------------------------------

    def open_ticket(self, ticket: Ticket, step: TicketStep, calls: Sequence[str] = ()) -> Ticket:
        """Keep a new ticket with its first step; it comes back with number and reference."""
        (last,) = self._one("SELECT coalesce(max(ticket), 0) FROM ticket")
        number = int(last) + 1
        whole = msgspec.structs.replace(ticket, ticket=number, reference=reference_of(number))
        self.keep_ticket(whole, step)
        for call in calls:
            self.link(number, call)
        return whole

    def keep_ticket(self, ticket: Ticket, step: TicketStep | None = None) -> None:
        """Keep a ticket as it is now, and what was done."""
        self._replace("ticket", _TICKET, ticket)
        if step is not None:
            self._connection.execute(
                "INSERT INTO ticket_step (ticket, at_ms, who, what, note) VALUES (?, ?, ?, ?, ?)",
                (ticket.ticket, step.at_ms, step.who, step.what, step.note),
            )
        self.index_ticket(ticket)

    def text_on_ticket(self, key: str, ticket: int) -> None:
        """A text that came opened this ticket."""
        self._connection.execute("UPDATE inbox SET ticket = ? WHERE key = ?", (ticket, key))

    def index_ticket(self, ticket: Ticket) -> None:
        """The words by which a ticket is found."""
        notes = [done.note for done in self.steps(ticket.ticket)]
        texts = (ticket.reference, ticket.kind, ticket.summary, ticket.solution, *notes)
        self._words("ticket", str(ticket.ticket), texts)

    def link(self, ticket: int, call: str) -> None:
        """A ticket is about this call too."""
        self._connection.execute(
            "INSERT OR IGNORE INTO ticket_call (ticket, call) VALUES (?, ?)", (ticket, call)
        )

    def add_voice(self, ticket: int, path: str) -> None:
        """A voice note belongs to this ticket."""
        self._connection.execute(
            "INSERT OR IGNORE INTO ticket_voice (path, ticket) VALUES (?, ?)", (path, ticket)
        )

    # --- reviews ----------------------------------------------------------------------------------

    def open_review(self, review: Review) -> Review:
        """Keep a new review; it comes back with its number."""
        (last,) = self._one("SELECT coalesce(max(review), 0) FROM review")
        whole = msgspec.structs.replace(review, review=int(last) + 1)
        self.keep_review(whole)
        return whole

    def keep_review(self, review: Review) -> None:
        """Keep a review as it is now."""
        self._replace("review", _REVIEW, review)

    def hold(self, call: str, why: str) -> None:
        """The recordings of a call stay."""
        self._connection.execute(
            "INSERT OR IGNORE INTO call_held (call, why) VALUES (?, ?)", (call, why)
        )

    def release(self, call: str, why: str) -> None:
        """This is no reason any more."""
        self._connection.execute("DELETE FROM call_held WHERE call = ? AND why = ?", (call, why))

    # --- articles ---------------------------------------------------------------------------------

    def keep_article(self, article: Article) -> None:
        """Keep an article as it is now; how often it was used is counted here."""
        before = self.article(article.code)
        uses = before.uses if before is not None else 0
        self._replace("article", _ARTICLE, msgspec.structs.replace(article, uses=uses))
        self.index_article(article)

    def index_article(self, article: Article) -> None:
        """The words by which an article is found."""
        self._words("article", article.code, (article.code, article.title, article.body))

    def remove_article(self, code: str) -> None:
        """Take it away."""
        self._connection.execute("DELETE FROM article WHERE code = ?", (code,))
        self._words("article", code, ())

    def use_article(self, code: str, call: str) -> None:
        """It was keyed for this call; a second time for one call counts nothing."""
        cursor = self._connection.execute(
            "INSERT OR IGNORE INTO article_call (code, call) VALUES (?, ?)", (code, call)
        )
        if cursor.rowcount:
            self._connection.execute("UPDATE article SET uses = uses + 1 WHERE code = ?", (code,))

    # --- within -----------------------------------------------------------------------------------

    def _replace(self, table: str, names: Sequence[str], value: msgspec.Struct) -> None:
        columns = ", ".join(f'"{name}"' for name in names)
        changes = ", ".join(f'"{name}" = excluded."{name}"' for name in names[1:])
        marks = ", ".join("?" * len(names))
        self._connection.execute(
            f"INSERT INTO {table} ({columns}) VALUES ({marks}) "  # noqa: S608 - our own names
            f'ON CONFLICT ("{names[0]}") DO UPDATE SET {changes}',
            [_plain(getattr(value, name)) for name in names],
        )

    def _words(self, kind: str, name: str, texts: Sequence[str]) -> None:
        """What it is found by, in place of what it was found by."""
        self._connection.execute("DELETE FROM word WHERE rowid = ?", (_row_of(kind, name),))
        text = " ".join(indexed(text) for text in texts if text)
        if text:
            self._connection.execute(
                "INSERT INTO word (rowid, kind, name, text) VALUES (?, ?, ?, ?)",
                (_row_of(kind, name), kind, name, text),
            )


_KINDS: Final = ("customer", "ticket", "article")


def _row_of(kind: str, name: str) -> int:
    """A row of the words for each thing: a search for it among all rows would take too long."""
    number = int(f"1{name}") if kind == "article" else int(name)
    return number * len(_KINDS) + _KINDS.index(kind)


def _plain(value: Any) -> Any:
    return int(value) if isinstance(value, bool) else value
