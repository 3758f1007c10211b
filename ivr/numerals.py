"""The words a number, an amount, a day or a time of day is put together from, per language.

Every entry is one recorded or rendered prompt: a key, and the words the voice says for it.
`ivr.speech` chooses keys; the render script and the recording kit read the words. Nothing here
decides.

Why the pieces are cut where they are: rendered single digits joined together were misheard in 42 %
of cases, groups of three in none, so a synthetic voice speaks digit strings in groups of up to
three, and what is heard often (hundreds, places in a queue, the clock, the calendar) in one breath.
What is rare or has a unit of two syllables is joined, or a language would not fit in 10 MB. A
person's recording joins well, and nobody records a thousand groups in an afternoon, so Cantonese
uses single digits.
"""

from collections.abc import Callable, Mapping
from functools import cache
from types import MappingProxyType
from typing import Final

LANGUAGES: Final = ("zh-CN", "zh-HK", "en")

MAX_NUMBER: Final = 999_999_999
"""Largest number that can be spoken; money and counters of a small office stay below it."""

YEARS: Final = range(2024, 2044)
"""Years with a prompt of their own; others are read digit by digit."""

POSITIONS: Final = range(1, 31)
"""Places in a queue with a prompt of their own."""

GROUP_DIGITS: Final[Mapping[str, int]] = MappingProxyType({"zh-CN": 3, "en": 3, "zh-HK": 1})
"""Longest run of digits that has one prompt."""

CURRENCIES: Final = ("CNY", "HKD", "USD")

# --- Mandarin ---

_ZH: Final = "零一二三四五六七八九"
_ZH_DIGITS: Final = "零幺二三四五六七八九"
"""Digit strings read 1 as 幺 (yao), which cannot be mistaken for 七 on a telephone."""

_ZH_DAY_PARTS: Final = (
    (0, "凌晨"),
    (6, "早上"),
    (9, "上午"),
    (12, "中午"),
    (13, "下午"),
    (18, "晚上"),
)
"""First hour of each part of the day, and its name."""

_ZH_MONEY: Final = {"CNY": "元", "HKD": "港元", "USD": "美元"}
"""Yuan and Hong Kong dollars are read with 角 and 分, US dollars with 美分."""

# --- Cantonese ---

_HK_DAY_PARTS: Final = ((0, "凌晨"), (6, "朝早"), (12, "中午"), (13, "下晝"), (18, "夜晚"))

# --- English ---

_EN: Final = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten",
    "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen",
    "nineteen",
)  # fmt: skip
_EN_TENS: Final = (
    "zero", "ten", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety",
)  # fmt: skip
_EN_ORDINALS: Final = (
    "zeroth", "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth",
    "ninth", "tenth", "eleventh", "twelfth", "thirteenth", "fourteenth", "fifteenth",
    "sixteenth", "seventeenth", "eighteenth", "nineteenth",
)  # fmt: skip
_EN_MONTHS: Final = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)  # fmt: skip
_EN_WEEKDAYS: Final = (
    "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday",
)  # fmt: skip
_EN_MONEY: Final = {
    "CNY": ("yuan", "yuan"),
    "HKD": ("Hong Kong dollar", "Hong Kong dollars"),
    "USD": ("dollar", "dollars"),
}


def _zh_small(n: int, *, full_ten: bool = False) -> str:
    """0 to 99 in characters; after a hundred or a 零, 10 to 19 keep their 一 (`full_ten`)."""
    tens, ones = divmod(n, 10)
    if tens == 0:
        return _ZH[ones]
    lead = "" if tens == 1 and not full_ten else _ZH[tens]
    return f"{lead}十{_ZH[ones] if ones else ''}"


def _zh_counted(n: int) -> str:
    """0 to 99 before a measure word: two is 两, twelve stays 十二."""
    return "两" if n == 2 else _zh_small(n)


def _part_of_day(parts: tuple[tuple[int, str], ...], hour: int) -> str:
    return [name for first, name in parts if first <= hour][-1]


def _zh_clock(hour: int) -> int:
    return hour if hour <= 12 else hour - 12


def _en_small(n: int) -> str:
    if n < 20:
        return _EN[n]
    tens, ones = divmod(n, 10)
    return _EN_TENS[tens] + (f"-{_EN[ones]}" if ones else "")


def _en_ordinal(n: int) -> str:
    if n < 20:
        return _EN_ORDINALS[n]
    tens, ones = divmod(n, 10)
    if ones == 0:
        return _EN_TENS[tens].removesuffix("y") + "ieth"
    return f"{_EN_TENS[tens]}-{_EN_ORDINALS[ones]}"


def _en_year(year: int) -> str:
    if year < 2010:
        return "two thousand" + (f" {_EN[year - 2000]}" if year > 2000 else "")
    return f"twenty {_en_small(year - 2000)}"


