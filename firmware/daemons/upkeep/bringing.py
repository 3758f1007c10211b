"""A backup is brought back whole: at the next start, before anybody has opened the data.

The page unseals it into a folder beside; here its parts take the places of those that are there,
which are set aside and not thrown away. Each step is one renaming, so that a power cut in between
only means that the rest is done at the start after.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Final

from firmware.daemons.upkeep.state import FOLDER
from firmware.storage.folder import sync_folder
from firmware.storage.rights import RIGHTS, settle

RESTORED: Final = "restored"
"""In the folder of updates: a whole backup, unsealed, that waits for the next start."""

BEFORE: Final = "before-restore"
PARTS: Final = tuple(RIGHTS)
BESIDE: Final = ("records.sqlite-wal", "records.sqlite-shm")
"""Of the records that leave: they must not be read with those that come."""


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
        settle(new, like=data)
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
