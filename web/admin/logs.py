"""What the programs of the box said lately, read from their files, without secrets and numbers."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

import msgspec

from web.admin.masking import masked

READ_BYTES: Final = 200_000
"""Of the end of a file; some two thousand lines."""
_NAME = re.compile(r"[a-z]{2,20}")


class Log(msgspec.Struct, frozen=True, kw_only=True):
    """One program's last words, the newest last."""

    name: str
    lines: tuple[str, ...]


def logs(folder: Path | None) -> list[Log]:
    """Of every program that has written one.

    Args:
        folder: Where the programs keep them; None where nobody said.
    """
    if folder is None or not folder.is_dir():
        return []
    return [
        Log(name=path.stem, lines=_lines(path))
        for path in sorted(folder.glob("*.log"))
        if _NAME.fullmatch(path.stem) and not path.is_symlink()
    ]


def _lines(path: Path) -> tuple[str, ...]:
    try:
        with path.open("rb") as file:
            size = file.seek(0, 2)
            file.seek(max(0, size - READ_BYTES))
            text = file.read().decode("utf-8", "replace")
    except OSError:
        return ()
    whole = text.splitlines()[1 if size > READ_BYTES else 0 :]
    return tuple(masked(line) for line in whole)
