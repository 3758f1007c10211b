"""A caller was passed to somebody who is not there: callback, message, or later. Pure."""

from __future__ import annotations

from typing import Any, Final

from firmware.dialogs.told import CallBackWanted
from firmware.voicemail.session import Quiet, Recorded, Session

WAIT_MS: Final = 8_000


class Absent(Session):
    """One caller.

    Args:
        leaving: The visit that takes his message.
        caller: His number, empty if it is not known: nobody could call him back.
    """

    def __init__(self, leaving: Session, caller: str) -> None:
        super().__init__(leaving.mailbox, leaving.language)
        self._leaving = leaving
        self._caller = caller
        self._state = "menu"

    def start(self, now_ms: int) -> list[Any]:  # noqa: ARG002 - the form of a flow
        """Say that nobody is there, and what he may choose."""
        return [self._talk("transfer-away", "transfer-away-menu")]

    def key(self, key: str, now_ms: int) -> list[Any]:
        """1 is a callback, 2 a message."""
        if self._state == "leaving":
            return self._copied(self._leaving.key(key, now_ms))
        if self._state != "menu" or key not in "12":
            return []
        self._deadline = None
        if key == "1" and self._caller:
            self._state = "bye"
            wanted = CallBackWanted(extension=self.mailbox, number=self._caller)
            return [Quiet(), wanted, self._talk("callback-booked")]
        self._state = "leaving"
        return [Quiet(), *self._copied(self._leaving.start(now_ms))]

    def played(self, now_ms: int) -> list[Any]:
        """Wait for his choice."""
        if self._state == "leaving":
            return self._copied(self._leaving.played(now_ms))
        if self._state == "bye":
            return self._hang_up(now_ms)
        self._deadline = now_ms + WAIT_MS
        return []

    def begun(self, recording: Recorded) -> list[Any]:
        """His message has begun."""
        return self._leaving.begun(recording)

    def recorded(self, recording: Recorded, now_ms: int) -> list[Any]:
        """His message is closed."""
        return self._copied(self._leaving.recorded(recording, now_ms))

    def left(self, now_ms: int) -> list[Any]:
        """He is gone."""
        self.gone = True
        self._deadline = None
        return self._leaving.left(now_ms) if self._state == "leaving" else []

    def advance(self, now_ms: int) -> list[Any]:
        """He chose nothing: later."""
        if self._deadline is None or now_ms < self._deadline:
            return []
        if self._state == "leaving":
            return self._copied(self._leaving.advance(now_ms))
        self._state, self._deadline = "bye", None
        return [self._talk("goodbye")]

    def _copied(self, said: list[Any]) -> list[Any]:
        self._deadline = self._leaving.next_deadline()
        self.recording, self.ended = self._leaving.recording, self._leaving.ended
        return said
