"""Somebody who looks after the office hears at his telephone what is wrong. Pure."""

from __future__ import annotations

from typing import Any, Final

from firmware.dialogs.told import AlarmsKnown
from firmware.voicemail.session import Quiet, Recorded, Session

WAIT_MS: Final = 6_000
"""Chosen: time for the key after the last word; then everything is said once more."""

SAID_TIMES: Final = 2


class AlarmDialog(Session):
    """One call of the box about what is wrong.

    Args:
        extension: Whom it rings.
        language: Of the prompts.
        prompts: What happened, keys of prompts.
        confirm: Whether a key is asked for; a report of the day is told by being heard.
    """

    def __init__(
        self, extension: str, language: str, prompts: tuple[str, ...], *, confirm: bool
    ) -> None:
        super().__init__(extension, language)
        self._prompts = (*prompts, "alarm-confirm") if confirm else prompts
        self._confirm = confirm
        self._said = 0
        self._over = False

    def start(self, now_ms: int) -> list[Any]:  # noqa: ARG002 - the form of a flow
        """It was lifted: say what happened."""
        self._said += 1
        told = [] if self._confirm else [AlarmsKnown()]
        return [*told, self._talk(*self._prompts)]

    def key(self, key: str, now_ms: int) -> list[Any]:  # noqa: ARG002 - the form of a flow
        """1 is understood."""
        if key != "1" or self._over:
            return []
        self._over, self._deadline = True, None
        return [Quiet(), AlarmsKnown(), self._talk("done")]

    def played(self, now_ms: int) -> list[Any]:
        """Wait for the key, or end."""
        if self._over or not self._confirm:
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
