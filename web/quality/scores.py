"""Conversations that were listened to: the mean of each agent, and the sheet of one call."""

from __future__ import annotations

from typing import Final

from flask import Blueprint, Response, redirect, render_template, request, url_for
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response as BaseResponse

from firmware.control.quality_messages import ScoreCall, ScoredAnswer
from firmware.core.acd_entries import AgentJoined
from firmware.core.quality_settings import ScoreSheet
from firmware.core.settings import Settings
from firmware.quality.score import CHOICES, Score
from firmware.reports.facts import Facts, ScoreFact
from firmware.reports.measures import figure
from firmware.reports.sheet import value_words
from firmware.storage.errors import StorageError
from web.asking import RefusedError, ask, asker, records
from web.desk.present import queue_name
from web.gate import open_to, the_box
from web.numbers import moment
from web.table import Cell, Column, shown
from web.words import WORDS, t

blueprint = Blueprint("scores", __name__, url_prefix="/scores")

ROLES: Final = ("reviewer", "supervisor", "owner")
COLUMNS: Final = (
    Column("call", "review-call"),
    Column("agent", "ticket-owner"),
    Column("queue", "to.queue"),
    Column("sheet", "score-sheet"),
    Column("points", "score-points", number=True),
    Column("who", "score-who"),
    Column("at", "score-when"),
)

Answer = str | BaseResponse | tuple[str, int]


@blueprint.get("/")
@open_to(*ROLES)
def index() -> str | Response:
    """Means of agents with their counts; below what was listened to, the newest first."""
    try:
        with records() as log:
            found = log.quality.scores()
    except StorageError:
        found = []
    agents = sorted({score.agent for score in found})
    known = the_box().settings()
    return shown(
        "quality/scores.html",
        "scores",
        COLUMNS,
        [_row(score, known) for score in found],
        agents=[_mean(agent, found, known) for agent in agents],
    )


def _row(score: Score, known: Settings | None) -> dict[str, Cell]:
    return {
        "call": Cell(score.call, href=url_for(".show", call=score.call)),
        "agent": Cell(_person(score.agent, known)),
        "queue": Cell(queue_name(known, score.queue)),
        "sheet": Cell(score.sheet),
        "points": Cell(f"{score.points:.1f}", score.points),
        "who": Cell(score.who),
        "at": Cell(moment(score.at_ms), score.at_ms),
    }


def _mean(agent: str, scores: list[Score], known: Settings | None) -> tuple[str, str, int, str]:
    """Name, mean, count, and how often the surname was said twice; by the reports' own figures."""
    facts = Facts(
        scores=tuple(
            ScoreFact(
                call=s.call,
                at_ms=s.at_ms,
                sheet=s.sheet,
                agent=s.agent,
                queue=s.queue,
                points=s.points,
                marks=s.marks,
            )
            for s in scores
            if s.agent == agent
        )
    )
    mean, named = figure("quality", facts), figure("surname_ok", facts)
    said = ""
    if named.bottom:
        share = value_words("share", named.value)
        said = t("score-surname", top=int(named.top), bottom=int(named.bottom), share=share)
    return _person(agent, known), value_words("mean", mean.value), int(mean.bottom or 0), said


def _person(number: str, known: Settings | None) -> str:
    name = next((a.name for a in known.acd.agents if a.number == number), "") if known else ""
    return f"{name} {number}".strip()


@blueprint.get("/<call>")
@open_to(*ROLES)
def show(call: str) -> Answer:
    """The sheet of one call, to be filled in while it is heard."""
    return _page(call)


@blueprint.post("/<call>")
@open_to(*ROLES)
def keep(call: str) -> Answer:
    """What was chosen."""
    typed = request.form
    marks = {
        name.removeprefix("mark."): value.strip()
        for name, value in typed.items()
        if name.startswith("mark.") and value.strip()
    }
    wanted = ScoreCall(
        call=call,
        marks=marks,
        sheet=typed.get("sheet", ""),
        agent=typed.get("agent", ""),
        **asker(),
    )
    try:
        ask(wanted, ScoredAnswer)
    except RefusedError as refused:
        return _page(call, refused.problems, refused.sentence), 422
    return redirect(url_for(".index"), code=303)


def item_word(name: str) -> str:
    """What is looked at, in the reader's language where it is the box's own item."""
    key = f"score-item.{name}"
    return t(key) if key in WORDS else name


def _page(call: str, problems: dict[str, str] | None = None, sentence: str = "") -> str:
    try:
        with records() as log:
            record = log.call(call)
            before = log.quality.scores(call=call)
            heard = [e.entry.agent for e in log.events(call) if isinstance(e.entry, AgentJoined)]
    except StorageError:
        record = None
    if record is None:
        raise NotFound
    known = the_box().settings()
    sheets = known.quality.sheets if known is not None else ()
    name = request.values.get("sheet", "")
    sheet = next((one for one in sheets if name in {"", one.name}), ScoreSheet(name=name))
    kept = next((one.marks for one in before if one.sheet == sheet.name), {})
    typed = {item.name: request.form.get(f"mark.{item.name}", "") for item in sheet.items}
    return render_template(
        "quality/score.html",
        record=record,
        before=before,
        sheets=[one.name for one in sheets],
        sheet=sheet,
        choices=CHOICES,
        agents=[(one, _person(one, known)) for one in dict.fromkeys(heard)],
        agent=request.form.get("agent", ""),
        marks={name: typed[name] or kept.get(name, "") for name in typed},
        item_word=item_word,
        problems=problems or {},
        sentence=sentence,
    )
