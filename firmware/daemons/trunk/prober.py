"""Tests the network to a trunk's far side: a thread of its own with a socket of its own.

It works without the library: an office may ask before a trunk is opened, and on a machine that has
no library at all. Questions are never sent twice, so that what is lost counts as lost.
"""

from __future__ import annotations

import secrets
import select
import socket
import ssl
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

import msgspec

from firmware.core.sip_settings import SipTrunk
from firmware.daemons.trunk.accounts import PORTS
from firmware.daemons.trunk.trust import context
from firmware.sip.network import LONGEST_MS, PROBES, NetworkFound, Question, codecs_in

EVERY_S: Final = 0.1
CONNECT_S: Final = 4.0  # RFC 3261's patience is 32 s; who tests a network waits for it
LONGEST_MESSAGE: Final = 65_535

Wire = socket.socket | ssl.SSLSocket


class Prober:
    """Tests trunks, each on a thread.

    Args:
        certificates: File of those who may vouch for a far side; None for the machine's own.
    """

    def __init__(self, certificates: Path | None = None) -> None:
        self._certificates = certificates
        self._lock = threading.Lock()
        self._found: list[tuple[int, NetworkFound]] = []

    def begin(self, ask: int, trunk: SipTrunk, probes: int = PROBES) -> None:
        """Test a trunk; :meth:`take` gives what was found."""
        work = threading.Thread(target=self._test, args=(ask, trunk, probes), daemon=True)
        work.start()

    def take(self) -> list[tuple[int, NetworkFound]]:
        """What was found since this was asked last, with the number of the asking."""
        with self._lock:
            found, self._found = self._found, []
        return found

    def _test(self, ask: int, trunk: SipTrunk, probes: int) -> None:
        found = probe(trunk, probes, self._certificates, time.monotonic)
        with self._lock:
            self._found.append((ask, found))


def probe(
    trunk: SipTrunk, probes: int, certificates: Path | None, clock: Callable[[], float]
) -> NetworkFound:
    """Ask a trunk's far side so often whether it is there; takes as long as that takes."""
    host = trunk.host.strip("[]")
    base = NetworkFound(trunk=trunk.name, host=trunk.host, transport=trunk.transport)
    port = trunk.port or PORTS[trunk.transport]
    kind = socket.SOCK_DGRAM if trunk.transport == "udp" else socket.SOCK_STREAM
    try:
        found = socket.getaddrinfo(host, port, type=kind)
    except OSError as error:
        return _with(base, problem=error.strerror or str(error))
    base = _with(base, addresses=tuple(dict.fromkeys(str(entry[4][0]) for entry in found)))
    try:
        with _connected(trunk, found[0], certificates) as wire:
            return _ask(base, trunk, wire, probes, clock)
    except ssl.SSLCertVerificationError as error:
        return _with(base, problem=error.verify_message, certificate=True)
    except TimeoutError:
        return _with(base, problem=f"no answer within {CONNECT_S:.0f} s")
    except OSError as error:
        return _with(base, problem=error.strerror or str(error))


def _connected(trunk: SipTrunk, entry: tuple, certificates: Path | None) -> Wire:  # type: ignore[type-arg]  # as getaddrinfo has it
    family, kind, _, _, address = entry
    plain = socket.socket(family, kind)
    try:
        plain.settimeout(CONNECT_S)
        plain.connect(address)
        if trunk.transport != "tls":
            return plain
        trusts = context(certificates, check=trunk.check_certificate)
        return trusts.wrap_socket(plain, server_hostname=trunk.host.strip("[]"))
    except BaseException:
        plain.close()
        raise


def _ask(
    base: NetworkFound, trunk: SipTrunk, wire: Wire, probes: int, clock: Callable[[], float]
) -> NetworkFound:
    own_host, own_port = wire.getsockname()[:2]
    own = f"[{own_host}]:{own_port}" if ":" in own_host else f"{own_host}:{own_port}"
    question = Question(
        host=trunk.host,
        transport=trunk.transport,
        own=own,
        user=trunk.user,
        mark=secrets.token_hex(8),
    )
    wire.setblocking(False)
    sent: dict[int, float] = {}
    trips: dict[int, float] = {}
    code, problem = 0, ""
    codecs: tuple[str, ...] = ()
    begun = clock()
    end = begun + probes * EVERY_S + LONGEST_MS / 1_000
    stream = ""
    while clock() < end and len(trips) < probes:
        due = begun + len(sent) * EVERY_S
        if len(sent) < probes and clock() >= due:
            number = len(sent) + 1
            sent[number] = clock()
            try:
                wire.send(question.text(number).encode())
            except BlockingIOError:
                pass  # as lost as it would be on the way
            except OSError as error:
                problem = error.strerror or str(error)
                break
        wait_s = max(0.0, min(end, due if len(sent) < probes else end) - clock())
        stream, messages, ended = _heard(wire, stream, wait_s, datagrams=trunk.transport == "udp")
        now = clock()
        for message in messages:
            answer = question.answered(message)
            if answer is None or answer[0] not in sent or answer[0] in trips:
                continue
            trip_ms = 1_000 * (now - sent[answer[0]])
            if trip_ms <= LONGEST_MS:
                trips[answer[0]], code = round(trip_ms, 1), answer[1]
                codecs = codecs_in(message) or codecs
        if ended:
            problem = ended
            break
    return _with(
        base,
        sent=len(sent),
        trips_ms=tuple(trips[number] for number in sorted(trips)),
        code=code,
        codecs=codecs,
        problem="" if trips else problem,
    )


def _heard(
    wire: Wire, stream: str, wait_s: float, *, datagrams: bool
) -> tuple[str, list[str], str]:
    """What came within a time: the rest of the stream, whole messages, why nothing more comes."""
    pending = isinstance(wire, ssl.SSLSocket) and wire.pending()
    if not pending and not select.select([wire], [], [], wait_s)[0]:
        return stream, [], ""
    try:
        packet = wire.recv(LONGEST_MESSAGE)
    except (BlockingIOError, ssl.SSLWantReadError):
        return stream, [], ""
    except OSError as error:
        return stream, [], error.strerror or str(error)
    text = packet.decode(errors="replace")
    if datagrams:
        return "", [text], ""
    if not packet:
        return stream, [], "the far side closed the connection"
    return _split(stream + text)


def _split(stream: str) -> tuple[str, list[str], str]:
    """Whole messages of a stream, by their Content-Length (RFC 3261, clause 20.14)."""
    messages = []
    while "\r\n\r\n" in stream:
        head, _, rest = stream.partition("\r\n\r\n")
        length = 0
        for line in head.split("\r\n"):
            name, _, value = line.partition(":")
            if name.strip().lower() in {"content-length", "l"} and value.strip().isdigit():
                length = int(value)
        if len(rest) < length:
            break
        messages.append(f"{head}\r\n\r\n{rest[:length]}")
        stream = rest[length:].lstrip("\r\n")
    return stream, messages, ""


def _with(found: NetworkFound, **fields: object) -> NetworkFound:
    return msgspec.structs.replace(found, **fields)
