"""Faxes at their desk: filed when they came, tried until they arrived, kept for as long as set.

The wire tells what happened by entries of the log; what follows is decided here and becomes an
entry again, so that a stop at any moment is made good by :meth:`FaxDesk.look` at the next start:
whatever has ended and was not decided is decided then.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import msgspec

from firmware.call.hours import zone_of
from firmware.control.fax_desk_messages import ChangeFax, FaxAnswer, FaxPart, SendFax
from firmware.control.fax_messages import FaxEndsSeen, FaxProgress
from firmware.control.messages import Refused
from firmware.core.countries import country as country_of
from firmware.core.desk_entries import Audited, MailWanted, RetentionRun
from firmware.core.fax_entries import (
    FaxBegun,
    FaxFinished,
    FaxOrdered,
    FaxRemoved,
    FaxTurned,
)
from firmware.core.fax_settings import mail_of, ticket_of
from firmware.core.log_entries import AnyLogEntry, CallClosed
from firmware.core.settings import Settings
from firmware.customers.customer import dialled
from firmware.daemons.aside import Aside
from firmware.daemons.desks.fax_shelf import SENT as SENT_NAME
from firmware.daemons.desks.fax_shelf import FaxShelf
from firmware.daemons.desks.fax_words import say
from firmware.fax.job import FaxOrder, station_id
from firmware.fax.outcome import Result
from firmware.fax.tries import CANCELLED as BY_PERSON
from firmware.fax.tries import sentence_of, wait_ms
from firmware.paper.errors import PaperError
from firmware.paper.order import MOST_BYTES, MOST_PAGES
from firmware.paper.tiff import pages_of
from firmware.reports.moments import EPOCH, MS
from firmware.storage.faxes import (
    CANCELLED,
    DIALLING,
    ENDED,
    FAILED,
    PARTIAL,
    RECEIVED,
    RECEIVING,
    SENDING,
    SENT,
    WAITING,
    FaxRow,
)
from firmware.storage.records import Records

log = logging.getLogger(__name__)

DOCUMENT: Final = "faxes"
LOOK_MS: Final = 60_000
WAIT_MS: Final = 5_000
RETAIN_MS: Final = 3_600_000
LOST_MS: Final = 60_000
"""A session whose call has been over for so long will not be told any more."""
DIAL_MS: Final = 600_000
"""Dialling and ringing end earlier than that, whatever becomes of the call."""
AT_ONCE: Final = 1
"""Faxes that the box sends at the same time: lines are for people."""
MOST_DAYS: Final = 31
ALARM_MS: Final = 24 * 3_600_000
DAY_MS: Final = 24 * 3_600_000
MB: Final = 1_000_000
MOST_UPLOADS: Final = 40
COVER_PAGES: Final = 1

Answered = tuple[msgspec.Struct, Sequence[AnyLogEntry]]


class FaxDesk:
    """Knows every fax and what is to be done next.

    Args:
        records: Open for writing.
        settings: Those in force, at any time.
        data: The data folder.
        kept: What :meth:`document` gave before, empty for nothing.
    """

    def __init__(
        self, records: Records, settings: Callable[[], Settings], data: Path, kept: str
    ) -> None:
        self._records = records
        self._settings = settings
        self.shelf = FaxShelf(data / "faxes")
        self._uploads: dict[str, bytearray] = {}
        self._seen = 0
        if kept:
            try:
                self._seen = msgspec.json.decode(kept, type=dict[str, int]).get("seen", 0)
            except msgspec.DecodeError as problem:
                log.error("which faxes were seen cannot be read: %s", problem)  # noqa: TRY400  # the sentence says it all
        self._look_at = 0
        self._retain_at = LOOK_MS
        self._orders: list[FaxOrder] = []
        self._lost: tuple[int, ...] = ()
        self._swept = False
        self._spool = self.shelf.folder
        self.changed = False

    def document(self) -> str:
        """Up to which fax alarms were seen, to be kept."""
        self.changed = False
        return msgspec.json.encode({"seen": self._seen}).decode()

    # --- what happens -----------------------------------------------------------------------------

    def told(self, entries: Iterable[AnyLogEntry]) -> None:
        """Entries that were just kept."""
        about = (FaxBegun, FaxFinished, FaxOrdered, FaxTurned, CallClosed)
        if any(isinstance(entry, about) for entry in entries):
            self._look_at = 0

    def deadline(self) -> int:
        """When :meth:`look` wants to be called, monotonic."""
        return self._look_at

    def heard(self, message: object, aside: Aside) -> None:
        """What the fax program tells: pages that have arrived go onto the card at once."""
        match message:
            case FaxEndsSeen(spool=spool):
                self._spool = Path(spool)
            case FaxProgress(phase="page", fax=session):
                spool_folder, shelf = self._spool, self.shelf
                if not (spool_folder / f"{Path(session).name}.tif").exists():
                    return  # it is being sent

                def work() -> None:
                    shelf.secure(session, spool_folder)

                aside(work, lambda _: None)
            case _:
                pass

    def wait(self, now_ms: int) -> None:
        """The card takes nothing now: nothing is decided."""
        self._look_at = now_ms + WAIT_MS

    def take_orders(self) -> list[FaxOrder]:
        """Calls that are to be placed; each was kept as being dialled already."""
        orders, self._orders = self._orders, []
        return orders

    def look(self, now_ms: int, wall: datetime) -> list[AnyLogEntry]:
        """What follows now: to be kept before anything of it is done.

        Args:
            now_ms: Monotonic time.
            wall: The wall clock, aware of its zone.
        """
        self._look_at = now_ms + LOOK_MS
        wall_ms = (wall - EPOCH) // MS
        faxes = self._records.faxes
        entries: list[AnyLogEntry] = []
        for row in faxes.in_states(ENDED, RECEIVING, SENDING, DIALLING):
            if row.state == ENDED or self._lost_now(row, wall_ms):
                entries += self._decided(row, now_ms, wall)
        entries += self._due(now_ms, wall)
        if not entries and not self._swept:
            self._swept = True  # again with the hour
            files = frozenset(row.file for row in faxes.with_pages())
            coming = faxes.in_states(RECEIVING, ENDED)
            self.shelf.sweep(files, frozenset(row.session for row in coming))
        if now_ms >= self._retain_at:
            self._retain_at, self._swept = now_ms + RETAIN_MS, False
            entries += self._retained(now_ms, wall_ms)
        if (due_ms := faxes.next_due_ms()) is not None and due_ms > wall_ms:
            self._look_at = min(self._look_at, now_ms + due_ms - wall_ms)
        return entries

    def _lost_now(self, row: FaxRow, wall_ms: int) -> bool:
        """Nobody will tell how this session ended: the box stopped, or the fax program did."""
        record = self._records.call(row.call) if row.call else None
        over = record is not None and record.outcome is not None
        age_ms = wall_ms - row.changed_ms
        if over and record is not None and record.outcome == "interrupted":
            return True
        return (over and age_ms >= LOST_MS) or (row.state == DIALLING and age_ms >= DIAL_MS)

    # --- when a session is over -------------------------------------------------------------------

    def _decided(self, row: FaxRow, now_ms: int, wall: datetime) -> list[AnyLogEntry]:
        try:
            if row.direction == "receive":
                return self._filed(row, now_ms)
            self.shelf.drop_rest(row.fax)
        except OSError as problem:
            # Tried again with the next look: the pages lie where they were written.
            log.warning("fax %d cannot be filed now: %s", row.fax, problem)
            return []
        return [self._tried(row, now_ms, wall)]

    def _filed(self, row: FaxRow, now_ms: int) -> list[AnyLogEntry]:
        """Pages that came: whole and in their place, a ticket, mail."""
        settings = self._settings()
        file, digest, pages = self.shelf.take_in(row.session, row.file)
        result = row.result if row.state == ENDED else str(Result.FAULT)
        if not pages:
            turned = FaxTurned(
                call=row.call, at_ms=now_ms, fax=row.fax, state=FAILED, why=result, pages=0
            )
            return [turned]
        state = RECEIVED if result == Result.COMPLETE else PARTIAL
        entries: list[AnyLogEntry] = [
            FaxTurned(
                call=row.call,
                at_ms=now_ms,
                fax=row.fax,
                state=state,
                why=result,
                pages=pages,
                file=file,
                sha256=digest,
                line=row.line,
                ticket=ticket_of(settings.fax, row.line),
            )
        ]
        if settings.outbox.mail.server:
            # What it says is looked up as it is sent: entries of the log name nobody.
            entries += [
                MailWanted(
                    call=row.call,
                    at_ms=now_ms,
                    template=f"fax:{row.fax}",
                    to=address,
                    language=settings.language,
                )
                for address in mail_of(settings.fax, row.line)
            ]
        return entries

    def _tried(self, row: FaxRow, now_ms: int, wall: datetime) -> FaxTurned:
        """A try is over: it arrived, comes again later, or is given up."""
        result = row.result if row.state == ENDED else str(Result.FAULT)
        pages = min(row.pages + row.session_pages, row.pages_in_file)
        state, due = SENT, ""
        if result != Result.COMPLETE and pages < row.pages_in_file:
            # A try that brought pages over is no failure of the line: it does not use up a try.
            waits = wait_ms(result, row.tries, self._settings().fax.tries)
            state = FAILED if waits is None else WAITING
            if waits is not None:
                due = (wall + timedelta(milliseconds=waits)).astimezone(UTC).isoformat()
        return FaxTurned(
            call=row.call,
            at_ms=now_ms,
            fax=row.fax,
            state=state,
            why=result,
            pages=row.pages_in_file if state == SENT else pages,
            due_wall=due,
        )

    # --- sending ----------------------------------------------------------------------------------

    def _due(self, now_ms: int, wall: datetime) -> list[AnyLogEntry]:
        """The next fax whose time has come, if none is under way."""
        settings, wall_ms = self._settings(), (wall - EPOCH) // MS
        faxes = self._records.faxes
        if not settings.fax.on or self._orders or faxes.in_states(DIALLING, SENDING):
            return []
        entries: list[AnyLogEntry] = []
        for row in faxes.in_states(WAITING):
            if row.due_ms > wall_ms or len(self._orders) >= AT_ONCE:
                continue
            turned = FaxTurned(at_ms=now_ms, fax=row.fax, state=DIALLING, pages=row.pages)
            try:
                tiff = self.shelf.rest(row.fax, row.file, row.pages)
                if not Path(tiff).exists():
                    raise FileNotFoundError(tiff)
            except (OSError, PaperError) as problem:
                log.warning("fax %d cannot be sent: %s", row.fax, problem)
                lost = msgspec.structs.replace(turned, state=FAILED, why=str(Result.BAD_FILE))
                entries.append(lost)
                continue
            entries.append(turned)
            self._orders.append(self._order(row, tiff, settings, wall))
        return entries

    def _order(self, row: FaxRow, tiff: str, settings: Settings, wall: datetime) -> FaxOrder:
        station = settings.fax.station or next((x.number for x in settings.lines if x.number), "")
        account = next((a for a in settings.accounts if a.name == row.who), None)
        return FaxOrder(
            job=str(row.fax),
            number=dialled(row.number, country_of(settings.country)),
            tiff=tiff,
            header=settings.fax.header or station,
            station=station_id(station),
            zone=posix_zone(wall.astimezone(zone_of(settings))),
            extension=account.extension if account is not None else "",
        )

    # --- people -----------------------------------------------------------------------------------

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
        plain = "".join(c for c in number if c not in " -().")
        digits = plain.removeprefix("+")
        if not (3 <= len(digits) <= 20 and digits.isascii() and digits.isdecimal()):
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
            self._seen, self.changed = max(self._seen, row.fax), True
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
        removed = self._removed(row, request.why or "asked for", now_ms)
        return FaxAnswer(fax=row.fax), (removed, _audit(request, now_ms))

    # --- when their time has come -----------------------------------------------------------------

    def _retained(self, now_ms: int, wall_ms: int) -> list[AnyLogEntry]:
        """Remove what is beyond its days, and the oldest beyond the budget; open ones stay."""
        rules, held = self._settings().fax, self._records.cases.held_calls()
        entries: list[AnyLogEntry] = []
        counts: dict[str, int] = {}
        kept: list[tuple[FaxRow, int]] = []
        lost: list[int] = []

        def remove(row: FaxRow, why: str) -> None:
            try:
                entries.append(self._removed(row, why, now_ms))
            except OSError as problem:
                log.warning("fax %d stays: %s", row.fax, problem)
                return
            counts[f"fax_{why}"] = counts.get(f"fax_{why}", 0) + 1

        for row in self._records.faxes.with_pages():
            try:
                size = Path(row.file).stat().st_size
            except OSError:
                lost.append(row.fax)
                continue
            if row.state in (WAITING, DIALLING, SENDING, RECEIVING, ENDED) or row.call in held:
                continue
            if wall_ms - row.created_ms > rules.keep_days * DAY_MS:
                remove(row, "retention")
            else:
                kept.append((row, size))
        over = sum(size for _, size in kept) - rules.budget_mb * MB
        for row, size in kept:
            if over <= 0:
                break
            remove(row, "budget")
            over -= size
        self._lost = tuple(lost)
        if counts:
            entries.append(RetentionRun(at_ms=now_ms, what=counts))
        return entries

    def _removed(self, row: FaxRow, why: str, now_ms: int) -> FaxRemoved:
        size, digest = self.shelf.remove(row.file) or (0, "")
        return FaxRemoved(at_ms=now_ms, fax=row.fax, why=why, size=size, sha256=digest)

    # --- what people must know --------------------------------------------------------------------

    def alarms(self, wall: datetime | None) -> tuple[str, ...]:
        """Pages that are missing, faxes that were given up, in the office's language."""
        settings = self._settings()
        language = settings.language
        wall_ms = 0 if wall is None else (wall - EPOCH) // MS
        found: list[str] = []
        for row in self._records.faxes.in_states(PARTIAL, FAILED):
            if row.fax <= self._seen or wall_ms - row.changed_ms > ALARM_MS:
                continue
            why = sentence_of(row.result, language)
            if row.direction == "send":
                found.append(say("alarm-failed", language, value=row.fax, why=why))
            elif row.pages:
                found.append(
                    say("alarm-partial", language, value=row.fax, pages=row.pages, why=why)
                )
        found += [say("alarm-lost", language, value=fax) for fax in self._lost]
        if not settings.fax.on and (waiting := self._records.faxes.in_states(WAITING)):
            found.append(say("alarm-waiting", language, count=len(waiting)))
        return tuple(found)


def posix_zone(wall: datetime) -> str:
    """The zone of a clock as POSIX writes it, of this day: ``<+08>-8``, west is positive."""
    offset = wall.utcoffset() or timedelta()
    minutes = int(offset.total_seconds()) // 60
    hours, rest = divmod(abs(minutes), 60)
    sign, other = ("+", "-") if minutes >= 0 else ("-", "")
    return f"<{sign}{hours:02d}>{other}{hours}" + (f":{rest:02d}" if rest else "")


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
