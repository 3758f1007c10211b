"""What the library is told of addresses."""

from __future__ import annotations

import ctypes
from typing import Any

from firmware.daemons.trunk.resolver import (
    _ANSWER,
    TCP,
    TLS,
    UDP,
    Resolver,
    _Resolver,
    _Target,
    addresses_of,
)

BOOK = {"sip.carrier.example": ("192.0.2.7", "2001:db8::7", "192.0.2.8")}


class Library:
    """The place in the library where its look-up is hooked in."""

    def __init__(self) -> None:
        self.hooked: Any = None
        self.told: list[tuple[int, int, list[tuple[int, bytes]]]] = []

        def endpoint() -> int:
            return 1

        def hook(_endpoint: int, face: int) -> int:
            self.hooked = _Resolver.from_address(face)
            return 0

        self.pjsua_get_pjsip_endpt = endpoint
        self.pjsip_endpt_set_ext_resolver = hook

    def ask(self, host: str, transport: int = UDP, port: int = 0, flag: int = 0) -> None:
        """What the library does when it sends."""
        text = ctypes.create_string_buffer(host.encode())
        target = _Target(flag=flag, type=transport, port=port)
        target.host.at, target.host.size = ctypes.addressof(text), len(host)

        def heard(status: int, token: int, found: Any) -> None:
            rows = found.contents.entry[: found.contents.count]
            octets = [(one.type, bytes(one.address)[: one.size][:8]) for one in rows]
            self.told.append((status, token, octets))

        answer = _ANSWER(heard)
        where = ctypes.cast(answer, ctypes.c_void_p)
        self.hooked.resolve(None, None, ctypes.byref(target), 77, where)


def test_a_known_name_is_all_its_addresses_and_the_usual_port() -> None:
    library = Library()
    kept = Resolver(library, lambda host: BOOK.get(host, ()))  # type: ignore[arg-type]  # a stand-in
    library.ask("sip.carrier.example")
    library.ask("sip.carrier.example", TLS)
    library.ask("192.0.2.9", TCP, 5_080)
    # sockaddr_in: family 2 in the machine's order, port and address in the network's.
    head = (2).to_bytes(2, "little")
    both = [b"\x13\xc4\xc0\x00\x02\x07", b"\x13\xc4\xc0\x00\x02\x08"]  # 5060
    assert library.told[0] == (0, 77, [(UDP, head + one) for one in both])
    assert [kind for kind, _ in library.told[1][2]] == [TLS, TLS]
    assert library.told[1][2][0][1][2:4] == (5_061).to_bytes(2, "big")
    assert library.told[2] == (0, 77, [(TCP, head + b"\x13\xd8\xc0\x00\x02\x09")])
    assert kept is not None


def test_a_name_that_nobody_knows_cannot_be_reached_and_is_not_waited_for() -> None:
    library = Library()
    kept = Resolver(library, lambda host: BOOK.get(host, ()))  # type: ignore[arg-type]  # as above
    library.ask("slow.example")
    assert library.told == [(70_018, 77, [])]
    assert kept is not None


def test_a_transport_that_is_not_named_follows_what_is_wanted_of_it() -> None:
    library = Library()
    kept = Resolver(library, lambda host: BOOK.get(host, ()))  # type: ignore[arg-type]  # as above
    for flag in (0, 1, 3):
        library.ask("192.0.2.9", 0, 0, flag)
    assert [rows[0][0] for _, _, rows in library.told] == [UDP, TCP, TLS]
    assert kept is not None


def test_other_addresses_than_ipv4_are_left_out() -> None:
    assert addresses_of("2001:db8::1", lambda _host: ()) == []
    assert addresses_of("sip.carrier.example", BOOK.__getitem__) == [
        b"\xc0\x00\x02\x07",
        b"\xc0\x00\x02\x08",
    ]
