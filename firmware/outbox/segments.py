"""A text cut into short messages, and put together again.

Lengths are those of 3GPP TS 23.040, 9.2.3.24: 140 octets of user data, of which a concatenated
message gives six to its header (9.2.3.24.1). A pair of surrogates, an escape and its character, and
a character with what is combined onto it are never torn apart: many telephones show each part as
it comes.
"""

from __future__ import annotations

import unicodedata
from typing import Final, Literal

import msgspec

from firmware.outbox.alphabet import fits, septets

Coding = Literal["gsm", "ucs2"]
WHOLE: Final = {"gsm": 160, "ucs2": 70}
"""Septets or 16-bit units of a message that stands alone."""

PART: Final = {"gsm": 153, "ucs2": 67}
"""Of one part of several."""

MOST_PARTS: Final = 255
KEEP_MS: Final = 24 * 3_600_000
"""A part whose others do not come is given out alone after so long."""

JOINER: Final = "\u200d"
SKIN_TONES: Final = range(0x1F3FB, 0x1F400)


def coding_of(text: str) -> Coding:
    """The alphabet a text needs."""
    return "gsm" if fits(text) else "ucs2"


def weight(text: str, coding: Coding) -> int:
    """Septets or 16-bit units."""
    if coding == "gsm":
        return sum(map(len, septets(text)))
    return len(text.encode("utf-16-be")) // 2


def _wholes(text: str) -> list[str]:
    """Characters that belong together on a screen."""
    out: list[str] = []
    for character in text:
        joined = out and (
            character == JOINER
            or unicodedata.category(character).startswith("M")
            or ord(character) in SKIN_TONES
            or out[-1].endswith(JOINER)
        )
        if joined:
            out[-1] += character
        else:
            out.append(character)
    return out


def cut(text: str) -> tuple[str, ...]:
    """The text in as many parts as it needs, one if it fits into one.

    Raises:
        ValueError: it needs more than 255.
    """
    coding = coding_of(text)
    if weight(text, coding) <= WHOLE[coding]:
        return (text,)
    return cut_into(text, coding, PART[coding])


def cut_into(text: str, coding: Coding, room: int) -> tuple[str, ...]:
    """The text in parts of at most so many septets or units.

    Raises:
        ValueError: it needs more than 255.
    """
    parts: list[str] = []
    used = room
    for whole in _wholes(text):
        # What no part can hold is a chain of joiners without end: it is torn like any text.
        for piece in (whole,) if weight(whole, coding) <= room else tuple(whole):
            size = weight(piece, coding)
            if used + size > room:
                parts.append("")
                used = 0
            parts[-1] += piece
            used += size
    if len(parts) > MOST_PARTS:
        raise ValueError(f"the text needs {len(parts)} messages, at most {MOST_PARTS} are possible")
    return tuple(parts)


class Part(msgspec.Struct, frozen=True):
    """A part that arrived.

    Attributes:
        sender: As the network told him.
        reference: Of the whole message, the same in all its parts.
        total: How many parts.
        number: Which of them, from 1.
        text: Its words.
        at_ms: When it came; any clock that goes on.
    """

    sender: str
    reference: int
    total: int
    number: int
    text: str
    at_ms: int


def mended(text: str) -> str:
    """Halves of characters put together where parts were cut between them, the rest marked."""
    return text.encode("utf-16-be", "surrogatepass").decode("utf-16-be", "replace")


class Puzzle:
    """Parts that wait for the others."""

    def __init__(self) -> None:
        self._waiting: dict[tuple[str, int, int], dict[int, Part]] = {}

    def add(self, part: Part) -> str | None:
        """The whole text when this was the last part; None while others are missing.

        A part that comes twice counts once; one that is no part of its message is taken alone.
        """
        if part.total < 2 or not 1 <= part.number <= part.total:
            return mended(part.text)
        key = (part.sender, part.reference, part.total)
        parts = self._waiting.setdefault(key, {})
        parts[part.number] = part
        if len(parts) < part.total:
            return None
        del self._waiting[key]
        return mended("".join(parts[n].text for n in range(1, part.total + 1)))

    def overdue(self, now_ms: int) -> list[tuple[str, str]]:
        """Senders and what there is of their messages, where the rest has not come for a day.

        A missing part reads as ``[...]``.
        """
        out = []
        for key, parts in list(self._waiting.items()):
            if now_ms - max(p.at_ms for p in parts.values()) >= KEEP_MS:
                del self._waiting[key]
                texts = (parts[n].text if n in parts else "[...]" for n in range(1, key[2] + 1))
                out.append((key[0], mended("".join(texts))))
        return out
