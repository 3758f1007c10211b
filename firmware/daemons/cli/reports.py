"""``tipring report``: any figure of any day, its formula, its calls; on paper and as CSV."""

from __future__ import annotations

import argparse
import csv
import io
import sys
from collections.abc import Iterable
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final

import msgspec

from firmware.control.messages import AskSettings, SettingsAnswer
from firmware.core.report_settings import Reports
from firmware.core.settings import Settings
from firmware.daemons.cli.day import day_of
from firmware.daemons.cli.means import Make, Means
from firmware.daemons.cli.phrasebook import Phrasebook
from firmware.daemons.cli.tables import columns
from firmware.daemons.cli.words import Language
from firmware.reports import example
from firmware.reports.facts import Facts
from firmware.reports.live import facts_of
from firmware.reports.measures import MEASURES, Figure
from firmware.reports.policy import DEFAULT, rules
from firmware.reports.report import SHOWN, By, Period, report, span
from firmware.reports.sheet import name_of, sheet, value_words
from firmware.storage.export import BYTE_ORDER_MARK, inert

# Each key with its words in Chinese and in English.
WORDS: Final[dict[str, tuple[str, str]]] = {
    "help_report": ("报表：任何一天、一周或一月的数据", "figures of a day, a week or a month"),
    "help_period": ("日、周或月", "how long a report is"),
    "help_day": ("其中的一天，如 2026-03-02", "a day in it, e.g. 2026-03-02"),
    "help_by": ("分组", "how it is divided"),
    "help_figure": ("只看这些数据（代码）", "only these figures, by code"),
    "help_formulas": ("列出所有数据的公式和约定", "every figure with its formula, and the rules"),
    "help_csv": ("CSV 格式", "as CSV"),
    "help_calls": ("列出每个数据背后的电话", "the calls behind every figure"),
    "help_pdf": ("写成 PDF 文件", "as a PDF into this file"),
    "help_selftest": ("自检", "the box's own tests"),
    "help_figures": (
        "用手算的一小时核对所有数据",
        "all figures against an hour worked out by hand",
    ),
    "bad_figure": (
        "没有数据 {value}；tipring report --formulas 列出全部",
        "there is no figure {value}; tipring report --formulas lists them",
    ),
    "written": ("已写入 {file}。", "{file} is written."),
    "not_written": ("无法写入 {file}：{detail}", "{file} cannot be written: {detail}"),
    "code": ("代码", "code"),
    "figure": ("数据", "figure"),
    "formula": ("公式", "formula"),
    "expected": ("应为", "by hand"),
    "found": ("本机", "the box"),
    "agent": ("座席", "agent"),
    "no_calls": ("没有电话", "no calls"),
    "all_hold": ("{count} 项全部一致。", "All {count} hold."),
    "some_differ": ("{count} 项中有 {bad} 项不一致。", "{bad} of {count} differ."),
    "differs": ("不一致", "differs"),
    "policy": (
        "T = {t} 秒，S = {s} 秒，重复来电 W = {w} 天，服务水平公式 SL-{level}",
        "T = {t} s, S = {s} s, repeats within W = {w} days, service level SL-{level}",
    ),
}
word = Phrasebook(WORDS)


def add_commands(within: Any, make: Make, language: Language, means: Means) -> None:
    """Add ``report`` and ``selftest``; the arguments are those of ``office``."""
    commands = _Reports(means)

    def w(key: str) -> str:
        return word(key, language)

    figures = make(within, "report", w("help_report"), commands.report)
    figures.add_argument(
        "--period", choices=[str(p) for p in Period], default="day", help=w("help_period")
    )
    figures.add_argument("--day", default="", metavar="DATE", help=w("help_day"))
    figures.add_argument("--by", choices=[str(b) for b in By], default="whole", help=w("help_by"))
    figures.add_argument(
        "--figure", action="append", default=[], metavar="CODE", help=w("help_figure")
    )
    figures.add_argument("--formulas", action="store_true", help=w("help_formulas"))
    figures.add_argument("--csv", action="store_true", help=w("help_csv"))
    figures.add_argument("--calls", action="store_true", help=w("help_calls"))
    figures.add_argument("--pdf", default="", metavar="FILE", help=w("help_pdf"))
    tests = make(within, "selftest", w("help_selftest"), None).add_subparsers(
        required=True, metavar="COMMAND"
    )
    make(tests, "figures", w("help_figures"), commands.selftest)


