"""Taking a person's number out of everything the box keeps, with proof.

The log is append-only and chained, so nothing in it is rewritten: what entries say about people
stands apart (``personal``), is deleted, and the log says which entries lost it. SQLite overwrites
what it deletes (``secure_delete``), the write-ahead log is emptied into the file and cut to
nothing, and afterwards every file is read and searched for the number.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import sqlite3
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final

import msgspec

from firmware.storage import faxes, outbox, personal
from firmware.storage.case_erasure import erase_cases

LEAST_DIGITS: Final = 5
"""Shorter numbers are extensions and services, not people; erasing them would hit everybody."""

CHUNK_BYTES: Final = 1 << 20

COLUMNS: Final[dict[str, tuple[str, ...]]] = {
    "call_record": (
        "caller_number",
        "caller_name",
        "dialled",
        "destination",
        "choice",
        "outcome_detail",
        "cleared_detail",
        "account",
    ),
    "task": ("number",),
    "outbox": ("number", "text", "data", "why"),
    "inbox": ("number", "text"),
    "voicemail": ("caller", "caller_name"),
    "fax": ("number", "station", "subject"),
}
"""Columns that may hold a number or a name, of the tables that are made of the log."""


class NumberError(ValueError):
    """The number is too short to be a person's."""


class Erased(msgspec.Struct, frozen=True, kw_only=True):
    """What was taken out of the records.

    Attributes:
        entries: Numbers of the entries of the log that lost what they said.
        calls: The calls of that number.
        what: How many rows of each table.
        files: Sound of these calls, still to be removed.
        proof: Salted hash of the digits, as the log has it.
        salt: What the hash was salted with: for the receipt alone, in hex.
    """

    entries: tuple[int, ...]
    calls: tuple[str, ...]
    what: dict[str, int]
    files: tuple[str, ...]
    proof: str
    salt: str


def core_digits(number: str) -> str:
    """The digits by which a number is found in all its forms: without +, 00 and leading zeros.

    Raises:
        NumberError: fewer than ``LEAST_DIGITS``.
    """
    digits = re.sub(r"\D", "", number).lstrip("0")
    if number.strip().startswith(("+86", "0086")) and len(digits) > 11:
        digits = digits.removeprefix("86")
    if len(digits) < LEAST_DIGITS:
        raise NumberError(
            f"{number} has {len(digits)} digits; at least {LEAST_DIGITS} are needed to name a "
            "person."
        )
    return digits


def bare(column: str) -> str:
    """SQL for a column without the signs that people write within numbers."""
    return personal.bare(column)


def erase(connection: sqlite3.Connection, core: str, *, names: bool = True) -> Erased:
    """Inside a transaction: delete it from the tables made of the log.

    Args:
        connection: Of the records.
        core: From :func:`core_digits`.
        names: Also the names of that number's calls.
    """
    calls = [
        call
        for (call,) in connection.execute(
            f"SELECT call FROM call_record WHERE instr({bare('caller_number')}, ?1) "  # noqa: S608 - our own column names
            f"OR instr({bare('dialled')}, ?1)",
            (core,),
        )
    ]
    entries = set(personal.mentions(connection, core))
    if names:
        for call in calls:
            entries.update(_known_entries(connection, call))
    files = list(_files(connection, calls, core))
    files += faxes.erase(connection, bare("number"), bare("station"), core, calls)
    what: dict[str, int] = {}
    for table, columns in COLUMNS.items():
        what[table] = _blank(connection, table, columns, core)
    outbox.forget(connection)
    connection.executemany(
        "UPDATE call_record SET caller_name = '' WHERE call = ?", [(call,) for call in calls]
    )
    connection.executemany(
        "DELETE FROM event_private WHERE seq = ?", [(seq,) for seq in sorted(entries)]
    )
    cursor = connection.execute(
        f"DELETE FROM number_seen WHERE instr({bare('number')}, ?)",  # noqa: S608 - a column of ours
        (core,),
    )
    what["number_seen"] = cursor.rowcount
    what["document"] = _documents(connection, core)
    of_cases, notes = erase_cases(connection, core, calls)
    what |= of_cases
    files += notes
    what = {table: count for table, count in what.items() if count}
    salt = os.urandom(16)
    proof = hashlib.sha256(salt + core.encode()).hexdigest()
    return Erased(
        entries=tuple(sorted(entries)),
        calls=tuple(calls),
        what=what,
        files=tuple(files),
        proof=proof,
        salt=salt.hex(),
    )


