"""The number a caller is told: four to six digits with a check digit, so a misheard one is noticed.

The last digit is Damm's (H. M. Damm, "Total anti-symmetrische Quasigruppen", Marburg 2004, the
table of order 10): every single wrong digit and every swap of neighbours is found.
"""

from __future__ import annotations

from typing import Final

_TABLE: Final = (
    "0317598642",
    "7092154863",
    "4206871359",
    "1750983426",
    "6123045978",
    "3674209581",
    "5869720134",
    "8945362017",
    "9438617205",
    "2581436790",
)
FIRST: Final = 100  # four digits with the check digit
LAST: Final = 99_999  # six digits


def check_digit(digits: str) -> str:
    """Damm's digit of a string of digits."""
    interim = 0
    for digit in digits:
        interim = int(_TABLE[interim][int(digit)])
    return str(interim)


def reference_of(ticket: int) -> str:
    """The reference of a ticket, counted from 1; it comes again after 99,900 tickets."""
    number = FIRST + (ticket - 1) % (LAST - FIRST + 1)
    return f"{number}{check_digit(str(number))}"


def is_reference(text: str) -> bool:
    """Whether this can be a reference at all, and not one with a wrong digit."""
    fits = text.isascii() and text.isdecimal() and 4 <= len(text) <= 6
    return fits and check_digit(text) == "0"
