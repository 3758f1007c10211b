"""The library asks here for addresses, and is never made to wait for a server of names.

Left alone it looks names up itself, on the thread that does everything: a server of names that is
silent would stop every trunk for as long as it is asked. So it gets what ``names`` knows, at once;
a name that nobody knows yet is an address that cannot be reached, and the next way is tried.
"""

from __future__ import annotations

import ctypes
import ipaddress
import logging
import socket
import struct
from collections.abc import Callable
from typing import Any, Final

log = logging.getLogger(__name__)

MOST: Final = 32  # PJSIP_MAX_RESOLVED_ADDRESSES of pjsip/sip_config.h, the larger of its two values
MOST_TOLD: Final = 8
FOUND: Final = 0
UNKNOWN: Final = 70_018  # PJ_ERESOLVE of pj/errno.h
UDP, TCP, TLS = 1, 2, 3  # pjsip_transport_type_e of pjsip/sip_types.h
RELIABLE, SECURE = 1, 2  # pjsip_transport_flags_e, same place
PORTS: Final = {UDP: 5_060, TCP: 5_060, TLS: 5_061}  # RFC 3261, clause 19.1.2
ADDRESS_BYTES: Final = 28  # pj_sockaddr holds a sockaddr_in6


class _Text(ctypes.Structure):
    """``pj_str_t`` of pj/types.h."""

    _fields_ = (("at", ctypes.c_void_p), ("size", ctypes.c_ssize_t))


class _Target(ctypes.Structure):
    """``pjsip_host_info`` of pjsip/sip_types.h."""

    _fields_ = (
        ("flag", ctypes.c_uint),
        ("type", ctypes.c_int),
        ("host", _Text),
        ("port", ctypes.c_int),
    )


class _Record(ctypes.Structure):
    """``pjsip_server_address_record`` of pjsip/sip_resolve.h."""

    _fields_ = (
        ("name", _Text),
        ("type", ctypes.c_int),
        ("priority", ctypes.c_uint),
        ("weight", ctypes.c_uint),
        ("address", ctypes.c_uint32 * (ADDRESS_BYTES // 4)),
        ("size", ctypes.c_int),
    )


class _Addresses(ctypes.Structure):
    """``pjsip_server_addresses`` of pjsip/sip_resolve.h."""

    _fields_ = (("count", ctypes.c_uint), ("entry", _Record * MOST))


_ANSWER = ctypes.CFUNCTYPE(None, ctypes.c_int, ctypes.c_void_p, ctypes.POINTER(_Addresses))
_RESOLVE = ctypes.CFUNCTYPE(
    None,
    ctypes.c_void_p,
    ctypes.c_void_p,
    ctypes.POINTER(_Target),
    ctypes.c_void_p,
    ctypes.c_void_p,
)


class _Resolver(ctypes.Structure):
    """``pjsip_ext_resolver`` of pjsip/sip_resolve.h."""

    _fields_ = (("resolve", _RESOLVE),)


class Resolver:
    """Stands in for the library's own look-up, from its start to its end.

    Args:
        library: Its C face, after ``libInit``.
        known: Addresses that a name stands for, as far as they are known; must not wait.
    """

    def __init__(self, library: ctypes.CDLL, known: Callable[[str], tuple[str, ...]]) -> None:
        self._known = known
        self._callback = _RESOLVE(self._resolve)  # kept: the library holds their addresses
        self._face = _Resolver(self._callback)
        library.pjsua_get_pjsip_endpt.restype = ctypes.c_void_p
        stand_in = library.pjsip_endpt_set_ext_resolver
        stand_in.argtypes = (ctypes.c_void_p, ctypes.c_void_p)
        stand_in(library.pjsua_get_pjsip_endpt(), ctypes.addressof(self._face))

    def _resolve(self, _resolver: Any, _pool: Any, target: Any, token: Any, answer: Any) -> None:
        found = _Addresses()
        try:
            self._fill(found, target.contents)
        except Exception:  # nothing may pass into the library
            log.exception("an address could not be told")
            found.count = 0
        _ANSWER(answer)(FOUND if found.count else UNKNOWN, token, ctypes.byref(found))

    def _fill(self, found: _Addresses, target: _Target) -> None:
        host = ctypes.string_at(target.host.at, target.host.size).decode("ascii", "replace")
        transport = target.type
        if not transport:
            kinds = {0: UDP, RELIABLE: TCP}
            transport = TLS if target.flag & SECURE else kinds[target.flag & RELIABLE]
        addresses = addresses_of(host, self._known)
        for one, address in zip(found.entry, addresses[:MOST_TOLD], strict=False):
            port = target.port or PORTS.get(transport, PORTS[UDP])
            packed = struct.pack("=H", socket.AF_INET) + struct.pack("!H4s", port, address)
            ctypes.memmove(one.address, packed, len(packed))
            one.type, one.size = transport, 16  # of a sockaddr_in
            found.count += 1


def addresses_of(host: str, known: Callable[[str], tuple[str, ...]]) -> list[bytes]:
    """IPv4 addresses of a host, in four octets each; the library is made to speak nothing else."""
    try:
        address = ipaddress.ip_address(host.strip("[]"))
        told: tuple[str, ...] = (str(address),)
    except ValueError:
        told = known(host)
    found = [ipaddress.ip_address(one) for one in told]
    return [one.packed for one in found if one.version == 4]
