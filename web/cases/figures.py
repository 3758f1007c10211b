"""Lists over a span: how long tickets take, how old they are, what customers think, hints."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, tzinfo
from typing import Final

import msgspec
from flask import Blueprint, Response, g, request, url_for
from werkzeug.exceptions import NotFound

from firmware.core.settings import Settings
from firmware.reports.offers import FORMULA, HINT, Offer, offers
from firmware.reports.report import Period, span
from firmware.reports.sheet import value_words
from firmware.storage.errors import StorageError
from firmware.storage.record_reader import ReadRecords
from firmware.tickets.ageing import FORMULAS, Ageing, ageing, open_ages
from firmware.tickets.opinions import opinions
from web.asking import phone, records
from web.cases.tickets import kind_word, now_ms
from web.gate import open_to, the_box
from web.numbers import moment
from web.table import Cell, Column, Row, shown
from web.words import t

blueprint = Blueprint("casefigures", __name__, url_prefix="/tickets/figures")

VIEWS: Final = ("ageing", "ages", "opinions", "offers")
SECONDS: Final = ("response_p50", "response_p90", "solve_p50", "solve_p90", "oldest")

Answer = str | Response | tuple[str, int]


class _Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What stands in the address, and the span it means (wall clock, UTC, ms since 1970)."""

    period: Period
    day: date
    from_ms: int
    until_ms: int


_Table = tuple[list[Column], list[Row], list[str]]
"""Columns, rows, and lines that explain them."""


@blueprint.get("/<view>")
@open_to("owner", "supervisor", "reviewer")
def show(view: str) -> Answer:
    """One of the lists."""
    if view not in VIEWS:
        raise NotFound
    asked, problem = _asked()
    settings = the_box().settings() or Settings()
    columns: list[Column] = []
    rows: list[Row] = []
    notes: list[str] = []
    try:
        with records() as log:
            columns, rows, notes = _MAKE[view](log, asked, settings)
    except StorageError:
        problem = problem or t("figures-unread")
    answer = shown(
        "cases/figures.html",
        view,
        columns,
        rows,
        view=view,
        views=VIEWS,
        asked=asked,
        periods=[str(p) for p in Period],
        notes=notes,
        problem=problem,
    )
    return (answer, 422) if problem and isinstance(answer, str) else answer


def _asked() -> tuple[_Asked, str]:
    today = datetime.now().astimezone().date()
    day, period, problem = today, Period.MONTH, ""
    try:
        day = date.fromisoformat(request.args["day"]) if request.args.get("day") else today
        period = Period(request.args.get("period", str(Period.MONTH)))
    except ValueError:
        problem = t("day-needed", value=request.args.get("day", ""))
    from_ms, until_ms = span(period, day, _zone())
    return _Asked(period=period, day=day, from_ms=from_ms, until_ms=until_ms), problem


def _zone() -> tzinfo:
    return datetime.now().astimezone().tzinfo or UTC


def _formulas() -> list[str]:
    at = 0 if g.language.startswith("zh") else 1
    return [f"{words[at]} = {words[2]}" for words in FORMULAS.values()]


def _ageing(log: ReadRecords, asked: _Asked, _settings: Settings) -> _Table:
    columns = [
        Column("kind", "ticket-kind"),
        *(Column(name, f"ageing.{name}", number=True) for name in FORMULAS),
    ]
    lines = ageing(log.cases.lives(asked.from_ms, asked.until_ms), now_ms())
    return columns, [_age_row(line) for line in lines], _formulas()


def _age_row(line: Ageing) -> Row:
    cells = {"kind": Cell(kind_word(line.kind) if line.kind else t("ageing-all"))}
    for name in FORMULAS:
        value = getattr(line, name)
        if name in SECONDS:
            cells[name] = Cell(lasting(value), -1 if value is None else value)
        elif name == "in_time":
            cells[name] = Cell(value_words("share", value), -1 if value is None else value)
        else:
            cells[name] = Cell(str(value), value)
    return cells


