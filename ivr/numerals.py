"""The words a number, an amount, a day or a time of day is put together from, per language.

Every entry is one recorded or rendered prompt: a key, and the words the voice says for it. `ivr.speech`
chooses keys; the render script and the recording kit read the words. Nothing here decides.

Why the pieces are cut where they are: rendered single digits joined together were misheard in 42 % of
cases, groups of three in none, so a synthetic voice speaks digit strings in groups of up to three and
takes a unit (千, thousand) in one breath with its number. A person's recording joins well, and nobody
records a thousand groups in an afternoon, so Cantonese uses single digits and separate units.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

LANGUAGES: Final = ("zh-CN", "zh-HK", "en")

MAX_NUMBER: Final = 999_999_999
"""Largest number that can be spoken; money and counters of a small office stay below it."""

YEARS: Final = range(2020, 2060)
"""Years with a prompt of their own; others are read digit by digit."""

GROUP_DIGITS: Final[Mapping[str, int]] = MappingProxyType({"zh-CN": 3, "en": 3, "zh-HK": 1})
"""Longest run of digits that has one prompt."""

CURRENCIES: Final = ("CNY", "HKD", "USD")

# --- Mandarin ---------------------------------------------------------------------------------------

_ZH: Final = "零一二三四五六七八九"
_ZH_DIGITS: Final = "零幺二三四五六七八九"
"""Digit strings read 1 as 幺 (yao), which cannot be mistaken for 七 on a telephone."""

_ZH_DAY_PARTS: Final = ((0, "凌晨"), (6, "早上"), (9, "上午"), (12, "中午"), (13, "下午"), (18, "晚上"))
"""First hour of each part of the day, and its name."""

_ZH_MONEY: Final = {"CNY": "元", "HKD": "港元", "USD": "美元"}
"""Yuan and Hong Kong dollars are read with 角 and 分, US dollars with 美分."""

# --- Cantonese --------------------------------------------------------------------------------------

_HK_DAY_PARTS: Final = ((0, "凌晨"), (6, "朝早"), (12, "中午"), (13, "下晝"), (18, "夜晚"))

# --- English ----------------------------------------------------------------------------------------

_EN: Final = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen"
    " sixteen seventeen eighteen nineteen"
).split()
_EN_TENS: Final = "zero ten twenty thirty forty fifty sixty seventy eighty ninety".split()
_EN_ORDINALS: Final = (
    "zeroth first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth"
    " thirteenth fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth"
).split()
_EN_MONTHS: Final = (
    "January February March April May June July August September October November December"
).split()
_EN_WEEKDAYS: Final = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()
_EN_MONEY: Final = {
    "CNY": ("yuan", "yuan"),
    "HKD": ("Hong Kong dollar", "Hong Kong dollars"),
    "USD": ("dollar", "dollars"),
}


def _zh_small(n: int, *, full_ten: bool = False) -> str:
    """0 to 99 in characters; after a hundred or a 零, ten to nineteen keep their 一 (`full_ten`)."""
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


def _en_units(n: int, unit: str) -> str:
    return f"{_en_small(n)} {unit}" + ("" if n == 1 else "s")


def _mandarin() -> dict[str, str]:
    words: dict[str, str] = {}
    for width in (3, 2, 1):
        for n in range(10**width):
            digits = f"{n:0{width}d}"
            words[f"digits-{digits}"] = "".join(_ZH_DIGITS[int(d)] for d in digits)
    words |= {f"q-{n}": _zh_small(n) for n in range(100)}
    words["q-2-counted"] = "两"
    for unit, name in (("", ""), ("-wan", "万")):
        if unit:
            words |= {f"q-{n}{unit}": _zh_counted(n) + name for n in range(1, 100)}
        words |= {f"t-{n}{unit}": _zh_small(n, full_ten=True) + name for n in range(10, 20)}
        words |= {f"z-{n}{unit}": f"零{_zh_small(n, full_ten=True)}{name}" for n in range(1, 100)}
        words |= {f"h-{n}{unit}": f"{_zh_counted(n)}百{name}" for n in range(1, 10)}
        words |= {f"zh-{n}{unit}": f"零{_zh_counted(n)}百{name}" for n in range(1, 10)}
        words |= {f"k-{n}{unit}": f"{_zh_counted(n)}千{name}" for n in range(1, 10)}
    words |= {f"zk-{n}": f"零{_zh_counted(n)}千" for n in range(1, 10)}
    words |= {f"yi-{n}": f"{_zh_counted(n)}亿" for n in range(1, 10)}
    words["minus"] = "负"
    words |= {f"position-{n}": f"第{_zh_small(n)}位" for n in range(1, 100)}
    words |= {"position-before": "第", "position-after": "位"}
    words |= {f"money-{currency}": major for currency, major in _ZH_MONEY.items()}
    words |= {f"cents-{n}": f"{_zh_counted(n)}美分" for n in range(1, 100)}
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
    words |= {f"hours-{n}": f"{_zh_counted(n)}小时" for n in range(1, 25)}
    words |= {f"minutes-{n}": f"{_zh_counted(n)}分钟" for n in range(1, 60)}
    words |= {f"seconds-{n}": f"{_zh_counted(n)}秒" for n in range(60)}
    words["hours-word"] = "小时"
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
    words |= {"hours-word": "個鐘", "minutes-word": "分鐘", "seconds-word": "秒"}
    return words


def _english() -> dict[str, str]:
    words: dict[str, str] = {}
    for width in (3, 2, 1):
        for n in range(10**width):
            digits = f"{n:0{width}d}"
            words[f"digits-{digits}"] = " ".join(_EN[int(d)] for d in digits)
    words |= {f"q-{n}": _en_small(n) for n in range(100)}
    words |= {f"h-{n}": f"{_EN[n]} hundred" for n in range(1, 10)}
    for unit in ("thousand", "million"):
        words |= {f"q-{n}-{unit}": f"{_en_small(n)} {unit}" for n in range(1, 100)}
        words |= {f"h-{n}-{unit}": f"{_EN[n]} hundred {unit}" for n in range(1, 10)}
    words["minus"] = "minus"
    words |= {f"position-{n}": f"number {_en_small(n)}" for n in range(1, 100)}
    words["position-before"] = "number"
    for currency, (one, many) in _EN_MONEY.items():
        words[f"money-{currency}-one"] = one
        words[f"money-{currency}"] = many
    words |= {f"fen-{n}": f"{_en_small(n)} fen" for n in range(1, 100)}
    words |= {f"cents-{n}": _en_units(n, "cent") for n in range(1, 100)}
    words["and"] = "and"
    words |= {f"year-{y}": _en_year(y) for y in YEARS}
    words |= {f"month-{n}": name for n, name in enumerate(_EN_MONTHS, 1)}
    words |= {f"day-{n}": _en_ordinal(n) for n in range(1, 32)}
    words |= {f"weekday-{n}": name for n, name in enumerate(_EN_WEEKDAYS, 1)}
    for hour in range(24):
        half = "a.m." if hour < 12 else "p.m."
        words[f"hour-{hour}"] = {0: "midnight", 12: "noon"}.get(hour, f"{_EN[hour % 12]} {half}")
    for half in ("am", "pm"):
        spoken = f"{half[0]}.m."
        words |= {f"minute-{n}-{half}": f"oh {_EN[n]} {spoken}" for n in range(1, 10)}
        words |= {f"minute-{n}-{half}": f"{_en_small(n)} {spoken}" for n in range(10, 60)}
    words |= {f"hours-{n}": _en_units(n, "hour") for n in range(1, 25)}
    words |= {f"minutes-{n}": _en_units(n, "minute") for n in range(1, 60)}
    words |= {f"seconds-{n}": _en_units(n, "second") for n in range(60)}
    words["hours-word"] = "hours"
    return words


_BUILDERS: Final[Mapping[str, Callable[[], dict[str, str]]]] = MappingProxyType(
    {"zh-CN": _mandarin, "zh-HK": _cantonese, "en": _english}
)


def vocabulary(language: str) -> dict[str, str]:
    """Every prompt the read-outs of one language are made of.

    Args:
        language: One of `LANGUAGES`.

    Returns:
        Key to the words the voice says, in the language's own script.

    Raises:
        ValueError: The language has no read-out grammar.
    """
    builder = _BUILDERS.get(language)
    if builder is None:
        raise ValueError(f"no number grammar for {language!r}; there are {', '.join(LANGUAGES)}")
    return builder()
