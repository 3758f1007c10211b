"""``tipring ageing``, ``opinions``, ``offers``: tickets, what customers think, hints, by span."""

from __future__ import annotations

import argparse
import csv
import io
import sys
import time
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

import msgspec

from firmware.control.messages import AskSettings, SettingsAnswer
from firmware.core.settings import Settings
from firmware.daemons.cli.day import day_of
from firmware.daemons.cli.means import Make, Means
from firmware.daemons.cli.phrasebook import Phrasebook
from firmware.daemons.cli.tables import columns, duration
from firmware.daemons.cli.words import Language
from firmware.reports.moments import EPOCH, MS
from firmware.reports.offers import FORMULA, HINT, offers
from firmware.reports.report import Period, span
from firmware.storage.export import BYTE_ORDER_MARK, inert
from firmware.tickets.ageing import FORMULAS, Ageing, ageing, open_ages
from firmware.tickets.opinions import opinions

# Each key with its words in Chinese and in English.
WORDS: Final[dict[str, tuple[str, str]]] = {
    "help_ageing": (
        "按类型的工单时效（首次响应、解决），和未结工单的时长",
        "how long tickets take by kind, and how old the open ones are",
    ),
    "help_opinions": ("一个月的建议、批评和表扬", "suggestions, criticism and praise of a month"),
    "help_offers": ("给坐席的提示有多少被客户接受", "in how many calls a hint was taken"),
    "help_day": ("其中的一天，如 2026-03-02", "a day in it, e.g. 2026-03-02"),
    "help_period": ("日、周或月", "how long it looks back"),
    "help_csv": ("CSV 输出", "as CSV"),
    "nothing": ("这段时间没有。", "There is nothing of that time."),
    "all": ("全部", "all"),
    "kind": ("类型", "kind"),
    "reference": ("工单", "ticket"),
    "owner": ("负责人", "owner"),
    "age": ("时长", "age"),
    "left": ("剩余", "left"),
    "at": ("时间", "time"),
    "number": ("号码", "number"),
    "state": ("状态", "state"),
    "words": ("内容", "words"),
    "solution": ("处理结果", "what was done"),
    "code": ("编号", "code"),
    "text": ("提示", "hint"),
    "told": ("已提示的接听", "answered with it"),
    "accepted": ("接受", "accepted"),
    "share": ("转化率", "conversion"),
    "none": ("（没有提示）", "(no hint)"),
}
word = Phrasebook(WORDS, unknown=str)
SECONDS: Final = ("response_p50", "response_p90", "solve_p50", "solve_p90", "oldest")


def add_commands(within: Any, make: Make, language: Language, means: Means) -> None:
    """Add the commands of this module (see ``cases.add_commands``)."""
    figures = _Figures(means)
    for name, run in (
        ("ageing", figures.ageing),
        ("opinions", figures.opinions),
        ("offers", figures.offers),
    ):
        parser = make(within, name, word(f"help_{name}", language), run)
        parser.add_argument("--day", default="", metavar="DATE", help=word("help_day", language))
        parser.add_argument(
            "--period",
            choices=[str(p) for p in Period],
            default="month",
            help=word("help_period", language),
        )
        parser.add_argument("--csv", action="store_true", help=word("help_csv", language))


