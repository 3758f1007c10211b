"""A telephone that the box rang was lifted: wake-up, reminder, test of its ringer. Pure."""

from __future__ import annotations

from typing import Any, Final

from firmware.dialogs.told import Heard, SelfTested, Snoozed
from firmware.voicemail.session import Quiet, Recorded, Session

WAIT_MS: Final = 6_000
"""Chosen: how long a sleeper is given for the key that lets him sleep on."""

_SAID: Final = {
    "wake_up": ("wake-up-call", "wake-up-again"),
    "reminder": ("reminder-call", "wake-up-again"),
    "ringtest": ("self-test-ring-good",),
}


class BellDialog(Session):
    """One call of the box.

    Args:
        kind: ``wake_up``, ``reminder`` or ``ringtest``.
        extension: Whom it rings.
        language: Of the prompts.
    """

    def __init__(self, kind: str, extension: str, language: str) -> None:
        super().__init__(extension, language)
        self._kind = kind
        self._state = "call"

    def start(self, now_ms: int) -> list[Any]:  # noqa: ARG002 - the form of a flow
        """It was lifted: say why it rang."""
        said: list[Any] = [Heard(), self._talk(*_SAID[self._kind])]
        if self._kind == "ringtest":
            self._state = "bye"
            said.append(SelfTested(extension=self.mailbox, found="ringer heard", good=True))
        return said

    def key(self, key: str, now_ms: int) -> list[Any]:  # noqa: ARG002 - the form of a flow
        """1 is later, 2 is enough."""
        if self._state != "call" or key not in "12":
            return []
        self._state, self._deadline = "bye", None
        if key == "1":
            snoozed = Snoozed(extension=self.mailbox, kind=self._kind)
            return [Quiet(), snoozed, self._talk("done")]
        return [Quiet(), self._talk("goodbye")]

    def played(self, now_ms: int) -> list[Any]:
        """Wait for a key, or end."""
        if self._state == "bye":
            return self._hang_up(now_ms)
        self._deadline = now_ms + WAIT_MS
        return []

    def recorded(self, recording: Recorded, now_ms: int) -> list[Any]:  # noqa: ARG002 - form
        """Nothing is recorded here."""
        return []

    def advance(self, now_ms: int) -> list[Any]:
        """No key: he is awake."""
        if self._deadline is None or now_ms < self._deadline:
            return []
        return self._hang_up(now_ms)
