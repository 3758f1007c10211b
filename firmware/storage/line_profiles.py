"""What the box has learned of its exchange lines: one small document, replaced whole.

It is worth keeping and not worth mourning: a file that cannot be read is set aside and the lines
are learned anew within some calls. So it is neither among the settings, which a person writes and
may restore, nor among the records, which are append-only.
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import msgspec

from firmware.storage.damage import Damage
from firmware.storage.envelope import DamagedError, seal, unseal
from firmware.storage.folder import replace_file

SCHEMA: Final = 1


class LineProfileStore:
    """The document of one data folder; calld alone writes it."""

    def __init__(self, path: Path | str) -> None:
        self.path = Path(path)
        self._generation = 0

    def load(self) -> tuple[dict[str, Any], Damage | None]:
        """What is kept by port, and what was damaged, None when all is well."""
        try:
            content = self.path.read_bytes()
        except FileNotFoundError:
            return {}, None
        except OSError as problem:
            return {}, self.damage(problem)
        try:
            envelope = unseal(content)
        except DamagedError as damage:
            return self._set_aside(str(damage))
        if envelope.schema != SCHEMA:
            return self._set_aside(f"its schema is {envelope.schema} instead of {SCHEMA}")
        self._generation = envelope.generation
        return envelope.data, None

    def damage(self, why: object) -> Damage:
        """That what is kept cannot be used, and why."""
        return Damage(kind="lines", file=self.path.name, why=str(why))

    def _set_aside(self, why: str) -> tuple[dict[str, Any], Damage]:
        with contextlib.suppress(OSError):
            self.path.replace(self.path.with_name(f"{self.path.name}.bad"))
        return {}, self.damage(why)

    def save(self, lines: Mapping[str, Any], now: datetime) -> None:
        """Keep this by port (structs or plain values); what it returned from survives a power cut.

        Raises:
            OSError: it was not kept; the old document is still there.
        """
        plain = msgspec.json.decode(msgspec.json.encode(lines))
        content = seal(plain, schema=SCHEMA, generation=self._generation + 1, written_at=now)
        replace_file(self.path, content)
        self._generation += 1
