"""A supervisor's telephone rang for a conversation: help is wanted, or a trainee talks. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from firmware.dialogs.asking import Asking
from firmware.dialogs.told import Told
from firmware.voicemail.session import Quiet

WAIT_MS: Final = 8_000
"""Chosen: an agent waits for help, so who does not choose listens."""

MODES: Final[Mapping[str, str]] = {
    "1": "listen",
    "2": "whisper",
    "3": "join",
    "4": "take_over",
}
"""The keys that ``supervisor-menu`` says, also while he attends."""


class AttendWanted(Told, frozen=True, kw_only=True):
    """He comes to the conversation ``about``; ``mode`` is one of ``MODES``."""

    about: str
    mode: str
    why: str


class Beckoned(Asking):
    """One call of the box to a supervisor.

    Args:
        about: The conversation's call.
        language: Of the prompts.
        summary: Who asks for what; empty brings him in at once.
        why: help or mentor.
    """

    wait_ms = WAIT_MS

    def __init__(self, about: str, language: str, summary: tuple[str, ...], why: str) -> None:
        super().__init__(about, language)
        self._summary = summary
        self._why = why

    def _opened(self) -> list[Any]:
        """He lifted."""
        if not self._summary:
            return [self._wanted("listen")]
        return [self._talk(*self._summary, "supervisor-menu")]

    def _keyed(self, key: str) -> list[Any]:
        """How he wants to come."""
        self._deadline = None
        if key == "*":
            return [Quiet(), *self._close()]
        if key not in MODES:
            return [self._talk("number-wrong", "supervisor-menu")]
        return [Quiet(), self._wanted(MODES[key])]

    def missed(self) -> list[Any]:
        """The conversation is over, or cannot be attended now."""
        return [self._end("supervisor-no-call")]

    def _unanswered(self) -> list[Any]:
        """No key: he listens."""
        return [self._wanted("listen")]

    def _wanted(self, mode: str) -> AttendWanted:
        return AttendWanted(about=self.mailbox, mode=mode, why=self._why)
