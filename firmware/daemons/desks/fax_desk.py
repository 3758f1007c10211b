"""Faxes at their desk: filed when they came, tried until they arrived, kept for as long as set.

The wire tells what happened by entries of the log; what follows is decided here and becomes an
entry again, so that a stop at any moment is made good by :meth:`FaxDesk.look` at the next start:
whatever has ended and was not decided is decided then.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import msgspec

from firmware.call.hours import zone_of
from firmware.control.fax_messages import FaxEndsSeen, FaxProgress
from firmware.core.countries import country as country_of
from firmware.core.desk_entries import MailWanted
from firmware.core.fax_entries import (
    FaxBegun,
    FaxFinished,
    FaxOrdered,
    FaxTurned,
)
from firmware.core.fax_settings import mail_of, ticket_of
from firmware.core.log_entries import AnyLogEntry, CallClosed
from firmware.core.settings import Settings
from firmware.customers.customer import dialled
from firmware.daemons.aside import Aside
from firmware.daemons.desks.fax_alarms import FaxAlarms
from firmware.daemons.desks.fax_requests import Answered, FaxRequests
from firmware.daemons.desks.fax_retention import FaxRetention
from firmware.daemons.desks.fax_shelf import FaxShelf
from firmware.fax.job import FaxOrder, station_id
from firmware.fax.outcome import Result
from firmware.fax.tries import wait_ms
from firmware.paper.errors import PaperError
from firmware.reports.moments import EPOCH, MS
from firmware.storage.faxes import (
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

LOOK_MS: Final = 60_000
WAIT_MS: Final = 5_000
"""Until the card may write again."""
RETAIN_MS: Final = 3_600_000
LOST_MS: Final = 60_000
"""A session whose call has been over for so long will not be told any more."""
DIAL_MS: Final = 600_000
"""Dialling and ringing end earlier than that, whatever becomes of the call."""
AT_ONCE: Final = 1
"""Faxes that the box sends at the same time: lines are for people."""


class FaxDesk:
    """Knows every fax and what is to be done next.

    Args:
        records: Open for writing.
        settings: Those in force, at any time.
        data: The data folder.
        kept: The document of :class:`FaxAlarms`, empty for none.
    """

    def __init__(
        self, records: Records, settings: Callable[[], Settings], data: Path, kept: str
    ) -> None:
        self._records = records
        self._settings = settings
        self.shelf = FaxShelf(data / "faxes")
        self._retention = FaxRetention(records, settings, self.shelf)
        self.alarms = FaxAlarms(records, settings, self._retention, kept)
        self._requests = FaxRequests(records, settings, self.shelf, self._retention, self.alarms)
        self._look_at = 0
        self._retain_at = LOOK_MS
        self._orders: list[FaxOrder] = []
        self._swept = False
        self._spool = self.shelf.folder

    @property
    def changed(self) -> bool:
        """Whether something about them is to be kept that is no entry: what was seen."""
        return self.alarms.changed

    def answer(self, request: msgspec.Struct, now_ms: int, wall: datetime) -> Answered:
        """Carry out a person's request; a mistake is a sentence.

        Raises:
            OSError: it could not be kept.
        """
        return self._requests.answer(request, now_ms, wall)

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
            entries += self._retention.look(now_ms, wall_ms)
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


def posix_zone(wall: datetime) -> str:
    """The zone of a clock as POSIX writes it, of this day: ``<+08>-8``, west is positive."""
    offset = wall.utcoffset() or timedelta()
    minutes = int(offset.total_seconds()) // 60
    hours, rest = divmod(abs(minutes), 60)
    sign, other = ("+", "-") if minutes >= 0 else ("-", "")
    return f"<{sign}{hours:02d}>{other}{hours}" + (f":{rest:02d}" if rest else "")
