"""Faxes that were printed for a look and are not ordered yet: in memory, for a while, a few."""

from __future__ import annotations

import secrets
import threading
from collections import OrderedDict
from typing import Final

import msgspec

MOST: Final = 8
MOST_BYTES: Final = 40_000_000
"""Of all drafts together; the page may take 250 MB in all."""
TOKEN_BYTES: Final = 12


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody is about to send: a copy for each number.

    ``at_ms`` is when (wall clock, UTC, since 1970), 0 for now; ``forward`` and ``reply`` are
    received faxes, ``ticket`` what it answers, 0 for none.
    """

    who: str
    numbers: tuple[str, ...]
    copies: tuple[bytes, ...]
    pages: int
    subject: str = ""
    at_ms: int = 0
    reply: int = 0
    ticket: int = 0


class Drafts:
    """The newest drafts of everybody."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, Draft] = OrderedDict()
        self._lock = threading.Lock()

    def keep(self, draft: Draft) -> str:
        """Keep one; the oldest leave when there are too many."""
        token = secrets.token_hex(TOKEN_BYTES)
        with self._lock:
            self._kept[token] = draft
            while len(self._kept) > 1 and (len(self._kept) > MOST or self._size() > MOST_BYTES):
                self._kept.popitem(last=False)
        return token

    def find(self, token: str, who: str) -> Draft | None:
        """One's own draft; None if it is not there (any more)."""
        with self._lock:
            found = self._kept.get(token)
        return found if found is not None and found.who == who else None

    def drop(self, token: str) -> None:
        """It was sent, or is not wanted."""
        with self._lock:
            self._kept.pop(token, None)

    def _size(self) -> int:
        return sum(len(copy) for draft in self._kept.values() for copy in draft.copies)
