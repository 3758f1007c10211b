"""The stick that is in the box: which backups lie on it, and why it cannot be read."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from flask import current_app

STICK: Final = Path("/media/backup")
ENDINGS: Final = (".tipring", ".backup")
MOST_SHOWN: Final = 40
UNREADABLE: Final = "unreadable"
"""Left in place of a stick that could not be mounted, with the name of its file system."""
LONGEST: Final = 20


def stick_folder() -> Path:
    """Where sticks are mounted; another place in a trial."""
    found: Path = current_app.config.get("STICK", STICK)
    return found


def on_sticks() -> list[str]:
    """Names of the backups on the stick that is in, newest first."""
    try:
        found = [p for p in stick_folder().iterdir() if p.suffix in ENDINGS and p.is_file()]
        found.sort(key=lambda path: path.stat().st_mtime, reverse=True)
    except OSError:
        return []
    return [path.name for path in found[:MOST_SHOWN]]


def unreadable() -> str:
    """The file system of the stick that is in and cannot be read; empty if there is none."""
    try:
        return (stick_folder() / UNREADABLE).read_text(encoding="utf-8").strip()[:LONGEST]
    except (OSError, ValueError):
        return ""
