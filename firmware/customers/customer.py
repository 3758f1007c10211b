"""A customer: who he is, by which numbers he calls, how he is to be treated."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import msgspec
import phonenumbers

from firmware.core.country import Country
from firmware.customers.key_date import CHANNELS, KeyDate, tidy, wrong_dates

TAGS: Final = ("care", "vip", "block", "complaint")
"""What the box itself knows of: more patience, first in the queue, not put through, handled with
care. An office may use any others."""

LANGUAGES: Final = ("", "zh-CN", "en", "zh-HK")
MOST_NUMBERS: Final = 8
FEWEST_DIGITS: Final = 5
"""Shorter numbers are extensions and services (``firmware.storage.erasure``), not people."""

MOST_DIGITS: Final = 20
SHORTEST_WORLD: Final = 7
"""Shorter ones (95588, a bank) are dialled in their country alone and have no form with ``+``."""

LONGEST: Final[dict[str, int]] = {"name": 80, "company": 120, "note": 2_000, "field": 200}


class Customer(msgspec.Struct, frozen=True, kw_only=True):
    """A customer's card.

    Attributes:
        customer: Counted from 1; 0 for one that is not kept yet.
        name: As he is called.
        company: Where he is from.
        numbers: As :func:`number_key` gives them; each belongs to one customer alone.
        grade: One of the settings' grades, empty for none.
        tags: ``TAGS`` and the office's own.
        language: In which he is spoken to; empty for the office's.
        agent: Whom he is put through to first, an agent's number.
        note: For people.
        fields: Fields that the office has added.
        dates: Days on which he is to be thought of.
        channel: How he prefers to be reached, of ``CHANNELS``; empty is by telephone.
    """

    customer: int = 0
    name: str = ""
    company: str = ""
    numbers: tuple[str, ...] = ()
    grade: str = ""
    tags: tuple[str, ...] = ()
    language: str = ""
    agent: str = ""
    note: str = ""
    fields: dict[str, str] = {}
    dates: tuple[KeyDate, ...] = ()
    channel: str = ""


SENTENCES: Final[dict[str, tuple[str, str]]] = {
    "customer-name": ("须填写姓名或单位", "A name or a company is needed."),
    "customer-long": (
        "{field} 最多 {limit} 个字符（现为 {value}）",
        "{field}: at most {limit} characters; there are {value}.",
    ),
    "customer-number": (
        "号码 {value} 须为 5 至 20 位数字",
        "Number {value}: 5 to 20 digits are needed.",
    ),
    "customer-numbers": (
        "最多 {limit} 个号码（现为 {value}）",
        "At most {limit} numbers; there are {value}.",
    ),
    "customer-grade": (
        "没有等级 {value}；可选：{limit}",
        "There is no grade {value}; there are {limit}.",
    ),
    "customer-language": (
        "没有语言 {value}；可选：{limit}",
        "There is no language {value}; there are {limit}.",
    ),
    "customer-field": (
        "没有字段 {value}；设置中有：{limit}",
        "There is no field {value}; the settings have {limit}.",
    ),
    "customer-date": (
        "日期 {value} 须写成：名称 2026-05-01",
        "Date {value}: needed is a name and a day such as 2026-05-01.",
    ),
    "customer-date-name": (
        "日期名称 {value} 须为 1 至 {limit} 个字符",
        "Date {value}: it needs a name of 1 to {limit} characters.",
    ),
    "customer-dates": (
        "最多 {limit} 个日期（现为 {value}）",
        "At most {limit} dates; there are {value}.",
    ),
    "customer-channel": (
        "没有联系方式 {value}；可选：{limit}",
        "There is no way {value} to reach somebody; there are {limit}.",
    ),
}

Problem = tuple[str, dict[str, object]]
"""Key of a sentence, and its values."""


def sentence(problem: Problem, language: str) -> str:
    """A problem in the reader's language."""
    key, values = problem
    return SENTENCES[key][0 if language.startswith("zh") else 1].format(**values)


