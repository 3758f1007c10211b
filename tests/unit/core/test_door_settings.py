"""A door that calls outside: what its settings may be, and what is said of those that may not."""

from __future__ import annotations

import pytest

from firmware.core.settings import Settings, validate
from firmware.core.site_settings import Door


def wrong(language: str = "en", **fields: str) -> dict[str, str]:
    door = Door(extension="204", **{"rings": "200", **fields})
    found = validate(Settings(doors=(door,)), language)
    return {path.removeprefix("doors.0."): text for path, text in found.items()}


def test_a_number_outside_with_a_code_is_well_and_so_is_none():
    assert wrong() == {}
    assert wrong(outside="965529988", outside_code="4711") == {}
    assert wrong(rings="", outside="965529988", outside_code="4711", outside_when="always") == {}


@pytest.mark.parametrize(
    ("number", "why"),
    [
        ("65529988", "no prefix"),
        ("9110", "help"),
        ("0119", "help behind the other prefix"),
        ("9x", "no number"),
    ],
)
def test_a_number_needs_its_prefix_and_is_never_for_help(number, why):
    assert number in wrong(outside=number, outside_code="4711")["outside"], why
    assert number in wrong("zh-CN", outside=number, outside_code="4711")["outside"], why


@pytest.mark.parametrize("code", ["", "1", "123456789", "12a"])
def test_a_code_is_two_to_eight_digits(code):
    assert "2 to 8" in wrong(outside="965529988", outside_code=code)["outside_code"]


def test_a_door_that_rings_nobody_is_refused():
    assert "rings" in wrong(rings="")
