"""The five pages of the first steps, and their live parts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from flask import Blueprint, abort, current_app, g, redirect, render_template, request, url_for
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
    Status,
)
from firmware.core.countries import COUNTRIES
from firmware.core.events import LineMeasured
from ivr.kit import items
from web.asking import phone
from web.gate import open_to, the_box, visitors
from web.jacks.routes import MEASURE_MS
from web.prompts.routes import own_prompts, upload
from web.saving import current, keep
from web.setup.steps import (
    DAYS,
    GREETING,
    STEPS,
    connected,
    hours_shown,
    hours_typed,
    lifted,
    line_verdict,
    places,
    step_after,
    step_before,
    with_names,
)
from web.signin.routes import FIRST_STEPS
from web.status.present import jack, names_of
from web.stream import live as live_parts
from web.words import LANGUAGES, t

RINGS: Final = frozenset({"new", "alerted", "offering"})
"""States of a call from outside whose line rings yet."""

blueprint = Blueprint("setup", __name__, url_prefix="/setup")

NOTE = FIRST_STEPS
DONE = "done"
PARTS = ("phones", "test-call")

Answer = str | Response | tuple[str, int]


def unfinished() -> bool:
    """Whether somebody began and did not come to the end."""
    return visitors().note(NOTE) not in {"", DONE}


@blueprint.get("/")
@open_to("owner", "installer")
def index() -> Answer:
    """Where one was the last time."""
    step = visitors().note(NOTE)
    return redirect(url_for(".show", step=step if step in STEPS else STEPS[0]))


@blueprint.get("/<step>")
@open_to("owner", "installer")
def show(step: str) -> Answer:
    """One page."""
    if step not in STEPS:
        abort(404)
    return _page(step)


@blueprint.get("/live")
@open_to("owner", "installer")
def live() -> Response:
    """Handsets that are lifted, and the test call."""
    return live_parts("setup", PARTS, _parts)


@blueprint.post("/office")
@open_to("owner", "installer")
def save_office() -> Answer:
    """Country and language."""
    version, document = current()
    country, language = request.form.get("country", ""), request.form.get("language", "")
    if country not in COUNTRIES or language not in LANGUAGES:
        return _page("office", {"": t("bad-request")}, 422)
    return _saved("office", {**document, "country": country, "language": language}, version)


@blueprint.post("/lines/<int:number>")
@open_to("owner", "installer")
def test_line(number: int) -> Answer:
    """Measure a line and fit its port to it."""
    answer = the_box().ask(MeasureNow(port=f"fxo/{number}"), answer_ms=MEASURE_MS)
    if isinstance(answer, MeasuredAnswer):
        _measured()[f"fxo/{number}"] = answer.measured
        return redirect(url_for(".show", step="lines", tested=number), code=303)
    sentence = answer.message if isinstance(answer, Refused) else t("failed")
    return _page("lines", {f"line-{number}": sentence}, 409)


@blueprint.post("/lines")
@open_to("owner", "installer")
def leave_lines() -> Answer:
    """On to the telephones."""
    return _go_on("lines")


@blueprint.post("/telephones")
@open_to("owner", "installer")
def save_telephones() -> Answer:
    """Names and numbers."""
    version, document = current()
    return _saved("telephones", with_names(document, request.form), version)


@blueprint.post("/hours")
@open_to("owner", "installer")
def save_hours() -> Answer:
    """When the office is open."""
    version, document = current()
    hours, problems = hours_typed(document.get("hours") or {}, request.form, g.language)
    if problems:
        return _page("hours", problems, 422)
    return _saved("hours", {**document, "hours": hours}, version)


@blueprint.post("/greeting")
@open_to("owner", "installer")
def save_greeting() -> Answer:
    """The owner's voice, from a file."""
    file = request.files.get("file")
    data = file.read() if file else b""
    if not data:
        return _page("greeting", {"file": t("greeting-needed")}, 422)
    answer = upload(data, _spoken(), GREETING, "")
    if isinstance(answer, Refused):
        return _page("greeting", {"file": answer.message}, 422)
    return redirect(url_for(".show", step="greeting", done=1), code=303)


@blueprint.post("/done")
@open_to("owner", "installer")
def finish() -> Answer:
    """To the overview, and no more reminders."""
    visitors().keep_note(NOTE, DONE)
    return redirect(url_for("status.overview"), code=303)


# --- what they have in common ---------------------------------------------------------------------


