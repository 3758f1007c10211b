"""What every dialog that asks for a key has in common: told, asked again, over. Pure.

A dialog says how it opens, what a key does and what follows when none comes; waiting, the end after
the last word and the parts of a visit that it has no use for stand here.
"""

from __future__ import annotations

from abc import abstractmethod
from typing import Any, ClassVar

from firmware.voicemail.session import Recorded, Session, Talk


class Asking(Session):
    """A dialog that records nothing and waits for a key after its last word.

    Attributes:
        wait_ms: How long it waits; a dialog names its own, with the reason.
        now_ms: The moment of what it was told last.
        over: Its last words are being said; keys do nothing any more.
    """

    wait_ms: ClassVar[int]

    def __init__(self, about: str, language: str) -> None:
        super().__init__(about, language)
        self.now_ms = 0
        self.over = False

    def start(self, now_ms: int) -> list[Any]:
        """Somebody is there."""
        self.now_ms = now_ms
        return self._opened()

    def key(self, key: str, now_ms: int) -> list[Any]:
        """He pressed a key."""
        self.now_ms = now_ms
        return [] if self.over else self._keyed(key)

    def played(self, now_ms: int) -> list[Any]:
        """All was said: wait for a key, or end."""
        self.now_ms = now_ms
        return self._close() if self.over else self._waits()

    def recorded(self, _recording: Recorded, _now_ms: int) -> list[Any]:
        """Nothing is recorded here."""
        return []

    def advance(self, now_ms: int) -> list[Any]:
        """Time is up: no key came."""
        if self._deadline is None or now_ms < self._deadline:
            return []
        self.now_ms, self._deadline = now_ms, None
        return self._unanswered()

    @abstractmethod
    def _opened(self) -> list[Any]:
        """What is said first."""

    @abstractmethod
    def _keyed(self, key: str) -> list[Any]:
        """What a key does; none comes when it is over."""

    @abstractmethod
    def _unanswered(self) -> list[Any]:
        """What follows when no key came."""

    def _waits(self) -> list[Any]:
        """The words are over, and a key may come."""
        self._deadline = self.now_ms + self.wait_ms
        return []

    def _end(self, *names: str) -> Talk:
        """The last words; nothing is waited for any more."""
        self.over, self._deadline = True, None
        return self._talk(*names)

    def _goodbye(self, *before: str) -> list[Any]:
        """The last words of most."""
        return [self._end(*before, "goodbye")]

    def _close(self) -> list[Any]:
        """It is over."""
        return self._hang_up(self.now_ms)
