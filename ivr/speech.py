"""How numbers, digits, places in a queue, amounts, days, times and durations are read out.

Every function returns keys of prompts (`ivr.numerals` has their words) in the order they are heard;
nothing here knows sound. Gaps between them are `gap_after_ms`.

Choices where usage varies, one per line:
    Mandarin reads digit strings with 幺 for 1, and 两 before 百, 千, 万, 亿 and every measure word.
    Cantonese says 二百 but 兩千; 毫 and 仙 for the tenth and the hundredth of a dollar.
    Zeros inside a number are said once (一千零五), never at the end of a section (十万五千).
    English is American, without "and" after hundred; 0 is "zero" in strings and "oh" in minutes.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, time
from types import MappingProxyType
from typing import Final

from ivr.numerals import (
    CURRENCIES,
    GROUP_DIGITS,
    LANGUAGES,
    MAX_NUMBER,
    POSITIONS,
    YEARS,
    vocabulary,
)

Keys = list[str]

GROUP_GAP_MS: Final = 150
"""Between groups of a digit string, as measured with groups of three."""
WORD_GAP_MS: Final = 40
"""Between the parts of one number or date, which belong together (chosen)."""


@dataclass(frozen=True)
class _Chinese:
    """One Chinese language's way with units: which have prompts with their digit, which take 两."""

    whole: bool
    hundred: str
    thousand: str
    ten_thousand: str
    hundred_million: str
    paired_two: frozenset[str]


_CHINESE: Final = MappingProxyType(
    {
        "zh-CN": _Chinese(True, "h", "k", "wan", "yi", frozenset({"wan", "yi"})),
        "zh-HK": _Chinese(False, "bak", "cin", "maan", "jik", frozenset({"cin", "maan", "jik"})),
    }
)


def gap_after_ms(key: str) -> int:
    """Silence between this prompt of a read-out and the next one."""
    return GROUP_GAP_MS if key.startswith("digits-") else WORD_GAP_MS


def say_digits(digits: str, language: str) -> Keys:
    """A string of digits, such as a telephone number or an extension.

    Args:
        digits: 0 to 9 only; up to 40.
        language: One of `numerals.LANGUAGES`.

    Raises:
        ValueError: Something other than digits, none, too many, or an unknown language.
    """
    _check_language(language)
    if not (digits.isascii() and digits.isdigit() and len(digits) <= 40):
        raise ValueError(f"{digits!r} cannot be read as digits; 1 to 40 of 0 to 9 can")
    widest = GROUP_DIGITS[language]
    keys: Keys = []
    at = 0
    while at < len(digits):
        left = len(digits) - at
        # A lone rendered digit is misheard, so four at the end are two pairs.
        width = 2 if widest == 3 and left == 4 else min(widest, left)
        keys.append(f"digits-{digits[at : at + width]}")
        at += width
    return keys


def say_number(number: int, language: str, *, counted: bool = False) -> Keys:
    """A whole number.

    Args:
        number: From -999,999,999 to 999,999,999.
        language: One of `numerals.LANGUAGES`.
        counted: A measure word follows, so a lone two is 两.

    Raises:
        ValueError: Outside the range, or an unknown language.
    """
    _check_language(language)
    if abs(number) > MAX_NUMBER:
        raise ValueError(f"{number} cannot be read out, {MAX_NUMBER} is the largest")
    if number < 0:
        return ["minus", *say_number(-number, language, counted=counted)]
    if counted and number == 2 and language in _CHINESE:
        return ["q-2-counted"]
    if number < 100:
        return [f"q-{number}"]
    return _english(number) if language == "en" else _chinese(number, language)


