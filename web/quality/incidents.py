"""What went wrong, until when and by whom it is dealt with; drills begun and ended."""

from __future__ import annotations

from typing import Final

import msgspec
from flask import Blueprint, Response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from firmware.control.quality_messages import (
    AskDrill,
    ChangeIncident,
    DrillAnswer,
    EndDrill,
    IncidentAnswer,
    OpenIncident,
    StartDrill,
)
from firmware.quality import drill
from firmware.quality.incident import GRADES, KINDS, Incident
from firmware.storage.errors import StorageError
from web.asking import RefusedError, ask, asker, kept, records
from web.cases.tickets import now_ms
from web.gate import open_to
from web.numbers import moment
from web.table import Cell, Column, shown
from web.words import t

blueprint = Blueprint("incidents", __name__, url_prefix="/incidents")

ROLES: Final = ("owner", "supervisor", "installer")
COLUMNS: Final = (
    Column("incident", "incident-number", number=True),
    Column("title", "incident-title"),
    Column("grade", "incident-grade"),
    Column("kind", "incident-kind"),
    Column("state", "state"),
    Column("handler", "incident-handler"),
    Column("due", "incident-due"),
)

Answer = str | BaseResponse | tuple[str, int]


@blueprint.get("/")
@open_to(*ROLES)
def index() -> str | Response:
    """Those that are not closed first, the most urgent first; the drill that is on."""
    return _index()


def _index(problems: dict[str, str] | None = None) -> str | Response:
    try:
        with records() as log:
            every = log.quality.incidents()
    except StorageError:
        every = []
    now = now_ms()
    return shown(
        "quality/incidents.html",
        "incidents",
        COLUMNS,
        [_row(one, now) for one in every],
        problems=problems or {},
        typed=request.form,
        grades=tuple(GRADES),
        kinds=KINDS,
        drills=drill.KINDS,
        longest=drill.LONGEST_MIN,
        running=_running(),
    )


def _running() -> DrillAnswer | None:
    try:
        found = ask(AskDrill(**asker()), DrillAnswer)
    except RefusedError:
        return None
    return found if found.report is not None else None


def _row(incident: Incident, now: int) -> dict[str, Cell]:
    late = incident.state != "closed" and incident.due_ms < now
    return {
        "incident": Cell(
            str(incident.incident),
            incident.incident,
            href=url_for(".show", incident=incident.incident),
        ),
        "title": Cell(incident.title, small=t("incident-drill") if incident.drill else ""),
        "grade": Cell(t(f"grade.{incident.grade}"), GRADES[incident.grade]),
        "kind": Cell(t(f"incident-kind.{incident.kind}")),
        "state": Cell(t(f"incident-state.{incident.state}")),
        "handler": Cell(incident.handler),
        "due": Cell(moment(incident.due_ms), incident.due_ms, mood="bad" if late else ""),
    }


@blueprint.post("/")
@open_to(*ROLES)
def add() -> Answer:
    """Something went wrong."""
    typed = request.form
    wanted = OpenIncident(
        grade=typed.get("grade", ""),
        kind=typed.get("kind", ""),
        title=typed.get("title", ""),
        **asker(),
    )
    try:
        answer = ask(wanted, IncidentAnswer)
    except RefusedError as refused:
        return _refused(refused)
    return redirect(url_for(".show", incident=answer.incident.incident), code=303)


def _refused(refused: RefusedError) -> tuple[str, int]:
    page = _index(refused.problems)
    return (page if isinstance(page, str) else page.get_data(as_text=True)), 422


@blueprint.post("/drill")
@open_to("owner", "installer")
def begin_drill() -> Answer:
    """Take something away for some minutes."""
    typed = request.form
    minutes = typed.get("minutes", "")
    wanted = StartDrill(
        kind=typed.get("drill", ""),
        minutes=int(minutes) if minutes.isascii() and minutes.isdecimal() else 0,
        sure="sure" in typed,
        **asker(),
    )
    try:
        answer = ask(wanted, IncidentAnswer)
    except RefusedError as refused:
        return _refused(UnderFieldError("drill", refused))
    return redirect(url_for(".show", incident=answer.incident.incident), code=303)


class UnderFieldError(RefusedError):
    """A refusal whose sentence stands beside one field."""

    def __init__(self, field: str, refused: RefusedError) -> None:
        Exception.__init__(self, refused.sentence)
        self.key, self.sentence = refused.key, refused.sentence
        self.fields = {field: refused.sentence}


@blueprint.post("/drill/end")
@open_to("owner", "installer", "supervisor")
def end_drill() -> Answer:
    """Give it back."""
    try:
        answer = ask(EndDrill(**asker()), IncidentAnswer)
    except RefusedError as refused:
        return _refused(refused)
    return redirect(url_for(".show", incident=answer.incident.incident), code=303)


@blueprint.get("/<int:incident>")
@open_to(*ROLES)
def show(incident: int) -> Answer:
    """One incident, with what its drill showed."""
    return _page(incident)


@blueprint.post("/<int:incident>")
@open_to(*ROLES)
def change(incident: int) -> Answer:
    """Take it, give it to somebody, or close it."""
    typed = request.form
    act = typed.get("act", "")
    wanted = ChangeIncident(
        incident=incident,
        act="close" if act == "close" else "take",
        handler=typed.get("handler", "") if act == "give" else "",
        cause=typed.get("cause", ""),
        action=typed.get("action", ""),
        **asker(),
    )
    try:
        ask(wanted, IncidentAnswer)
    except RefusedError as refused:
        return _page(incident, refused.problems), 422
    return redirect(url_for(".show", incident=incident), code=303)


def _page(number: int, problems: dict[str, str] | None = None) -> str:
    incident = kept(lambda log: log.quality.incident(number))
    report = None
    if incident.report:
        report = msgspec.json.decode(incident.report, type=drill.Report)
    running = _running()
    return render_template(
        "quality/incident.html",
        incident=incident,
        report=report,
        running=running if running and running.incident == number else None,
        typed=request.form,
        problems=problems or {},
        late=incident.state != "closed" and incident.due_ms < now_ms(),
    )
