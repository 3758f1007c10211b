# ruff: noqa: INP001  # a script: the folder holds sound and must not become a package
"""Ways to speak a prompt: how fast, in the style of how long a sentence, and how digits are spelt.

A take has a name, which stands in `takes.json` and in the manifest of a pack: ``0.85 +20 apart`` is
spoken at 0.85 of the model's pace, in the style of a sentence twenty sounds longer, each digit as a
word of its own. What is not named is as usual; a prompt that is in no table has the name ``""``.
"""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np

Array = np.ndarray[Any, Any]
PACE: Final = 1.0
"""Of the model; at this one, most groups of three digits are heard without an error."""
STYLES: Final = 510
"""Lengths of a sentence for which the voice has a style."""

DIGITS: Final = {
    "零": "li↗ŋ", "幺": "jau→", "二": "ɚ↘", "三": "sa→n", "四": "sɨ↘",
    "五": "u↓", "六": "ljou↘", "七": "ʨʰi→", "八": "pa→", "九": "ʨjou↓",
}  # fmt: skip
"""As misaki 0.9.4 spells them; it takes some pairs for words and joins them (三八: sa→npa→)."""
CLEAR: Final = DIGITS | {"二": "aɚ↘", "五": "wu↓", "幺": "jaːu→"}
"""二 opens as in Peking (a, then the r), 五 begins with its w, 幺 is held."""
FORMS: Final = {
    "apart": (DIGITS, "", " ", ""),
    "clear": (CLEAR, "", " ", ""),
    "end": (DIGITS, "", " ", "."),
    "clear-end": (CLEAR, "", " ", "."),
    "pauses": (DIGITS, "", ", ", ""),
    "behind": (DIGITS, "ljou↘ li↗ŋ sɨ↘, ", " ", ""),
    "clear-behind": (CLEAR, "ljou↘ li↗ŋ sɨ↘, ", " ", ""),
}
"""Sounds of the digits, what is said before them and cut off, what stands between, and behind."""
QUIET_DB: Final = 40.0
"""Under the loudest 10 ms: silence between two groups (chosen)."""


@dataclass(frozen=True)
class Take:
    """One way to speak."""

    pace: float = PACE
    longer: int = 0
    form: str = ""

    @property
    def name(self) -> str:
        """As it stands in the tables; empty for the usual way."""
        if self == Take():
            return ""
        return f"{self.pace}{f' +{self.longer}' * (self.longer > 0)}{f' {self.form}'.rstrip()}"

    def spelt(self, text: str, phonemes: str) -> str:
        """The sounds that are said; a form is for digits only.

        Raises:
            KeyError: The form is not known, or the text is not of digits.
        """
        if not self.form:
            return phonemes
        sounds, before, between, behind = FORMS[self.form]
        return before + between.join(sounds[digit] for digit in text) + behind

    def style(self, tokens: int) -> int:
        """Which of the voice's styles a text of so many sounds is spoken in."""
        return min(tokens - 1 + self.longer, STYLES - 1)

    def cut(self, audio: Array, rate_hz: int) -> Array:
        """Without what was said before, up to the middle of the longest silence inside."""
        if not self.form or not FORMS[self.form][1]:
            return audio
        size = rate_hz // 100
        blocks = audio[: len(audio) // size * size].reshape(-1, size).astype(np.float64)
        power = (blocks**2).mean(axis=1)
        loud = np.flatnonzero(power > power.max() * 10 ** (-QUIET_DB / 10))
        longest = int(np.argmax(np.diff(loud)))
        return audio[(loud[longest] + loud[longest + 1]) // 2 * size :]


def named(name: str) -> Take:
    """The take of that name.

    Raises:
        ValueError: It is no name of a take.
    """
    pace, longer, form = PACE, 0, ""
    for part in name.split():
        if part[0].isdigit():
            pace = float(part)
        elif part[0] == "+":
            longer = int(part)
        elif part in FORMS:
            form = part
        else:
            raise ValueError(f"a take {name!r} is not known: {part!r} is none of {sorted(FORMS)}")
    return Take(pace, longer, form)


SENTENCES: Final = ("0.9 +10", "0.9")
"""For a sentence: of 120 errors in 22 sentences 44 were left, with four more takes 41."""
GROUPS: Final = tuple(
    Take(pace, longer, form).name
    for paces in ((0.9, 0.8, 1.0), (0.95, 0.85, 1.1))
    for longer in (0, 10, 30, 80)
    for pace in paces
    for form in ("apart", "clear", "end", "behind", "clear-end", "clear-behind", "pauses")
)
"""For a group of Mandarin digits, those near the usual way first."""
