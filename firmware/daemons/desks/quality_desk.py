"""Score sheets and incidents behind calld."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import get_args

import msgspec

from firmware.control.messages import Refused
from firmware.control.quality_messages import (
    ChangeIncident,
    IncidentAnswer,
    OpenIncident,
    QualityRequest,
    ScoreCall,
    ScoredAnswer,
)
from firmware.core.acd_entries import AgentJoined
from firmware.core.desk_entries import Audited, CallScored
from firmware.core.log_entries import AnyLogEntry
from firmware.core.quality_settings import ScoreSheet
from firmware.core.settings import Settings
from firmware.daemons.desks.quality_words import QualityError, word
from firmware.quality.incident import (
    GRADES,
    KINDS,
    CloseIncident,
    Grade,
    Incident,
    TakeIncident,
    after,
    opened,
)
from firmware.quality.incident import Kind as IncidentKind
from firmware.quality.score import CHOICES, Score, points
from firmware.reports.moments import EPOCH, MS
from firmware.storage.records import Records

Answered = tuple[msgspec.Struct, Sequence[AnyLogEntry]]


class QualityDesk:
    """Answers what is asked about scores and incidents.

    Args:
        records: Open for writing.
        settings: Those in force.
    """

    def __init__(self, records: Records, settings: Callable[[], Settings]) -> None:
        self._records = records
        self._settings = settings

    def answer(self, request: QualityRequest, now_ms: int, wall: datetime) -> Answered:
        """Carry out one request; a mistake is a sentence and changes nothing."""
        wall_ms = (wall - EPOCH) // MS
        try:
            match request:
                case ScoreCall():
                    return self._score(request, now_ms, wall_ms)
                case OpenIncident():
                    return self._open(request, now_ms, wall_ms)
                case ChangeIncident():
                    return self._change(request, now_ms, wall_ms)
                case _:
                    return Refused(id="unknown-request", message="not known here"), ()
        except QualityError as wrong:
            return Refused(id=wrong.key, message=str(wrong), fields=wrong.fields), ()
        except OSError as problem:
            return Refused(id="not-kept", message=str(problem)), ()

    # --- scores -----------------------------------------------------------------------------------

    def _score(self, request: ScoreCall, now_ms: int, wall_ms: int) -> Answered:
        agent, queue = self._heard(request)
        sheet = self._sheet(request)
        reached, problems = points(sheet, request.marks)
        if problems:
            fields = {
                item: self._wrong(sheet, item, why, request) for item, why in problems.items()
            }
            raise QualityError("score-lacks", request.language, fields)
        entry = CallScored(
            call=request.call,
            at_ms=now_ms,
            agent=agent,
            queue=queue,
            sheet=sheet.name,
            marks=dict(request.marks),
            points=reached,
            who=request.who,
        )
        score = Score(
            call=request.call,
            agent=agent,
            queue=queue,
            sheet=sheet.name,
            marks=dict(request.marks),
            points=reached,
            who=request.who,
            at_ms=wall_ms,
        )
        detail = f"{sheet.name} {reached:.1f}"
        noted = self._noted(request, now_ms, "call_scored", f"call/{request.call}", detail)
        return ScoredAnswer(score=score), (entry, noted)

    def _heard(self, request: ScoreCall) -> tuple[str, str]:
        """The agent who is scored, and for which queue he spoke."""
        language, record = request.language, self._records.call(request.call)
        if record is None:
            raise QualityError("score-no-call", language, value=request.call)
        if record.outcome is None:
            raise QualityError("score-open", language, value=request.call)
        parts = {
            event.entry.agent: event.entry.queue
            for event in self._records.events(request.call)
            if isinstance(event.entry, AgentJoined)
        }
        if not parts and record.t4_ms is not None and record.extension:
            parts = {record.extension: ""}  # outside of queues it stands for whoever sat there
        if not parts:
            raise QualityError("score-silent", language, value=request.call)
        limit = ", ".join(parts)
        if request.agent and request.agent not in parts:
            raise QualityError("score-agent", language, value=request.agent, limit=limit)
        if not request.agent and len(parts) > 1:
            raise QualityError("score-which-agent", language, limit=limit)
        agent = request.agent or next(iter(parts))
        return agent, parts[agent]

    def _sheet(self, request: ScoreCall) -> ScoreSheet:
        sheets = self._settings().quality.sheets
        found = next((s for s in sheets if request.sheet in {"", s.name}), None)
        if found is None:
            names = ", ".join(sheet.name for sheet in sheets)
            raise QualityError(
                "score-sheet", request.language, value=request.sheet, limit=names or "-"
            )
        return found

    def _wrong(self, sheet: ScoreSheet, item: str, why: str, request: ScoreCall) -> str:
        language, mark = request.language, request.marks.get(item, "")
        if why == "nothing":
            return word("score-nothing", language)
        kind = next((one.kind for one in sheet.items if one.name == item), None)
        if kind is None:
            return word("score-item", language, value=item)
        limit = ", ".join(CHOICES[kind]) or word("score-count", language)
        return word(f"score-{why}", language, value=mark, limit=limit)

    # --- incidents --------------------------------------------------------------------------------

    def _open(self, request: OpenIncident, now_ms: int, wall_ms: int) -> Answered:
        language, fields = request.language, {}
        if request.grade not in GRADES:
            limit = ", ".join(GRADES)
            fields["grade"] = word("incident-grade", language, value=request.grade, limit=limit)
        if request.kind not in KINDS:
            limit = ", ".join(KINDS)
            fields["kind"] = word("incident-kind", language, value=request.kind, limit=limit)
        if fields:
            raise QualityError("incident-wrong", language, fields)
        made, missing = opened(
            grade=_grade(request.grade),
            kind=_kind(request.kind),
            title=request.title,
            who=request.who,
            now_ms=wall_ms,
        )
        if missing:
            fields["title"] = word(missing[0], language)
            raise QualityError("incident-wrong", language, fields)
        kept = self.keep(made)
        what = f"incident/{kept.incident}"
        noted = self._noted(request, now_ms, "incident_open", what, f"{kept.grade} {kept.title}")
        return IncidentAnswer(incident=kept), (noted,)

    def _change(self, request: ChangeIncident, now_ms: int, wall_ms: int) -> Answered:
        language = request.language
        before = self._records.quality.incident(request.incident)
        if before is None:
            raise QualityError("no-incident", language, value=request.incident)
        order: TakeIncident | CloseIncident = (
            TakeIncident(who=request.handler.strip() or request.who)
            if request.act == "take"
            else CloseIncident(who=request.who, cause=request.cause, action=request.action)
        )
        changed, missing = after(before, order, wall_ms)
        if "incident-closed" in missing:
            raise QualityError("incident-closed", language, value=request.incident)
        if missing:
            fields = {key.removeprefix("incident-"): word(key, language) for key in missing}
            raise QualityError("incident-lacks", language, fields, value=request.incident)
        kept = self.keep(changed)
        what, detail = f"incident/{kept.incident}", kept.handler
        if request.act == "close":
            detail = f"{kept.cause}; {kept.action}"
        noted = self._noted(request, now_ms, f"incident_{request.act}", what, detail)
        return IncidentAnswer(incident=kept), (noted,)

    def keep(self, incident: Incident) -> Incident:
        """An incident into the records."""
        with self._records.changing():
            return self._records.quality.keep(incident)

    @staticmethod
    def _noted(
        request: QualityRequest, now_ms: int, action: str, what: str, detail: str
    ) -> Audited:
        return Audited(
            at_ms=now_ms,
            who=request.who,
            action=action,
            what=what,
            origin=request.origin,
            detail=detail,
        )


def _grade(name: str) -> Grade:
    return next(one for one in get_args(Grade) if one == name)


def _kind(name: str) -> IncidentKind:
    return next(one for one in get_args(IncidentKind) if one == name)
