"""What kind of field each setting is, read off the settings' own types.

The forms are made from this, so a setting that the box has cannot be missing on the page. Pure.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Any, Final, Literal

import msgspec
from msgspec import inspect

from firmware.core.countries import COUNTRIES
from firmware.core.settings import Settings
from firmware.core.timers import TIMERS

Kind = Literal[
    "switch",  # yes or no
    "number",  # whole or not, with limits
    "text",
    "choice",  # one of a few
    "choices",  # some of a few
    "lines",  # texts, one on each line
    "named",  # a text for each of a few names
    "pairs",  # name = value, one on each line
    "part",  # fields of their own within the form
    "rows",  # things that have a page each
    "grid",  # things of a few values, one on each line
    "keyed",  # name = a few values, one on each line
    "json",  # whatever else there may be
]


MOST_IN_A_GRID: Final = 3
IN_A_GRID: Final = frozenset({"number", "text", "choice"})
BEHIND_A_NAME: Final = IN_A_GRID | {"switch"}


class Field(msgspec.Struct, frozen=True, kw_only=True):
    """One setting.

    Attributes:
        name: As in the document.
        owner: Name of the struct it belongs to; ``owner.name`` finds its words.
        kind: How it is asked for.
        choices: Values of a choice; names of ``named``.
        low: Least number, None for none.
        high: Greatest number, None for none.
        whole: Whether the number has no fraction.
        optional: Empty means None.
        listed: Whether the text of a name or a line is a list, separated by commas.
        counted: Whether the values of ``pairs`` are numbers.
        sparse: A ``part`` of which only what differs from the defaults is kept.
        fields: Of a ``part`` or of one of the ``rows``.
        default: What counts when nobody set it.
        suggest: Id of the page's list of values that the browser offers; empty for none.
    """

    name: str
    owner: str
    kind: Kind
    choices: tuple[str, ...] = ()
    low: float | None = None
    high: float | None = None
    whole: bool = True
    optional: bool = False
    listed: bool = False
    counted: bool = False
    sparse: bool = False
    fields: tuple[Field, ...] = ()
    default: Any = None
    suggest: str = ""

    @property
    def word(self) -> str:
        """Key of its words."""
        return f"{self.owner}.{self.name}"


@functools.cache
def fields_of(struct: type[msgspec.Struct]) -> tuple[Field, ...]:
    """Every setting of a part of the document, in the document's order."""
    found = inspect.type_info(struct)
    assert isinstance(found, inspect.StructType)  # noqa: S101  # the caller gave a struct
    return tuple(_field(field, struct.__name__) for field in found.fields)


_TEXT_CHOICES: Final = {"Settings.country": tuple(COUNTRIES)}
"""Texts that have to be one of a list which the type does not name."""


def _field(field: inspect.Field, owner: str) -> Field:
    made = _of_type(field.type)
    if choices := _TEXT_CHOICES.get(f"{owner}.{field.name}"):
        made = {"kind": "choice", "choices": choices}
    default: Any = field.default
    if default is msgspec.NODEFAULT:
        make: Any = field.default_factory
        default = None if make is msgspec.NODEFAULT else make()
    return Field(name=field.name, owner=owner, default=msgspec.to_builtins(default), **made)


def tables_in(fields: Sequence[Field], path: str = "") -> dict[str, Field]:
    """Every table (``rows``) within, by its path (``acd.queues``)."""
    found: dict[str, Field] = {}
    for field in fields:
        here = f"{path}{field.name}"
        if field.kind == "rows":
            found[here] = field
        elif field.kind == "part":
            found |= tables_in(field.fields, f"{here}.")
    return found


def settings_fields() -> tuple[Field, ...]:
    """Every setting of the office, timers by their names."""
    timers = tuple(
        Field(
            name=timer.name,
            owner="timer",
            kind="number",
            low=timer.low_ms,
            high=timer.high_ms,
            optional=True,
            default=timer.default_ms,
        )
        for timer in TIMERS.values()
    )
    return tuple(
        Field(name="timers", owner="Settings", kind="part", fields=timers, sparse=True, default={})
        if field.name == "timers"
        else field
        for field in fields_of(Settings)
    )


