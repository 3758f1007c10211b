"""Faxes that came and faxes that go, derived from the log in the transaction that keeps it.

A row is made by the entry that begins it (:class:`FaxBegun` of one that comes, :class:`FaxOrdered`
of one that is to go) and follows what happens to it. The pages are a file beside the records; how
they get there and when they are safe stands in ``firmware/storage/README.md``.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

import msgspec

from firmware.core.fax_entries import (
    FaxBegun,
    FaxFinished,
    FaxOrdered,
    FaxRemoved,
    FaxTurned,
)
from firmware.core.log_entries import AnyLogEntry
from firmware.reports.moments import moment_ms
from firmware.storage.case_following import Follower
from firmware.storage.projection import CallRecord, Stamp

RECEIVING: Final = "receiving"
ENDED: Final = "ended"
"""A session is over and nothing was decided yet: whoever starts next decides."""
RECEIVED: Final = "received"
PARTIAL: Final = "partial"
FAILED: Final = "failed"
WAITING: Final = "waiting"
DIALLING: Final = "dialling"
SENDING: Final = "sending"
SENT: Final = "sent"
CANCELLED: Final = "cancelled"
STATES: Final = (
    RECEIVING,
    ENDED,
    RECEIVED,
    PARTIAL,
    FAILED,
    WAITING,
    DIALLING,
    SENDING,
    SENT,
    CANCELLED,
)
REST: Final = "rest-"
"""Begin of the name of a file with the pages that one session is still to send."""
OPEN: Final = (RECEIVING, ENDED, WAITING, DIALLING, SENDING)
"""Something is still to happen."""


class FaxRow(msgspec.Struct, frozen=True, kw_only=True):
    """One fax. Times are wall clock, UTC, milliseconds since 1970.

    Attributes:
        fax: Its number, from 1.
        direction: ``receive`` or ``send``.
        state: One of :data:`STATES`.
        number: From whom, or to whom.
        station: What the far machine says of itself.
        subject: What a person called it.
        call: Of its newest session.
        session: Name of that session with the fax program.
        line: By which it came.
        customer: His card, 0 for none.
        ticket: That it opened or answers, 0 for none.
        file: Its pages; empty when they are gone.
        sha256: Of that file.
        pages: That have arrived.
        pages_in_file: That there are to send; of one that came, those that are kept.
        session_pages: That arrived in the newest session.
        result: How the newest session ended, of ``firmware.fax``.
        tries: How often it was dialled.
        due_ms: When it is dialled next.
        created_ms: When it came, or was ordered.
        changed_ms: Of its state.
        who: Ordered it.
        correction: Damaged lines are repeated (ECM).
    """

    fax: int
    direction: str
    state: str
    number: str
    station: str = ""
    subject: str = ""
    call: str = ""
    session: str = ""
    line: str = ""
    customer: int = 0
    ticket: int = 0
    file: str = ""
    sha256: str = ""
    pages: int = 0
    pages_in_file: int = 0
    session_pages: int = 0
    result: str = ""
    tries: int = 0
    due_ms: int = 0
    created_ms: int = 0
    changed_ms: int = 0
    who: str = ""
    correction: bool = True


_FIELDS: Final = tuple(FaxRow.__struct_fields__)
_COLUMNS: Final = ", ".join(f'"{name}"' for name in _FIELDS)


class ReadFaxes:
    """Faxes over a connection of the records, for everybody."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def fax(self, fax: int) -> FaxRow | None:
        """One, by its number."""
        return next(iter(self._rows("fax = ?", fax)), None)

    def newest(self, limit: int = -1, direction: str = "", before: int = 1 << 62) -> list[FaxRow]:
        """Newest first; of one direction, if it is named."""
        return self._rows(
            "fax < ?1 AND (?2 = '' OR direction = ?2) ORDER BY fax DESC LIMIT ?3",
            before,
            direction,
            limit,
        )

    def in_states(self, *states: str) -> list[FaxRow]:
        """Faxes in one of these states, oldest first."""
        marks = ", ".join("?" * len(states))
        return self._rows(f"state IN ({marks}) ORDER BY fax", *states)

    def of_call(self, call: str) -> list[FaxRow]:
        """Faxes whose newest session was in this call."""
        return self._rows("call = ? AND call <> '' ORDER BY fax", call)

    def of_ticket(self, ticket: int) -> list[FaxRow]:
        """Faxes that opened a ticket or answer it, oldest first."""
        return self._rows("ticket = ? AND ticket <> 0 ORDER BY fax", ticket)

    def of_customer(self, customer: int) -> list[FaxRow]:
        """A customer's faxes, newest first."""
        return self._rows("customer = ? AND customer <> 0 ORDER BY fax DESC", customer)

    def of_session(self, session: str) -> FaxRow | None:
        """The fax whose newest session has this name."""
        return next(iter(self._rows("session = ? ORDER BY fax DESC LIMIT 1", session)), None)

    def with_pages(self) -> list[FaxRow]:
        """Faxes whose pages are still there, oldest first."""
        return self._rows("file <> '' ORDER BY fax")

    def next_due_ms(self) -> int | None:
        """When the next fax is to be dialled; None for none."""
        (due,) = self._connection.execute(
            "SELECT min(due_ms) FROM fax WHERE state = 'waiting'"
        ).fetchone()
        return None if due is None else int(due)

    def _rows(self, where: str, *values: Any) -> list[FaxRow]:
        rows = self._connection.execute(
            f"SELECT {_COLUMNS} FROM fax WHERE {where}",  # noqa: S608 - our own column names
            values,
        ).fetchall()
        return [
            msgspec.convert(dict(zip(_FIELDS, row, strict=True)), FaxRow, strict=False)
            for row in rows
        ]


