"""``tipring backup``: make, check and restore one, and those that the box makes by itself."""

from __future__ import annotations

import argparse
import getpass
import tempfile
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from firmware.control.backup_messages import (
    AskBackups,
    BackupsAnswer,
    MakeBackup,
    ProtectBackups,
)
from firmware.daemons.cli.means import Make, Means
from firmware.daemons.cli.phrasebook import Phrasebook
from firmware.daemons.cli.tables import columns
from firmware.daemons.cli.words import Language
from firmware.storage.backup import BackupError, Restored, backup, restore, try_restore
from firmware.storage.troubles import said, trouble

# Each key with its words in Chinese and in English.
WORDS: Final[dict[str, tuple[str, str]]] = {
    "help_backup": ("备份与恢复", "backup and restore"),
    "help_make": ("备份到一个加密文件", "a backup in one sealed file"),
    "help_check": ("在临时位置试恢复一个备份", "restore a backup into a scratch place"),
    "help_restore": (
        "恢复到空的数据目录（先停止服务）",
        "restore into an empty data folder (stop the box first)",
    ),
    "help_list": ("自动备份的结果", "how the box's own backups went"),
    "help_now": ("现在就备份到设置的位置", "make one now where the settings say"),
    "help_protect": ("设置自动备份的口令", "the pass-phrase of the box's own backups"),
    "help_file": ("备份文件", "the backup"),
    "help_what": (
        "all：全部；settings：仅设置；records：不含录音",
        "all, settings, or records: no sound",
    ),
    "help_passphrase": ("口令在此文件中（第一行）", "the pass-phrase is in this file (first line)"),
    "passphrase": ("口令：", "Pass-phrase: "),
    "restored": (
        "可恢复：{files} 个文件，{calls} 个电话，日志 {entries} 条，设置 {version}，{made}。",
        "Restores: {files} files, {calls} calls, {entries} entries, settings {version}, {made}.",
    ),
    "protected": (
        "自动备份用此口令加密。口令丢失则备份无法恢复。",
        "Backups are sealed with this pass-phrase. Without it nobody restores them.",
    ),
    "begun": ("备份已开始；tipring backup list 显示结果", "Begun; see tipring backup list."),
    "no_runs": ("还没有自动备份。", "The box has made no backup yet."),
    "no_folder": ("没有设置备份位置。", "No place of backups is set."),
    "at": ("时间", "time"),
    "file": ("文件", "file"),
    "size": ("kB", "kB"),
    "calls": ("电话", "calls"),
    "entries": ("日志", "entries"),
    "version": ("设置", "settings"),
    "result": ("试恢复", "restored"),
    "good": ("成功", "yes"),
}
word = Phrasebook(WORDS)


def add_commands(within: Any, make: Make, language: Language, means: Means) -> None:
    """Add ``backup``; the arguments are those of ``office``."""
    commands = _Backups(means)

    def w(key: str) -> str:
        return word(key, language)

    group = make(within, "backup", w("help_backup"), None).add_subparsers(
        required=True, metavar="COMMAND"
    )
    for name in ("make", "check", "restore"):
        parser = make(group, name, w(f"help_{name}"), getattr(commands, name))
        parser.add_argument("file", metavar="FILE", help=w("help_file"))
        parser.add_argument(
            "--passphrase-file", default="", metavar="FILE", help=w("help_passphrase")
        )
        if name == "make":
            parser.add_argument(
                "--what", choices=("all", "settings", "records"), default="all", help=w("help_what")
            )
    make(group, "list", w("help_list"), commands.list)
    make(group, "now", w("help_now"), commands.now)
    protect = make(group, "protect", w("help_protect"), commands.protect)
    protect.add_argument("--passphrase-file", default="", metavar="FILE", help=w("help_passphrase"))


class _Backups:
    """The commands."""

    def __init__(self, means: Means) -> None:
        self._means = means

    def _passphrase(self, chosen: argparse.Namespace, language: Language) -> str:
        if not chosen.passphrase_file:
            return getpass.getpass(word("passphrase", language))
        try:
            return Path(chosen.passphrase_file).read_text("utf-8").partition("\n")[0]
        except OSError as problem:
            sentence = f"{chosen.passphrase_file}: {problem.strerror}"
            raise self._means.mistake(sentence) from problem

    def _done(
        self, chosen: argparse.Namespace, language: Language, work: Callable[[str], Restored]
    ) -> None:
        try:
            found = work(self._passphrase(chosen, language))
        except (BackupError, ValueError, OSError) as problem:
            why = trouble(problem, language)
            raise self._means.mistake(f"{chosen.file}: {why}") from problem
        sentence = word(
            "restored",
            language,
            files=found.files,
            calls=found.calls,
            entries=found.entries,
            version=found.settings_version,
            made=found.made_at,
        )
        self._means.show(chosen, found, lambda: [sentence])

    def make(self, chosen: argparse.Namespace, language: Language) -> None:
        """One sealed file, read back."""
        now = datetime.now().astimezone()
        self._done(
            chosen,
            language,
            lambda phrase: backup(
                Path(chosen.data), Path(chosen.file), phrase, what=chosen.what, now=now
            ),
        )

    def check(self, chosen: argparse.Namespace, language: Language) -> None:
        """Restore into a scratch place."""

        def work(phrase: str) -> Restored:
            with tempfile.TemporaryDirectory(prefix="tipring-") as scratch:
                return try_restore(Path(chosen.file), phrase, Path(scratch))

        self._done(chosen, language, work)

    def restore(self, chosen: argparse.Namespace, language: Language) -> None:
        """Restore into the data folder."""
        self._done(
            chosen,
            language,
            lambda phrase: restore(Path(chosen.file), Path(chosen.data), phrase),
        )

    def list(self, chosen: argparse.Namespace, language: Language) -> None:
        """How the box's own went."""
        answer = self._means.ask(chosen, language, AskBackups(), BackupsAnswer)
        self._means.show(chosen, answer, lambda: lines(answer, language))

    def now(self, chosen: argparse.Namespace, language: Language) -> None:
        """Make one where the settings say."""
        request = MakeBackup(who=self._means.who(), origin="command line", language=language)
        answer = self._means.ask(chosen, language, request, BackupsAnswer)
        self._means.show(chosen, answer, lambda: [word("begun", language)])

    def protect(self, chosen: argparse.Namespace, language: Language) -> None:
        """Set the pass-phrase of the box's own."""
        phrase = self._passphrase(chosen, language)
        request = ProtectBackups(passphrase=phrase, who=self._means.who(), origin="command line")
        answer = self._means.ask(chosen, language, request, BackupsAnswer)
        self._means.show(chosen, answer, lambda: [word("protected", language)])


def lines(answer: BackupsAnswer, language: Language) -> list[str]:
    """How backups went, as a table."""
    heads = ("at", "file", "size", "calls", "entries", "version", "result")
    rows = [
        (
            run.at[:16].replace("T", " "),
            Path(run.file).name,
            f"{run.size / 1000:.0f}",
            str(run.calls),
            str(run.entries),
            str(run.version),
            said(run.failed, language, run.where) or word("good", language),
        )
        for run in answer.runs
    ]
    found = columns([word(head, language) for head in heads], rows) if rows else []
    found = found or [word("no_runs", language)]
    return found if answer.folder else [*found, word("no_folder", language)]
