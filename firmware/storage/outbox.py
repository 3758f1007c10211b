"""What leaves the box besides speech, from what it follows from until it is delivered or given up.

An item is made in the transaction that keeps the entry it follows from, so that nothing is sent of
what did not happen and nothing that happened is forgotten. What came in (texts of customers) stands
in a table of its own, each once, however often the card gave it.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final

import msgspec

from firmware.core.desk_entries import MailWanted, ReportDue, TextCame
from firmware.core.log_entries import AnyLogEntry
from firmware.core.menu_entries import SmsWanted
from firmware.reports.moments import moment_ms
from firmware.storage.projection import CallRecord, Stamp

WAITING: Final = "waiting"
SENDING: Final = "sending"
"""It may be with the network already: whoever goes on with it must not simply begin anew."""
SENT: Final = "sent"
DELIVERED: Final = "delivered"
FAILED: Final = "failed"
DROPPED: Final = "dropped"
STATES: Final = (WAITING, SENDING, SENT, DELIVERED, FAILED, DROPPED)
OPEN: Final = (WAITING, SENDING)
ENDED: Final = (DELIVERED, FAILED, DROPPED)

REPORT_WITHIN_MS: Final = 48 * 3_600_000
"""References of a modem go round after 256 messages; an older report is of another one."""

TAIL_DIGITS: Final = 9


class OutboxItem(msgspec.Struct, frozen=True, kw_only=True):
    """One thing to be delivered.

    Attributes:
        item: Its number.
        kind: ``sms``, ``mail``, ``hook`` or ``mqtt``.
        call: In which it was wanted, empty without one.
        number: Where to: a telephone number, a mail address, the name of a hook, a topic.
        language: Of the text.
        template: Which text it is; ``report:PERIOD:DAY`` is a report, made as it is sent,
            ``voicemail:MESSAGE`` a message with its sound; of a hook the name of the event.
        text: Its words; empty where the template's are to be filled in by whoever sends it.
        created_ms: Wall clock, UTC, since 1970.
        state: One of :data:`STATES`.
        data: What a template is filled with, or what a hook tells, as JSON.
        tries: How often it was tried.
        again: How often a person had it sent again.
        why: What was said of the last failure, or why it was given up.
        parts: References of the parts that are with the network, as JSON; negative once arrived.
        changed_ms: Of its state, wall clock.
    """

    item: int
    kind: str
    call: str
    number: str
    language: str
    template: str
    text: str
    created_ms: int
    state: str = WAITING
    data: str = ""
    tries: int = 0
    again: int = 0
    why: str = ""
    parts: str = "[]"
    changed_ms: int = 0


class Arrived(msgspec.Struct, frozen=True, kw_only=True):
    """A text that came.

    Attributes:
        message: Number of the entry of the log.
        key: The same for the same message, however often the card gave it.
        number: Who sent it.
        text: What it says.
        came_ms: Wall clock, UTC, since 1970.
        customer: His card, 0 for none.
        ticket: To which it was put, 0 for none.
        call: The call that it answers, empty for none.
    """

    message: int
    key: str
    number: str
    text: str
    came_ms: int
    customer: int = 0
    ticket: int = 0
    call: str = ""


Outgoing = Callable[[AnyLogEntry, CallRecord | None], Iterable[dict[str, str]]]
"""Entry and its call's record to what follows from them by the settings: columns of items."""

_COLUMNS: Final = ", ".join(OutboxItem.__struct_fields__)
_MARKS: Final = ", ".join("?" * len(OutboxItem.__struct_fields__))
_ARRIVED: Final = ", ".join(Arrived.__struct_fields__)


