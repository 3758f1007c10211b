"""Drills behind calld: what is taken away is given back, and what was seen meanwhile is told."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import get_args

import msgspec

from drivers.line import BatteryLost, BatteryReturned
from firmware.control.messages import PowerSigns, Refused
from firmware.control.quality_messages import (
    AskDrill,
    DrillAnswer,
    EndDrill,
    IncidentAnswer,
    StartDrill,
)
from firmware.core.desk_entries import Audited
from firmware.core.log_entries import (
    AnyLogEntry,
    CallOffered,
    Direction,
    FarSideAnswered,
    TelephoneAnswered,
)
from firmware.core.settings import Settings
from firmware.daemons.desks.quality_desk import QualityDesk
from firmware.daemons.desks.quality_words import QualityError, word
from firmware.quality import drill
from firmware.quality.incident import opened
from firmware.reports.moments import EPOCH, MS
from firmware.storage.records import Records

Sign = BatteryLost | BatteryReturned | PowerSigns
"""What the office is told, as if lined had said it."""


class Done(msgspec.Struct, frozen=True, kw_only=True):
    """What a request came to: the answer, entries for the log, and signs for the office."""

    answer: msgspec.Struct
    entries: tuple[AnyLogEntry, ...] = ()
    signs: tuple[Sign, ...] = ()


class DrillDesk:
    """Holds one drill at a time.

    Args:
        quality: Keeps the incident of each drill.
        records: Whose writing stops while the card is on drill.
        settings: Those in force.
    """

    def __init__(
        self, quality: QualityDesk, records: Records, settings: Callable[[], Settings]
    ) -> None:
        self._quality = quality
        self._records = records
        self._settings = settings
        self._running: drill.Running | None = None
        self._before: tuple[str, ...] = ()
        self._answered: set[str] = set()
        self._offered: set[str] = set()

    @property
    def on(self) -> bool:
        """Whether a drill is on."""
        return self._running is not None

    @property
    def deadlines(self) -> list[int]:
        """When it ends by itself."""
        return [self._running.until_ms] if self._running is not None else []

    @property
    def alarms(self) -> tuple[str, ...]:
        """That it is on, so that nobody takes it for the real thing; in the office's language."""
        return self.alarms_in(self._settings().language)

    def alarms_in(self, language: str) -> tuple[str, ...]:
        """The same in another one."""
        if self._running is None:
            return ()
        what = word(f"drill-title.{self._running.report.kind}", language)
        return (word("drill-alarm", language, what=what, value=self._running.incident),)

    def asked(self, _request: AskDrill, now_ms: int) -> DrillAnswer:
        """How it stands."""
        if self._running is None:
            return DrillAnswer()
        left_s = max(0, self._running.until_ms - now_ms) // 1_000
        return DrillAnswer(
            report=self._running.report, incident=self._running.incident, left_s=left_s
        )

    def start(
        self,
        request: StartDrill,
        idle: Sequence[str],
        alarms: Sequence[str],
        now_ms: int,
        wall: datetime,
    ) -> Done:
        """Take something away.

        Args:
            request: By whom, what, for how long.
            idle: Ports of exchange lines that are there and free.
            alarms: That stand already.
            now_ms: Monotonic.
            wall: Wall clock.
        """
        try:
            return self._start(request, idle, alarms, now_ms, wall)
        except QualityError as wrong:
            return Done(answer=Refused(id=wrong.key, message=str(wrong)))
        except OSError as problem:
            return Done(answer=Refused(id="not-kept", message=str(problem)))

    def _start(
        self,
        request: StartDrill,
        idle: Sequence[str],
        alarms: Sequence[str],
        now_ms: int,
        wall: datetime,
    ) -> Done:
        language = request.language
        if self._running is not None:
            raise QualityError("drill-on", language, value=self._running.incident)
        if lacks := drill.lacks(request.kind, request.minutes, request.lines, idle):
            value: object = request.minutes if lacks == "drill-minutes" else request.kind
            value = ", ".join(request.lines) if lacks == "drill-line" else value
            limit = {
                "drill-kind": ", ".join(drill.KINDS),
                "drill-minutes": str(drill.LONGEST_MIN),
            }.get(lacks, ", ".join(idle) or "-")
            raise QualityError(lacks, language, value=value, limit=limit)
        if not request.sure:
            raise QualityError("drill-sure", language)
        kind = next(one for one in get_args(drill.Kind) if one == request.kind)
        title = word(f"drill-title.{kind}", self._settings().language)
        made, _ = opened(
            grade="general",
            kind=kind,
            title=title,
            who=request.who,
            now_ms=(wall - EPOCH) // MS,
            drill=True,
        )
        incident = self._quality.keep(made)
        lines = drill.taken(request.lines, idle) if kind == "lines" else ()
        self._running = drill.begun(kind, incident.incident, request.minutes, lines, now_ms)
        self._before = tuple(alarms)
        self._answered, self._offered = set(), set()
        detail = f"{kind} {request.minutes} min {' '.join(lines)}".strip()
        entry = self._noted("drill_begun", incident.incident, request, detail, now_ms)
        return Done(
            answer=IncidentAnswer(incident=incident),
            entries=(entry,),
            signs=self._signs(lost=True, now_ms=now_ms),
        )

    def hold(self) -> None:
        """From here on the card takes nothing, if that is the drill."""
        if self._running is not None and self._running.report.kind == "card":
            self._records.held = word("drill-card", self._settings().language)

    def release(self) -> tuple[Sign, ...]:
        """Everything is there again; what waits may be written. What the office is told."""
        self._records.held = ""
        return () if self._running is None else self._signs(lost=False, now_ms=0)

    def due(self, waiting: int, now_ms: int) -> drill.Ended:
        """Why it has to end now, if it has: its time is over, or too much waits in memory."""
        if self._running is None:
            return ""
        if waiting > drill.MOST_HELD:
            return "full"
        return "time" if now_ms >= self._running.until_ms else ""

    def real(self, message: object) -> bool:
        """Whether what was on drill has failed in earnest."""
        if self._running is None:
            return False
        match message:
            case PowerSigns(mains=mains, low=low):
                return low or not mains
            case BatteryLost():
                return self._running.report.kind == "lines"
            case _:
                return False

    def told(self, entries: Sequence[AnyLogEntry]) -> None:
        """Entries that were kept: which calls there were, and who took the incident up."""
        running = self._running
        if running is None:
            return
        for entry in entries:
            if entry.at_ms < running.began_ms:
                continue
            match entry:
                case CallOffered() if entry.direction is not Direction.INTERNAL:
                    self._offered.add(entry.call)
                case TelephoneAnswered() | FarSideAnswered():
                    self._answered.add(entry.call)
                case Audited(action="incident_take", what=what) if (
                    what == f"incident/{running.incident}" and running.report.seen_s is None
                ):
                    seen_s = (entry.at_ms - running.began_ms) // 1_000
                    report = msgspec.structs.replace(running.report, seen_s=seen_s)
                    self._running = running = msgspec.structs.replace(running, report=report)

    def ended(
        self,
        how: drill.Ended,
        request: EndDrill,
        alarms: Sequence[str],
        held: int,
        now_ms: int,
    ) -> Done:
        """After everything was given back and written: what the drill showed, into its incident.

        Args:
            how: Who or what ended it.
            request: By whom; for a drill that ended by itself by ``tipring``.
            alarms: That stood at its end.
            held: Entries that had to wait.
            now_ms: Monotonic.
        """
        running = self._running
        if running is None:
            return Done(
                answer=Refused(id="drill-none", message=word("drill-none", request.language))
            )
        own = self.alarms
        self._running = None
        report = drill.over(running, how, now_ms)
        report = msgspec.structs.replace(
            report,
            alarms=tuple(a for a in alarms if a not in self._before and a not in own),
            calls=len(self._offered),
            answered=len(self._offered & self._answered),
            held=held,
        )
        entry = self._noted(
            "drill_ended", running.incident, request, f"{how} {report.lasted_s} s", now_ms
        )
        incident = self._records.quality.incident(running.incident)
        if incident is None:
            return Done(answer=DrillAnswer(), entries=(entry,))
        body = msgspec.json.encode(report).decode()
        try:
            incident = self._quality.keep(msgspec.structs.replace(incident, report=body))
        except OSError as problem:
            return Done(answer=Refused(id="not-kept", message=str(problem)), entries=(entry,))
        return Done(answer=IncidentAnswer(incident=incident), entries=(entry,))

    # --- within -----------------------------------------------------------------------------------

    def _signs(self, *, lost: bool, now_ms: int) -> tuple[Sign, ...]:
        assert self._running is not None  # noqa: S101  # asked while it is on
        report = self._running.report
        if report.kind == "power":
            return (PowerSigns(at_ms=now_ms, mains=not lost, low=False),)
        event = BatteryLost if lost else BatteryReturned
        return tuple(event(port=port, at_ms=now_ms) for port in report.lines)

    @staticmethod
    def _noted(
        action: str, incident: int, request: StartDrill | EndDrill, detail: str, now_ms: int
    ) -> Audited:
        return Audited(
            at_ms=now_ms,
            who=request.who,
            action=action,
            what=f"incident/{incident}",
            origin=request.origin,
            detail=detail,
        )