class Faxes(ReadFaxes):
    """The same for the one writer, inside a transaction of the records."""

    def next_fax(self) -> int:
        """Number of the next fax."""
        (last,) = self._connection.execute("SELECT coalesce(max(fax), 0) FROM fax").fetchone()
        return int(last) + 1

    def put(
        self,
        stamped: Sequence[tuple[AnyLogEntry, Stamp]],
        record_of: Callable[[str], CallRecord | None],
        follower: Follower,
    ) -> None:
        """What follows from entries that were just inserted, in their transaction.

        Args:
            stamped: The new entries.
            record_of: The record of a call, the new entries included.
            follower: Opens the ticket of a fax and knows whose a number is.
        """
        for entry, stamp in stamped:
            at_ms = moment_ms(stamp.wall)
            match entry:
                case FaxBegun():
                    self._begun(entry, at_ms, record_of(entry.call), follower)
                case FaxFinished():
                    self._finished(entry, at_ms)
                case FaxOrdered():
                    self._ordered(entry, at_ms, follower)
                case FaxTurned():
                    self._turned(entry, at_ms, follower)
                case FaxRemoved():
                    self._change(entry.fax, at_ms, file="", sha256=entry.sha256)
                case _:
                    pass

    def _begun(
        self, entry: FaxBegun, at_ms: int, record: CallRecord | None, follower: Follower
    ) -> None:
        if entry.direction == "send":
            if entry.job.isdecimal():
                self._change(
                    int(entry.job), at_ms, state=SENDING, call=entry.call, session=entry.fax
                )
            return
        number = record.caller_number if record is not None else ""
        self._insert(
            FaxRow(
                fax=self.next_fax(),
                direction="receive",
                state=RECEIVING,
                number=follower.key(number),
                call=entry.call,
                session=entry.fax,
                line=record.line if record is not None else "",
                customer=follower.customer_of(number),
                created_ms=at_ms,
                changed_ms=at_ms,
            )
        )

    def _finished(self, entry: FaxFinished, at_ms: int) -> None:
        row = self.of_session(entry.fax)
        if row is None and entry.job.isdecimal():
            row = self.fax(int(entry.job))  # it ended before any machine was there
        if row is None or row.state not in (RECEIVING, SENDING, DIALLING):
            return
        changes: dict[str, Any] = {
            "state": ENDED,
            "result": entry.result,
            "session_pages": entry.pages,
            "station": entry.remote_station or row.station,
        }
        if row.direction == "receive":
            changes |= {"file": entry.tiff or row.file, "sha256": entry.sha256}
        self._change(row.fax, at_ms, **changes)

    def _ordered(self, entry: FaxOrdered, at_ms: int, follower: Follower) -> None:
        self._insert(
            FaxRow(
                fax=entry.fax,
                direction="send",
                state=WAITING,
                number=entry.number,
                subject=entry.subject,
                customer=follower.customer_of(entry.number),
                ticket=entry.ticket,
                file=entry.file,
                sha256=entry.sha256,
                pages_in_file=entry.pages,
                due_ms=moment_ms(entry.due_wall) if entry.due_wall else at_ms,
                created_ms=at_ms,
                changed_ms=at_ms,
                who=entry.who,
                correction=entry.correction,
            )
        )
        if entry.ticket:
            follower.fax_on_ticket(entry.ticket, entry.who, "fax_ordered", entry.fax, at_ms)

    def _turned(self, entry: FaxTurned, at_ms: int, follower: Follower) -> None:
        row = self.fax(entry.fax)
        if row is None:
            return
        changes: dict[str, Any] = {"state": entry.state}
        if entry.why:
            changes["result"] = entry.why
        if entry.state == DIALLING:
            changes |= {"tries": row.tries + 1, "call": entry.call, "session_pages": 0}
        elif row.direction == "send":
            changes["pages"] = entry.pages
        if entry.due_wall:
            changes["due_ms"] = moment_ms(entry.due_wall)
        if row.direction == "receive":
            changes |= {
                "pages": entry.pages,
                "pages_in_file": entry.pages,
                "file": entry.file,
                "sha256": entry.sha256,
            }
            number = row.number or follower.key(row.station)
            customer = row.customer or follower.customer_of(number)
            changes |= {"number": number, "customer": customer}
            if entry.ticket:
                row = msgspec.structs.replace(row, number=number, customer=customer)
                changes["ticket"] = follower.ticket_of_fax(
                    entry.ticket, row.fax, row.call, number, customer, entry.pages, at_ms
                )
        elif row.ticket and entry.state in (SENT, FAILED, CANCELLED):
            follower.fax_on_ticket(
                row.ticket, entry.who or row.who, f"fax_{entry.state}", row.fax, at_ms
            )
        self._change(entry.fax, at_ms, **changes)

    def _insert(self, row: FaxRow) -> None:
        marks = ", ".join("?" * len(_FIELDS))
        values = [int(v) if isinstance(v, bool) else v for v in msgspec.structs.astuple(row)]
        self._connection.execute(
            f"INSERT OR IGNORE INTO fax ({_COLUMNS}) VALUES ({marks})",  # noqa: S608 - our own column names
            values,
        )

    def _change(self, fax: int, at_ms: int, **values: Any) -> None:
        names = ", ".join(f'"{name}" = ?' for name in (*values, "changed_ms"))
        self._connection.execute(
            f"UPDATE fax SET {names} WHERE fax = ?",  # noqa: S608 - our own column names
            (*values.values(), at_ms, fax),
        )


