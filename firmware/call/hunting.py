"""Which telephone of a group rings next, where they ring one after the other. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from firmware.core.settings import Extension


class Hunt:
    """One call's way through one group.

    Attributes:
        group: The group's number, empty before any.
        turn: How many calls the group had before this one.
    """

    __slots__ = ("_tried", "_until_ms", "group", "turn")

    def __init__(self, group: str = "", turn: int = 0) -> None:
        self.group = group
        self.turn = turn
        self._until_ms = 0
        self._tried: set[str] = set()

    def patience(self, wanted_ms: int, now_ms: int) -> int:
        """When the call gives up on the group: as first wanted, however many have had a turn."""
        if self._until_ms <= now_ms:
            self._until_ms = wanted_ms
        return self._until_ms

    def over(self, now_ms: int) -> bool:
        """Whether it gives up now."""
        return now_ms >= self._until_ms

    def next(self, ordered: Sequence[Extension]) -> tuple[Extension, ...]:
        """The one to ring, of those who are free; after the last the first one's turn comes again.

        Args:
            ordered: Free telephones, the one to be tried first at the beginning.
        """
        left = [extension for extension in ordered if extension.port not in self._tried]
        if not left:
            self._tried.clear()
            left = list(ordered)
        for extension in left[:1]:
            self._tried.add(extension.port)
        return tuple(left[:1])
