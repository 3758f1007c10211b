"""A caller who is a fax machine: the call is lent to a fax end, and ends with the fax.

Driven as any visit; it says nothing, hears no key and knows no end by name.
"""

from __future__ import annotations

from typing import Any, Literal

from firmware.core.destinations import FlowLearned
from firmware.dialogs.told import Told
from firmware.voicemail.session import Recorded, Session

FLOW = "fax"
"""Name of the flow, as a call is sent to it."""

Why = Literal["setting", "tone"]


class FaxWanted(Told, frozen=True, kw_only=True):
    """The caller is to be joined to a fax end that receives."""

    why: Why


class Fax(Session):
    """One such caller; ``why`` he is taken for a machine."""

    def __init__(self, why: Why, language: str) -> None:
        super().__init__("", language)
        self._why: Why = why

    def start(self, now_ms: int) -> list[Any]:
        """Lend the call; what a machine's tone said needs no other proof that he is served."""
        known = [FlowLearned(at_ms=now_ms, served=True)] if self._why == "tone" else []
        return [*known, FaxWanted(why=self._why)]

    def agreed(self, now_ms: int) -> list[Any]:
        """The machines understand each other."""
        return [FlowLearned(at_ms=now_ms, served=True)]

    def over(self, now_ms: int) -> list[Any]:
        """The session is over, or there is no end free: nothing more for this caller."""
        return self._hang_up(now_ms)

    def key(self, key: str, now_ms: int) -> list[Any]:  # noqa: ARG002 - the form of a visit
        """What sounds like a key is the machine."""
        return []

    def played(self, now_ms: int) -> list[Any]:  # noqa: ARG002 - the form of a visit
        """Nothing is played."""
        return []

    def recorded(self, recording: Recorded, now_ms: int) -> list[Any]:  # noqa: ARG002 - as above
        """Nothing is recorded."""
        return []

    def advance(self, now_ms: int) -> list[Any]:  # noqa: ARG002 - as above
        """T.30 has timers of its own."""
        return []
