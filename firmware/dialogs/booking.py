"""Before a call that must be booked: ask the handset for the account. Pure."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Final

from firmware.core.destinations import FlowGoto, ToOutside
from firmware.voicemail.session import Recorded, Session

WAIT_MS: Final = 12_000
MOST_TRIES: Final = 3


class Booking(Session):
    """One call that waits for its account.

    Args:
        extension: Who calls.
        language: Of the prompts.
        number: Where the call goes then.
        accounts: Accounts there are.
    """

    def __init__(
        self, extension: str, language: str, number: str, accounts: Collection[str]
    ) -> None:
        super().__init__(extension, language)
        self._number = number
        self._accounts = accounts
        self._entered = ""
        self._tries = 0
        self._bye = False

    def start(self, now_ms: int) -> list[Any]:
        """Ask."""
        self._deadline = now_ms + WAIT_MS
        return [self._talk("account-ask")]

    def key(self, key: str, now_ms: int) -> list[Any]:
        """``#`` ends the account."""
        if self._bye:
            return []
        self._deadline = now_ms + WAIT_MS
        if key != "#":
            self._entered += key
            return []
        account, self._entered = self._entered, ""
        if account in self._accounts:
            self.ended, self._deadline = True, None
            destination = ToOutside(number=self._number)
            return [FlowGoto(at_ms=now_ms, destination=destination, choice=account)]
        self._tries += 1
        if self._tries < MOST_TRIES:
            return [self._talk("account-wrong", "account-ask")]
        self._bye, self._deadline = True, None
        return [self._talk("account-wrong", "goodbye")]

    def played(self, now_ms: int) -> list[Any]:
        """Goodbye was said."""
        return self._hang_up(now_ms) if self._bye else []

    def recorded(self, recording: Recorded, now_ms: int) -> list[Any]:  # noqa: ARG002 - form
        """Nothing is recorded here."""
        return []

    def advance(self, now_ms: int) -> list[Any]:
        """No account came."""
        if self._deadline is None or now_ms < self._deadline:
            return []
        self._bye, self._deadline = True, None
        return [self._talk("goodbye")]
