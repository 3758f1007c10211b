"""Pages of text and cover sheets, drawn as greys; one page is one picture.

Lines are broken by width, Chinese between any two characters, others at blanks.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from PIL import Image, ImageDraw, ImageFont

from firmware.paper.errors import PaperError
from firmware.paper.order import ROWS, WIDTH, Cover

FONTS: Final = (
    Path("/usr/share/fonts/truetype/wqy/wqy-microhei.ttc"),
    Path("/usr/share/fonts/wqy-microhei/wqy-microhei.ttc"),
)
"""Where Debian and others install WenQuanYi Micro Hei, which has Latin and Chinese letters."""

PAGE: Final = (WIDTH, ROWS["fine"])
MARGIN: Final = 140
"""17 mm: what machines cut off at the edge, and a thumb."""
SMALL, NORMAL, LARGE = 34, 40, 84  # in picture elements: 12, 14 and 30 pt at 204 per inch
LINE_SPACE: Final = 1.45
TAB: Final = 4
_CJK_FROM: Final = 0x2E80
_WHITE, _BLACK = 255, 0

Font = ImageFont.FreeTypeFont


def font_of(size: int) -> Font:
    """The font in a size.

    Raises:
        PaperError: ``font``: there is none.
    """
    found = next((path for path in FONTS if path.exists()), None)
    if found is None:
        raise PaperError("font")
    return ImageFont.truetype(str(found), size)


def text_pages(text: str) -> Iterator[Image.Image]:
    """A text on as many pages as it needs; a form feed begins a new one."""
    font = font_of(NORMAL)
    step = round(NORMAL * LINE_SPACE)
    fit = (PAGE[1] - 2 * MARGIN) // step
    for part in text.replace("\r\n", "\n").split("\f"):
        lines = list(_broken(part, font, PAGE[0] - 2 * MARGIN)) or [""]
        for first in range(0, len(lines), fit):
            page, pen = _page()
            for at, line in enumerate(lines[first : first + fit]):
                pen.text((MARGIN, MARGIN + at * step), line, _BLACK, font=font)
            yield page


def cover_page(cover: Cover) -> Image.Image:
    """The cover sheet; a text that is longer than the page ends with dots."""
    page, pen = _page()
    right, y = PAGE[0] - MARGIN, MARGIN
    pen.text((MARGIN, y), cover.title, _BLACK, font=font_of(LARGE))
    y += round(LARGE * LINE_SPACE) + 20
    pen.line((MARGIN, y, right, y), _BLACK, 6)
    y += 40
    word_font, font = font_of(SMALL), font_of(NORMAL)
    step = round(NORMAL * LINE_SPACE)
    values_at = MARGIN + 320
    for word, value in cover.rows:
        if not value:
            continue
        pen.text((MARGIN, y + NORMAL - SMALL), word, _BLACK, font=word_font)
        for line in _broken(value, font, right - values_at):
            pen.text((values_at, y), line, _BLACK, font=font)
            y += step
        y += 14
    pen.line((MARGIN, y + 10, right, y + 10), _BLACK, 3)
    y += 60
    lines = list(_broken(cover.text, font, right - MARGIN)) if cover.text else []
    fit = max(0, (PAGE[1] - MARGIN - y) // step)
    if len(lines) > fit:
        lines = [*lines[: fit - 1], "…"]
    for line in lines:
        pen.text((MARGIN, y), line, _BLACK, font=font)
        y += step
    return page


def _page() -> tuple[Image.Image, ImageDraw.ImageDraw]:
    page = Image.new("L", PAGE, _WHITE)
    return page, ImageDraw.Draw(page)


def _broken(text: str, font: Font, width: int) -> Iterator[str]:
    """Lines that fit into a width."""
    for paragraph in text.expandtabs(TAB).split("\n"):
        line, wide = "", 0.0
        for each in _pieces(paragraph):
            piece = each
            length = font.getlength(piece)
            if line and wide + length > width:
                yield line.rstrip()
                line, wide = "", 0.0
                piece = piece.lstrip()  # a line does not begin with a blank
                length = font.getlength(piece)
            while length > width:  # a word that is longer than the page
                cut = max(1, int(len(piece) * width / length))
                yield piece[:cut]
                piece = piece[cut:]
                length = font.getlength(piece)
            line += piece
            wide += length
        yield line.rstrip()


def _pieces(text: str) -> Iterator[str]:
    """Where a line may be broken: behind each of these."""
    piece = ""
    for sign in text:
        if ord(sign) >= _CJK_FROM:
            if piece:
                yield piece
                piece = ""
            yield sign
        else:
            piece += sign
            if sign == " ":
                yield piece
                piece = ""
    if piece:
        yield piece
