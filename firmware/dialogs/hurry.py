"""An idle agent who lifts when his queue alarms: how many wait, and a key that brings him back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from firmware.dialogs.told import Told
from firmware.voicemail.session import Quiet, Recorded, Session

WAIT_MS: Final = 6_000
"""Chosen: time for the key after the last word."""


class ComesBack(Told, frozen=True, kw_only=True):
    """The agent ends his break."""

    agent: str


class Hurry(Session):
    """One call of the box to an agent who could help.

    Args:
        agent: Whose telephone it is.
        language: Of the prompts.
        spoken: Told the time, how it stands then, keys of prompts; nothing when all is well.
    """

    def __init__(self, agent: str, language: str, spoken: Callable[[int], tuple[str, ...]]) -> None:
        super().__init__(agent, language)
        self._spoken = spoken
        self._over = False

    def start(self, now_ms: int) -> list[Any]:
        """He lifted: say how it stands in this moment."""
        spoken = self._spoken(now_ms)
        if not spoken:
            self._over = True
            return [self._talk("alarm-over")]
        return [self._talk(*spoken, "callback-accept")]

    def key(self, key: str, now_ms: int) -> list[Any]:
        """1 takes him back to work, 2 leaves him where he is."""
        if key not in {"1", "2"} or self._over:
            return []
        self._over, self._deadline = True, None
        if key == "2":
            return [Quiet(), *self._hang_up(now_ms)]
        return [Quiet(), ComesBack(agent=self.mailbox), self._talk("agent-ready")]

    def played(self, now_ms: int) -> list[Any]:
        """Wait for the key, or end."""
        if self._over:
            return self._hang_up(now_ms)
        self._deadline = now_ms + WAIT_MS
        return []

    def recorded(self, recording: Recorded, now_ms: int) -> list[Any]:  # noqa: ARG002 - form
        """Nothing is recorded here."""
        return []

    def advance(self, now_ms: int) -> list[Any]:
        """No key: he goes on with what he does."""
        if self._deadline is None or now_ms < self._deadline:
            return []
        self._deadline = None
        return self._hang_up(now_ms)
