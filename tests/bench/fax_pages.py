"""Pages for fax machines: drawn, read back and compared dot by dot.

Drawn and read by an image library that knows nothing of T.30, so that a page which was sent and
one which arrived are held against each other by somebody else.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageSequence

WIDTH = 1728  # dots of a line of A4, ITU-T T.4 2.2.1
STANDARD_ROWS, FINE_ROWS = 1143, 2286  # of A4 at 3.85 and 7.7 lines per mm
DPI_ACROSS, DPI_STANDARD, DPI_FINE = 204, 98, 196

Dots = npt.NDArray[np.bool_]


def draw(
    path: Path, *, pages: int = 1, fine: bool = False, words: str = "page", lines: int = 12
) -> Path:
    """Write a document of text, each page another; 60 lines fill one, 12 are a short letter."""
    rows = FINE_ROWS if fine else STANDARD_ROWS
    sheets = []
    for number in range(1, pages + 1):
        sheet = Image.new("1", (WIDTH, rows), 1)
        pen = ImageDraw.Draw(sheet)
        pen.rectangle((20, 20, WIDTH - 20, rows - 20), outline=0)
        for line in range(lines):
            text = f"{words} {number} line {line:02d}: " + "0123456789 abcdefghijklmnop " * 3
            pen.text((60, 40 + line * (rows - 100) // lines), text, fill=0)
        sheets.append(sheet)
    dpi = (DPI_ACROSS, DPI_FINE if fine else DPI_STANDARD)
    sheets[0].save(path, save_all=True, append_images=sheets[1:], compression="group4", dpi=dpi)
    return path


def dots(path: Path | str) -> list[Dots]:
    """Each page of a document, True where it is white."""
    with Image.open(path) as document:
        return [np.array(page.convert("1"), np.bool_) for page in ImageSequence.Iterator(document)]


def same(one: Path | str, other: Path | str) -> bool:
    """Whether two documents have the same pages, dot by dot."""
    left, right = dots(one), dots(other)
    return len(left) == len(right) and all(
        a.shape == b.shape and bool((a == b).all()) for a, b in zip(left, right, strict=True)
    )
