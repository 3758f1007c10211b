"""The records: an append-only log of what happened in calls, and one row per call derived from it.

One writer, calld, with one connection in one thread. What ``append`` returned from survives a
power cut.
"""

from __future__ import annotations

import contextlib
import os
import re
import sqlite3
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any, Final, Self

import msgspec

from firmware.core.desk_entries import PersonErased
from firmware.core.ids import call_id
from firmware.core.log_entries import (
    AnyLogEntry,
    CallClosed,
    Cleared,
    ClearedBy,
    Outcome,
    Side,
)
from firmware.storage import event_log, fact_tables, migrations, outbox, personal
from firmware.storage.case_erasure import erase_card
from firmware.storage.case_following import Follower
from firmware.storage.cases import Cases
from firmware.storage.damage import Damage
from firmware.storage.erasure import Erased, core_digits, emptied, erase
from firmware.storage.errors import RecordsDamagedError, RecordsUnavailable, StorageError
from firmware.storage.faxes import Faxes
from firmware.storage.folder import sync_folder
from firmware.storage.lock import WriterLock
from firmware.storage.messages import MessageIndex
from firmware.storage.projection import CallRecord, Stamp, project
from firmware.storage.quality_tables import Quality
from firmware.storage.record_reader import (
    BUSY_TIMEOUT_MS,
    JSON_FIELDS,
    RECORD_FIELDS,
    ReadRecords,
)

__all__ = ["ReadRecords", "Records", "RecordsUnavailable"]

RESERVED_CALLS: Final = 16
"""Call numbers put aside at once, so that giving one out costs no write. After a power cut at most
so many numbers are never used."""

PAGE_BYTES: Final = 1024
"""A commit writes every page it touches: a call touches some thirty places of the file, a few bytes
each. Measured for a day of 500 calls: see ``tests/bench/power/day.py``."""

FILE_MODE: Final = 0o640
"""The page's user is in the group and may read."""

_INSERT_EVENT: Final = (
    f"INSERT INTO event ({event_log.COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"  # noqa: S608 - our own column list
)
_INSERT_RECORD: Final = (
    f"INSERT INTO call_record ({', '.join(RECORD_FIELDS)}) "  # noqa: S608 - our own column names
    f"VALUES ({', '.join('?' * len(RECORD_FIELDS))})"
)


