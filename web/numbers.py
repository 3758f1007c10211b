"""Telephone numbers, lengths and moments as people write them. Pure."""

from __future__ import annotations

import functools
from collections.abc import Collection
from datetime import UTC, datetime, tzinfo
from typing import Final

import phonenumbers

from firmware.core.accounts import Role
from firmware.storage.masks import SEES_PEOPLE, masked_number

SHORTEST: Final = 7
"""Shorter numbers are extensions and services; they are written as they are dialled."""

KNOWN: Final = 4096
"""Numbers whose written form is kept: the same people call again and again."""


@functools.lru_cache(maxsize=KNOWN)
def written(number: str, country: str) -> str:
    """A number as the country writes it; one of another country with its code.

    ``13800138000`` is ``138 0013 8000`` in China. What is no number stays as it is.
    """
    digits = sum(sign.isdecimal() for sign in number)
    if digits < SHORTEST or digits != len(number.removeprefix("+")):
        return number
    try:
        parsed = phonenumbers.parse(number, country)
    except phonenumbers.NumberParseException:
        return number
    if not phonenumbers.is_possible_number(parsed):
        return number
    home = phonenumbers.country_code_for_region(country) == parsed.country_code
    form = phonenumbers.PhoneNumberFormat
    return str(phonenumbers.format_number(parsed, form.NATIONAL if home else form.INTERNATIONAL))


def seen(number: str, country: str, roles: Collection[Role]) -> str:
    """The same as somebody with these roles may see it."""
    if SEES_PEOPLE & set(roles):
        return written(number, country)
    return masked_number(number)


def clock(ms: int) -> str:
    """A length as ``m:ss``, or ``h:mm:ss`` from an hour on."""
    seconds = max(ms, 0) // 1_000
    hours, rest = divmod(seconds, 3_600)
    minutes, seconds = divmod(rest, 60)
    return f"{hours}:{minutes:02d}:{seconds:02d}" if hours else f"{minutes}:{seconds:02d}"


def moment(ms: int, zone: tzinfo | None = None) -> str:
    """A moment of wall time (UTC, ms since 1970) on the box's clock, with its zone."""
    if not ms:
        return ""
    at = datetime.fromtimestamp(ms / 1_000, UTC).astimezone(zone)
    return at.strftime("%Y-%m-%d %H:%M %Z")


def iso(ms: int) -> str:
    """The same for machines."""
    return datetime.fromtimestamp(ms / 1_000, UTC).isoformat(timespec="seconds")
