"""A caller leaves a message: greeting, beep, recording, thanks. Pure.

The message is kept when it is long enough, whether the caller ends with ``#``, at the limit, or by
hanging up. A mailbox that is full says so and takes nothing.
"""

from __future__ import annotations

from typing import Any

from firmware.voicemail.mailbox import Erase, Keep, Message
from firmware.voicemail.session import BEEP, Quiet, Record, Recorded, Session, StopRecord


class Leaving(Session):
    """One caller before a mailbox.

    Args:
        mailbox: The extension.
        language: Of the prompts.
        greeting: The owner's recording, empty for the system's words.
        caller: His number, if it is known.
        caller_name: His name, if it is known.
        longest_ms: The recording ends then.
        shortest_ms: What is shorter is no message.
        full: The mailbox takes nothing more.
    """

    def __init__(
        self,
        mailbox: str,
        language: str,
        *,
        greeting: str = "",
        caller: str = "",
        caller_name: str = "",
        longest_ms: int = 120_000,
        shortest_ms: int = 1_500,
        full: bool = False,
    ) -> None:
        super().__init__(mailbox, language)
        self._greeting = greeting
        self._caller = caller
        self._caller_name = caller_name
        self._longest_ms = longest_ms
        self._shortest_ms = shortest_ms
        self._full = full
        self._state = "greeting"

    def start(self, now_ms: int) -> list[Any]:  # noqa: ARG002 - the form of a flow
        """Greet, or say that the mailbox is full."""
        if self._full:
            self._state = "bye"
            return [self._talk("voicemail-full", "goodbye")]
        own = (self._greeting,) if self._greeting else ("voicemail-person-away",)
        return [self._talk(*own, "voicemail-leave", BEEP)]

    def key(self, key: str, now_ms: int) -> list[Any]:
        """``#`` ends the message, or cuts the greeting short."""
        if key != "#":
            return []
        if self._state == "recording":
            return self._stop()
        if self._state == "greeting":
            return [Quiet(), *self._begin(now_ms)]
        return []

    def played(self, now_ms: int) -> list[Any]:
        """The greeting is over: record. The thanks are over: goodbye."""
        if self._state == "greeting":
            return self._begin(now_ms)
        return self._hang_up(now_ms) if self._state == "bye" else []

    def advance(self, now_ms: int) -> list[Any]:
        """The message has reached its limit."""
        if self._deadline is None or now_ms < self._deadline:
            return []
        return self._stop()

    def recorded(self, recording: Recorded, now_ms: int) -> list[Any]:  # noqa: ARG002 - as above
        """Keep what is long enough."""
        self.recording = False
        if recording.duration_ms < self._shortest_ms:
            dropped: list[Any] = [Erase(message=self._message(recording))]
            if self.gone:
                return dropped
            self._state = "greeting"
            return [*dropped, self._talk("voicemail-too-short", BEEP)]
        kept: list[Any] = [Keep(message=self._message(recording))]
        if self.gone:
            return kept
        self._state = "bye"
        return [*kept, self._talk("voicemail-sent")]

    def begun(self, recording: Recorded) -> list[Any]:
        """The message has its place from its first word on: no restart may lose it."""
        return [Keep(message=self._message(recording))]

    def _message(self, recording: Recorded) -> Message:
        return Message(
            message=recording.name,
            mailbox=self.mailbox,
            path=recording.path,
            left_at=recording.left_at,
            duration_ms=recording.duration_ms,
            caller=self._caller,
            caller_name=self._caller_name,
        )

    def _begin(self, now_ms: int) -> list[Any]:
        self._state = "recording"
        self.recording = True
        self._deadline = now_ms + self._longest_ms
        return [Record()]

    def _stop(self) -> list[Any]:
        self._state = "stopping"
        self._deadline = None
        return [StopRecord()]