class Records(ReadRecords):
    """The records, for their one writer."""

    def __init__(self, connection: sqlite3.Connection, path: Path, lock: WriterLock) -> None:
        super().__init__(connection, path)
        self._lock = lock
        self.messages = MessageIndex(connection)
        self.cases: Cases = Cases(connection)
        self.quality: Quality = Quality(connection)
        self.faxes: Faxes = Faxes(connection)
        self.held = ""  # why nothing may be written now, as a sentence; for drills
        self.follower = Follower(self.cases)
        self.post = outbox.Outbox(connection)
        self.outgoing: outbox.Outgoing | None = None  # what other programs are told of entries
        self._last = self._newest_event()
        self.emptied = True  # nothing erased still lies in the write-ahead log
        (given,) = connection.execute("SELECT value FROM counter WHERE name = 'call'").fetchone()
        self._given: int = given
        self._reserved: int = given

    @classmethod
    def open(cls, path: Path | str, *, calls_after: int = 0) -> Self:  # type: ignore[override]  # a writer is opened with other choices than a reader
        """Open, or make, the records; bring them to the newest shape and check them.

        Args:
            path: The file; its folder must exist.
            calls_after: Numbers up to this one were given out by records that are lost.

        Raises:
            StorageBusyError: another program writes here.
            RecordsDamagedError: the file fails its check; see ``open_or_set_aside``.
            SchemaTooNewError: a newer firmware wrote it.
            StorageError: it cannot be opened.
        """
        path = Path(path)
        lock = WriterLock(path.with_name(f"{path.name}.lock"))
        connection: sqlite3.Connection | None = None
        try:
            # SQLite gives its side files the mode of the file.
            os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, FILE_MODE))
            connection = sqlite3.connect(path, isolation_level=None, timeout=BUSY_TIMEOUT_MS / 1000)
            _prepare(connection, path)
            if calls_after:
                connection.execute(
                    "UPDATE counter SET value = max(value, ?) WHERE name = 'call'", (calls_after,)
                )
            return cls(connection, path, lock)
        except sqlite3.Error as error:
            _close_both(connection, lock)
            if isinstance(error, sqlite3.OperationalError):
                raise StorageError(f"{path} cannot be opened: {error}.") from error
            raise RecordsDamagedError(f"{path} is damaged: {error}.") from error
        except BaseException:
            _close_both(connection, lock)
            raise

    @classmethod
    def open_or_set_aside(cls, path: Path | str) -> tuple[Self, Damage | None]:
        """Open; if the file is damaged keep it under another name and begin a new one.

        Telephones must go on working, so call control starts all the same.

        Returns:
            The records, and what was damaged, None when all is well.
        """
        path = Path(path)
        try:
            return cls.open(path), None
        except RecordsDamagedError as damage:
            names = [one.name for one in path.parent.iterdir()]
            numbers = [int(m[1]) for n in names if (m := re.search(r"\.bad-(\d+)$", n))]
            number = max([0, *numbers]) + 1
            after = max(_last_call_of(path), number * 1_000_000)
            for ending in ("", "-wal", "-shm"):
                with contextlib.suppress(FileNotFoundError):
                    path.with_name(path.name + ending).rename(
                        path.with_name(f"{path.name}{ending}.bad-{number}")
                    )
            sync_folder(path.parent)
            found = Damage(
                kind="records", file=path.name, why=str(damage), kept=f"{path.name}.bad-{number}"
            )
            return cls.open(path, calls_after=after), found

    def close(self) -> None:
        """Give back reserved numbers and let another program write."""
        with contextlib.suppress(StorageError), self._transaction():
            self._reserve(self._given)
        super().close()
        self._lock.close()

    # --- writing -------------------------------------------------------------------------------

    @property
    def newest_seq(self) -> int:
        """Number of the newest entry of the log, 0 for none."""
        return self._last[0]

    def next_call_id(self) -> str:
        """Id of a new call: greater than any given out before, whatever the clock or power did.

        Never fails: on a full card numbers go on in memory, and the next commit that succeeds
        reserves them.
        """
        if self._given >= self._reserved:
            with contextlib.suppress(StorageError):
                with self._transaction():
                    self._reserve(self._given + RESERVED_CALLS)
                self._reserved = self._given + RESERVED_CALLS
        self._given += 1
        return call_id(self._given)

    def append(
        self,
        entries: Sequence[AnyLogEntry],
        *,
        boot: str,
        wall: datetime,
        trusted: bool,
        now_ms: int | None = None,
        documents: Mapping[str, str] | None = None,
    ) -> None:
        """Keep entries and bring the records of their calls up to date: one commit.

        Args:
            entries: What happened, oldest first.
            boot: Names the boot whose monotonic clock ``at_ms`` and ``now_ms`` are of.
            wall: The wall clock now, aware of its zone (the office's, for its offset).
            trusted: Whether that clock is known to be right.
            now_ms: Monotonic time now; without it the newest entry counts as now.
            documents: Small documents by name that change with the entries.

        Raises:
            StorageError: nothing of it was kept.
        """
        if not entries:
            if documents:
                with self._transaction():
                    self._keep_documents(documents)
            return
        at_now = max(entry.at_ms for entry in entries) if now_ms is None else now_ms
        if (offset := wall.utcoffset()) is not None:
            # Subtracting in a zone with daylight saving counts by the clock face, not by time.
            wall = wall.astimezone(timezone(offset))
        stamped = [
            (
                entry,
                Stamp.of(
                    0, boot, wall - timedelta(milliseconds=at_now - entry.at_ms), trusted=trusted
                ),
            )
            for entry in entries
        ]
        self._append(stamped, documents)

    def erase_number(
        self,
        number: str,
        *,
        who: str,
        boot: str,
        wall: datetime,
        trusted: bool,
        now_ms: int,
    ) -> Erased:
        """Take a number, and the names that came with it, out of everything here: one commit.

        Raises:
            NumberError: too short to be a person's.
            StorageError: nothing was erased.
        """
        core = core_digits(number)
        with self._transaction():
            gone = erase(self._connection, core)
            entry = PersonErased(
                at_ms=now_ms, who=who, proof=gone.proof, entries=gone.entries, what=gone.what
            )
            stamp = Stamp.of(self._last[0] + 1, boot, wall, trusted=trusted)
            row, _ = event_log.row_of(entry, stamp, self._last[1])
            self._connection.execute(_INSERT_EVENT, row)
        self._last = (row[0], row[-1])
        with self._translated():
            self.emptied = emptied(self._connection)
        return gone

    def erase_customer(self, customer: int) -> list[str]:
        """Take a card without numbers away; voice notes that are still to be removed come back.

        Raises:
            StorageError: nothing was erased.
        """
        with self._transaction():
            files = erase_card(self._connection, customer)
        with self._translated():
            self.emptied = emptied(self._connection)
        return files

    def document(self, name: str) -> str:
        """A small document kept beside the log, empty if there is none."""
        row = self._connection.execute(
            "SELECT body FROM document WHERE name = ?", (name,)
        ).fetchone()
        return str(row[0]) if row else ""

    def _keep_documents(self, documents: Mapping[str, str]) -> None:
        self._connection.executemany(
            "INSERT INTO document (name, body) VALUES (?, ?) "
            "ON CONFLICT (name) DO UPDATE SET body = excluded.body",
            list(documents.items()),
        )

    def heartbeat(self, now_ms: int, *, boot: str, wall: datetime, trusted: bool = True) -> None:
        """Note a sign of life: a power cut ends open calls here, so once a minute while there are.

        Raises:
            StorageError: not kept.
        """
        stamp = Stamp.of(0, boot, wall, trusted=trusted)
        with self._transaction():
            self._connection.execute(
                "INSERT INTO boot (boot, at_ms, wall, offset_min, trusted) VALUES (?, ?, ?, ?, ?) "
                "ON CONFLICT (boot) DO UPDATE SET at_ms = excluded.at_ms, wall = excluded.wall, "
                "offset_min = excluded.offset_min, trusted = excluded.trusted",
                (boot, now_ms, stamp.wall, stamp.offset_min, int(trusted)),
            )

    def close_interrupted(
        self,
        *,
        boot: str,
        wall: datetime,
        now_ms: int,
        trusted: bool = True,
        adopted: Collection[str] = (),
    ) -> list[str]:
        """At start: close the calls that an earlier boot left open; returns their ids.

        They end at the last sign of life of their own boot. Calls of this boot may still be up in
        lined and are left for call control to adopt or to close. A sign of life of this boot is
        noted as well.

        Args:
            boot: The boot that runs now.
            wall: The wall clock now, aware of its zone.
            now_ms: Monotonic time now.
            trusted: Whether the wall clock is known to be right.
            adopted: Calls to leave open whatever their boot.

        Raises:
            StorageError: none was closed.
        """
        back = wall.astimezone(UTC).isoformat(timespec="seconds")
        self._note_last_life(boot)
        closing: list[tuple[AnyLogEntry, Stamp]] = []
        closed: list[str] = []
        for call in self._open_ids():
            record = self.call(call)
            if record is None or record.boot == boot or call in adopted:
                continue
            closing += self._interruption(record, back)
            closed.append(call)
        if closing:
            self._append(closing)
        with self._transaction():
            fact_tables.close_spans(self._connection, boot)
        self.heartbeat(now_ms, boot=boot, wall=wall, trusted=trusted)
        return closed

    def rebuild(self) -> int:
        """Derive all call records anew from the log, in one commit; returns how many there are."""
        made: dict[str, CallRecord] = {}
        with self._transaction():
            rows = self._connection.execute(f"{event_log.SELECT} ORDER BY event.seq")
            for row in rows:
                event = event_log.event_of(row)
                call = event.entry.call
                record = project(made.get(call), event.entry, event.stamp)
                if record is not None:
                    made[call] = record
            self._connection.execute("DELETE FROM call_record")
            for record in made.values():
                self._keep(None, record)
        return len(made)

    # --- inside --------------------------------------------------------------------------------

    def _append(
        self,
        stamped: Sequence[tuple[AnyLogEntry, Stamp]],
        documents: Mapping[str, str] | None = None,
    ) -> None:
        seq, before = self._last
        rows: list[event_log.Row] = []
        private: list[tuple[int, bytes, str]] = []
        told: list[tuple[AnyLogEntry, Stamp]] = []
        found: dict[str, CallRecord | None] = {}
        changed: dict[str, CallRecord | None] = {}
        for entry, unnumbered in stamped:
            seq += 1
            stamp = msgspec.structs.replace(unnumbered, seq=seq)
            row, kept_apart = event_log.row_of(entry, stamp, before)
            before = row[-1]
            rows.append(row)
            told.append((entry, stamp))
            if kept_apart is not None:
                private.append((seq, *kept_apart))
            if entry.call not in changed:
                changed[entry.call] = found[entry.call] = self.call(entry.call)
            changed[entry.call] = project(changed[entry.call], entry, stamp)
        low = self._reserved - self._given < RESERVED_CALLS // 2
        with self._transaction():
            self._connection.executemany(_INSERT_EVENT, rows)
            personal.keep(self._connection, private)
            if documents:
                self._keep_documents(documents)
            for call, record in changed.items():
                if record is not None:
                    self._keep(found[call], record)
            fact_tables.keep_facts(
                self._connection,
                told,
                lambda call: [(event.entry, event.stamp) for event in self.events(call)],
                lambda call: r.first_seq if (r := changed.get(call)) is not None else None,
            )
            outbox.put(self._connection, told, self.outgoing, changed.get)
            self.follower.follow(told, lambda call: changed.get(call) or self.call(call))
            self.faxes.put(told, lambda c: changed.get(c) or self.call(c), self.follower)
            if low:
                self._reserve(self._given + RESERVED_CALLS)
        self._last = (seq, before)
        if low:
            self._reserved = self._given + RESERVED_CALLS

    def _keep(self, before: CallRecord | None, after: CallRecord) -> None:
        """Insert a record, or update what changed: an index that is not touched costs no page."""
        row = _row_of(after)
        for number in (after.caller_number, after.dialled):
            if number and (before is None or number not in {before.caller_number, before.dialled}):
                self._connection.execute(
                    "INSERT OR IGNORE INTO number_seen (number) VALUES (?)", (number,)
                )
        if before is None:
            self._connection.execute(_INSERT_RECORD, tuple(row.values()))
            return
        old = _row_of(before)
        changed = {name: value for name, value in row.items() if value != old[name]}
        assignments = ", ".join(f"{name} = ?" for name in changed)
        self._connection.execute(
            f"UPDATE call_record SET {assignments} WHERE first_seq = ?",  # noqa: S608 - our own column names
            (*changed.values(), after.first_seq),
        )

    def _interruption(self, record: CallRecord, back: str) -> list[tuple[AnyLogEntry, Stamp]]:
        last = self.events(record.call)[-1]
        with self._translated():
            sign = self._connection.execute(
                "SELECT at_ms, wall, offset_min, trusted FROM boot WHERE boot = ?", (record.boot,)
            ).fetchone()
        at_ms, stamp = last.entry.at_ms, last.stamp
        if sign is not None and sign[0] > at_ms:
            at_ms = sign[0]
            stamp = Stamp(
                seq=0, boot=record.boot, wall=sign[1], offset_min=sign[2], trusted=bool(sign[3])
            )
        entries: list[tuple[AnyLogEntry, Stamp]] = []
        detail = f"the box stopped during the call and was back at {back}"
        outcome = Outcome.INTERRUPTED
        if record.t6_ms is None:
            cleared = Cleared(
                call=record.call,
                at_ms=at_ms,
                side=Side.SYSTEM,
                by=ClearedBy.RESTART,
                detail=detail,
            )
            entries.append((cleared, stamp))
        elif record.t5_ms is not None:
            # The conversation had ended; only the paperwork was cut off.
            outcome, detail = Outcome.ANSWERED, "the box stopped after the conversation"
        closed = CallClosed(call=record.call, at_ms=at_ms, outcome=outcome, detail=detail)
        return [*entries, (closed, stamp)]

    def _note_last_life(self, boot: str) -> None:
        """The newest entry of the boot before is a sign of its life as good as a heartbeat."""
        with self._transaction():
            self._connection.execute(
                "INSERT INTO boot (boot, at_ms, wall, offset_min, trusted) "
                "SELECT boot, at_ms, wall, offset_min, trusted FROM event "
                "WHERE seq = (SELECT max(seq) FROM event) AND boot <> ? "
                "ON CONFLICT (boot) DO UPDATE SET at_ms = excluded.at_ms, wall = excluded.wall, "
                "offset_min = excluded.offset_min, trusted = excluded.trusted "
                "WHERE excluded.at_ms > boot.at_ms",
                (boot,),
            )

    def _reserve(self, through: int) -> None:
        self._connection.execute("UPDATE counter SET value = ? WHERE name = 'call'", (through,))

    def _newest_event(self) -> tuple[int, bytes]:
        row = self._connection.execute(
            "SELECT seq, hash FROM event ORDER BY seq DESC LIMIT 1"
        ).fetchone()
        return (0, event_log.FIRST_HASH) if row is None else (row[0], row[1])

    def changing(self) -> contextlib.AbstractContextManager[None]:
        """For changes of ``cases``: all of what is done within is kept, or nothing.

        Raises:
            StorageError: nothing was kept.
        """
        return self._transaction()

    @contextlib.contextmanager
    def _transaction(self) -> Iterator[None]:
        if self.held:
            raise StorageError(self.held)
        with self._translated():
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._connection.execute("COMMIT")
            except BaseException:
                with contextlib.suppress(sqlite3.Error):
                    self._connection.execute("ROLLBACK")
                raise


