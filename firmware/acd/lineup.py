"""Those who wait, found by need: queue, wanted skills, and the level that is asked for now.

Callers of one need and one floor form a row in order; so an agent looks at the heads of a few
rows and never at everybody. A row is a sorted list: its insertion moves memory, not objects.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterator, Mapping
from typing import Final

from firmware.acd.visit import Rank, Visit

Need = tuple[str, ...]
"""A queue's number, then the skills that are wanted besides."""

Row = list[Rank]
WISH: Final = ""
"""Stands for the queue where callers wait for one agent; it has no weight of its own."""
PASSES: Final = 3
PATIENCE_MS: Final = 600_000
"""A caller who has waited so long is passed by at most so many VIPs in a row. Chosen: it ends
starvation, and four VIPs in a row are rare where they are a tenth of all callers."""


def need_of(visit: Visit) -> Need:
    """What it takes to serve him."""
    return (visit.queue, *visit.skills)


class Lineup:
    """Rows of those who wait and are not being offered."""

    __slots__ = ("passed", "rows", "wishes")

    def __init__(self) -> None:
        self.rows: dict[Need, dict[int, Row]] = {}
        self.wishes: dict[str, Row] = {}
        self.passed = 0  # VIPs in a row that passed somebody out of patience

    def add(self, visit: Visit) -> None:
        """He waits, in the row that his wish or his floor puts him in."""
        insort(self._row(visit), visit.rank)

    def remove(self, visit: Visit) -> None:
        """He does not wait any more, or moves to another row. His floor must be unchanged."""
        row = self._row(visit)
        at = bisect_left(row, visit.rank)
        if at == len(row) or row[at][3] != visit.id:
            raise KeyError(f"visit {visit.id} is in no row of {visit.queue}")
        del row[at]

    def best(
        self,
        agent: str,
        levels: Mapping[Need, int],
        weights: Mapping[str, int],
        now_ms: int,
        *,
        tasks: bool = True,
    ) -> str | None:
        """Whom this agent serves next, over all his queues; None when nobody may be his.

        VIPs come first, in order of entry; then whoever has the longest wait, bonus included,
        times the weight of his queue; then tasks.

        Args:
            agent: Whose wishes count, besides.
            levels: The agent's level per need.
            weights: Per queue.
            now_ms: Waits are measured to it.
            tasks: Whether a task may be handed out at all.
        """
        vip: Rank | None = None
        other: Rank | None = None
        most = -1
        task: Rank | None = None
        for queue, row in self._heads(agent, levels):
            first = row[0]
            if first[0] == 0:
                vip = first if vip is None or first < vip else vip
                at = bisect_left(row, (1,))
                if at == len(row):
                    continue
                first = row[at]
            if first[0] == 1:
                score = weights.get(queue, 1) * (now_ms - first[1])
                if score > most or (score == most and other is not None and first < other):
                    most, other = score, first
            elif task is None or first < task:
                task = first
        if vip is not None:
            impatient = other is not None and now_ms - other[1] > PATIENCE_MS
            if not impatient or self.passed < PASSES:
                self.passed = self.passed + 1 if impatient else 0
                return vip[3]
        self.passed = 0
        if other is not None:
            return other[3]
        return task[3] if task is not None and tasks else None

    def waiting(self) -> int:
        """How many are in any row."""
        rows = [row for floors in self.rows.values() for row in floors.values()]
        return sum(len(row) for row in (*rows, *self.wishes.values()))

    def _heads(self, agent: str, levels: Mapping[Need, int]) -> Iterator[tuple[str, Row]]:
        wishes = self.wishes.get(agent)
        if wishes:
            yield WISH, wishes
        for need, level in levels.items():
            floors = self.rows.get(need)
            if floors:
                for floor, row in floors.items():
                    if floor <= level and row:
                        yield need[0], row

    def _row(self, visit: Visit) -> Row:
        if visit.wants:
            return self.wishes.setdefault(visit.wants, [])
        return self.rows.setdefault(need_of(visit), {}).setdefault(visit.floor, [])
