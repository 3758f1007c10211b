"""What people ask of faxes: one to be sent, one cancelled, sent again, seen, taken away."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Final

import msgspec

from firmware.control.fax_desk_messages import ChangeFax, FaxAnswer, FaxPart, SendFax
from firmware.control.messages import Refused
from firmware.core.desk_entries import Audited
from firmware.core.fax_entries import FaxOrdered, FaxTurned
from firmware.core.log_entries import AnyLogEntry
from firmware.core.phone_numbers import outside_number
from firmware.core.settings import Settings
from firmware.daemons.desks.fax_alarms import FaxAlarms
from firmware.daemons.desks.fax_retention import FaxRetention
from firmware.daemons.desks.fax_shelf import SENT as SENT_NAME
from firmware.daemons.desks.fax_shelf import FaxShelf
from firmware.daemons.desks.fax_words import say
from firmware.fax.tries import CANCELLED as BY_PERSON
from firmware.paper.errors import PaperError
from firmware.paper.order import MOST_BYTES, MOST_PAGES
from firmware.paper.tiff import pages_of
from firmware.reports.moments import EPOCH, MS
from firmware.storage.faxes import (
    CANCELLED,
    DIALLING,
    ENDED,
    RECEIVING,
    SENDING,
    SENT,
    WAITING,
    FaxRow,
)
from firmware.storage.records import Records

MOST_DAYS: Final = 31
"""A fax can be put off for so long. Chosen: a date beyond is more often a slip than a wish."""
DAY_MS: Final = 24 * 3_600_000
MB: Final = 1_000_000
MOST_UPLOADS: Final = 40
COVER_PAGES: Final = 1

Answered = tuple[msgspec.Struct, Sequence[AnyLogEntry]]


class FaxRequests:
    """Answers page and command line.

    Args:
        records: Open for writing.
        settings: Those in force, at any time.
        shelf: Where pages lie.
        retention: Takes pages away.
        alarms: Told what was seen.
    """

    def __init__(
        self,
        records: Records,
        settings: Callable[[], Settings],
        shelf: FaxShelf,
        retention: FaxRetention,
        alarms: FaxAlarms,
    ) -> None:
        self._records = records
        self._settings = settings
        self.shelf = shelf
        self._retention = retention
        self._alarms = alarms
        self._uploads: dict[str, bytearray] = {}

    def answer(self, request: msgspec.Struct, now_ms: int, wall: datetime) -> Answered:
        """Carry out one request; a mistake is a sentence.

        Raises:
            OSError: it could not be kept.
        """
        language = getattr(request, "language", "") or self._settings().language
        match request:
            case FaxPart():
                return self._part(request, language), ()
            case SendFax():
                return self._ordered(request, language, now_ms, wall)
            case ChangeFax():
                return self._changed_by(request, language, now_ms, wall)
            case _:
                return Refused(id="unknown-request", message="this is not known here"), ()

    def _part(self, part: FaxPart, language: str) -> msgspec.Struct:
        there = self._uploads.setdefault(part.upload, bytearray())
        if part.at != len(there):
            self._uploads.pop(part.upload)
            return _refused("no-pages", language)
        if len(there) + len(part.data) > MOST_BYTES:
            self._uploads.pop(part.upload)
            return _refused("large", language, limit=MOST_BYTES // MB)
        there += part.data
        while len(self._uploads) > MOST_UPLOADS:  # somebody went away in the middle
            self._uploads.pop(next(iter(self._uploads)))
        return FaxAnswer()

    def _ordered(self, request: SendFax, language: str, now_ms: int, wall: datetime) -> Answered:
        settings, faxes = self._settings(), self._records.faxes
        if not settings.fax.on:
            return _refused("fax-off", language), ()
        number, ticket = request.number, request.ticket
        if request.reply:
            answered = faxes.fax(request.reply)
            if answered is None:
                return _refused("no-fax", language, value=request.reply), ()
            number, ticket = number or answered.number, ticket or answered.ticket
            if not number:
                return _refused("no-number", language, value=request.reply), ()
        if ticket and self._records.cases.ticket(ticket) is None:
            return _refused("no-ticket", language, value=ticket), ()
        plain = outside_number(number)
        if not plain:
            return _refused("number", language, value=number), ()
        wall_ms = (wall - EPOCH) // MS
        if request.at_ms > wall_ms + MOST_DAYS * DAY_MS:
            return _refused("later", language, limit=MOST_DAYS), ()
        data = bytes(self._uploads.pop(request.upload, b""))
        try:
            pages = len(pages_of(data))
        except PaperError:
            return _refused("no-pages", language), ()
        if pages > MOST_PAGES + COVER_PAGES:
            return _refused("many", language, value=pages, limit=MOST_PAGES), ()
        fax = faxes.next_fax()
        # First the pages, then the entry: what is promised can be sent whatever happens between.
        file, digest = self.shelf.put(f"{SENT_NAME}{fax}", data)
        due = max(request.at_ms, wall_ms)
        entry = FaxOrdered(
            at_ms=now_ms,
            fax=fax,
            number=self._records.follower.key(plain),
            subject=request.subject.strip()[:80],
            pages=pages,
            file=file,
            sha256=digest,
            who=request.who,
            due_wall=datetime.fromtimestamp(due / 1000, UTC).isoformat(),
            ticket=ticket,
            correction=settings.fax.correction,
        )
        return FaxAnswer(fax=fax), (entry,)

    def _changed_by(
        self, request: ChangeFax, language: str, now_ms: int, wall: datetime
    ) -> Answered:
        row = self._records.faxes.fax(request.fax)
        if row is None:
            return _refused("no-fax", language, value=request.fax), ()
        if request.act == "seen":
            self._alarms.see(row.fax)
            return FaxAnswer(fax=row.fax), (_audit(request, now_ms),)
        if request.act == "delete":
            return self._deleted(row, request, language, now_ms)
        if row.state in (DIALLING, SENDING, RECEIVING, ENDED):
            return _refused("busy-now", language, value=row.fax), ()
        if request.act == "cancel":
            if row.state != WAITING:
                return _refused("not-open", language, value=row.fax), ()
            state, why, due = CANCELLED, BY_PERSON, ""
        else:
            if row.direction != "send" or not row.file:
                return _refused("not-again", language, value=row.fax), ()
            state, why, due = WAITING, "", wall.astimezone(UTC).isoformat()
        pages = 0 if row.state == SENT else row.pages  # once arrived, again is all of it
        turned = FaxTurned(
            at_ms=now_ms,
            fax=row.fax,
            state=state,
            why=why,
            pages=pages,
            due_wall=due,
            who=request.who,
        )
        return FaxAnswer(fax=row.fax), (turned, _audit(request, now_ms))

    def _deleted(self, row: FaxRow, request: ChangeFax, language: str, now_ms: int) -> Answered:
        if row.state in (WAITING, DIALLING, SENDING, RECEIVING, ENDED):
            return _refused("busy-now", language, value=row.fax), ()
        if not row.file:
            return _refused("gone", language, value=row.fax), ()
        if row.call and row.call in self._records.cases.held_calls():
            return _refused("held", language, value=row.fax), ()
        removed = self._retention.removed(row, request.why or "asked for", now_ms)
        return FaxAnswer(fax=row.fax), (removed, _audit(request, now_ms))


def _refused(key: str, language: str, **values: object) -> Refused:
    return Refused(id=key, message=say(key, language, **values))


def _audit(request: ChangeFax, now_ms: int) -> Audited:
    return Audited(
        at_ms=now_ms,
        who=request.who,
        action=f"fax_{request.act}",
        what=f"fax/{request.fax}",
        origin=request.origin,
        detail=request.why,
    )