def _known_entries(connection: sqlite3.Connection, call: str) -> list[int]:
    rows = connection.execute(
        "SELECT event.seq FROM event JOIN event_private ON event_private.seq = event.seq "
        "WHERE call = ?1 AND kind = 'caller_known' AND event.seq BETWEEN "
        "(SELECT first_seq FROM call_record WHERE call = ?1) AND "
        "(SELECT last_seq FROM call_record WHERE call = ?1)",
        (call,),
    )
    return [seq for (seq,) in rows]


def _files(connection: sqlite3.Connection, calls: list[str], core: str) -> Iterator[str]:
    for call in calls:
        (text,) = connection.execute(
            "SELECT recordings FROM call_record WHERE call = ?", (call,)
        ).fetchone()
        for recording in msgspec.json.decode(text):
            yield recording["path"]
    messages = f"SELECT path FROM voicemail WHERE instr({bare('caller')}, ?)"  # noqa: S608 - a column of ours
    for (path,) in connection.execute(messages, (core,)):
        yield path


def _blank(connection: sqlite3.Connection, table: str, columns: tuple[str, ...], core: str) -> int:
    """Empty the cells that contain it; returns how many rows that were."""
    count = 0
    for column in columns:
        cursor = connection.execute(
            f"UPDATE {table} SET {column} = '' WHERE instr({bare(column)}, ?)",  # noqa: S608 - names of our own tables
            (core,),
        )
        count += cursor.rowcount
    return count


def _documents(connection: sqlite3.Connection, core: str) -> int:
    rows = connection.execute(
        f"SELECT name, body FROM document WHERE instr({bare('body')}, ?)",  # noqa: S608 - a column of ours
        (core,),
    ).fetchall()
    for name, body in rows:
        cleaned = without(msgspec.json.decode(body), core)
        text = msgspec.json.encode(cleaned).decode()
        connection.execute("UPDATE document SET body = ? WHERE name = ?", (text, name))
    return len(rows)


def without(value: Any, core: str) -> Any:
    """A document without it: entries of lists and of keyed tables go, single texts are emptied."""
    if isinstance(value, str):
        return "" if core in _digits(value) else value
    if isinstance(value, list):
        return [without(item, core) for item in value if not _names(item, core)]
    if isinstance(value, dict):
        return {key: without(item, core) for key, item in value.items() if core not in _digits(key)}
    return value


def _names(item: Any, core: str) -> bool:
    """Whether an entry of a list is about that number: it is, or one of its texts is."""
    if isinstance(item, str):
        return core in _digits(item)
    if isinstance(item, dict):
        return any(isinstance(text, str) and core in _digits(text) for text in item.values())
    return False


def _digits(text: str) -> str:
    """The text without the signs that stand within numbers."""
    return re.sub(r"(?<=\d)[ ()./-]+(?=\d)", "", text)


def emptied(connection: sqlite3.Connection) -> bool:
    """Bring the write-ahead log into the file and cut it off; False while somebody still reads."""
    busy, _, _ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    return bool(busy == 0)


def found_in(folder: Path, needles: Iterable[bytes]) -> dict[str, int]:
    """Which files below ``folder`` still hold one of these, and how often; symlinks are not left.

    Returns:
        Paths relative to the folder.
    """
    wanted = [needle for needle in needles if needle]
    found: dict[str, int] = {}
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.is_symlink():
            with contextlib.suppress(FileNotFoundError):
                count = _count(path, wanted)
                if count:
                    found[str(path.relative_to(folder))] = count
    return found


def _count(path: Path, needles: list[bytes]) -> int:
    keep = max((len(needle) for needle in needles), default=1) - 1
    tail, count = b"", 0
    with path.open("rb") as file:
        while chunk := file.read(CHUNK_BYTES):
            window = tail + chunk
            for needle in needles:
                # What lies whole in the tail was counted with the chunk before.
                count += window.count(needle) - tail.count(needle)
            tail = window[-keep:] if keep else b""
    return count
