"""Which reports are to leave the box, and when: each once, of days that are over."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, time, timedelta
from typing import Final

import msgspec

from firmware.call.hours import zone_of
from firmware.core.desk_entries import ReportDue
from firmware.core.settings import Settings
from firmware.reports.report import Period
from firmware.reports.sheet import days_of

log = logging.getLogger(__name__)

DOCUMENT: Final = "reports"


class ReportDesk:
    """Says which reports are due; the entry it gives becomes what waits to be mailed.

    Args:
        settings: Those in force, at any time.
        kept: What :meth:`document` gave before; empty for nothing.
    """

    def __init__(self, settings: Callable[[], Settings], kept: str) -> None:
        self._settings = settings
        self._done: dict[str, str] = {}  # period to the first day of what was made last
        if kept:
            try:
                self._done = msgspec.json.decode(kept, type=dict[str, str])
            except msgspec.DecodeError as problem:
                log.error("which reports were made cannot be read: %s", problem)
        self.changed = False

    def document(self) -> str:
        """What was made, to be kept."""
        return msgspec.json.encode(self._done).decode()

    def look(self, now_ms: int, wall: datetime) -> list[ReportDue]:
        """Reports that are due now, one for each address.

        A box that was off makes up for the newest of each kind, not for all that it missed. What
        was over before reports were wanted is not sent.
        """
        settings = self._settings()
        wanted = settings.reports
        now = wall.astimezone(zone_of(settings))
        if now.time() < time.fromisoformat(wanted.at):
            return []
        due: list[ReportDue] = []
        for period, wished in (
            (Period.DAY, wanted.daily),
            (Period.WEEK, wanted.weekly),
            (Period.MONTH, wanted.monthly),
        ):
            begun, _ = days_of(period, now.date())
            last = days_of(period, begun - timedelta(days=1))[0].isoformat()
            before = self._done.get(period)
            if before == last:
                continue
            self._done[period] = last
            self.changed = True
            if wished and before is not None:
                due += [
                    ReportDue(
                        at_ms=now_ms,
                        period=str(period),
                        day=last,
                        to=address,
                        language=settings.language,
                    )
                    for address in wanted.mail_to
                ]
        return due