def _mandarin() -> dict[str, str]:
    words: dict[str, str] = {}
    for width in (3, 2, 1):
        for n in range(10**width):
            digits = f"{n:0{width}d}"
            words[f"digits-{digits}"] = "".join(_ZH_DIGITS[int(d)] for d in digits)
    words |= {f"q-{n}": _zh_small(n) for n in range(100)}
    words["q-2-counted"] = "两"
    words |= {f"t-{n}": _zh_small(n, full_ten=True) for n in range(10, 20)}
    words |= {f"z-{n}": f"零{_ZH[n]}" for n in range(1, 10)}
    words |= {f"h-{n}": f"{_zh_counted(n)}百" for n in range(1, 10)}
    words |= {f"k-{n}": f"{_zh_counted(n)}千" for n in range(1, 10)}
    words |= {"zero": "零", "wan": "万", "yi": "亿"}
    words["minus"] = "负"
    words |= {f"position-{n}": f"第{_zh_small(n)}位" for n in POSITIONS}
    words |= {"position-before": "第", "position-after": "位"}
    words |= {f"money-{currency}": major for currency, major in _ZH_MONEY.items()}
    words |= {f"jiao-{n}": f"{_zh_counted(n)}角" for n in range(1, 10)}
    words |= {f"fen-{n}": f"{_zh_counted(n)}分" for n in range(1, 10)}
    words |= {f"zero-fen-{n}": f"零{_ZH[n]}分" for n in range(1, 10)}
    words |= {f"year-{y}": "".join(_ZH[int(d)] for d in str(y)) + "年" for y in YEARS}
    words["year-word"] = "年"
    words |= {f"month-{n}": f"{_zh_small(n)}月" for n in range(1, 13)}
    words |= {f"day-{n}": f"{_zh_small(n)}日" for n in range(1, 32)}
    words |= {f"weekday-{n}": f"星期{'一二三四五六日'[n - 1]}" for n in range(1, 8)}
    for hour in range(24):
        clock = _zh_counted(_zh_clock(hour))
        words[f"hour-{hour}"] = f"{_part_of_day(_ZH_DAY_PARTS, hour)}{clock}点"
    words |= {f"minute-{n}": f"{'零' if n < 10 else ''}{_zh_small(n)}分" for n in range(1, 60)}
    words |= {"cents": "美分", "hours": "小时", "minutes": "分钟", "seconds": "秒"}
    return words


def _cantonese() -> dict[str, str]:
    words = {f"digits-{n}": _ZH[n] for n in range(10)}
    words |= {f"q-{n}": _zh_small(n) for n in range(100)}
    words["q-2-counted"] = "兩"
    words |= {f"t-{n}": _zh_small(n, full_ten=True) for n in range(10, 20)}
    words |= {"bak": "百", "cin": "千", "maan": "萬", "jik": "億", "zero": "零", "minus": "負"}
    words |= {"position-before": "第", "position-after": "位"}
    words |= {"money-CNY": "人民幣", "money-HKD": "港幣", "money-USD": "美金"}
    words |= {"money-after": "元", "jiao-word": "毫", "fen-word": "仙"}
    words["year-word"] = "年"
    words |= {f"month-{n}": f"{_zh_small(n)}月" for n in range(1, 13)}
    words |= {f"day-{n}": f"{_zh_small(n)}號" for n in range(1, 32)}
    words |= {f"weekday-{n}": f"星期{'一二三四五六日'[n - 1]}" for n in range(1, 8)}
    for hour in range(24):
        clock = _zh_counted(_zh_clock(hour)).replace("两", "兩")
        words[f"hour-{hour}"] = f"{_part_of_day(_HK_DAY_PARTS, hour)}{clock}點"
    words |= {f"minute-{n}": f"{'零' if n < 10 else ''}{_zh_small(n)}分" for n in range(1, 60)}
    words |= {"hours": "個鐘", "minutes": "分鐘", "seconds": "秒"}
    return words


def _english() -> dict[str, str]:
    words: dict[str, str] = {}
    for width in (3, 2, 1):
        for n in range(10**width):
            digits = f"{n:0{width}d}"
            words[f"digits-{digits}"] = " ".join(_EN[int(d)] for d in digits)
    words |= {f"q-{n}": _en_small(n) for n in range(100)}
    words |= {f"h-{n}": f"{_EN[n]} hundred" for n in range(1, 10)}
    for word in ("thousand", "million", "minus", "and", "fen", "cent", "cents"):
        words[word] = word
    words |= {f"position-{n}": f"number {_en_small(n)}" for n in POSITIONS}
    words["position-before"] = "number"
    for currency, (one, many) in _EN_MONEY.items():
        words[f"money-{currency}-one"] = one
        words[f"money-{currency}"] = many
    words |= {f"year-{y}": _en_year(y) for y in YEARS}
    words |= {f"month-{n}": name for n, name in enumerate(_EN_MONTHS, 1)}
    words |= {f"day-{n}": _en_ordinal(n) for n in range(1, 32)}
    words |= {f"weekday-{n}": name for n, name in enumerate(_EN_WEEKDAYS, 1)}
    for hour in range(24):
        half = "a.m." if hour < 12 else "p.m."
        words[f"hour-{hour}"] = {0: "midnight", 12: "noon"}.get(hour, f"{_EN[hour % 12]} {half}")
    words |= {f"minute-{n}": f"oh {_EN[n]}" for n in range(1, 10)}
    words |= {"am": "a.m.", "pm": "p.m."}
    for unit in ("hour", "minute", "second"):
        words |= {unit: unit, f"{unit}s": f"{unit}s"}
    return words


_BUILDERS: Final[Mapping[str, Callable[[], dict[str, str]]]] = MappingProxyType(
    {"zh-CN": _mandarin, "zh-HK": _cantonese, "en": _english}
)


@cache
def vocabulary(language: str) -> Mapping[str, str]:
    """Every prompt the read-outs of one language are made of.

    Args:
        language: One of `LANGUAGES`.

    Returns:
        Key to the words the voice says, in the language's own script; read-only.

    Raises:
        ValueError: The language has no read-out grammar.
    """
    builder = _BUILDERS.get(language)
    if builder is None:
        raise ValueError(f"no number grammar for {language!r}; there are {', '.join(LANGUAGES)}")
    return MappingProxyType(builder())