def _saved(step: str, wanted: dict[str, Any], version: int) -> Answer:
    problems = keep(wanted, base=version, why=t("setup-saved-why", step=t(f"setup.{step}")))
    if problems:
        return _page(step, places(wanted, problems) if step == "telephones" else problems, 422)
    return _go_on(step)


def _go_on(step: str) -> Answer:
    after = step_after(step)
    if visitors().note(NOTE) != DONE:
        visitors().keep_note(NOTE, after)
    return redirect(url_for(".show", step=after), code=303)


def _page(
    step: str, problems: Mapping[str, str] | None = None, status: int = 200
) -> tuple[str, int]:
    _, document = current()
    values: dict[str, Any] = {
        "step": step,
        "steps": STEPS,
        "before": step_before(step),
        "after": step_after(step),
        "problems": problems or {},
        "typed": request.form if problems else None,
        "done": "done" in request.args,
        "document": document,
    }
    if step in {"telephones", "lines", "greeting"}:
        values["parts"] = _parts(the_box().status(), PARTS)
    match step:
        case "office":
            values |= {"countries": tuple(COUNTRIES), "languages": LANGUAGES}
        case "lines":
            values["lines"] = _lines()
            values["tested"] = request.args.get("tested", "")
        case "telephones":
            rows = [(row, jack(row["port"], g.language)) for row in document["extensions"]]
            values["telephones"] = rows
        case "hours":
            values |= {"hours": hours_shown(document.get("hours") or {}), "days": DAYS}
        case _:
            values |= _greeting(document)
    return render_template(f"setup/{step}.html", **values), status


def _lines() -> list[dict[str, Any]]:
    """Every line with its verdict; none while the lines' program is away."""
    readings = the_box().ask(AskLines(language=g.language))
    checks = the_box().ask(AskChecklist())
    found: tuple[Reading, ...] = readings.readings if isinstance(readings, LinesAnswer) else ()
    told = readings.verdicts if isinstance(readings, LinesAnswer) else {}
    by_port = {c.port: c for c in checks.lines} if isinstance(checks, ChecklistAnswer) else {}
    names = names_of(the_box().status(), g.language)
    rows = []
    for reading in found:
        if not reading.port.startswith("fxo/"):
            continue
        check, measured = by_port.get(reading.port), _measured().get(reading.port)
        verdict, good = line_verdict(reading, check, measured, g.language)
        rows.append(
            {
                "number": reading.port.partition("/")[2],
                "name": names.get(reading.port) or jack(reading.port, g.language),
                "fed": connected(reading),
                "verdict": verdict,
                "good": good,
                "detail": told.get(reading.port, ""),
            }
        )
    return rows


def _measured() -> dict[str, LineMeasured]:
    """What lines were found to be on this page since it was started."""
    found: dict[str, LineMeasured] = current_app.extensions["measured"]
    return found


def _greeting(document: Mapping[str, Any]) -> dict[str, Any]:
    language = _spoken()
    card = the_box().ask(AskCard(language=g.language))
    first = next((r for r in document["extensions"] if r["number"] == "201"), None)
    return {
        "language": language,
        "own": next(
            (p for p in own_prompts() if (p.language, p.key) == (language, GREETING)), None
        ),
        "code": card.codes.get("record_prompts", "") if isinstance(card, CardAnswer) else "",
        "number": next((i.label for i in items(language) if i.key == GREETING), ""),
        "first": (first["name"] or first["number"]) if first else "201",
    }


def _spoken() -> str:
    """The language that callers hear first."""
    known = the_box().settings()
    return known.language if known is not None else LANGUAGES[0]


def _parts(status: Status | None, names: Sequence[str]) -> dict[str, str]:
    """The live parts as HTML."""
    return {name: _part(name, status) for name in names}


def _part(name: str, status: Status | None) -> str:
    ports = () if status is None else status.ports
    called = names_of(status, g.language)
    if name == "phones":
        phones = [
            (jack(p.port, g.language), called.get(p.port, p.port), p.port, lifted(p))
            for p in ports
            if p.port.startswith("fxs/")
        ]
        return render_template("setup/phones_part.html", phones=phones)
    calls = () if status is None else [c for c in status.calls if c.direction == "inbound"]
    seen = [
        t(
            "test-call-rings" if call.state in RINGS else "test-call-talks",
            line=called.get(call.parties[0], call.parties[0]) if call.parties else "",
            caller=phone(call.caller) or t("unknown"),
        )
        for call in calls
    ]
    return render_template("setup/call_part.html", calls=seen)
