"""The memory of the office on the command line: figures, exports, proof, erasing."""

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

from firmware.control.office_messages import ErasedAnswer, ErasePerson
from firmware.daemons import cli_backups, cli_menus
from firmware.daemons.cli_means import Make, Means
from firmware.daemons.cli_tables import columns
from firmware.daemons.cli_words import Language
from firmware.reports import example
from firmware.reports.live import facts_of
from firmware.reports.measures import MEASURES, Figure
from firmware.reports.policy import DEFAULT, rules
from firmware.reports.report import SHOWN, By, Period, report, span
from firmware.storage.errors import StorageError
from firmware.storage.export import BYTE_ORDER_MARK, calls_csv, cdr_csv, inert, queue_log
from firmware.storage.record_reader import FILE_NAME, ReadRecords

# Each key with its words in Chinese and in English.
WORDS: Final[dict[str, tuple[str, str]]] = {
    "help_report": ("报表：任何一天、一周或一月的数据", "figures of a day, a week or a month"),
    "help_period": ("日、周或月", "how long a report is"),
    "help_day": ("其中的一天，如 2026-03-02", "a day in it, e.g. 2026-03-02"),
    "help_by": ("分组", "how it is divided"),
    "help_figure": ("只看这些数据（代码）", "only these figures, by code"),
    "help_formulas": ("列出所有数据的公式和约定", "every figure with its formula, and the rules"),
    "help_csv": ("CSV 格式", "as CSV"),
    "help_selftest": ("自检", "the box's own tests"),
    "help_figures": (
        "用手算的一小时核对所有数据",
        "all figures against an hour worked out by hand",
    ),
    "help_export": ("导出通话记录", "records for other programs"),
    "help_form": (
        "calls：本机 CSV；cdr：Asterisk 列；queue-log：Asterisk 队列日志",
        "calls: our CSV; cdr: Asterisk's columns; queue-log: Asterisk's queue log",
    ),
    "help_output": ("写入文件", "into this file"),
    "help_verify": ("核对事件日志的校验链", "walk along the chain of the event log"),
    "help_erase": ("从本机所有数据中删除一个号码", "take a number out of everything the box keeps"),
    "help_person": ("电话号码", "the telephone number"),
    "help_reason": ("原因", "the reason"),
    "no_records_yet": ("无法读取记录：{detail}", "The records cannot be read: {detail}"),
    "bad_day": ("{value} 不是日期（如 2026-03-02）", "{value} is no day; e.g. 2026-03-02"),
    "bad_figure": (
        "没有数据 {value}；tipring report --formulas 列出全部",
        "there is no figure {value}; tipring report --formulas lists them",
    ),
    "code": ("代码", "code"),
    "figure": ("数据", "figure"),
    "formula": ("公式", "formula"),
    "expected": ("应为", "by hand"),
    "found": ("本机", "the box"),
    "agent": ("座席", "agent"),
    "all_hold": ("{count} 项全部一致。", "All {count} hold."),
    "some_differ": ("{count} 项中有 {bad} 项不一致。", "{bad} of {count} differ."),
    "differs": ("不一致", "differs"),
    "policy": (
        "T = {t} 秒，S = {s} 秒，重复来电 W = {w} 天，服务水平公式 SL-{level}",
        "T = {t} s, S = {s} s, repeats within W = {w} days, service level SL-{level}",
    ),
    "chain_whole": ("事件日志完整：{count} 条。", "The event log is whole: {count} entries."),
    "chain_broken": (
        "事件日志在第 {at} 条处被改动：{reason}",
        "The event log was tampered with at entry {at}: {reason}",
    ),
    "nothing": ("没有", "none"),
    "erased": (
        "已删除：{calls} 个电话，日志 {entries} 条，{what}。",
        "Erased: {calls} calls, {entries} entries of the log, {what}.",
    ),
    "erased_clean": ("所有文件中已找不到该号码。", "No file holds the number any more."),
    "erased_left": ("仍含该号码的文件：{files}", "These files still hold it: {files}"),
    "erased_older": (
        "早先的备份不受影响：{files}",
        "Older backups are not touched: {files}",
    ),
    "erased_copies": (
        "已拷出本机的备份请自行处理。",
        "Backups that were taken from the box are yours to deal with.",
    ),
    "receipt": ("凭证：{proof}，盐：{salt}", "Receipt: {proof}, salt {salt}"),
}


def word(key: str, language: Language, **values: object) -> str:
    """A word or sentence in the reader's language."""
    text = WORDS[key][0 if language == "zh-CN" else 1]
    return text.format(**values) if values else text


def add_commands(within: Any, make: Make, language: Language, means: Means) -> None:
    """Add the commands of this module.

    Args:
        within: The parser's commands.
        make: Makes one: (within, name, help, run) to its parser.
        language: Of the help.
        means: See there.
    """
    office = _Office(means)
    cli_menus.add_commands(within, make, language, means)

    def w(key: str) -> str:
        return word(key, language)

    figures = make(within, "report", w("help_report"), office.report)
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
    tests = _group(make(within, "selftest", w("help_selftest"), None))
    make(tests, "figures", w("help_figures"), office.selftest)
    export = make(within, "export", w("help_export"), office.export)
    export.add_argument("form", choices=("calls", "cdr", "queue-log"), help=w("help_form"))
    export.add_argument("--output", default="", metavar="FILE", help=w("help_output"))
    make(within, "verify", w("help_verify"), office.verify)
    erase = make(within, "erase", w("help_erase"), office.erase)
    erase.add_argument("number", metavar="NUMBER", help=w("help_person"))
    erase.add_argument("--why", default="", metavar="TEXT", help=w("help_reason"))
    cli_backups.add_commands(within, make, language, means)


