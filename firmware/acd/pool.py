"""Who is free, found by need and level, in the order of the queue's strategy.

An agent stands in one row per need he can serve. He enters when he becomes free and leaves when
he is asked, so nobody has to look through those who are busy.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterable, Mapping

from firmware.acd.lineup import Need
from firmware.acd.strategy import Row, Standing, key_of
from firmware.core.acd_settings import Strategy


class Pool:
    """Rows of free agents. ``strategies`` names each queue's."""

    __slots__ = ("_places", "rows", "strategies")

    def __init__(self, strategies: Mapping[str, Strategy]) -> None:
        self.strategies = strategies
        self.rows: dict[Need, dict[int, Row]] = {}
        self._places: dict[str, list[tuple[Row, tuple[int, int, int, str]]]] = {}

    def __contains__(self, number: str) -> bool:
        """Whether the agent is free and may be asked."""
        return number in self._places

    def __len__(self) -> int:
        """How many are free."""
        return len(self._places)

    def free(self) -> Iterable[str]:
        """Everybody who is free."""
        return self._places.keys()

    def add(self, who: Standing, levels: Mapping[Need, int]) -> None:
        """He is free from now on."""
        if who.number in self._places:
            self.remove(who.number)
        places = []
        for need, level in levels.items():
            row = self.rows.setdefault(need, {}).setdefault(level, [])
            key = key_of(self.strategies[need[0]], who)
            insort(row, key)
            places.append((row, key))
        self._places[who.number] = places

    def remove(self, number: str) -> None:
        """He is asked, or is not free any more; nothing happens if he was not."""
        for row, key in self._places.pop(number, ()):
            del row[bisect_left(row, key)]

    def count(self, need: Need, floor: int = 0) -> int:
        """How many free agents could serve a need at a level."""
        return sum(len(row) for level, row in self.rows.get(need, {}).items() if level >= floor)
