"""Texts and questions as words of a full-text index, so that two Chinese characters are found.

SQLite's tokenizers know no Chinese words: ``unicode61`` takes a whole run of characters for one
word, ``trigram`` finds nothing shorter than three. So a run is written to the index as its pairs,
each beginning one character later, and its last character alone; what is asked becomes the same
pairs as a phrase. Other scripts are words as they are.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

_RUNS: Final = re.compile(r"[㐀-䶿一-鿿豈-﫿]+|[^\W_]+")
"""Runs of Han characters (Unicode 15.0 blocks CJK Unified Ideographs, Extension A, Compatibility),
and words of anything else."""

_HAN: Final = re.compile(r"[㐀-䶿一-鿿豈-﫿]")
MOST_WORDS: Final = 12
"""Of a question; more is a text and no question."""


def _runs(text: str) -> list[str]:
    plain = unicodedata.normalize("NFKC", text).casefold()
    found: list[str] = []
    for run in _RUNS.findall(plain):
        # ``\w`` takes Han too, so "A座" is one match: it is cut where the script changes.
        found += [part for part in re.split(r"([㐀-䶿一-鿿豈-﫿]+)", run) if part]
    return found


def indexed(text: str) -> str:
    """What goes into the index for a text: ``退款单`` gives ``退款 款单 单``."""
    words: list[str] = []
    for run in _runs(text):
        words += [*_pairs(run), run[-1]] if _HAN.match(run) else [run]
    return " ".join(words)


def question(text: str) -> str:
    """What the index is asked for a text, as an FTS5 expression; empty when there is no word.

    Every run must be there; a single character and the last word of another script may be the
    beginning of something longer.
    """
    parts: list[str] = []
    for run in _runs(text)[:MOST_WORDS]:
        if not _HAN.match(run) or len(run) == 1:
            parts.append(f'"{run}"*')
        else:
            parts.append('"' + " ".join(_pairs(run)) + '"')
    return " AND ".join(parts)


def _pairs(run: str) -> list[str]:
    return [run[at : at + 2] for at in range(len(run) - 1)]
