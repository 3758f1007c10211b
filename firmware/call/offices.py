"""Offices linked by a trunk: their extensions are dialled behind a prefix of their own.

``8201`` is 201 of the office whose trunk has the prefix 8. It takes no exchange line and no outside
prefix, costs nothing, and no class of calls forbids it; what the other office lets in is its own
business.
"""

from __future__ import annotations

from collections.abc import Collection

from firmware.call.routing import Ports
from firmware.call.trunks import Way
from firmware.core.destinations import ToOutside
from firmware.core.settings import EXTENSION_DIGITS, Settings
from firmware.core.sip_settings import SipTrunk


def _linked(settings: Settings) -> list[SipTrunk]:
    return [trunk for trunk in settings.sip.trunks if trunk.prefix]


def begins(digits: str, settings: Settings) -> bool:
    """Whether an extension of another office begins so, as far as the digits go."""
    return any(digits[: len(t.prefix)] == t.prefix[: len(digits)] for t in _linked(settings))


def read_office(digits: str, settings: Settings) -> ToOutside | None:
    """The extension of another office that these digits are, None while they are none yet."""
    for trunk in _linked(settings):
        number = digits.removeprefix(trunk.prefix)
        if digits.startswith(trunk.prefix) and len(number) == EXTENSION_DIGITS:
            return ToOutside(number=number, office=trunk.name)
    return None


def office_way(
    settings: Settings, ports: Ports, destination: ToOutside, not_again: Collection[str]
) -> Way | None:
    """A free call of the trunk to that office, None if there is none."""
    for trunk in _linked(settings):
        if trunk.name == destination.office:
            for port in trunk.lines:
                if port not in not_again and ports.line_free(port):
                    return Way(port=port, digits=destination.number, price=0)
    return None


def place_at(settings: Settings, port: str, called: str) -> str:
    """The extension that another office dialled here, empty for anything else."""
    linked = any(port in trunk.lines for trunk in _linked(settings))
    return called if linked and any(e.number == called for e in settings.extensions) else ""
