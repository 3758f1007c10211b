"""Who is let in at the page's doors, and who has to go when it is crowded. Time is an argument.

A neighbour may hold so many connections and no more. A connection that was never answered is
*silent*: it takes a place and gives nothing. When there is no room, the oldest silent one makes it,
of the neighbour himself if it is he who has too many; then one that has rested for long. So a few
hundred connections that never ask for anything keep nobody out.
"""

from __future__ import annotations

import ipaddress
from typing import Final

import msgspec

MOST: Final = 600
"""Connections at a time: fifty live pages, five hundred that say nothing, and everybody else."""

EACH: Final = 64
"""Of one neighbour: ten browsers behind one address, each with the six that browsers open."""

SILENT_MS: Final = 20_000
"""A connection that says less than ``A_BIT`` in so long, and was never answered, does not ask."""

IDLE_MS: Final = 120_000
"""Without a byte either way a connection ends; live pages send one every 15 s."""

SPARE_MS: Final = 16_000
"""Nothing has moved for longer: it may go when it is crowded. A live page moves every 15 s."""

A_BIT: Final = 1_024
"""A request without a body is smaller and sent in one go; an upload on a bad radio is faster."""


class Place(msgspec.Struct):
    """One connection."""

    neighbour: str
    since_ms: int
    moved_ms: int
    bytes_said: int = 0
    silent: bool = True


def neighbour_of(address: str) -> str:
    """An address as people write it: a door for both protocols shows IPv4 as ``::ffff:10.0.0.7``.

    That form is RFC 4291, 2.5.5.2; what is no address stays as it is.
    """
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    mapped = found.ipv4_mapped if isinstance(found, ipaddress.IPv6Address) else None
    return str(mapped or found)


class Doorkeeper:
    """Counts connections. The shell closes those that it is told to close."""

    def __init__(self, most: int = MOST, each: int = EACH) -> None:
        self._most, self._each = most, each
        self._places: dict[int, Place] = {}  # the oldest first

    def __len__(self) -> int:
        return len(self._places)

    def come(self, number: int, address: str, now_ms: int) -> list[int] | None:
        """Somebody is at the door.

        Args:
            number: Of his connection.
            address: His.
            now_ms: Monotonic.

        Returns:
            Connections to close so that there is room for him; None: he is sent away.
        """
        neighbour = neighbour_of(address)
        own = [n for n, place in self._places.items() if place.neighbour == neighbour]
        leave: list[int] = []
        if len(own) >= self._each or len(self._places) >= self._most:
            among = own if len(own) >= self._each else list(self._places)
            leave = self._dispensable(among, now_ms)
            if not leave:
                return None
        for one in leave:
            del self._places[one]
        self._places[number] = Place(neighbour=neighbour, since_ms=now_ms, moved_ms=now_ms)
        return leave

    def _dispensable(self, among: list[int], now_ms: int) -> list[int]:
        """The one that takes a place for least: the oldest silent one, or one that rests."""
        for number in among:
            if self._places[number].silent:
                return [number]
        resting = min(among, key=lambda number: self._places[number].moved_ms)
        return [resting] if now_ms - self._places[resting].moved_ms > SPARE_MS else []

    def heard(self, number: int, size: int, now_ms: int) -> None:
        """He sent so many bytes."""
        place = self._places.get(number)
        if place is None:
            return
        place.moved_ms = now_ms
        place.bytes_said += size
        if place.bytes_said >= A_BIT:
            place.since_ms, place.bytes_said = now_ms, 0

    def answered(self, number: int, now_ms: int) -> None:
        """Something was sent to him: he has asked."""
        if place := self._places.get(number):
            place.silent, place.moved_ms = False, now_ms

    def left(self, number: int) -> None:
        """His connection has ended."""
        self._places.pop(number, None)

    def overdue(self, now_ms: int) -> list[int]:
        """Connections to close: they did not ask in time, or nothing has moved for long."""
        leave = [
            number
            for number, place in self._places.items()
            if (place.silent and now_ms - place.since_ms >= SILENT_MS)
            or now_ms - place.moved_ms >= IDLE_MS
        ]
        for one in leave:
            del self._places[one]
        return leave
