"""Where a provider's name leads: its services in the domain name system (SRV, RFC 2782).

A question and the reading of its answer, as octets (RFC 1035, clause 4); nothing is sent here.
RFC 3263, clause 4.2: a name without a port is asked for its services, in their order; who does not
answer is passed over for the next.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterable
from typing import Final

import msgspec

SRV: Final = 33  # RFC 2782
INTERNET: Final = 1
RECURSION: Final = 0x0100  # RFC 1035, clause 4.1.1: RD
MOST_LABELS: Final = 128  # a name of 255 octets has no more; an answer that winds round is none
_HEAD: Final = struct.Struct("!6H")
_RECORD: Final = struct.Struct("!HHIH")
_SERVICE: Final = struct.Struct("!HHH")
LABELS: Final = {"udp": "_sip._udp", "tcp": "_sip._tcp", "tls": "_sips._tcp"}
"""RFC 3263, clause 4.1: how the service of each transport is called."""


class Service(msgspec.Struct, frozen=True, kw_only=True):
    """One machine that answers for a name."""

    priority: int
    weight: int
    port: int
    target: str


def question(host: str, transport: str, number: int) -> bytes:
    """The question for the services of a name.

    Raises:
        UnicodeError: the name has a label that no name may have.
    """
    name = f"{LABELS[transport]}.{host.rstrip('.')}"
    labels = [
        label.encode("idna") if label[:1] != "_" else label.encode() for label in _split(name)
    ]
    asked = b"".join(bytes([len(label)]) + label for label in labels)
    head = _HEAD.pack(number, RECURSION, 1, 0, 0, 0)
    return head + asked + b"\0" + struct.pack("!HH", SRV, INTERNET)


def _split(name: str) -> list[str]:
    return name.split(".")


def services_in(packet: bytes, number: int) -> tuple[Service, ...]:
    """Services that an answer names; none where it is another's, damaged, or says that none are."""
    try:
        return _read(packet, number)
    except (struct.error, IndexError, UnicodeDecodeError, ValueError):
        return ()


def _read(packet: bytes, number: int) -> tuple[Service, ...]:
    answered, flags, asked, answers, _, _ = _HEAD.unpack_from(packet)
    if answered != number or not flags & 0x8000 or flags & 0xF:
        return ()
    at = _HEAD.size
    for _ in range(asked):
        _, at = _name(packet, at)
        at += 4
    found = []
    for _ in range(answers):
        _, at = _name(packet, at)
        kind, _, _, length = _RECORD.unpack_from(packet, at)
        at += _RECORD.size
        if kind == SRV:
            priority, weight, port = _SERVICE.unpack_from(packet, at)
            target, _ = _name(packet, at + _SERVICE.size)
            if target:  # the root alone says: decidedly not available here (RFC 2782)
                found.append(Service(priority=priority, weight=weight, port=port, target=target))
        at += length
    return tuple(found)


def _name(packet: bytes, at: int) -> tuple[str, int]:
    """The name at a place, pointers followed, and where what is behind it begins."""
    labels: list[str] = []
    behind = 0
    for _ in range(MOST_LABELS):
        length = packet[at]
        if length & 0xC0 == 0xC0:  # RFC 1035, clause 4.1.4: the rest stands elsewhere
            behind = behind or at + 2
            at = (length & 0x3F) << 8 | packet[at + 1]
        elif length:
            labels.append(packet[at + 1 : at + 1 + length].decode("ascii"))
            at += 1 + length
        else:
            return ".".join(labels), behind or at + 1
    raise ValueError("a name without an end")


def in_order(services: Iterable[Service], draw: Callable[[], float]) -> tuple[Service, ...]:
    """As they are tried: the lowest priority first, among equals drawn by weight (RFC 2782)."""
    left = sorted(services, key=lambda one: (one.priority, one.weight, one.target, one.port))
    ordered: list[Service] = []
    while left:
        equals = [one for one in left if one.priority == left[0].priority]
        at = draw() * sum(one.weight for one in equals)
        for one in equals:
            at -= one.weight
            if at <= 0:
                break
        ordered.append(one)
        left.remove(one)
    return tuple(ordered)
