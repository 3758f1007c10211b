"""The kernel itself judges: real sockets on loopback, which keep their order and lose nothing."""

from __future__ import annotations

import ipaddress
import socket
from pathlib import Path

import pytest

from firmware.daemons.trunk.sound_gate import only_from, program


def bound(host: str) -> socket.socket:
    made = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_DGRAM)
    made.bind((host, 0))
    made.settimeout(5)
    return made


@pytest.mark.parametrize(
    ("hears", "friend", "stranger"),
    [("127.0.0.1", "127.0.0.9", "127.0.0.8"), ("127.0.0.1", "127.0.0.255", "127.0.1.255")],
)
def test_sound_of_a_stranger_does_not_arrive(hears: str, friend: str, stranger: str) -> None:
    with bound(hears) as ear, bound(friend) as good, bound(stranger) as bad:
        host, port = ear.getsockname()
        assert only_from(f"{host}:{port}", f"{friend}:40000") >= 1
        bad.sendto(b"forged", (host, port))
        good.sendto(b"sound", (host, port))
        assert ear.recvfrom(100)[0] == b"sound"
        # The far side moves: from now on the other one is heard.
        only_from(f"{host}:{port}", stranger)
        good.sendto(b"old", (host, port))
        bad.sendto(b"new", (host, port))
        assert ear.recvfrom(100)[0] == b"new"


def test_two_addresses_may_send() -> None:
    with bound("127.0.0.1") as ear, bound("127.0.0.8") as one, bound("127.0.0.9") as two:
        host, port = ear.getsockname()
        only_from(f"{host}:{port}", "127.0.0.8", "127.0.0.9:5060")
        one.sendto(b"1", (host, port))
        two.sendto(b"2", (host, port))
        assert [ear.recv(10), ear.recv(10)] == [b"1", b"2"]


def test_nothing_is_left_open() -> None:
    with bound("127.0.0.1") as ear, Path("/dev/null").open() as _no_socket:
        before = sorted(entry.name for entry in Path("/proc/self/fd").iterdir())
        for _ in range(3):
            only_from(f"127.0.0.1:{ear.getsockname()[1]}", "127.0.0.9")
        assert sorted(entry.name for entry in Path("/proc/self/fd").iterdir()) == before


def test_a_call_that_is_held_changes_nothing() -> None:
    with bound("127.0.0.1") as ear:
        assert only_from(f"127.0.0.1:{ear.getsockname()[1]}", "0.0.0.0:0", "nonsense") == 0


def test_the_address_of_the_next_generation_is_compared_whole() -> None:
    made = program([ipaddress.ip_address("2001:db8::1")])
    # Four words loaded and compared, a yes, a no: linux/filter.h, eight bytes each.
    assert len(made) == 8 * (4 * 2 + 2)
    # The first comparison skips what is left: three pairs and the yes.
    assert made[8 + 3] == 7
