"""Which of its addresses the box tells."""

from __future__ import annotations

import ipaddress

from firmware.daemons.own_address import choose, own_address

HEAD = "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n"
NONE = str(ipaddress.IPv4Address(0))  # of an interface that still waits for one


def route(name: str, metric: int = 0, *, flags: str = "0003", to: str = "00000000") -> str:
    mask = "00000000" if to == "00000000" else "00FFFFFF"
    return f"{name}\t{to}\t0101A8C0\t{flags}\t0\t0\t{metric}\t{mask}\t0\t0\t0\n"


def test_the_network_with_the_router_is_the_offices() -> None:
    addresses = {"lo": "127.0.0.1", "usb0": "10.55.0.1", "wlan0": "192.168.1.20"}
    routes = HEAD + route("usb0", to="0000370A") + route("wlan0")
    assert choose(routes, addresses) == "192.168.1.20"


def test_of_two_routers_the_nearer_one_counts() -> None:
    addresses = {"eth0": "192.168.1.20", "wlan0": "192.168.1.21"}
    assert choose(HEAD + route("wlan0", 600) + route("eth0", 100), addresses) == "192.168.1.20"
    assert choose(HEAD + route("wlan0", 50) + route("eth0", 100), addresses) == "192.168.1.21"


def test_a_route_that_is_down_is_none() -> None:
    addresses = {"eth0": "192.168.1.20", "wlan0": "192.168.1.21"}
    routes = HEAD + route("eth0", flags="0002") + route("wlan0", 600)
    assert choose(routes, addresses) == "192.168.1.21"


def test_without_a_router_any_address_that_was_given_will_do() -> None:
    addresses = {"lo": "127.0.0.1", "eth0": "169.254.7.9", "wlan0": "10.0.0.2"}
    assert choose(HEAD, addresses) == "10.0.0.2"
    assert choose("", {"lo": "127.0.0.1", "eth0": "169.254.7.9"}) == "169.254.7.9"


def test_a_box_on_no_network_has_none() -> None:
    assert choose(HEAD, {"lo": "127.0.0.1"}) == ""
    assert choose("", {}) == ""
    assert choose(HEAD + route("eth0"), {"lo": "127.0.0.1", "eth0": NONE}) == ""


def test_this_machine_answers_at_once() -> None:
    told = own_address()
    assert not told or not ipaddress.IPv4Address(told).is_loopback
