"""Whose each part of the data folder is, and what others of the box's group may do with it.

As the daemons make them by themselves. A part that was brought back from a backup gets the same, or
the page could not read the records and lined could not play a message.
"""

from __future__ import annotations

import contextlib
import grp
import os
import pwd
from collections.abc import Mapping
from pathlib import Path
from typing import Final, NamedTuple

GROUP: Final = "tipring"
CALL: Final = "tipring-call"
LINE: Final = "tipring-line"


class Rights(NamedTuple):
    """Owner, mode of files, mode of folders."""

    owner: str
    file: int
    folder: int


RIGHTS: Final[Mapping[str, Rights]] = {
    "keys": Rights(CALL, 0o600, 0o2700),
    "settings": Rights(CALL, 0o600, 0o2750),
    "records.sqlite": Rights(CALL, 0o640, 0),  # the page reads
    "lines.json": Rights(CALL, 0o600, 0),
    "prompts": Rights(CALL, 0o640, 0o2750),  # lined plays
    "faxes": Rights(CALL, 0o660, 0o2770),  # faxd writes, too
    "recordings": Rights(LINE, 0o660, 0o2770),  # call control removes
    "voicemail": Rights(LINE, 0o660, 0o2770),
}
"""By the name of the part in the data folder."""
OTHER: Final = Rights(CALL, 0o600, 0o2700)


def settle(part: Path, *, like: Path) -> None:
    """Give a part of a data folder, and what is in it, to whom it belongs.

    Whoever is not root changes modes alone, and leaves the group's bit of folders to root, who
    hands them over at the next start.

    Args:
        part: ``records.sqlite``, ``recordings`` and so on, wherever it lies.
        like: A folder whose owner gets it on a machine without the box's users.
    """
    rights, root = RIGHTS.get(part.name, OTHER), os.geteuid() == 0
    user, group = _ids(rights.owner, like)
    for path in (part, *(part.rglob("*") if part.is_dir() else ())):
        if path.is_symlink():
            continue
        mode = rights.folder if path.is_dir() else rights.file
        if root:
            os.chown(path, user, group)
        path.chmod(mode if root else mode & 0o777)


def _ids(owner: str, like: Path) -> tuple[int, int]:
    with contextlib.suppress(KeyError):
        return pwd.getpwnam(owner).pw_uid, grp.getgrnam(GROUP).gr_gid
    found = like.stat()
    return found.st_uid, found.st_gid
