"""Who may connect (TCP, TLS): peers of the trunks, and over TLS only who proves to be the host.

A stranger's connection would be taken by the kernel before the library knows of it, and five
hundred that say nothing would leave no socket for sound. So the listening sockets carry a filter
of the kernel (as the sound has, ``sound_gate``): to whoever is no peer there is no port at all.
What it turned away is counted by the kernel, without an address. The library lets go of peers that
say nothing whole within 10 s (``image/pjproject/config_site.h``).
"""

from __future__ import annotations

import contextlib
import ctypes
import ipaddress
import socket
import struct
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, Final

from cryptography import x509

from firmware.daemons.trunk.calls import safely
from firmware.daemons.trunk.library import native
from firmware.daemons.trunk.sound_gate import (
    EQUALS,
    INSTRUCTION,
    LOAD,
    NETWORK_HEADER,
    RETURN,
    SO_ATTACH_FILTER,
    SOURCE_AT,
    second,
)

AND: Final = 0x54  # BPF_ALU | BPF_AND | BPF_K of linux/bpf_common.h
WHOLE: Final = 0xFFFF_FFFF  # nothing of a segment is cut off
SO_MEMINFO: Final = 55  # asm-generic/socket.h
DROPS_AT: Final = 8  # SK_MEMINFO_DROPS of linux/sock_diag.h
MEMINFO: Final = struct.Struct("=9I")
WAITING: Final = 128
"""Connections that wait to be taken (listen(2)). The library asks for five: the sixth at once would
have to ask again, a second later."""
HANDSHAKE_MS: Final = 5_000  # chosen: a TLS handshake across the world takes one

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def program(networks: Iterable[Network]) -> bytes:
    """Instructions that let pass what comes from one of these IPv4 networks, and nothing else."""
    made = b""
    for network in networks:
        if network.version != 4:
            continue  # the library listens by IPv4 alone
        address, mask = int(network.network_address), int(network.netmask)
        made += INSTRUCTION.pack(LOAD, 0, 0, NETWORK_HEADER + SOURCE_AT[4])
        made += INSTRUCTION.pack(AND, 0, 0, mask)
        made += INSTRUCTION.pack(EQUALS, 0, 1, address)
        made += INSTRUCTION.pack(RETURN, 0, 0, WHOLE)
    return made + INSTRUCTION.pack(RETURN, 0, 0, 0)


def listeners(ports: Iterable[int]) -> Iterator[socket.socket]:
    """Listening TCP sockets of this process at these ports, each to be used at once."""
    wanted = set(ports)
    for entry in list(Path("/proc/self/fd").iterdir()):
        with contextlib.suppress(OSError), second(int(entry.name)) as own:
            if own.type != socket.SOCK_STREAM or own.family != socket.AF_INET:
                continue
            if own.getsockname()[1] in wanted and own.getsockopt(
                socket.SOL_SOCKET, socket.SO_ACCEPTCONN
            ):
                yield own


def only_peers(ports: Iterable[int], networks: Iterable[Network]) -> int:
    """Let these networks connect and nobody else; how many listeners were told."""
    code = program(networks)
    buffer = ctypes.create_string_buffer(code, len(code))
    filters = struct.pack("@HP", len(code) // INSTRUCTION.size, ctypes.addressof(buffer))
    told = 0
    for one in listeners(ports):
        one.setsockopt(socket.SOL_SOCKET, SO_ATTACH_FILTER, filters)
        one.listen(WAITING)
        told += 1
    return told


def turned_away(ports: Iterable[int]) -> int:
    """Packets that listeners dropped since they listen."""
    found = 0
    for one in listeners(ports):
        found += MEMINFO.unpack(one.getsockopt(socket.SOL_SOCKET, SO_MEMINFO, MEMINFO.size))[
            DROPS_AT
        ]
    return found


def named_in(certificate: str) -> tuple[str, ...]:
    """Names and addresses that a certificate stands for (PEM); its common name if it has none."""
    try:
        found = x509.load_pem_x509_certificate(certificate.encode())
        try:
            others = found.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
            addresses = map(str, others.get_values_for_type(x509.IPAddress))
            return (*others.get_values_for_type(x509.DNSName), *addresses)
        except x509.ExtensionNotFound:
            common = found.subject.get_attributes_for_oid(x509.NameOID.COMMON_NAME)
            return tuple(str(one.value) for one in common)
    except ValueError:
        return ()


def endpoint_class(module: Any) -> type:
    """The class of the library itself, made when it is there."""
    shut = native(module).pjsip_transport_shutdown2
    shut.argtypes = (ctypes.c_void_p, ctypes.c_int)

    class Door(module.Endpoint):  # type: ignore[misc]  # made at run time
        """Tells of TLS connections, whose going on ``proves`` decides, and of calls ``refused``."""

        proves: Callable[[str, tuple[str, ...], str], bool] | None = None
        refused: Callable[[str, int], None] | None = None

        @safely
        def onTransportState(self, prm: Any) -> None:  # noqa: N802 - the library's name
            if self.proves is None or prm.tlsInfo.isEmpty():
                return
            faults = (
                [str(one) for one in prm.tlsInfo.verifyMsgs] if prm.tlsInfo.verifyStatus else []
            )
            named = named_in(str(prm.tlsInfo.remoteCertInfo.raw))
            if (
                not self.proves(str(prm.tlsInfo.remoteAddr), named, "; ".join(faults))
                and not faults
            ):
                shut(int(prm.hnd), 1)  # of a faulty one the library has let go itself

        @safely
        def onRejectedIncomingCall(self, prm: Any) -> None:  # noqa: N802 - the library's name
            if self.refused is not None:
                self.refused(str(prm.rdata.srcAddress), int(prm.statusCode))

    return Door
