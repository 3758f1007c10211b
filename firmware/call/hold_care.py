"""A caller on hold, as he should be treated: comforted, not forgotten, and asked before it is long.

Pure; one object for one stay on hold. It is told the time and answers with what is due.
"""

from __future__ import annotations

from enum import Enum
from typing import Final

from firmware.core.fsm import earliest
from firmware.core.timers import Times


class Due(Enum):
    """What is to be done for a caller on hold."""

    COMFORT = "comfort"  # a sentence, then the music again
    REMIND = "remind"  # whoever holds hears a beep
    APOLOGISE = "apologise"  # the caller hears that it takes long; it is noted


class HoldCare:
    """One stay on hold.

    Args:
        since_ms: when it began.
        times: timers in force: ``hold_comfort``, ``hold_reminder`` and ``hold_limit``.
    """

    __slots__ = ("_comfort_ms", "_every_ms", "_limit_ms", "_reminder_ms", "offered")

    def __init__(self, since_ms: int, times: Times) -> None:
        self._every_ms: Final = times["hold_comfort"]
        self._comfort_ms = since_ms + self._every_ms
        self._reminder_ms: int | None = since_ms + times["hold_reminder"]
        self._limit_ms: int | None = since_ms + times["hold_limit"]
        self.offered = False  # the caller was told the minutes and may ask to be called back

    def next_deadline(self) -> int:
        """When something is due."""
        due = earliest(self._comfort_ms, self._reminder_ms, self._limit_ms)
        return self._comfort_ms if due is None else due

    def spoken_to(self, now_ms: int) -> None:
        """He has just been told something else: the next comfort waits its time."""
        self._comfort_ms = now_ms + self._every_ms

    def advance(self, now_ms: int) -> list[Due]:
        """What is due; an apology takes the place of a comfort of the same moment."""
        due: list[Due] = []
        if self._reminder_ms is not None and self._reminder_ms <= now_ms:
            self._reminder_ms = None
            due.append(Due.REMIND)
        if self._limit_ms is not None and self._limit_ms <= now_ms:
            self._limit_ms = None
            due.append(Due.APOLOGISE)
            self.spoken_to(now_ms)
        elif self._comfort_ms <= now_ms:
            due.append(Due.COMFORT)
            self.spoken_to(now_ms)
        return due
