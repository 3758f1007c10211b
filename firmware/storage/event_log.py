"""Entries of the log as they are kept: stamped, and chained so that tampering is found."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from typing import Any, Final

import msgspec

from firmware.core.desk_entries import PersonErased
from firmware.core.log_entries import AnyLogEntry
from firmware.storage import personal
from firmware.storage.projection import Stamp

FIRST_HASH: Final = bytes(32)
"""What stands before the first entry of the chain."""

COLUMNS: Final = "seq, call, kind, at_ms, boot, wall, offset_min, trusted, body, hash"

SELECT: Final = (
    "SELECT event.seq, call, kind, at_ms, boot, wall, offset_min, trusted, event.body, hash, "
    "event_private.body FROM event LEFT JOIN event_private ON event_private.seq = event.seq"
)
"""Rows for :func:`event_of`; a condition and an order follow."""


class StoredEvent(msgspec.Struct, frozen=True, kw_only=True):
    """One entry with its place in the log."""

    stamp: Stamp
    entry: AnyLogEntry


class Verification(msgspec.Struct, frozen=True, kw_only=True):
    """Result of a walk along the chain.

    Attributes:
        events: How many entries were read.
        broken_at: Number of the first entry that does not fit, or that is missing.
        reason: One sentence, empty when all is well.
    """

    events: int
    broken_at: int | None = None
    reason: str = ""


Row = tuple[int, str, str, int, str, str, int, int, str, bytes]


def row_of(entry: AnyLogEntry, stamp: Stamp, before: bytes) -> tuple[Row, personal.Private | None]:
    """The row to insert, and what of it is kept apart; ``before`` is the hash before it."""
    kind = str(entry.__struct_config__.tag)
    body, private = personal.split(entry, kind)
    head = (
        stamp.seq,
        entry.call,
        kind,
        entry.at_ms,
        stamp.boot,
        stamp.wall,
        stamp.offset_min,
        int(stamp.trusted),
        body,
    )
    return (*head, chained(before, head)), private


def chained(before: bytes, head: tuple[int | str, ...]) -> bytes:
    """SHA-256 of the hash before and all columns but the hash, as one compact JSON list."""
    text = json.dumps([before.hex(), *head], ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).digest()


def event_of(row: tuple[Any, ...]) -> StoredEvent:
    """A kept row, with its private values last, as values."""
    seq, _, _, _, boot, wall, offset_min, trusted, body, _, private = row
    stamp = Stamp(seq=seq, boot=boot, wall=wall, offset_min=offset_min, trusted=bool(trusted))
    return StoredEvent(stamp=stamp, entry=personal.joined(body, private))


def verify(connection: sqlite3.Connection) -> Verification:
    """Walk along the chain: an entry altered, removed, put in between or cut off the end is found.

    Whoever can compute hashes can forge a whole chain; against that the newest hash must be kept
    elsewhere.
    """
    before, expected = FIRST_HASH, 1
    missing: set[int] = set()
    rows = connection.execute(_WALK)
    for *row, salt, private in rows:
        if row[0] != expected:
            return _broken(expected, f"entry {expected} of the event log is missing")
        if chained(before, tuple(row[:-1])) != row[-1]:
            return _broken(expected, f"entry {expected} of the event log was altered")
        promised = personal.promised(row[8])
        if promised and private is None:
            missing.add(expected)
        elif private is not None and personal.commitment(salt, private) != promised:
            return _broken(expected, f"what entry {expected} says of a person was altered")
        if row[2] == "person_erased":
            entry = personal.ENTRY.decode(row[8])
            if isinstance(entry, PersonErased):
                missing.difference_update(entry.entries)
        before, expected = row[-1], expected + 1
    if missing:
        first = min(missing)
        return Verification(
            events=expected - 1,
            broken_at=first,
            reason=f"what entry {first} says of a person is missing, and no erasure tells why",
        )
    (last,) = connection.execute("SELECT coalesce(max(last_seq), 0) FROM call_record").fetchone()
    if last >= expected:
        return _broken(
            expected,
            f"the event log ends before entry {expected}, which a call record is made of",
        )
    return Verification(events=expected - 1)


_WALK: Final = (
    f"SELECT {', '.join('event.' + name for name in COLUMNS.split(', '))}, event_private.salt, "  # noqa: S608 - our own column list
    "event_private.body FROM event LEFT JOIN event_private ON event_private.seq = event.seq "
    "ORDER BY event.seq"
)


def _broken(at: int, reason: str) -> Verification:
    return Verification(events=at - 1, broken_at=at, reason=reason)
