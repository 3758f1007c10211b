"""What the log says about people, kept apart from it, so that it can be erased.

In place of a number or a name an entry of the log holds nothing, and beside it a SHA-256 over
sixteen random bytes and the values. The values stand in a table of their own with those bytes. Once
both are gone nobody can guess the number from the hash, and the chain of the log is as it was.
"""

from __future__ import annotations

import hashlib
import secrets
import sqlite3
from typing import Any, Final

import msgspec

from firmware.core.log_entries import AnyLogEntry

FIELDS: Final[dict[str, tuple[str, ...]]] = {
    "caller_known": ("number", "name"),
    "call_dialled": ("digits", "destination"),
    "menu_left": ("destination",),
    "call_forwarded": ("target",),
    "call_transferred": ("to",),
    "queue_left": ("to",),
    "service_used": ("argument",),
    "limit_reached": ("also", "detail"),
    "cleared": ("detail",),
    "call_closed": ("detail",),
    "task_opened": ("number",),
    "callback_wanted": ("number",),
    "forget_asked": ("number",),
    "sms_wanted": ("number", "text", "values"),
    "mail_wanted": ("values",),
    "party_moved": ("extension",),
    "call_noted": ("text",),
    "text_came": ("number", "text"),
    "item_ended": ("why",),
    "fax_ordered": ("number", "subject"),
    "fax_finished": ("remote_station",),
}
"""Fields of each kind of entry that may hold a number or a name from outside."""

COMMITMENT: Final = "private"
SALT_BYTES: Final = 16
ANY: Final = msgspec.json.Decoder(dict[str, Any])
ENTRY: Final[msgspec.json.Decoder[AnyLogEntry]] = msgspec.json.Decoder(AnyLogEntry)

Private = tuple[bytes, str]
"""Salt and values as JSON."""


def split(entry: AnyLogEntry, kind: str) -> tuple[str, Private | None]:
    """The entry's JSON without what is private, and that apart; None if there is nothing.

    Args:
        entry: What is to be kept.
        kind: Its tag.
    """
    names = FIELDS.get(kind, ())
    values = {name: value for name in names if (value := getattr(entry, name))}
    if not values:
        return msgspec.json.encode(entry).decode(), None
    text = msgspec.json.encode(values).decode()
    salt = secrets.token_bytes(SALT_BYTES)
    body: dict[str, Any] = msgspec.to_builtins(entry)
    for name, value in values.items():
        body[name] = type(value)()  # as empty as its kind can be
    body[COMMITMENT] = commitment(salt, text)
    return msgspec.json.encode(body).decode(), (salt, text)


def commitment(salt: bytes, text: str) -> str:
    """What stands in the entry for its private values."""
    return hashlib.sha256(salt + text.encode()).hexdigest()


def joined(body: str, private: str | None) -> AnyLogEntry:
    """The whole entry; what was erased is empty."""
    if private is None:
        return ENTRY.decode(body)
    return ENTRY.decode(msgspec.json.encode({**ANY.decode(body), **ANY.decode(private)}))


def promised(body: str) -> str:
    """The commitment in an entry's JSON, empty without one."""
    return str(ANY.decode(body).get(COMMITMENT, "")) if COMMITMENT in body else ""


def keep(connection: sqlite3.Connection, rows: list[tuple[int, bytes, str]]) -> None:
    """Insert private values: number of the entry, salt, JSON."""
    connection.executemany("INSERT INTO event_private (seq, salt, body) VALUES (?, ?, ?)", rows)


def bare(column: str) -> str:
    """SQL for a column without the signs that people write within numbers: ``138-0013 8000``."""
    for sign in " -().":
        column = f"replace({column}, '{sign}', '')"
    return column


def mentions(connection: sqlite3.Connection, text: str) -> list[int]:
    """Numbers of the entries whose private values contain this text."""
    rows = connection.execute(
        f"SELECT seq FROM event_private WHERE instr({bare('body')}, ?) ORDER BY seq",  # noqa: S608 - a column of ours
        (text,),
    )
    return [seq for (seq,) in rows]
