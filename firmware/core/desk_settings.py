"""What an office sets for its agents' desks: scripts by grade, what a day should come to."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Annotated, Final

import msgspec

Say = Callable[..., None]
Goal = Annotated[int, msgspec.Meta(ge=0, le=86_400)]


class _Part(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    pass


class Targets(_Part, frozen=True, kw_only=True):
    """What an agent's day should come to; 0 is no target.

    Attributes:
        calls: So many conversations at least.
        talk_s: Mean length of a conversation, at most.
        wrap_up_s: Mean work after a call, at most.
        missed: Missed offers, at most.
    """

    calls: Goal = 0
    talk_s: Goal = 0
    wrap_up_s: Goal = 0
    missed: Goal = 0


class Desk(_Part, frozen=True, kw_only=True):
    """The agent's desk.

    Attributes:
        scripts: Grade of a customer to the code of the article that says how to speak with him;
            ``*`` is for everybody else.
        targets: Of an agent's day.
    """

    scripts: dict[str, str] = {}
    targets: Targets = Targets()


ANYBODY: Final = "*"

DESK_SENTENCES: Final[Mapping[str, tuple[str, str]]] = {
    "script-grade": (
        "没有客户等级 {value}；可选：{limit}",
        "There is no grade {value}; there are {limit}.",
    ),
    "script-code": (
        "话术编号 {value} 须为 2 至 4 位数字",
        "Article {value}: its code must be 2 to 4 digits.",
    ),
}


def check_desk(desk: Desk, grades: Collection[str], say: Say) -> None:
    """Grades exist, articles have the form of a code."""
    for grade, code in desk.scripts.items():
        if grade != ANYBODY and grade not in grades:
            say(f"desk.scripts.{grade}", "script-grade", grade, ", ".join((*grades, ANYBODY)))
        if not (code.isascii() and code.isdecimal() and 2 <= len(code) <= 4):
            say(f"desk.scripts.{grade}", "script-code", code)


def script_of(desk: Desk, grade: str) -> str:
    """The code of the article for a grade, empty for none."""
    return desk.scripts.get(grade) or desk.scripts.get(ANYBODY, "")
