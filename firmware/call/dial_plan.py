"""What the digits of a lifted handset mean so far. Pure: digits in, reading out.

Three digits are a number of the house; an outside prefix and a number go out by a line; the
country's emergency numbers work with and without prefix. ``#`` says that the number is complete.

An emergency number that could go on as another number (``000`` with prefix 0 and an international
number behind it, ``15`` where extension 150 exists) waits the short ``emergency_pause`` and then
goes out; no other number is placed above it.
"""

from __future__ import annotations

from typing import Final, Literal

import msgspec

from firmware.call.feature_codes import Asked, read_code
from firmware.call.offices import begins, read_office
from firmware.core.destinations import Destination, ToOutside, named
from firmware.core.settings import EXTENSION_DIGITS, Settings

LONGEST_NUMBER: Final = 24
"""E.164 allows 15 digits, international prefix and carrier selection come before them."""

Wait = Literal["inter_digit", "emergency_pause"]


class NeedMore(msgspec.Struct, frozen=True, kw_only=True):
    """No number yet; more digits must come."""


class Complete(msgspec.Struct, frozen=True, kw_only=True):
    """A number that cannot go on."""

    destination: Destination


class MayBeComplete(msgspec.Struct, frozen=True, kw_only=True):
    """A number that may go on; it counts when ``wait`` has passed without a digit."""

    destination: Destination
    wait: Wait


class Service(msgspec.Struct, frozen=True, kw_only=True):
    """A code: what is wanted, not whom."""

    asked: Asked


class Invalid(msgspec.Struct, frozen=True, kw_only=True):
    """No number of any kind begins so. ``reason`` is for the log."""

    reason: str


Reading = NeedMore | Complete | MayBeComplete | Service | Invalid


def read(digits: str, settings: Settings, emergency: tuple[str, ...]) -> Reading:
    """Read the digits dialled so far.

    Args:
        digits: Keys 0-9, * and #, oldest first.
        settings: Extensions, groups and outside prefixes.
        emergency: The country's emergency numbers.
    """
    code = read_code(digits, settings)
    if isinstance(code, Asked):
        return Service(asked=code)
    if digits.endswith("#") and not code:
        return _finished(read(digits[:-1], settings, emergency))
    if code and not any(named.startswith(digits) for named in _house(settings)):
        return NeedMore()
    if "*" in digits or "#" in digits:
        return Invalid(reason="no number contains * or #")
    if not digits:
        return NeedMore()
    internal = _house(settings)
    prefixed = digits[0] in settings.outside_prefixes
    if digits in emergency:
        helps = ToOutside(number=digits, emergency=True)
        goes_on = any(number.startswith(digits) for number in internal)
        if prefixed or goes_on:
            return MayBeComplete(destination=helps, wait="emergency_pause")
        return Complete(destination=helps)
    if prefixed:
        return _outside(digits[1:], emergency)
    if (elsewhere := read_office(digits, settings)) is not None:
        return Complete(destination=elsewhere)
    if begins(digits, settings):
        return NeedMore()
    if any(number.startswith(digits) for number in emergency):
        return NeedMore()
    if len(digits) < EXTENSION_DIGITS and any(number.startswith(digits) for number in internal):
        return NeedMore()
    destination = named(digits, settings)
    if destination is None:
        return Invalid(reason=f"{digits} is no number of this office")
    return Complete(destination=destination)


def _house(settings: Settings) -> list[str]:
    queues = [queue.number for queue in settings.acd.queues]
    groups = [group.number for group in settings.ring_groups]
    return [*(e.number for e in settings.extensions), *groups, *queues]


def _outside(number: str, emergency: tuple[str, ...]) -> Reading:
    if not number:
        return NeedMore()
    if number in emergency:
        helps = ToOutside(number=number, emergency=True)
        return MayBeComplete(destination=helps, wait="emergency_pause")
    destination = ToOutside(number=number)
    if len(number) >= LONGEST_NUMBER:
        return Complete(destination=destination)
    return MayBeComplete(destination=destination, wait="inter_digit")


def _finished(reading: Reading) -> Reading:
    match reading:
        case MayBeComplete(destination=destination):
            return Complete(destination=destination)
        case NeedMore():
            return Invalid(reason="the number is incomplete")
        case _:
            return reading


def outside_first(digits: str, settings: Settings) -> bool:
    """Whether the digits begin a call to the outside, as far as they go."""
    return bool(digits) and digits[0] in settings.outside_prefixes
