"""Who may send us a call: the peers of our trunks, by address, and nobody else.

The library matches an incoming call to an account by its text, which a stranger writes as he
likes. What he cannot write is the address that answers go back to. So a call counts only from an
address of a trunk, and for a number that the trunk has; anything else is refused without sound,
and told once a minute and source as a security event.
"""

from __future__ import annotations

import ipaddress
from collections import OrderedDict, deque
from collections.abc import Iterable, Mapping
from typing import Final

import msgspec

from firmware.core.sip_settings import SipTrunk

QUIET_MS: Final = 60_000
"""A source that goes on is told again after so long, chosen: a scan is one line a minute."""
MOST_SOURCES: Final = 256  # remembered; a flood with invented addresses pushes out the oldest
MOST_TOLD: Final = 20
"""Sources told within :data:`QUIET_MS`, chosen: invented addresses do not fill the log."""

_Network = ipaddress.IPv4Network | ipaddress.IPv6Network


class Stranger(msgspec.Struct, frozen=True, kw_only=True, tag="sip_stranger"):
    """Somebody who is no peer asked for something.

    ``count`` is how often since it was told last, this time included.
    """

    at_ms: int
    address: str
    asked: str  # the method, and what for
    count: int = 1


def host_of(source: str) -> str:
    """The address in ``192.0.2.1:5060`` or ``[2001:db8::1]:5060``."""
    if source.startswith("["):
        return source[1:].partition("]")[0]
    return source.rpartition(":")[0] if source.count(":") == 1 else source


class Sources:
    """Addresses of peers, and what strangers were seen.

    Args:
        trunks: As they are set.
        known: Addresses that each trunk's host stands for now, by the trunk's name.
    """

    def __init__(self, trunks: Iterable[SipTrunk], known: Mapping[str, Iterable[str]]) -> None:
        self._networks: dict[str, list[_Network]] = {}
        for trunk in trunks:
            listed = [*trunk.peers, *known.get(trunk.name, ())]
            self._networks[trunk.name] = [n for n in map(_network, listed) if n is not None]
        self._seen: OrderedDict[str, tuple[int, int]] = OrderedDict()
        self._told: deque[int] = deque()  # when, oldest first

    def networks(self) -> list[_Network]:
        """Everybody who may knock."""
        return list(dict.fromkeys(n for found in self._networks.values() for n in found))

    def trunk_at(self, source: str) -> list[str]:
        """Names of the trunks whose peer has this address; several may share one provider."""
        try:
            address = ipaddress.ip_address(host_of(source))
        except ValueError:
            return []
        mapped = getattr(address, "ipv4_mapped", None)
        address = mapped or address
        return [
            name
            for name, networks in self._networks.items()
            if any(
                network.version == address.version and address in network for network in networks
            )
        ]

    def stranger(self, source: str, asked: str, now_ms: int) -> Stranger | None:
        """Count a stranger; what is to be told of him, None while he was told of a moment ago."""
        address = host_of(source)
        told_ms, more = self._seen.pop(address, (now_ms - QUIET_MS, 0))
        while self._told and now_ms - self._told[0] >= QUIET_MS:
            self._told.popleft()
        due = now_ms - told_ms >= QUIET_MS and len(self._told) < MOST_TOLD
        self._seen[address] = (now_ms, 0) if due else (told_ms, more + 1)
        while len(self._seen) > MOST_SOURCES:
            self._seen.popitem(last=False)
        if not due:
            return None
        self._told.append(now_ms)
        return Stranger(at_ms=now_ms, address=address, asked=asked[:80], count=more + 1)


def place_of(numbers: Mapping[str, str], called: str) -> str | None:
    """Where calls to a dialled number go: exact numbers first, then the longest beginning.

    Empty when the table is, which leaves it to the line; None when it has no such number.
    """
    if not numbers:
        return ""
    bare = called.lstrip("+")
    for number, place in numbers.items():
        if not number.endswith("*") and number.lstrip("+") == bare:
            return place
    fits = [n for n in numbers if n.endswith("*") and bare.startswith(n[:-1].lstrip("+"))]
    return numbers[max(fits, key=len)] if fits else None


def _network(text: str) -> _Network | None:
    try:
        return ipaddress.ip_network(text.strip("[]"), strict=False)
    except ValueError:
        return None
