"""A supervisor hears at his telephone what is wrong at queues, and confirms it by a key. Pure."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from firmware.dialogs.told import Told
from firmware.voicemail.session import Quiet, Recorded, Session

WAIT_MS: Final = 6_000
"""Chosen: time for the key after the last word; then everything is said once more."""

SAID_TIMES: Final = 2


class AlarmHeard(Told, frozen=True, kw_only=True):
    """A supervisor has confirmed the alarms of queues."""


class QueueAlarmDialog(Session):
    """One call of the box about queues.

    Args:
        whose: The telephone.
        language: Of the prompts.
        spoken: Told the time, what is wrong then, keys of prompts; nothing when all is well.
    """

    def __init__(self, whose: str, language: str, spoken: Callable[[int], tuple[str, ...]]) -> None:
        super().__init__(whose, language)
        self._spoken = spoken
        self._said = 0
        self._over = False

    def start(self, now_ms: int) -> list[Any]:
        """It was lifted: say how it stands in this moment."""
        spoken = self._spoken(now_ms)
        self._said += 1
        if not spoken:
            self._over = True
            return [AlarmHeard(), self._talk("alarm-over")]
        return [self._talk(*spoken, "alarm-confirm")]

    def key(self, key: str, now_ms: int) -> list[Any]:  # noqa: ARG002 - the form of a flow
        """1 is understood."""
        if key != "1" or self._over:
            return []
        self._over, self._deadline = True, None
        return [Quiet(), AlarmHeard(), self._talk("done")]

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
        """No key: once more, and then it rings again later."""
        if self._deadline is None or now_ms < self._deadline:
            return []
        self._deadline = None
        return self.start(now_ms) if self._said < SAID_TIMES else self._hang_up(now_ms)
