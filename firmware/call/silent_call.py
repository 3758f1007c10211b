"""A call on which nothing is heard: greeted twice, told so, and cleared; speech brings him back.

Pure. The steps are a table: sentences by their keys, and how long is listened behind each.
"""

from __future__ import annotations

from enum import Enum
from typing import Final, Literal

from firmware.core.timers import Times

SAY_LIMIT_MS: Final = 15_000
"""Chosen: above the longest sentence; a sentence that never ends may not keep a line."""

Kind = Literal["silent", "faint"]

# Sentence, and the timer of listening behind it. A bare hang-up does not occur.
_STEPS: Final[dict[Kind, tuple[tuple[str, str], ...]]] = {
    "silent": (
        ("silent-hello", "silent_pause"),
        ("silent-hello-again", "silent_pause"),
        ("silent-goodbye", "silent_clear"),
    ),
    "faint": (("faint-speak-up", "silent_clear"), ("faint-goodbye", "silent_clear")),
}


class Act(Enum):
    """What is to be done next, besides saying a sentence."""

    LISTEN = "listen"
    CLEAR = "clear"
    BRING_BACK = "bring_back"


class SilentCall:
    """The routine of one call.

    Args:
        kind: ``silent`` where nothing is heard, ``faint`` where too little is.
        times: ``silent_pause`` and ``silent_clear``.
    """

    __slots__ = ("_at", "_deadline", "_listening", "_steps", "_times", "over")

    def __init__(self, kind: Kind, times: Times) -> None:
        self._steps = _STEPS[kind]
        self._times = times
        self._at = -1
        self._listening = False
        self._deadline: int | None = None
        self.over = False

    def next_deadline(self) -> int | None:
        """When the next step is due."""
        return None if self.over else self._deadline

    def begin(self, now_ms: int) -> str:
        """The first sentence."""
        return self._say(now_ms)

    def said(self, now_ms: int) -> Act | None:
        """The sentence is over: listen. None when there is none of ours."""
        if self.over or self._listening:
            return None
        self._listening = True
        self._deadline = now_ms + self._times[self._steps[self._at][1]]
        return Act.LISTEN

    def heard(self) -> Act | None:
        """Somebody speaks."""
        if self.over or not self._listening:
            return None
        self.over = True
        return Act.BRING_BACK

    def advance(self, now_ms: int) -> str | Act | None:
        """The next sentence, or what to do; None when nothing is due."""
        if self.over or self._deadline is None or now_ms < self._deadline:
            return None
        if not self._listening:
            return self.said(now_ms)
        if self._at + 1 < len(self._steps):
            return self._say(now_ms)
        self.over = True
        return Act.CLEAR

    def _say(self, now_ms: int) -> str:
        self._at += 1
        self._listening = False
        self._deadline = now_ms + SAY_LIMIT_MS
        return self._steps[self._at][0]
