"""Makes ``firmware/core/places.xz`` from the geocoding data of libphonenumber (Apache License 2.0).

    python -m venv FOLDER && FOLDER/bin/pip install phonenumbers
    FOLDER/bin/python tests/bench/make_places.py firmware/core/places.xz

It runs in an environment of its own: the box has the same library without this data (94 MB).
The form of the table stands in ``firmware.core.places``.
"""

from __future__ import annotations

import json
import lzma
import struct
import sys
from array import array
from itertools import pairwise
from pathlib import Path

CALLING = {
    "86": 20, "886": 20, "81": 20, "44": 20,
    "49": 5, "33": 5, "61": 5, "91": 5,
    "1": 4, "55": 4,
}  # fmt: skip
"""Calling codes, and the longest beginnings that are kept: finer ones name villages."""

Name = tuple[str, str]


def rows_of(data: dict[str, dict[str, str]]) -> dict[str, Name]:
    """Beginning of a number to its place in Chinese and English, shorter beginnings left out."""
    kept: dict[str, Name] = {}
    for prefix in sorted(data, key=len):
        code = next((c for c in sorted(CALLING, key=len, reverse=True) if prefix.startswith(c)), "")
        name = (data[prefix].get("zh", ""), data[prefix].get("en", ""))
        if not code or len(prefix) > CALLING[code] or not any(name):
            continue
        shorter = (prefix[:length] for length in range(len(prefix) - 1, 0, -1))
        if kept.get(next((one for one in shorter if one in kept), "")) != name:
            kept[prefix] = name
    return kept


def packed(kept: dict[str, Name]) -> bytes:
    """The table as ``firmware.core.places`` reads it."""
    names = sorted(set(kept.values()))
    number = {name: at for at, name in enumerate(names)}
    by_length: dict[int, list[tuple[int, int]]] = {}
    for prefix, name in kept.items():
        by_length.setdefault(len(prefix), []).append((int(prefix), number[name]))
    head: dict[str, object] = {
        "places": names,
        "rows": {str(length): len(rows) for length, rows in sorted(by_length.items())},
        "first": {str(length): min(rows)[0] for length, rows in by_length.items()},
    }
    body = b""
    for _, rows in sorted(by_length.items()):
        rows.sort()
        prefixes = [prefix for prefix, _ in rows]
        steps = array("I", [0, *(b - a for a, b in pairwise(prefixes))])
        places = array("H", [place for _, place in rows])
        if sys.byteorder == "big":
            steps.byteswap()
            places.byteswap()
        body += steps.tobytes() + places.tobytes()
    text = json.dumps(head, ensure_ascii=False, separators=(",", ":")).encode()
    whole = struct.pack("<I", len(text)) + text + body
    return lzma.compress(whole, preset=9 | lzma.PRESET_EXTREME)


def main() -> None:
    """Write the table."""
    from phonenumbers.geodata import GEOCODE_DATA  # type: ignore[import-not-found]  # own place

    Path(sys.argv[1]).write_bytes(packed(rows_of(GEOCODE_DATA)))


if __name__ == "__main__":
    main()
