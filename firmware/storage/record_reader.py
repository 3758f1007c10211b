"""The read side of the records: for the page, the command line and reports. It cannot write."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self
from urllib.parse import quote

import msgspec

from firmware.core.log_entries import AnyLogEntry, Direction, Outcome
from firmware.storage import event_log
from firmware.storage.errors import RecordsUnavailable, StorageError
from firmware.storage.event_log import StoredEvent, Verification
from firmware.storage.projection import CallRecord

FILE_NAME: Final = "records.sqlite"

BUSY_TIMEOUT_MS: Final = 5000

JSON_FIELDS: Final = ("rings", "recordings", "parties", "marks")
RECORD_FIELDS: Final = CallRecord.__struct_fields__


class CallFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Which calls are wanted; what is None does not matter.

    Attributes:
        direction: Where the call came from.
        outcome: How it ended.
        line: Port of the exchange line.
        extension: Number of the telephone that answered.
        number: Part of the caller's number or of what was dialled.
        since: Begun at or after this time.
        until: Begun before this time.
    """

    direction: Direction | None = None
    outcome: Outcome | None = None
    line: str | None = None
    extension: str | None = None
    number: str | None = None
    since: datetime | None = None
    until: datetime | None = None


class OpenCall(msgspec.Struct, frozen=True, kw_only=True):
    """A call that is not closed, with its log so far, oldest first."""

    call: str
    entries: tuple[AnyLogEntry, ...]


ALL_CALLS: Final = CallFilter()


class ReadRecords:
    """Records that can be read and nothing else. One per thread."""

    def __init__(self, connection: sqlite3.Connection, path: Path) -> None:
        self.path = path
        self._connection = connection

    @classmethod
    def open(cls, path: Path | str, *, idle: bool = False) -> ReadRecords:
        """Open for reading while calld writes.

        Args:
            path: The records' file.
            idle: Also open when no calld has the records open and the folder is not writable: the
                file is then taken as it lies. For a program that looks once and ends.

        Raises:
            RecordsUnavailable: they are not there, or not readable now.
        """
        path = Path(path)
        if not path.exists():
            raise RecordsUnavailable(f"There are no records: {path} does not exist.")
        beside = path.with_name(path.name + "-wal")
        modes = ["mode=ro"]
        if idle and not beside.exists():
            modes.append("immutable=1")
        problem: sqlite3.Error | None = None
        for mode in modes:
            connection = sqlite3.connect(
                f"file:{quote(str(path.absolute()))}?{mode}",
                uri=True,
                isolation_level=None,
                timeout=BUSY_TIMEOUT_MS / 1000,
            )
            try:
                connection.execute("PRAGMA query_only = ON")
                connection.execute("SELECT value FROM counter").fetchone()
            except sqlite3.Error as error:
                connection.close()
                problem = error
                continue
            return ReadRecords(connection, path)
        raise RecordsUnavailable(f"{path} cannot be read now: {problem}.") from problem

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    # --- questions -----------------------------------------------------------------------------

    def calls(
        self,
        limit: int = 50,
        before: str | None = None,
        filters: CallFilter = ALL_CALLS,
    ) -> list[CallRecord]:
        """Calls, newest first.

        Args:
            limit: At most so many; -1 for all.
            before: Only calls older than this one, for the next page of a list.
            filters: Which are wanted.
        """
        wheres, values = _conditions(filters)
        if before is not None:
            wheres.append("first_seq < (SELECT first_seq FROM call_record WHERE call = ?)")
            values.append(before)
        where = " AND ".join(wheres) or "1"
        with self._translated():
            rows = self._connection.execute(
                f"SELECT {', '.join(RECORD_FIELDS)} FROM call_record WHERE {where} "  # noqa: S608 - our own column names; values are bound
                "ORDER BY first_seq DESC LIMIT ?",
                (*values, limit),
            ).fetchall()
        return [record_of(row) for row in rows]

    def call(self, call: str) -> CallRecord | None:
        """One call's record; None if there is no such call."""
        with self._translated():
            row = self._connection.execute(
                f"SELECT {', '.join(RECORD_FIELDS)} FROM call_record WHERE call = ?",  # noqa: S608 - our own column names
                (call,),
            ).fetchone()
        return None if row is None else record_of(row)

    def events(self, call: str) -> list[StoredEvent]:
        """The log of one call, oldest first; empty if it has no record."""
        with self._translated():
            rows = self._connection.execute(
                f"SELECT {event_log.COLUMNS} FROM event WHERE call = ?1 AND seq BETWEEN "  # noqa: S608 - our own column list
                "(SELECT first_seq FROM call_record WHERE call = ?1) AND "
                "(SELECT last_seq FROM call_record WHERE call = ?1) ORDER BY seq",
                (call,),
            ).fetchall()
        return [event_log.event_of(row) for row in rows]

    def open_calls(self) -> list[OpenCall]:
        """Calls that are not closed, oldest first, each with its log."""
        return [
            OpenCall(call=call, entries=tuple(event.entry for event in self.events(call)))
            for call in self._open_ids()
        ]

    def verify(self) -> Verification:
        """Walk along the whole chain of the event log."""
        with self._translated():
            return event_log.verify(self._connection)

    # --- inside --------------------------------------------------------------------------------

    def _open_ids(self) -> list[str]:
        with self._translated():
            rows = self._connection.execute(
                "SELECT call FROM call_record WHERE outcome IS NULL ORDER BY first_seq"
            ).fetchall()
        return [call for (call,) in rows]

    @contextlib.contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise StorageError(f"{self.path}: {error}.") from error


def record_of(row: tuple[Any, ...]) -> CallRecord:
    """A kept row as a value."""
    fields = dict(zip(RECORD_FIELDS, row, strict=True))
    for name in JSON_FIELDS:
        fields[name] = msgspec.json.decode(fields[name])
    return msgspec.convert(fields, CallRecord, strict=False)


def _conditions(filters: CallFilter) -> tuple[list[str], list[Any]]:
    wheres: list[str] = []
    values: list[Any] = []
    for column in ("direction", "outcome", "line", "extension"):
        wanted = getattr(filters, column)
        if wanted is not None:
            wheres.append(f"{column} = ?")
            values.append(str(wanted))
    if filters.number is not None:
        wheres.append("(instr(caller_number, ?) OR instr(dialled, ?))")
        values += [filters.number, filters.number]
    for sign, moment in ((">=", filters.since), ("<", filters.until)):
        if moment is not None:
            wheres.append(f"t0_wall {sign} ?")
            values.append(moment.astimezone(UTC).isoformat(timespec="milliseconds"))
    return wheres, values
