"""Caller identity sent as DTMF digits: what the letters and codes mean, country by country.

Start letter, digits, end letter. The letters are not agreed between networks, so all that are in
use are read at once; where two meanings of a letter exist, the length of the digits decides.

* Denmark (and the Netherlands with C): A number #. D1# withheld, D2# from abroad, D3# technical.
* EN 300 659-1 annex B: A number, D redirecting number, B reason (00 unavailable, 10 withheld), C.
* China, India and most adapters: D number C; codes 00 or ten zeros unknown, 10 or 1 withheld.
* Brazil: A, one digit for the caller's category, number, C.
"""

from __future__ import annotations

import re
from typing import Final

from firmware.core.events import IdentityKind
from firmware.media.caller_id_message import LONGEST_NUMBER, Identity

METHOD: Final = "dtmf"
PAUSE_LIMIT_MS: Final = 1000
"""A longer silence between two digits ends an attempt without a result (chosen)."""

_MESSAGE: Final = re.compile(r"([ABD][0-9]*(?:[ABD][0-9]*)*|C[0-9]+)[#C]")
_PART: Final = re.compile(r"([ABCD])([0-9]*)")
_PRIVATE: Final = frozenset({"1", "10"})
_UNAVAILABLE: Final = frozenset({"", "0", "00", "2", "3", "0000000000"})
_SHORTEST_NUMBER: Final = 3
_LONGEST_MESSAGE: Final = 2 * LONGEST_NUMBER + 6


def _meaning(digits: str) -> Identity | None:
    if digits in _PRIVATE:
        return Identity(IdentityKind.PRIVATE, method=METHOD)
    if digits in _UNAVAILABLE:
        return Identity(IdentityKind.UNAVAILABLE, method=METHOD)
    if _SHORTEST_NUMBER <= len(digits) <= LONGEST_NUMBER:
        return Identity(IdentityKind.NUMBER, digits, method=METHOD)
    return None


def parse(text: str, *, category_digit: bool = False) -> Identity | None:
    """Read a whole sequence such as ``A0123456#``; None if it is no identity."""
    if not _MESSAGE.fullmatch(text):
        return None
    parts = dict(_PART.findall(text[:-1]))
    for letter in "ABDC":
        if letter in parts:
            digits = parts[letter]
            if category_digit and len(digits) > _SHORTEST_NUMBER:
                digits = digits[1:]
            return _meaning(digits)
    return None


class DtmfIdentity:
    """Collects the digits heard on one idle line into an identity."""

    def __init__(self, *, category_digit: bool = False) -> None:
        self._category_digit = category_digit
        self._text = ""
        self._last_ms = 0

    def digit(self, digit: str, at_ms: int) -> Identity | None:
        """Take the next digit; a whole sequence gives its identity.

        Args:
            digit: one of 0-9 * # A-D.
            at_ms: when it was heard, on any clock that runs evenly.
        """
        if at_ms - self._last_ms > PAUSE_LIMIT_MS or len(self._text) >= _LONGEST_MESSAGE:
            self._text = ""
        self._last_ms = at_ms
        if not self._text and digit not in "ABCD":
            return None
        self._text += digit
        if digit not in "#C" or self._text == "C":
            return None
        text, self._text = self._text, ""
        return parse(text, category_digit=self._category_digit)
