"""Which telephones ring and which line goes out. Pure questions about ports as they are now."""

from __future__ import annotations

from collections.abc import Collection
from typing import Protocol

from firmware.core.destinations import Destination, ToExtension, ToGroup
from firmware.core.settings import Extension, Settings


class Ports(Protocol):
    """What routing must know of the jacks."""

    def phone_idle(self, port: str) -> bool:
        """The telephone is in service, on its hook and not ringing."""
        ...

    def line_free(self, port: str) -> bool:
        """The line is in service, has battery, and nobody is on it."""
        ...


def telephones(destination: Destination, settings: Settings) -> tuple[Extension, ...]:
    """Every telephone the destination means, in the group's order."""
    match destination:
        case ToExtension(number=number):
            wanted: tuple[str, ...] = (number,)
        case ToGroup(number=number):
            wanted = next((g.members for g in settings.ring_groups if g.number == number), ())
        case _:
            wanted = ()
    by_number = {extension.number: extension for extension in settings.extensions}
    return tuple(by_number[number] for number in wanted if number in by_number)


def free_telephones(
    destination: Destination, settings: Settings, ports: Ports
) -> tuple[Extension, ...]:
    """Those of them that can ring now."""
    return tuple(e for e in telephones(destination, settings) if ports.phone_idle(e.port))


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
