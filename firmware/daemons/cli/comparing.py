"""``tipring compare``: figures in pairs, by group, by topic, by week; trials of menus."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import msgspec

from firmware.control.messages import AskSettings, SettingsAnswer
from firmware.core.menu_entries import NodePassed
from firmware.core.settings import Settings
from firmware.daemons.cli.day import day_of
from firmware.daemons.cli.means import Make, Means
from firmware.daemons.cli.phrasebook import Phrasebook
from firmware.daemons.cli.tables import columns
from firmware.daemons.cli.words import Language
from firmware.reports.facts import Facts
from firmware.reports.groups import COMPARED, groups
from firmware.reports.measures import MEASURES
from firmware.reports.pairs import Side, pairs
from firmware.reports.report import By, Period, span
from firmware.reports.sheet import days_of, name_of, value_words
from firmware.reports.topics import topics
from firmware.reports.trend import Note, mondays, trend
from firmware.reports.trial import trials
from firmware.storage.record_reader import ReadRecords
from ivr.trials import split_nodes

Chosen = argparse.Namespace
DIVISIONS: Final = (By.QUEUE, By.AGENT, By.TYPE, By.LINE)

WORDS: Final[dict[str, tuple[str, str]]] = {
    "help_compare": ("对比各项数据", "figures beside each other"),
    "help_pairs": (
        "成对指标，只有一项变好时提醒",
        "in pairs, with a warning where only one improved",
    ),
    "help_groups": ("各组对比，附把握", "by group, with how sure each share is"),
    "help_topics": ("最多的十个主题", "the ten topics that callers call about most"),
    "help_weeks": ("逐周走势和变动", "week by week, with what was changed"),
    "help_trials": ("菜单试验", "trials of menus"),
    "help_period": ("日、周或月", "a day, a week or a month"),
    "help_day": ("其中的一天，如 2026-03-02", "a day in it, e.g. 2026-03-02"),
    "help_by": ("怎样分组", "how they are divided"),
    "help_figure": ("数据代码", "code of the figure"),
    "bad_figure": (
        "不能比较 {value}；可选：{limit}",
        "{value} cannot be compared; there are {limit}",
    ),
    "nothing": ("没有可比的数据。", "Nothing to compare."),
    "figure": ("数据", "figure"),
    "before": ("此前", "before"),
    "now": ("现在", "now"),
    "way.better": ("变好", "better"),
    "way.worse": ("变差", "worse"),
    "way.same": ("未变", "unchanged"),
    "way.unknown": ("无法比较", "nothing to compare"),
    "few": ("（电话太少）", " (few calls)"),
    "warning": (
        "  注意：只有“{name}”变好了，另一项没有。",
        "  Careful: only {name} improved; its partner did not.",
    ),
    "group": ("组", "group"),
    "value": ("值", "value"),
    "calls": ("通数", "calls"),
    "sure": ("把握（95%）", "sure within (95 %)"),
    "verdict": ("判断", "verdict"),
    "mark.above": ("高于其他组", "above the others"),
    "mark.below": ("低于其他组", "below the others"),
    "mark.same": ("看不出差别", "no difference to be seen"),
    "mark.few": ("电话太少", "too few calls"),
    "mark.alone": ("没有别的组", "no other group"),
    "topic": ("主题", "topic"),
    "share": ("占比", "share"),
    "up_to": ("累计", "up to here"),
    "others": ("其余主题", "all others"),
    "blank": ("没有录主题", "no topic keyed"),
    "week": ("周", "week"),
    "changed": ("变动", "changed"),
    "way": ("走法", "way"),
    "answered": ("接听", "answered"),
    "solved": ("解决", "solved"),
    "satisfied": ("满意", "satisfied"),
    "trial.wait": (
        "  {what}：电话还不够，每种要 {need} 通，最少的有 {have} 通。",
        "  {what}: not enough calls yet; each way needs {need}, the one with fewest has {have}.",
    ),
    "trial.same": ("  {what}：看不出差别。", "  {what}: no difference to be seen."),
    "trial.differs": ("  {what}：“{way}”更好。", "  {what}: {way} is better."),
}
word = Phrasebook(WORDS)


def add_commands(within: Any, make: Make, language: Language, means: Means) -> None:
    """Add ``compare``; the arguments are those of ``office``."""
    commands = _Comparing(means)
    parser = make(within, "compare", word("help_compare", language), None)
    inner = parser.add_subparsers(required=True, metavar="COMMAND")
    for name, run in (
        ("pairs", commands.pairs),
        ("groups", commands.groups),
        ("topics", commands.topics),
        ("weeks", commands.weeks),
        ("trials", commands.trials),
    ):
        made = make(inner, name, word(f"help_{name}", language), run)
        made.add_argument("--day", default="", metavar="DATE", help=word("help_day", language))
        if name != "weeks":
            made.add_argument(
                "--period",
                choices=[str(p) for p in Period],
                default="week",
                help=word("help_period", language),
            )
        if name == "groups":
            made.add_argument(
                "--by",
                choices=[str(b) for b in DIVISIONS],
                default="queue",
                help=word("help_by", language),
            )
        if name in {"groups", "weeks"}:
            made.add_argument(
                "--figure",
                default="fcr_key" if name == "groups" else "sl",
                metavar="CODE",
                help=word("help_figure", language),
            )


class _Comparing:
    """The commands."""

    def __init__(self, means: Means) -> None:
        self._means = means

    def _read(self, chosen: Chosen, language: Language, read: Callable[[ReadRecords], Any]) -> Any:
        with self._means.records(chosen, language) as records:
            return read(records)

    def _facts(self, chosen: Chosen, language: Language) -> Facts:
        day, zone = day_of(self._means, chosen, language)
        begin, end = span(Period(chosen.period), day, zone)
        found: Facts = self._read(chosen, language, lambda records: records.facts(begin, end))
        return found

    def _settings(self, chosen: Chosen, language: Language) -> Settings:
        """Those in force; the defaults while call control does not answer."""
        try:
            answer = self._means.ask(chosen, language, AskSettings(), SettingsAnswer)
            return msgspec.convert(answer.settings, Settings)
        except (self._means.mistake, msgspec.ValidationError):
            return Settings()

    def _code(self, chosen: Chosen, language: Language, known: tuple[str, ...]) -> str:
        if chosen.figure not in known:
            limit = ", ".join(known)
            raise self._means.mistake(
                word("bad_figure", language, value=chosen.figure, limit=limit)
            )
        return str(chosen.figure)

    def pairs(self, chosen: Chosen, language: Language) -> None:
        day, zone = day_of(self._means, chosen, language)
        period = Period(chosen.period)
        earlier = days_of(period, day)[0] - timedelta(days=1)
        spans = span(period, day, zone), span(period, earlier, zone)
        now, before = self._read(
            chosen, language, lambda records: [records.facts(*one) for one in spans]
        )
        found = pairs(now, before)

        def lines() -> list[str]:
            shown: list[str] = []
            for pair in found:
                heads = [word(key, language) for key in ("figure", "before", "now")]
                sides = [_side(side, language) for side in (pair.first, pair.second)]
                shown += columns([*heads, ""], sides)
                if pair.improved:
                    shown.append(word("warning", language, name=name_of(pair.improved, language)))
                shown.append("")
            return shown or [word("nothing", language)]

        self._means.show(chosen, found, lines)

    def groups(self, chosen: Chosen, language: Language) -> None:
        code = self._code(chosen, language, COMPARED)
        found = groups(self._facts(chosen, language), By(chosen.by), code)

        def lines() -> list[str]:
            heads = [word(k, language) for k in ("group", "value", "calls", "sure", "verdict")]
            cells = [
                (
                    one.key or "-",
                    f"{one.value:.1%}",
                    f"{one.top}/{one.bottom}",
                    f"{one.low:.1%} - {one.high:.1%}",
                    word(f"mark.{one.mark}", language),
                )
                for one in found
            ]
            return columns(heads, cells) if cells else [word("nothing", language)]

        self._means.show(chosen, found, lines)

    def topics(self, chosen: Chosen, language: Language) -> None:
        queues = self._settings(chosen, language).acd.queues
        names = {topic: name for queue in reversed(queues) for topic, name in queue.topics.items()}
        found = topics(self._facts(chosen, language), names)

        def lines() -> list[str]:
            heads = [word(k, language) for k in ("topic", "calls", "share", "up_to")]
            cells = [
                (f"{t.name} {t.topic}".strip(), str(t.calls), f"{t.share:.1%}", f"{t.up_to:.1%}")
                for t in found.top
            ]
            cells.append((word("others", language), str(found.others), "", ""))
            blank = "" if found.blank_share is None else f"{found.blank_share:.1%}"
            cells.append((word("blank", language), str(found.blank), blank, ""))
            return columns(heads, cells)

        self._means.show(chosen, found, lines)

    def weeks(self, chosen: Chosen, language: Language) -> None:
        code = self._code(chosen, language, tuple(MEASURES))
        day, zone = day_of(self._means, chosen, language)
        weeks = self._read(
            chosen,
            language,
            lambda records: [
                (first, records.facts(*span(Period.WEEK, first, zone))) for first in mondays(day)
            ],
        )
        kept = self._settings(chosen, language).reports.notes
        notes = [Note(day=datetime.fromisoformat(n.day).date(), text=n.text) for n in kept]
        found = trend(code, weeks, notes)

        def lines() -> list[str]:
            heads = [word(k, language) for k in ("week", "value", "changed")]
            cells = [
                (
                    one.first.isoformat(),
                    value_words(MEASURES[code].unit, one.value)
                    + (word("few", language) if one.few else ""),
                    "; ".join(f"{note.day} {note.text}" for note in one.notes),
                )
                for one in found
            ]
            return [name_of(code, language), *columns(heads, cells)]

        self._means.show(chosen, found, lines)

    def trials(self, chosen: Chosen, language: Language) -> None:
        nodes = split_nodes(self._settings(chosen, language).flows)
        day, zone = day_of(self._means, chosen, language)
        begin, end = span(Period(chosen.period), day, zone)
        since = datetime.fromtimestamp(begin / 1000, UTC)
        entries, facts = self._read(
            chosen,
            language,
            lambda records: (
                list(records.entries_of("node_passed", since)),
                records.facts(begin, end),
            ),
        )
        over = {use.call for use in facts.lines} | {visit.call for visit in facts.visits}
        passed = [e for e in entries if isinstance(e, NodePassed) and e.call in over]
        found = trials(nodes, passed, facts)

        def lines() -> list[str]:
            shown: list[str] = []
            asked = ("answered", "solved", "satisfied")
            for one in found:
                heads = [word(k, language) for k in ("way", "calls", *asked)]
                cells = [
                    (
                        v.way,
                        str(v.calls),
                        *(f"{v.counts[a].top}/{v.counts[a].bottom}" for a in asked),
                    )
                    for v in one.variants
                ]
                shown += [f"{one.flow}: {one.node}", *columns(heads, cells)]
                shown += [
                    word(
                        f"trial.{verdict.says}",
                        language,
                        what=word(verdict.asked, language),
                        way=verdict.better,
                        have=verdict.have,
                        need=verdict.need,
                    )
                    for verdict in one.verdicts
                ]
            return shown or [word("nothing", language)]

        self._means.show(chosen, found, lines)


def _side(side: Side, language: Language) -> tuple[str, str, str, str]:
    unit = MEASURES[side.code].unit
    way = word(f"way.{side.way}", language) + (word("few", language) if side.few else "")
    values = (value_words(unit, side.before.value), value_words(unit, side.now.value))
    return (name_of(side.code, language), *values, way)
