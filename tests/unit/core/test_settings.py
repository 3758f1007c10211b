"""The office's document: what a new box has, and what is refused with which sentence."""

from __future__ import annotations

import msgspec
import pytest

from firmware.core.countries import COUNTRIES
from firmware.core.fax_settings import Fax
from firmware.core.settings import (
    Extension,
    Line,
    RingGroup,
    Settings,
    extension_at,
    line_at,
    validate,
)
from firmware.core.sip_settings import Sip, SipTrunk


def test_a_new_box_has_four_telephones_four_lines_and_a_group_of_all() -> None:
    settings = Settings()
    assert [(e.number, e.port) for e in settings.extensions] == [
        ("201", "fxs/1"),
        ("202", "fxs/2"),
        ("203", "fxs/3"),
        ("204", "fxs/4"),
    ]
    assert [line.port for line in settings.lines] == ["fxo/1", "fxo/2", "fxo/3", "fxo/4"]
    assert settings.ring_groups[0].members == ("201", "202", "203", "204")
    assert settings.outside_prefixes == ("0", "9")


@pytest.mark.parametrize("code", sorted(COUNTRIES))
def test_a_new_box_is_right_in_every_country(code: str) -> None:
    assert validate(Settings(country=code)) == {}


def test_the_document_comes_back_as_it_was_written() -> None:
    settings = Settings(country="GB", record="all", timers={"howler": 30_000})
    text = msgspec.json.encode(settings)
    assert msgspec.json.decode(text, type=Settings) == settings
    assert msgspec.convert(msgspec.to_builtins(settings), Settings) == settings


def test_an_unknown_field_is_refused() -> None:
    with pytest.raises(msgspec.ValidationError, match="colour"):
        msgspec.json.decode(b'{"colour": "red"}', type=Settings)


def test_a_later_schema_is_refused() -> None:
    with pytest.raises(msgspec.ValidationError, match="schema"):
        msgspec.json.decode(b'{"schema": 2}', type=Settings)


def test_the_number_of_rings_has_limits() -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(
            b'{"lines": [{"port": "fxo/1", "answer_after_bursts": 0}]}', type=Settings
        )


def _two(**second: str) -> tuple[Extension, ...]:
    base = {"number": "202", "port": "fxs/2"} | second
    return (Extension(number="201", port="fxs/1"), Extension(**base))


NO_GROUPS: tuple[RingGroup, ...] = ()


@pytest.mark.parametrize(
    ("settings", "path", "english"),
    [
        (Settings(country="XX"), "country", "There is no profile of XX"),
        (
            Settings(extensions=_two(number="20"), ring_groups=NO_GROUPS),
            "extensions.1.number",
            "Extension 20: a number of 3 digits is needed.",
        ),
        (
            Settings(extensions=_two(number="201"), ring_groups=NO_GROUPS),
            "extensions.1.number",
            "Number 201 is used twice.",
        ),
        (
            Settings(extensions=_two(number="110"), ring_groups=NO_GROUPS),
            "extensions.1.number",
            "Number 110 is an emergency number and cannot be an internal one.",
        ),
        (
            Settings(extensions=_two(number="901"), ring_groups=NO_GROUPS),
            "extensions.1.number",
            "Number 901 begins with the outside prefix 9 and could not be dialled.",
        ),
        (
            Settings(extensions=_two(port="fxs/1"), ring_groups=NO_GROUPS),
            "extensions.1.port",
            "Port fxs/1 is used twice.",
        ),
        (
            Settings(extensions=_two(port="fxo/2"), ring_groups=NO_GROUPS),
            "extensions.1.port",
            "Port fxo/2: a name from fxs/1 to fxs/8 is needed.",
        ),
        (
            Settings(
                lines=(Line(port="sip/65"),),
                sip=Sip(
                    trunks=(SipTrunk(name="a", lines=("sip/65",), host="a.cn", register=False),)
                ),
            ),
            "lines.0.port",
            "SIP line sip/65: a name from sip/1 to sip/64 is needed.",
        ),
        (
            Settings(lines=(Line(port="fxo/9"),)),
            "lines.0.port",
            "Port fxo/9: a name from fxo/1 to fxo/8 is needed.",
        ),
        (
            Settings(ring_groups=(RingGroup(number="200"),)),
            "ring_groups.0.members",
            "Ring group 200 has no members.",
        ),
        (
            Settings(ring_groups=(RingGroup(number="200", members=("299",)),)),
            "ring_groups.0.members.0",
            "Member 299 is not the number of an extension.",
        ),
        (
            Settings(outside_prefixes=("00",)),
            "outside_prefixes.0",
            "Outside prefix 00: one digit is needed.",
        ),
        (
            Settings(inbound="flow:nowhere"),
            "inbound",
            "Incoming calls cannot go to flow:nowhere",
        ),
        (
            Settings(lines=(Line(port="fxo/1", inbound="299"),)),
            "lines.0.inbound",
            "Incoming calls cannot go to 299",
        ),
        (
            Settings(lines=(Line(port="fxo/1", name="main", clear=()),)),
            "lines.0.clear",
            "Line main: choose at least one way",
        ),
        (Settings(timers={"tea": 1}), "timers.tea", "There is no timer tea."),
        (
            Settings(timers={"howler": 1}),
            "timers.howler",
            "The timer is 1 ms, allowed are 5000 … 300000 ms.",
        ),
        (
            Settings(fax=Fax(on=True, ticket="lost-dog")),
            "fax.ticket",
            "There is no kind of ticket lost-dog",
        ),
    ],
)
def test_what_is_wrong_is_said_where_it_is_wrong(
    settings: Settings, path: str, english: str
) -> None:
    found = validate(settings, "en")
    assert set(found) == {path}
    assert found[path].startswith(english)
    (chinese,) = validate(settings, "zh-CN").values()
    assert any("一" <= character <= "鿿" for character in chinese)


def test_a_kind_of_ticket_that_only_faxes_would_open_may_be_missing_without_faxes() -> None:
    """An office that named its own kinds before there were faxes keeps its settings."""
    assert validate(Settings(fax=Fax(ticket="lost-dog")), "en") == {}


def test_jacks_are_found_by_name() -> None:
    settings = Settings()
    assert extension_at(settings, "fxs/2") == settings.extensions[1]
    assert extension_at(settings, "fxs/7") is None
    assert line_at(settings, "fxo/3") == settings.lines[2]
    assert line_at(settings, "fxo/7") is None
