"""Who may send us calls."""

from __future__ import annotations

import pytest

from firmware.core.sip_settings import SipTrunk
from firmware.sip.sources import Sources, host_of, place_of

CARRIER = SipTrunk(name="carrier", lines=("sip/1",), host="carrier.example", user="021")
OFFICE = SipTrunk(
    name="office", lines=("sip/2",), host="192.0.2.7", register=False, peers=("198.51.100.0/28",)
)


def sources() -> Sources:
    known = {"carrier": ["203.0.113.5", "2001:db8::5"], "office": ["192.0.2.7"]}
    return Sources((CARRIER, OFFICE), known)


@pytest.mark.parametrize(
    ("source", "trunks"),
    [
        ("203.0.113.5:5060", ["carrier"]),
        ("203.0.113.5:61000", ["carrier"]),  # a provider may send from another port
        ("[2001:db8::5]:5060", ["carrier"]),
        ("[::ffff:203.0.113.5]:5060", ["carrier"]),  # RFC 4291, 2.5.5.2: the same host
        ("192.0.2.7:5060", ["office"]),
        ("198.51.100.15:5060", ["office"]),
        ("198.51.100.16:5060", []),
        ("127.0.0.1:5060", []),
        ("not an address", []),
    ],
)
def test_a_peer_is_known_by_its_address(source: str, trunks: list[str]) -> None:
    assert sources().trunk_at(source) == trunks


def test_a_scan_is_one_event_a_minute_and_counted() -> None:
    seen = sources()
    first = seen.stranger("198.51.100.99:5060", "INVITE sip:100@box", 1_000)
    assert first is not None
    assert (first.address, first.count) == ("198.51.100.99", 1)
    again = [
        seen.stranger(f"198.51.100.99:{port}", "INVITE", 2_000) for port in range(5_000, 5_200)
    ]
    assert again == [None] * 200
    later = seen.stranger("198.51.100.99:5060", "OPTIONS", 61_000)
    assert later is not None
    assert later.count == 201


def test_a_flood_of_invented_addresses_is_told_twenty_times_a_minute_and_forgotten_again() -> None:
    seen = sources()
    told = [seen.stranger(f"10.{n // 250}.{n % 250}.1:5060", "INVITE", n) for n in range(1_000)]
    assert [one is not None for one in told] == [True] * 20 + [False] * 980
    assert len(seen._seen) == 256
    # A minute later whoever goes on is told again, with how often he came.
    later = seen.stranger("10.3.249.1:5060", "INVITE", 61_000)
    assert later is not None
    assert later.count == 2


def test_host_of_a_source() -> None:
    assert host_of("192.0.2.1:5060") == "192.0.2.1"
    assert host_of("[2001:db8::1]:5060") == "2001:db8::1"
    assert host_of("192.0.2.1") == "192.0.2.1"


@pytest.mark.parametrize(
    ("called", "place"),
    [
        ("02161234500", "flow:main"),
        ("+862161234501", "201"),
        ("862161234501", "201"),
        ("02161234577", "200"),
        ("02161239999", "flow:night"),
        ("999", None),
    ],
)
def test_where_a_dialled_number_goes(called: str, place: str | None) -> None:
    numbers = {
        "02161234500": "flow:main",
        "+862161234501": "201",
        "021612345*": "200",
        "0216123*": "flow:night",
    }
    assert place_of(numbers, called) == place


def test_without_a_table_the_line_decides() -> None:
    assert place_of({}, "02161234500") == ""
