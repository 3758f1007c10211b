"""When a fax that did not arrive is tried again.

Chosen, with what offices are used to: a busy machine is free within minutes; where nobody answers
somebody must come first; where a person answered it is tried once more and not again, for he would
be rung by a machine each time. Pages that arrived are never sent again.
"""

from __future__ import annotations

from typing import Final

from firmware.fax.outcome import MEANINGS, Result, may_retry

MINUTE_MS: Final = 60_000

CANCELLED: Final = "cancelled"
OWN_RESULTS: Final[dict[str, tuple[str, str]]] = {
    CANCELLED: ("已由人取消", "Somebody cancelled it"),
}
"""What a person makes of a fax, in both languages."""

WAITS_MIN: Final[dict[str, tuple[int, ...]]] = {
    Result.BUSY: (2, 3, 5, 10),
    Result.NO_ANSWER: (10, 20, 30),
    Result.NO_END: (1, 2, 5),
    Result.NOT_PLACED: (2, 5, 15),
    Result.NO_FAX: (10,),
    Result.REFUSED: (15, 30, 60),
    Result.CALL_DROPPED: (2, 5, 15),
    Result.FAULT: (1, 5, 15),
    Result.NO_ROOM: (15, 60),
}
"""Minutes until the next try, the last of a row for all further ones; results that are not here but
may be tried again wait as :data:`OTHERS_MIN` says."""

OTHERS_MIN: Final = (2, 5, 10)
ONCE: Final = frozenset({str(Result.NO_FAX), str(Result.NOT_PLACED)})
"""Tried again as often as their row is long and no more, whatever the office sets."""


def wait_ms(result: str, tries: int, most: int) -> int | None:
    """How long until the next try; None: there is none.

    Args:
        result: How this try ended.
        tries: How often it was tried.
        most: How often the office wants it tried.
    """
    if tries >= most or not _may(result):
        return None
    row = WAITS_MIN.get(result, OTHERS_MIN)
    if result in ONCE and tries > len(row):
        return None
    return row[min(tries, len(row)) - 1] * MINUTE_MS if tries else 0


def _may(result: str) -> bool:
    return result in set(Result) and may_retry(Result(result))


def sentence_of(result: str, language: str) -> str:
    """How a try ended, for a person; empty for what nobody knows."""
    zh = not language.startswith("en")
    if result in OWN_RESULTS:
        return OWN_RESULTS[result][0 if zh else 1]
    if result in set(Result):
        meaning = MEANINGS[Result(result)]
        return meaning.zh if zh else meaning.en
    return ""
