"""The settings: every change a numbered version with who, when and why; one readable file.

Kept in TinyDB over the atomic storage. A save is one commit and returns only when it survives a
power cut. What the settings mean is not known here; only the number of their shape is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import msgspec
import tinydb

from firmware.storage.atomic import AtomicStorage, mark_factory
from firmware.storage.damage import Damage
from firmware.storage.envelope import Document
from firmware.storage.errors import (
    SettingsConflictError,
    SettingsTooLargeError,
    UnknownVersionError,
)

__all__ = [
    "MIGRATIONS",
    "Migration",
    "SettingsConflictError",
    "SettingsStore",
    "SettingsTooLargeError",
    "UnknownVersionError",
    "Version",
    "mark_new",
]

FILE_NAME: Final = "settings.json"

VERSIONS: Final = 200
"""Versions kept. Chosen: at one change a day, more than half a year."""

MOST_SETTINGS_BYTES: Final = 250_000
"""Longest settings, as compact JSON: three versions and more fit into the document."""

MOST_DOCUMENT_BYTES: Final = 1_000_000
"""Longest document with all versions: above this a save takes more than 50 ms on an SD card. The
oldest versions leave first."""

_TABLE: Final = "versions"


class Migration(msgspec.Struct, frozen=True, kw_only=True):
    """One step of the settings' shape.

    Attributes:
        to_schema: Number of the shape after the step; steps are 2, 3, 4 and so on without a gap.
        what: One sentence for the changelog.
        change: Pure: given settings of the shape before, returns those of the shape after.
    """

    to_schema: int
    what: str
    change: Callable[[Document], Document]


MIGRATIONS: Final[tuple[Migration, ...]] = ()
"""The product's own steps, oldest first. Schema 1 is the first, so there is none yet."""


class Version(msgspec.Struct, frozen=True, kw_only=True):
    """One version, without its content. ``written_at`` is UTC, ISO 8601."""

    version: int
    written_at: str
    who: str
    why: str


