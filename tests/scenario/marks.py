"""Where the tables of the folders' READMEs stand: between two marks."""

from __future__ import annotations

BEGIN, END = "<!-- begin table -->\n", "<!-- end table -->"


def between_marks(text: str, table: str) -> str:
    """The README's text with the table put between its marks."""
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}{table}{END}{after}"
