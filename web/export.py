"""A table taken away whole, however long it is: rows are read, worded and sent a few at a time.

What is held is one batch. The records are open for one batch only, since a reader who stays keeps
the log beside them from being emptied; and between batches an export rests as long as it worked,
so that whoever else looks need not wait for it.
"""

from __future__ import annotations

import csv
import io
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Final

from flask import Response, g, stream_with_context

from firmware.storage.export import BYTE_ORDER_MARK, inert
from web.words import say

if TYPE_CHECKING:
    from web.table import Cell, Column

BATCH: Final = 250
"""Rows between two rests: some 10 ms of work."""
LONGEST_REST_S: Final = 0.1


def csv_line(cells: Iterable[str]) -> str:
    """One line (RFC 4180); no cell is run as a formula."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerow([inert(cell) for cell in cells])
    return text.getvalue()


def csv_head(columns: Sequence[Column], language: str) -> str:
    """The first line, and before it what tells a spreadsheet that this is UTF-8."""
    return BYTE_ORDER_MARK + csv_line(say(column.word, language) for column in columns)


def csv_row(columns: Sequence[Column], row: Mapping[str, Cell]) -> str:
    """The line of one row; a remark below a cell stands behind it in brackets."""
    cells = (row.get(column.key) for column in columns)
    return csv_line(
        "" if c is None else c.text + (f" ({c.small})" if c.small else "") for c in cells
    )


def taken_away(body: bytes | str | Iterator[str], name: str, kind: str) -> Response:
    """The answer that a browser keeps as a file of this name and media type."""
    answer = Response(body, mimetype=kind)
    answer.headers.set("Content-Disposition", "attachment", filename=name)
    return answer


def csv_file(name: str, body: str | Iterator[str]) -> Response:
    """The same of a table; the name is without its ending."""
    return taken_away(body, f"{name}.csv", "text/csv")


def streamed(name: str, columns: Sequence[Column], rows: Iterator[Mapping[str, Cell]]) -> Response:
    """All rows as a file, in the order in which they come."""
    language = g.language

    def lines() -> Iterator[str]:
        yield csv_head(columns, language)
        while True:
            began_s = time.monotonic()
            text = "".join(csv_row(columns, row) for row in islice(rows, BATCH))
            if not text:
                return
            yield text
            time.sleep(min(LONGEST_REST_S, time.monotonic() - began_s))  # noqa: TID251  # others have the processor meanwhile

    return csv_file(name, stream_with_context(lines()))
