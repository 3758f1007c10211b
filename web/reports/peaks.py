"""Peak waits by half-hour beside what was changed meanwhile: whether a change made them shorter."""

from __future__ import annotations

from datetime import date, datetime
from typing import Final

import msgspec
from flask import Blueprint, render_template, request

from firmware.control.messages import AskHistory, HistoryAnswer
from firmware.reports.facts import Facts
from firmware.reports.report import Period, span
from firmware.reports.sheet import value_words
from firmware.reports.waits import Change, waits
from firmware.storage.errors import StorageError
from web.asking import records
from web.desk.present import queue_name
from web.gate import open_to, the_box
from web.reports.peak_chart import peak_chart
from web.words import t

blueprint = Blueprint("peaks", __name__, url_prefix="/reports/waits")

PERIODS: Final = (Period.DAY, Period.WEEK)
"""A month has more half-hours than a screen has room for."""

Answer = str | tuple[str, int]


@blueprint.get("/")
@open_to("owner", "supervisor", "reviewer")
def show() -> Answer:
    """The picture, and everything in it as a table."""
    known = the_box().settings()
    queues = {q.number: queue_name(known, q.number) for q in known.acd.queues} if known else {}
    now = datetime.now().astimezone()
    zone = now.tzinfo
    assert zone is not None  # noqa: S101  # astimezone gives one
    args = request.args
    period, queue, day, problem = args.get("period", "day"), args.get("queue", ""), now.date(), ""
    try:
        day = date.fromisoformat(args["day"]) if args.get("day") else day
    except ValueError:
        problem = t("day-needed", value=args["day"])
    if period not in {str(p) for p in PERIODS} or (queue and queue not in queues):
        period, queue, problem = "day", "", t("bad-request")
    begin_ms, end_ms = span(Period(period), day, zone)
    rows = []
    if not problem:
        rows = waits(_facts(begin_ms, end_ms, queue), _changes(), begin_ms, end_ms, zone)
    page = render_template(
        "reports/peaks.html",
        problem=problem,
        periods=[str(p) for p in PERIODS],
        period=period,
        day=day.isoformat(),
        queues=queues,
        queue=queue,
        rows=rows,
        chart=peak_chart(rows, begin_ms, end_ms),
        seconds=lambda value: value_words("seconds", value),
        clock=lambda ms: datetime.fromtimestamp(ms / 1000, zone).strftime("%m-%d %H:%M"),
    )
    return page, 422 if problem else 200


def _facts(begin_ms: int, end_ms: int, queue: str) -> Facts:
    try:
        with records() as log:
            facts = log.facts(begin_ms, end_ms)
    except StorageError:
        return Facts()
    if not queue:
        return facts
    wanted = tuple(visit for visit in facts.visits if visit.queue == queue)
    return msgspec.structs.replace(facts, visits=wanted)


def _changes() -> list[Change]:
    """Versions of the settings, each with the moment it came into force."""
    answer = the_box().ask(AskHistory())
    if not isinstance(answer, HistoryAnswer):
        return []
    return [
        Change(
            at_ms=round(datetime.fromisoformat(one.written_at).timestamp() * 1000),
            version=one.version,
            who=one.who,
            why=one.why,
        )
        for one in answer.versions
    ]