def _prepare(connection: sqlite3.Connection, path: Path) -> None:
    connection.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}")
    connection.execute(f"PRAGMA page_size = {PAGE_BYTES}")  # of a new file; others keep theirs
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA secure_delete = ON")
    connection.execute("PRAGMA journal_size_limit = 4194304")
    (verdict,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    if verdict != "ok":
        raise RecordsDamagedError(f"{path} is damaged: {verdict}.")
    migrations.migrate(connection, path)
    sync_folder(path.parent)


def _close_both(connection: sqlite3.Connection | None, lock: WriterLock) -> None:
    if connection is not None:
        connection.close()
    lock.close()


def _last_call_of(path: Path) -> int:
    """The counter of a damaged file, if that much can still be read."""
    try:
        connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)
        with contextlib.closing(connection):
            (value,) = connection.execute("SELECT value FROM counter WHERE name='call'").fetchone()
            return int(value)
    except (sqlite3.Error, TypeError, ValueError):
        return 0


def _row_of(record: CallRecord) -> dict[str, Any]:
    fields: dict[str, Any] = msgspec.to_builtins(record)
    for name in JSON_FIELDS:
        fields[name] = msgspec.json.encode(fields[name]).decode()
    return {name: fields[name] for name in RECORD_FIELDS}
