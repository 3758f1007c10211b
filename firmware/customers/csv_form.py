"""Customers as a table in CSV, as spreadsheets write it and read it.

The first line names the columns, in English or Chinese, in any order. Several numbers or tags in
one cell are parted by ``;`` or a line break, dates as ``key_date`` reads them; a column of no other
name is a field of the office.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from firmware.customers.customer import Customer
from firmware.customers.key_date import BIRTHDAY, KeyDate, day_of, read_dates, written_dates

COLUMNS: Final[dict[str, tuple[str, ...]]] = {
    "name": ("name", "姓名", "名称", "full name"),
    "company": ("company", "单位", "公司", "organization"),
    "numbers": ("numbers", "number", "phone", "mobile", "telephone", "号码", "电话", "手机"),
    "grade": ("grade", "等级", "级别"),
    "tags": ("tags", "tag", "标签"),
    "language": ("language", "语言"),
    "agent": ("agent", "座席", "专属座席"),
    "note": ("note", "notes", "备注"),
    "dates": ("dates", "key dates", "日期", "重要日期"),
    "birthday": ("birthday", "生日"),
    "channel": ("channel", "contact by", "联系方式"),
}
WRITTEN: Final = tuple(name for name in COLUMNS if name != BIRTHDAY)
"""A birthday is one of the dates; its own column is read and not written."""

CHANNELS: Final[dict[str, str]] = {"电话": "call", "短信": "text", "邮件": "mail"}
_FIELD_OF: Final = {name: field for field, names in COLUMNS.items() for name in names}
BYTE_ORDER_MARK: Final = "\ufeff"
MANY: Final = ("numbers", "tags")
INERT: Final = ("=", "+", "-", "@", "\t", "\r")
"""A cell that begins so would be run as a formula by a spreadsheet (OWASP, CSV injection)."""


class FormError(ValueError):
    """The file is not of this form; ``key`` names the sentence."""

    def __init__(self, key: str, value: object = "") -> None:
        super().__init__(f"{key}: {value}")
        self.key = key
        self.value = value


def read(text: str) -> list[tuple[int, Customer]]:
    """Cards with the number of their line, as they stand: nothing is checked yet.

    Raises:
        FormError: no column of names and none of numbers, or no table at all.
    """
    rows = csv.reader(io.StringIO(text.removeprefix(BYTE_ORDER_MARK)), _dialect(text))
    found: list[tuple[int, Customer]] = []
    try:
        heads = [head.strip() for head in next(rows, [])]
        fields = [_FIELD_OF.get(head.casefold(), "") for head in heads]
        if "numbers" not in fields or not {"name", "company"} & set(fields):
            raise FormError("csv-columns", ", ".join(heads) or "-")
        found += [
            (rows.line_num, _card(heads, fields, row))
            for row in rows
            if any(cell.strip() for cell in row)
        ]
    except csv.Error as wrong:
        raise FormError("csv-broken", str(wrong)) from wrong
    return found


def _dialect(text: str) -> type[csv.Dialect]:
    first = text.partition("\n")[0]
    between = max(",;\t", key=first.count)  # of equals the comma

    class Found(csv.excel):
        delimiter = between
        strict = True

    return Found


def _card(heads: Sequence[str], fields: Sequence[str], row: Sequence[str]) -> Customer:
    texts: dict[str, str] = {}
    lists: dict[str, list[str]] = {name: [] for name in MANY}
    own: dict[str, str] = {}
    for head, field, cell in zip(heads, fields, row, strict=False):
        value = _plain(cell.strip())
        if field in MANY:
            parts = value.replace("\n", ";").replace("；", ";").split(";")
            lists[field] += [part.strip() for part in parts if part.strip()]
        elif field:
            texts[field] = texts.get(field) or value
        elif head and value:
            own[head] = value
    dates = read_dates(texts.get("dates", ""))
    if (born := texts.get(BIRTHDAY, "")) and not any(d.name == BIRTHDAY for d in dates):
        day = day_of(born)
        dates = (*dates, KeyDate(name=BIRTHDAY, day=day.isoformat() if day else born))
    channel = texts.get("channel", "")
    return Customer(
        dates=dates,
        channel=CHANNELS.get(channel, channel),
        name=texts.get("name", ""),
        company=texts.get("company", ""),
        grade=texts.get("grade", ""),
        language=texts.get("language", ""),
        agent=texts.get("agent", ""),
        note=texts.get("note", ""),
        numbers=tuple(lists["numbers"]),
        tags=tuple(lists["tags"]),
        fields=own,
    )


def _plain(cell: str) -> str:
    """What we wrote with an apostrophe before it, without it."""
    return cell[1:] if cell.startswith("'") and cell[1:2] in INERT else cell


def write(cards: Iterable[Customer], fields: Sequence[str]) -> Iterator[str]:
    """The table, line by line; what :func:`read` gives back as it was."""
    yield BYTE_ORDER_MARK + _line((*WRITTEN, *fields))
    for card in cards:
        known = {
            "numbers": ";".join(card.numbers),
            "tags": ";".join(card.tags),
            "dates": written_dates(card.dates),
        }
        yield _line(
            [
                *(known[n] if n in known else getattr(card, n) for n in WRITTEN),
                *(card.fields.get(name, "") for name in fields),
            ]
        )


def _line(cells: Iterable[str]) -> str:
    text = io.StringIO()
    inert = [f"'{cell}" if cell.startswith(INERT) else cell for cell in cells]
    csv.writer(text, lineterminator="\r\n").writerow(inert)
    return text.getvalue()
