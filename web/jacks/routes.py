"""Lines and telephones as their chips and their doctor see them, and the card beside them."""

from __future__ import annotations

from datetime import datetime, timedelta

from flask import Blueprint, abort, g, render_template
from werkzeug.wrappers import Response

from drivers.line import Reading
from firmware.control.messages import (
    AskCard,
    AskChecklist,
    AskLines,
    CardAnswer,
    ChecklistAnswer,
    LinesAnswer,
    MeasuredAnswer,
    MeasureNow,
    Refused,
)
from firmware.storage.errors import StorageError
from web.asking import records
from web.gate import open_to, the_box
from web.jacks.quality import DAYS, HEIGHT, WIDTH, LineQuality, qualities
from web.status.present import names_of
from web.words import t

blueprint = Blueprint("jacks", __name__, url_prefix="/jacks")

MEASURE_MS = 20_000  # a measurement takes some 8 s
CHECKS = ("seize", "dial", "caller_id", "clear")


@blueprint.get("/")
@open_to("owner", "installer", "supervisor")
def show() -> str:
    """Every jack, and what each line has been seen to do."""
    return _page()


@blueprint.post("/measure/<kind>/<int:number>")
@open_to("owner", "installer")
def measure(kind: str, number: int) -> str | tuple[str, int]:
    """Measure a free exchange line and fit its port to it."""
    if kind != "fxo":
        abort(404)
    answer = the_box().ask(MeasureNow(port=f"fxo/{number}"), answer_ms=MEASURE_MS)
    if isinstance(answer, MeasuredAnswer):
        return _page(measured=answer)
    sentence = answer.message if isinstance(answer, Refused) else t("failed")
    return _page(problem=sentence), 409


@blueprint.get("/card")
@open_to()
def card() -> str | Response:
    """The card to print: help, what works without power, codes."""
    answer = the_box().ask(AskCard(language=g.language))
    if not isinstance(answer, CardAnswer):
        abort(503)
    rows = [line.partition("\t") for line in answer.lines]
    return render_template("jacks/card.html", rows=rows)


def _page(measured: MeasuredAnswer | None = None, problem: str = "") -> str:
    lines = the_box().ask(AskLines(language=g.language))
    checks = the_box().ask(AskChecklist())
    readings: tuple[Reading, ...] = lines.readings if isinstance(lines, LinesAnswer) else ()
    if isinstance(lines, Refused) and not problem:
        problem = t("lines-away")
    names = names_of(the_box().status(), g.language)
    return render_template(
        "jacks/show.html",
        telephones=[r for r in readings if r.port.startswith("fxs/")],
        lines=[r for r in readings if not r.port.startswith("fxs/")],
        verdicts=lines.verdicts if isinstance(lines, LinesAnswer) else {},
        checks=checks if isinstance(checks, ChecklistAnswer) else None,
        kinds=CHECKS,
        names=names,
        measured=measured,
        problem=problem,
        qualities=_qualities(),
        days=DAYS,
        high=HEIGHT,
        wide=WIDTH,
    )


def _qualities() -> list[LineQuality]:
    """How calls went over each line lately; nothing while there are no records."""
    now = datetime.now().astimezone()
    try:
        with records() as log:
            return qualities(log.line_days(now - timedelta(days=DAYS)), now.date())
    except StorageError:
        return []
