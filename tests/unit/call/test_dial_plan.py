"""What dialled digits mean, in an office like a new box and in the countries it is for."""

from __future__ import annotations

import pytest

from firmware.call.dial_plan import Complete, Invalid, MayBeComplete, NeedMore, read
from firmware.core.countries import COUNTRIES, country
from firmware.core.destinations import ToExtension, ToGroup, ToOutside
from firmware.core.settings import Extension, Settings

OFFICE = Settings()
CN = country("CN").emergency


def test_three_digits_are_a_telephone_or_a_group() -> None:
    assert read("201", OFFICE, CN) == Complete(destination=ToExtension(number="201"))
    assert read("200", OFFICE, CN) == Complete(destination=ToGroup(number="200"))


@pytest.mark.parametrize("digits", ["", "2", "20", "1", "11", "0", "9"])
def test_more_must_come(digits: str) -> None:
    assert read(digits, OFFICE, CN) == NeedMore()


@pytest.mark.parametrize("digits", ["3", "21", "209", "111", "*1", "2#1", "2#", "*99", "20#", "9#"])
def test_no_number_begins_so(digits: str) -> None:
    assert isinstance(read(digits, OFFICE, CN), Invalid)


@pytest.mark.parametrize("prefix", ["0", "9"])
def test_a_number_behind_a_prefix_goes_out_when_the_pause_is_over(prefix: str) -> None:
    assert read(f"{prefix}13800138000", OFFICE, CN) == MayBeComplete(
        destination=ToOutside(number="13800138000"), wait="inter_digit"
    )


def test_the_gate_ends_a_number() -> None:
    assert read("95#", OFFICE, CN) == Complete(destination=ToOutside(number="5"))
    assert read("201#", OFFICE, CN) == Complete(destination=ToExtension(number="201"))


def test_the_longest_number_needs_no_pause() -> None:
    assert read("9" + "5" * 24, OFFICE, CN) == Complete(destination=ToOutside(number="5" * 24))


@pytest.mark.parametrize("number", CN)
def test_chinas_emergency_numbers_go_out_at_once(number: str) -> None:
    helps = ToOutside(number=number, emergency=True)
    assert read(number, OFFICE, CN) == Complete(destination=helps)
    assert read("0" + number, OFFICE, CN) == MayBeComplete(
        destination=helps, wait="emergency_pause"
    )


@pytest.mark.parametrize(("code", "number"), [("AU", "000"), ("GB", "999"), ("US", "911")])
def test_an_emergency_number_that_begins_with_a_prefix_waits_the_short_pause(
    code: str, number: str
) -> None:
    emergency = country(code).emergency
    assert read(number, OFFICE, emergency) == MayBeComplete(
        destination=ToOutside(number=number, emergency=True), wait="emergency_pause"
    )
    # It goes on: 0 and 0011 44... from Australia, 9 and 99... from Britain.
    longer = read(number + "1144", OFFICE, emergency)
    assert longer == MayBeComplete(
        destination=ToOutside(number=number[1:] + "1144"), wait="inter_digit"
    )


def test_a_short_emergency_number_that_begins_an_extension_waits_the_short_pause() -> None:
    office = Settings(
        country="FR", extensions=(Extension(number="150", port="fxs/1"),), ring_groups=()
    )
    emergency = country("FR").emergency
    assert isinstance(read("15", office, emergency), MayBeComplete)
    assert read("150", office, emergency) == Complete(destination=ToExtension(number="150"))
    assert isinstance(read("17", office, emergency), Complete)


@pytest.mark.parametrize("code", sorted(COUNTRIES))
def test_every_emergency_number_gets_out_with_and_without_prefix(code: str) -> None:
    emergency = country(code).emergency
    for number in emergency:
        for dialled in (number, "0" + number, "9" + number):
            reading = read(dialled, OFFICE, emergency)
            if dialled in emergency or dialled[0] in "09":
                assert isinstance(reading, Complete | MayBeComplete), (dialled, reading)
                assert isinstance(reading.destination, ToOutside)
                assert reading.destination.emergency, (dialled, reading)
