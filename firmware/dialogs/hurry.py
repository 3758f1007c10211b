"""An idle agent who lifts when his queue alarms: how many wait, and a key that brings him back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from firmware.dialogs.asking import Asking
from firmware.dialogs.told import Told
from firmware.voicemail.session import Quiet


class ComesBack(Told, frozen=True, kw_only=True):
    """The agent ends his break."""

    agent: str


class Hurry(Asking):
    """One call of the box to an agent who could help.

    Args:
        agent: Whose telephone it is.
        language: Of the prompts.
        spoken: Told the time, how it stands then, keys of prompts; nothing when all is well.
    """

    wait_ms: ClassVar[int] = 6_000
    """Chosen: time for the key after the last word; without one he goes on with what he does."""

    def __init__(self, agent: str, language: str, spoken: Callable[[int], tuple[str, ...]]) -> None:
        super().__init__(agent, language)
        self._spoken = spoken

    def _opened(self) -> list[Any]:
        """Say how it stands in this moment."""
        spoken = self._spoken(self.now_ms)
        return [self._talk(*spoken, "callback-accept") if spoken else self._end("alarm-over")]

    def _keyed(self, key: str) -> list[Any]:
        """1 takes him back to work, 2 leaves him where he is."""
        if key == "1":
            return [Quiet(), ComesBack(agent=self.mailbox), self._end("agent-ready")]
        return [Quiet(), *self._close()] if key == "2" else []

    def _unanswered(self) -> list[Any]:
        return self._close()
