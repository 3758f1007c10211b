"""A report as people read it: titles, figures with their targets, tables, and the rules. Pure.

The page, the CSV and the paper are made of the same sheet, so they cannot differ.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import Final

import msgspec

from firmware.core.report_settings import Target, target_of
from firmware.reports.facts import Facts
from firmware.reports.measures import MEASURES, Figure
from firmware.reports.policy import DEFAULT, Policy, rules
from firmware.reports.report import SHOWN, By, Period, report

NOTHING: Final = "–"
"""What a table shows where there is nothing to divide by."""

TABLE: Final = ("n", "a", "b", "f", "sl", "abandon", "asa", "aht")
AGENTS: Final = (
    "a",
    "aht",
    "hold_mean",
    "hung_up_first",
    "ring_ok",
    "occupancy",
    "csat_2",
    "quality",
)
LINES: Final = ("n", "a", "b", "line_s", "line_load")

WORDS: Final[dict[str, tuple[str, str]]] = {
    "day": ("日报", "Report of a day"),
    "week": ("周报", "Report of a week"),
    "month": ("月报", "Report of a month"),
    "until": ("{first} 至 {last}", "{first} to {last}"),
    "figures": ("指标", "Figures"),
    "figure": ("指标", "Figure"),
    "value": ("数值", "Value"),
    "made_of": ("算自", "Made of"),
    "target": ("目标", "Target"),
    "met": ("达标", "Met"),
    "yes": ("是", "yes"),
    "no": ("否", "no"),
    "least": ("至少 {value}", "at least {value}"),
    "most": ("至多 {value}", "at most {value}"),
    "by_hour": ("按小时", "By the hour"),
    "by_day": ("按日", "By the day"),
    "by_queue": ("按队列", "By queue"),
    "by_agent": ("按座席", "By agent"),
    "by_line": ("按线路", "By line"),
    "by_type": ("按事由", "By topic"),
    "hour": ("时段", "Hour"),
    "queue": ("队列", "Queue"),
    "agent": ("座席", "Agent"),
    "line": ("线路", "Line"),
    "type": ("事由", "Topic"),
    "rules": ("统计口径", "How it is counted"),
    "formulas": ("公式", "Formulas"),
    "policy": (
        "T = {t} 秒，S = {s} 秒，重复来电 W = {w} 天，服务水平按公式 SL-{level}",
        "T = {t} s, S = {s} s, repeats within W = {w} days, service level by SL-{level}",
    ),
    "page": ("第 {page} 页，共 {of} 页", "Page {page} of {of}"),
    "answered": ("接听", "answered"),
    "not_answered": ("未接听", "not answered"),
}


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One figure. ``met`` is None without a target or a value; ``calls`` are those behind it."""

    code: str
    name: str
    value: str
    parts: str
    formula: str
    note: str = ""
    target: str = ""
    met: bool | None = None
    calls: tuple[str, ...] = ()


class Section(msgspec.Struct, frozen=True, kw_only=True):
    """A table. Cells are words; ``bars`` are (answered, not answered) of each row, or empty."""

    title: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    bars: tuple[tuple[int, int], ...] = ()


class Sheet(msgspec.Struct, frozen=True, kw_only=True):
    """The whole report."""

    language: str
    title: str
    span: str
    office: str
    entries: tuple[Entry, ...]
    sections: tuple[Section, ...]
    rules: tuple[str, ...]
    formulas: tuple[tuple[str, str], ...]


def word(key: str, language: str, **values: object) -> str:
    """A word or sentence in the reader's language."""
    text = WORDS[key][0 if language.startswith("zh") else 1]
    return text.format(**values) if values else text


def sheet(
    facts: Facts,
    *,
    period: Period,
    day: date,
    language: str,
    office: str = "",
    targets: Sequence[Target] = (),
    policy: Policy = DEFAULT,
    codes: Sequence[str] = SHOWN,
) -> Sheet:
    """The report of the day, week or month that holds ``day``."""
    first, last = days_of(period, day)
    (whole,) = report(facts, codes=codes, policy=policy)
    when = By.HOUR if period is Period.DAY else By.DAY
    sections = [
        _section(facts, by, language, policy, table, targets=targets, day=last)
        for by, table in (
            (when, TABLE),
            (By.QUEUE, TABLE),
            (By.AGENT, AGENTS),
            (By.LINE, LINES),
            (By.TYPE, TABLE),
        )
    ]
    span = word("until", language, first=first, last=last) if first < last else str(first)
    settled = word(
        "policy",
        language,
        t=policy.threshold_s,
        s=policy.short_s,
        w=policy.repeat_days,
        level=policy.service_level,
    )
    return Sheet(
        language=language,
        title=word(str(period), language),
        span=span,
        office=office,
        entries=tuple(
            entry(code, found, language, target_of(targets, code, last))
            for code, found in whole.figures.items()
        ),
        sections=tuple(section for section in sections if section.rows),
        rules=(settled, *rules(language)),
        formulas=tuple((name_of(code, language), MEASURES[code].formula) for code in codes),
    )


