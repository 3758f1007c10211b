"""Backups that the box makes by itself, each read back before it counts, and how they went."""

from __future__ import annotations

import contextlib
import logging
import re
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Final

import msgspec

from firmware.call.hours import zone_of
from firmware.control.backup_messages import (
    AnyBackupRequest,
    AskBackups,
    BackupRun,
    BackupsAnswer,
    MakeBackup,
    ProtectBackups,
)
from firmware.control.messages import Refused
from firmware.core.backup_settings import LATE, Backups, is_due, moment
from firmware.core.desk_entries import Audited
from firmware.core.log_entries import AnyLogEntry
from firmware.core.settings import Settings
from firmware.daemons.aside import Aside
from firmware.storage.backup import KEYS, BackupKey, backup
from firmware.storage.folder import replace_file, sync_folder
from firmware.storage.troubles import cause, said

log = logging.getLogger(__name__)

DOCUMENT: Final = "backups"
KEY: Final = "backup.key"
MOST_RUNS: Final = 20
STICKS: Final = Path("/media")
ENDING: Final = ".tipring"
NAME: Final = re.compile(r"tipring-\d{8}-\d{4}\.tipring")

WORDS: Final = {
    "not-set": ("还没有设置备份位置", "The place of backups is not set."),
    "running": ("备份正在进行", "A backup is being made."),
    "failed": ("备份失败：{why}", "The backup was not made: {why}"),
    "late": ("自 {at} 起没有新的备份", "There is no backup since {at}."),
    "never": ("设置了自动备份，但还没有成功过", "Backups are set, and none was made yet."),
}


def say(key: str, language: str, **values: object) -> str:
    """A sentence about backups."""
    return WORDS[key][0 if language.startswith("zh") else 1].format(**values)


class BackupDesk:
    """Makes backups when they are due and answers how they went.

    Args:
        data: The data folder.
        settings: Those in force, at any time.
        kept: What :meth:`document` gave before; empty for nothing.
        sticks: Where sticks are mounted: a folder there counts only while one is.
    """

    def __init__(
        self, data: Path, settings: Callable[[], Settings], kept: str, *, sticks: Path = STICKS
    ) -> None:
        self._data, self._sticks = data, sticks
        self._key_at = data / KEYS / KEY
        self._settings = settings
        self._runs: tuple[BackupRun, ...] = ()
        if kept:
            try:
                self._runs = msgspec.json.decode(kept, type=tuple[BackupRun, ...])
            except msgspec.DecodeError as problem:
                log.error("how backups went cannot be read: %s", problem)
        self._running = False
        self._now: datetime | None = None
        self.changed = False

    def document(self) -> str:
        """How the last ones went, to be kept."""
        return msgspec.json.encode(self._runs).decode()

    @property
    def alarms(self) -> tuple[str, ...]:
        """What people must know about it, in the office's language."""
        return self.alarms_in(self._settings().language)

    def alarms_in(self, language: str) -> tuple[str, ...]:
        """The same in another one."""
        if not self._settings().backups.folder or self._now is None:
            return ()
        if not self._runs:
            return ()
        last = self._runs[0]
        if last.failed:
            return (say("failed", language, why=said(last.failed, language, last.where)),)
        wanted = moment(self._settings().backups, self._now)
        if _at(self._runs[0]) < wanted and self._now > wanted + LATE:
            return (say("late", language, at=self._runs[0].at[:16]),)
        return ()

    def look(self, wall: datetime, aside: Aside) -> None:
        """Make one if it is due."""
        self._now = now = wall.astimezone(zone_of(self._settings()))
        last = self._runs[0] if self._runs else None
        good = last is not None and not last.failed
        at = None if last is None else _at(last)
        if not self._running and is_due(self._settings().backups, at, good=good, now=now):
            self._begin(now, aside)

    def answer(
        self, request: AnyBackupRequest, now_ms: int, wall: datetime, aside: Aside
    ) -> tuple[msgspec.Struct, Sequence[AnyLogEntry]]:
        """Carry out one request; a mistake is a sentence."""
        noted: tuple[AnyLogEntry, ...] = ()
        match request:
            case AskBackups():
                pass
            case MakeBackup(language=language):
                if not self._settings().backups.folder:
                    return Refused(id="backup-not-set", message=say("not-set", language)), ()
                if self._running:
                    return Refused(id="backup-running", message=say("running", language)), ()
                self._begin(wall.astimezone(zone_of(self._settings())), aside)
                noted = (self._audit(request, "backup_made", now_ms),)
            case ProtectBackups(passphrase=phrase):
                try:
                    key = BackupKey.of(phrase)
                    self._key_at.parent.mkdir(mode=0o700, exist_ok=True)
                    replace_file(self._key_at, msgspec.json.encode(key))
                except (ValueError, OSError) as problem:
                    return Refused(id="backup-phrase", message=str(problem)), ()
                noted = (self._audit(request, "backups_protected", now_ms),)
        answer = BackupsAnswer(
            runs=self._runs,
            protected=self._key_at.exists(),
            folder=self._settings().backups.folder,
            running=self._running,
        )
        return answer, noted

    # --- one backup -------------------------------------------------------------------------------

    def _begin(self, now: datetime, aside: Aside) -> None:
        self._running = True
        wanted, data = self._settings().backups, self._data
        refused = self._refused(wanted)

        def over(run: BackupRun) -> None:
            self._running = False
            self._runs = (run, *self._runs)[:MOST_RUNS]
            self.changed = True
            if run.failed:
                log.error("no backup: %s", said(run.failed, "en", run.where))

        if refused:
            at = now.isoformat(timespec="seconds")
            over(BackupRun(at=at, failed=refused, where=wanted.folder))
        else:
            key = msgspec.json.decode(self._key_at.read_bytes(), type=BackupKey)
            aside(lambda: made(data, wanted, key, now), over)

    def _refused(self, wanted: Backups) -> str:
        folder = Path(wanted.folder)
        if not self._key_at.exists():
            return "no-key"
        if folder.resolve().is_relative_to(self._data.resolve()):
            return "inside"
        there = folder.is_dir()
        if there and folder.is_relative_to(self._sticks):
            # Without its stick the folder is there all the same, in memory or on the box's card.
            there = folder.stat().st_dev != self._sticks.stat().st_dev
        return "" if there else "no-folder"

    def _audit(self, request: AnyBackupRequest, action: str, now_ms: int) -> Audited:
        return Audited(
            at_ms=now_ms, who=request.who, action=action, what="backups", origin=request.origin
        )


def made(data: Path, wanted: Backups, key: BackupKey, now: datetime) -> BackupRun:
    """Make one and remove the oldest beyond those that are kept; it takes minutes."""
    folder = Path(wanted.folder)
    at = now.isoformat(timespec="seconds")
    target = folder / f"tipring-{now:%Y%m%d-%H%M}{ENDING}"
    try:
        found = backup(data, target, key, what=wanted.what, now=now)
        size = target.stat().st_size
    except (OSError, ValueError) as problem:
        log.error("the backup was not made: %s", problem)
        return BackupRun(at=at, failed=cause(problem), where=wanted.folder)
    with contextlib.suppress(OSError):
        there = sorted(path for path in folder.iterdir() if NAME.fullmatch(path.name))
        for oldest in there[: -wanted.keep]:
            oldest.unlink()
        sync_folder(folder)
    return BackupRun(
        at=at,
        file=str(target),
        size=size,
        files=found.files,
        calls=found.calls,
        entries=found.entries,
        version=found.settings_version,
    )


def _at(run: BackupRun) -> datetime:
    return datetime.fromisoformat(run.at)
