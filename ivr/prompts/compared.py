# ruff: noqa: INP001  # a script: the folder holds sound and must not become a package
"""How what a recogniser wrote is held against what the voice was to say.

A recogniser writes characters for sounds. Mandarin is therefore compared by toned syllable, never
by character: a homophone is right (腰 for 幺), so is the same character whatever it is read as
elsewhere, and a third tone that became a second one before another third. A syllable without a tone
of its own (们, 了) is compared without tone. English is compared by word. Digits that were written
as such are read as a number, one by one, or one by one with 幺, whichever fits.
"""

import operator
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, TypeVar

T = TypeVar("T")
Readings = Callable[[str], list[tuple[str, frozenset[str]]]]
"""Of a text of Chinese characters: for each its syllable there (``yao1``; 5 is the neutral tone),
and every syllable that the character stands for anywhere."""

_CN_DIGITS: Final = "零一二三四五六七八九"
_CN_PHONE_DIGITS: Final = "零幺二三四五六七八九"
_EN_UNITS: Final = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten",
    "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen",
    "nineteen",
)  # fmt: skip
ENGLISH_DIGITS: Final = _EN_UNITS[:10]
_EN_TENS: Final = (
    "zero", "ten", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety",
)  # fmt: skip
_EN_SIGNS: Final = {"#": "pound", "*": "star", "%": "percent", "&": "and"}
_CN_SIGNS: Final = {"#": "井号", "*": "星号", "%": "百分之", "@": "圈"}
SAME_DIGIT: Final = {
    "yao": "1", "yi": "1", "ling": "0", "er": "2", "san": "3", "si": "4", "wu": "5",
    "liu": "6", "qi": "7", "ba": "8", "jiu": "9",
}  # fmt: skip
_EN_DIGITS: Final = {word: str(n) for n, word in enumerate(_EN_UNITS[:10])} | {
    "oh": "0", "o": "0", "to": "2", "too": "2", "for": "4", "ate": "8", "won": "1",
}  # fmt: skip


@dataclass(frozen=True)
class Syllable:
    """One Chinese character: as read in its text, as it sounds beside its neighbour, as ever."""

    character: str
    said: str
    sounds: str
    ever: frozenset[str]

    def same(self, other: "Syllable") -> bool:
        """Whether the other one, which somebody wrote down, is this one."""
        if self.character == other.character:
            return True
        mine, theirs = {self.said, self.sounds}, {other.said, other.sounds, *other.ever}
        if mine & theirs:
            return True
        toneless = self.said.endswith("5") or other.said.endswith("5")
        return toneless and self.said[:-1] in {sound[:-1] for sound in theirs}


def syllables(text: str, readings: Readings) -> list[Syllable]:
    """The Chinese characters of a text; everything else is passed over."""
    text = "".join(re.findall("[\u4e00-\u9fff]", text))
    read = readings(text)
    found = []
    for i, (character, (said, ever)) in enumerate(zip(text, read, strict=True)):
        following = read[i + 1][0] if i + 1 < len(read) else ""
        third = said.endswith("3") and following.endswith("3")
        found.append(Syllable(character, said, f"{said[:-1]}2" if third else said, ever))
    return found


def chinese_number(value: int) -> str:
    """0 to 9999 as a quantity; larger ones digit by digit."""
    if value > 9_999:
        return "".join(_CN_DIGITS[int(digit)] for digit in str(value))
    said, skipped = "", False
    for unit, size in (("千", 1_000), ("百", 100), ("十", 10), ("", 1)):
        digit = value // size % 10
        if digit:
            said += "零" * (skipped and bool(said)) + _CN_DIGITS[digit] + unit
        skipped = not digit
    return "零" if not said else said.removeprefix("一") if 10 <= value < 20 else said


def english_number(value: int) -> str:
    """0 to 9999 as a quantity; larger ones digit by digit."""
    if value > 9_999:
        return " ".join(_EN_UNITS[int(digit)] for digit in str(value))
    if value >= 1_000:
        rest = f" {english_number(value % 1_000)}" if value % 1_000 else ""
        return f"{english_number(value // 1_000)} thousand{rest}"
    if value >= 100:
        rest = f" {english_number(value % 100)}" if value % 100 else ""
        return f"{_EN_UNITS[value // 100]} hundred{rest}"
    if value < 20:
        return _EN_UNITS[value]
    return _EN_TENS[value // 10] + (f" {_EN_UNITS[value % 10]}" if value % 10 else "")


def _ways(text: str, signs: dict[str, str], ways: Sequence[Callable[[str], str]]) -> list[str]:
    for sign, word in signs.items():
        text = text.replace(sign, f" {word} ")
    text = re.sub("(?<=[0-9]),(?=[0-9]{3})", "", text)
    found: list[str] = []
    for way in ways:
        spelt = re.sub("[0-9]+", lambda run: f" {way(run[0])} ", text)  # noqa: B023 - called here
        if spelt not in found:
            found.append(spelt)
    return found


def mandarin_errors(text: str, heard: str, readings: Readings) -> tuple[int, int]:
    """Syllables of the text, and how many of them were not heard as written."""
    said = syllables(text, readings)
    ways = _ways(
        heard,
        _CN_SIGNS,
        (
            lambda run: chinese_number(int(run)),
            lambda run: "".join(_CN_DIGITS[int(digit)] for digit in run),
            lambda run: "".join(_CN_PHONE_DIGITS[int(digit)] for digit in run),
        ),
    )
    return len(said), min(distance(said, syllables(way, readings), Syllable.same) for way in ways)


def english_words(text: str) -> list[str]:
    """Lower-case words without marks."""
    return re.findall("[a-z]+", text.lower().replace("'", "").replace("’", "").replace("-", " "))


def english_errors(text: str, heard: str) -> tuple[int, int]:
    """Words of the text, and how many of them were not heard as written."""
    said = english_words(text)
    ways = _ways(
        heard,
        _EN_SIGNS,
        (
            lambda run: english_number(int(run)),
            lambda run: " ".join(_EN_UNITS[int(digit)] for digit in run),
        ),
    )
    return len(said), min(distance(said, english_words(way)) for way in ways)


def as_digits(heard: str, language: str, readings: Readings) -> str:
    """What was heard, as digits; a question mark for what is none."""
    if language == "zh-CN":
        heard = re.sub("[0-9]", lambda digit: _CN_PHONE_DIGITS[int(digit[0])], heard)
        plain = [syllable.said.rstrip("12345") for syllable in syllables(heard, readings)]
        return "".join(SAME_DIGIT.get(syllable, "?") for syllable in plain)
    spelt = re.sub("[0-9]", lambda digit: f" {_EN_UNITS[int(digit[0])]} ", heard)
    return "".join(_EN_DIGITS.get(word, "?") for word in english_words(spelt))


def distance(
    said: Sequence[T], heard: Sequence[T], same: Callable[[T, T], bool] = operator.eq
) -> int:
    """Insertions, deletions and replacements between two sequences (Levenshtein)."""
    row = list(range(len(heard) + 1))
    for i, wanted in enumerate(said, 1):
        previous, row[0] = row[0], i
        for j, got in enumerate(heard, 1):
            previous, row[j] = (
                row[j],
                min(row[j] + 1, row[j - 1] + 1, previous + (not same(wanted, got))),
            )
    return row[-1]