def erase(
    connection: sqlite3.Connection, number: str, station: str, core: str, calls: Sequence[str]
) -> list[str]:
    """Inside a transaction: faxes from and to a person say nothing of him; files to be removed.

    Args:
        connection: Of the records.
        number: SQL for the column without the signs that people write within numbers.
        station: The same of what the far machine said.
        core: The digits by which the person is found.
        calls: His calls.
    """
    rows = connection.execute(
        f"SELECT fax, file, call FROM fax WHERE instr({number}, ?1) OR instr({station}, ?1)",  # noqa: S608 - columns of ours
        (core,),
    ).fetchall()
    for call in calls:
        rows += connection.execute(
            "SELECT fax, file, call FROM fax WHERE call = ? AND call <> ''", (call,)
        ).fetchall()
    for fax, _, call in rows:
        connection.execute(
            "UPDATE fax SET number = '', station = '', subject = '', file = '', "
            "state = iif(state IN ('waiting', 'dialling', 'sending'), 'cancelled', state) "
            "WHERE fax = ?",
            (fax,),
        )
        # The far machine's own words may be a name, or another number of his.
        connection.execute(
            "DELETE FROM event_private WHERE seq IN (SELECT seq FROM event WHERE call = ? "
            "AND call <> '' AND kind = 'fax_finished')",
            (call,),
        )
    files = [file for _, file, _ in rows if file]
    rests = [str(Path(file).with_name(f"{REST}{fax}.tif")) for fax, file, _ in rows if file]
    return list(dict.fromkeys([*files, *rests]))
