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


Days = Annotated[int, msgspec.Meta(ge=0, le=36_500)]


class Hint(_Part, frozen=True, kw_only=True):
    """One line that an agent is told of a caller to whom all of its conditions apply.

    Attributes:
        code: Short code of an article that says more; it is whispered, and counted by.
        text: The line on the agent's page.
        tag: He has this tag; empty: any.
        grade: He has this grade; empty: any.
        topic: His last call was about this, two digits; empty: anything.
        choice: He keyed this in the menu; empty: anything.
        date: A date of this name is on his card; empty: not needed.
        from_days: That date is at least so many days ago.
        to_days: And at most so many; 0: no limit.
    """

    code: str
    text: str
    tag: str = ""
    grade: str = ""
    topic: str = ""
    choice: str = ""
    date: str = ""
    from_days: Days = 0
    to_days: Days = 0


class Desk(_Part, frozen=True, kw_only=True):
    """The agent's desk.

    Attributes:
        scripts: Grade of a customer to the code of the article that says how to speak with him;
            ``*`` is for everybody else.
        targets: Of an agent's day.
        hints: What agents are told; the first whose conditions apply.
    """

    scripts: dict[str, str] = {}
    targets: Targets = Targets()
    hints: tuple[Hint, ...] = ()


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
    "hint-text": (
        "提示 {value} 须有 1 至 {limit} 个字",
        "Hint {value}: it needs a line of 1 to {limit} characters.",
    ),
    "hint-any": (
        "提示 {value} 没有条件：会对每位来电者提示",
        "Hint {value} has no condition: it would be told of every caller.",
    ),
    "hint-topic": (
        "提示的主题 {value} 须为两位数字",
        "Topic {value} of a hint: two digits are needed.",
    ),
    "hint-choice": (
        "提示的菜单按键 {value} 须为 0 至 9",
        "Menu key {value} of a hint: it must be 0 to 9.",
    ),
    "hint-days": (
        "提示的天数：{value} 不能大于 {limit}",
        "Days of a hint: {value} must not be more than {limit}.",
    ),
    "hint-date": (
        "提示 {value} 有天数而没有日期名称",
        "Hint {value} has days and does not name a date.",
    ),
}
LONGEST_HINT: Final = 120


def check_desk(desk: Desk, grades: Collection[str], say: Say) -> None:
    """Grades exist, articles have the form of a code."""
    for grade, code in desk.scripts.items():
        if grade != ANYBODY and grade not in grades:
            say(f"desk.scripts.{grade}", "script-grade", grade, ", ".join((*grades, ANYBODY)))
        if not is_code(code):
            say(f"desk.scripts.{grade}", "script-code", code)
    for at, hint in enumerate(desk.hints):
        _check_hint(f"desk.hints.{at}", hint, grades, say)


def is_code(code: str) -> bool:
    """Whether an article could have this code."""
    return code.isascii() and code.isdecimal() and 2 <= len(code) <= 4


def _check_hint(path: str, hint: Hint, grades: Collection[str], say: Say) -> None:
    if not is_code(hint.code):
        say(f"{path}.code", "script-code", hint.code or "-")
    if not 0 < len(hint.text.strip()) <= LONGEST_HINT:
        say(f"{path}.text", "hint-text", hint.code, LONGEST_HINT)
    if not (hint.tag or hint.grade or hint.topic or hint.choice or hint.date):
        say(path, "hint-any", hint.code)
    if hint.grade and hint.grade not in grades:
        say(f"{path}.grade", "script-grade", hint.grade, ", ".join(grades))
    if hint.topic and not (
        len(hint.topic) == 2 and hint.topic.isascii() and hint.topic.isdecimal()
    ):
        say(f"{path}.topic", "hint-topic", hint.topic)
    if hint.choice and not (len(hint.choice) == 1 and hint.choice in "0123456789"):
        say(f"{path}.choice", "hint-choice", hint.choice)
    if hint.to_days and hint.from_days > hint.to_days:
        say(f"{path}.from_days", "hint-days", hint.from_days, hint.to_days)
    if (hint.from_days or hint.to_days) and not hint.date:
        say(f"{path}.date", "hint-date", hint.code)


def script_of(desk: Desk, grade: str) -> str:
    """The code of the article for a grade, empty for none."""
    return desk.scripts.get(grade) or desk.scripts.get(ANYBODY, "")
