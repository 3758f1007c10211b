"""A call whose record is still open, as its log so far; what a new call control adopts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import msgspec

from firmware.core.log_entries import AnyLogEntry


class OpenCallLike(Protocol):
    """Whatever the records hand out for a call that is not closed."""

    @property
    def call(self) -> str:
        """The call's id."""
        ...

    @property
    def entries(self) -> Sequence[AnyLogEntry]:
        """Its log, oldest first."""
        ...


class OpenCall(msgspec.Struct, frozen=True, kw_only=True):
    """One open call by value."""

    call: str
    entries: tuple[AnyLogEntry, ...]
