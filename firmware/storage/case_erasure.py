"""Taking a person out of customers, tickets, reviews and articles."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterable

from firmware.storage.cases import Cases

_TEXTS = {
    "customer": ("customer", ("name", "company", "note", "fields")),
    "ticket": ("ticket", ("summary", "solution", "number")),
    "ticket_step": ("step", ("note",)),
    "review": ("review", ("action",)),
    "article": ("code", ("title", "body")),
}
"""Tables with their key, and columns in which people write what they like."""


def erase_cases(
    connection: sqlite3.Connection, core: str, calls: Iterable[str]
) -> tuple[dict[str, int], list[str]]:
    """Inside a transaction: the card of a number goes, his tickets say nothing of him any more.

    What other cards, tickets and articles say of that number loses its digits.

    Args:
        connection: Of the records.
        core: From ``erasure.core_digits``.
        calls: The calls of that number.

    Returns:
        How many rows of each table, and voice notes that are still to be removed.
    """
    what: dict[str, int] = {}
    cases = Cases(connection)
    cards = [
        customer
        for (customer,) in connection.execute(
            "SELECT DISTINCT customer FROM customer_number WHERE instr(number, ?)", (core,)
        )
    ]
    tickets = {
        ticket
        for (ticket,) in connection.execute(
            "SELECT ticket FROM ticket WHERE instr(number, ?)", (core,)
        )
    }
    for customer in cards:
        rows = connection.execute("SELECT ticket FROM ticket WHERE customer = ?", (customer,))
        tickets |= {ticket for (ticket,) in rows}
    for call in calls:
        rows = connection.execute("SELECT ticket FROM ticket_call WHERE call = ?", (call,))
        tickets |= {ticket for (ticket,) in rows}
    for customer in cards:
        cases.remove_customer(customer)
    files = _silence(connection, sorted(tickets))
    what["customer"] = len(cards)
    what["ticket"] = len(tickets)
    # One number may be written with signs between its digits.
    digits = re.compile(r"\+?\d*" + r"[ ()./-]*".join(core) + r"\d*")
    for table, (key, columns) in _TEXTS.items():
        for column in columns:
            what[f"{table}.{column}"] = _without(connection, table, key, column, digits)
    what = {name: count for name, count in what.items() if count}
    if what:
        write_words_anew(connection)
    return what, files


def erase_card(connection: sqlite3.Connection, customer: int) -> list[str]:
    """Inside a transaction: a card without numbers goes too; voice notes still to be removed."""
    cases = Cases(connection)
    rows = connection.execute("SELECT ticket FROM ticket WHERE customer = ?", (customer,))
    tickets = [ticket for (ticket,) in rows.fetchall()]
    files = _silence(connection, tickets)
    cases.remove_customer(customer)
    write_words_anew(connection)
    return files


def _silence(connection: sqlite3.Connection, tickets: Iterable[int]) -> list[str]:
    """Tickets say nothing of a person any more; their voice notes, still to be removed."""
    files: list[str] = []
    for ticket in tickets:
        files += Cases(connection).voices_of(ticket)
        connection.execute("DELETE FROM ticket_voice WHERE ticket = ?", (ticket,))
        connection.execute("UPDATE ticket_step SET note = '' WHERE ticket = ?", (ticket,))
        connection.execute(
            "UPDATE ticket SET number = '', summary = '', solution = '' WHERE ticket = ?",
            (ticket,),
        )
    return files


def write_words_anew(connection: sqlite3.Connection) -> None:
    """Make the index of words again, so that no page of it holds what was deleted.

    Deleting from an FTS5 index only adds a mark; ``rebuild`` empties its tables, which SQLite
    overwrites (``secure_delete``), before it fills them.
    """
    cases = Cases(connection)
    connection.execute("DELETE FROM word")
    for card in cases.customers():
        cases.index_customer(card)
    for ticket in cases.tickets(limit=-1):
        cases.index_ticket(ticket)
    for article in cases.articles():
        cases.index_article(article)
    connection.execute("INSERT INTO word (word) VALUES ('rebuild')")


def _without(
    connection: sqlite3.Connection, table: str, key: str, column: str, digits: re.Pattern[str]
) -> int:
    rows = connection.execute(f"SELECT {key}, {column} FROM {table} WHERE {column} <> ''")  # noqa: S608 - names of our own tables
    found = [(digits.sub("", text), name) for name, text in rows if digits.search(text)]
    connection.executemany(f"UPDATE {table} SET {column} = ? WHERE {key} = ?", found)  # noqa: S608 - as above
    return len(found)
