"""After a conversation the caller who stays on the line is asked how it was. Pure."""

from __future__ import annotations

from typing import Any, Final

from firmware.dialogs.told import Told
from firmware.voicemail.session import Recorded, Session

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


class Survey(Session):
    """One caller's answer.

    Args:
        queue: Where he was served.
        language: Of the prompts.
        scale: 2 or 5 keys.
    """

    def __init__(self, queue: str, language: str, scale: int) -> None:
        super().__init__(queue, language)
        self._scale = scale
        self._asked = 1
        self._bye = False

    def start(self, now_ms: int) -> list[Any]:  # noqa: ARG002 - the form of a flow
        """He stayed."""
        return [SurveyPut(scale=self._scale), self._talk(QUESTIONS[self._scale])]

    def key(self, key: str, now_ms: int) -> list[Any]:
        """His answer, once."""
        if self._bye:
            return []
        if not key.isdigit() or not 1 <= int(key) <= self._scale:
            return self._again(now_ms, "number-wrong")
        self._bye, self._deadline = True, None
        return [SurveyKeyed(scale=self._scale, key=int(key)), self._talk("survey-thanks")]

    def played(self, now_ms: int) -> list[Any]:
        """The question was said, or the thanks."""
        if self._bye:
            return self._hang_up(now_ms)
        self._deadline = now_ms + WAIT_MS
        return []

    def recorded(self, recording: Recorded, now_ms: int) -> list[Any]:  # noqa: ARG002 - form
        """Nothing is recorded here."""
        return []

    def advance(self, now_ms: int) -> list[Any]:
        """No key."""
        if self._deadline is None or now_ms < self._deadline:
            return []
        return self._again(now_ms)

    def _again(self, now_ms: int, *before: str) -> list[Any]:
        self._deadline = None
        self._asked += 1
        if self._asked > MOST_ASKED + len(before):
            self._bye = True
            return [self._talk("goodbye")]
        self._deadline = now_ms + 4 * WAIT_MS
        return [self._talk(*before, QUESTIONS[self._scale])]
