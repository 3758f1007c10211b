"""Telephone numbers as they are dialled, received and shown.

A number is kept as it came, digits only; how it is written for people is decided when it is
shown. Log lines at information level carry the shortened form.
"""

from __future__ import annotations

DIGITS = frozenset("0123456789")
KEYS = frozenset("0123456789*#")
_LOOK = str.maketrans("", "", " -.()/")
_SHOWN = 3
LEAST_DIGITS = 3
MOST_DIGITS = 20


def dialable(text: str) -> str:
    """Digits of a number as a person writes it: ``(010) 6552-9988`` gives ``01065529988``.

    A leading ``+`` stays. Raises ``ValueError`` naming the first character that cannot be dialled.
    """
    number = text.translate(_LOOK)
    body = number.removeprefix("+")
    for character in body:
        if character not in KEYS:
            raise ValueError(f"number {text!r}: {character!r} is on no telephone's keys")
    return number


def outside_number(text: str) -> str:
    """A number beyond the office as a person writes it, empty if it is none: 3 to 20 digits.

    A leading ``+`` stays. ITU-T E.164 allows 15 digits; prefixes for the way out come before them.
    """
    try:
        number = dialable(text)
    except ValueError:
        return ""
    digits = number.removeprefix("+")
    return number if digits.isdecimal() and LEAST_DIGITS <= len(digits) <= MOST_DIGITS else ""


def is_extension(number: str, digits: int = 3) -> bool:
    """Whether the number has the form of an internal one: ``digits`` digits."""
    return len(number) == digits and all(character in DIGITS for character in number)


def shortened(number: str) -> str:
    """Only the last three digits, for logs: ``...988``; short numbers are shown whole."""
    return number if len(number) <= _SHOWN else f"...{number[-_SHOWN:]}"
