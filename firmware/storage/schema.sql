-- The records, newest shape. Applied whole to a new file; older files come here by migrations.py.

-- What happened in calls, in the order it was kept. Nothing in it is ever changed; everything
-- about calls elsewhere is derived from it and can be derived anew.
CREATE TABLE event (
    seq        INTEGER PRIMARY KEY,          -- 1, 2, 3 ... without a gap
    call       TEXT    NOT NULL,
    kind       TEXT    NOT NULL,             -- tag of the log entry
    at_ms      INTEGER NOT NULL,             -- monotonic, comparable within one boot
    boot       TEXT    NOT NULL,
    wall       TEXT    NOT NULL,             -- UTC, ISO 8601 with milliseconds
    offset_min INTEGER NOT NULL,             -- of the office's clock from UTC, then
    trusted    INTEGER NOT NULL,             -- 1 when the wall clock was known to be right
    body       TEXT    NOT NULL,             -- the log entry as JSON
    hash       BLOB    NOT NULL CHECK (length(hash) = 32)  -- SHA-256 over the last one and this row
) STRICT;

CREATE TRIGGER event_is_never_changed BEFORE UPDATE ON event
BEGIN SELECT RAISE(ABORT, 'the event log is append-only'); END;
CREATE TRIGGER event_is_never_removed BEFORE DELETE ON event
BEGIN SELECT RAISE(ABORT, 'the event log is append-only'); END;

-- One row per call, derived from its events in the same transaction. A call's events are looked for
-- between its first and its last: an index over events would double what a commit writes.
CREATE TABLE call_record (
    first_seq       INTEGER PRIMARY KEY REFERENCES event (seq),
    call            TEXT    NOT NULL UNIQUE,
    last_seq        INTEGER NOT NULL REFERENCES event (seq),
    boot            TEXT    NOT NULL,
    direction       TEXT    NOT NULL,
    origin          TEXT    NOT NULL,
    line            TEXT    NOT NULL,
    caller_kind     TEXT    NOT NULL,
    caller_number   TEXT    NOT NULL,
    caller_name     TEXT    NOT NULL,
    caller_method   TEXT    NOT NULL,
    dialled         TEXT    NOT NULL,
    destination     TEXT    NOT NULL,
    choice          TEXT    NOT NULL,
    t0_wall         TEXT    NOT NULL,
    offset_min      INTEGER NOT NULL,
    trusted         INTEGER NOT NULL,
    t0_ms           INTEGER NOT NULL,
    t1_ms           INTEGER,
    t2_ms           INTEGER,
    t3_ms           INTEGER,
    t4_ms           INTEGER,
    t5_ms           INTEGER,
    t6_ms           INTEGER,
    t7_ms           INTEGER,
    extension       TEXT    NOT NULL,
    telephone       TEXT    NOT NULL,
    answered_by     TEXT,
    answer_estimate INTEGER NOT NULL,
    cleared_first   TEXT,
    cleared_by      TEXT,
    cleared_detail  TEXT    NOT NULL,
    outcome         TEXT,                    -- NULL while the call is open
    outcome_detail  TEXT    NOT NULL,
    adopted         INTEGER NOT NULL,        -- how often a new call control took it over
    rings           TEXT    NOT NULL,        -- JSON: t3[i] and t3e[i] with their results
    recordings      TEXT    NOT NULL,        -- JSON
    parties         TEXT    NOT NULL         -- JSON
, account TEXT NOT NULL DEFAULT '', marks TEXT NOT NULL DEFAULT '[]', legs TEXT NOT NULL DEFAULT '[]') STRICT;

-- The last sign of life of each boot: where calls end that a power cut left open.
CREATE TABLE boot (
    boot       TEXT    PRIMARY KEY,
    at_ms      INTEGER NOT NULL,
    wall       TEXT    NOT NULL,
    offset_min INTEGER NOT NULL,
    trusted    INTEGER NOT NULL
) STRICT;

-- Numbers up to and including ``value`` may have been given out.
CREATE TABLE counter (
    name  TEXT    PRIMARY KEY,
    value INTEGER NOT NULL
) STRICT;
INSERT INTO counter (name, value) VALUES ('call', 0);

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

-- Small documents that must be as safe as the log and change with it: limits that were used up.
CREATE TABLE document (
    name TEXT PRIMARY KEY,
    body TEXT NOT NULL                       -- JSON
) STRICT;

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
CREATE INDEX call_record_kind ON call_record (outcome, direction);
CREATE INDEX call_record_line ON call_record (line) WHERE line <> '';
CREATE INDEX call_record_extension ON call_record (extension) WHERE extension <> '';
CREATE INDEX call_record_caller ON call_record (caller_number) WHERE caller_number <> '';
CREATE INDEX call_record_dialled ON call_record (dialled) WHERE dialled <> '';

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
, dates TEXT NOT NULL DEFAULT '[]', channel TEXT NOT NULL DEFAULT '') STRICT;
CREATE INDEX customer_dates ON customer (customer) WHERE dates <> '[]';

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
CREATE INDEX ticket_opened ON ticket (opened_ms);

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

-- What is to leave the box besides speech: made with the entry it follows from, in its transaction.
CREATE TABLE outbox (
    item       INTEGER PRIMARY KEY,
    kind       TEXT    NOT NULL,             -- sms, mail or hook
    call       TEXT    NOT NULL,
    number     TEXT    NOT NULL,
    language   TEXT    NOT NULL,
    template   TEXT    NOT NULL,
    text       TEXT    NOT NULL,
    created_ms INTEGER NOT NULL,             -- wall clock, UTC, since 1970
    state      TEXT    NOT NULL,
    data       TEXT    NOT NULL DEFAULT '',  -- JSON: of its template, or what a hook tells
    tries      INTEGER NOT NULL DEFAULT 0,
    again      INTEGER NOT NULL DEFAULT 0,   -- how often a person had it sent again
    why        TEXT    NOT NULL DEFAULT '',
    parts      TEXT    NOT NULL DEFAULT '[]',-- JSON: references of its parts
    changed_ms INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX outbox_state ON outbox (state, item);
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
