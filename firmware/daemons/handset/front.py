"""What handsets need of the office."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Protocol

from firmware.call.call import Call
from firmware.call.outside import Outside
from firmware.core.settings import Settings


class Front(Protocol):
    """What handsets need of the office."""

    @property
    def calls_by_id(self) -> dict[str, Call]:
        """Calls that are up."""
        ...

    def call_at(self, port: str) -> Call | None:
        """The call that the telephone's user is in."""
        ...

    def carry_out(self, effects: Sequence[Any], now_ms: int, out: list[Any]) -> None:
        """Pass effects on."""
        ...

    def open_call(self, now_ms: int) -> Call:
        """A new call."""
        ...

    def put_in_force(self, settings: Settings, now_ms: int) -> None:
        """New settings."""
        ...

    def wall(self, now_ms: int) -> datetime | None:
        """UTC at a monotonic time, None while nobody has told it."""
        ...

    @property
    def outside(self) -> Outside:
        """Permission, lines and limits of calls to the outside."""
        ...

    def open_claim(self, now_ms: int) -> str:
        """Let a new box be claimed: the digits to type on the page; empty when it has an owner."""
        ...

    @property
    def address(self) -> str:
        """The box's network address, empty for none."""
        ...

    def idle_phones(self) -> set[str]:
        """Telephones that can ring now."""
        ...
