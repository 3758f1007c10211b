"""What callers key in: the rules digits must satisfy, and what a rule makes of them. Pure."""

from __future__ import annotations

import re
from datetime import date, time
from typing import Final

from ivr.nodes import Collect

_CARD_WEIGHTS: Final = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CARD_LAST: Final = "10X98765432"
"""GB 11643-1999, clause 3.4: ISO 7064 MOD 11-2, weights 2^(18-i) mod 11 and the last character."""

_MOBILE: Final = re.compile("1[3-9][0-9]{9}")
"""Mobile numbers of the mainland: 11 digits, 13 to 19 (MIIT numbering plan, 2017)."""

LEAP_YEAR: Final = 2028
"""A day without a year may be the 29th of February."""


def luhn(digits: str) -> bool:
    """Check digit of bank and member cards (ISO/IEC 7812-1, annex B)."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (1 + place % 2)
        total += value - 9 if value > 9 else value
    return len(digits) > 1 and total % 10 == 0


def id_card(digits: str) -> bool:
    """A resident's identity number; ``*`` stands for the X at the end."""
    if not re.fullmatch(r"[0-9]{17}[0-9*]", digits):
        return False
    total = sum(int(d) * w for d, w in zip(digits[:17], _CARD_WEIGHTS, strict=True))
    return _CARD_LAST[total % 11] == digits[17].replace("*", "X") and _is_date(digits[6:14])


def _is_date(digits: str) -> bool:
    try:
        date(int(digits[:4]), int(digits[4:6]), int(digits[6:8]))
    except ValueError:
        return False
    return True


def fits(node: Collect, digits: str, table: dict[str, dict[str, str]] | None) -> bool:
    """Whether an entry of the right length satisfies the node's rule.

    Args:
        node: With its rule.
        digits: What was keyed; its length has been looked at.
        table: The office's table that the rule names, if there is one.
    """
    if node.check == "id_card":
        return id_card(digits)
    if not digits.isdigit():
        return False
    match node.check:
        case "luhn":
            return luhn(digits)
        case "date":
            return len(digits) in {4, 8} and _is_date(
                digits if len(digits) == 8 else f"{LEAP_YEAR}{digits}"
            )
        case "time":
            return len(digits) == 4 and int(digits[:2]) < 24 and int(digits[2:]) < 60
        case "mobile":
            return _MOBILE.fullmatch(digits) is not None
        case "number":
            return node.least <= int(digits) <= node.most
        case "table":
            return table is not None and digits in table
        case _:
            return True


def as_date(digits: str) -> date:
    """``0229`` or ``20280229`` as a day.

    Raises:
        ValueError: It is none.
    """
    whole = digits if len(digits) == 8 else f"{LEAP_YEAR}{digits}"
    return date(int(whole[:4]), int(whole[4:6]), int(whole[6:8]))


def as_time(digits: str) -> time:
    """``0930`` as a time of day.

    Raises:
        ValueError: It is none.
    """
    return time(int(digits[:2]), int(digits[2:4]))
