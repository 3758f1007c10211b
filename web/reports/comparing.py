"""Figures beside each other: in pairs, by group, by topic, by week, and trials of menus."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Any, Final

import msgspec
from flask import Blueprint, g, render_template, request
from werkzeug.exceptions import NotFound

from firmware.control.messages import AskHistory, HistoryAnswer
from firmware.core.menu_entries import NodePassed
from firmware.core.settings import Settings
from firmware.reports.facts import Facts
from firmware.reports.groups import COMPARED, groups
from firmware.reports.interval import FEW
from firmware.reports.measures import MEASURES
from firmware.reports.pairs import pairs
from firmware.reports.report import SHOWN, By, Period, span
from firmware.reports.sheet import days_of, name_of, value_words
from firmware.reports.topics import topics
from firmware.reports.trend import Note, forecast, mondays, trend
from firmware.reports.trial import trials
from firmware.storage.errors import StorageError
from ivr.trials import split_nodes
from web.asking import records
from web.desk.present import queue_name
from web.gate import open_to, the_box
from web.reports.chart import chart
from web.words import t

blueprint = Blueprint("comparing", __name__, url_prefix="/reports/compare")

VIEWS: Final = ("pairs", "groups", "topics", "weeks", "trials")
DIVISIONS: Final = (By.QUEUE, By.AGENT, By.TYPE, By.LINE)

Answer = str | tuple[str, int]


@blueprint.get("/<view>")
@open_to("owner", "supervisor", "reviewer")
def show(view: str) -> Answer:
    """One of the comparisons."""
    if view not in VIEWS:
        raise NotFound
    asked, problem = _asked()
    made: dict[str, Any] = {}
    if not problem:
        try:
            made = _MAKE[view](asked)
        except StorageError:
            made = {}
    page = render_template(
        "reports/compare.html",
        view=view,
        views=VIEWS,
        problem=problem,
        periods=[str(p) for p in Period],
        divisions=[str(b) for b in DIVISIONS],
        figures=[(code, name_of(code, g.language)) for code in _codes(view)],
        asked=asked,
        shown=value_words,
        units={code: measure.unit for code, measure in MEASURES.items()},
        name=lambda code: name_of(code, g.language),
        few=FEW,
        **made,
    )
    return page, 422 if problem else 200


class _Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What stands in the address."""

    period: Period
    day: date
    by: By
    code: str


def _codes(view: str) -> tuple[str, ...]:
    return {"groups": COMPARED, "weeks": SHOWN}.get(view, ())


def _asked() -> tuple[_Asked, str]:
    today = datetime.now().astimezone().date()
    usual = _Asked(period=Period.WEEK, day=today, by=By.QUEUE, code="fcr_key")
    args = request.args
    try:
        day = date.fromisoformat(args["day"]) if args.get("day") else today
    except ValueError:
        return usual, t("day-needed", value=args["day"])
    view = str((request.view_args or {}).get("view", ""))
    usual_code = "sl" if view == "weeks" else "fcr_key"
    code = args.get("figure", usual_code)
    period, by = args.get("period", "week"), args.get("by", "queue")
    fits = period in {str(p) for p in Period} and by in {str(b) for b in DIVISIONS}
    if not fits or (_codes(view) and code not in _codes(view)):
        return usual, t("bad-request")
    return _Asked(period=Period(period), day=day, by=By(by), code=code), ""


def _zone() -> tzinfo:
    zone = datetime.now().astimezone().tzinfo
    assert zone is not None  # noqa: S101  # astimezone gives one
    return zone


def _facts(period: Period, day: date) -> Facts:
    with records() as log:
        return log.facts(*span(period, day, _zone()))


def _pairs(asked: _Asked) -> dict[str, Any]:
    first, _ = days_of(asked.period, asked.day)
    before = _facts(asked.period, first - timedelta(days=1))
    return {"pairs": pairs(_facts(asked.period, asked.day), before)}


def _groups(asked: _Asked) -> dict[str, Any]:
    found = groups(_facts(asked.period, asked.day), asked.by, asked.code)
    return {"groups": [(part_name(asked.by, one.key), one) for one in found]}


def part_name(by: By, key: str) -> str:
    """What people call a queue, an agent, a topic, a line; a dash for none."""
    known = the_box().settings()
    if known is None or not key:
        return key or "–"
    match by:
        case By.QUEUE:
            return queue_name(known, key)
        case By.AGENT:
            found = next((a.name for a in known.acd.agents if a.number == key), "")
            return f"{found} {key}".strip()
        case By.TYPE:
            return f"{topic_names(known).get(key, '')} {key}".strip()
        case _:
            return next((line.name for line in known.lines if line.port == key), key)


def topic_names(settings: Settings | None) -> dict[str, str]:
    """Names of topics; of two queues that name one digit differently the first counts."""
    found: dict[str, str] = {}
    for queue in settings.acd.queues if settings is not None else ():
        for topic, name in queue.topics.items():
            found.setdefault(topic, name)
    return found


def _topics(asked: _Asked) -> dict[str, Any]:
    names = topic_names(the_box().settings())
    return {"topics": topics(_facts(asked.period, asked.day), names)}


def _weeks(asked: _Asked) -> dict[str, Any]:
    weeks = [(first, _facts(Period.WEEK, first)) for first in mondays(asked.day)]
    found = trend(asked.code, weeks, _notes())
    return {"weeks": found, "chart": chart(found), "forecast": forecast(found)}


def _notes() -> list[Note]:
    """Versions of the settings with their reason, and what people noted by hand."""
    known = the_box().settings()
    found = [
        Note(day=date.fromisoformat(note.day), text=note.text)
        for note in (known.reports.notes if known is not None else ())
        if note.day
    ]
    answer = the_box().ask(AskHistory())
    if isinstance(answer, HistoryAnswer):
        zone = _zone()
        found += [
            Note(
                day=datetime.fromisoformat(one.written_at).astimezone(zone).date(),
                text=one.why,
                who=one.who,
                version=one.version,
            )
            for one in answer.versions
            if one.why
        ]
    return found


def _trials(asked: _Asked) -> dict[str, Any]:
    known = the_box().settings()
    nodes = split_nodes(known.flows if known is not None else {})
    begin, end = span(asked.period, asked.day, _zone())
    since = datetime.fromtimestamp(begin / 1000, UTC)
    with records() as log:
        entries = list(log.entries_of("node_passed", since))
        facts = log.facts(begin, end)
    over = {use.call for use in facts.lines} | {visit.call for visit in facts.visits}
    passed = [e for e in entries if isinstance(e, NodePassed) and e.call in over]
    return {"trials": trials(nodes, passed, facts)}


_MAKE: Final = {
    "pairs": _pairs,
    "groups": _groups,
    "topics": _topics,
    "weeks": _weeks,
    "trials": _trials,
}
