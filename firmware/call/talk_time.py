"""How long a conversation lasts: tones that remind whoever talks, and never an end. Pure."""

from __future__ import annotations

from typing import Final

from firmware.core.timers import Times

REMINDERS: Final = ("talk_reminder", "talk_limit")


class TalkTime:
    """The clock of one conversation, which hold does not stop.

    Args:
        since_ms: when voices were connected.
        times: ``talk_reminder`` and ``talk_limit``.
    """

    __slots__ = ("_due",)

    def __init__(self, since_ms: int, times: Times) -> None:
        self._due = sorted((since_ms + times[name], name) for name in REMINDERS)

    def next_deadline(self) -> int | None:
        """When a tone is due."""
        return self._due[0][0] if self._due else None

    def advance(self, now_ms: int) -> list[str]:
        """Names of the timers that have run out."""
        gone = [name for due_ms, name in self._due if due_ms <= now_ms]
        self._due = [item for item in self._due if item[0] > now_ms]
        return gone
