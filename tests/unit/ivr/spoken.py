"""Understands read-outs from their words alone: the listener, written apart from the speaker."""

# ruff: noqa: SIM905  # word lists are easier to check as sentences
import re
from datetime import date, time

SMALL_ZH = {c: n for n, c in enumerate("零一二三四五六七八九")} | {"两": 2, "兩": 2, "幺": 1}
UNITS_ZH = {"十": 10, "百": 100, "千": 1000}
SECTIONS_ZH = {"万": 10**4, "萬": 10**4, "亿": 10**8, "億": 10**8}

ONES_EN = {
    w: n
    for n, w in enumerate(
        "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen"
        " fifteen sixteen seventeen eighteen nineteen".split()
    )
}
TENS_EN = {
    w: 10 * n
    for n, w in enumerate("twenty thirty forty fifty sixty seventy eighty ninety".split(), 2)
}
ORDINAL_ENDS = {
    "first": "one", "second": "two", "third": "three", "fifth": "five", "eighth": "eight",
    "ninth": "nine", "twelfth": "twelve",
}  # fmt: skip
MONTHS_EN = (
    "January February March April May June July August September October November December".split()
)
WEEKDAYS_EN = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()


def chinese_number(said: str) -> int:
    if said[0] in "负負":
        return -chinese_number(said[1:])
    total = section = digit = 0
    for char in said:
        if char in SMALL_ZH:
            digit = SMALL_ZH[char]
        elif char in UNITS_ZH:
            section += (digit or 1) * UNITS_ZH[char]
            digit = 0
        elif char in SECTIONS_ZH:
            total += (section + digit) * SECTIONS_ZH[char]
            section = digit = 0
        else:
            raise AssertionError(f"{char!r} in {said!r} is no part of a number")
    return total + section + digit


def english_number(said: str) -> int:
    words = said.replace("-", " ").split()
    if words[0] == "minus":
        return -english_number(" ".join(words[1:]))
    total = part = 0
    for word in words:
        if word in ONES_EN:
            part += ONES_EN[word]
        elif word in TENS_EN:
            part += TENS_EN[word]
        elif word == "hundred":
            part *= 100
        else:
            total += part * {"thousand": 1000, "million": 10**6}[word]
            part = 0
    return total + part


def number(said: str, language: str) -> int:
    return english_number(said) if language == "en" else chinese_number(said)


def digits(said: str, language: str) -> str:
    heard = [ONES_EN[w] for w in said.split()] if language == "en" else [SMALL_ZH[c] for c in said]
    return "".join(map(str, heard))


def _after(pattern: str, said: str, language: str) -> int:
    found = re.search(pattern, said)
    return number(found[1].strip(), language) if found else 0


def money(said: str, language: str) -> int:
    if language == "en":
        major = _after(r"^(.*?) (?:yuan|(?:Hong Kong )?dollars?)", said, language)
        return 100 * major + _after(
            r"([a-z -]+) (?:fen|cents?)$", said.rsplit(" and ", maxsplit=1)[-1], language
        )
    said = re.sub("^(港幣|人民幣|美金)", "", said).replace("美分", "仙").replace("毫", "角")
    said = said.replace("港元", "元").replace("美元", "元").replace("分", "仙")
    number_zh = "([零一二三四五六七八九两兩十百千万萬亿億]+)"
    return (
        100 * _after(number_zh + "元", said, language)
        + 10 * _after(number_zh + "角", said, language)
        + _after(number_zh + "仙", said, language)
    )


def ordinal(said: str) -> int:
    head, _, last = said.rpartition("-")
    if last in ORDINAL_ENDS:
        last = ORDINAL_ENDS[last]
    elif last.endswith("ieth"):
        last = last.removesuffix("ieth") + "y"
    else:
        last = last.removesuffix("th")
    return english_number(f"{head} {last}")


def day(said: str, language: str) -> tuple[date, int]:
    """The day and the day of the week (Monday is 1) that were said."""
    if language == "en":
        weekday, month, of_month, *year = said.split()
        spoken = " ".join(year)
        if spoken.startswith("two thousand"):
            number_of_year = english_number(spoken)
        else:
            century, rest = spoken.split(" ", 1)
            number_of_year = 100 * english_number(century) + english_number(rest)
        found = date(number_of_year, MONTHS_EN.index(month) + 1, ordinal(of_month))
        return found, WEEKDAYS_EN.index(weekday) + 1
    parts = re.fullmatch("(.{4})年(.+)月(.+)[日號]星期(.)", said)
    assert parts, said
    year_said, month_said, day_said, weekday_said = parts.groups()
    found = date(
        int("".join(str(SMALL_ZH[c]) for c in year_said)),
        chinese_number(month_said),
        chinese_number(day_said),
    )
    return found, "一二三四五六日".index(weekday_said) + 1


def clock(said: str, language: str) -> time:
    if language == "en":
        if said in {"noon", "midnight"}:
            return time(12 if said == "noon" else 0)
        hour, *minute, half = said.split()
        minutes = english_number(" ".join(w for w in minute if w != "oh")) if minute else 0
        return time(english_number(hour) % 12 + (12 if half == "p.m." else 0), minutes)
    parts = re.fullmatch(
        "(凌晨|早上|朝早|上午|中午|下午|下晝|晚上|夜晚)(.+)[点點](?:(.+)分)?", said
    )
    assert parts, said
    hour_said = chinese_number(parts[2])
    late = parts[1] in {"下午", "下晝", "晚上", "夜晚"}
    return time(hour_said + 12 if late else hour_said, chinese_number(parts[3]) if parts[3] else 0)


def duration(said: str, language: str) -> int:
    if language == "en":
        seconds = 0
        for amount, unit in re.findall(r"([a-z -]+?) (hour|minute|second)s?(?: |$)", said):
            seconds += english_number(amount) * {"hour": 3600, "minute": 60, "second": 1}[unit]
        return seconds
    parts = re.fullmatch("(?:(.+?)(?:小时|個鐘))?(?:(.+?)分[钟鐘])?(?:(.+?)秒)?", said)
    assert parts, said
    hours, minutes, seconds = (chinese_number(p) if p else 0 for p in parts.groups())
    return hours * 3600 + minutes * 60 + seconds
