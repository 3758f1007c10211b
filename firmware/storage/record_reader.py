"""The read side of the records: for the page, the command line and reports. It cannot write."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self
from urllib.parse import quote

import msgspec

from firmware.core.accounts import Role
from firmware.core.log_entries import AnyLogEntry
from firmware.reports.facts import Facts
from firmware.storage import call_query, event_log, outbox
from firmware.storage.call_query import ALL_CALLS, CallFilter
from firmware.storage.cases import ReadCases
from firmware.storage.errors import RecordsUnavailable, StorageError
from firmware.storage.event_log import StoredEvent, Verification
from firmware.storage.fact_tables import read_facts
from firmware.storage.faxes import FaxRow, ReadFaxes
from firmware.storage.line_days import LineDay, line_days
from firmware.storage.masks import SEES_PEOPLE, masked, masked_entry, masked_part
from firmware.storage.outbox import Arrived, OutboxItem
from firmware.storage.projection import CallRecord
from firmware.storage.quality_tables import ReadQuality

FILE_NAME: Final = "records.sqlite"

BUSY_TIMEOUT_MS: Final = 5000

JSON_FIELDS: Final = ("rings", "recordings", "parties", "marks", "legs")
RECORD_FIELDS: Final = CallRecord.__struct_fields__


class OpenCall(msgspec.Struct, frozen=True, kw_only=True):
    """A call that is not closed, with its log so far, oldest first."""

    call: str
    entries: tuple[AnyLogEntry, ...]


class ReadRecords:
    """Records that can be read and nothing else. One per thread."""

    def __init__(self, connection: sqlite3.Connection, path: Path) -> None:
        self.path = path
        self._connection = connection
        self._roles: Collection[Role] = tuple(SEES_PEOPLE)
        self.cases = ReadCases(connection)
        self.quality = ReadQuality(connection)
        self.faxes = ReadFaxes(connection)

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

    def show_to(self, roles: Collection[Role]) -> None:
        """From now on all is read as somebody with these roles may see it."""
        self._roles = tuple(roles)
        self.cases.show_to(self._roles)

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
        return list(self.stream(limit, before, filters))

    def stream(
        self,
        limit: int = -1,
        before: str | None = None,
        filters: CallFilter = ALL_CALLS,
    ) -> Iterator[CallRecord]:
        """The same one after the other, for lists of any length."""
        with self._translated():
            sql, values = call_query.question(
                self._connection, filters, before, RECORD_FIELDS, limit
            )
            for row in self._connection.execute(sql, values):
                yield masked(record_of(row), self._roles)

    def facts(self, from_ms: int, until_ms: int) -> Facts:
        """Facts of a span of wall time (UTC, ms since 1970), for figures."""
        with self._translated():
            return read_facts(self._connection, from_ms, until_ms)

    def line_days(self, since: datetime) -> list[LineDay]:
        """How calls went over each line, day by day."""
        with self._translated():
            return line_days(self._connection, since)

    def call(self, call: str) -> CallRecord | None:
        """One call's record; None if there is no such call."""
        with self._translated():
            row = self._connection.execute(
                f"SELECT {', '.join(RECORD_FIELDS)} FROM call_record WHERE call = ?",  # noqa: S608 - our own column names
                (call,),
            ).fetchone()
        return None if row is None else masked(record_of(row), self._roles)

    def events(self, call: str) -> list[StoredEvent]:
        """The log of one call, oldest first; empty if it has no record."""
        with self._translated():
            rows = self._connection.execute(
                f"{event_log.SELECT} WHERE call = ?1 AND event.seq BETWEEN "  # noqa: S608 - our own column list
                "(SELECT first_seq FROM call_record WHERE call = ?1) AND "
                "(SELECT last_seq FROM call_record WHERE call = ?1) ORDER BY event.seq",
                (call,),
            ).fetchall()
        return [self._event(row) for row in rows]

    def all_events(self, after: int = 0) -> Iterator[StoredEvent]:
        """The whole log one entry after the other, oldest first, from after this number."""
        with self._translated():
            rows = self._connection.execute(
                f"{event_log.SELECT} WHERE event.seq > ? ORDER BY event.seq",
                (after,),
            )
            for row in rows:
                yield self._event(row)

    def outbox(self, state: str = outbox.WAITING) -> list[OutboxItem]:
        """What waits to leave the box besides speech, or has another state, oldest first."""
        with self._translated():
            found = outbox.items(self._connection, state)
        return [masked_part(item, self._roles) for item in found]

    def newest_items(self, limit: int, state: str = "") -> list[OutboxItem]:
        """What leaves or left the box, newest first, of any state or of one."""
        with self._translated():
            found = outbox.newest(self._connection, limit, state)
        return [masked_part(item, self._roles) for item in found]

    def outbox_item(self, item: int) -> OutboxItem | None:
        """One message that leaves or left the box; None for one that there is not."""
        with self._translated():
            found = outbox.one(self._connection, item)
        return None if found is None else masked_part(found, self._roles)

    def items_of(self, call: str) -> list[OutboxItem]:
        """Texts and mails that were wanted in a call, oldest first."""
        with self._translated():
            found = outbox.of_call(self._connection, call)
        return [masked_part(item, self._roles) for item in found]

    def item_counts(self) -> dict[str, int]:
        """How many items there are of each state."""
        with self._translated():
            return outbox.counts(self._connection)

    def arrived(self, limit: int = -1, *, tail: str = "") -> list[Arrived]:
        """Texts that came, newest first; ``tail``: only from numbers that end so."""
        with self._translated():
            found = outbox.arrived(self._connection, limit, tail=tail)
        return [masked_part(text, self._roles) for text in found]

    def shown_faxes(self, found: Sequence[FaxRow]) -> list[FaxRow]:
        """Faxes as the reader may see them."""
        return [masked_part(row, self._roles) for row in found]

    def entries_of(self, kind: str, since: datetime | None = None) -> Iterator[AnyLogEntry]:
        """Entries of one kind (their tag), oldest first, of calls begun at or after a time."""
        with self._translated():
            first = 0
            if since is not None:
                (first,) = self._connection.execute(
                    "SELECT min(first_seq) FROM call_record INDEXED BY call_record_t0 "
                    "WHERE t0_wall >= ?",
                    (call_query.wall_text(since),),
                ).fetchone()
                if first is None:
                    return
            rows = self._connection.execute(
                f"{event_log.SELECT} WHERE event.seq >= ? AND kind = ? ORDER BY event.seq",
                (first, kind),
            )
            for row in rows:
                yield self._event(row).entry

    def newest_of(self, kind: str, most: int, within: int = 200_000) -> list[StoredEvent]:
        """Entries of one kind (their tag), the newest first.

        Args:
            kind: The tag.
            most: At most so many.
            within: Looked for among so many of the newest entries of all kinds.
        """
        with self._translated():
            (newest,) = self._connection.execute("SELECT max(seq) FROM event").fetchone()
            rows = self._connection.execute(
                f"{event_log.SELECT} WHERE event.seq > ? AND kind = ? "
                "ORDER BY event.seq DESC LIMIT ?",
                ((newest or 0) - within, kind, most),
            )
            return [self._event(row) for row in rows]

    def ended_after(self, seq: int, most: int) -> list[tuple[int, str]]:
        """Calls that ended after an entry, in that order: number of the entry, and the call."""
        with self._translated():
            return self._connection.execute(
                "SELECT seq, call FROM event WHERE seq > ? AND kind = 'call_closed' "
                "ORDER BY seq LIMIT ?",
                (seq, most),
            ).fetchall()

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

    def _event(self, row: tuple[Any, ...]) -> StoredEvent:
        found = event_log.event_of(row)
        return StoredEvent(stamp=found.stamp, entry=masked_entry(found.entry, self._roles))

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
