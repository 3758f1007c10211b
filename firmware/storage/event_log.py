"""Entries of the log as they are kept: stamped, and chained so that tampering is found."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from typing import Final

import msgspec

from firmware.core.log_entries import AnyLogEntry
from firmware.storage.projection import Stamp

FIRST_HASH: Final = bytes(32)
"""What stands before the first entry of the chain."""

_ENTRY: Final[msgspec.json.Decoder[AnyLogEntry]] = msgspec.json.Decoder(AnyLogEntry)

COLUMNS: Final = "seq, call, kind, at_ms, boot, wall, offset_min, trusted, body, hash"


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


def row_of(entry: AnyLogEntry, stamp: Stamp, before: bytes) -> Row:
    """The row to insert; ``before`` is the hash of the entry before it."""
    body = msgspec.json.encode(entry).decode()
    kind = str(entry.__struct_config__.tag)
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
    return (*head, chained(before, head))


def chained(before: bytes, head: tuple[int | str, ...]) -> bytes:
    """SHA-256 of the hash before and all columns but the hash, as one compact JSON list."""
    text = json.dumps([before.hex(), *head], ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).digest()


def event_of(row: Row) -> StoredEvent:
    """A kept row as values."""
    seq, _, _, _, boot, wall, offset_min, trusted, body, _ = row
    stamp = Stamp(seq=seq, boot=boot, wall=wall, offset_min=offset_min, trusted=bool(trusted))
    return StoredEvent(stamp=stamp, entry=_ENTRY.decode(body))


def verify(connection: sqlite3.Connection) -> Verification:
    """Walk along the chain: an entry altered, removed, put in between or cut off the end is found.

    Whoever can compute hashes can forge a whole chain; against that the newest hash must be kept
    elsewhere.
    """
    before, expected = FIRST_HASH, 1
    rows = connection.execute(f"SELECT {COLUMNS} FROM event ORDER BY seq")  # noqa: S608 - our own column list
    for row in rows:
        if row[0] != expected:
            return Verification(
                events=expected - 1,
                broken_at=expected,
                reason=f"entry {expected} of the event log is missing",
            )
        if chained(before, row[:-1]) != row[-1]:
            return Verification(
                events=expected - 1,
                broken_at=expected,
                reason=f"entry {expected} of the event log was altered",
            )
        before, expected = row[-1], expected + 1
    (last,) = connection.execute("SELECT coalesce(max(last_seq), 0) FROM call_record").fetchone()
    if last >= expected:
        return Verification(
            events=expected - 1,
            broken_at=expected,
            reason=f"the event log ends before entry {expected}, which a call record is made of",
        )
    return Verification(events=expected - 1)
