"""What call control keeps beside the log, each as one document: counters, bells, queues and more.

They go into the records with the commit of the entries they belong to, so that a power cut leaves
either both or neither.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import datetime
from typing import Final, Protocol

import msgspec

from firmware.call.fraud import Counters
from firmware.core.log_entries import AnyLogEntry
from firmware.daemons.floor.queue_memory import read as read_queues
from firmware.daemons.floor.queue_memory import write as write_queues
from firmware.daemons.office import Office
from firmware.storage.records import Records

log = logging.getLogger(__name__)

COUNTERS: Final = "outside"
"""Name of the document of what went out."""

BELLS: Final = "bells"
"""Of what is to ring."""

QUEUES: Final = "queues"
"""Of who waits and who is logged in."""


class Noted(Protocol):
    """A desk that has a document of its own."""

    changed: bool

    def document(self) -> str:
        """What is to be kept."""
        ...


class Documents:
    """All of them."""

    def __init__(
        self, records: Records, office: Office, desks: Mapping[str, Noted], *, boot: str
    ) -> None:
        """Args: ``desks``: by the name of their document; ``boot``: of the running kernel."""
        self._records = records
        self._office = office
        self._desks = desks
        self._boot = boot

    # --- at the start -----------------------------------------------------------------------------

    def know_counters(self, now_ms: int, wall: datetime) -> None:
        """Tell the office what went out before: a restart renews no limit."""
        kept = self._records.document(COUNTERS)
        try:
            counters = msgspec.json.decode(kept, type=Counters) if kept else Counters()
        except msgspec.DecodeError as problem:
            log.error("counters of calls to the outside cannot be read: %s", problem)
            counters = Counters()
        self._office.know_counters(counters, now_ms, wall, self._boot)

    def know_bells(self, now_ms: int, wall: datetime) -> None:
        """Tell the office what was to ring."""
        self._office.know_bells(self._records.document(BELLS), now_ms, wall)

    def know_queues(self, now_ms: int, wall: datetime) -> list[AnyLogEntry]:
        """Tell the office who waited and who was logged in; what is to be written comes back."""
        try:
            kept = read_queues(self._records.document(QUEUES))
        except msgspec.DecodeError as problem:
            log.error("queues and agents of before cannot be read: %s", problem)
            return []
        return self._office.queues.continuity.know(kept, now_ms, wall, self._boot) if kept else []  # type: ignore[return-value]  # the union is closed

    # --- at a commit ------------------------------------------------------------------------------

    def take(self, now_ms: int, wall: datetime) -> dict[str, str]:
        """What has changed, by name; it counts as kept from here on."""
        documents: dict[str, str] = {}
        if counters := self._office.take_counters(now_ms, wall):
            documents[COUNTERS] = msgspec.json.encode(counters).decode()
        for name, desk in self._desks.items():
            if desk.changed:
                desk.changed = False
                documents[name] = desk.document()
        if bells := self._office.take_bells(now_ms):
            documents[BELLS] = bells
        queues = self._office.queues
        if queues.changed and queues.used:
            queues.changed = False
            documents[QUEUES] = write_queues(queues.continuity.memory(now_ms, self._boot))
        return documents

    def give_back(self, taken: Mapping[str, str]) -> None:
        """The card took none of these: they are still to be kept."""
        self._office.outside.fraud.changed |= COUNTERS in taken
        self._office.bells.changed |= BELLS in taken
        self._office.queues.changed |= QUEUES in taken
        for name, desk in self._desks.items():
            desk.changed |= name in taken
