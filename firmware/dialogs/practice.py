"""A recorded caller speaks to an agent who learns; he answers as he would a real one. Pure."""

from __future__ import annotations

from typing import Any, ClassVar

from firmware.dialogs.asking import Asking


class Practice(Asking):
    """One practice call.

    Args:
        about: The agent.
        language: Of the recording.
        recording: Name of the prompt, without language.
    """

    wait_ms: ClassVar[int] = 20_000
    """Chosen: time to say goodbye after the caller's last word, or to ask for him once more."""

    def __init__(self, about: str, language: str, recording: str) -> None:
        super().__init__(about, language)
        self._recording = recording

    def broken_off(self, waiting: tuple[str, ...]) -> list[Any]:
        """Somebody real waits: ``waiting`` are the prompts that say so."""
        return [] if self.over else [self._end(*waiting)]

    def _opened(self) -> list[Any]:
        return [self._talk(self._recording)]

    def _keyed(self, key: str) -> list[Any]:
        """1 is once more from the beginning."""
        if key != "1":
            return []
        self._deadline = None
        return self._opened()

    def _unanswered(self) -> list[Any]:
        return self._hang_up(self.now_ms)
