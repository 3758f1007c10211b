"""From files, texts and cover sheets to black and white pages in T.6: the work within the jail."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Final

import pypdfium2
from PIL import Image, ImageOps, UnidentifiedImageError

from firmware.paper.draw import cover_page, text_pages
from firmware.paper.errors import PaperError
from firmware.paper.order import (
    ACROSS_PER_INCH,
    LONGEST_TEXT,
    MOST_MEGAPIXELS,
    MOST_PAGES,
    ROWS,
    ROWS_PER_INCH,
    WIDTH,
    Detail,
    Look,
    Printed,
    PrintOrder,
    Source,
)

PICTURES: Final = ("PNG", "JPEG", "TIFF")
WHITE: Final = 255
HALF: Final = 128
ONE_STRIP: Final = 1 << 24
"""A page is one strip: readers of fax files expect it."""
EDGE: Final = 24
"""3 mm beside a picture that is as wide as the paper: what machines cut off."""
LONGEST_PAGE: Final = 3
"""A picture may be so many times as long as A4: tills and drawings."""
MOST_ANNOUNCED: Final = 120_000_000
"""Of a picture before it is decoded: a photograph that large is decoded smaller."""
COARSE_PER_INCH: Final = 150
"""Between the 98 rows of a standard page and the 196 of a fine one."""
_POINTS: Final = 72


def printed(order: PrintOrder) -> Printed:
    """All pages of an order as one file.

    Raises:
        PaperError: something cannot be printed; nothing is then.
    """
    Image.MAX_IMAGE_PIXELS = MOST_ANNOUNCED
    pages: list[Image.Image] = []
    for grey, look in _greys(order):
        pages.append(_black_and_white(grey, order.detail, look))
        if len(pages) > MOST_PAGES:
            raise PaperError("pages", f"> {MOST_PAGES}", MOST_PAGES)
    if not pages and not order.covers:
        raise PaperError("nothing")
    covers = [[_black_and_white(cover_page(one), order.detail, "text")] for one in order.covers]
    copies = tuple(as_tiff([*cover, *pages], order.detail) for cover in covers or [[]])
    return Printed(tiffs=copies, pages=len(pages) + bool(covers))


def as_tiff(pages: list[Image.Image], detail: Detail) -> bytes:
    """Pages of one bit as TIFF with T.6 (group 4)."""
    file = io.BytesIO()
    pages[0].save(
        file,
        "TIFF",
        compression="group4",
        dpi=(ACROSS_PER_INCH, ROWS_PER_INCH[detail]),
        strip_size=ONE_STRIP,
        save_all=True,
        append_images=pages[1:],
    )
    return file.getvalue()


def _greys(order: PrintOrder) -> Iterator[tuple[Image.Image, Look]]:
    if order.text.strip():
        yield from ((page, "text") for page in text_pages(order.text[:LONGEST_TEXT]))
    for source in order.sources:
        if source.data.startswith(b"%PDF-") or b"%PDF-" in source.data[:1024]:
            yield from ((page, order.look) for page in _of_pdf(source))
        elif (words := _text_of(source.data)) is not None:
            yield from ((page, "text") for page in text_pages(words))
        else:
            yield from ((page, order.look) for page in _of_picture(source))


def _text_of(data: bytes) -> str | None:
    """The bytes as a text; None if they are none."""
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        strange = sum(sign < " " and sign not in "\t\n\r\f" for sign in text[:4096])
        return text[:LONGEST_TEXT] if strange == 0 else None
    return None


def _of_pdf(source: Source) -> Iterator[Image.Image]:
    try:
        document = pypdfium2.PdfDocument(source.data)
    except pypdfium2.PdfiumError as problem:
        locked = "password" in str(problem).lower()
        raise PaperError("locked" if locked else "broken", source.name) from problem
    try:
        count = len(document)
        if count > MOST_PAGES:
            raise PaperError("pages", count, MOST_PAGES)
        for number in range(count):
            page = document[number]
            wide, high = page.get_size()
            if not (0 < wide < 20_000 and 0 < high < 20_000):
                raise PaperError("broken", source.name)
            # Lying pages are turned; the longer side decides how large they are drawn.
            longest = max(wide, high) * ACROSS_PER_INCH / _POINTS
            scale = ACROSS_PER_INCH / _POINTS * min(1.0, ROWS["fine"] * LONGEST_PAGE / longest)
            scale = min(scale, WIDTH / min(wide, high))
            yield page.render(scale=scale, grayscale=True).to_pil().convert("L")
            page.close()
    except pypdfium2.PdfiumError as problem:
        raise PaperError("broken", source.name) from problem
    finally:
        document.close()


def _of_picture(source: Source) -> Iterator[Image.Image]:
    try:
        picture = Image.open(io.BytesIO(source.data), formats=PICTURES)
    except UnidentifiedImageError as problem:
        raise PaperError("unknown", source.name) from problem
    except Image.DecompressionBombError as problem:
        raise PaperError("pixels", source.name, MOST_MEGAPIXELS) from problem
    except (OSError, ValueError, SyntaxError) as problem:
        raise PaperError("broken", source.name) from problem
    for number in range(min(getattr(picture, "n_frames", 1), MOST_PAGES + 1)):
        try:
            picture.seek(number)
            # A photograph is decoded as small as it is needed, so that the largest fit into memory.
            picture.draft("L", (WIDTH, ROWS["fine"]))
            if picture.width * picture.height > MOST_MEGAPIXELS * 1_000_000:
                raise PaperError("pixels", source.name, MOST_MEGAPIXELS)
            if picture.mode == "1" and picture.width == WIDTH:
                yield _as_it_came(picture)
                continue
            turned = ImageOps.exif_transpose(picture)
            clear = "A" in turned.getbands() or "transparency" in turned.info
            if clear:
                turned = turned.convert("RGBA")
                ground = Image.new("RGBA", turned.size, (WHITE, WHITE, WHITE, WHITE))
                turned = Image.alpha_composite(ground, turned)
            if turned.mode.startswith("I"):
                turned = turned.point(lambda value: value / 256)  # sixteen bits of grey
            yield turned.convert("L")
        except Image.DecompressionBombError as problem:
            raise PaperError("pixels", source.name, MOST_MEGAPIXELS) from problem
        except (OSError, ValueError, SyntaxError, EOFError) as problem:
            raise PaperError("broken", source.name) from problem


def _as_it_came(picture: Image.Image) -> Image.Image:
    """A page of a fax that goes on to somebody else: dot for dot, its rows as fine ones."""
    per_inch = float(picture.info.get("dpi", (0, 0))[1])
    rows = picture.height * (2 if 0 < per_inch < COARSE_PER_INCH else 1)
    return picture.convert("L").resize((WIDTH, rows), Image.Resampling.NEAREST)


def _black_and_white(grey: Image.Image, detail: Detail, look: Look) -> Image.Image:
    """As wide as fax paper, in black and white."""
    lies = grey.width > grey.height and grey.width != WIDTH
    page = grey.transpose(Image.Transpose.ROTATE_90) if lies else grey
    if page.width == WIDTH:
        whole = page
    else:
        room = WIDTH - 2 * EDGE
        # Rows stand a little further apart than columns (7.7 and 8.04 to a millimetre).
        flat = ROWS_PER_INCH["fine"] / ACROSS_PER_INCH
        scale = min(room / page.width, ROWS["fine"] * LONGEST_PAGE / (page.height * flat))
        size = (
            max(1, round(page.width * scale)),
            max(1, round(page.height * scale * flat)),
        )
        whole = Image.new("L", (WIDTH, max(ROWS["fine"], size[1])), WHITE)
        whole.paste(page.resize(size, Image.Resampling.LANCZOS), ((WIDTH - size[0]) // 2, 0))
    if detail == "standard":
        whole = whole.resize((WIDTH, whole.height // 2), Image.Resampling.BOX)
    if look == "photo":
        return whole.convert("1")  # Floyd and Steinberg's dots
    return whole.point(lambda value: WHITE if value >= HALF else 0).convert(
        "1", dither=Image.Dither.NONE
    )
