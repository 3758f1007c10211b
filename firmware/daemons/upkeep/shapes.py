"""Shapes of the data: which this program writes, and which lie on the card.

A program reads data of its own shape and of older ones, never of newer ones. A bundle says its
shapes in one word of its manifest, so that a box knows before anything is written.
"""

from __future__ import annotations

import contextlib
import re
import sqlite3
from pathlib import Path
from typing import Final

import msgspec

from firmware.storage.envelope import unseal
from firmware.storage.errors import StorageError
from firmware.storage.migrations import FIRST_SCHEMA, STEPS
from firmware.storage.settings import MIGRATIONS

WORDS: Final = re.compile(r"records-(\d+) settings-(\d+)")


class Shapes(msgspec.Struct, frozen=True, order=True):
    """Numbers of the shapes; 0 where there is no data."""

    records: int
    settings: int

    def reads(self, data: Shapes) -> bool:
        """Whether a program that writes these reads that."""
        return data.records <= self.records and data.settings <= self.settings

    def said(self) -> str:
        """As a bundle says it."""
        return f"records-{self.records} settings-{self.settings}"


OWN: Final = Shapes(FIRST_SCHEMA + len(STEPS), 1 + len(MIGRATIONS))
"""What this program writes."""


def heard(text: str) -> Shapes | None:
    """What :meth:`Shapes.said` said; None for anything else."""
    found = WORDS.fullmatch(text.strip())
    return Shapes(int(found[1]), int(found[2])) if found else None


def lying(data: Path) -> Shapes:
    """Shapes of the data in a folder; what cannot be read counts as none, its owner will say so."""
    return Shapes(_records(data / "records.sqlite"), _settings(data / "settings/settings.json"))


def _records(file: Path) -> int:
    if not file.is_file():
        return 0
    with (
        contextlib.suppress(sqlite3.Error),
        contextlib.closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as opened,
    ):
        return int(opened.execute("PRAGMA user_version").fetchone()[0])
    return 0


def _settings(file: Path) -> int:
    with contextlib.suppress(OSError, StorageError, ValueError):
        return unseal(file.read_bytes()).schema
    return 0
