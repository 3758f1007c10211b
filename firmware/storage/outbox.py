"""What is to leave the box besides speech, waiting in the records until it is delivered.

An item is made in the transaction that keeps the entry it follows from, so that nothing is sent of
what did not happen and nothing that happened is forgotten.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import Final

import msgspec

from firmware.core.desk_entries import ReportDue
from firmware.core.log_entries import AnyLogEntry
from firmware.core.menu_entries import SmsWanted
from firmware.reports.moments import moment_ms
from firmware.storage.projection import Stamp

WAITING: Final = "waiting"


class OutboxItem(msgspec.Struct, frozen=True, kw_only=True):
    """One thing to be delivered.

    Attributes:
        item: Number of the entry of the log that it follows from.
        kind: ``sms`` or ``mail``.
        call: In which it was wanted.
        number: Where to: a telephone number or a mail address.
        language: Of the text.
        template: Which text it is; ``report:PERIOD:DAY`` is a report, made as it is sent.
        text: Its words; empty where the template's are to be filled in by whoever sends it.
        created_ms: Wall clock, UTC, since 1970.
        state: ``waiting``, until it is delivered or given up.
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


_COLUMNS: Final = ", ".join(OutboxItem.__struct_fields__)


def put(connection: sqlite3.Connection, stamped: Sequence[tuple[AnyLogEntry, Stamp]]) -> None:
    """The items that follow from entries that were just inserted, in their transaction."""
    for entry, stamp in stamped:
        match entry:
            case SmsWanted():
                kind, number = "sms", entry.number
                template, text = entry.template, entry.text
            case ReportDue():
                kind, number = "mail", entry.to
                template, text = f"report:{entry.period}:{entry.day}", ""
            case _:
                continue
        item = OutboxItem(
            item=stamp.seq,
            kind=kind,
            call=entry.call,
            number=number,
            language=entry.language,
            template=template,
            text=text,
            created_ms=moment_ms(stamp.wall),
        )
        connection.execute(
            f"INSERT INTO outbox ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",  # noqa: S608 - our own column names
            msgspec.structs.astuple(item),
        )


def items(connection: sqlite3.Connection, state: str = WAITING) -> list[OutboxItem]:
    """Items in this state, oldest first."""
    rows = connection.execute(
        f"SELECT {_COLUMNS} FROM outbox WHERE state = ? ORDER BY item",  # noqa: S608 - our own column names
        (state,),
    )
    names = OutboxItem.__struct_fields__
    return [msgspec.convert(dict(zip(names, row, strict=True)), OutboxItem) for row in rows]