class _Figures:
    """The commands."""

    def __init__(self, means: Means) -> None:
        self._means = means

    def ageing(self, chosen: argparse.Namespace, language: Language) -> None:
        from_ms, until_ms = self._span(chosen, language)
        now_ms = time.time_ns() // 1_000_000
        with self._means.records(chosen, language) as records:
            lines = ageing(records.cases.lives(from_ms, until_ms), now_ms)
            ages = open_ages(records.cases.lives(), now_ms)
        at = 0 if language == "zh-CN" else 1
        heads = [word("kind", language), *(words[at] for words in FORMULAS.values())]
        rows = [_age_cells(line, language) for line in lines]
        if chosen.csv:
            _csv(heads, [_plain(line) for line in lines])
            return

        def shown() -> list[str]:
            formulas = [f"{words[at]} = {words[2]}" for words in FORMULAS.values()]
            olds = [
                (a.reference, a.kind, a.owner, _lasting(a.age_s), _lasting(a.left_s)) for a in ages
            ]
            named = [word(key, language) for key in ("reference", "kind", "owner", "age", "left")]
            open_ones = ["", *columns(named, olds)] if olds else []
            return [*columns(heads, rows), "", *formulas, *open_ones]

        self._means.show(chosen, {"kinds": lines, "open": ages}, shown)

    def opinions(self, chosen: argparse.Namespace, language: Language) -> None:
        from_ms, until_ms = self._span(chosen, language)
        settings = self._settings(chosen, language)
        with self._means.records(chosen, language) as records:
            opened = records.cases.tickets_opened(from_ms, until_ms)
        month = f"{(EPOCH + from_ms * MS).astimezone():%Y-%m}"
        found = opinions(month, settings.cases, opened)
        keys = ("at", "reference", "kind", "owner", "number", "state", "words", "solution")
        heads = [word(key, language) for key in keys]
        rows = [
            (
                _moment(one.at_ms),
                one.reference,
                one.kind,
                one.owner,
                one.number,
                one.state,
                one.words,
                one.solution,
            )
            for one in found.opinions
        ]
        if chosen.csv:
            _csv(heads, rows)
            return

        def shown() -> list[str]:
            counts = [f"{kind}: {count}" for kind, count in found.counts.items()]
            return [*counts, "", *(columns(heads, rows) if rows else [word("nothing", language)])]

        self._means.show(chosen, found, shown)

    def offers(self, chosen: argparse.Namespace, language: Language) -> None:
        from_ms, until_ms = self._span(chosen, language)
        texts = {h.code: h.text for h in reversed(self._settings(chosen, language).desk.hints)}
        with self._means.records(chosen, language) as records:
            marks = records.cases.marked_calls(HINT, from_ms, until_ms)
            lines = offers(records.facts(from_ms, until_ms).visits, marks, texts)
        heads = [word(key, language) for key in ("code", "text", "told", "accepted", "share")]
        rows = [
            (
                line.code or "-",
                line.text if line.code else word("none", language),
                str(line.told),
                str(line.accepted),
                "-" if line.share is None else f"{line.share:.1%}",
            )
            for line in lines
        ]
        if chosen.csv:
            _csv(heads, rows)
            return
        explained = f"{word('share', language)} = {FORMULA}"
        self._means.show(chosen, lines, lambda: [*columns(heads, rows), "", explained])

    # --- within -----------------------------------------------------------------------------------

    def _span(self, chosen: argparse.Namespace, language: Language) -> tuple[int, int]:
        day, zone = day_of(self._means, chosen, language)
        return span(Period(chosen.period), day, zone)

    def _settings(self, chosen: argparse.Namespace, language: Language) -> Settings:
        """Those in force; without call control those of a new box: kinds and no hints."""
        try:
            answer = self._means.ask(chosen, language, AskSettings(), SettingsAnswer)
        except self._means.mistake:
            return Settings()
        return msgspec.convert(answer.settings, Settings)


def _age_cells(line: Ageing, language: Language) -> list[str]:
    cells = [line.kind or word("all", language)]
    for name in FORMULAS:
        value = getattr(line, name)
        if name in SECONDS:
            cells.append(_lasting(value))
        elif name == "in_time":
            cells.append("-" if value is None else f"{value:.1%}")
        else:
            cells.append(str(value))
    return cells


def _plain(line: Ageing) -> list[str]:
    """Seconds and shares as numbers, for a spreadsheet."""
    values = (getattr(line, name) for name in FORMULAS)
    return [line.kind, *("" if value is None else str(value) for value in values)]


def _lasting(seconds: int | None) -> str:
    if seconds is None:
        return "-"
    return f"{'-' if seconds < 0 else ''}{duration(abs(seconds) * 1_000)}"


def _moment(ms: int) -> str:
    at: datetime = (EPOCH + ms * MS).astimezone()
    return f"{at:%Y-%m-%d %H:%M}"


def _csv(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\r\n")
    table.writerow(heads)
    table.writerows([[inert(cell) for cell in row] for row in rows])
    sys.stdout.write(BYTE_ORDER_MARK + text.getvalue())
