"""Where a telephone number is from: city and province, area, or state, in Chinese and English.

The table is made from the geocoding data of Google's libphonenumber (Apache License 2.0) by
``tests/bench/make_places.py``: calling codes 86, 886, 1, 44, 49, 33, 81, 61, 91 and 55, Chinese
mobile numbers included, whose first seven digits name the city that issued them. The library's own
module for this takes 94 MB; here it is 0.1 MB on the card and 0.8 MB in memory, read when a place
is first asked for. A number that moved to another network still names the city that issued it.
"""

from __future__ import annotations

import json
import lzma
import struct
import sys
from array import array
from bisect import bisect_left
from functools import cache
from importlib.resources import files
from itertools import accumulate
from typing import Final

TABLE: Final = "places.xz"


class Places:
    """The table.

    Args:
        packed: LZMA of a length (4 bytes), a JSON head with ``places`` as [zh, en], ``rows`` and
            ``first`` by length of prefix, then per length the differences of the prefixes (4 bytes
            each) and the numbers of their places (2 bytes each), little-endian.
    """

    def __init__(self, packed: bytes) -> None:
        raw = lzma.decompress(packed)
        (size,) = struct.unpack_from("<I", raw)
        head = json.loads(raw[4 : 4 + size])
        self._names: list[list[str]] = head["places"]
        self._rows: dict[int, tuple[array[int], array[int]]] = {}
        at = 4 + size
        for length, count in head["rows"].items():
            steps, places = array("I"), array("H")
            steps.frombytes(raw[at : at + 4 * count])
            places.frombytes(raw[at + 4 * count : at + 6 * count])
            at += 6 * count
            if sys.byteorder == "big":
                steps.byteswap()
                places.byteswap()
            first: int = head["first"][length]
            prefixes = array("Q", accumulate(steps[1:], initial=first))
            self._rows[int(length)] = (prefixes, places)

    def of(self, e164: str, language: str) -> str:
        """The place of ``+8613800138000`` by its longest known beginning, empty if none is."""
        digits = e164.removeprefix("+")
        if not digits.isdecimal():
            return ""
        for length in sorted(self._rows, reverse=True):
            prefixes, places = self._rows[length]
            wanted = int(digits[:length])
            at = bisect_left(prefixes, wanted)
            if len(digits) > length and at < len(prefixes) and prefixes[at] == wanted:
                chinese, english = self._names[places[at]]
                return (chinese or english) if language.startswith("zh") else (english or chinese)
        return ""


@cache
def places() -> Places:
    """The table that ships."""
    return Places(files(__package__ or "firmware.core").joinpath(TABLE).read_bytes())
