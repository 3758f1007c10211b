"""A report as a well-set PDF of A4 pages.

The letters come with the file, so that it looks the same everywhere: only those that are used.
This module alone of its folder reads a file, the font that is named to it.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Final

import fpdf
from fpdf.enums import TableBordersLayout, TableCellFillMode, XPos, YPos
from fpdf.fonts import FontFace

from firmware.reports.sheet import Entry, Section, Sheet, word

FONTS: Final = (
    Path("/usr/share/fonts/truetype/wqy/wqy-microhei.ttc"),
    Path("/usr/share/fonts/wqy-microhei/wqy-microhei.ttc"),
)
"""Where Debian and others install WenQuanYi Micro Hei, which has Latin and Chinese letters."""

MARGIN_MM: Final = 18.0
INK: Final = (28, 32, 38)
PALE: Final = (110, 116, 124)
RULE: Final = (205, 209, 214)
WHITE: Final = (255, 255, 255)
BAND: Final = (243, 245, 247)
GOOD: Final = (28, 110, 70)
BAD: Final = (176, 42, 32)
BAR: Final = (52, 101, 164)
BAR_PALE: Final = (196, 208, 224)
CHART_MM: Final = 34.0
FIGURE_WIDTHS: Final = (54, 26, 30, 42, 22)


class NoFontError(Exception):
    """There is no font with Chinese letters on this machine."""


def paper(made: Sheet, at: datetime, font: Path | None = None) -> bytes:
    """The PDF.

    Args:
        made: The report.
        at: When it was made, by the office's clock: stands at the foot of each page.
        font: A TrueType font or collection with Latin and Chinese letters; Debian's if not given.

    Raises:
        NoFontError: none is there.
    """
    found = font or next((path for path in FONTS if path.exists()), None)
    if found is None or not found.exists():
        raise NoFontError(
            "no font with Chinese letters is installed (package fonts-wqy-microhei); there is no "
            "PDF without one"
        )
    page = _Page(made, at, found)
    page.add_page()
    page.headline()
    page.figures(made.entries)
    for section in made.sections:
        page.section(section)
    page.notes()
    return bytes(page.output())


class _Page(fpdf.FPDF):
    """The pages of one report."""

    def __init__(self, made: Sheet, at: datetime, font: Path) -> None:
        super().__init__("portrait", "mm", "A4")
        self._made = made
        self._at = at
        self.set_margins(MARGIN_MM, MARGIN_MM, MARGIN_MM)
        self.set_auto_page_break(True, MARGIN_MM + 4)
        self.add_font("text", fname=font)
        self.set_title(f"{made.title} {made.span}")
        self.set_lang(made.language)
        self.set_creation_date(at)
        self.alias_nb_pages()

    def _write(self, text: str, size: float, ink: tuple[int, int, int] = INK) -> None:
        self.set_font("text", size=size)
        self.set_text_color(*ink)
        self.multi_cell(0, size * 0.5, text, new_x=XPos.LMARGIN, new_y=YPos.NEXT)

    def footer(self) -> None:
        """When it was made, and which page this is."""
        self.set_y(-MARGIN_MM + 3)
        self.set_font("text", size=7.5)
        self.set_text_color(*PALE)
        made = self._made
        left = "  ·  ".join(part for part in (made.office, made.span) if part)
        right = word("page", made.language, page=self.page_no(), of="{nb}")
        self.cell(self.epw / 2, 4, f"{left}  ·  {self._at:%Y-%m-%d %H:%M}")
        self.cell(self.epw / 2, 4, right, align="R")

    def headline(self) -> None:
        """What it is, of which days, of which office."""
        self._write(self._made.title, 20)
        self._write(self._made.span, 11, PALE)
        if self._made.office:
            self._write(self._made.office, 11, PALE)
        self.ln(3)

    def figures(self, entries: tuple[Entry, ...]) -> None:
        """The figures of the whole office, each with what it is made of and its target."""
        language = self._made.language
        self._write(word("figures", language), 12.5)
        self.ln(1)
        heads = [word(key, language) for key in ("figure", "value", "made_of", "target", "met")]
        self.set_font("text", size=8.5)
        self.set_text_color(*INK)
        self.set_draw_color(*RULE)
        with self.table(
            col_widths=FIGURE_WIDTHS,
            text_align=("LEFT", "RIGHT", "RIGHT", "LEFT", "LEFT"),
            line_height=5.0,
            borders_layout=TableBordersLayout.HORIZONTAL_LINES,
            headings_style=FontFace(color=PALE, size_pt=8),
            cell_fill_color=BAND,
            cell_fill_mode=TableCellFillMode.EVEN_ROWS,
            padding=(0.5, 1.5),
        ) as table:
            table.row(heads)
            for one in entries:
                row = table.row()
                for text in (one.name, one.value, one.parts, one.target):
                    row.cell(text)
                met = "" if one.met is None else word("yes" if one.met else "no", language)
                row.cell(met, style=FontFace(color=GOOD if one.met else BAD))

    def section(self, section: Section) -> None:
        """One table, with its bars before it where it is over time."""
        needed = 22 + (CHART_MM + 8 if section.bars else 0)
        if self.will_page_break(needed):
            self.add_page()
        else:
            self.ln(5)
        self._write(section.title, 12.5)
        self.ln(1)
        if any(answered + lost for answered, lost in section.bars):
            self._bars(section)
        self.set_font("text", size=8)
        self.set_text_color(*INK)
        self.set_draw_color(*RULE)
        self.set_fill_color(*WHITE)
        count = len(section.heads)
        with self.table(
            col_widths=(24, *((self.epw - 24) / (count - 1) for _ in section.heads[1:])),
            text_align=("LEFT", *("RIGHT" for _ in section.heads[1:])),
            line_height=4.6,
            borders_layout=TableBordersLayout.HORIZONTAL_LINES,
            headings_style=FontFace(color=PALE, size_pt=7),
            cell_fill_color=BAND,
            cell_fill_mode=TableCellFillMode.EVEN_ROWS,
            padding=(0.4, 0.9),
        ) as table:
            for row in (section.heads, *section.rows):
                table.row(row)

    def _bars(self, section: Section) -> None:
        """Who was answered, and on top of that who was not."""
        language = self._made.language
        most = max(answered + lost for answered, lost in section.bars)
        left, top, step = self.l_margin, self.get_y(), self.epw / len(section.bars)
        width = min(9.0, step * 0.7)
        scale = (CHART_MM - 8) / most
        base = top + CHART_MM - 4
        self.set_font("text", size=6.5)
        self.set_text_color(*PALE)
        every = -(-len(section.bars) // 16)
        for at, ((answered, lost), row) in enumerate(zip(section.bars, section.rows, strict=True)):
            x = left + step * at + (step - width) / 2
            self.set_fill_color(*BAR)
            self.rect(x, base - answered * scale, width, answered * scale, style="F")
            self.set_fill_color(*BAR_PALE)
            self.rect(x, base - (answered + lost) * scale, width, lost * scale, style="F")
            if at % every == 0:
                self.set_xy(left + step * at, base + 0.6)
                self.cell(step * every, 3, row[0][-5:], align="C" if every == 1 else "L")
            if answered + lost:
                self.set_xy(left + step * at, base - (answered + lost) * scale - 3.2)
                self.cell(step, 3, str(answered + lost), align="C")
        self.set_draw_color(*RULE)
        self.line(left, base, left + self.epw, base)
        self.set_xy(left, base + 4.2)
        for color, key in ((BAR, "answered"), (BAR_PALE, "not_answered")):
            self.set_fill_color(*color)
            self.rect(self.get_x(), self.get_y() + 0.6, 2.4, 2.4, style="F")
            self.set_x(self.get_x() + 3.2)
            self.cell(24, 3.6, word(key, language))
        self.set_xy(left, base + 9.5)

    def notes(self) -> None:
        """How it was counted, and every formula."""
        language = self._made.language
        if self.will_page_break(50):
            self.add_page()
        else:
            self.ln(6)
        self._write(word("rules", language), 12.5)
        self.ln(1)
        for rule in self._made.rules:
            self._write(rule, 8, PALE)
        self.ln(3)
        self._write(word("formulas", language), 12.5)
        self.ln(1)
        self.set_font("text", size=7.5)
        self.set_text_color(*PALE)
        self.set_fill_color(*WHITE)
        with self.table(
            col_widths=(50, self.epw - 50),
            text_align=("LEFT", "LEFT"),
            line_height=4.2,
            first_row_as_headings=False,
            borders_layout=TableBordersLayout.NONE,
            padding=(0.2, 1.0),
        ) as table:
            for pair in self._made.formulas:
                table.row(pair)
