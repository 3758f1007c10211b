"""Entries of the event log about people's data: who looked, what was agreed, what was erased."""

from __future__ import annotations

import msgspec

from firmware.core.log_entry import LogEntry


class DeskEntry(LogEntry, frozen=True, kw_only=True):
    """An entry about data rather than about a telephone. ``call`` is empty without one."""

    call: str = ""


class Audited(DeskEntry, frozen=True, kw_only=True, tag="audited"):
    """Somebody looked at, played, changed, exported or removed something.

    ``origin`` is where from: the page with its address, the command line, a handset.
    """

    who: str
    action: str
    what: str
    origin: str = ""
    detail: str = ""


class CallNoted(DeskEntry, frozen=True, kw_only=True, tag="call_noted"):
    """What an agent wrote about a conversation, for whoever speaks with the caller next."""

    agent: str
    text: str


class ConsentNoted(DeskEntry, frozen=True, kw_only=True, tag="consent_noted"):
    """What a party was told before a recording, to which second, and what it keyed."""

    party: str
    notice: str
    language: str
    heard_ms: int
    of_ms: int
    key: str = ""
    agreed: bool


class RecordingPaused(DeskEntry, frozen=True, kw_only=True, tag="recording_paused"):
    """Nothing is kept from here on; ``why`` is code or keys."""

    recording: str
    why: str


class RecordingResumed(DeskEntry, frozen=True, kw_only=True, tag="recording_resumed"):
    """It is kept again."""

    recording: str


class RecordingHeld(DeskEntry, frozen=True, kw_only=True, tag="recording_held"):
    """It may not be removed, or may again; ``why`` is bad mark, complaint or a person's reason."""

    recording: str
    held: bool
    why: str


class RecordingRemoved(DeskEntry, frozen=True, kw_only=True, tag="recording_removed"):
    """The file is gone: overwritten and unlinked; ``sha256`` is that of what it held."""

    recording: str
    why: str
    size: int
    sha256: str


class PersonErased(DeskEntry, frozen=True, kw_only=True, tag="person_erased"):
    """What these entries of the log said about a person is gone; their hashes stay.

    ``entries`` are numbers of entries. ``proof`` is a salted hash of the number, which only whoever
    has the receipt can check.
    """

    who: str
    proof: str
    entries: tuple[int, ...]
    what: dict[str, int]


class RetentionRun(DeskEntry, frozen=True, kw_only=True, tag="retention_run"):
    """Data beyond their time were removed; ``what`` counts them by kind."""

    what: dict[str, int]
    kept_back: str = ""


class ReportDue(DeskEntry, frozen=True, kw_only=True, tag="report_due"):
    """A report is to be mailed: of the day, week or month that begins with ``day``."""

    period: str
    day: str
    to: str
    language: str


class MailWanted(DeskEntry, frozen=True, kw_only=True, tag="mail_wanted"):
    """Something is to be mailed; ``template`` says what, filled with ``values``."""

    template: str
    to: str
    language: str
    values: dict[str, str] = msgspec.field(default_factory=dict)


class TextCame(DeskEntry, frozen=True, kw_only=True, tag="text_came"):
    """A customer sent a text; ``call`` is the one it answers, empty for none.

    ``key`` is the same for the same message; ``customer`` and ``ticket`` are 0 for none. ``opens``:
    it answers nothing, and a ticket is to be opened for it.
    """

    key: str
    number: str
    text: str
    customer: int = 0
    ticket: int = 0
    opens: bool = False


class ItemEnded(DeskEntry, frozen=True, kw_only=True, tag="item_ended"):
    """What became of a text or a mail: sent, delivered, failed or dropped, and why."""

    item: int
    kind: str
    state: str
    why: str = ""


class TicketWanted(DeskEntry, frozen=True, kw_only=True, tag="ticket_wanted"):
    """While he held the caller somebody had the number of a new ticket told to him."""

    extension: str


class OutsideDigest(DeskEntry, frozen=True, kw_only=True, tag="outside_digest"):
    """What went out in the day before. ``cost`` in hundredths, estimated; ``refused`` are tries."""

    calls: int
    minutes: int
    cost: int
    refused: int
    night: int


class CallScored(DeskEntry, frozen=True, kw_only=True, tag="call_scored"):
    """Somebody listened to a conversation and marked it by a sheet; the newest of a call counts.

    ``marks`` are by item; ``points`` go from 0 to 100.
    """

    agent: str
    queue: str
    sheet: str
    marks: dict[str, str]
    points: float
    who: str


AnyDeskEntry = (
    Audited
    | CallNoted
    | ConsentNoted
    | RecordingPaused
    | RecordingResumed
    | RecordingHeld
    | RecordingRemoved
    | PersonErased
    | RetentionRun
    | OutsideDigest
    | ReportDue
    | TicketWanted
    | CallScored
    | MailWanted
    | TextCame
    | ItemEnded
)
