"""What faxes write into the log of a call; part of the event log, see ``log_entries``.

``result`` is a ``firmware.fax.outcome.Result``; the sentence for people is made where it is shown.
"""

from __future__ import annotations

from firmware.core.log_entry import LogEntry


class FaxEntry(LogEntry, frozen=True, kw_only=True):
    """Something about a fax on this call."""


class FaxToneSeen(FaxEntry, frozen=True, kw_only=True, tag="fax_tone_seen"):
    """A machine was heard on ``port``: ``tone`` is cng (it calls), ced (it answers) or v21."""

    port: str
    tone: str


class FaxBegun(FaxEntry, frozen=True, kw_only=True, tag="fax_begun"):
    """A session of the box's own began; ``why`` is setting, tone, or sent.

    ``job`` names the order that a fax to be sent came from, empty for one that is received.
    """

    port: str
    fax: str
    direction: str
    why: str = ""
    job: str = ""


class FaxFinished(FaxEntry, frozen=True, kw_only=True, tag="fax_finished"):
    """A session is over; the fields are those of ``firmware.fax.job.FaxOutcome``."""

    fax: str
    direction: str
    result: str
    code: int
    pages: int = 0
    pages_in_file: int = 0
    ecm: bool = False
    bit_rate: int = 0
    remote_station: str = ""
    remote_maker: str = ""
    retries: int = 0
    bad_rows: int = 0
    duration_ms: int = 0
    tiff: str = ""
    sha256: str = ""
    job: str = ""


class FaxPaperEntry(FaxEntry, frozen=True, kw_only=True):
    """Something about the pages of a fax. ``fax`` is its number among all faxes that are kept."""

    call: str = ""
    fax: int


class FaxOrdered(FaxPaperEntry, frozen=True, kw_only=True, tag="fax_ordered"):
    """Somebody wants a fax to be sent; its pages are on the card already.

    ``due_wall`` is when (UTC, ISO 8601), empty for now; ``ticket`` is what it answers, 0 for none.
    """

    number: str
    subject: str
    pages: int
    file: str
    sha256: str
    who: str
    due_wall: str = ""
    ticket: int = 0
    correction: bool = True


class FaxTurned(FaxPaperEntry, frozen=True, kw_only=True, tag="fax_turned"):
    """What became of a fax: ``state`` is of ``firmware.storage.faxes.STATES``.

    ``why`` is a result of ``firmware.fax.outcome`` or of a call that was not answered; ``pages``
    arrived, of a fax in the state ``waiting`` those that need not be sent again; ``due_wall`` is
    the next try; ``ticket`` is the kind of ticket that it opens, empty for none; ``who`` did it.
    """

    state: str
    why: str = ""
    pages: int = 0
    due_wall: str = ""
    file: str = ""
    sha256: str = ""
    line: str = ""
    ticket: str = ""
    who: str = ""


class FaxRemoved(FaxPaperEntry, frozen=True, kw_only=True, tag="fax_removed"):
    """Its pages are gone: overwritten and unlinked; ``sha256`` is that of what the file held."""

    why: str
    size: int
    sha256: str


AnyFaxEntry = FaxToneSeen | FaxBegun | FaxFinished | FaxOrdered | FaxTurned | FaxRemoved