def put(
    connection: sqlite3.Connection,
    stamped: Sequence[tuple[AnyLogEntry, Stamp]],
    outgoing: Outgoing | None = None,
    record_of: Callable[[str], CallRecord | None] = lambda _call: None,
) -> None:
    """The items that follow from entries that were just inserted, in their transaction.

    Args:
        connection: Of the records.
        stamped: The new entries.
        outgoing: What other programs are to be told of an entry; None for nothing.
        record_of: The record of a call, the new entries included.
    """
    for entry, stamp in stamped:
        at_ms = moment_ms(stamp.wall)
        for made in _items_of(entry):
            _insert(connection, entry.call, made, at_ms)
        if isinstance(entry, TextCame):
            _came(connection, entry, stamp.seq, at_ms)
        if outgoing is not None:
            for made in outgoing(entry, record_of(entry.call)):
                _insert(connection, entry.call, made, at_ms)


def _items_of(entry: AnyLogEntry) -> Iterable[dict[str, Any]]:
    match entry:
        case SmsWanted():
            yield {
                "kind": "sms",
                "number": entry.number,
                "language": entry.language,
                "template": entry.template,
                "text": entry.text,
                "data": "" if entry.text else msgspec.json.encode(entry.values).decode(),
            }
        case ReportDue():
            yield {
                "kind": "mail",
                "number": entry.to,
                "language": entry.language,
                "template": f"report:{entry.period}:{entry.day}",
            }
        case MailWanted():
            yield {
                "kind": "mail",
                "number": entry.to,
                "language": entry.language,
                "template": entry.template,
                "data": msgspec.json.encode(entry.values).decode(),
            }
        case _:
            return


def _insert(
    connection: sqlite3.Connection, call: str, made: dict[str, Any], created_ms: int
) -> None:
    fields = {"language": "", "text": "", **made, "created_ms": created_ms, "call": call}
    item = OutboxItem(item=0, changed_ms=created_ms, **fields)
    _, *values = msgspec.structs.astuple(item)
    connection.execute(
        f"INSERT INTO outbox ({_COLUMNS}) VALUES ({_MARKS})",  # noqa: S608 - our own column names
        (None, *values),
    )


def _came(connection: sqlite3.Connection, entry: TextCame, seq: int, at_ms: int) -> None:
    came = Arrived(
        message=seq,
        key=entry.key,
        number=entry.number,
        text=entry.text,
        came_ms=at_ms,
        customer=entry.customer,
        ticket=entry.ticket,
        call=entry.call,
    )
    connection.execute(
        f"INSERT INTO inbox ({_ARRIVED}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",  # noqa: S608 - our own column names
        msgspec.structs.astuple(came),
    )


def items(
    connection: sqlite3.Connection, state: str = WAITING, limit: int = -1
) -> list[OutboxItem]:
    """Items in this state, oldest first."""
    return _items(connection, "state = ? ORDER BY item LIMIT ?", state, limit)


def newest(connection: sqlite3.Connection, limit: int, state: str = "") -> list[OutboxItem]:
    """Items of any state, or of one, newest first."""
    return _items(connection, "(?1 = '' OR state = ?1) ORDER BY item DESC LIMIT ?2", state, limit)


def one(connection: sqlite3.Connection, item: int) -> OutboxItem | None:
    """The item of this number."""
    return next(iter(_items(connection, "item = ?", item)), None)


def of_call(connection: sqlite3.Connection, call: str) -> list[OutboxItem]:
    """Texts and mails that were wanted in a call, oldest first."""
    return _items(
        connection, "call = ? AND call <> '' AND kind IN ('sms', 'mail') ORDER BY item", call
    )


def counts(connection: sqlite3.Connection) -> dict[str, int]:
    """How many there are of each state."""
    rows = connection.execute("SELECT state, count(*) FROM outbox GROUP BY state")
    return dict(rows.fetchall())


def arrived(connection: sqlite3.Connection, limit: int = -1, *, tail: str = "") -> list[Arrived]:
    """Texts that came, newest first; ``tail``: only from numbers that end so."""
    rows = connection.execute(
        f"SELECT {_ARRIVED} FROM inbox WHERE number LIKE ? ORDER BY message DESC LIMIT ?",  # noqa: S608 - our own column names
        (f"%{tail}", limit),
    )
    names = Arrived.__struct_fields__
    return [msgspec.convert(dict(zip(names, row, strict=True)), Arrived) for row in rows]


