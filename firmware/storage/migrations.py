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
    Step(
        to_schema=5,
        what="facts for figures, personal data apart from the log, indices of the call list",
        sql="""
-- What an entry of the log says about a person (numbers, names), apart from it. The entry holds
-- only a salted hash of this, so that erasing it leaves the chain whole.
CREATE TABLE event_private (
    seq  INTEGER PRIMARY KEY,
    salt BLOB    NOT NULL,
    body TEXT    NOT NULL                    -- JSON: field to value
) STRICT;

-- Facts for figures, derived from the log in the same transaction (firmware.reports.facts).
CREATE TABLE visit (
    first_seq  INTEGER NOT NULL,             -- of its call
    visit      INTEGER NOT NULL,
    call       TEXT    NOT NULL,
    queue      TEXT    NOT NULL,
    arrived_ms INTEGER NOT NULL,             -- wall clock, UTC, since 1970
    body       TEXT    NOT NULL,             -- JSON, without the caller's number
    PRIMARY KEY (first_seq, visit)
) STRICT, WITHOUT ROWID;
CREATE INDEX visit_arrived ON visit (arrived_ms);

CREATE TABLE agent_span (
    seq        INTEGER PRIMARY KEY,          -- of the entry that began it
    agent      TEXT    NOT NULL,
    state      TEXT    NOT NULL,
    reason     TEXT    NOT NULL,
    call       TEXT    NOT NULL,
    boot       TEXT    NOT NULL,
    at_ms      INTEGER NOT NULL,             -- monotonic
    start_ms   INTEGER NOT NULL,             -- wall clock, UTC, since 1970
    offset_min INTEGER NOT NULL,
    length_ms  INTEGER                       -- NULL while it lasts
) STRICT;
CREATE INDEX agent_span_start ON agent_span (start_ms);
CREATE INDEX agent_span_open ON agent_span (agent) WHERE length_ms IS NULL;

CREATE TABLE survey (
    seq      INTEGER PRIMARY KEY,
    call     TEXT    NOT NULL,               -- the call it is about
    at_ms    INTEGER NOT NULL,               -- wall clock, UTC, since 1970
    way      TEXT    NOT NULL,
    scale    INTEGER NOT NULL,
    question TEXT    NOT NULL,
    key      INTEGER,
    agent    TEXT    NOT NULL,
    queue    TEXT    NOT NULL
) STRICT;
CREATE INDEX survey_at ON survey (at_ms);
CREATE INDEX survey_call ON survey (call);

CREATE TABLE task (
    task       TEXT    PRIMARY KEY,
    kind       TEXT    NOT NULL,
    number     TEXT    NOT NULL,
    opened_ms  INTEGER NOT NULL,             -- wall clock, UTC, since 1970, as all here
    due_ms     INTEGER,
    attempts   INTEGER NOT NULL,
    reached_ms INTEGER,
    closed_ms  INTEGER,
    how        TEXT    NOT NULL,
    queue      TEXT    NOT NULL,
    agent      TEXT    NOT NULL,
    call       TEXT    NOT NULL
) STRICT;
CREATE INDEX task_opened ON task (opened_ms);

-- Every number once, so that a part of a number is looked for among numbers and not among calls.
CREATE TABLE number_seen (
    number TEXT PRIMARY KEY
) STRICT, WITHOUT ROWID;

CREATE INDEX call_record_t0 ON call_record (t0_wall);
DROP INDEX call_record_open;
CREATE INDEX call_record_kind ON call_record (outcome, direction);
CREATE INDEX call_record_line ON call_record (line) WHERE line <> '';
CREATE INDEX call_record_extension ON call_record (extension) WHERE extension <> '';
CREATE INDEX call_record_caller ON call_record (caller_number) WHERE caller_number <> '';
CREATE INDEX call_record_dialled ON call_record (dialled) WHERE dialled <> '';
INSERT OR IGNORE INTO number_seen (number)
    SELECT caller_number FROM call_record WHERE caller_number <> '';
INSERT OR IGNORE INTO number_seen (number) SELECT dialled FROM call_record WHERE dialled <> '';
""",
    ),
    Step(
        to_schema=6,
        what="customers, tickets, reviews, articles and their words",
        sql="""
-- Customers. Nothing of them stands in the log; erasing a number takes his card away.
CREATE TABLE customer (
    customer   INTEGER PRIMARY KEY,
    name       TEXT    NOT NULL,
    company    TEXT    NOT NULL,
    grade      TEXT    NOT NULL,
    tags       TEXT    NOT NULL,             -- JSON
    language   TEXT    NOT NULL,
    agent      TEXT    NOT NULL,
    note       TEXT    NOT NULL,
    fields     TEXT    NOT NULL,             -- JSON: fields of the office's own
    changed_ms INTEGER NOT NULL              -- wall clock, UTC, since 1970, as all here
) STRICT;

CREATE TABLE customer_number (
    number   TEXT    PRIMARY KEY,            -- +8613800138000
    customer INTEGER NOT NULL REFERENCES customer (customer),
    place    INTEGER NOT NULL                -- the first is the one he is called at
) STRICT, WITHOUT ROWID;
CREATE INDEX customer_number_of ON customer_number (customer);

-- Tickets: what is owed to somebody until a moment.
CREATE TABLE ticket (
    ticket      INTEGER PRIMARY KEY,
    reference   TEXT    NOT NULL,            -- what the caller is told
    kind        TEXT    NOT NULL,
    state       TEXT    NOT NULL,
    priority    TEXT    NOT NULL,
    owner       TEXT    NOT NULL,
    "group"     TEXT    NOT NULL,
    customer    INTEGER NOT NULL,            -- 0 for none
    number      TEXT    NOT NULL,
    summary     TEXT    NOT NULL,
    solution    TEXT    NOT NULL,
    opened_ms   INTEGER NOT NULL,
    due_ms      INTEGER NOT NULL,
    answered_ms INTEGER,
    solved_ms   INTEGER,
    closed_ms   INTEGER,
    step        INTEGER NOT NULL,            -- of escalation
    verified    INTEGER NOT NULL,
    task        TEXT    NOT NULL,
    origin      TEXT    NOT NULL
) STRICT;
CREATE INDEX ticket_open ON ticket (due_ms) WHERE state NOT IN ('solved', 'closed');
CREATE INDEX ticket_reference ON ticket (reference);
CREATE INDEX ticket_customer ON ticket (customer) WHERE customer <> 0;
CREATE INDEX ticket_task ON ticket (task) WHERE task <> '';

CREATE TABLE ticket_step (
    step   INTEGER PRIMARY KEY,
    ticket INTEGER NOT NULL REFERENCES ticket (ticket),
    at_ms  INTEGER NOT NULL,
    who    TEXT    NOT NULL,
    what   TEXT    NOT NULL,
    note   TEXT    NOT NULL
) STRICT;
CREATE INDEX ticket_step_of ON ticket_step (ticket);

CREATE TABLE ticket_call (
    ticket INTEGER NOT NULL REFERENCES ticket (ticket),
    call   TEXT    NOT NULL,
    PRIMARY KEY (ticket, call)
) STRICT, WITHOUT ROWID;
CREATE INDEX ticket_call_of ON ticket_call (call);

CREATE TABLE ticket_voice (
    path   TEXT    PRIMARY KEY,              -- of a voice note; the sound is in the file
    ticket INTEGER NOT NULL REFERENCES ticket (ticket)
) STRICT, WITHOUT ROWID;

-- Reviews of bad marks, and recordings that may not be removed.
CREATE TABLE review (
    review    INTEGER PRIMARY KEY,
    call      TEXT    NOT NULL,
    scale     INTEGER NOT NULL,
    key       INTEGER NOT NULL,
    agent     TEXT    NOT NULL,
    queue     TEXT    NOT NULL,
    state     TEXT    NOT NULL,
    cause     TEXT    NOT NULL,
    action    TEXT    NOT NULL,
    opened_ms INTEGER NOT NULL,
    due_ms    INTEGER NOT NULL,
    closed_ms INTEGER,
    closed_by TEXT    NOT NULL
) STRICT;
CREATE INDEX review_opened ON review (opened_ms);

CREATE TABLE call_held (
    call TEXT NOT NULL,                      -- its recordings stay
    why  TEXT NOT NULL,                      -- bad_mark, complaint
    PRIMARY KEY (call, why)
) STRICT, WITHOUT ROWID;

-- What the office knows.
CREATE TABLE article (
    code  TEXT    PRIMARY KEY,
    kind  TEXT    NOT NULL,
    title TEXT    NOT NULL,
    body  TEXT    NOT NULL,
    uses  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE article_call (
    code TEXT NOT NULL,
    call TEXT NOT NULL,
    PRIMARY KEY (code, call)
) STRICT, WITHOUT ROWID;

-- Words of all these, as firmware.knowledge.words writes them; what they stand for is beside them.
CREATE VIRTUAL TABLE word USING fts5 (
    kind UNINDEXED, name UNINDEXED, text, tokenize = 'unicode61'
);
""",
    ),
    Step(
        to_schema=7,
        what="what is to leave the box waits beside the log",
        sql="""
-- What is to leave the box besides speech: made with the entry it follows from, in its transaction.
CREATE TABLE outbox (
    item       INTEGER PRIMARY KEY,          -- seq of that entry
    kind       TEXT    NOT NULL,             -- sms
    call       TEXT    NOT NULL,
    number     TEXT    NOT NULL,
    language   TEXT    NOT NULL,
    template   TEXT    NOT NULL,
    text       TEXT    NOT NULL,
    created_ms INTEGER NOT NULL,             -- wall clock, UTC, since 1970
    state      TEXT    NOT NULL
) STRICT;
CREATE INDEX outbox_state ON outbox (state, item);
""",
    ),
    Step(
        to_schema=8,
        what="customers have days of their own and a way they prefer to be reached",
        sql="""
ALTER TABLE customer ADD COLUMN dates TEXT NOT NULL DEFAULT '[]';
ALTER TABLE customer ADD COLUMN channel TEXT NOT NULL DEFAULT '';
CREATE INDEX customer_dates ON customer (customer) WHERE dates <> '[]';
CREATE INDEX ticket_opened ON ticket (opened_ms);
""",
    ),
    Step(
        to_schema=9,
        what="what leaves the box tells how it went, and texts that came are kept",
        sql="""
-- What became of an item: a state, the last failure, references of its parts.
ALTER TABLE outbox ADD COLUMN data TEXT NOT NULL DEFAULT '';
ALTER TABLE outbox ADD COLUMN tries INTEGER NOT NULL DEFAULT 0;
ALTER TABLE outbox ADD COLUMN again INTEGER NOT NULL DEFAULT 0;
ALTER TABLE outbox ADD COLUMN why TEXT NOT NULL DEFAULT '';
ALTER TABLE outbox ADD COLUMN parts TEXT NOT NULL DEFAULT '[]';
ALTER TABLE outbox ADD COLUMN changed_ms INTEGER NOT NULL DEFAULT 0;
CREATE INDEX outbox_call ON outbox (call);

-- Texts that came: each once, however often the card gave it.
CREATE TABLE inbox (
    message  INTEGER PRIMARY KEY,            -- seq of its entry
    key      TEXT    NOT NULL,
    number   TEXT    NOT NULL,
    text     TEXT    NOT NULL,
    came_ms  INTEGER NOT NULL,
    customer INTEGER NOT NULL,               -- 0 for none
    ticket   INTEGER NOT NULL,               -- 0 for none
    call     TEXT    NOT NULL                -- that it answers, empty for none
) STRICT;
CREATE INDEX inbox_key ON inbox (key);
""",
    ),
    Step(
        to_schema=10,
        what="conversations are scored by sheets, and incidents and drills are kept",
        sql="""
-- Conversations marked by a score sheet, derived from the log: the newest of a call and sheet.
CREATE TABLE score (
    call   TEXT    NOT NULL,
    sheet  TEXT    NOT NULL,
    agent  TEXT    NOT NULL,
    queue  TEXT    NOT NULL,
    points REAL    NOT NULL,                 -- 0 to 100
    marks  TEXT    NOT NULL,                 -- JSON: item to what was chosen
    who    TEXT    NOT NULL,
    at_ms  INTEGER NOT NULL,                 -- wall clock, UTC, since 1970
    PRIMARY KEY (call, sheet)
) STRICT, WITHOUT ROWID;
CREATE INDEX score_at ON score (at_ms);

-- What went wrong with the box, and drills; every change of it is in the log.
CREATE TABLE incident (
    incident  INTEGER PRIMARY KEY,
    grade     TEXT    NOT NULL,              -- one of four
    kind      TEXT    NOT NULL,              -- lines, power, card, data, other
    title     TEXT    NOT NULL,
    drill     INTEGER NOT NULL,              -- 1: held on purpose
    state     TEXT    NOT NULL,              -- open, handled, closed
    handler   TEXT    NOT NULL,
    opened_by TEXT    NOT NULL,
    opened_ms INTEGER NOT NULL,              -- wall clock, UTC, since 1970
    due_ms    INTEGER NOT NULL,
    cause     TEXT    NOT NULL,
    action    TEXT    NOT NULL,
    report    TEXT    NOT NULL,              -- JSON: what a drill showed
    closed_ms INTEGER,
    closed_by TEXT    NOT NULL
) STRICT;
CREATE INDEX incident_opened ON incident (opened_ms);
""",
    ),
    Step(
        to_schema=11,
        what="how the sound of trunk calls travelled is part of the call's record",
        sql="""
ALTER TABLE call_record ADD COLUMN legs TEXT NOT NULL DEFAULT '[]';
""",
    ),
    Step(
        to_schema=12,
        what="faxes that came and faxes that go",
        sql="""
-- Faxes that came and faxes that go, derived from the log; their pages are files.
CREATE TABLE fax (
    fax           INTEGER PRIMARY KEY,
    direction     TEXT    NOT NULL,          -- receive, send
    state         TEXT    NOT NULL,
    number        TEXT    NOT NULL,          -- from whom, or to whom
    station       TEXT    NOT NULL,          -- what the far machine says of itself
    subject       TEXT    NOT NULL,
    call          TEXT    NOT NULL,          -- of its newest session, empty for none
    session       TEXT    NOT NULL,          -- name of that session with the fax program
    line          TEXT    NOT NULL,
    customer      INTEGER NOT NULL,          -- 0 for none
    ticket        INTEGER NOT NULL,          -- that it opened or answers, 0 for none
    file          TEXT    NOT NULL,          -- empty when the pages are gone
    sha256        TEXT    NOT NULL,
    pages         INTEGER NOT NULL,          -- that have arrived
    pages_in_file INTEGER NOT NULL,
    session_pages INTEGER NOT NULL,
    result        TEXT    NOT NULL,
    tries         INTEGER NOT NULL,
    due_ms        INTEGER NOT NULL,          -- wall clock, UTC, since 1970
    created_ms    INTEGER NOT NULL,
    changed_ms    INTEGER NOT NULL,
    who           TEXT    NOT NULL,
    correction    INTEGER NOT NULL
) STRICT;
CREATE INDEX fax_state ON fax (state, due_ms);
CREATE INDEX fax_call ON fax (call) WHERE call <> '';
CREATE INDEX fax_ticket ON fax (ticket) WHERE ticket <> 0;
CREATE INDEX fax_customer ON fax (customer) WHERE customer <> 0;
CREATE INDEX fax_session ON fax (session) WHERE session <> '';
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
