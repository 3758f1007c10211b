"""Who may get a text, and how often. Pure."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

AUTOMATIC: Final = frozenset({"queue_wait", "missed_call", "survey"})
"""Templates that nobody sends by hand: of each a number gets one a day at most."""


def barred(
    template: str,
    number: str,
    *,
    do_not_text: Collection[str],
    earlier: Collection[str] = (),
) -> str:
    """Why this text must not be sent; empty if it may.

    Args:
        template: Which text it is.
        number: Where to.
        do_not_text: Numbers whose owners want none, in any of their forms.
        earlier: Templates of texts that were sent to this number today.
    """
    if any(same_number(number, other) for other in do_not_text):
        return "do_not_text"
    if template in AUTOMATIC and template in earlier:
        return "once_a_day"
    return ""


def same_number(one: str, other: str) -> bool:
    """Two forms of one number: ``+86 138 0013 8000`` and ``13800138000``."""
    a, b = (_digits(text) for text in (one, other))
    if not a or not b:
        return False
    return a == b or (min(len(a), len(b)) >= LOCAL_DIGITS and (a.endswith(b) or b.endswith(a)))


LOCAL_DIGITS: Final = 7
"""Shorter ones name one telephone only within an office or a service."""


def _digits(text: str) -> str:
    return "".join(sign for sign in text if sign.isdecimal()).lstrip("0")