def _group(parser: argparse.ArgumentParser) -> Any:
    return parser.add_subparsers(required=True, metavar="COMMAND")


class _Office:
    """The commands."""

    def __init__(self, means: Means) -> None:
        self._means = means

    # --- figures ----------------------------------------------------------------------------------

    def report(self, chosen: argparse.Namespace, language: Language) -> None:
        if chosen.formulas:
            self._formulas(chosen, language)
            return
        try:
            day = date.fromisoformat(chosen.day) if chosen.day else date.today()  # noqa: DTZ011  # the office's own day
        except ValueError as wrong:
            raise self._means.mistake(word("bad_day", language, value=chosen.day)) from wrong
        codes = chosen.figure or list(SHOWN)
        for code in codes:
            if code not in MEASURES:
                raise self._means.mistake(word("bad_figure", language, value=code))
        zone = datetime.now().astimezone().tzinfo
        assert zone is not None  # noqa: S101  # astimezone() always gives one
        begin, end = span(Period(chosen.period), day, zone)
        with self._records(chosen, language) as records:
            facts = records.facts(begin, end)
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
            return [*found, "", *_policy(language)]

        plain = {row.key: {c: _plain(f) for c, f in row.figures.items()} for row in rows}
        self._means.show(chosen, plain, lines)

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

    # --- records ----------------------------------------------------------------------------------

    def _records(self, chosen: argparse.Namespace, language: Language) -> ReadRecords:
        try:
            return ReadRecords.open(Path(chosen.data) / FILE_NAME, idle=True)
        except StorageError as error:
            raise self._means.mistake(word("no_records_yet", language, detail=error)) from error

    def export(self, chosen: argparse.Namespace, language: Language) -> None:
        with self._records(chosen, language) as records:
            lines: Iterable[str]
            if chosen.form == "queue-log":
                lines = queue_log(records.all_events())
            elif chosen.form == "cdr":
                lines = cdr_csv(records.stream())
            else:
                lines = calls_csv(records.stream())
            if not chosen.output:
                sys.stdout.writelines(lines)
                return
            try:
                with Path(chosen.output).open("w", encoding="utf-8", newline="") as file:
                    file.writelines(lines)
            except OSError as problem:
                raise self._means.mistake(f"{chosen.output}: {problem.strerror}") from problem

    def verify(self, chosen: argparse.Namespace, language: Language) -> None:
        with self._records(chosen, language) as records:
            found = records.verify()
        if found.broken_at is not None:
            raise self._means.mistake(
                word("chain_broken", language, at=found.broken_at, reason=found.reason)
            )
        self._means.show(chosen, found, lambda: [word("chain_whole", language, count=found.events)])

    def erase(self, chosen: argparse.Namespace, language: Language) -> None:
        request = ErasePerson(
            number=chosen.number, why=chosen.why, who=self._means.who(), origin="command line"
        )
        answer = self._means.ask(chosen, language, request, ErasedAnswer)
        self._means.show(chosen, answer, lambda: erased_lines(answer, language))


# --- words ----------------------------------------------------------------------------------------


def name(code: str, language: Language) -> str:
    """A figure's name."""
    measure = MEASURES[code]
    return measure.zh if language == "zh-CN" else measure.en


def shown(code: str, found: Figure) -> str:
    """A figure as people read it, with what it is made of."""
    if found.value is None:
        return "-"
    unit = MEASURES[code].unit
    of = f" ({found.top:g}/{found.bottom:g})" if found.bottom is not None else ""
    if unit == "share":
        return f"{100 * found.value:.1f}%{of}"
    if unit == "seconds":
        return f"{found.value:.1f} s{of}"
    return (f"{found.value:.0f}" if unit == "count" else f"{found.value:.2f}") + of


def _plain(found: Figure) -> dict[str, Any]:
    return {name: value for name, value in msgspec.to_builtins(found).items() if name != "calls"}


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


def erased_lines(answer: ErasedAnswer, language: Language) -> list[str]:
    """The receipt of an erasure."""
    what = ", ".join(f"{table} {count}" for table, count in answer.what.items())
    lines = [
        word(
            "erased",
            language,
            calls=answer.calls,
            entries=answer.entries,
            what=what or word("nothing", language),
        )
    ]
    if answer.remains:
        lines.append(word("erased_left", language, files=", ".join(answer.remains)))
    else:
        lines.append(word("erased_clean", language))
    if answer.older:
        lines.append(word("erased_older", language, files=", ".join(answer.older)))
    lines.append(word("erased_copies", language))
    lines.append(word("receipt", language, proof=answer.proof, salt=answer.salt))
    return lines
