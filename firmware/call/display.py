"""What a telephone's display is told of its caller: a name it can show, and marks as digits.

Most sets show ASCII alone and a display of old shows nothing but digits; so a name is written in
letters where the set knows no Chinese, and what the office knows of a call (its line, its group,
who calls) goes before the number as digits.
"""

from __future__ import annotations

from typing import Final

import msgspec
from anyascii import anyascii

from firmware.core.commands import Caller
from firmware.core.settings import Extension, Settings

LONGEST_NUMBER: Final = 20  # digits of a message, EN 300 659-3 clause 5.4.2
MARK_END: Final = "*"  # between marks and number, which no number begins with


def marks(settings: Settings, line: str, number: str, group: str) -> str:
    """The digits that stand before a caller's number, empty for none.

    Args:
        settings: ``display_mark`` of lines and groups, and ``caller_marks``.
        line: the port the call came in by, or another port.
        number: the caller's.
        group: the ring group that the call rings, empty for none.
    """
    by_line = next((one.display_mark for one in settings.lines if one.port == line), "")
    by_group = next((g.display_mark for g in settings.ring_groups if g.number == group), "")
    fitting = [begin for begin in settings.caller_marks if number.startswith(begin)]
    by_caller = settings.caller_marks[max(fitting, key=len)] if number and fitting else ""
    return by_caller + by_line + by_group


def marked(caller: Caller, mark: str) -> Caller:
    """The caller with marks before his number; a number that would not fit is not marked."""
    number = f"{mark}{MARK_END}{caller.number}"
    if not mark or not caller.number or len(number) > LONGEST_NUMBER:
        return caller
    return msgspec.structs.replace(caller, number=number)


def shown(caller: Caller | None, extension: Extension) -> Caller | None:
    """The caller as this telephone's set can show him."""
    if caller is None:
        return None
    if extension.display == "chinese":
        return msgspec.structs.replace(caller, encoding="gb2312")
    return msgspec.structs.replace(caller, name=anyascii(caller.name))
