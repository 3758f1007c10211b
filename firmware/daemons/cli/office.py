"""The memory of the office on the command line: exports, proof, erasing."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

from firmware.control.office_messages import ErasedAnswer, ErasePerson
from firmware.daemons.cli import backups, menus, reports
from firmware.daemons.cli.means import Make, Means
from firmware.daemons.cli.phrasebook import Phrasebook
from firmware.daemons.cli.words import Language
from firmware.storage.export import calls_csv, cdr_csv, queue_log

# Each key with its words in Chinese and in English.
WORDS: Final[dict[str, tuple[str, str]]] = {
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
word = Phrasebook(WORDS)


def add_commands(within: Any, make: Make, language: Language, means: Means) -> None:
    """Add the commands of this module.

    Args:
        within: The parser's commands.
        make: Makes one: (within, name, help, run) to its parser.
        language: Of the help.
        means: See there.
    """
    office = _Office(means)
    menus.add_commands(within, make, language, means)

    def w(key: str) -> str:
        return word(key, language)

    reports.add_commands(within, make, language, means)
    export = make(within, "export", w("help_export"), office.export)
    export.add_argument("form", choices=("calls", "cdr", "queue-log"), help=w("help_form"))
    export.add_argument("--output", default="", metavar="FILE", help=w("help_output"))
    make(within, "verify", w("help_verify"), office.verify)
    erase = make(within, "erase", w("help_erase"), office.erase)
    erase.add_argument("number", metavar="NUMBER", help=w("help_person"))
    erase.add_argument("--why", default="", metavar="TEXT", help=w("help_reason"))
    backups.add_commands(within, make, language, means)


class _Office:
    """The commands."""

    def __init__(self, means: Means) -> None:
        self._means = means

    # --- records ----------------------------------------------------------------------------------

    def export(self, chosen: argparse.Namespace, language: Language) -> None:
        with self._means.records(chosen, language) as records:
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
        with self._means.records(chosen, language) as records:
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
