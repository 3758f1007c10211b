"""Codes: what keys mean in both profiles, what clashes, and the card."""

from __future__ import annotations

import msgspec
import pytest

from firmware.call.feature_codes import (
    PROFILES,
    SERVICES,
    Asked,
    card,
    clashes,
    code_problems,
    patterns,
    read_code,
)
from firmware.core.countries import COUNTRIES
from firmware.core.settings import Extension, Settings

CN = Settings()
US = Settings(country="US")


@pytest.mark.parametrize(
    ("digits", "service", "arguments"),
    [
        ("*57*203#", "forward_all_on", ("203",)),
        ("*57*013800138000#", "forward_all_on", ("013800138000",)),
        ("#57#", "forward_all_off", ()),
        ("*521*203#", "hot_line_on", ("203",)),
        ("*52*203#", "warm_line_on", ("203",)),
        ("*51*12*203#", "speed_dial_set", ("12", "203")),
        ("**12", "speed_dial", ("12",)),
        ("#9", "pick_up", ()),
        ("*8203", "pick_up_from", ("203",)),
        ("703", "fetch", ("3",)),
    ],
)
def test_codes_of_domestic_exchanges(digits: str, service: str, arguments: tuple[str, ...]) -> None:
    assert read_code(digits, CN) == Asked(service=service, arguments=arguments)


@pytest.mark.parametrize(
    ("digits", "service", "arguments"),
    [
        ("*72203#", "forward_all_on", ("203",)),
        ("*73", "forward_all_off", ()),
        ("*8", "pick_up", ()),
        ("**203", "pick_up_from", ("203",)),
        ("70", "park", ()),
        ("71", "fetch", ("1",)),
    ],
)
def test_codes_of_software_exchanges(digits: str, service: str, arguments: tuple[str, ...]) -> None:
    assert read_code(digits, US) == Asked(service=service, arguments=arguments)


@pytest.mark.parametrize("digits", ["*", "*5", "*57*", "*57*2", "*51*1", "*51*12*", "#", "7", "70"])
def test_more_keys_must_come(digits: str) -> None:
    assert read_code(digits, CN) is True


@pytest.mark.parametrize("digits", ["*99", "709", "201", "*57*#", "##", "*51*a"])
def test_no_code_begins_so(digits: str) -> None:
    assert read_code(digits, CN) is False


@pytest.mark.parametrize("country", sorted(COUNTRIES))
@pytest.mark.parametrize("profile", PROFILES)
def test_the_profiles_clash_with_nothing_in_any_country(country: str, profile: str) -> None:
    office = msgspec.structs.replace(Settings(country=country), feature_profile=profile)
    assert clashes(office, COUNTRIES[country].emergency) == {}


@pytest.mark.parametrize("profile", PROFILES)
def test_every_prefix_of_every_code_is_waited_for(profile: str) -> None:
    office = msgspec.structs.replace(CN, feature_profile=profile)
    for pattern in patterns(office).values():
        keys = pattern.translate(str.maketrans({"N": "4", "E": "204", "D": "44", "P": "4"}))
        for end in range(1, len(keys)):
            assert read_code(keys[:end], office) is True, keys[:end]
        assert isinstance(read_code(keys, office), Asked), keys


@pytest.mark.parametrize(
    ("changed", "with_what"),
    [
        ({"redial": "*57*N#"}, "*57*N#"),
        ({"redial": "201"}, "201"),
        ({"redial": "11"}, "110"),
        ({"redial": "95"}, "9"),
    ],
)
def test_a_code_that_could_not_be_dialled_is_refused(
    changed: dict[str, str], with_what: str
) -> None:
    office = msgspec.structs.replace(CN, feature_codes=changed)
    found = clashes(office, ("110",))["redial"]
    assert with_what in found
    assert "冲突" in code_problems(office)["feature_codes.redial"]
    assert "clashes" in code_problems(office, "en")["feature_codes.redial"]


def test_an_extension_that_begins_like_a_parking_place_clashes() -> None:
    office = msgspec.structs.replace(CN, extensions=(Extension(number="701", port="fxs/1"),))
    assert clashes(office, ())["fetch"] == ("70P", "701")


def test_a_code_can_be_switched_off() -> None:
    office = msgspec.structs.replace(CN, feature_codes={"pick_up": ""})
    assert read_code("#9", office) is False


def test_the_card_names_every_code_in_both_languages() -> None:
    chinese, english = card(CN), card(CN, "en")
    assert len(chinese) == len(english) == len(SERVICES)
    assert "*57*号码#\t全部转移" in chinese
    assert "*57*number#\tforward all calls" in english
