"""The clock of one actor: counts the samples it was stepped through and keeps what it will do.

Nothing here waits. An act that falls inside a block is carried out at the start of the next
block; acts that follow each other are spaced from the time the first was *due*, so a cadence does
not drift whatever the block size.
"""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Callable

from tests.bench.world.level import RATE_HZ, samples_of

Act = Callable[[], None]


class Timeline:
    """Samples gone by, and acts to come, in groups that can be called off together."""

    def __init__(self) -> None:
        self.sample = 0
        self._due = -1
        self._order = itertools.count()
        self._heap: list[tuple[int, int, str, int, Act]] = []
        self._generation: dict[str, int] = {}

    @property
    def now_ms(self) -> int:
        """Milliseconds gone by, rounded down."""
        return self.sample * 1000 // RATE_HZ

    @property
    def base(self) -> int:
        """Sample from which ``after`` counts: the time the running act was due, or now."""
        return self.sample if self._due < 0 else self._due

    def after(self, ms: float, act: Act, group: str = "") -> None:
        """Do ``act`` ``ms`` milliseconds from now; ``group`` names what it belongs to."""
        due = self.base + samples_of(ms)
        entry = (due, next(self._order), group, self._generation.get(group, 0), act)
        heapq.heappush(self._heap, entry)

    def cancel(self, group: str) -> None:
        """Forget every act of ``group`` that has not happened yet."""
        self._generation[group] = self._generation.get(group, 0) + 1

    def run(self) -> None:
        """Carry out what is due by now. Called at the start of every block."""
        heap = self._heap
        while heap and heap[0][0] <= self.sample:
            due, _, group, generation, act = heapq.heappop(heap)
            if generation != self._generation.get(group, 0):
                continue
            self._due = due
            try:
                act()
            finally:
                self._due = -1
