"""How long pages of faxes are kept: so many days, and within so much of the card."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Final

from firmware.core.desk_entries import RetentionRun
from firmware.core.fax_entries import FaxRemoved
from firmware.core.log_entries import AnyLogEntry
from firmware.core.settings import Settings
from firmware.daemons.desks.fax_shelf import FaxShelf
from firmware.storage.faxes import DIALLING, ENDED, RECEIVING, SENDING, WAITING, FaxRow
from firmware.storage.records import Records

log = logging.getLogger(__name__)

DAY_MS: Final = 24 * 3_600_000
MB: Final = 1_000_000


class FaxRetention:
    """Takes away what is beyond its time.

    Args:
        records: Open for writing.
        settings: Those in force, at any time.
        shelf: Where pages lie.
    """

    def __init__(self, records: Records, settings: Callable[[], Settings], shelf: FaxShelf) -> None:
        self._records = records
        self._settings = settings
        self.shelf = shelf
        self.lost: tuple[int, ...] = ()
        """Faxes whose pages were not where they should be at the last look."""

    def look(self, now_ms: int, wall_ms: int) -> list[AnyLogEntry]:
        """Remove what is beyond its days, and the oldest beyond the budget; open ones stay."""
        rules, held = self._settings().fax, self._records.cases.held_calls()
        entries: list[AnyLogEntry] = []
        counts: dict[str, int] = {}
        kept: list[tuple[FaxRow, int]] = []
        lost: list[int] = []

        def remove(row: FaxRow, why: str) -> None:
            try:
                entries.append(self.removed(row, why, now_ms))
            except OSError as problem:
                log.warning("fax %d stays: %s", row.fax, problem)
                return
            counts[f"fax_{why}"] = counts.get(f"fax_{why}", 0) + 1

        for row in self._records.faxes.with_pages():
            try:
                size = Path(row.file).stat().st_size
            except OSError:
                lost.append(row.fax)
                continue
            if row.state in (WAITING, DIALLING, SENDING, RECEIVING, ENDED) or row.call in held:
                continue
            if wall_ms - row.created_ms > rules.keep_days * DAY_MS:
                remove(row, "retention")
            else:
                kept.append((row, size))
        over = sum(size for _, size in kept) - rules.budget_mb * MB
        for row, size in kept:
            if over <= 0:
                break
            remove(row, "budget")
            over -= size
        self.lost = tuple(lost)
        if counts:
            entries.append(RetentionRun(at_ms=now_ms, what=counts))
        return entries

    def removed(self, row: FaxRow, why: str, now_ms: int) -> FaxRemoved:
        """Take a fax's pages away, and say that they were.

        Raises:
            OSError: they are still there.
        """
        size, digest = self.shelf.remove(row.file) or (0, "")
        return FaxRemoved(at_ms=now_ms, fax=row.fax, why=why, size=size, sha256=digest)
