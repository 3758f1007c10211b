"""Who calls, by messages written from the RFCs' own grammar and examples."""

from __future__ import annotations

import pytest

from firmware.core.events import IdentityKind
from firmware.sip.identity import (
    caller,
    digits,
    fields,
    own_from,
    own_headers,
    parse_address,
    realm_of,
)

NUMBER, PRIVATE, UNAVAILABLE = (
    IdentityKind.NUMBER,
    IdentityKind.PRIVATE,
    IdentityKind.UNAVAILABLE,
)


def told(*headers: str) -> tuple[IdentityKind, str, str]:
    head = "INVITE sip:02161234567@192.0.2.9 SIP/2.0\r\n" + "\r\n".join(headers)
    found = caller(fields(head + "\r\n\r\nbody: no header\r\n"))
    return found.kind, found.number, found.name


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        # RFC 3261, 20.20: display name, tag
        (
            ['From: "Wang Fang" <sip:02155550100@carrier.example>;tag=a48s'],
            (NUMBER, "02155550100", "Wang Fang"),
        ),
        # 19.1.1: what stands alone in a SIP address is the host, and no number
        (["From: <sip:192.0.2.7>;tag=1"], (UNAVAILABLE, "", "")),
        (["From: <sip:192.0.2.7:5070>;tag=1"], (UNAVAILABLE, "", "")),
        (["From: sip:10086;tag=1"], (UNAVAILABLE, "", "")),
        # compact form, no display name, no angle brackets: 20.20 and 7.3.3
        (["f: sip:+862155550100@carrier.example;tag=887s"], (NUMBER, "+862155550100", "")),
        # RFC 3325, 9.1: the network's assertion counts, not what the telephone wrote
        (
            [
                "From: <sip:110@evil.example>;tag=1",
                'P-Asserted-Identity: "Li" <sip:02155550101@carrier.example>',
            ],
            (NUMBER, "02155550101", "Li"),
        ),
        (
            ["From: <sip:x@y>;tag=1", "P-Asserted-Identity: tel:+86-21-5555-0102"],
            (NUMBER, "+862155550102", ""),
        ),
        # RFC 3325, 9.3 and RFC 3323, 4.2: number known to the network, hidden from people
        (
            [
                'From: "Anonymous" <sip:anonymous@anonymous.invalid>;tag=9',
                "P-Asserted-Identity: <sip:02155550103@carrier.example>",
                "Privacy: id",
            ],
            (PRIVATE, "", ""),
        ),
        (["From: <sip:02155550104@c.example>;tag=1", "Privacy: header;user"], (PRIVATE, "", "")),
        (["From: <sip:02155550104@c.example>;tag=1", "Privacy: none"], (NUMBER, "02155550104", "")),
        (
            [
                "From: <sip:1@c.example>;tag=1",
                "Remote-Party-ID: <sip:02155550105@c.example>;party=calling; privacy = full",
            ],
            (PRIVATE, "", ""),
        ),
        (
            [
                "From: <sip:1@c.example>;tag=1",
                "Remote-Party-ID: <sip:02155550105@c.example>;privacy=off",
            ],
            (NUMBER, "02155550105", ""),
        ),
        # a word is no number, and still has a name
        (
            ['From: "Front Desk" <sip:reception@hotel.example>;tag=1'],
            (UNAVAILABLE, "", "Front Desk"),
        ),
        (["From: <sip:unavailable@c.example>;tag=1"], (UNAVAILABLE, "", "")),
        ([], (UNAVAILABLE, "", "")),
        # folded over lines: 7.3.1
        (
            ['From:\r\n  "Wang"\r\n <sip:02155550106@c.example>;tag=1'],
            (NUMBER, "02155550106", "Wang"),
        ),
        # escaped quote: 25.1; escapes in the user part: 19.1.2
        (['From: "A \\"B\\" C" <sip:%30215555@c.example>;tag=1'], (NUMBER, "0215555", 'A "B" C')),
    ],
)
def test_a_caller(headers: list[str], expected: tuple[IdentityKind, str, str]) -> None:
    assert told(*headers) == expected


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "=cmd|'/c calc'!A1",
        "../../etc/passwd",
        "$(reboot)",
        "1" * 4_096,
    ],
)
def test_what_a_stranger_writes_for_a_number_is_none(text: str) -> None:
    assert digits(text) == ""


def test_a_strangers_name_is_one_short_line() -> None:
    kind, number, name = told(
        'From: "evil\x00\x1b[2J\u202ename' + "x" * 4_000 + '" <sip:02155550100@c>;tag=1'
    )
    assert (kind, number) == (NUMBER, "02155550100")
    assert name.startswith("evil[2Jname")
    assert len(name) == 64


def test_an_address_in_a_v6_host() -> None:
    found = parse_address("<sip:200@[2001:db8::1]:5060;transport=tcp>")
    assert found is not None
    assert found.user == "200"


def test_how_we_name_ourselves() -> None:
    assert (
        own_from("02155550199", "carrier.example", withheld=False)
        == "<sip:02155550199@carrier.example>"
    )
    assert own_from("02155550199", "carrier.example", withheld=True) == (
        '"Anonymous" <sip:anonymous@anonymous.invalid>'
    )
    assert own_headers("02155550199", "carrier.example", withheld=True) == {
        "P-Asserted-Identity": "<sip:02155550199@carrier.example>",
        "Privacy": "id",
    }
    assert "Privacy" not in own_headers("02155550199", "carrier.example", withheld=False)


def test_for_whom_a_password_is_asked() -> None:
    answer = (
        "SIP/2.0 401 Unauthorized\r\n"
        'WWW-Authenticate: Digest algorithm=MD5, realm="carrier.example", nonce="f84f1c"\r\n\r\n'
    )
    assert realm_of(fields(answer)) == "carrier.example"  # RFC 3261, 22.2
    assert realm_of(fields("SIP/2.0 403 Forbidden\r\n\r\n")) == ""
