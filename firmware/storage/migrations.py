"""Steps from older shapes of the records to the newest; a copy of the old file is kept."""

from __future__ import annotations

import contextlib
import os
import sqlite3
from collections.abc import Sequence
from importlib import resources
from pathlib import Path
from typing import Final

import msgspec

from firmware.storage.errors import SchemaTooNewError
from firmware.storage.folder import sync_folder


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """SQL that leads from shape ``to_schema - 1`` to ``to_schema``; ``what`` is one sentence."""

    to_schema: int
    what: str
    sql: str


FIRST_SCHEMA: Final = 1

STEPS: Final[tuple[Step, ...]] = (
    Step(
        to_schema=2,
        what="voicemail messages have an index",
        sql="""
-- Voicemail: one row per message and per greeting; the sound is in the file.
CREATE TABLE voicemail (
    message     TEXT    PRIMARY KEY,
    mailbox     TEXT    NOT NULL,
    kind        TEXT    NOT NULL,            -- message or greeting
    path        TEXT    NOT NULL,
    left_at     TEXT    NOT NULL,            -- UTC, ISO 8601
    duration_ms INTEGER NOT NULL,
    caller      TEXT    NOT NULL,
    caller_name TEXT    NOT NULL,
    heard       INTEGER NOT NULL
) STRICT;
""",
    ),
    Step(
        to_schema=3,
        what="what was used of the limits of outside calls is kept beside the log",
        sql="""
-- Small documents that must be as safe as the log and change with it: limits that were used up.
CREATE TABLE document (
    name TEXT PRIMARY KEY,
    body TEXT NOT NULL                       -- JSON
) STRICT;
""",
    ),
    Step(
        to_schema=4,
        what="calls are booked to accounts and carry marks",
        sql="""
ALTER TABLE call_record ADD COLUMN account TEXT NOT NULL DEFAULT '';
ALTER TABLE call_record ADD COLUMN marks TEXT NOT NULL DEFAULT '[]';
""",
    ),
)
"""Steps 2, 3, 4 ... in order. ``schema.sql`` always holds the newest shape, and a test compares the
two ways there."""


def newest_schema() -> str:
    """The SQL that makes a new file."""
    return resources.files("firmware.storage").joinpath("schema.sql").read_text("utf-8")


def migrate(
    connection: sqlite3.Connection,
    path: Path,
    *,
    steps: Sequence[Step] = STEPS,
    schema: str | None = None,
) -> None:
    """Bring the file to the newest shape: whole, or not at all.

    Args:
        connection: In autocommit mode, no transaction open.
        path: The file, for the copy beside it.
        steps: All steps there are.
        schema: SQL of the newest shape, for a new file; ``schema.sql`` by default.

    Raises:
        SchemaTooNewError: a newer firmware wrote the file.
        sqlite3.Error: a step failed; the file is as before.
    """
    (found,) = connection.execute("PRAGMA user_version").fetchone()
    newest = FIRST_SCHEMA + len(steps)
    if found > newest:
        raise SchemaTooNewError(
            f"{path} has schema {found} and this firmware knows {newest}: it was written by a "
            "newer firmware."
        )
    if found == newest:
        return
    if found == 0:
        sql = newest_schema() if schema is None else schema
    else:
        _keep_copy(connection, path, found)
        sql = "\n".join(step.sql for step in steps[found - FIRST_SCHEMA :])
    try:
        connection.executescript(
            f"BEGIN IMMEDIATE;\n{sql}\nPRAGMA user_version = {newest};\nCOMMIT;"
        )
    except sqlite3.Error:
        with contextlib.suppress(sqlite3.Error):
            connection.execute("ROLLBACK")
        raise


def _keep_copy(connection: sqlite3.Connection, path: Path, schema: int) -> None:
    copy = path.with_name(f"{path.name}.schema-{schema}")
    copy.unlink(missing_ok=True)
    connection.execute("VACUUM INTO ?", (str(copy),))
    copy.chmod(0o600)
    written = os.open(copy, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(written)
    finally:
        os.close(written)
    sync_folder(path.parent)
