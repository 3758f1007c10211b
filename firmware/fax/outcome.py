"""What became of a fax, in words: one row for each way in which a T.30 session can end.

The numbers are the completion codes of the fax library (spandsp 0.0.6, ``t30.h``), which follow the
phases of ITU-T T.30. Several of them are one thing to a person; he reads the sentence, the number
stays in the record for whoever looks deeper.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Result(StrEnum):
    """How a fax ended."""

    COMPLETE = "complete"
    NO_FAX = "no_fax"
    NO_TRAINING = "no_training"
    INCOMPATIBLE = "incompatible"
    NOT_ACCEPTED = "not_accepted"
    REFUSED = "refused"
    PAGE_NOT_CONFIRMED = "page_not_confirmed"
    POOR_LINE = "poor_line"
    CARRIER_LOST = "carrier_lost"
    FAR_STOPPED = "far_stopped"
    TIMED_OUT = "timed_out"
    CALL_DROPPED = "call_dropped"
    BAD_FILE = "bad_file"
    NO_ROOM = "no_room"
    STOPPED = "stopped"
    FAULT = "fault"
    NO_END = "no_end"
    BUSY = "busy"
    NO_ANSWER = "no_answer"
    NOT_PLACED = "not_placed"


@dataclass(frozen=True, slots=True)
class Meaning:
    """A result in both languages; ``retry`` says whether another try may help a fax to be sent."""

    zh: str
    en: str
    retry: bool


MEANINGS: Final[dict[Result, Meaning]] = {
    Result.COMPLETE: Meaning("传真已完成", "The fax is complete", retry=False),
    Result.NO_FAX: Meaning(
        "对方没有传真机应答", "No fax machine answered at the far side", retry=True
    ),
    Result.NO_TRAINING: Meaning(
        "线路质量差，两台传真机未能商定速率",
        "The two machines could not agree on a speed: the line is too poor",
        retry=True,
    ),
    Result.INCOMPATIBLE: Meaning(
        "对方传真机不支持该纸张或清晰度",
        "The far machine cannot take this size or resolution",
        retry=False,
    ),
    Result.NOT_ACCEPTED: Meaning(
        "对方传真机不接受本机的标识或密码",
        "The far machine does not accept our identity or password",
        retry=False,
    ),
    Result.REFUSED: Meaning(
        "对方传真机没有纸或已关闭接收",
        "The far machine does not receive at present",
        retry=True,
    ),
    Result.PAGE_NOT_CONFIRMED: Meaning(
        "对方没有确认收到该页", "The far machine did not confirm the page", retry=True
    ),
    Result.POOR_LINE: Meaning(
        "线路干扰太大，多次重发仍有错误",
        "The line is too noisy: errors remained after every repeat",
        retry=True,
    ),
    Result.CARRIER_LOST: Meaning(
        "传送中途信号中断", "The signal was lost in the middle of a page", retry=True
    ),
    Result.FAR_STOPPED: Meaning(
        "对方传真机中途停止", "The far machine stopped before the end", retry=True
    ),
    Result.TIMED_OUT: Meaning(
        "对方传真机长时间没有响应", "The far machine did not respond in time", retry=True
    ),
    Result.CALL_DROPPED: Meaning(
        "通话在传真结束前挂断", "The call ended before the fax did", retry=True
    ),
    Result.BAD_FILE: Meaning(
        "要发送的文件不是可用的传真页", "The file to send is no usable fax page", retry=False
    ),
    Result.NO_ROOM: Meaning(
        "本机没有足够的空间保存传真", "The box has no room to keep the fax", retry=True
    ),
    Result.STOPPED: Meaning("传真已被停止", "The fax was stopped", retry=False),
    Result.FAULT: Meaning(
        "本机的传真程序中断，传真未完成",
        "The box's fax program was lost; the fax is not complete",
        retry=True,
    ),
    Result.NO_END: Meaning(
        "本机的传真通道都在使用中", "The box's own fax ends are all in use", retry=True
    ),
    Result.BUSY: Meaning("对方占线", "The number is busy", retry=True),
    Result.NO_ANSWER: Meaning("对方无人接听", "Nobody answers at this number", retry=True),
    Result.NOT_PLACED: Meaning("电话未能拨出", "The call could not be placed", retry=True),
}

LOST: Final = -1
"""Code of a session that the fax program itself did not survive."""
ON_REQUEST: Final = -2
"""Code of a session that a person, or call control, ended."""

NO_END: Final = -3
"""Nobody could speak for the box."""
CALL_BUSY: Final = -4
CALL_UNANSWERED: Final = -5
CALL_FAILED: Final = -6
"""The call for a fax came to nothing before a machine was heard."""

_RANGES: Final[tuple[tuple[int, int, Result], ...]] = (
    # first code, last code, result; the numbers of spandsp 0.0.6 t30.h
    (CALL_FAILED, CALL_FAILED, Result.NOT_PLACED),
    (CALL_UNANSWERED, CALL_UNANSWERED, Result.NO_ANSWER),
    (CALL_BUSY, CALL_BUSY, Result.BUSY),
    (NO_END, NO_END, Result.NO_END),
    (ON_REQUEST, ON_REQUEST, Result.STOPPED),
    (LOST, LOST, Result.FAULT),
    (0, 0, Result.COMPLETE),
    (1, 3, Result.NO_FAX),  # CED too long, T0, T1: nobody spoke T.30
    (4, 5, Result.TIMED_OUT),  # T3; V.21 carrier that did not stop
    (6, 6, Result.NO_TRAINING),
    (7, 7, Result.STOPPED),
    (8, 8, Result.INCOMPATIBLE),
    (9, 10, Result.REFUSED),
    (11, 12, Result.INCOMPATIBLE),
    (13, 13, Result.FAR_STOPPED),
    (14, 14, Result.NO_TRAINING),
    (15, 15, Result.FAR_STOPPED),
    (16, 16, Result.POOR_LINE),
    (17, 17, Result.REFUSED),  # DCN instead of DIS
    (18, 18, Result.PAGE_NOT_CONFIRMED),
    (19, 19, Result.NO_FAX),
    (20, 20, Result.NO_TRAINING),
    (21, 21, Result.PAGE_NOT_CONFIRMED),
    (22, 22, Result.TIMED_OUT),  # T5
    (23, 23, Result.POOR_LINE),
    (24, 25, Result.FAR_STOPPED),
    (26, 28, Result.CARRIER_LOST),
    (29, 34, Result.TIMED_OUT),  # T2
    (35, 40, Result.FAR_STOPPED),
    (41, 46, Result.BAD_FILE),
    (47, 47, Result.NO_ROOM),
    (48, 48, Result.POOR_LINE),
    (49, 49, Result.CALL_DROPPED),
    (50, 50, Result.REFUSED),
    (51, 62, Result.NOT_ACCEPTED),
)

RESULTS: Final[dict[int, Result]] = {
    code: result for first, last, result in _RANGES for code in range(first, last + 1)
}


def result_of(code: int) -> Result:
    """The result that a completion code means; a code that nobody knows is a fault."""
    return RESULTS.get(code, Result.FAULT)


def sentence(result: Result, language: str) -> str:
    """What became of the fax, for a person; ``language`` is ``en`` or ``zh-CN``."""
    meaning = MEANINGS[result]
    return meaning.en if language == "en" else meaning.zh


def may_retry(result: Result) -> bool:
    """Whether sending again may help."""
    return MEANINGS[result].retry