def _english(number: int) -> Keys:
    keys: Keys = []
    for unit, value in (("million", 1_000_000), ("thousand", 1_000), ("", 1)):
        hundreds, tail = divmod(number // value % 1_000, 100)
        keys += [f"h-{hundreds}"] * (hundreds > 0) + [f"q-{tail}"] * (tail > 0)
        if unit and (hundreds or tail):
            keys.append(unit)
    return keys


def _chinese(number: int, language: str) -> Keys:
    units = _CHINESE[language]
    hundred_million, rest = divmod(number, 100_000_000)
    upper, lower = divmod(rest, 10_000)
    keys: Keys = []
    if hundred_million:
        keys += _with_unit(hundred_million, units.hundred_million, units)
    if upper:
        if not keys and upper == 2:
            keys += ["q-2-counted"]
        else:
            keys += _section(upper, units, after=bool(keys))
        keys.append(units.ten_thousand)
    if lower:
        skipped = bool(hundred_million) and not upper
        keys += _section(lower, units, after=bool(keys), skipped=skipped)
    return keys


def _section(value: int, units: _Chinese, *, after: bool, skipped: bool = False) -> Keys:
    """1 to 9,999; something larger came before (`after`), a zero section between (`skipped`)."""
    thousands, rest = divmod(value, 1_000)
    hundreds, tail = divmod(rest, 100)
    keys: Keys = []
    zero = skipped or (after and not thousands)
    if thousands:
        keys += ["zero"] * zero + _with_unit(thousands, units.thousand, units)
        after, zero = True, not hundreds
    if hundreds:
        keys += ["zero"] * zero + _with_unit(hundreds, units.hundred, units)
        after, zero = True, tail < 10
    zero = zero or (after and tail < 10)
    if 0 < tail < 10 and zero and units.whole:
        return [*keys, f"z-{tail}"]
    if tail:
        spoken = f"t-{tail}" if after and tail in range(10, 20) else f"q-{tail}"
        keys += ["zero"] * zero + [spoken]
    return keys


def _with_unit(digit: int, unit: str, units: _Chinese) -> Keys:
    if units.whole and unit in {units.hundred, units.thousand}:
        return [f"{unit}-{digit}"]
    return ["q-2-counted" if digit == 2 and unit in units.paired_two else f"q-{digit}", unit]


def say_position(place: int, language: str) -> Keys:
    """A place in a queue: 第三位, number three; the first is 1.

    Raises:
        ValueError: Less than 1, too large, or an unknown language.
    """
    _check_language(language)
    if place < 1:
        raise ValueError(f"place {place} in a queue cannot be read out, the first is 1")
    if place in POSITIONS and language in {"zh-CN", "en"}:
        return [f"position-{place}"]
    after = ["position-after"] if language in _CHINESE else []
    return ["position-before", *say_number(place, language), *after]


def say_money(cents: int, language: str, currency: str = "CNY") -> Keys:
    """An amount of money.

    Args:
        cents: Hundredths of the unit (分, cents), 0 or more.
        language: One of `numerals.LANGUAGES`.
        currency: One of `numerals.CURRENCIES`.

    Raises:
        ValueError: Negative, too large, an unknown currency or language.
    """
    _check_language(language)
    if currency not in CURRENCIES:
        raise ValueError(f"{currency!r} cannot be read out; {', '.join(CURRENCIES)} can")
    if cents < 0:
        raise ValueError(f"an amount of {cents} hundredths cannot be read out, 0 is the least")
    major, minor = divmod(cents, 100)
    if language == "en":
        return _english_money(major, minor, currency)
    keys: Keys = []
    if major or not minor:
        keys = say_number(major, language, counted=True)
        keys.append("money-after" if language == "zh-HK" else f"money-{currency}")
    if language == "zh-HK":
        keys = [f"money-{currency}", *keys]
    if currency == "USD" and language == "zh-CN":
        return keys + ([*say_number(minor, language, counted=True), "cents"] if minor else [])
    tenths, hundredths = divmod(minor, 10)
    if language == "zh-HK":
        keys += [*say_number(tenths, language, counted=True), "jiao-word"] if tenths else []
        if hundredths:
            keys += ["zero"] if major and not tenths else []
            keys += [*say_number(hundredths, language, counted=True), "fen-word"]
        return keys
    keys += [f"jiao-{tenths}"] if tenths else []
    if hundredths:
        keys.append(f"zero-fen-{hundredths}" if major and not tenths else f"fen-{hundredths}")
    return keys


def _english_money(major: int, minor: int, currency: str) -> Keys:
    keys: Keys = []
    if major or not minor:
        one = "-one" if major == 1 else ""
        keys = [*say_number(major, "en"), f"money-{currency}{one}"]
    if minor:
        unit = "fen" if currency == "CNY" else "cent" if minor == 1 else "cents"
        keys += [*(["and"] if keys else []), f"q-{minor}", unit]
    return keys


def say_date(day: date, language: str, *, year: bool = True, weekday: bool = True) -> Keys:
    """A day of the calendar, with or without its year and its day of the week.

    Raises:
        ValueError: A year outside 2000 to 2099 that is to be said, or an unknown language.
    """
    _check_language(language)
    named = [f"weekday-{day.isoweekday()}"] if weekday else []
    middle = [f"month-{day.month}", f"day-{day.day}"]
    dated = _year(day.year, language) if year else []
    return [*named, *middle, *dated] if language == "en" else [*dated, *middle, *named]


def _year(year: int, language: str) -> Keys:
    if not 2000 <= year <= 2099:
        raise ValueError(f"year {year} cannot be read out, 2000 to 2099 can")
    if year in YEARS and language != "zh-HK":
        return [f"year-{year}"]
    if language in _CHINESE:
        return [*(f"q-{digit}" for digit in str(year)), "year-word"]
    tail = year - 2000
    if tail < 10:
        return ["q-2", "thousand"] + [f"q-{tail}"] * (tail > 0)
    return ["q-20", f"q-{tail}"]


def say_time(at: time, language: str) -> Keys:
    """A time of day in the words of the twelve-hour clock; seconds are left out.

    Raises:
        ValueError: An unknown language.
    """
    _check_language(language)
    if language != "en" or at.minute == 0:
        return [f"hour-{at.hour}"] + [f"minute-{at.minute}"] * (at.minute > 0)
    minute = f"minute-{at.minute}" if at.minute < 10 else f"q-{at.minute}"
    return [f"q-{at.hour % 12 or 12}", minute, "am" if at.hour < 12 else "pm"]


def say_duration(seconds: int, language: str) -> Keys:
    """A length of time in hours, minutes and seconds; parts that are zero are left out.

    Raises:
        ValueError: Negative, too large, or an unknown language.
    """
    _check_language(language)
    if seconds < 0:
        raise ValueError(f"a duration of {seconds} s cannot be read out, 0 is the least")
    minutes, second = divmod(seconds, 60)
    hour, minute = divmod(minutes, 60)
    keys: Keys = []
    for value, unit in ((hour, "hours"), (minute, "minutes"), (second, "seconds")):
        if value or (unit == "seconds" and not keys):
            singular = language == "en" and value == 1
            keys += say_number(value, language, counted=True)
            keys.append(unit.removesuffix("s") if singular else unit)
    return keys


def words(keys: Sequence[str], language: str) -> str:
    """What a read-out says, in writing.

    Raises:
        KeyError: A key that is not a read-out prompt of this language.
        ValueError: An unknown language.
    """
    spoken = vocabulary(language)
    return (" " if language == "en" else "").join(spoken[key] for key in keys)


def _check_language(language: str) -> None:
    if language not in LANGUAGES:
        raise ValueError(f"no read-outs in {language!r}; there are {', '.join(LANGUAGES)}")
