"""A report: figures of a span of time, whole and by queue, agent, line, hour or kind of contact."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta, tzinfo
from enum import StrEnum
from typing import Final

import msgspec

from firmware.reports.facts import Facts, Visit
from firmware.reports.measures import MEASURES, Figure, figure
from firmware.reports.moments import EPOCH, MS
from firmware.reports.policy import DEFAULT, Policy

DAY_MIN: Final = 24 * 60


class By(StrEnum):
    """How a report is divided."""

    WHOLE = "whole"
    QUEUE = "queue"
    AGENT = "agent"
    LINE = "line"
    TYPE = "type"  # the topic that was keyed
    HOUR = "hour"
    HALF_HOUR = "half_hour"
    DAY = "day"


class Period(StrEnum):
    """How long a report is."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One part of a report with its figures by code."""

    key: str
    figures: dict[str, Figure]


SHOWN: Final = (
    "n",
    "a",
    "b",
    "f",
    "sl",
    "answer",
    "abandon",
    "asa",
    "asa_ring",
    "wait_longest",
    "aht",
    "held",
    "hold_mean",
    "transfer",
    "hung_up_first",
    "occupancy",
    "fcr_repeat",
    "fcr_key",
    "csat_2",
    "csat_5",
    "survey_rate",
    "quality",
    "surname_ok",
    "ring_ok",
    "hold_ok",
    "wrap_ok",
    "promise_ok",
    "vip_ok",
    "all_lines_busy",
    "lost_calls",
)
"""What a report shows unless somebody asks for other figures."""


def span(period: Period, day: date, zone: tzinfo) -> tuple[int, int]:
    """Begin and end (not included) of the day, week (from Monday) or month that holds ``day``.

    Returns:
        UTC, ms since 1970. A day on which clocks are changed has 23 or 25 hours.
    """
    match period:
        case Period.DAY:
            first, after = day, day + timedelta(days=1)
        case Period.WEEK:
            first = day - timedelta(days=day.weekday())
            after = first + timedelta(days=7)
        case Period.MONTH:
            first = day.replace(day=1)
            after = (first + timedelta(days=32)).replace(day=1)
    return _midnight(first, zone), _midnight(after, zone)


def _midnight(day: date, zone: tzinfo) -> int:
    return (datetime(day.year, day.month, day.day, tzinfo=zone) - EPOCH) // MS


def report(
    facts: Facts,
    *,
    by: By = By.WHOLE,
    codes: Sequence[str] = SHOWN,
    policy: Policy = DEFAULT,
) -> list[Row]:
    """Figures of every part, in the order of the parts' names.

    Raises:
        KeyError: a code that no measure has.
    """
    unknown = [code for code in codes if code not in MEASURES]
    if unknown:
        raise KeyError(unknown[0])
    over = tuple(visit for visit in facts.visits if not visit.open)
    facts = msgspec.structs.replace(facts, visits=over, settled=True)
    return [
        Row(key=key, figures={code: figure(code, part, policy) for code in codes})
        for key, part in parts(facts, by)
    ]


def parts(facts: Facts, by: By) -> list[tuple[str, Facts]]:
    """The facts of each part."""
    if by is By.WHOLE:
        return [("", facts)]
    if by is By.AGENT:
        return _by_agent(facts)
    keyed: dict[str, list[Visit]] = {}
    for visit in facts.visits:
        keyed.setdefault(_key(visit, by), []).append(visit)
    found = []
    for key in sorted(keyed):
        part = msgspec.structs.replace(facts, visits=tuple(keyed[key]), spans=(), later=())
        if by is By.QUEUE:
            part = msgspec.structs.replace(
                part,
                surveys=tuple(s for s in facts.surveys if s.queue == key),
                scores=tuple(s for s in facts.scores if s.queue == key),
                tasks=tuple(t for t in facts.tasks if t.queue == key),
                later=tuple(v for v in facts.later if v.queue == key),
            )
        else:
            calls = {visit.call for visit in keyed[key]}
            part = msgspec.structs.replace(
                part,
                surveys=tuple(s for s in facts.surveys if s.call in calls),
                scores=tuple(s for s in facts.scores if s.call in calls),
            )
        if by is By.LINE:
            lines = tuple(use for use in facts.lines if use.line == key)
            part = msgspec.structs.replace(part, lines=lines, line_count=1)
        else:
            part = msgspec.structs.replace(part, lines=())
        found.append((key, part))
    return found


def _key(visit: Visit, by: By) -> str:
    match by:
        case By.QUEUE:
            return visit.queue
        case By.LINE:
            return visit.line
        case By.TYPE:
            return visit.topic
        case By.DAY:
            return _local(visit).strftime("%Y-%m-%d")
        case By.HALF_HOUR:
            local = _local(visit)
            return f"{local:%Y-%m-%d %H}:{local.minute // 30 * 30:02d}{_zone(visit)}"
        case _:
            return f"{_local(visit):%Y-%m-%d %H}:00{_zone(visit)}"


def _local(visit: Visit) -> datetime:
    return EPOCH + MS * visit.arrived_ms + timedelta(minutes=visit.offset_min)


def _zone(visit: Visit) -> str:
    """The offset, so that the hour that comes twice when clocks go back stays two hours."""
    sign = "-" if visit.offset_min < 0 else "+"
    hours, minutes = divmod(abs(visit.offset_min), 60)
    return f"{sign}{hours:02d}:{minutes:02d}"


def _by_agent(facts: Facts) -> list[tuple[str, Facts]]:
    agents = {span.agent for span in facts.spans}
    agents |= {leg.agent for visit in facts.visits for leg in visit.legs}
    agents |= {score.agent for score in facts.scores}
    found = []
    for agent in sorted(agents):
        visits = tuple(
            msgspec.structs.replace(
                visit,
                legs=tuple(leg for leg in visit.legs if leg.agent == agent),
                offers=tuple(offer for offer in visit.offers if offer.agent == agent),
            )
            for visit in facts.visits
            if any(leg.agent == agent for leg in visit.legs)
        )
        part = msgspec.structs.replace(
            facts,
            visits=visits,
            spans=tuple(span for span in facts.spans if span.agent == agent),
            surveys=tuple(s for s in facts.surveys if s.agent == agent),
            scores=tuple(s for s in facts.scores if s.agent == agent),
            tasks=tuple(t for t in facts.tasks if t.agent == agent),
            lines=(),
            paid_ms={name: ms for name, ms in facts.paid_ms.items() if name == agent},
        )
        found.append((agent, part))
    return found
