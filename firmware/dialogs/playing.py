"""A recording is played to a handset: its last call. Pure."""

from __future__ import annotations

from typing import Any

from firmware.voicemail.session import Quiet, Recorded, Session


class Playing(Session):
    """One recording.

    Args:
        extension: Who listens.
        language: Of the prompts.
        path: The file.
    """

    def __init__(self, extension: str, language: str, path: str) -> None:
        super().__init__(extension, language)
        self._path = path
        self._left = False

    def start(self, now_ms: int) -> list[Any]:  # noqa: ARG002 - the form of a flow
        """Play it."""
        return [self._talk(self._path)]

    def key(self, key: str, now_ms: int) -> list[Any]:
        """1 plays it again, ``*`` ends."""
        if key == "1":
            return [Quiet(), self._talk(self._path)]
        return [Quiet(), *self._hang_up(now_ms)] if key == "*" else []

    def played(self, now_ms: int) -> list[Any]:
        """It is over."""
        return self._hang_up(now_ms)

    def recorded(self, recording: Recorded, now_ms: int) -> list[Any]:  # noqa: ARG002 - form
        """Nothing is recorded here."""
        return []

    def advance(self, now_ms: int) -> list[Any]:  # noqa: ARG002 - the form of a flow
        """There is no waiting here."""
        return []
