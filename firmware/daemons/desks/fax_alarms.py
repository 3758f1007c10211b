"""What people must know of faxes: pages that are missing, faxes that were given up."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime
from typing import Final

import msgspec

from firmware.core.settings import Settings
from firmware.daemons.desks.fax_retention import FaxRetention
from firmware.daemons.desks.fax_words import say
from firmware.fax.tries import sentence_of
from firmware.reports.moments import EPOCH, MS
from firmware.storage.faxes import FAILED, PARTIAL, WAITING
from firmware.storage.records import Records

log = logging.getLogger(__name__)

DOCUMENT: Final = "faxes"
ALARM_MS: Final = 24 * 3_600_000
"""After a day the list of faxes says it alone."""


class FaxAlarms:
    """Worded when they are read, in the reader's language.

    Args:
        records: To be read.
        settings: Those in force, at any time.
        retention: Knows which pages are not where they should be.
        kept: What :meth:`document` gave before, empty for nothing.
    """

    def __init__(
        self,
        records: Records,
        settings: Callable[[], Settings],
        retention: FaxRetention,
        kept: str,
    ) -> None:
        self._records = records
        self._settings = settings
        self._retention = retention
        self._seen = 0
        self.changed = False
        if kept:
            try:
                self._seen = msgspec.json.decode(kept, type=dict[str, int]).get("seen", 0)
            except msgspec.DecodeError as problem:
                log.error("which faxes were seen cannot be read: %s", problem)

    def document(self) -> str:
        """Up to which fax they were seen, to be kept."""
        self.changed = False
        return msgspec.json.encode({"seen": self._seen}).decode()

    def see(self, fax: int) -> None:
        """Somebody has seen what is to be known of faxes up to this one."""
        self._seen, self.changed = max(self._seen, fax), True

    def worded(self, language: str, wall: datetime | None) -> tuple[str, ...]:
        """Sentences; of faxes only those of the last day.

        Args:
            language: Of the reader.
            wall: The wall clock, aware of its zone; None while nobody has told it.
        """
        wall_ms = 0 if wall is None else (wall - EPOCH) // MS
        found: list[str] = []
        for row in self._records.faxes.in_states(PARTIAL, FAILED):
            if row.fax <= self._seen or wall_ms - row.changed_ms > ALARM_MS:
                continue
            why = sentence_of(row.result, language)
            if row.direction == "send":
                found.append(say("alarm-failed", language, value=row.fax, why=why))
            elif row.pages:
                found.append(
                    say("alarm-partial", language, value=row.fax, pages=row.pages, why=why)
                )
        found += [say("alarm-lost", language, value=fax) for fax in self._retention.lost]
        waiting = () if self._settings().fax.on else self._records.faxes.in_states(WAITING)
        if waiting:
            found.append(say("alarm-waiting", language, count=len(waiting)))
        return tuple(found)
