"""When what is due, for thousands of things at once.

A due time costs the logarithm of their number; cancelling costs nothing, since a stale entry is
thrown away when its turn comes.
"""

from __future__ import annotations

import heapq

Due = tuple[str, str]
"""What is due: its kind and whose it is."""


class Wheel:
    """Due times in milliseconds, each thing at most once."""

    __slots__ = ("_heap", "_times")

    def __init__(self) -> None:
        self._heap: list[tuple[int, Due]] = []
        self._times: dict[Due, int] = {}

    def set(self, kind: str, whose: str, due_ms: int) -> None:
        """The thing is due then; an earlier appointment of it is forgotten."""
        due = (kind, whose)
        self._times[due] = due_ms
        heapq.heappush(self._heap, (due_ms, due))

    def cancel(self, kind: str, whose: str) -> None:
        """The thing is not due any more; nothing happens if it was not."""
        self._times.pop((kind, whose), None)
        if len(self._heap) > 64 and len(self._heap) > 4 * len(self._times):
            self._heap = [(at_ms, due) for due, at_ms in self._times.items()]
            heapq.heapify(self._heap)

    def next_ms(self) -> int | None:
        """When the next thing is due, or None."""
        heap, times = self._heap, self._times
        while heap and times.get(heap[0][1]) != heap[0][0]:
            heapq.heappop(heap)
        return heap[0][0] if heap else None

    def take(self, now_ms: int) -> Due | None:
        """The next thing that is due by now, which is then done with."""
        due_ms = self.next_ms()
        if due_ms is None or due_ms > now_ms:
            return None
        due = heapq.heappop(self._heap)[1]
        del self._times[due]
        return due

    def entries(self) -> list[tuple[str, str, int]]:
        """All appointments, for a journal."""
        return sorted((kind, whose, at_ms) for (kind, whose), at_ms in self._times.items())
