"""Entries of the log on their way to the card: in memory until a milestone, or for eight seconds.

A card that takes nothing costs an alarm and no call: what waits is kept in memory, the oldest
longest, and tried again.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from datetime import datetime
from typing import Final

from firmware.core.acd_entries import AgentQueues, SurveyAnswered, TaskOpened, WrapUpEnded
from firmware.core.desk_entries import Audited, CallNoted, PersonErased, TicketWanted
from firmware.core.fax_entries import FaxBegun, FaxFinished, FaxOrdered, FaxRemoved, FaxTurned
from firmware.core.log_entries import (
    AnyLogEntry,
    CallClosed,
    CallOffered,
    FarSideAnswered,
    TelephoneAnswered,
    VoicesConnected,
)
from firmware.core.menu_entries import CallbackWanted, ForgetAsked
from firmware.daemons.clock_trust import ClockTrust
from firmware.daemons.documents import QUEUES, Documents
from firmware.storage.records import Records

log = logging.getLogger(__name__)

MOST_WAITING: Final = 10_000
"""Entries in memory while the card takes nothing: some 700 calls."""

ENTRY_WAIT_MS: Final = 8_000
"""What is no milestone of a call may wait so long for its commit."""

QUEUES_WAIT_MS: Final = 1_000
"""What a restart may forget of queues and agents."""

RETRY_MS: Final = 1_000
"""After the card took nothing."""


MILESTONES: Final = (
    CallOffered,
    TelephoneAnswered,
    FarSideAnswered,
    VoicesConnected,
    CallClosed,
    # These were confirmed to a person, by a page or by a tone.
    WrapUpEnded,
    TaskOpened,
    CallbackWanted,
    ForgetAsked,
    SurveyAnswered,
    AgentQueues,
    Audited,
    CallNoted,
    PersonErased,
    TicketWanted,
    # Before a page is confirmed to the far machine it must be known whose it is.
    FaxBegun,
    FaxFinished,
    FaxOrdered,
    FaxTurned,
    FaxRemoved,
)
"""Entries that are committed before anything behind them is done."""


class Ledger:
    """What waits to be written, with the documents that belong to it."""

    def __init__(
        self, records: Records, documents: Documents, *, boot: str, clock: ClockTrust
    ) -> None:
        """Args: ``boot``: of the running kernel; ``clock``: whether the wall clock is right."""
        self._records = records
        self._documents = documents
        self._boot = boot
        self._clock = clock
        self._waiting: list[AnyLogEntry] = []
        self._due_ms: int | None = None
        self._queues_due_ms: int | None = None
        self.unwritten = ""
        """Why the card took nothing, as a sentence; empty while it does."""

    def alarms_in(self, language: str) -> tuple[str, ...]:
        """That the card takes nothing, for people."""
        if not self.unwritten:
            return ()
        if not language.startswith("zh"):
            return (self.unwritten,)
        return (f"通话记录写不进存储卡（{self.unwritten.partition(': ')[2]}）",)

    @property
    def waiting(self) -> int:
        """How many entries wait."""
        return len(self._waiting)

    @property
    def deadlines(self) -> list[int]:
        """When :meth:`commit` is due, as far as it is."""
        return [due for due in (self._due_ms, self._queues_due_ms) if due is not None]

    def enter(self, entries: Iterable[AnyLogEntry], now_ms: int) -> None:
        """These wait from here on."""
        self._waiting += entries
        if self._waiting and self._due_ms is None:
            self._due_ms = now_ms + ENTRY_WAIT_MS

    def queues_moved(self, now_ms: int) -> None:
        """Somebody entered, left, or changed his state in a queue."""
        if self._queues_due_ms is None:
            self._queues_due_ms = now_ms + QUEUES_WAIT_MS

    def commit(self, now_ms: int, wall: datetime) -> list[AnyLogEntry] | None:
        """Write what waits.

        Returns:
            The entries that were written; None when there was nothing, or the card took nothing.
        """
        documents = self._documents.take(now_ms, wall)
        self._queues_due_ms = None
        if not self._waiting and not documents:
            return None
        entries, self._waiting = self._waiting, []
        self._due_ms = None
        try:
            self._records.append(
                entries,
                boot=self._boot,
                wall=wall,
                trusted=self._clock.trusted,
                now_ms=now_ms,
                documents=documents,
            )
        except OSError as problem:
            self._waiting = (entries + self._waiting)[:MOST_WAITING]
            self._due_ms = now_ms + RETRY_MS
            self._documents.give_back(documents)
            if QUEUES in documents:
                self._queues_due_ms = now_ms + RETRY_MS
            self.unwritten = f"call records cannot be written: {problem}"
            log.error("%s", self.unwritten)
            return None
        self.unwritten = ""
        return entries
