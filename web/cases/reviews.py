"""Bad marks that are looked into: the call is heard, a cause is found, something is done."""

from __future__ import annotations

from typing import Final

from flask import Blueprint, Response, redirect, render_template, request, url_for
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response as BaseResponse

from firmware.control.case_messages import EndReview, ReviewsAnswer
from firmware.core.case_settings import CaseSettings
from firmware.quality.review import Review, pareto
from firmware.storage.errors import StorageError
from web.asking import RefusedError, ask, asker, records
from web.cases.tickets import now_ms
from web.desk.caller import notes_of
from web.desk.present import queue_name
from web.gate import open_to, the_box
from web.numbers import moment
from web.table import Cell, Column, shown
from web.words import WORDS, t

blueprint = Blueprint("reviews", __name__, url_prefix="/reviews")

ROLES: Final = ("reviewer", "supervisor", "owner")
COLUMNS: Final = (
    Column("review", "review-number", number=True),
    Column("call", "review-call"),
    Column("agent", "ticket-owner"),
    Column("queue", "to.queue"),
    Column("mark", "review-mark"),
    Column("due", "ticket-due"),
    Column("state", "state"),
    Column("cause", "review-cause"),
)

Answer = str | BaseResponse | tuple[str, int]


@blueprint.get("/")
@open_to(*ROLES)
def index() -> str | Response:
    """Those that are open first, the most urgent first; and what causes were found how often."""
    try:
        with records() as log:
            every = log.cases.reviews()
    except StorageError:
        every = []
    found = every if "all" in request.args else [one for one in every if one.state == "open"]
    now = now_ms()
    return shown(
        "cases/reviews.html",
        "reviews",
        COLUMNS,
        [_row(one, now) for one in found],
        causes=[(cause_word(one.cause), one) for one in pareto(every)],
    )


def _row(review: Review, now: int) -> dict[str, Cell]:
    late = review.state == "open" and review.due_ms < now
    return {
        "review": Cell(
            str(review.review), review.review, href=url_for(".show", review=review.review)
        ),
        "call": Cell(review.call, href=url_for("stories.show", call=review.call)),
        "agent": Cell(review.agent),
        "queue": Cell(queue_name(the_box().settings(), review.queue)),
        "mark": Cell(mark_words(review), review.key),
        "due": Cell(moment(review.due_ms), review.due_ms, mood="bad" if late else ""),
        "state": Cell(t(f"review.{review.state}")),
        "cause": Cell(cause_word(review.cause), small=review.action),
    }


def mark_words(review: Review) -> str:
    """A mark with its scale: of two keys 2 is bad, of five 5 is best."""
    if review.scale == 2:
        return t("mark-good") if review.key == 1 else t("mark-bad")
    return t("mark-of-five", n=review.key)


def cause_word(cause: str) -> str:
    """A cause that we know in the reader's language."""
    return t(f"cause.{cause}") if f"cause.{cause}" in WORDS else cause


@blueprint.get("/<int:review>")
@open_to(*ROLES)
def show(review: int) -> Answer:
    """One review with its call, to be heard and decided."""
    return _page(review)


@blueprint.post("/<int:review>")
@open_to(*ROLES)
def decide(review: int) -> Answer:
    """The cause that was found, and what is done about it."""
    typed = request.form
    wanted = EndReview(
        review=review, cause=typed.get("cause", ""), action=typed.get("action", ""), **asker()
    )
    try:
        ask(wanted, ReviewsAnswer)
    except RefusedError as refused:
        return _page(review, refused.problems), 422
    return redirect(url_for(".index"), code=303)


def _page(number: int, problems: dict[str, str] | None = None) -> str:
    try:
        with records() as log:
            review = log.cases.review(number)
            record = log.call(review.call) if review is not None else None
            notes = notes_of(e.entry for e in log.events(review.call)) if review else ()
    except StorageError:
        review = None
    if review is None:
        raise NotFound
    known = the_box().settings()
    return render_template(
        "cases/review.html",
        review=review,
        record=record,
        notes=notes,
        mark=mark_words(review),
        queue=queue_name(known, review.queue),
        causes=known.cases.causes if known is not None else CaseSettings().causes,
        cause_word=cause_word,
        typed=request.form,
        problems=problems or {},
        late=review.state == "open" and review.due_ms < now_ms(),
    )
