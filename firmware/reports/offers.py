"""What became of hints: of the answered calls in which one was told, in how many it was taken."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Final

import msgspec

from firmware.reports.facts import Visit, VisitEnd

ACCEPTED: Final = "offer_accepted"
HINT: Final = "hint_"
"""A call is marked with this and the hint's code as its agent is rung."""

FORMULA: Final = (
    "answered calls of the hint with result offer_accepted / answered calls of the hint"
)
NONE: Final = ""
"""The code of the line for calls without a hint, beside which the others are to be seen."""


class Offer(msgspec.Struct, frozen=True, kw_only=True):
    """One hint.

    Attributes:
        code: Its code; empty for calls without any.
        text: What it says now; empty for one that is no more.
        told: Answered calls in which it was told.
        accepted: Of these, those whose agent keyed that the offer was taken.
        share: ``accepted / told``; None of none.
        calls: Those in which it was taken.
    """

    code: str
    text: str
    told: int
    accepted: int
    share: float | None
    calls: tuple[str, ...]


def offers(
    visits: Iterable[Visit], marks: Mapping[str, Collection[str]], texts: Mapping[str, str]
) -> list[Offer]:
    """A line for each hint by code, and one for calls without a hint at the end.

    Args:
        visits: Of a span; those that were answered count, each call once.
        marks: Of calls: those that begin with ``HINT``.
        texts: What each hint says now, by code.
    """
    taken: dict[str, bool] = {}
    for visit in visits:
        if visit.end is VisitEnd.ANSWERED and not visit.callback:
            good = any(leg.result == ACCEPTED for leg in visit.legs)
            taken[visit.call] = taken.get(visit.call, False) or good
    codes_of = {
        call: [mark.removeprefix(HINT) for mark in marks.get(call, ()) if mark.startswith(HINT)]
        for call in taken
    }
    seen = {code for codes in codes_of.values() for code in codes}
    lines = [
        _line(
            code, texts.get(code, ""), [c for c, codes in codes_of.items() if code in codes], taken
        )
        for code in sorted({*texts, *seen})
    ]
    return [*lines, _line(NONE, "", [c for c, codes in codes_of.items() if not codes], taken)]


def _line(code: str, text: str, calls: Collection[str], taken: Mapping[str, bool]) -> Offer:
    good = tuple(call for call in calls if taken[call])
    share = len(good) / len(calls) if calls else None
    return Offer(code=code, text=text, told=len(calls), accepted=len(good), share=share, calls=good)
