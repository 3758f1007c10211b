"""Safe mode: a call control that fails again and again begins with less, so that telephones work.

Each start is noted before anything is opened and counts as good when it has served for half a
minute. Too many that did not, and the next one takes the settings that served last, without menus,
queues, recordings and trunks: callers ring every telephone, telephones reach the lines.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Final

import msgspec

from firmware.core.acd_settings import Acd
from firmware.core.backup_settings import Backups
from firmware.core.report_settings import Reports
from firmware.core.settings import Settings
from firmware.storage.errors import UnknownVersionError
from firmware.storage.folder import replace_file

log = logging.getLogger(__name__)

FILE: Final = "starts.json"
SERVED_MS: Final = 30_000
"""A start that has served so long is good. What fails faster reaches the limit below within the two
minutes in which the manager counts; what fails more slowly leaves telephones working in between."""

IN_ONE_BOOT: Final = 4
"""So many starts without success since the machine started: the next one is safe. After six within
two minutes the manager starts the machine anew (the unit's StartLimitBurst): this comes before."""

IN_ALL: Final = 6
"""And so many in a row over restarts of the machine."""

SENTENCES: Final = (
    (
        "安全模式：呼叫控制连续 {n} 次没有正常运行。现用第 {version} 版设置，来电振所有话机，"
        "没有菜单、队列、录音和中继。改正后重新启动本机。"
    ),
    (
        "Safe mode: call control failed {n} times in a row. Settings version {version} is in "
        "force, callers ring every telephone; there are no menus, queues, recordings or trunks. "
        "Restart the box when it is mended."
    ),
)


class Starts(msgspec.Struct, frozen=True, kw_only=True):
    """What is kept.

    Attributes:
        failed: Starts in a row that did not come to serve.
        here: Those since the machine started.
        boot: Which start of the machine that was.
        good: Version of the settings that served last; 0 for none.
    """

    failed: int = 0
    here: int = 0
    boot: str = ""
    good: int = 0


def begun(before: Starts, boot: str) -> tuple[Starts, bool]:
    """A start: what is kept of it, and whether it is to be a safe one."""
    here = before.here if before.boot == boot else 0
    safe = here >= IN_ONE_BOOT or before.failed >= IN_ALL
    return Starts(failed=before.failed + 1, here=here + 1, boot=boot, good=before.good), safe


class StartBook:
    """The file, and this start.

    Args:
        data: The data folder.
        boot: Names the machine's start.
    """

    def __init__(self, data: Path, boot: str) -> None:
        self._file = data / FILE
        self._starts, self.safe = begun(self._read(), boot)
        self._until_ms: int | None = None
        self._done = False
        self._write()

    @property
    def good(self) -> int:
        """Version of the settings that served last."""
        return self._starts.good

    @property
    def failed(self) -> int:
        """Starts before this one that did not come to serve."""
        return self._starts.failed - 1

    def serves(self, now_ms: int) -> None:
        """Lines are there from now on."""
        if self._until_ms is None:
            self._until_ms = now_ms + SERVED_MS

    @property
    def deadlines(self) -> list[int]:
        """When it is to be looked at."""
        return [] if self._done or self._until_ms is None else [self._until_ms]

    def look(self, version: int, now_ms: int) -> None:
        """Whether this start has become a good one."""
        if self._done or self._until_ms is None or now_ms < self._until_ms:
            return
        self._done = True
        good = self._starts.good if self.safe else version
        self._starts = msgspec.structs.replace(self._starts, failed=0, here=0, good=good)
        self._write()

    def ended(self) -> None:
        """It was ended in order, which is no failure."""
        if not self._done and not self.safe:
            self._starts = msgspec.structs.replace(
                self._starts, failed=self._starts.failed - 1, here=self._starts.here - 1
            )
            self._write()

    def _read(self) -> Starts:
        try:
            return msgspec.json.decode(self._file.read_bytes(), type=Starts)
        except (OSError, msgspec.DecodeError):
            return Starts()

    def _write(self) -> None:
        try:
            replace_file(self._file, msgspec.json.encode(self._starts))
        except OSError as problem:
            log.warning("starts cannot be counted: %s", problem)


class SafeMode:
    """What a safe start is like.

    Args:
        good: Version of the settings that served last.
        failed: Starts that did not come to serve.
    """

    def __init__(self, good: int, failed: int) -> None:
        self._good = good
        self._failed = failed
        self._used = 0

    def settings(
        self, current: int, read: Callable[[int], dict[str, object]], country: str
    ) -> Settings:
        """Those in force: the last good ones that can be read, without all that may be left out.

        Args:
            current: Version of the newest.
            read: Gives a version's document.
            country: The machine's profile, where no version can be read at all.
        """
        for version in dict.fromkeys((self._good, current)):
            try:
                known = msgspec.convert(read(version), Settings) if version else None
            except (LookupError, ValueError, OSError, UnknownVersionError) as problem:
                log.error("settings version %d cannot be used: %s", version, problem)
                continue
            if known is not None:
                self._used = version
                return reduced(known)
        return reduced(Settings(country=country))

    def sentence(self, language: str) -> str:
        """What people are told."""
        return SENTENCES[0 if language.startswith("zh") else 1].format(
            n=self._failed, version=self._used
        )


def reduced(settings: Settings) -> Settings:
    """The telephones and the lines, and nothing that could be what fails."""
    return msgspec.structs.replace(
        settings,
        emergency_mode=True,
        record="none",
        flows={},
        inbound_modes={},
        inbound=Settings().inbound,
        acd=Acd(),
        trunks=(),
        backups=Backups(),
        reports=Reports(),
        lines=tuple(
            msgspec.structs.replace(line, inbound="", inbound_modes={}, record="")
            for line in settings.lines
            if line.port.startswith("fxo/")
        ),
    )
