"""A supervisor hears at his telephone what is wrong at queues, and confirms it by a key. Pure."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from firmware.dialogs.asking import Asking
from firmware.dialogs.told import Told
from firmware.voicemail.session import Quiet

WAIT_MS: Final = 6_000
"""Chosen: time for the key after the last word; then everything is said once more."""

SAID_TIMES: Final = 2


class AlarmHeard(Told, frozen=True, kw_only=True):
    """A supervisor has confirmed the alarms of queues."""


class QueueAlarmDialog(Asking):
    """One call of the box about queues.

    Args:
        whose: The telephone.
        language: Of the prompts.
        spoken: Told the time, what is wrong then, keys of prompts; nothing when all is well.
    """

    wait_ms = WAIT_MS

    def __init__(self, whose: str, language: str, spoken: Callable[[int], tuple[str, ...]]) -> None:
        super().__init__(whose, language)
        self._spoken = spoken
        self._said = 0

    def _opened(self) -> list[Any]:
        """It was lifted: say how it stands in this moment."""
        spoken = self._spoken(self.now_ms)
        self._said += 1
        if not spoken:
            return [AlarmHeard(), self._end("alarm-over")]
        return [self._talk(*spoken, "alarm-confirm")]

    def _keyed(self, key: str) -> list[Any]:
        """1 is understood."""
        if key != "1":
            return []
        return [Quiet(), AlarmHeard(), self._end("done")]

    def _unanswered(self) -> list[Any]:
        """No key: once more, and then it rings again later."""
        return self._opened() if self._said < SAID_TIMES else self._close()
