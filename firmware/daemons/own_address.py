"""The box's own address on the office's network, as the kernel knows it.

Nothing is sent and no name is looked up: the answer comes from the kernel's tables, so it is right
on a network without any other machine.
"""

from __future__ import annotations

import fcntl
import ipaddress
import socket
import struct
from collections.abc import Mapping
from pathlib import Path
from typing import Final

INTERFACES: Final = Path("/sys/class/net")  # asking the kernel's socket for them is filtered
ROUTES: Final = Path("/proc/self/net/route")  # what hardening leaves of /proc

SIOCGIFADDR: Final = 0x8915  # netdevice(7): the IPv4 address of an interface
REQUEST_BYTES: Final = 40  # struct ifreq of a 64-bit machine
NAME_BYTES: Final = 16  # IFNAMSIZ
ADDRESS_AT: Final = 20  # behind the name: family and port of a struct sockaddr_in

EVERYWHERE: Final = "00000000"  # destination and mask of a default route
UP: Final = 0x1  # RTF_UP of the flags, route(8)


def own_address() -> str:
    """The IPv4 address by which the office reaches this box, empty for none."""
    try:
        routes = ROUTES.read_text(encoding="ascii")
    except OSError:
        routes = ""
    return choose(routes, _addresses())


def choose(routes: str, addresses: Mapping[str, str]) -> str:
    """The address that people of the office would use.

    That of the interface with the default route, of two the one with the lower metric; without a
    router that of the first interface that was given one. One that the box took by itself because
    nobody gave it any (169.254.0.0/16, RFC 3927) is the last choice; the loopback is none.

    Args:
        routes: Text of ``/proc/self/net/route``.
        addresses: IPv4 address by interface.
    """
    known = {
        name: address
        for name, address in addresses.items()
        if not ipaddress.IPv4Address(address).is_loopback
        and not ipaddress.IPv4Address(address).is_unspecified
    }
    metrics = _default_routes(routes)

    def rank(name: str) -> tuple[bool, int, str]:
        alone = ipaddress.IPv4Address(known[name]).is_link_local
        return alone, metrics.get(name, 1 << 32), name

    return known[min(known, key=rank)] if known else ""


def _default_routes(routes: str) -> dict[str, int]:
    """Interfaces with a default route that is up, and the metric of the best of each."""
    found: dict[str, int] = {}
    head, *rows = routes.splitlines() or [""]
    names = head.split()
    for row in rows:
        fields = dict(zip(names, row.split(), strict=False))
        wide = fields.get("Destination") == EVERYWHERE and fields.get("Mask") == EVERYWHERE
        if wide and int(fields["Flags"], 16) & UP:
            name, metric = fields["Iface"], int(fields["Metric"])
            found[name] = min(metric, found.get(name, metric))
    return found


def _addresses() -> dict[str, str]:
    """IPv4 address of every interface that has one."""
    found: dict[str, str] = {}
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asked:
        for name in sorted(interface.name for interface in INTERFACES.glob("*")):
            request = struct.pack(f"{REQUEST_BYTES}s", name.encode()[: NAME_BYTES - 1])
            try:
                answer = fcntl.ioctl(asked, SIOCGIFADDR, request)
            except OSError:
                continue  # it has none
            found[name] = socket.inet_ntoa(answer[ADDRESS_AT : ADDRESS_AT + 4])
    return found
