"""A telephone that the box rang was lifted: wake-up, reminder, test of its ringer. Pure."""

from __future__ import annotations

from typing import Any, Final

from firmware.dialogs.asking import Asking
from firmware.dialogs.told import Heard, SelfTested, Snoozed
from firmware.voicemail.session import Quiet

WAIT_MS: Final = 6_000
"""Chosen: how long a sleeper is given for the key that lets him sleep on."""

_SAID: Final = {
    "wake_up": ("wake-up-call", "wake-up-again"),
    "reminder": ("reminder-call", "wake-up-again"),
    "ringtest": ("self-test-ring-good",),
}


class BellDialog(Asking):
    """One call of the box.

    Args:
        kind: ``wake_up``, ``reminder`` or ``ringtest``.
        extension: Whom it rings.
        language: Of the prompts.
    """

    wait_ms = WAIT_MS

    def __init__(self, kind: str, extension: str, language: str) -> None:
        super().__init__(extension, language)
        self._kind = kind

    def _opened(self) -> list[Any]:
        """It was lifted: say why it rang."""
        said: list[Any] = [Heard(), self._talk(*_SAID[self._kind])]
        if self._kind == "ringtest":
            self.over = True
            said.append(SelfTested(extension=self.mailbox, found="ringer heard", good=True))
        return said

    def _keyed(self, key: str) -> list[Any]:
        """1 is later, 2 is enough."""
        if key not in "12":
            return []
        if key == "1":
            snoozed = Snoozed(extension=self.mailbox, kind=self._kind)
            return [Quiet(), snoozed, self._end("done")]
        return [Quiet(), *self._goodbye()]

    def _unanswered(self) -> list[Any]:
        """No key: he is awake."""
        return self._close()
