"""A caller from outside who may call out again (DISA): a PIN first, then the number. Pure.

Off unless an owner sets it. Each PIN is counted where all are, so that guessing is slowed down by
the same doubling pauses, which no hanging up and no restart renews; while they last the right PIN
is refused like a wrong one and nothing tells the difference.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from firmware.core.destinations import FlowGoto, ToOutside
from firmware.voicemail.session import Recorded, Session

WAIT_MS: Final = 10_000
NUMBER_MS: Final = 5_000  # of silence end a number as # does
MOST_TRIES: Final = 3
MOST_DIGITS: Final = 24


class Disa(Session):
    """One caller.

    Args:
        extension: Whose rights and limits he has.
        language: Of the prompts.
        right: Whether a PIN counts; told of every one that is entered.
    """

    def __init__(self, extension: str, language: str, right: Callable[[str], bool]) -> None:
        super().__init__(extension, language)
        self._right = right
        self._entered = ""
        self._tries = 0
        self._known = False
        self._bye = False

    def start(self, now_ms: int) -> list[Any]:
        """Ask for the PIN."""
        self._deadline = now_ms + WAIT_MS
        return [self._talk("password-ask")]

    def key(self, key: str, now_ms: int) -> list[Any]:
        """``#`` ends the PIN and the number, ``*`` begins it anew."""
        if self._bye:
            return []
        self._deadline = now_ms + (NUMBER_MS if self._known else WAIT_MS)
        if key == "*":
            self._entered = ""
        elif key != "#":
            self._entered = (self._entered + key)[:MOST_DIGITS]
        elif self._known:
            return self._go(now_ms)
        else:
            return self._judge()
        return []

    def _judge(self) -> list[Any]:
        pin, self._entered = self._entered, ""
        if self._right(pin):
            self._known = True
            return [self._talk("enter-number")]
        self._tries += 1
        if self._tries < MOST_TRIES:
            return [self._talk("password-wrong", "password-ask")]
        return self._goodbye("password-wrong")

    def _go(self, now_ms: int) -> list[Any]:
        if not self._entered.isdigit():
            return self._goodbye("number-wrong")
        self.ended, self._deadline = True, None
        destination = ToOutside(number=self._entered)
        return [FlowGoto(at_ms=now_ms, destination=destination, choice="disa", payer=self.mailbox)]

    def _goodbye(self, *before: str) -> list[Any]:
        self._bye, self._deadline = True, None
        return [self._talk(*before, "goodbye")]

    def played(self, now_ms: int) -> list[Any]:
        """Goodbye was said."""
        return self._hang_up(now_ms) if self._bye else []

    def recorded(self, recording: Recorded, now_ms: int) -> list[Any]:  # noqa: ARG002 - form
        """Nothing is recorded here."""
        return []

    def returned(self, _result: str, now_ms: int) -> list[Any]:  # noqa: ARG002 - form
        """The call did not work out."""
        return self._goodbye("call-failed")

    def advance(self, now_ms: int) -> list[Any]:
        """Nothing more was keyed: a number is complete, anything else is over."""
        if self._deadline is None or now_ms < self._deadline:
            return []
        return self._go(now_ms) if self._known and self._entered else self._goodbye()