def _ages(log: ReadRecords, _asked_for: _Asked, _settings: Settings) -> _Table:
    columns = [
        Column("reference", "ticket-reference"),
        Column("kind", "ticket-kind"),
        Column("owner", "ticket-owner"),
        Column("age", "ageing-age", number=True),
        Column("left", "ageing-left", number=True),
    ]
    rows: list[Row] = []
    lives = log.cases.lives()
    numbers = {life.reference: life.ticket for life in lives}
    for age in open_ages(lives, now_ms()):
        href = url_for("tickets.show", ticket=numbers[age.reference])
        rows.append(
            {
                "reference": Cell(age.reference, href=href),
                "kind": Cell(kind_word(age.kind)),
                "owner": Cell(age.owner),
                "age": Cell(lasting(age.age_s), age.age_s),
                "left": Cell(lasting(age.left_s), age.left_s, mood="bad" if age.left_s < 0 else ""),
            }
        )
    return columns, rows, []


def _opinions(log: ReadRecords, asked: _Asked, settings: Settings) -> _Table:
    columns = [
        Column("at", "opinion-at"),
        Column("reference", "ticket-reference"),
        Column("kind", "ticket-kind"),
        Column("words", "ticket-summary"),
        Column("owner", "ticket-owner"),
        Column("number", "desk-number"),
        Column("state", "state"),
        Column("solution", "opinion-solution"),
    ]
    opened = log.cases.tickets_opened(asked.from_ms, asked.until_ms)
    found = opinions(f"{asked.day:%Y-%m}", settings.cases, opened)
    numbers = {ticket.reference: ticket.ticket for ticket in opened}
    rows: list[Row] = [
        {
            "at": Cell(moment(one.at_ms), one.at_ms),
            "reference": Cell(
                one.reference, href=url_for("tickets.show", ticket=numbers[one.reference])
            ),
            "kind": Cell(kind_word(one.kind)),
            "words": Cell(one.words),
            "owner": Cell(one.owner),
            "number": Cell(phone(one.number)),
            "state": Cell(t(f"ticket.{one.state}")),
            "solution": Cell(one.solution),
        }
        for one in found.opinions
    ]
    counts = [f"{kind_word(kind)}: {count}" for kind, count in found.counts.items()]
    return columns, rows, counts or [t("opinion-no-kinds")]


def _offers(log: ReadRecords, asked: _Asked, settings: Settings) -> _Table:
    columns = [
        Column("code", "offer-code"),
        Column("text", "offer-text"),
        Column("told", "offer-told", number=True),
        Column("accepted", "offer-accepted", number=True),
        Column("share", "offer-share", number=True),
    ]
    texts = {hint.code: hint.text for hint in reversed(settings.desk.hints)}
    visits = log.facts(asked.from_ms, asked.until_ms).visits
    marks = log.cases.marked_calls(HINT, asked.from_ms, asked.until_ms)
    rows = [_offer_row(line) for line in offers(visits, marks, texts)]
    return columns, rows, [f"{t('offer-share')} = {FORMULA}"]


def _offer_row(line: Offer) -> Row:
    return {
        "code": Cell(line.code or "–"),
        "text": Cell(line.text if line.code else t("offer-none")),
        "told": Cell(str(line.told), line.told),
        "accepted": Cell(str(line.accepted), line.accepted),
        "share": Cell(value_words("share", line.share), -1 if line.share is None else line.share),
    }


_MAKE: Final[dict[str, Callable[[ReadRecords, _Asked, Settings], _Table]]] = {
    "ageing": _ageing,
    "ages": _ages,
    "opinions": _opinions,
    "offers": _offers,
}


def lasting(seconds: int | None) -> str:
    """``3:05`` in hours and minutes; with a minus for what is overdue."""
    if seconds is None:
        return "–"
    hours, rest = divmod(abs(seconds), 3_600)
    return f"{'-' if seconds < 0 else ''}{hours}:{rest // 60:02d}"
