"""Reports: any day, week or month, divided as wanted, as a page and as CSV."""

from __future__ import annotations

import csv
import io
from datetime import date, datetime

import msgspec
from flask import Blueprint, Response, current_app, g, render_template, request

from firmware.core.report_settings import Reports, Target, target_of
from firmware.reports.facts import Facts
from firmware.reports.policy import rules
from firmware.reports.report import SHOWN, By, Period, Row, report, span
from firmware.reports.sheet import sheet
from firmware.storage.errors import StorageError
from firmware.storage.export import BYTE_ORDER_MARK, inert
from firmware.storage.record_reader import ReadRecords
from web.export import csv_file, taken_away
from web.gate import open_to, the_box
from web.reports.comparing import part_name
from web.reports.present import shown
from web.words import t

blueprint = Blueprint("reports", __name__, url_prefix="/reports")

Answer = str | tuple[str, int]


@blueprint.get("/")
@open_to("owner", "supervisor", "reviewer")
def show() -> Answer:
    """Figures of a day, a week or a month."""
    period, by, day, problem = _asked()
    rows = [] if problem else _rows(period, by, day)
    page = render_template(
        "reports/show.html",
        problem=problem,
        periods=[str(p) for p in Period],
        divisions=[str(b) for b in By],
        period=str(period),
        by=str(by),
        day=day.isoformat(),
        parts=[
            (
                part_name(by, row.key) if row.key else "",
                [
                    shown(code, found, g.language, _target(code, day, by, row.key))
                    for code, found in row.figures.items()
                ],
            )
            for row in rows
        ],
        rules=rules(g.language),
    )
    return page, 422 if problem else 200


@blueprint.get("/figures.csv")
@open_to("owner", "supervisor", "reviewer")
def as_csv() -> Response | Answer:
    """The same for a spreadsheet."""
    period, by, day, problem = _asked()
    if problem:
        return render_template("problem.html", sentence=problem), 422
    text = io.StringIO()
    table = csv.writer(text)
    table.writerow([t("part"), t("code"), t("figure"), t("value"), t("top"), t("bottom")])
    for row in _rows(period, by, day):
        for code, found in row.figures.items():
            seen = shown(code, found, g.language)
            cells = (row.key, code, seen.name, found.value, found.top, found.bottom)
            table.writerow(["" if cell is None else inert(str(cell)) for cell in cells])
    return csv_file(f"figures-{day}-{period}", BYTE_ORDER_MARK + text.getvalue())


@blueprint.get("/report.pdf")
@open_to("owner", "supervisor", "reviewer")
def as_pdf() -> Response | Answer:
    """The whole report on paper, in the reader's language."""
    from firmware.reports.paper import NoFontError, paper  # its library takes long to load

    period, _, day, problem = _asked()
    if problem:
        return render_template("problem.html", sentence=problem), 422
    known = the_box().settings()
    wanted = known.reports if known else Reports()
    made = sheet(
        _facts(period, day) or Facts(),
        period=period,
        day=day,
        language=g.language,
        office=wanted.office,
        targets=wanted.targets,
    )
    try:
        body = paper(made, datetime.now().astimezone())
    except NoFontError as missing:
        return render_template("problem.html", sentence=str(missing)), 503
    return taken_away(body, f"report-{day}-{period}.pdf", "application/pdf")


def _target(code: str, day: date, by: By, key: str) -> Target | None:
    """Of the office, or a queue's or an agent's own."""
    known = the_box().settings()
    if known is None or (key and by not in {By.QUEUE, By.AGENT}):
        return None
    return target_of(known.reports.targets, code, day, key)


def _asked() -> tuple[Period, By, date, str]:
    today = datetime.now().astimezone().date()
    period, by = request.args.get("period", "day"), request.args.get("by", "whole")
    given = request.args.get("day", "")
    try:
        day = date.fromisoformat(given) if given else today
    except ValueError:
        return Period.DAY, By.WHOLE, today, t("day-needed", value=given)
    if period not in {str(p) for p in Period} or by not in {str(b) for b in By}:
        return Period.DAY, By.WHOLE, day, t("bad-request")
    return Period(period), By(by), day, ""


def _facts(period: Period, day: date) -> Facts | None:
    zone = datetime.now().astimezone().tzinfo
    assert zone is not None  # noqa: S101  # astimezone gives one
    try:
        with ReadRecords.open(current_app.extensions["records"]) as records:
            records.show_to(g.account.roles if g.account else ())
            facts = records.facts(*span(period, day, zone))
    except StorageError:
        return None
    known = the_box().settings()
    return msgspec.structs.replace(facts, line_count=len(known.lines) if known else 0)


def _rows(period: Period, by: By, day: date) -> list[Row]:
    facts = _facts(period, day)
    return [] if facts is None else report(facts, by=by, codes=SHOWN)
