"""What an office looks at in a conversation: score sheets of items with weights. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Annotated, Final, Literal

import msgspec

Say = Callable[..., None]
Kind = Literal["grade", "must", "twice"]


class _Part(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    pass


class ScoreItem(_Part, frozen=True, kw_only=True):
    """One thing that is looked at.

    Attributes:
        name: What it is, as the supervisor reads it.
        weight: Its part of the score beside those of the others.
        kind: ``grade``: yes, partly, no; ``must``: without it the whole score is 0; ``twice``: how
            often it was done is counted, and two times is enough.
    """

    name: str
    weight: Annotated[int, msgspec.Meta(ge=0, le=100)] = 10
    kind: Kind = "grade"


class ScoreSheet(_Part, frozen=True, kw_only=True):
    """A sheet.

    Attributes:
        name: As it is chosen and shown.
        items: What is looked at, in order.
    """

    name: str
    items: tuple[ScoreItem, ...] = ()


SHEET: Final = ScoreSheet(
    name="standard",
    items=(
        ScoreItem(name="greeting", weight=10),
        ScoreItem(name="surname", weight=10, kind="twice"),
        ScoreItem(name="listening", weight=20),
        ScoreItem(name="solution", weight=30),
        ScoreItem(name="courtesy", weight=20),
        ScoreItem(name="farewell", weight=10),
        ScoreItem(name="verified", weight=0, kind="must"),
    ),
)
"""What small offices look at, the surname said at least twice among it; weights come to 100."""


class Quality(_Part, frozen=True, kw_only=True):
    """Score sheets.

    Attributes:
        sheets: There may be several, for several kinds of calls.
    """

    sheets: tuple[ScoreSheet, ...] = (SHEET,)


QUALITY_SENTENCES: Final[Mapping[str, tuple[str, str]]] = {
    "sheet-empty": ("名称不能为空", "A name must not be empty."),
    "sheet-twice": ("{value} 出现了两次", "{value} is there twice."),
    "sheet-items": ("评分表 {value} 没有项目", "Sheet {value} has no items."),
    "sheet-weight": (
        "评分表 {value} 的权重之和为 0",
        "The weights of sheet {value} come to 0; at least one item needs one.",
    ),
}


def check_quality(quality: Quality, say: Say) -> None:
    """Names are there once; every sheet has items, and weights that come to more than nothing."""
    names: set[str] = set()
    for at, sheet in enumerate(quality.sheets):
        path = f"quality.sheets.{at}"
        if not sheet.name.strip():
            say(f"{path}.name", "sheet-empty")
        elif sheet.name in names:
            say(f"{path}.name", "sheet-twice", sheet.name)
        names.add(sheet.name)
        if not sheet.items:
            say(f"{path}.items", "sheet-items", sheet.name)
        elif not sum(item.weight for item in sheet.items):
            say(f"{path}.items", "sheet-weight", sheet.name)
        seen: set[str] = set()
        for item in sheet.items:
            if not item.name.strip():
                say(f"{path}.items", "sheet-empty")
            elif item.name in seen:
                say(f"{path}.items", "sheet-twice", item.name)
            seen.add(item.name)
