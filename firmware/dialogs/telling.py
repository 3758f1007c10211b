"""Somebody is told something at his telephone, once. Pure."""

from __future__ import annotations

from typing import Any

from firmware.voicemail.session import Quiet, Recorded, Session


class Telling(Session):
    """One thing that is told.

    Args:
        whose: The telephone.
        language: Of the prompts.
        prompts: What is said, keys of prompts.
    """

    def __init__(self, whose: str, language: str, prompts: tuple[str, ...]) -> None:
        super().__init__(whose, language)
        self._prompts = prompts

    def start(self, now_ms: int) -> list[Any]:  # noqa: ARG002 - the form of a flow
        """It was lifted."""
        return [self._talk(*self._prompts)]

    def key(self, key: str, now_ms: int) -> list[Any]:
        """1 says it again, ``*`` ends."""
        if key == "1":
            return [Quiet(), *self.start(now_ms)]
        return [Quiet(), *self._hang_up(now_ms)] if key == "*" else []

    def played(self, now_ms: int) -> list[Any]:
        """All was said."""
        return self._hang_up(now_ms)

    def recorded(self, recording: Recorded, now_ms: int) -> list[Any]:  # noqa: ARG002 - form
        """Nothing is recorded here."""
        return []

    def advance(self, now_ms: int) -> list[Any]:  # noqa: ARG002 - the form of a flow
        """There is no waiting here."""
        return []
