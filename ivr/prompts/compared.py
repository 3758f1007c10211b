# ruff: noqa: INP001  # a script: the folder holds sound and must not become a package
"""How what a recogniser wrote is held against what the voice was to say.

A recogniser writes characters for sounds. Mandarin is therefore compared by toned syllable, never
by character: a homophone is right (腰 for 幺), so is the same character whatever it is read as
elsewhere, and a third tone that became a second one before another third. A syllable without a tone
of its own (们, 了) is compared without tone. English is compared by word. Digits that were written
as such are read as a number, one by one, or one by one with 幺, in English also in twos as years
and minutes are, or as a day of the month, each run of them whichever fits.
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
_EN_DAYS: Final = {
    "one": "first", "two": "second", "three": "third", "five": "fifth", "eight": "eighth",
    "nine": "ninth", "twelve": "twelfth", "twenty": "twentieth", "thirty": "thirtieth",
}  # fmt: skip
"""That are no number with a th behind it."""
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


def english_quantity(value: int) -> str:
    """0 to 999,999,999 as a quantity."""
    parts = [
        f"{english_number(value // size % 1_000)}{name}"
        for name, size in ((" million", 1_000_000), (" thousand", 1_000), ("", 1))
        if value // size % 1_000
    ]
    return " ".join(parts) or "zero"


def english_day(value: int) -> str:
    """1 to 31 as a day of the month."""
    tens, last = value // 10 * 10, value % 10
    if value > 20 and last:
        return f"{_EN_TENS[tens // 10]} {english_day(last)}"
    word = english_number(value)
    return _EN_DAYS.get(word, f"{word}th")


def _in_twos(run: str) -> str:
    """2026 as twenty twenty-six, 939 as nine thirty-nine, 02 as oh two."""
    odd = len(run) % 2
    pairs = [run[:1]] * odd + [run[i : i + 2] for i in range(odd, len(run), 2)]
    return " ".join(
        f"oh {english_number(int(pair))}"
        if len(pair) == 2 and pair[0] == "0"
        else english_number(int(pair))
        for pair in pairs
    )


def _english_ways(run: str) -> list[str]:
    value = int(run)
    ways = [english_quantity(value)] if value < 1_000_000_000 else []
    ways += [" ".join(_EN_UNITS[int(digit)] for digit in run), _in_twos(run)]
    return ways + ([english_day(value)] if 1 <= value <= 31 else [])


def _mandarin_ways(run: str) -> list[str]:
    return [
        chinese_number(int(run)),
        "".join(_CN_DIGITS[int(digit)] for digit in run),
        "".join(_CN_PHONE_DIGITS[int(digit)] for digit in run),
    ]


def _fewest(
    text: str,
    signs: dict[str, str],
    ways: Callable[[str], list[str]],
    errors: Callable[[str], int],
) -> int:
    """Errors when every run of digits is read the way that fits best."""
    for sign, word in signs.items():
        text = text.replace(sign, f" {word} ")
    text = re.sub("(?<=[0-9]),(?=[0-9]{3})", "", text)
    pieces = re.split("([0-9]+)", text)
    choices = [ways(one) if i % 2 else [one] for i, one in enumerate(pieces)]
    found = []
    for first in range(max(map(len, choices))):
        read = [one[min(first, len(one) - 1)] for one in choices]
        for i, one in enumerate(choices):
            tries = [[*read[:i], way, *read[i + 1 :]] for way in one]
            read = min(tries, key=lambda words: errors(" ".join(words)))
        found.append(errors(" ".join(read)))
    return min(found)


def mandarin_errors(text: str, heard: str, readings: Readings) -> tuple[int, int]:
    """Syllables of the text, and how many of them were not heard as written."""
    said = syllables(text, readings)

    def errors(way: str) -> int:
        return distance(said, syllables(way, readings), Syllable.same)

    return len(said), _fewest(heard, _CN_SIGNS, _mandarin_ways, errors)


def english_words(text: str) -> list[str]:
    """Lower-case words without marks."""
    return re.findall("[a-z]+", text.lower().replace("'", "").replace("’", "").replace("-", " "))


def english_errors(text: str, heard: str) -> tuple[int, int]:
    """Words of the text, and how many of them were not heard as written."""
    said = english_words(text)
    heard = re.sub("(?<=[0-9])(st|nd|rd|th)\\b", "", heard)
    heard = re.sub(r"(?<=[0-9])\W*([ap])\.?m\b", r" \1 m ", heard, flags=re.IGNORECASE)

    def errors(way: str) -> int:
        return distance(said, english_words(way))

    return len(said), _fewest(heard, _EN_SIGNS, _english_ways, errors)


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
