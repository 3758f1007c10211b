"""A conversation scored by a sheet: items with weights, choices, and what they come to.

Score = 100 x sum(weight x worth) / sum(weights) over the items that apply; an item that must be
there and is not makes it 0. The mean over the scored calls of an agent stands with their count.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import msgspec

from firmware.core.quality_settings import ScoreItem, ScoreSheet

YES: Final = "yes"
PARTLY: Final = "partly"
NO: Final = "no"
NOT_ASKED: Final = "-"

WORTH: Final = {YES: 1.0, PARTLY: 0.5, NO: 0.0}
ENOUGH: Final = 2
"""Times: the customer's surname is to be said at least twice."""

MOST: Final = 99
FULL: Final = 100.0
CHOICES: Final[dict[str, tuple[str, ...]]] = {
    "grade": (YES, PARTLY, NO, NOT_ASKED),
    "must": (YES, NO, NOT_ASKED),
    "twice": (),
}
"""What may be chosen by kind of item; of what is counted a number, or ``-`` where it did not apply
(of a caller who withheld his name nobody can say it)."""


class Score(msgspec.Struct, frozen=True, kw_only=True):
    """One call by one sheet.

    Attributes:
        call: The conversation.
        agent: Who had it.
        queue: For which queue, empty outside of queues.
        sheet: Name of the sheet.
        marks: What was chosen by item.
        points: 0 to 100.
        who: Who listened.
        at_ms: When he kept it: wall clock, UTC, ms since 1970.
    """

    call: str
    agent: str
    sheet: str
    marks: dict[str, str]
    points: float
    who: str
    queue: str = ""
    at_ms: int = 0


def worth(item: ScoreItem, mark: str) -> float | None:
    """0 to 1 for what was chosen; None where the item did not apply.

    Raises:
        ValueError: it cannot be chosen for this item.
    """
    if mark == NOT_ASKED:
        return None
    if item.kind == "twice":
        if not (mark.isascii() and mark.isdecimal() and int(mark) <= MOST):
            raise ValueError(mark)
        return min(int(mark), ENOUGH) / ENOUGH
    if mark not in CHOICES[item.kind]:
        raise ValueError(mark)
    return WORTH[mark]


def points(sheet: ScoreSheet, marks: Mapping[str, str]) -> tuple[float, dict[str, str]]:
    """What the marks come to, and what is wrong with them: item to ``missing`` or ``wrong``.

    Args:
        sheet: As the office has it.
        marks: What was chosen by item; items that the sheet does not have are ``wrong``.

    Returns:
        Points from 0 to 100, to be kept only when nothing is wrong.
    """
    problems = {name: "wrong" for name in marks if name not in {i.name for i in sheet.items}}
    reached = weights = 0.0
    failed = False
    for item in sheet.items:
        mark = marks.get(item.name, "")
        if not mark:
            problems[item.name] = "missing"
            continue
        try:
            found = worth(item, mark)
        except ValueError:
            problems[item.name] = "wrong"
            continue
        if found is None:
            continue
        failed = failed or (item.kind == "must" and not found)
        reached += item.weight * found
        weights += item.weight
    if not weights and not problems:
        problems[""] = "nothing"
    return (0.0 if failed or not weights else FULL * reached / weights), problems
