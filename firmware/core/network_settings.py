"""What an office sets about the box's place on its network: address, gateway, name, time. Pure."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Mapping
from typing import Final, Literal

import msgspec

Say = Callable[..., None]

MOST_SERVERS: Final = 4
SHORTEST_PREFIX, LONGEST_PREFIX = 8, 30
"""Of an IPv4 network that has a gateway and room for a box."""

_LABEL: Final = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?", re.ASCII)
"""One part of a host name (RFC 1123, 2.1), in small letters."""
_NAME: Final = re.compile(rf"{_LABEL.pattern}(\.{_LABEL.pattern})*", re.ASCII)
LONGEST_NAME: Final = 253  # RFC 1035, 2.3.4


class Network(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The box on the office's network.

    Attributes:
        way: ``dhcp`` takes what the network gives, or what an installer left on the card; ``fixed``
            is what stands here.
        address: With its prefix, such as 192.168.1.20/24; IPv4.
        gateway: The office's router, within that network; empty for an office without a way out.
        dns: Servers of names, by address.
        host_name: The box is found as this name and ``.local``; empty is the one it came with.
        time_servers: By name or address; empty for those that the system came with.
    """

    way: Literal["dhcp", "fixed"] = "dhcp"
    address: str = ""
    gateway: str = ""
    dns: tuple[str, ...] = ()
    host_name: str = ""
    time_servers: tuple[str, ...] = ()


NETWORK_SENTENCES: Final[Mapping[str, tuple[str, str]]] = {
    "network-address": (
        "地址 {value} 须带前缀长度，例如 192.168.1.20/24，且能用于一台设备",
        "The address {value} must be one of a machine, with its prefix: 192.168.1.20/24.",
    ),
    "network-address-needed": (
        "固定地址须填写地址和前缀长度，例如 192.168.1.20/24",
        "A fixed address has to be given with its prefix, such as 192.168.1.20/24.",
    ),
    "network-gateway": (
        "网关 {value} 须是网段 {limit} 中的另一个地址",
        "The gateway {value} must be another address of the network {limit}.",
    ),
    "network-gateway-form": (
        "网关 {value} 须是地址，例如 192.168.1.1",
        "The gateway {value} must be an address such as 192.168.1.1.",
    ),
    "network-dns": (
        "域名服务器 {value} 须是地址，例如 192.168.1.1",
        "The server of names {value} must be an address such as 192.168.1.1.",
    ),
    "network-host": (
        "设备名 {value} 只能用小写字母、数字和连字符，最多 63 个，首尾不用连字符",
        "The name {value} may have 63 small letters, digits and, within, hyphens.",
    ),
    "network-time": (
        "时间服务器 {value} 须是主机名或地址，例如 ntp.ntsc.ac.cn",
        "The time server {value} must be a host name or an address, such as ntp.ntsc.ac.cn.",
    ),
    "network-most": (
        "{value} 个太多，最多 {limit} 个",
        "{value} are too many, there may be {limit}.",
    ),
}


def check_network(network: Network, say: Say) -> None:
    """What cannot be: also what is not in use now, since it would be at a click."""
    own = _interface(network.address)
    if network.address and own is None:
        say("network.address", "network-address", network.address)
    elif network.way == "fixed" and own is None:
        say("network.address", "network-address-needed")
    gateway = _address(network.gateway)
    if network.gateway and gateway is None:
        say("network.gateway", "network-gateway-form", network.gateway)
    elif gateway is not None and own is not None and not _beside(gateway, own):
        say("network.gateway", "network-gateway", network.gateway, own.network)
    for at, server in enumerate(network.dns):
        if _address(server) is None:
            say(f"network.dns.{at}", "network-dns", server)
    for at, server in enumerate(network.time_servers):
        if _address(server) is None and not (
            len(server) <= LONGEST_NAME
            and _NAME.fullmatch(server)
            and not server.replace(".", "").isdecimal()
        ):
            say(f"network.time_servers.{at}", "network-time", server)
    for name in ("dns", "time_servers"):
        if (count := len(getattr(network, name))) > MOST_SERVERS:
            say(f"network.{name}", "network-most", count, MOST_SERVERS)
    if network.host_name and not _LABEL.fullmatch(network.host_name):
        say("network.host_name", "network-host", network.host_name)


def _interface(text: str) -> ipaddress.IPv4Interface | None:
    try:
        found = ipaddress.IPv4Interface(text)
    except ValueError:
        return None
    prefix = text.partition("/")[2]
    if not prefix.isdecimal() or not SHORTEST_PREFIX <= int(prefix) <= LONGEST_PREFIX:
        return None
    ends = (found.network.network_address, found.network.broadcast_address)
    return None if found.ip in ends or not _of_a_machine(found.ip) else found


def _address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        found = ipaddress.ip_address(text)
    except ValueError:
        return None
    return found if "%" not in text and _of_a_machine(found) else None


def _of_a_machine(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    return not (
        address.is_multicast
        or address.is_loopback
        or address.is_unspecified
        or address.is_link_local
        or (address.version == 4 and address.is_reserved)
    )


def _beside(
    address: ipaddress.IPv4Address | ipaddress.IPv6Address, own: ipaddress.IPv4Interface
) -> bool:
    network = own.network
    ends = (network.network_address, network.broadcast_address)
    return address in network and address != own.ip and address not in ends