class _Reports:
    """The commands."""

    def __init__(self, means: Means) -> None:
        self._means = means

    def report(self, chosen: argparse.Namespace, language: Language) -> None:
        if chosen.formulas:
            self._formulas(chosen, language)
            return
        day, zone = day_of(self._means, chosen, language)
        codes = chosen.figure or list(SHOWN)
        for code in codes:
            if code not in MEASURES:
                raise self._means.mistake(word("bad_figure", language, value=code))
        begin, end = span(Period(chosen.period), day, zone)
        with self._means.records(chosen, language) as records:
            facts = records.facts(begin, end)
        if chosen.pdf:
            self._paper(chosen, language, facts, day, codes)
            return
        rows = report(facts, by=By(chosen.by), codes=codes)
        if chosen.csv:
            for line in _csv([(row.key, row.figures) for row in rows], codes):
                sys.stdout.write(line)
            return

        def lines() -> list[str]:
            found = []
            for row in rows:
                if row.key:
                    found += ["", row.key]
                cells = [
                    (name(code, language), shown(code, row.figures[code]), MEASURES[code].formula)
                    for code in codes
                ]
                heads = [word(key, language) for key in ("figure", "found", "formula")]
                found += columns([heads[0], "", heads[2]], cells)
                if chosen.calls:
                    found += _calls(row.figures, language)
            return [*found, "", *_policy(language)]

        plain = {
            row.key: {c: _plain(f, calls=chosen.calls) for c, f in row.figures.items()}
            for row in rows
        }
        self._means.show(chosen, plain, lines)

    def _paper(
        self,
        chosen: argparse.Namespace,
        language: Language,
        facts: Facts,
        day: date,
        codes: list[str],
    ) -> None:
        from firmware.reports.paper import NoFontError, paper  # its library takes long to load

        wanted = self._settings(chosen, language)
        made = sheet(
            facts,
            period=Period(chosen.period),
            day=day,
            language=language,
            office=wanted.office,
            targets=wanted.targets,
            codes=codes,
        )
        try:
            Path(chosen.pdf).write_bytes(paper(made, datetime.now().astimezone()))
        except (OSError, NoFontError) as problem:
            said = word("not_written", language, file=chosen.pdf, detail=problem)
            raise self._means.mistake(said) from problem
        said = word("written", language, file=chosen.pdf)
        self._means.show(chosen, {"file": chosen.pdf}, lambda: [said])

    def _settings(self, chosen: argparse.Namespace, language: Language) -> Reports:
        """What the office wants to reach; the defaults while call control does not answer."""
        try:
            answer = self._means.ask(chosen, language, AskSettings(), SettingsAnswer)
        except self._means.mistake:
            return Reports()
        return msgspec.convert(answer.settings, Settings).reports

    def _formulas(self, chosen: argparse.Namespace, language: Language) -> None:
        heads = [word(key, language) for key in ("code", "figure", "formula")]
        cells = [(m.code, name(m.code, language), m.formula) for m in MEASURES.values()]
        plain = {m.code: {"en": m.en, "zh": m.zh, "formula": m.formula} for m in MEASURES.values()}
        self._means.show(chosen, plain, lambda: [*columns(heads, cells), "", *_policy(language)])

    def selftest(self, chosen: argparse.Namespace, language: Language) -> None:
        lines = example.check(facts_of)
        bad = [line for line in lines if not line.holds]

        def words() -> list[str]:
            heads = [word(k, language) for k in ("figure", "agent", "expected", "found")]
            cells = [
                (
                    name(line.measure, language),
                    line.agent,
                    line.expected,
                    line.found,
                    "" if line.holds else word("differs", language),
                )
                for line in lines
            ]
            return columns([*heads, ""], cells)

        self._means.show(
            chosen,
            [msgspec.structs.asdict(line) for line in lines],
            lambda: [*words(), *([] if bad else [word("all_hold", language, count=len(lines))])],
        )
        if bad:
            raise self._means.mistake(word("some_differ", language, count=len(lines), bad=len(bad)))


def name(code: str, language: Language) -> str:
    """A figure's name."""
    return name_of(code, language)


def shown(code: str, found: Figure) -> str:
    """A figure as people read it, with what it is made of."""
    if found.value is None:
        return "-"
    of = f" ({found.top:g}/{found.bottom:g})" if found.bottom is not None else ""
    return value_words(MEASURES[code].unit, found.value).replace(" %", "%") + of


def _calls(figures: dict[str, Figure], language: Language) -> list[str]:
    found = []
    for code, one in figures.items():
        found.append(f"{name(code, language)}:")
        found += [f"  {call}" for call in one.calls] or [f"  {word('no_calls', language)}"]
    return found


def _plain(found: Figure, *, calls: bool) -> dict[str, Any]:
    plain: dict[str, Any] = msgspec.to_builtins(found)
    return plain if calls else {key: value for key, value in plain.items() if key != "calls"}


def _csv(rows: list[tuple[str, dict[str, Figure]]], codes: list[str]) -> Iterable[str]:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    text.write(BYTE_ORDER_MARK)
    writer.writerow(["part", "code", "name", "value", "above", "below", "formula"])
    for key, figures in rows:
        for code in codes:
            found, measure = figures[code], MEASURES[code]
            value = "" if found.value is None else f"{found.value:.6g}"
            below = "" if found.bottom is None else f"{found.bottom:g}"
            cells = (inert(key), code, measure.en, value, f"{found.top:g}", below)
            writer.writerow([*cells, inert(measure.formula)])
    yield text.getvalue()


def _policy(language: Language) -> list[str]:
    return [
        word(
            "policy",
            language,
            t=DEFAULT.threshold_s,
            s=DEFAULT.short_s,
            w=DEFAULT.repeat_days,
            level=DEFAULT.service_level,
        ),
        *rules(language),
    ]
