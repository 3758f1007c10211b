"""Sound is heard from whom the signalling named, and from nobody else.

The library sends sound only where the signalling says (it is built so), but plays whatever comes
to its port: a stranger who finds the port, out of a few dozen, would speak into a conversation.
Before any packet reaches it the kernel asks a filter on the very socket for the sender's address:
bpf(4)'s classic instructions, attached as socket(7) has it. The port is not asked for, since a far
side may send from another one than it hears on (RFC 4961 only recommends the same).
"""

from __future__ import annotations

import contextlib
import ctypes
import ipaddress
import os
import socket
import struct
from pathlib import Path
from typing import Final

SO_ATTACH_FILTER: Final = 26  # asm-generic/socket.h
NETWORK_HEADER: Final = 0xFFF00000  # linux/filter.h: SKF_NET_OFF
LOAD, EQUALS, RETURN = 0x20, 0x15, 0x06  # ld word absolute; jeq constant; ret constant
SOURCE_AT: Final = {4: 12, 6: 8}  # of the address in the header: RFC 791, RFC 8200
ALL: Final = 0xFFFF
FAMILIES: Final = frozenset({socket.AF_INET, socket.AF_INET6})
INSTRUCTION: Final = struct.Struct("=HBBI")

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


def program(addresses: list[Address]) -> bytes:
    """Instructions that let pass what comes from one of these addresses."""
    made = b""
    for address in addresses:
        words = [
            int.from_bytes(address.packed[n : n + 4], "big")
            for n in range(0, len(address.packed), 4)
        ]
        for number, word in enumerate(words):
            # A word that differs leads behind this address's own yes.
            left = 2 * (len(words) - 1 - number) + 1
            at = NETWORK_HEADER + SOURCE_AT[address.version] + 4 * number
            made += INSTRUCTION.pack(LOAD, 0, 0, at)
            made += INSTRUCTION.pack(EQUALS, 0, left, word)
        made += INSTRUCTION.pack(RETURN, 0, 0, ALL)
    return made + INSTRUCTION.pack(RETURN, 0, 0, 0)


def only_from(local: str, *remote: str) -> int:
    """Let sound and its reports in from these addresses alone.

    Args:
        local: Where this process hears the sound, ``192.0.2.9:10000``; reports come one above.
        remote: Who may send, as ``address:port`` or bare; what is no address or stands for none
            (``0.0.0.0``, a call that is held) is left out, and with nobody left nothing changes.

    Returns:
        How many sockets were told.
    """
    wanted = list(dict.fromkeys(a for a in map(_address, remote) if a is not None))
    port = _port(local)
    if not wanted or not port:
        return 0
    # One kind of header at a time: a socket hears one of them.
    version = wanted[0].version
    code = program([address for address in wanted if address.version == version])
    buffer = ctypes.create_string_buffer(code, len(code))
    filters = struct.pack("@HP", len(code) // INSTRUCTION.size, ctypes.addressof(buffer))
    told = 0
    for entry in Path("/proc/self/fd").iterdir():
        with contextlib.suppress(OSError), second(int(entry.name)) as own:
            hears = own.type == socket.SOCK_DGRAM and own.family in FAMILIES
            if hears and own.getsockname()[1] in {port, port + 1}:
                own.setsockopt(socket.SOL_SOCKET, SO_ATTACH_FILTER, filters)
                told += 1
    return told


def second(descriptor: int) -> socket.socket:
    """The same socket once more, to be closed; ``OSError`` if it is none, and nothing is left."""
    copy = os.dup(descriptor)
    try:
        return socket.socket(fileno=copy)
    except OSError:
        os.close(copy)
        raise


def _address(text: str) -> Address | None:
    host = text.strip()
    if host.startswith("["):
        host = host[1:].partition("]")[0]
    elif host.count(":") == 1:
        host = host.partition(":")[0]
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return None
    return None if address.is_unspecified else address


def _port(text: str) -> int:
    digits = text.rpartition(":")[2]
    return int(digits) if digits.isdigit() else 0
