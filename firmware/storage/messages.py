"""The index of voicemail messages in the records; the sound is in files.

It is written by the one writer of the records; what was given back is kept.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import msgspec

from firmware.storage.errors import StorageError
from firmware.storage.vault import ENDING, erase_sound

_FIELDS: Final = (
    "message",
    "mailbox",
    "kind",
    "path",
    "left_at",
    "duration_ms",
    "caller",
    "caller_name",
    "heard",
)


class MessageRow(msgspec.Struct, frozen=True, kw_only=True):
    """One message as it is kept."""

    message: str
    mailbox: str
    kind: str
    path: str
    left_at: str
    duration_ms: int
    caller: str
    caller_name: str
    heard: bool


class MessageIndex:
    """Messages over a connection of the records. One thread, one writer."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def all(self) -> list[MessageRow]:
        """Every message and greeting, oldest first."""
        rows = self._connection.execute(
            f"SELECT {', '.join(_FIELDS)} FROM voicemail ORDER BY left_at, message"  # noqa: S608 - our own column list
        )
        return [msgspec.convert(_named(row), MessageRow, strict=False) for row in rows]

    def keep(self, message: MessageRow) -> None:
        """Insert a message, or replace it by what it is now.

        Raises:
            StorageError: not kept.
        """
        values = tuple(getattr(message, name) for name in _FIELDS)
        marks = ", ".join("?" * len(_FIELDS))
        sql = f"INSERT OR REPLACE INTO voicemail ({', '.join(_FIELDS)}) VALUES ({marks})"  # noqa: S608 - our own column list
        self._do(sql, values)

    def erase(self, message: MessageRow) -> None:
        """Forget a message, then remove its sound: a cut between the two leaves a file, not a lie.

        Raises:
            OSError: it is still there.
        """
        self._do("DELETE FROM voicemail WHERE message = ?", (message.message,))
        for path in {Path(message.path), Path(message.path).with_suffix(ENDING)}:
            erase_sound(path)

    def _do(self, sql: str, values: Sequence[Any]) -> None:
        try:
            self._connection.execute(sql, values)
        except sqlite3.Error as error:
            raise StorageError(f"a voicemail message cannot be kept: {error}.") from error


def _named(row: Sequence[Any]) -> dict[str, Any]:
    return dict(zip(_FIELDS, row, strict=True))
