"""The words of a scenario: what a step may ask for and what it may expect.

Each phrase is a pattern a person can read, ``lift [with bounce N ms]``; square brackets enclose
what may be left out, capitals stand for a value, ``a|b`` for a choice. A test keeps the table of
all phrases in ``tests/scenario/README.md`` equal to this module.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

VALUES = {
    "N": r"-?\d+(?:\.\d+)?",
    "L": r"-?\d+(?:\.\d+)?",
    "T": r"\d+(?:\.\d+)? ?(?:ms|s)",
    "NUMBER": r"[0-9]+",
    "KEYS": r'"[0-9*#A-Da-d]+"|[0-9*#A-D]+',
    "TEXT": r'"[^"]*"|.+',
    "NAME": r'"[^"]*"|\S+',
    "CADENCE": r"\d+(?:/\d+)+",
    "COUNTRY": r"[A-Z]{2}",
    "PORT": r"f[xs][so]/\d",
    "PARTY": r"(?:telephone|line) \d+",
    "PLAIN": "without correction",
    "WAY": r"fsk|dtmf",
    "DIAL": r"dtmf|pulse",
    "CALLTONE": r"dial tone|ringback|busy tone|congestion tone",
    "CLEAR": r"busy tone|congestion tone|loop break|polarity reversal|reversal|silence"
    r"|battery removal",
}
TOKEN = re.compile(r"(\[|\])|<(\w+):([A-Z]+)>|([^\[\]<]+)")


class PhraseError(ValueError):
    """A sentence nobody understands; the message names the nearest one that is understood."""


@dataclass(frozen=True, slots=True)
class Phrase:
    """One sentence of the language.

    ``pattern`` holds ``<name:KIND>`` for values (kinds in ``VALUES``). ``what`` is handed the
    values by name; those left out are missing.
    """

    pattern: str
    what: Callable[..., Any]
    regex: re.Pattern[str]

    @property
    def readable(self) -> str:
        """The pattern as documentation shows it."""
        return re.sub(r"<\w+:([A-Z]+)>", lambda m: _shown(m[1]), self.pattern)


def _shown(kind: str) -> str:
    if kind in {"WAY", "DIAL", "CLEAR", "CALLTONE"}:
        return VALUES[kind].replace(" ?", " ")
    return kind


def _compile(pattern: str) -> re.Pattern[str]:
    out: list[str] = []
    for bracket, name, kind, text in TOKEN.findall(pattern):
        if bracket:
            out.append("(?:" if bracket == "[" else ")?")
        elif name:
            out.append(f"(?P<{name}>{VALUES[kind]})")
        else:
            out.append(re.escape(text))
    return re.compile("".join(out) + r"\Z")


class Phrasebook:
    """All sentences of one kind (things to do with a telephone, expectations, ...)."""

    def __init__(self, title: str) -> None:
        self.title = title
        self.phrases: list[Phrase] = []

    def add(self, *patterns: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
        """Decorate what a sentence means."""

        def keep(what: Callable[..., Any]) -> Callable[..., Any]:
            self.phrases += [Phrase(one, what, _compile(one)) for one in patterns]
            return what

        return keep

    def find(self, sentence: str) -> tuple[Phrase, dict[str, str]]:
        """The phrase a sentence is an instance of, and its values; ``PhraseError`` if none."""
        for phrase in self.phrases:
            match = phrase.regex.match(sentence)
            if match:
                values = {k: v.strip('"') for k, v in match.groupdict().items() if v is not None}
                return phrase, values
        near = max(self.phrases, key=lambda phrase: _likeness(sentence, phrase))
        raise PhraseError(f"{self.title}: {sentence!r} is not understood; nearest: {near.readable}")


def _likeness(sentence: str, phrase: Phrase) -> float:
    """How like a sentence is to what a phrase cannot do without, values left aside."""
    short = phrase.readable
    while "[" in short:
        short = re.sub(r"\[[^\[\]]*\]", "", short)
    short = re.sub(r"\b[A-Z]+\b", "0", short.replace("PARTY", "telephone 0"))
    return difflib.SequenceMatcher(None, re.sub(r"\d+", "0", sentence), short).ratio()


def in_ms(text: str) -> float:
    """``250 ms`` or ``1.5 s`` in milliseconds."""
    match = re.fullmatch(r"(\d+(?:\.\d+)?) ?(ms|s)", text.strip())
    if match is None:
        raise PhraseError(f"time {text!r} is not understood; nearest: 500 ms, 2 s")
    return float(match[1]) * (1000.0 if match[2] == "s" else 1.0)


def nearest(word: str, known: list[str]) -> str:
    """The known word most like ``word``, for a refusal."""
    return difflib.get_close_matches(word, known, 1, 0.0)[0]
