"""Which telephones ring and which line goes out. Pure questions about ports as they are now."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Protocol

from firmware.core.destinations import Destination, ToExtension, ToGroup, ToQueue
from firmware.core.settings import Extension, RingGroup, Settings


class Ports(Protocol):
    """What routing must know of the jacks."""

    def phone_idle(self, port: str) -> bool:
        """The telephone is in service, on its hook and not ringing."""
        ...

    def phone_waitable(self, port: str) -> bool:
        """The telephone is in one conversation and can be told of another call."""
        ...

    def last_dialled(self, port: str) -> str:
        """The number the telephone dialled last, empty for none."""
        ...

    def last_caller(self, port: str) -> str:
        """Who rang the telephone last, as it would dial him, empty for none."""
        ...

    def turn(self, group: str) -> int:
        """How many calls the group has had so far; each question counts one."""
        ...

    def line_free(self, port: str) -> bool:
        """The line is in service, has battery, and nobody is on it."""
        ...


def telephones(destination: Destination, settings: Settings) -> tuple[Extension, ...]:
    """Every telephone the destination means, in the group's order."""
    match destination:
        case ToExtension(number=number):
            wanted: tuple[str, ...] = (number,)
        case ToGroup(number=number) | ToQueue(group=number):
            wanted = next((g.members for g in settings.ring_groups if g.number == number), ())
        case _:
            wanted = ()
    by_number = {extension.number: extension for extension in settings.extensions}
    return tuple(by_number[number] for number in wanted if number in by_number)


def free_telephones(
    destination: Destination, settings: Settings, ports: Ports
) -> tuple[Extension, ...]:
    """Those of them that can ring now: idle, wanted, and with their user at them."""
    return tuple(
        e
        for e in telephones(destination, settings)
        if ports.phone_idle(e.port)
        and not e.services.do_not_disturb
        and not (e.services.forward_all and isinstance(destination, ToGroup | ToQueue))
    )


def hunted(destination: Destination | None, settings: Settings) -> RingGroup | None:
    """The ring group whose telephones ring one after the other, None for any other place."""
    if not isinstance(destination, ToGroup):
        return None
    groups = (g for g in settings.ring_groups if g.number == destination.number)
    return next((group for group in groups if group.strategy != "together"), None)


def in_turn(free: Sequence[Extension], group: RingGroup, turn: int) -> tuple[Extension, ...]:
    """Free telephones of a group in the order in which they are tried."""
    first = turn % len(group.members) if group.strategy == "rotating" else 0
    order = (*group.members[first:], *group.members[:first])
    return tuple(sorted(free, key=lambda extension: order.index(extension.number)))


def absent(destination: Destination, settings: Settings) -> str:
    """The extension a call was for, if its user wants no calls; empty otherwise."""
    if not isinstance(destination, ToExtension):
        return ""
    wanted = telephones(destination, settings)
    return next((e.number for e in wanted if e.services.do_not_disturb), "")


def waiting_telephone(
    destination: Destination, settings: Settings, ports: Ports
) -> Extension | None:
    """The one telephone in conversation whose user may be told of another call, or None."""
    if not isinstance(destination, ToExtension):
        return None
    for extension in telephones(destination, settings):
        services = extension.services
        wanted = services.call_waiting and not services.do_not_disturb
        if wanted and ports.phone_waitable(extension.port):
            return extension
    return None


def may_become_free(destination: Destination, settings: Settings) -> bool:
    """Whether a group has telephones worth waiting for."""
    return isinstance(destination, ToGroup | ToQueue) and any(
        not e.services.do_not_disturb and not e.services.forward_all
        for e in telephones(destination, settings)
    )


def first_free_line(
    settings: Settings, ports: Ports, *, not_again: Collection[str] = (), emergency: bool = False
) -> str | None:
    """The first line, in the order of the settings, that a call to the outside may take.

    An emergency call also takes lines that are not set for outgoing calls.
    """
    for line in settings.lines:
        allowed = line.outgoing or emergency
        if allowed and line.port not in not_again and ports.line_free(line.port):
            return line.port
    return None