def days_of(period: Period, day: date) -> tuple[date, date]:
    """First and last day of the report that holds ``day``."""
    match period:
        case Period.DAY:
            return day, day
        case Period.WEEK:
            first = day - timedelta(days=day.weekday())
            return first, first + timedelta(days=6)
        case Period.MONTH:
            first = day.replace(day=1)
            return first, (first + timedelta(days=32)).replace(day=1) - timedelta(days=1)


def entry(code: str, found: Figure, language: str, target: Target | None = None) -> Entry:
    """One figure in the reader's language."""
    parts = "" if found.bottom is None else f"{plain(found.top)} / {plain(found.bottom)}"
    unit = MEASURES[code].unit
    wanted, met = "", None
    if target is not None:
        wanted_value = target.value / 100 if unit == "share" else target.value
        wanted = word(target.reach, language, value=value_words(unit, wanted_value))
        if found.value is not None:
            least = target.reach == "least"
            met = found.value >= wanted_value if least else found.value <= wanted_value
    return Entry(
        code=code,
        name=name_of(code, language),
        value=value_words(unit, found.value),
        parts=parts,
        formula=MEASURES[code].formula,
        note=found.note,
        target=wanted,
        met=met,
        calls=found.calls,
    )


def name_of(code: str, language: str) -> str:
    """A figure's name."""
    measure = MEASURES[code]
    return measure.zh if language.startswith("zh") else measure.en


def value_words(unit: str, value: float | None) -> str:
    """A value with its unit; a dash where there is nothing to divide by."""
    if value is None:
        return NOTHING
    match unit:
        case "share":
            return f"{100 * value:.1f} %"
        case "seconds":
            return f"{value:.0f} s" if value >= 100 or value == int(value) else f"{value:.1f} s"
        case "mean" | "erlang":
            return f"{value:.2f}"
        case _:
            return plain(value)


def plain(value: float) -> str:
    """A number without needless zeros."""
    return f"{value:.0f}" if value == int(value) else f"{value:.2f}"


def as_csv(made: Sheet) -> Iterable[str]:
    """The sheet as CSV: a row for every figure and for every cell of its tables."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    language = made.language
    writer.writerow([made.office, made.title, made.span])
    heads = ("figure", "value", "made_of", "target", "met")
    writer.writerow([word(head, language) for head in heads] + [word("formulas", language)])
    for one in made.entries:
        met = "" if one.met is None else word("yes" if one.met else "no", language)
        writer.writerow([one.name, one.value, one.parts, one.target, met, one.formula])
    for section in made.sections:
        writer.writerow([])
        writer.writerow([section.title])
        writer.writerow(section.heads)
        writer.writerows(section.rows)
    yield text.getvalue()


def _section(
    facts: Facts,
    by: By,
    language: str,
    policy: Policy,
    codes: Sequence[str],
    *,
    targets: Sequence[Target],
    day: date,
) -> Section:
    key = "hour" if by is By.HOUR else str(by)
    rows, bars = [], []
    for row in report(facts, by=by, codes=codes, policy=policy):
        own = targets if by in {By.QUEUE, By.AGENT} and row.key else ()
        cells = (
            _against(code, row.figures[code], language, target_of(own, code, day, row.key))
            for code in codes
        )
        rows.append((_short(row.key, by), *cells))
        if by in {By.HOUR, By.DAY}:
            answered = int(row.figures["a"].top)
            bars.append((answered, int(row.figures["n"].top) - answered))
    head = word(key, language) if by is not By.DAY else word("by_day", language)
    return Section(
        title=word(f"by_{by}", language),
        heads=(head, *(name_of(code, language) for code in codes)),
        rows=tuple(rows),
        bars=tuple(bars),
    )


def _against(code: str, found: Figure, language: str, target: Target | None) -> str:
    """A value, with a sign whether a queue's or an agent's own target is met."""
    made = entry(code, found, language, target)
    if made.met is None:
        return made.value
    return f"{made.value} {word('yes' if made.met else 'no', language)} ({made.target})"


def _short(key: str, by: By) -> str:
    """``2026-03-02 09:00+08:00`` is ``09:00`` in a table of one day."""
    if by is By.HOUR:
        return key[11:16]
    return key or NOTHING