def number_key(number: str, country: Country) -> str:
    """The one form of a number by which it is found: ``+8613800138000``.

    What libphonenumber does not take for a number of the world keeps its digits.

    Raises:
        ValueError: fewer than 5 digits or more than 20.
    """
    plain = "".join(c for c in number if c.isdecimal() and c.isascii())
    if not FEWEST_DIGITS <= len(plain) <= MOST_DIGITS:
        raise ValueError(f"{number}: {FEWEST_DIGITS} to {MOST_DIGITS} digits are needed.")
    try:
        parsed = phonenumbers.parse(number, country.code)
    except phonenumbers.NumberParseException:
        return plain
    short = len(str(parsed.national_number)) < SHORTEST_WORLD
    if short or not phonenumbers.is_possible_number(parsed):
        return plain
    return str(phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164))


def dialled(number: str, country: Country) -> str:
    """The keys for a number of a card on a line of this country, without the prefix for a line."""
    try:
        parsed = phonenumbers.parse(number, country.code)
        if number.startswith("+"):
            text = phonenumbers.format_out_of_country_calling_number(parsed, country.code)
        else:
            text = number
    except phonenumbers.NumberParseException:
        text = number
    return "".join(c for c in text if c.isdecimal() and c.isascii())


def checked(
    card: Customer, country: Country, grades: Sequence[str], fields: Sequence[str]
) -> tuple[Customer, dict[str, Problem]]:
    """The card in its kept form, and what is wrong with it by field.

    Args:
        card: As a person wrote it.
        country: Of the office, for numbers without a country code.
        grades: What there are.
        fields: That the office has added.
    """
    wrong: dict[str, Problem] = {}
    if not (card.name.strip() or card.company.strip()):
        wrong["name"] = ("customer-name", {})
    for field in ("name", "company", "note"):
        length = len(getattr(card, field))
        if length > LONGEST[field]:
            values: dict[str, object] = {"field": field, "value": length, "limit": LONGEST[field]}
            wrong[field] = ("customer-long", values)
    numbers: dict[str, None] = {}
    for number in card.numbers:
        try:
            numbers[number_key(number, country)] = None
        except ValueError:
            wrong["numbers"] = ("customer-number", {"value": number or "-"})
    if len(numbers) > MOST_NUMBERS:
        values = {"value": len(numbers), "limit": MOST_NUMBERS}
        wrong["numbers"] = ("customer-numbers", values)
    if card.grade and card.grade not in grades:
        wrong["grade"] = ("customer-grade", {"value": card.grade, "limit": ", ".join(grades)})
    if card.language not in LANGUAGES:
        limit = ", ".join(LANGUAGES[1:])
        wrong["language"] = ("customer-language", {"value": card.language, "limit": limit})
    for name, text in card.fields.items():
        if name not in fields:
            limit = ", ".join(fields) or "-"
            wrong[f"fields.{name}"] = ("customer-field", {"value": name, "limit": limit})
        elif len(text) > LONGEST["field"]:
            values = {"field": name, "value": len(text), "limit": LONGEST["field"]}
            wrong[f"fields.{name}"] = ("customer-long", values)
    dates = tidy(card.dates)
    if problem := wrong_dates(dates):
        wrong["dates"] = problem
    if card.channel not in CHANNELS:
        limit = ", ".join(CHANNELS[1:])
        wrong["channel"] = ("customer-channel", {"value": card.channel, "limit": limit})
    kept = msgspec.structs.replace(
        card,
        name=card.name.strip(),
        company=card.company.strip(),
        numbers=tuple(numbers),
        tags=tuple(dict.fromkeys(tag.strip() for tag in card.tags if tag.strip())),
        dates=dates,
    )
    return kept, wrong


def merged(keep: Customer, other: Customer) -> Customer:
    """Two cards of one person as one: what the first lacks comes from the second.

    Notes stand one below the other; nothing that was written is lost.
    """
    notes = list(dict.fromkeys(note for note in (keep.note, other.note) if note))
    return msgspec.structs.replace(
        keep,
        name=keep.name or other.name,
        company=keep.company or other.company,
        numbers=tuple(dict.fromkeys((*keep.numbers, *other.numbers))),
        grade=keep.grade or other.grade,
        tags=tuple(dict.fromkeys((*keep.tags, *other.tags))),
        language=keep.language or other.language,
        agent=keep.agent or other.agent,
        note="\n".join(notes),
        dates=tuple(dict.fromkeys((*keep.dates, *other.dates))),
        channel=keep.channel or other.channel,
        fields={**other.fields, **{k: v for k, v in keep.fields.items() if v}},
    )
