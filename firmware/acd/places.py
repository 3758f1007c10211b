"""The place of a caller who gave up or was cut off, for when he calls again soon.

Only presented numbers have one: withheld callers cannot be told apart.
"""

from __future__ import annotations

from typing import Final

import msgspec

MOST_PLACES: Final = 500
"""So many are remembered; the oldest goes first."""


class Place(msgspec.Struct, kw_only=True):
    """What he gets back."""

    number: str
    queue: str
    order_ms: int
    until_ms: int
    language: str = ""
    agent: str = ""
    position: int = 0


class Places:
    """Places by number and queue."""

    __slots__ = ("kept",)

    def __init__(self, kept: list[Place] | None = None) -> None:
        self.kept = {(place.number, place.queue): place for place in kept or ()}

    def keep(self, place: Place) -> None:
        """Remember it; a later one of the same caller takes its place."""
        if not place.number:
            return
        self.kept.pop((place.number, place.queue), None)
        self.kept[place.number, place.queue] = place
        if len(self.kept) > MOST_PLACES:
            self.kept.pop(next(iter(self.kept)))

    def claim(self, number: str, queue: str, now_ms: int) -> Place | None:
        """His place, once, if he called again in time."""
        place = self.kept.pop((number, queue), None) if number else None
        return place if place is not None and now_ms <= place.until_ms else None
