"""What is to be put on paper, as the program that does it is told."""

from __future__ import annotations

from typing import Final, Literal

import msgspec

WIDTH: Final = 1_728
"""Picture elements of a scan line of 215 mm (ITU-T T.4, table 1)."""
ACROSS_PER_INCH: Final = 204
ROWS: Final[dict[str, int]] = {"fine": 2_292, "standard": 1_146}
"""Of an A4 page: 297 mm at 7.7 and 3.85 lines/mm (ITU-T T.4, 2.2)."""
ROWS_PER_INCH: Final[dict[str, int]] = {"fine": 196, "standard": 98}

MOST_PAGES: Final = 50
MOST_BYTES: Final = 9_000_000
MOST_MEGAPIXELS: Final = 24
LONGEST_S: Final = 60
LONGEST_TEXT: Final = 100_000

Detail = Literal["fine", "standard"]
Look = Literal["text", "photo"]


class Cover(msgspec.Struct, frozen=True, kw_only=True):
    """A cover sheet: heading, rows of word and value, and a text below."""

    title: str
    rows: tuple[tuple[str, str], ...]
    text: str = ""


class Source(msgspec.Struct, frozen=True, kw_only=True):
    """A file to be printed; its name is shown to people, what it is is found from its bytes."""

    name: str
    data: bytes


class PrintOrder(msgspec.Struct, frozen=True, kw_only=True):
    """Pages in this order: a text, then files; in front of them each of the covers in turn.

    Every cover makes a copy of its own: the same pages for several people.
    ``look`` decides how grey becomes black and white: ``text`` at half, ``photo`` as dots.
    """

    covers: tuple[Cover, ...] = ()
    text: str = ""
    sources: tuple[Source, ...] = ()
    detail: Detail = "fine"
    look: Look = "text"


class Printed(msgspec.Struct, frozen=True, kw_only=True, tag="printed"):
    """The pages as TIFF (T.6), a file for each cover; one without any. ``pages`` are of each."""

    tiffs: tuple[bytes, ...]
    pages: int

    @property
    def tiff(self) -> bytes:
        """The first copy."""
        return self.tiffs[0]


class NotPrinted(msgspec.Struct, frozen=True, kw_only=True, tag="not_printed"):
    """Why not: of ``errors.SENTENCES``."""

    key: str
    value: str = ""
    limit: str = ""
