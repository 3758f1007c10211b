"""Which whole pages a fax TIFF holds, and making one that a power cut left readable again.

Nothing is decoded: the directories are followed and every strip must lie within the file. That is
what a start needs that finds a fax whose program is gone, and what a file from outside must pass
before it is kept. Tags and types: TIFF 6.0, section 8 and part 2, section 11 (CCITT bilevel).
"""

from __future__ import annotations

import struct
from typing import Final

import msgspec

from firmware.paper.errors import PaperError

MOST_PAGES: Final = 500
"""Of a file that is read: a machine's memory ends far earlier."""
MOST_TAGS: Final = 64
FAX_COMPRESSIONS: Final = (3, 4)
"""T.4 and T.6, as tag 259 has them."""

_WIDTH, _LENGTH, _BITS, _COMPRESSION = 256, 257, 258, 259
_OFFSETS, _COUNTS, _Y_RESOLUTION, _UNIT = 273, 279, 283, 296
_SIZES: Final = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8}
_CENTIMETRES: Final = 3


class FaxPage(msgspec.Struct, frozen=True, kw_only=True):
    """One page; ``rows_per_inch`` is 98, 196 or 392 on fax paper."""

    width: int
    rows: int
    rows_per_inch: int
    size: int


def pages_of(data: bytes) -> tuple[FaxPage, ...]:
    """The whole pages from the first on; what follows a torn one is not counted.

    Raises:
        PaperError: ``no-pages``: it is no TIFF of fax pages, or holds none that is whole.
    """
    found = [page for page, _ in _chain(data)]
    if not found:
        raise PaperError("no-pages")
    return tuple(found)


def mended(data: bytes) -> bytes:
    """The same file, ending after its last whole page.

    Raises:
        PaperError: ``no-pages``.
    """
    chain = _chain(data)
    if not chain:
        raise PaperError("no-pages")
    _, link_at = chain[-1]
    order = _order(data)
    (after,) = struct.unpack_from(f"{order}I", data, link_at)
    if after == 0:
        return data
    return data[:link_at] + struct.pack(f"{order}I", 0) + data[link_at + 4 :]


def starting_at(data: bytes, sent: int) -> bytes:
    """The same file, beginning after so many of its pages: no page is touched.

    Raises:
        PaperError: ``no-pages``: none is left.
    """
    chain = _chain(data)
    if not 0 <= sent < len(chain):
        raise PaperError("no-pages")
    if sent == 0:
        return data
    _, link_at = chain[sent - 1]
    return data[:4] + data[link_at : link_at + 4] + data[8:]


def _order(data: bytes) -> str:
    return {b"II*\0": "<", b"MM\0*": ">"}.get(data[:4], "")


def _chain(data: bytes) -> list[tuple[FaxPage, int]]:
    """Each whole page, and the place of the link to the page behind it."""
    order = _order(data)
    if not order or len(data) < 8:
        return []
    (at,) = struct.unpack_from(f"{order}I", data, 4)
    found: list[tuple[FaxPage, int]] = []
    seen: set[int] = set()
    while at and at not in seen and len(found) < MOST_PAGES:
        seen.add(at)
        if at + 2 > len(data):
            break
        (count,) = struct.unpack_from(f"{order}H", data, at)
        link_at = at + 2 + count * 12
        if not 0 < count <= MOST_TAGS or link_at + 4 > len(data):
            break
        page = _page(data, order, at + 2, count)
        if page is None:
            break
        found.append((page, link_at))
        (at,) = struct.unpack_from(f"{order}I", data, link_at)
    return found


def _page(data: bytes, order: str, at: int, count: int) -> FaxPage | None:
    tags: dict[int, list[int]] = {}
    for number in range(count):
        place = at + number * 12
        tag, kind, length = struct.unpack_from(f"{order}HHI", data, place)
        values = _values(data, order, place + 8, kind, length)
        if values is not None:
            tags[tag] = values
    offsets, counts = tags.get(_OFFSETS), tags.get(_COUNTS)
    width, rows = tags.get(_WIDTH, [0])[0], tags.get(_LENGTH, [0])[0]
    fax = tags.get(_COMPRESSION, [1])[0] in FAX_COMPRESSIONS and tags.get(_BITS, [1]) == [1]
    if not fax or not offsets or not counts or len(offsets) != len(counts) or not width or not rows:
        return None
    if any(
        start + size > len(data) or size == 0 for start, size in zip(offsets, counts, strict=True)
    ):
        return None
    per_unit = tags.get(_Y_RESOLUTION, [196])[0]
    metric = tags.get(_UNIT, [2])[0] == _CENTIMETRES
    return FaxPage(
        width=width,
        rows=rows,
        rows_per_inch=round(per_unit * 2.54) if metric else per_unit,
        size=sum(counts),
    )


def _values(data: bytes, order: str, place: int, kind: int, length: int) -> list[int] | None:
    size = _SIZES.get(kind)
    if size is None or length == 0 or length > MOST_PAGES * MOST_TAGS:
        return None
    if size * length > 4:
        (place,) = struct.unpack_from(f"{order}I", data, place)
        if place + size * length > len(data):
            return None
    if kind == 5:  # a fraction
        pairs = struct.unpack_from(f"{order}{2 * length}I", data, place)
        return [
            round(top / bottom) if bottom else 0
            for top, bottom in zip(pairs[::2], pairs[1::2], strict=True)
        ]
    letter = {1: "B", 2: "B", 3: "H", 4: "I"}[kind]
    return list(struct.unpack_from(f"{order}{length}{letter}", data, place))
