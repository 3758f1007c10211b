"""After a conversation the caller who stays on the line is asked how it was. Pure."""

from __future__ import annotations

from typing import Any, Final

from firmware.dialogs.asking import Asking
from firmware.dialogs.told import Told

WAIT_MS: Final = 8_000
"""Chosen: as long as a caller is given for a key in a menu, and a little more after a goodbye."""

MOST_ASKED: Final = 2
QUESTIONS: Final = {2: "survey-ask-two", 5: "survey-ask-five"}
"""Scale to the question: 1 satisfied, 2 not; or 1 to 5, 5 is best."""


class SurveyPut(Told, frozen=True, kw_only=True):
    """The question is being put."""

    scale: int


class SurveyKeyed(Told, frozen=True, kw_only=True):
    """The caller's key."""

    scale: int
    key: int


class Survey(Asking):
    """One caller's answer.

    Args:
        queue: Where he was served.
        language: Of the prompts.
        scale: 2 or 5 keys.
    """

    wait_ms = WAIT_MS

    def __init__(self, queue: str, language: str, scale: int) -> None:
        super().__init__(queue, language)
        self._scale = scale
        self._asked = 1

    def _opened(self) -> list[Any]:
        """He stayed."""
        return [SurveyPut(scale=self._scale), self._talk(QUESTIONS[self._scale])]

    def _keyed(self, key: str) -> list[Any]:
        """His answer, once."""
        if not key.isdigit() or not 1 <= int(key) <= self._scale:
            return self._again("number-wrong")
        return [SurveyKeyed(scale=self._scale, key=int(key)), self._end("survey-thanks")]

    def _unanswered(self) -> list[Any]:
        """No key."""
        return self._again()

    def _again(self, *before: str) -> list[Any]:
        self._asked += 1
        if self._asked > MOST_ASKED + len(before):
            return self._goodbye()
        self._deadline = self.now_ms + 4 * WAIT_MS
        return [self._talk(*before, QUESTIONS[self._scale])]
