"""What the office has learned of its exchange lines, read at the start and kept as it grows."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from typing import Final

import msgspec

from firmware.control.messages import KnowLines
from firmware.daemons.office import Office
from firmware.port.line_profile import LineProfile
from firmware.storage.damage import Damage
from firmware.storage.line_profiles import LineProfileStore

log = logging.getLogger(__name__)

LINES_AT_ONCE: Final = 5
"""Of what lines have taught: after a start each lesson counts."""

LINES_EVERY: Final = timedelta(minutes=10)
"""Later ones can be learned again, and the card is spared."""


class LineMemory:
    """Between the office, which learns, and the document that outlives it."""

    def __init__(self, store: LineProfileStore | None, office: Office, wall: datetime) -> None:
        """Args: ``store``: None keeps nothing; ``wall``: UTC now."""
        self._store = store
        self._office = office
        self._lessons, self._written = 0, wall

    def know(self) -> tuple[Damage, ...]:
        """Tell the office what was learned before; what was damaged, if anything."""
        if self._store is None:
            return ()
        kept, damage = self._store.load()
        try:
            self._office.know_lines(msgspec.convert(kept, dict[str, LineProfile]))
        except msgspec.ValidationError as problem:
            damage = self._store.damage(problem)
        return (damage,) if damage else ()

    def learned(self) -> KnowLines:
        """What lined shall know of the lines while call control is away."""
        return KnowLines(profiles=msgspec.to_builtins(self._office.line_profiles()))

    def keep(self, wall: datetime) -> bool:
        """Whether a call's end has taught something: kept at once at first, later now and then."""
        if not self._office.take_learned():
            return False
        self._lessons += 1
        if self._lessons <= LINES_AT_ONCE or abs(wall - self._written) >= LINES_EVERY:
            self._write(wall)
        return True

    def close(self, wall: datetime) -> None:
        """Write what was learned since."""
        if self._lessons:
            self._write(wall)

    def _write(self, wall: datetime) -> None:
        if self._store is None:
            return
        self._written = wall
        try:
            self._store.save(self._office.line_profiles(), wall)
        except OSError as problem:
            # A later end of a call writes it all again.
            log.warning("what was learned of the lines cannot be kept: %s", problem)
