"""Which exchange line a call to the outside takes, and which digits go out on it.

Pure: settings, the hour and the state of the lines in, a way out.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

import msgspec

from firmware.call.routing import Ports
from firmware.core.outside_settings import Route, Trunk
from firmware.core.settings import Line, Settings


class Way(msgspec.Struct, frozen=True, kw_only=True):
    """A line and what is dialled on it. ``price`` is per minute, None by the number's kind."""

    port: str
    digits: str
    price: int | None = None


def within(hours: str, minute_of_day: int) -> bool:
    """Whether the minute lies within ``18:00-08:00``; its end does not, empty is always."""
    if not hours:
        return True
    begin, end = (int(text[:2]) * 60 + int(text[3:5]) for text in hours.split("-"))
    if begin <= end:
        return begin <= minute_of_day < end
    return minute_of_day >= begin or minute_of_day < end


def routes_for(settings: Settings, number: str, minute_of_day: int) -> list[Route]:
    """Routes the number may take now, cheapest first, then in the order of the settings.

    Of one trunk group with one carrier only the route with the longest fitting prefix counts, as
    in a price list. A route without a price of its own is dearer than any with one.
    """
    best: dict[tuple[str, str], tuple[int, Route]] = {}
    for route in settings.routes:
        fits = [len(p) for p in route.prefixes if number.startswith(p)]
        if (route.prefixes and not fits) or not within(route.hours, minute_of_day):
            continue
        length = max(fits, default=0)
        key = (route.trunk, route.insert)
        if key not in best or length > best[key][0]:
            best[key] = (length, route)
    dear = 1 << 30
    return sorted(
        (route for _, route in best.values()),
        key=lambda route: dear if route.price is None else route.price,
    )


def hunted(trunk: Trunk, used_ms: Mapping[str, int]) -> tuple[str, ...]:
    """The group's lines in the order in which they are tried."""
    if trunk.hunting == "linear":
        return trunk.lines
    return tuple(sorted(trunk.lines, key=lambda port: used_ms.get(port, -1)))


def way_out(
    settings: Settings,
    ports: Ports,
    number: str,
    *,
    minute_of_day: int = 0,
    used_ms: Mapping[str, int] | None = None,
    not_again: Collection[str] = (),
    spent: Collection[str] = (),
    emergency: bool = False,
) -> Way | None:
    """The free line that a call takes, None if there is none.

    Args:
        settings: Lines, groups and routes.
        ports: Which lines are free.
        number: Digits to dial.
        minute_of_day: The office's clock.
        used_ms: When each line was last given back.
        not_again: Lines this call has had.
        spent: Lines that have used their minutes.
        emergency: Any line will do, those kept for it first; the number is never changed.
    """
    free = {
        line.port: line
        for line in settings.lines
        if line.port not in {*not_again, *spent} and ports.line_free(line.port)
    }
    if emergency:
        first = sorted(free.values(), key=lambda line: line.reserve != "emergency")
        return Way(port=first[0].port, digits=number) if first else None
    return next(_ordinary(settings, free, number, minute_of_day, used_ms or {}, not_again), None)


def _ordinary(
    settings: Settings,
    free: Mapping[str, Line],
    number: str,
    minute_of_day: int,
    used_ms: Mapping[str, int],
    not_again: Collection[str],
) -> Iterator[Way]:
    allowed = {p for p, line in free.items() if line.outgoing and line.reserve != "emergency"}
    for carrier in settings.sip.trunks:
        # One place that did not serve one call serves no other: each would cost the caller
        # seconds before the next trunk or line is tried.
        if carrier.one_place and any(port in not_again for port in carrier.lines):
            allowed -= set(carrier.lines)
    groups = {trunk.name: trunk for trunk in settings.trunks}
    routes = routes_for(settings, number, minute_of_day)
    for route in routes:
        trunk = groups.get(route.trunk)
        for port in hunted(trunk, used_ms) if trunk else ():
            if port in allowed:
                digits = route.insert + number[route.strip :]
                yield Way(port=port, digits=digits, price=route.price)
    if routes:
        return
    for trunk in settings.trunks:
        for port in hunted(trunk, used_ms):
            if port in allowed:
                yield Way(port=port, digits=number)
    if not settings.trunks:
        for port in free:
            if port in allowed:
                yield Way(port=port, digits=number)
