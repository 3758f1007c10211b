"""Places for pages that are followed live: so many in all, and so many for each person."""

from __future__ import annotations

import threading
from collections import Counter
from typing import Final

SEATS: Final = 60
"""Of the server's 80 threads; the rest is for clicks."""

EACH: Final = 12
"""For one person: a desk, a board on two walls and all the pages that lie forgotten in other tabs.
Five people who take all they may leave nobody out."""

FULL: Final = "live-full"
YOURS: Final = "live-yours"
"""Words that say why there is no place."""


class Seats:
    """Who follows how many pages. Safe to use from many threads."""

    def __init__(self, total: int = SEATS, each: int = EACH) -> None:
        self._total, self._each = total, each
        self._lock = threading.Lock()
        self._taken: Counter[str] = Counter()

    def take(self, who: str) -> str:
        """A place for one page more of somebody's; the word that says why not, empty if he has it.

        Args:
            who: Name of his account.
        """
        with self._lock:
            if self._taken[who] >= self._each:
                return YOURS
            if self._taken.total() >= self._total:
                return FULL
            self._taken[who] += 1
            return ""

    def leave(self, who: str) -> None:
        """One of his pages was closed."""
        with self._lock:
            self._taken[who] -= 1
            if self._taken[who] <= 0:
                del self._taken[who]


seats = Seats()
"""Of this server."""
