"""Somebody who looks after the office hears at his telephone what is wrong. Pure."""

from __future__ import annotations

from typing import Any, Final

from firmware.dialogs.asking import Asking
from firmware.dialogs.told import AlarmsKnown
from firmware.voicemail.session import Quiet

WAIT_MS: Final = 6_000
"""Chosen: time for the key after the last word; then everything is said once more."""

SAID_TIMES: Final = 2


class AlarmDialog(Asking):
    """One call of the box about what is wrong.

    Args:
        extension: Whom it rings.
        language: Of the prompts.
        prompts: What happened, keys of prompts.
        confirm: Whether a key is asked for; a report of the day is told by being heard.
    """

    wait_ms = WAIT_MS

    def __init__(
        self, extension: str, language: str, prompts: tuple[str, ...], *, confirm: bool
    ) -> None:
        super().__init__(extension, language)
        self._prompts = (*prompts, "alarm-confirm") if confirm else prompts
        self._confirm = confirm
        self._said = 0

    def _opened(self) -> list[Any]:
        """It was lifted: say what happened."""
        self._said += 1
        told = [] if self._confirm else [AlarmsKnown()]
        return [*told, self._talk(*self._prompts)]

    def _keyed(self, key: str) -> list[Any]:
        """1 is understood."""
        if key != "1":
            return []
        return [Quiet(), AlarmsKnown(), self._end("done")]

    def _waits(self) -> list[Any]:
        """For the key, if one is asked for."""
        return super()._waits() if self._confirm else self._close()

    def _unanswered(self) -> list[Any]:
        """No key: once more, and then it rings again later."""
        return self._opened() if self._said < SAID_TIMES else self._close()