def _of_type(kind: Any) -> dict[str, Any]:
    match kind:
        case inspect.BoolType():
            return {"kind": "switch"}
        case inspect.IntType():
            return {"kind": "number", "low": kind.ge, "high": kind.le}
        case inspect.FloatType():
            return {"kind": "number", "low": kind.ge, "high": kind.le, "whole": False}
        case inspect.StrType():
            return {"kind": "text"}
        case inspect.LiteralType():
            return {"kind": "choice", "choices": tuple(str(v) for v in _ordered(kind.values))}
        case inspect.StructType():
            return {"kind": "part", "fields": fields_of(kind.cls)}
        case inspect.VarTupleType(item_type=inspect.StructType(cls=cls)):
            fields = fields_of(cls)
            few = len(fields) <= MOST_IN_A_GRID and all(f.kind in IN_A_GRID for f in fields)
            return {"kind": "grid" if few else "rows", "fields": fields}
        case inspect.VarTupleType(item_type=inspect.LiteralType(values=values)):
            return {"kind": "choices", "choices": tuple(str(v) for v in _ordered(values))}
        case inspect.VarTupleType(item_type=inspect.StrType()):
            return {"kind": "lines"}
        case inspect.DictType(key_type=inspect.LiteralType(values=names)):
            value = kind.value_type
            choices = tuple(_ordered(names))
            if isinstance(value, inspect.StrType):
                return {"kind": "named", "choices": choices}
            if _is_texts(value):
                return {"kind": "named", "choices": choices, "listed": True}
        case inspect.DictType(key_type=inspect.StrType(), value_type=value):
            if isinstance(value, inspect.StrType | inspect.LiteralType):
                return {"kind": "pairs"}
            if isinstance(value, inspect.IntType):
                return {"kind": "pairs", "counted": True, "low": value.ge, "high": value.le}
            if _is_texts(value):
                return {"kind": "pairs", "listed": True}
            if isinstance(value, inspect.StructType):
                fields = fields_of(value.cls)
                if len(fields) <= MOST_IN_A_GRID and all(f.kind in BEHIND_A_NAME for f in fields):
                    return {"kind": "keyed", "fields": fields}
        case inspect.UnionType(types=types):
            return _of_union(types)
    return {"kind": "json"}


def _of_union(types: tuple[Any, ...]) -> dict[str, Any]:
    """``X | None`` is X that may be empty; choices with an empty one are one list of choices."""
    without = [kind for kind in types if not isinstance(kind, inspect.NoneType)]
    if all(isinstance(kind, inspect.LiteralType) for kind in without):
        values = [value for kind in without for value in kind.values]
        return {"kind": "choice", "choices": tuple(str(v) for v in _ordered(values))}
    if len(without) == 1 and len(types) == 2:  # the one, and None
        made = _of_type(without[0])
        if made["kind"] in {"number", "text", "choice"}:
            return made | {"optional": True}
    return {"kind": "json"}


def _is_texts(kind: Any) -> bool:
    return isinstance(kind, inspect.VarTupleType) and isinstance(kind.item_type, inspect.StrType)


_ORDERS: Final[tuple[tuple[str, ...], ...]] = (
    ("", "mon", "tue", "wed", "thu", "fri", "sat", "sun"),
    ("", "day", "lunch", "night", "holiday"),
    ("", "owner", "supervisor", "reviewer", "agent", "installer"),
    ("", "internal", "local", "national", "international", "custom"),
)
"""msgspec gives literals in no order of meaning; people know these lists in theirs."""


def _ordered(values: Any) -> list[Any]:
    for order in _ORDERS:
        if set(values) <= set(order):
            return [value for value in order if value in values]
    return sorted(values, key=str)
