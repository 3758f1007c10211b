"""Files become fax pages, fax pages become PDF: dot for dot, and nothing of a stranger gets out."""

from __future__ import annotations

import io
import subprocess
import sys
from pathlib import Path

import fpdf
import pytest
from PIL import Image, ImageDraw

from firmware.paper.errors import PaperError
from firmware.paper.order import Cover, PrintOrder, Source
from firmware.paper.portable import pdf_of, picture_of
from firmware.paper.press import print_out
from firmware.paper.printer import as_tiff, printed
from firmware.paper.tiff import mended, pages_of, starting_at


def checked_page(seed: int) -> Image.Image:
    """A page in black and white with lines and slopes that no other page has."""
    page = Image.new("1", (1728, 1000), 1)
    pen = ImageDraw.Draw(page)
    for n in range(0, 1000, 37 + seed):
        pen.line((n, n // 2, 1700 - n, 999 - n // 3), 0, 3)
    pen.text((200, 60 * seed), f"page {seed}", 0)
    return page


def three_pages() -> bytes:
    return as_tiff([checked_page(1), checked_page(2), checked_page(3)], "fine")


def a_pdf(pages: int = 1, text: str = "Hello", **document: object) -> bytes:
    made = fpdf.FPDF(**document)  # type: ignore[arg-type]  # of a test
    for n in range(pages):
        made.add_page()
        made.set_font("helvetica", size=36)
        made.cell(0, 20, f"{text} {n + 1}")
    return bytes(made.output())


def picture(size: tuple[int, int], form: str, mode: str = "L") -> bytes:
    made = Image.new(mode, size, "white")
    ImageDraw.Draw(made).rectangle((0, 0, size[0] // 2, size[1]), "black")
    file = io.BytesIO()
    made.save(file, form)
    return file.getvalue()


def black(page: Image.Image) -> float:
    """Share of black dots."""
    return page.convert("L").point(lambda v: 255 if v == 0 else 0).histogram()[255] / (
        page.width * page.height
    )


def frame(tiff: bytes, number: int) -> Image.Image:
    opened = Image.open(io.BytesIO(tiff))
    opened.seek(number)
    return opened.convert("1")


# --- fax pages to PDF -----------------------------------------------------------------------------


def test_the_pdf_of_a_fax_has_every_dot_of_it(tmp_path: Path) -> None:
    """Read back by poppler, which no one here wrote: the same dots, in T.6, at 204 by 196."""
    (tmp_path / "fax.pdf").write_bytes(pdf_of(three_pages(), "Fax 7"))
    listed = subprocess.run(
        ["pdfimages", "-list", tmp_path / "fax.pdf"], capture_output=True, text=True, check=True
    ).stdout.splitlines()[2:]
    assert len(listed) == 3
    assert all("ccitt" in line and "1728  1000" in line and "204   196" in line for line in listed)
    subprocess.run(["pdfimages", tmp_path / "fax.pdf", tmp_path / "i"], check=True)
    for number, name in enumerate(sorted(tmp_path.glob("i-*.pbm"))):
        with Image.open(name) as found:
            assert found.convert("1").tobytes() == checked_page(number + 1).tobytes()


def test_a_page_for_the_eye_has_its_true_shape() -> None:
    seen = Image.open(io.BytesIO(picture_of(three_pages(), 2, 400)))
    # 1000 rows of 1/196 inch and 1728 columns of 1/204 inch: 5.10 by 8.47 inches.
    assert seen.size == (400, 241)
    with pytest.raises(PaperError, match="no whole fax page"):
        picture_of(three_pages(), 4, 400)


def test_what_has_arrived_is_not_sent_again() -> None:
    left = starting_at(three_pages(), 2)
    assert len(pages_of(left)) == 1
    assert frame(left, 0).tobytes() == checked_page(3).tobytes()
    assert pages_of(left)[0].rows_per_inch == 196
    with pytest.raises(PaperError):
        starting_at(three_pages(), 3)


# --- what a power cut leaves ----------------------------------------------------------------------


def test_a_file_that_was_torn_holds_the_pages_before_the_tear() -> None:
    """Wherever it is cut: the whole pages are found, and no reader stumbles over the rest."""
    whole = three_pages()
    sizes = [len(as_tiff([checked_page(n) for n in range(1, m + 1)], "fine")) for m in (1, 2, 3)]
    seen = set()
    for cut in range(len(whole), 8, -397):
        torn = whole[:cut]
        try:
            found = len(pages_of(torn))
        except PaperError:
            assert cut < sizes[0]
            found = 0
        seen.add(found)
        if found:
            again = Image.open(io.BytesIO(mended(torn)))
            assert getattr(again, "n_frames", 1) == found
            assert frame(mended(torn), found - 1).tobytes() == checked_page(found).tobytes()
    assert seen == {0, 1, 2, 3}


@pytest.mark.parametrize("data", [b"", b"II*\0", b"II*\0\xff\xff\xff\xff", b"MM\0*" + bytes(60)])
def test_what_is_no_fax_has_no_pages(data: bytes) -> None:
    with pytest.raises(PaperError, match="no whole fax page"):
        pages_of(data)


def test_a_chain_of_pages_that_bites_its_tail_ends() -> None:
    data = bytearray(as_tiff([checked_page(1)], "fine"))
    at = int.from_bytes(data[4:8], "little")
    count = int.from_bytes(data[at : at + 2], "little")
    link = at + 2 + 12 * count
    data[link : link + 4] = at.to_bytes(4, "little")
    assert len(pages_of(bytes(data))) == 1


# --- printing -------------------------------------------------------------------------------------


def test_a_letter_with_cover_in_chinese_goes_through_the_jail() -> None:
    """The whole way: a program of its own, shut in, gives pages of fax paper back."""
    cover = Cover(title="传真", rows=(("收件人", "王芳"), ("页数", "3")), text="请查收报价单。")
    order = PrintOrder(
        covers=(cover,), text="第一页\f第二页", sources=(Source(name="a.pdf", data=a_pdf()),)
    )
    made = print_out(order)
    assert made.pages == 4
    pages = pages_of(made.tiff)
    assert {(p.width, p.rows, p.rows_per_inch) for p in pages} == {(1728, 2292, 196)}
    for number in range(4):
        assert 0.0001 < black(frame(made.tiff, number)) < 0.2


def test_a_file_that_cannot_be_read_is_told_by_name() -> None:
    broken = PrintOrder(sources=(Source(name="quote.pdf", data=a_pdf()[:400]),))
    with pytest.raises(PaperError) as found:
        print_out(broken)
    assert found.value.sentence("en") == "quote.pdf is damaged and cannot be read."
    assert found.value.sentence("zh-CN") == "文件 quote.pdf 已损坏，读不出来"


@pytest.mark.parametrize(
    ("source", "key"),
    [
        (Source(name="x.exe", data=b"MZ\x90\0\x03\0\0\0\xff\xfe\x80"), "unknown"),
        (Source(name="x.png", data=picture((50, 50), "PNG")[:60]), "broken"),
        (Source(name="x.pdf", data=a_pdf(51)), "pages"),
        (Source(name="big.png", data=picture((7_000, 4_000), "PNG")), "pixels"),
    ],
)
def test_bad_files_are_refused_each_in_its_words(source: Source, key: str) -> None:
    with pytest.raises(PaperError) as found:
        printed(PrintOrder(sources=(source,)))
    assert found.value.key == key


def test_nothing_to_send_is_said() -> None:
    with pytest.raises(PaperError, match="nothing to send"):
        printed(PrintOrder(text="  "))


def test_a_locked_pdf_is_told_apart_from_a_damaged_one() -> None:
    made = fpdf.FPDF()
    made.set_encryption(*("owner", "user"))
    made.add_page()
    with pytest.raises(PaperError) as found:
        printed(PrintOrder(sources=(Source(name="s.pdf", data=bytes(made.output())),)))
    assert found.value.key == "locked"


def test_pictures_keep_their_shape_on_the_paper() -> None:
    """Half of the picture is black: so are the dots over it, within the width of the paper."""
    made = printed(PrintOrder(sources=(Source(name="p.png", data=picture((400, 400), "PNG")),)))
    page = frame(made.tiff, 0)
    # 1680 dots at 204 per inch are as wide as 1614 rows at 196 per inch are high.
    assert page.size == (1728, 2292)
    assert page.getpixel((100, 1600)) == 0
    assert page.getpixel((100, 1630)) == 255
    assert page.getpixel((1000, 800)) == 255
    lying = printed(PrintOrder(sources=(Source(name="p.png", data=picture((800, 400), "PNG")),)))
    assert black(frame(lying.tiff, 0)) > 0.45  # turned, so that it fills the paper


def test_standard_has_half_the_rows_and_photographs_become_dots() -> None:
    data = picture((600, 800), "JPEG")
    standard = printed(PrintOrder(sources=(Source(name="p.jpg", data=data),), detail="standard"))
    assert [(p.rows, p.rows_per_inch) for p in pages_of(standard.tiff)] == [(1146, 98)]
    grey = io.BytesIO()
    Image.new("L", (600, 800), 128 + 40).save(grey, "PNG")
    photo = PrintOrder(sources=(Source(name="g.png", data=grey.getvalue()),), look="photo")
    assert 0.2 < black(frame(printed(photo).tiff, 0)) < 0.45  # a third of the dots for that grey


def test_a_fax_that_goes_on_to_somebody_else_keeps_every_dot() -> None:
    made = printed(PrintOrder(sources=(Source(name="fax.tif", data=three_pages()),)))
    assert made.pages == 3
    assert frame(made.tiff, 1).tobytes() == checked_page(2).tobytes()


def test_several_people_get_a_cover_of_their_own_and_the_same_pages() -> None:
    covers = tuple(Cover(title="Fax", rows=(("To", name),)) for name in ("Li", "Wang"))
    made = printed(PrintOrder(covers=covers, text="The same."))
    assert (len(made.tiffs), made.pages) == (2, 2)
    first, second = made.tiffs
    assert frame(first, 0).tobytes() != frame(second, 0).tobytes()
    assert frame(first, 1).tobytes() == frame(second, 1).tobytes()


def test_a_text_that_no_line_holds_is_broken() -> None:
    made = printed(PrintOrder(text="x" * 500 + "\n" + "字" * 500))
    page = frame(made.tiff, 0)
    edge = page.crop((1728 - 100, 0, 1728, 2292))
    assert black(edge) == 0.0  # nothing runs over the margin


def test_chinese_text_of_windows_is_read() -> None:
    utf = printed(PrintOrder(sources=(Source(name="a.txt", data="合同".encode()),)))
    windows = printed(PrintOrder(sources=(Source(name="a.txt", data="合同".encode("gb18030")),)))
    assert frame(utf.tiff, 0).tobytes() == frame(windows.tiff, 0).tobytes()


# --- the jail -------------------------------------------------------------------------------------


def alone(code: str) -> subprocess.CompletedProcess[bytes]:
    """Run by a Python of its own."""
    root = Path(__file__).parents[3]
    return subprocess.run([sys.executable, "-c", code], capture_output=True, cwd=root, check=False)


ESCAPES = {
    "write": "open('tipring-escape', 'w')",
    "read": "open('/etc/passwd').read()",
    "list": "import os; os.listdir('/var')",
    "network": "import socket; socket.socket()",
    "unix": "import socket; socket.socket(socket.AF_UNIX)",
    "program": "import os; os.execv('/bin/true', ['true'])",
    "child": "import os; os.fork()",
    "thread": "import _thread; _thread.start_new_thread(print, ())",
}


def test_nothing_gets_out_of_the_jail() -> None:
    tries = "".join(
        f"try:\n    {what}\nexcept (OSError, RuntimeError):\n    pass\n"
        f"else:\n    out.append({name!r})\n"
        for name, what in ESCAPES.items()
    )
    code = (
        "import socket, os, _thread\nfrom pathlib import Path\n"
        "from firmware.paper.jail import shut_in\n"
        "shut_in((Path('/usr/share/fonts'),), 30)\nout = []\n"
        f"{tries}os.write(1, repr(out).encode())\n"
    )
    done = alone(code)
    assert done.stdout == b"[]", (done.stdout, done.stderr)


@pytest.mark.slow
def test_a_reader_that_never_ends_is_ended() -> None:
    code = (
        "from pathlib import Path\nfrom firmware.paper.jail import shut_in\n"
        "shut_in((), 1)\nwhile True: pass\n"
    )
    assert alone(code).returncode != 0