def forget(connection: sqlite3.Connection) -> None:
    """After numbers were erased: what was said to or by these goes too, and is not sent."""
    connection.execute(
        "UPDATE outbox SET text = '', data = '', state = CASE WHEN state IN ('waiting', 'sending') "
        "THEN 'dropped' ELSE state END, why = 'erased' WHERE number = '' AND why <> 'erased'"
    )
    connection.execute("UPDATE inbox SET text = '' WHERE number = ''")


class Outbox:
    """The write side, over the writer's connection; each method within a transaction of its own."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def open(self, limit: int, kind: str = "") -> list[OutboxItem]:
        """What is still to be sent, oldest first; what was being sent counts."""
        return _items(
            self._connection,
            "state IN ('waiting', 'sending') AND (?1 = '' OR kind = ?1) ORDER BY item LIMIT ?2",
            kind,
            limit,
        )

    def item(self, item: int) -> OutboxItem | None:
        """One, by its number."""
        return next(iter(_items(self._connection, "item = ?", item)), None)

    def waiting(self) -> dict[str, int]:
        """How many are to be sent, by kind."""
        rows = self._connection.execute(
            "SELECT kind, count(*) FROM outbox WHERE state IN ('waiting', 'sending') GROUP BY kind"
        )
        return dict(rows.fetchall())

    def change(self, item: int, **values: Any) -> None:
        """Set these columns of an item."""
        names = ", ".join(f"{name} = ?" for name in values)
        self._connection.execute(
            f"UPDATE outbox SET {names} WHERE item = ?",  # noqa: S608 - our own column names
            (*values.values(), item),
        )

    def texts_since(self, number: str, since_ms: int) -> tuple[str, ...]:
        """Templates of texts that went to a number, or are on their way."""
        rows = self._connection.execute(
            "SELECT template FROM outbox WHERE kind = 'sms' AND created_ms >= ? "
            "AND state NOT IN ('waiting', 'failed', 'dropped') AND number LIKE ?",
            (since_ms, f"%{_tail(number)}"),
        )
        return tuple(template for (template,) in rows)

    def reported(self, reference: int, number: str, now_ms: int) -> OutboxItem | None:
        """The item one of whose parts has this reference and has not been reported."""
        found = _items(
            self._connection,
            "kind = 'sms' AND state IN ('sending', 'sent') AND changed_ms >= ? "
            "AND number LIKE ? ORDER BY item DESC",
            now_ms - REPORT_WITHIN_MS,
            f"%{_tail(number)}",
        )
        return next((i for i in found if reference in msgspec.json.decode(i.parts)), None)

    def knows(self, key: str) -> bool:
        """Whether this text was kept already."""
        row = self._connection.execute("SELECT 1 FROM inbox WHERE key = ?", (key,)).fetchone()
        return row is not None

    def newest_to(self, number: str, since_ms: int) -> OutboxItem | None:
        """The last text that went to a number."""
        found = _items(
            self._connection,
            "kind = 'sms' AND state IN ('sending', 'sent', 'delivered') AND created_ms >= ? "
            "AND number LIKE ? ORDER BY item DESC LIMIT 1",
            since_ms,
            f"%{_tail(number)}",
        )
        return next(iter(found), None)


def _items(connection: sqlite3.Connection, where: str, *values: Any) -> list[OutboxItem]:
    rows = connection.execute(
        f"SELECT {_COLUMNS} FROM outbox WHERE {where}",  # noqa: S608 - our own column names
        values,
    )
    names = OutboxItem.__struct_fields__
    return [msgspec.convert(dict(zip(names, row, strict=True)), OutboxItem) for row in rows]


def _tail(number: str) -> str:
    """What the forms of one number have in common; a short number is itself."""
    return "".join(sign for sign in number if sign.isdecimal())[-TAIL_DIGITS:]