class SettingsStore:
    """The settings' versions in one folder. Only calld opens it.

    Args:
        folder: Where ``settings.json`` is; must exist.
        migrate: Steps from older shapes to the one the program knows.

    Raises:
        StorageError: see ``AtomicStorage``.
    """

    def __init__(self, folder: Path | str, *, migrate: Sequence[Migration] = MIGRATIONS) -> None:
        wanted = list(range(2, 2 + len(migrate)))
        if [step.to_schema for step in migrate] != wanted:
            raise ValueError(
                f"The settings' migrations are numbered {[s.to_schema for s in migrate]} "
                f"instead of {wanted}."
            )
        self._migrate = tuple(migrate)
        self._schema = 1 + len(migrate)
        self._storage = AtomicStorage(Path(folder) / FILE_NAME, schema=self._schema)
        self._database = tinydb.TinyDB(storage=lambda: self._storage)
        self._versions = self._database.table(_TABLE, cache_size=0)

    def close(self) -> None:
        """Let another program write."""
        self._database.close()

    # --- reading -------------------------------------------------------------------------------

    def current(self) -> tuple[int, Document]:
        """The newest version's number and content in the shape this program knows.

        (0, {}) in factory state: the owner of the settings' shape has the defaults.
        """
        newest = self._newest()
        if newest is None:
            return 0, {}
        return newest["version"], self._carried_over(newest)

    def history(self) -> list[Version]:
        """Versions that are kept, newest first."""
        return [
            Version(
                version=row["version"],
                written_at=row["written_at"],
                who=row["who"],
                why=row["why"],
            )
            for row in self._rows()
        ]

    def version(self, version: int) -> Document:
        """Content of one kept version, in the shape this program knows.

        Raises:
            UnknownVersionError: it does not exist, or is no longer kept.
        """
        row = self._versions.get(doc_id=version)
        if not isinstance(row, dict):
            kept = [item.version for item in self.history()]
            there = f"{kept[-1]} to {kept[0]} are kept" if kept else "none has been saved yet"
            raise UnknownVersionError(f"There is no version {version} of the settings: {there}.")
        return self._carried_over(row)

    @property
    def alarms(self) -> tuple[Damage, ...]:
        """What a person must see until acknowledged."""
        return self._storage.alarms

    def acknowledge(self) -> None:
        """A person has seen the alarms."""
        self._storage.acknowledge()

    # --- writing -------------------------------------------------------------------------------

    def save(self, data: Document, *, base: int, who: str, why: str, now: datetime) -> int:
        """Make ``data`` the newest version; returns its number once it survives a power cut.

        Args:
            data: The whole settings, as plain JSON values.
            base: The version the editor began with.
            who: Who changed them.
            why: Their reason, for the history.
            now: Wall time, aware of its zone.

        Raises:
            SettingsConflictError: ``base`` is not the newest version.
            SettingsTooLargeError: longer than ``MOST_SETTINGS_BYTES``.
            ValueError: not plain JSON.
            OSError: not saved; the old version is in force.
        """
        rows = self._rows()  # every reading is a copy of them all: once is enough
        newest = rows[0] if rows else None
        newest_version = 0 if newest is None else int(newest["version"])
        if base != newest_version:
            by = f", saved by {newest['who']} at {newest['written_at']}" if newest else ""
            raise SettingsConflictError(
                f"The change began with version {base}, but the newest is {newest_version}{by}."
            )
        size = len(msgspec.json.encode(data))
        if size > MOST_SETTINGS_BYTES:
            raise SettingsTooLargeError(
                f"The settings are {size} bytes long; the limit is {MOST_SETTINGS_BYTES}."
            )
        version = newest_version + 1
        row = {
            "version": version,
            "written_at": now.astimezone(UTC).isoformat(timespec="seconds"),
            "who": who,
            "why": why,
            "schema": self._schema,
            "settings": data,
        }
        leaving = _leaving(rows, size)
        with self._storage.transaction(now):
            if leaving:
                self._versions.remove(doc_ids=leaving)
            self._versions.insert(tinydb.table.Document(row, doc_id=version))
        return version

    def restore(self, version: int, *, who: str, why: str, now: datetime) -> int:
        """Make an earlier version the newest one; returns the new number.

        Raises:
            UnknownVersionError: it does not exist, or is no longer kept.
            OSError: not saved; the old version is in force.
        """
        data = self.version(version)
        return self.save(data, base=self.current()[0], who=who, why=why, now=now)

    def redact(self, change: Callable[[Document], Document], now: datetime) -> None:
        """Change the content of all versions, and let no older generation of the file remain.

        For erasing a person alone: numbers of versions stay, and who changed what when.

        Raises:
            OSError: nothing was changed, or older generations are still there.
        """
        with self._storage.transaction(now):
            for row in self._versions.all():
                changed = change(row["settings"])
                self._versions.update({"settings": changed}, doc_ids=[row.doc_id])
        self.forget_generations()

    def forget_generations(self) -> None:
        """Let no older generation of the file remain.

        Raises:
            OSError: one of them is still there.
        """
        self._storage.forget_generations()
        self._storage.mark_booted()

    def mark_booted(self) -> None:
        """The box came up well with what is in force: keep it beside the generations."""
        self._storage.mark_booted()

    # --- inside --------------------------------------------------------------------------------

    def _rows(self) -> list[tinydb.table.Document]:
        """The versions, newest first."""
        return sorted(self._versions.all(), key=lambda row: -int(row["version"]))

    def _newest(self) -> dict[str, Any] | None:
        rows = self._rows()
        return rows[0] if rows else None

    def _carried_over(self, row: dict[str, Any]) -> Document:
        data: Document = row["settings"]
        for step in self._migrate[row["schema"] - 1 :]:
            data = step.change(data)
        return data


def _leaving(rows: Sequence[Mapping[str, Any]], arriving_bytes: int) -> list[int]:
    """Oldest of these versions, newest first, that have to make room."""
    room = MOST_DOCUMENT_BYTES - arriving_bytes
    leaving: list[int] = []
    for place, row in enumerate(rows, start=1):
        room -= len(msgspec.json.encode(dict(row)))
        # The version before this one always stays, so that a change can be taken back.
        if place > 1 and (room < 0 or place >= VERSIONS):
            leaving.append(int(row["version"]))
    return leaving


def mark_new(folder: Path | str) -> None:
    """Make ``folder`` if need be, and say that it belongs to a new box with factory settings.

    Without this a folder without settings is a lost folder, and is refused. Done once, by whoever
    makes the data folder; the marker leaves with the first save.
    """
    Path(folder).mkdir(parents=True, exist_ok=True)
    mark_factory(Path(folder) / FILE_NAME)
