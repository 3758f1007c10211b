"""What the countries' tables of all chips share: a choice, and what was not chosen."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeVar

from drivers.errors import CardError

Entry = TypeVar("Entry")


@dataclass(frozen=True, slots=True)
class OtherValue:
    """A value that another source gives, and why it was not taken.

    Attributes:
        setting: the field of the table's row that it is about.
        value: the other value, in the field's own unit.
        source: who gives it.
        reason: why the row has its own value instead.
    """

    setting: str
    value: object
    source: str
    reason: str


def for_country(rows: Mapping[str, Entry], country: str, chip: str) -> Entry:
    """A country's row by its ISO 3166 code.

    Raises:
        CardError: there is no such row; the message names the nearest code.
    """
    code = country.upper()
    row = rows.get(code)
    if row is None:
        near = difflib.get_close_matches(code, rows, 1, 0.0)
        known = ", ".join(rows)
        raise CardError(
            f"country {country!r}: the {chip} has no settings for it; nearest {near[0]} of {known}"
        )
    return row
