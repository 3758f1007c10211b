"""A call whose record is still open, as its log so far; what a new call control adopts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

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
