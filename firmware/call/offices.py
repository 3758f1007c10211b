"""Offices linked by a trunk: their extensions are dialled behind a prefix of their own.

``8201`` is 201 of the office whose trunk has the prefix 8. Where several offices meet at one trunk,
the prefix goes out with the number and the meeting point reads it. It takes no exchange line and no
outside prefix, costs nothing, and no class of calls forbids it; what the other office lets in is
its own business.
"""

from __future__ import annotations

from collections.abc import Collection

import msgspec

from firmware.call.routing import Ports
from firmware.call.trunks import Way
from firmware.core.destinations import ToOutside
from firmware.core.settings import EXTENSION_DIGITS, Settings
from firmware.core.sip_events import SipOffered
from firmware.core.sip_settings import SipTrunk


def _linked(settings: Settings) -> list[SipTrunk]:
    return [trunk for trunk in settings.sip.trunks if trunk.prefixes]


def begins(digits: str, settings: Settings) -> bool:
    """Whether an extension of another office begins so, as far as the digits go."""
    return any(
        digits[: len(prefix)] == prefix[: len(digits)]
        for trunk in _linked(settings)
        for prefix in trunk.prefixes
    )


def read_office(digits: str, settings: Settings) -> ToOutside | None:
    """The extension of another office that these digits are, None while they are none yet."""
    for trunk in _linked(settings):
        for prefix in trunk.prefixes:
            number = digits.removeprefix(prefix)
            if digits.startswith(prefix) and len(number) == EXTENSION_DIGITS:
                sent = number if prefix == trunk.prefix else digits
                return ToOutside(number=sent, office=trunk.name)
    return None


def office_way(
    settings: Settings, ports: Ports, destination: ToOutside, not_again: Collection[str]
) -> Way | None:
    """A free call of the trunk to that office, None if there is none.

    ``not_again`` are calls that were tried: an office that did not answer one answers no other.
    """
    for trunk in _linked(settings):
        if trunk.name != destination.office or (trunk.one_place and tried(trunk, not_again)):
            continue
        for port in trunk.lines:
            if port not in not_again and ports.line_free(port):
                return Way(port=port, digits=destination.number, price=0)
    return None


def tried(trunk: SipTrunk, not_again: Collection[str]) -> bool:
    """Whether a call has had this trunk already."""
    return any(port in not_again for port in trunk.lines)


def arrived(settings: Settings, event: SipOffered) -> SipOffered:
    """The call as it concerns this office, if another office sent it: whom it is for, from whom.

    Whoever calls is shown with his office's prefix, so that he can be called back as he stands in
    the list. A meeting point has put it there itself.
    """
    trunk = next((one for one in _linked(settings) if event.port in one.lines), None)
    if trunk is None:
        return event
    own = any(e.number == event.called for e in settings.extensions)
    behind = bool(trunk.prefix) and len(event.number) == EXTENSION_DIGITS
    return msgspec.structs.replace(
        event,
        to=event.to or (event.called if own else ""),
        number=trunk.prefix + event.number if behind else event.number,
    )
