"""A backup is brought back whole: at the next start, before anybody has opened the data.

The page unseals it into a folder beside; here its parts take the places of those that are there,
which are set aside and not thrown away. Each step is one renaming, so that a power cut in between
only means that the rest is done at the start after.
"""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
from pathlib import Path
from typing import Final

from firmware.daemons.upkeep.state import FOLDER
from firmware.storage.folder import sync_folder

RESTORED: Final = "restored"
"""In the folder of updates: a whole backup, unsealed, that waits for the next start."""

BEFORE: Final = "before-restore"
PARTS: Final = (
    "keys", "settings", "records.sqlite", "lines.json", "prompts", "faxes", "recordings",
    "voicemail",
)  # fmt: skip
BESIDE: Final = ("records.sqlite-wal", "records.sqlite-shm")
"""Of the records that leave: they must not be read with those that come."""

OWNERS: Final = {"recordings": "tipring-line", "voicemail": "tipring-line"}
OWNER: Final = "tipring-call"


def bring_back(data: Path) -> tuple[str, ...]:
    """Put what waits into force.

    Args:
        data: The data folder.

    Returns:
        The parts that were brought back; none if nothing waits.
    """
    waiting, before = data / FOLDER / RESTORED, data / BEFORE
    if not waiting.is_dir() or waiting.is_symlink():
        return ()
    brought = []
    for part in PARTS:
        new, old = waiting / part, data / part
        if not new.exists() or new.is_symlink():
            continue
        before.mkdir(mode=0o700, exist_ok=True)
        _aside(old, before / part)
        if part == "records.sqlite":
            for beside in BESIDE:
                _aside(data / beside, before / beside)
        _hand_over(new, OWNERS.get(part, OWNER))
        new.rename(old)
        brought.append(part)
    sync_folder(data)
    shutil.rmtree(waiting, ignore_errors=True)
    return tuple(brought)


def _aside(old: Path, to: Path) -> None:
    if not old.exists():
        return
    if to.exists():  # of an earlier restore: the newest is kept
        shutil.rmtree(to) if to.is_dir() else to.unlink()
    old.rename(to)


def _hand_over(part: Path, name: str) -> None:
    """To the daemon that writes there; on a machine without these users it stays as it is."""
    with contextlib.suppress(KeyError, PermissionError):
        user = pwd.getpwnam(name)
        for folder, _, files in os.walk(part):
            os.chown(folder, user.pw_uid, user.pw_gid)
            for file in files:
                os.chown(Path(folder, file), user.pw_uid, user.pw_gid, follow_symlinks=False)
        os.chown(part, user.pw_uid, user.pw_gid)
        if part.is_file():
            part.chmod(0o640)
        elif name != OWNER:
            part.chmod(0o2770)
        elif part.name != "keys":
            part.chmod(0o750)
