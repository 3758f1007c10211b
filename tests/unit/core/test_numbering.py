"""Kinds of numbers as the national plans define them, forms, and lists of callers."""

from __future__ import annotations

import pytest

from firmware.core.countries import country
from firmware.core.numbering import e164, kind_of, listed, region_of, shown

# Kinds by the national numbering plans: CN 8-digit locals, 1xx mobiles, 160/168 information
# services, 179xx carriers; US 900 premium, 876 Jamaica in the same plan; GB 09 premium; HK 900.
KINDS = [
    ("CN", "65529988", "local"),
    ("CN", "13900139000", "national"),
    ("CN", "02165529988", "national"),
    ("CN", "00441632960000", "international"),
    ("CN", "1790900441632960000", "international"),
    ("CN", "1790902165529988", "national"),
    ("CN", "16812345", "premium"),
    ("CN", "168123456", "premium"),
    ("CN", "95588", "service"),
    ("CN", "8008101234", "service"),
    ("US", "5551234", "local"),
    ("US", "12125551234", "national"),
    ("US", "18765551234", "international"),
    ("US", "8765551234", "international"),
    ("US", "011441632960000", "international"),
    ("US", "9005551234", "premium"),
    ("GB", "02079460000", "national"),
    ("GB", "09011234567", "premium"),
    ("HK", "21234567", "local"),
    ("HK", "0018612345678", "international"),
    ("TW", "0028612345678", "international"),
    ("AU", "00118612345678", "international"),
]


@pytest.mark.parametrize(("code", "number", "kind"), KINDS)
def test_a_number_has_the_kind_of_its_plan(code: str, number: str, kind: str) -> None:
    assert kind_of(number, country(code)).value == kind


def test_numbers_are_written_as_people_write_them() -> None:
    cn = country("CN")
    assert shown("13800138000", cn) == "138 0013 8000"
    assert shown("02079460000", country("GB")) == "020 7946 0000"
    assert shown("+442079460000", cn) == "+44 20 7946 0000"
    assert shown("95588", cn) == "95588"


def test_one_number_has_one_form_to_compare() -> None:
    assert e164("13800138000", country("CN")) == "+8613800138000"
    assert e164("2125551234", country("US")) == e164("12125551234", country("US"))


def test_a_caller_from_abroad_has_a_country() -> None:
    assert region_of("+442079460000", country("CN")) == "GB"
    assert region_of("", country("CN")) == ""


@pytest.mark.parametrize(
    ("number", "kind", "entries", "found"),
    [
        ("13800138000", "number", ("13800138000",), True),
        ("13800138000", "number", ("+8613800138000",), True),
        ("+8613800138000", "number", ("13800138000",), True),
        ("13800138001", "number", ("13800138000",), False),
        ("4008001234", "number", ("400*",), True),
        ("14008001234", "number", ("400*",), False),
        ("", "private", ("withheld",), True),
        ("", "private", ("400*",), False),
        ("", "unavailable", ("withheld", "400*"), False),
    ],
)
def test_a_list_names_callers(
    number: str,
    kind: str,
    entries: tuple[str, ...],
    found: bool,
) -> None:
    assert listed(number, kind, entries, country("CN")) is found
