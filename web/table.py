"""A table that people sort, search, page through and take away. Pure but for the CSV's clothes.

The server arranges it, so that it works on a telephone, without scripts, and for rows that no
browser should hold. What is wanted stands in the address: ``q``, ``sort``, ``page``, ``as=csv``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final
from urllib.parse import urlencode

import msgspec
from flask import Response, g, render_template, request

from web.export import csv_file, csv_head, csv_row, streamed

ROWS: Final = 50
MOST_ROWS: Final = 2_000
"""Of a table whose rows are as many as there were calls: more are found by narrowing the search,
and all are taken away."""


class Cell(msgspec.Struct, frozen=True):
    """What stands in a cell.

    Attributes:
        text: For people.
        order: By what it is sorted; None for its text.
        href: Where it leads.
        mood: How it is coloured: good, warm, bad, or nothing.
        small: A remark below.
    """

    text: str
    order: Any = None
    href: str = ""
    mood: str = ""
    small: str = ""


class Column(msgspec.Struct, frozen=True):
    """One column: its key, the word of its head, whether it holds numbers."""

    key: str
    word: str
    number: bool = False


Row = Mapping[str, Cell]


class Table(msgspec.Struct, frozen=True, kw_only=True):
    """One page of it, as the template shows it.

    Attributes:
        columns: In order.
        rows: Of this page.
        total: Rows that were found.
        every: Rows there are, before the search.
        page: From 1.
        pages: How many.
        sort: Key of a column, with a minus in front for the other way; empty is the given order.
        query: What was searched for.
        more: There are more than anybody looks at; the search should be narrowed.
        args: Everything else in the address.
        path: Of the page.
    """

    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    total: int
    every: int
    page: int
    pages: int
    sort: str
    query: str
    more: bool = False
    args: dict[str, str] = {}
    path: str = ""

    def address(self, **changes: object) -> str:
        """The same table with something changed, as an address."""
        wanted = dict(self.args)
        wanted |= {"q": self.query, "sort": self.sort, "page": str(self.page)}
        wanted |= {name: str(value) for name, value in changes.items()}
        usual = {"page": "1"}
        kept = {n: v for n, v in wanted.items() if v and v != usual.get(n)}
        return f"{self.path}?{urlencode(kept)}" if kept else self.path

    def turned(self, key: str) -> str:
        """The sort that a click on a head asks for: that column, then the other way."""
        return f"-{key}" if self.sort == key else key


def arranged(
    columns: Sequence[Column],
    rows: Sequence[Row],
    args: Mapping[str, str],
    *,
    more: bool = False,
    searched: bool = False,
    size: int = ROWS,
    path: str = "",
) -> Table:
    """Sorted, searched and cut as the address asks; what it cannot ask for changes nothing.

    Args:
        columns: All.
        rows: All, in the order in which they stand unless something else is asked for.
        args: Of the address.
        more: See :class:`Table`.
        searched: The rows are those that hold what ``q`` asks for already.
        size: Rows on a page; 0 for all.
        path: Of the page.
    """
    query = args.get("q", "").strip()
    words = [] if searched else query.casefold().split()
    found = [row for row in rows if _holds(row, words)] if words else list(rows)
    sort = args.get("sort", "")
    key = sort.removeprefix("-")
    if key in {column.key for column in columns}:
        found.sort(key=_by(key), reverse=sort.startswith("-"))
    else:
        sort = ""
    pages = max(1, -(-len(found) // size)) if size else 1
    asked = args.get("page", "1")
    page = min(max(int(asked), 1), pages) if asked.isdecimal() and len(asked) < 9 else 1
    shown = found[(page - 1) * size : page * size] if size else found
    rest = {n: v for n, v in args.items() if n not in {"q", "sort", "page", "as"}}
    return Table(
        columns=tuple(columns),
        rows=tuple(shown),
        total=len(found),
        every=len(rows),
        page=page,
        pages=pages,
        sort=sort,
        query=query,
        more=more,
        args=rest,
        path=path,
    )


def _holds(row: Row, words: Sequence[str]) -> bool:
    text = " ".join(f"{cell.text} {cell.small}" for cell in row.values()).casefold()
    bare = text.replace(" ", "").replace("-", "")  # numbers as they are written and as they are
    return all(word in text or word in bare for word in words)


def _by(key: str) -> Callable[[Row], tuple[int, float, str]]:
    """Numbers by their size, before texts by their letters."""

    def order(row: Row) -> tuple[int, float, str]:
        cell = row.get(key, Cell(""))
        value = cell.text if cell.order is None else cell.order
        if isinstance(value, int | float):
            return (0, value, "")
        return (1, 0.0, str(value).casefold())

    return order


def as_csv(table: Table, language: str) -> str:
    """All of it for a spreadsheet; no cell is run as a formula."""
    lines = (csv_row(table.columns, row) for row in table.rows)
    return csv_head(table.columns, language) + "".join(lines)


def holding(rows: Iterator[Row], query: str) -> Iterator[Row]:
    """Those that hold what is searched for, one after the other."""
    words = query.casefold().split()
    return (row for row in rows if _holds(row, words))


def shown(
    template: str,
    name: str,
    columns: Sequence[Column],
    rows: Sequence[Row],
    *,
    more: bool = False,
    searched: bool = False,
    every: Callable[[], Iterator[Row]] | None = None,
    **values: object,
) -> str | Response:
    """The page with the table, or the table as a file when the address asks for it.

    Args:
        template: Shows ``table``.
        name: Of the file, without its ending.
        columns: All.
        rows: All.
        more: See :class:`Table`.
        searched: See :func:`arranged`.
        every: Where there are ``more``, reads all of them for the file, in the order of ``rows``.
        **values: For the template.
    """
    args = request.args.to_dict()
    if args.get("as") == "csv":
        if more and every is not None:
            found = every() if searched else holding(every(), args.get("q", ""))
            return streamed(name, columns, found)
        whole = arranged(columns, rows, args, searched=searched, size=0)
        return csv_file(name, as_csv(whole, g.language))
    table = arranged(columns, rows, args, more=more, searched=searched, path=request.path)
    return render_template(template, table=table, **values)
