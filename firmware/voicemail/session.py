"""What the two kinds of visit to a mailbox have in common: words, a recorder, an end.

A visit is driven like a menu flow (told keys, ended prompts and time) and asks besides for
recordings. It knows no call, port or file.
"""

from __future__ import annotations

from typing import Any

import msgspec

from firmware.core.destinations import FlowHangsUp

BEEP = "music/beep"


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """Record what the visitor says."""


class StopRecord(msgspec.Struct, frozen=True, kw_only=True):
    """Close the recording; :meth:`Session.recorded` follows."""


class Talk(msgspec.Struct, frozen=True, kw_only=True):
    """Play these prompts, names complete with language; replaces what plays."""

    prompts: tuple[str, ...]


class Quiet(msgspec.Struct, frozen=True, kw_only=True):
    """Stop what plays."""


class Recorded(msgspec.Struct, frozen=True, kw_only=True):
    """A recording is closed.

    Attributes:
        name: Of the recording, unique for ever.
        path: The file.
        duration_ms: Length.
        left_at: When, UTC, ISO 8601.
        level_dbm0: Of what was said, pauses left out; None if nothing was.
    """

    name: str
    path: str
    duration_ms: int
    left_at: str
    level_dbm0: float | None = None


class Session:
    """One visit. ``language`` completes prompt names."""

    def __init__(self, mailbox: str, language: str) -> None:
        self.mailbox = mailbox
        self.language = language
        self.ended = False
        self.recording = False
        self.gone = False
        self._deadline: int | None = None

    def start(self, now_ms: int) -> list[Any]:
        """The visitor is there."""
        raise NotImplementedError

    def key(self, key: str, now_ms: int) -> list[Any]:
        """He pressed a key."""
        raise NotImplementedError

    def played(self, now_ms: int) -> list[Any]:
        """What was to be said has been said."""
        raise NotImplementedError

    def begun(self, _recording: Recorded) -> list[Any]:
        """A recording has begun, of no length yet; what is to be kept of it whatever happens."""
        return []

    def recorded(self, recording: Recorded, now_ms: int) -> list[Any]:
        """A recording is closed; may come when the visitor has gone."""
        raise NotImplementedError

    def left(self, now_ms: int) -> list[Any]:  # noqa: ARG002 - the form of a flow
        """The visitor is gone."""
        self.gone = True
        self._deadline = None
        return [StopRecord()] if self.recording else []

    def returned(self, _result: str, _now_ms: int) -> list[Any]:
        """A destination did not work out; a visit sends nobody on and back."""
        return []

    def next_deadline(self) -> int | None:
        """When :meth:`advance` wants to be called."""
        return self._deadline

    def advance(self, now_ms: int) -> list[Any]:
        """Time is up."""
        raise NotImplementedError

    def _talk(self, *names: str) -> Talk:
        return Talk(
            prompts=tuple(
                n if n.startswith("/") or "/" in n else f"{self.language}/{n}" for n in names
            )
        )

    def _hang_up(self, now_ms: int) -> list[Any]:
        self.ended = True
        self._deadline = None
        return [FlowHangsUp(at_ms=now_ms)]
