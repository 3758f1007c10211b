"""Before a call that must be booked: ask the handset for the account. Pure."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Final

from firmware.core.destinations import FlowGoto, ToOutside
from firmware.dialogs.asking import Asking

WAIT_MS: Final = 12_000
MOST_TRIES: Final = 3


class Booking(Asking):
    """One call that waits for its account.

    Args:
        extension: Who calls.
        language: Of the prompts.
        number: Where the call goes then.
        accounts: Accounts there are.
    """

    wait_ms = WAIT_MS

    def __init__(
        self, extension: str, language: str, number: str, accounts: Collection[str]
    ) -> None:
        super().__init__(extension, language)
        self._number = number
        self._accounts = accounts
        self._entered = ""
        self._tries = 0

    def _opened(self) -> list[Any]:
        """Ask."""
        self._deadline = self.now_ms + WAIT_MS
        return [self._talk("account-ask")]

    def _keyed(self, key: str) -> list[Any]:
        """``#`` ends the account."""
        self._deadline = self.now_ms + WAIT_MS
        if key != "#":
            self._entered += key
            return []
        account, self._entered = self._entered, ""
        if account in self._accounts:
            self.ended, self._deadline = True, None
            destination = ToOutside(number=self._number)
            return [FlowGoto(at_ms=self.now_ms, destination=destination, choice=account)]
        self._tries += 1
        if self._tries < MOST_TRIES:
            return [self._talk("account-wrong", "account-ask")]
        return self._goodbye("account-wrong")

    def _waits(self) -> list[Any]:
        """Time runs from the question and from every key."""
        return []

    def _unanswered(self) -> list[Any]:
        """No account came."""
        return self._goodbye()
