"""What kind of number was dialled, how a number is written, where it is from.

The library's metadata (Google's libphonenumber, by ``phonenumberslite``) knows each country's
premium numbers, foreign numbers behind a domestic prefix (North America's islands) and carrier
prefixes (``17909`` in China). Emergency numbers are our own list, for the library's lacks some
(122 in China).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from enum import StrEnum
from functools import lru_cache
from typing import Final

import phonenumbers
from phonenumbers import PhoneMetadata, PhoneNumberFormat, PhoneNumberType, shortnumberinfo

from firmware.core.country import Country
from firmware.core.outside_settings import WITHHELD
from firmware.core.places import places

_MANY: Final = 1_024  # numbers whose kind is remembered


class NumberKind(StrEnum):
    """What a number costs and who may dial it, cheapest first."""

    SERVICE = "service"  # short numbers and numbers free of charge
    LOCAL = "local"
    NATIONAL = "national"  # mobiles too
    INTERNATIONAL = "international"
    PREMIUM = "premium"


def _parsed(number: str, country: Country) -> phonenumbers.PhoneNumber | None:
    try:
        return phonenumbers.parse(number, country.code, keep_raw_input=True)
    except phonenumbers.NumberParseException:
        return None


def without_carrier(number: str, country: Country) -> str:
    """The number behind a carrier's prefix: ``179090215551234`` gives ``0215551234``."""
    if country.numbering.calling_code == "86":
        return re.sub(r"^1(?:[12]\d|79)\d\d(?=0)", "", number)
    return number


def kind_of(number: str, country: Country) -> NumberKind:
    """The kind of a dialled number, outside prefix left out.

    What cannot be told apart counts as the dearer kind: a premium number with digits behind it is
    premium still, for the exchange takes the first ones.
    """
    numbering = country.numbering
    behind = without_carrier(number, country)
    if behind != number:
        # A carrier carries no short numbers: what is behind its prefix is a long-distance number.
        return max(kind_of(behind, country), NumberKind.NATIONAL, key=_DEARNESS.index)
    return _kind(number, country.code, numbering.international_prefix, numbering.trunk_prefix)


_DEARNESS: Final = tuple(NumberKind)


@lru_cache(maxsize=_MANY)
def _kind(number: str, code: str, prefix: str, trunk: str) -> NumberKind:
    metadata = PhoneMetadata.metadata_for_region(code)
    abroad = [prefix] + ([metadata.international_prefix] if metadata else [])
    if any(pattern and re.match(pattern, number) for pattern in abroad):
        return NumberKind.INTERNATIONAL
    try:
        parsed = phonenumbers.parse(number, code)
    except phonenumbers.NumberParseException:
        return NumberKind.LOCAL
    if shortnumberinfo.is_valid_short_number_for_region(parsed, code) and not number.startswith(
        trunk or "x"
    ):
        cost = shortnumberinfo.expected_cost_for_region(parsed, code)
        premium = cost == shortnumberinfo.ShortNumberCost.PREMIUM_RATE
        return NumberKind.PREMIUM if premium else NumberKind.SERVICE
    if phonenumbers.is_valid_number(parsed):
        if phonenumbers.region_code_for_number(parsed) != code:
            return NumberKind.INTERNATIONAL
        what = phonenumbers.number_type(parsed)
        if what == PhoneNumberType.PREMIUM_RATE:
            return NumberKind.PREMIUM
        if what == PhoneNumberType.TOLL_FREE:
            return NumberKind.SERVICE
        return NumberKind.NATIONAL if trunk else NumberKind.LOCAL
    for length in range(len(number) - 1, 4, -1):
        try:
            first = phonenumbers.parse(number[:length], code)
        except phonenumbers.NumberParseException:
            continue
        if phonenumbers.number_type(first) == PhoneNumberType.PREMIUM_RATE:
            return NumberKind.PREMIUM
    return NumberKind.NATIONAL if trunk and number.startswith(trunk) else NumberKind.LOCAL


def shown(number: str, country: Country) -> str:
    """A number as it is written for people: ``13800138000`` gives ``138 0013 8000``.

    A number of the country is written its way, another one with ``+`` and country code; what the
    library does not take for a number stays as it is.
    """
    parsed = _parsed(number, country)
    if parsed is None or not phonenumbers.is_valid_number(parsed):
        return number
    home = str(parsed.country_code) == country.numbering.calling_code
    form = PhoneNumberFormat.NATIONAL if home else PhoneNumberFormat.INTERNATIONAL
    return phonenumbers.format_number(parsed, form)


def e164(number: str, country: Country) -> str:
    """One form for one number, to compare by: ``+8613800138000``; unchanged if it is none."""
    parsed = _parsed(number, country)
    if parsed is None or not phonenumbers.is_possible_number(parsed):
        return number
    return phonenumbers.format_number(parsed, PhoneNumberFormat.E164)


def region_of(number: str, country: Country) -> str:
    """Two letters of the country a caller is from, empty if unknown."""
    parsed = _parsed(number, country)
    if parsed is None or not phonenumbers.is_valid_number(parsed):
        return ""
    return phonenumbers.region_code_for_number(parsed) or ""


def place_of(number: str, country: Country, language: str) -> str:
    """City and province, area or state that a number is from, empty if it is not known.

    Args:
        number: As it came or was dialled.
        country: How it is read.
        language: ``zh...`` or another, which gets English names.
    """
    parsed = _parsed(number, country)
    if parsed is None or not phonenumbers.is_valid_number(parsed):
        return ""
    return places().of(phonenumbers.format_number(parsed, PhoneNumberFormat.E164), language)


def listed(number: str, kind: str, entries: Iterable[str], country: Country) -> bool:
    """Whether a caller stands in a list.

    Args:
        number: As it came.
        kind: ``private`` when the caller hides it.
        entries: Numbers, beginnings of numbers with ``*`` behind, or ``withheld``.
        country: For the forms of one number.
    """
    if kind == "private":
        return WITHHELD in entries
    if not number:
        return False
    forms = {number, e164(number, country)}
    for entry in entries:
        if entry.endswith("*"):
            if any(form.startswith(entry[:-1]) for form in forms):
                return True
        elif entry in forms or e164(entry, country) in forms:
            return True
    return False
