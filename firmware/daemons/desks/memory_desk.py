"""The memory of the office behind calld: erasing, audit, live figures."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path

import msgspec

from firmware.control.case_messages import CaseRequest
from firmware.control.messages import Refused
from firmware.control.office_messages import (
    AskFigures,
    ErasePerson,
    FiguresAnswer,
    FigureValue,
    NoteAudit,
    NotedAnswer,
    OfficeRequest,
)
from firmware.control.quality_messages import QualityRequest
from firmware.core.desk_entries import Audited
from firmware.core.log_entries import AnyLogEntry
from firmware.core.settings import Settings
from firmware.daemons.clock_trust import ClockTrust
from firmware.daemons.desks.case_desk import CaseDesk
from firmware.daemons.desks.erasing import erase_person
from firmware.daemons.desks.quality_desk import QualityDesk
from firmware.reports.live import Live
from firmware.reports.measures import MEASURES, Figure
from firmware.reports.moments import EPOCH, MS
from firmware.reports.report import SHOWN, By, Period, report, span
from firmware.storage.erasure import NumberError
from firmware.storage.records import Records
from firmware.storage.settings import SettingsStore

Answered = tuple[msgspec.Struct, Sequence[AnyLogEntry]]
"""The answer, and what is to be kept in the log before it is given."""


class MemoryDesk:
    """Answers what the office's memory is asked; keeps the live figures of the day.

    Args:
        records: Open for writing.
        settings: Open for writing.
        data: The data folder.
        boot: The boot that runs.
        clock: Whether the wall clock is known to be right.
        in_force: The settings in force.
    """

    def __init__(
        self,
        records: Records,
        settings: SettingsStore,
        data: Path,
        *,
        boot: str,
        clock: ClockTrust,
        in_force: Callable[[], Settings] = Settings,
    ) -> None:
        self._records = records
        self._settings = settings
        self._data = data
        self._boot = boot
        self._clock = clock
        self.cases = CaseDesk(records, in_force, self._erase_number)
        self.quality = QualityDesk(records, in_force)
        self._live: Live | None = None
        self.held: Callable[[], frozenset[str]] = frozenset  # files under a legal hold
        self._day = (0, 0)

    def told(self, entries: Sequence[AnyLogEntry], now_ms: int, wall: datetime) -> None:
        """Entries that were just kept, for the figures of today."""
        live, now_wall_ms = self._today(wall), (wall - EPOCH) // MS
        offset = wall.utcoffset()
        offset_min = int(offset.total_seconds()) // 60 if offset is not None else 0
        for entry in entries:
            live.add(entry, now_wall_ms - (now_ms - entry.at_ms), offset_min)

    def _today(self, wall: datetime) -> Live:
        begin, end = self._day
        if self._live is None or not begin <= (wall - EPOCH) // MS < end:
            zone = wall.tzinfo
            assert zone is not None  # noqa: S101  # the shell's clock knows its zone
            self._day = span(Period.DAY, wall.date(), zone)
            self._live = Live(self._day[0])
        return self._live

    def today(self, codes: Sequence[str], wall: datetime) -> dict[str, Figure]:
        """Figures of the day so far, of the whole office."""
        facts = self._today(wall).facts((wall - EPOCH) // MS)
        (whole,) = report(facts, by=By.WHOLE, codes=codes)
        return whole.figures

    def answer(self, request: OfficeRequest, now_ms: int, wall: datetime) -> Answered:
        """Carry out one request; a mistake is a sentence."""
        match request:
            case CaseRequest():
                return self.cases.answer(request, now_ms, wall)
            case QualityRequest():
                return self.quality.answer(request, now_ms, wall)
            case ErasePerson():
                return self._erase_number(request.number, request.who, now_ms, wall), ()
            case NoteAudit():
                entry = Audited(
                    at_ms=now_ms,
                    who=request.who,
                    action=request.action,
                    what=request.what,
                    origin=request.origin,
                    detail=request.detail,
                )
                return NotedAnswer(), (entry,)
            case AskFigures():
                return self._figures(request, wall), ()
            case _:
                return Refused(id="unknown-request", message="this request is not known here"), ()

    def _erase_number(self, number: str, who: str, now_ms: int, wall: datetime) -> msgspec.Struct:
        try:
            return erase_person(
                number,
                who=who,
                records=self._records,
                settings=self._settings,
                data=self._data,
                boot=self._boot,
                wall=wall,
                trusted=self._clock.trusted,
                now_ms=now_ms,
                held=self.held(),
            )
        except NumberError as wrong:
            return Refused(id="number-too-short", message=str(wrong))
        except OSError as problem:
            return Refused(id="not-erased", message=f"not everything was erased: {problem}")

    def _figures(self, request: AskFigures, wall: datetime) -> msgspec.Struct:
        codes = request.codes or SHOWN
        if unknown := [code for code in codes if code not in MEASURES]:
            return Refused(id="unknown-figure", message=f"there is no figure {unknown[0]}")
        try:
            by = By(request.by)
        except ValueError:
            return Refused(id="unknown-division", message=f"nothing is divided by {request.by}")
        facts = self._today(wall).facts((wall - EPOCH) // MS)
        parts = {
            row.key: {
                code: FigureValue(value=f.value, top=f.top, bottom=f.bottom)
                for code, f in row.figures.items()
            }
            for row in report(facts, by=by, codes=codes)
        }
        return FiguresAnswer(from_ms=self._day[0], parts=parts)
