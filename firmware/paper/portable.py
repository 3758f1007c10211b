"""Fax pages for people: as PDF, each dot of which is a dot of the fax, and as a picture.

Nothing is decoded to greys or drawn anew: the PDF holds every page in T.6, one dot for one dot.
"""

from __future__ import annotations

import io
from typing import Final

import fpdf
from PIL import Image, TiffImagePlugin

from firmware.paper.errors import PaperError
from firmware.paper.order import ACROSS_PER_INCH, ROWS_PER_INCH
from firmware.paper.tiff import FaxPage, mended, pages_of

MM_PER_INCH: Final = 25.4
LEAST_MM: Final = 20.0


def pdf_of(tiff: bytes, title: str = "") -> bytes:
    """The pages as PDF, each as large as its paper.

    Raises:
        PaperError: ``no-pages``.
    """
    pages = pages_of(tiff)
    document = fpdf.FPDF(unit="mm")
    document.set_auto_page_break(False)
    document.set_margin(0)
    document.set_title(title)
    with _opened(tiff) as frames:
        for number, page in enumerate(pages):
            wide = page.width / ACROSS_PER_INCH * MM_PER_INCH
            high = max(LEAST_MM, page.rows / _per_inch(page) * MM_PER_INCH)
            document.add_page(format=(wide, high))
            frames.seek(number)
            document.image(frames.convert("1"), 0, 0, wide, high)
    return bytes(document.output())


def picture_of(tiff: bytes, number: int, width: int) -> bytes:
    """One page as PNG in greys, in its true shape.

    Args:
        tiff: The file.
        number: Of the page, from 1.
        width: Of the picture.

    Raises:
        PaperError: ``no-pages``: there is no such page.
    """
    pages = pages_of(tiff)
    if not 1 <= number <= len(pages):
        raise PaperError("no-pages")
    page = pages[number - 1]
    high = page.rows / _per_inch(page) / (page.width / ACROSS_PER_INCH) * width
    with _opened(tiff) as frames:
        frames.seek(number - 1)
        small = frames.convert("L").resize((width, max(1, round(high))), Image.Resampling.BOX)
    file = io.BytesIO()
    small.save(file, "PNG", optimize=True)
    return file.getvalue()


def _per_inch(page: FaxPage) -> int:
    """Rows to an inch; where a file does not say, fine."""
    return page.rows_per_inch or ROWS_PER_INCH["fine"]


def _opened(tiff: bytes) -> TiffImagePlugin.TiffImageFile:
    try:
        found = Image.open(io.BytesIO(mended(tiff)), formats=["TIFF"])
    except OSError as problem:
        raise PaperError("no-pages") from problem
    assert isinstance(found, TiffImagePlugin.TiffImageFile)  # noqa: S101  # the one form asked for
    return found
