"""What hosts' names stand for, looked up on threads of their own and never waited for."""

from __future__ import annotations

import ipaddress
import logging
import random
import secrets
import socket
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from firmware.sip.services import in_order, question, services_in

log = logging.getLogger(__name__)

RESOLV: Final = Path("/etc/resolv.conf")
ASK_S: Final = 2.0
MOST_SERVERS: Final = 3  # resolv.conf(5), MAXNS
LONGEST_ANSWER: Final = 4_096
MOST_ASKED: Final = 64
"""Names looked up within a minute, chosen: trunks have eight; what far sides name in their messages
comes on top, and none of them may have us ask for thousands."""
MOST_KNOWN: Final = 512

Place = tuple[str, int]


class Names:
    """Names of far sides.

    Args:
        servers: Of names, with their ports; those of the machine if nothing is said.
        patience_s: How long one of them is waited for.
    """

    def __init__(
        self, servers: Sequence[Place] | None = None, *, patience_s: float = ASK_S
    ) -> None:
        self._servers = servers
        self._patience_s = patience_s
        self._known: dict[str, tuple[str, ...]] = {}
        self._services: dict[tuple[str, str], tuple[Place, ...]] = {}
        self._asked: set[object] = set()
        self.changed = False

    def __call__(self, host: str) -> tuple[str, ...]:
        """Addresses as far as they are known; the first question begins the look-up."""
        if host not in self._asked and len(self._asked) < MOST_ASKED:
            self._asked.add(host)
            threading.Thread(target=self._look_up, args=(host,), daemon=True).start()
        return self._known.get(host, ())

    def services(self, host: str, transport: str) -> tuple[Place, ...]:
        """Machines and ports that answer for a name, as they are tried; known as addresses are."""
        key = (host, transport)
        if key not in self._asked:
            self._asked.add(key)
            threading.Thread(target=self._look_for, args=key, daemon=True).start()
        return self._services.get(key, ())

    def again(self) -> None:
        """Let every name be asked for anew."""
        self._asked.clear()

    def _look_up(self, host: str) -> None:
        try:
            found = socket.getaddrinfo(host, None, type=socket.SOCK_DGRAM)
        except (OSError, UnicodeError) as error:
            log.warning("the name %s cannot be looked up: %s", host, error)
            return
        addresses = tuple(sorted({str(entry[4][0]) for entry in found}))
        room = host in self._known or len(self._known) < MOST_KNOWN
        if room and self._known.get(host) != addresses:
            self._known[host] = addresses
            self.changed = True

    def _look_for(self, host: str, transport: str) -> None:
        for server in self._servers if self._servers is not None else machine_servers():
            number = secrets.randbits(16)
            try:
                asked = question(host, transport, number)
                with socket.socket(_family(server[0]), socket.SOCK_DGRAM) as wire:
                    wire.settimeout(self._patience_s)
                    wire.connect(server)
                    wire.send(asked)
                    packet = wire.recv(LONGEST_ANSWER)
            except (OSError, UnicodeError) as error:
                log.info("services of %s were not told by %s: %s", host, server[0], error)
                continue
            ordered = in_order(services_in(packet, number), random.random)
            found = tuple((one.target, one.port) for one in ordered)
            # Their order is drawn anew with every look-up: what is in use is not changed for that.
            if set(found) != set(self._services.get((host, transport), ())):
                self._services[host, transport] = found
                self.changed = True
            return


def machine_servers(path: Path = RESOLV) -> tuple[Place, ...]:
    """Servers of names as resolv.conf(5) lists them."""
    try:
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return ()
    named = [line.split()[1] for line in lines if line.startswith("nameserver ")]
    return tuple((server, 53) for server in named[:MOST_SERVERS])


def _family(address: str) -> socket.AddressFamily:
    version = ipaddress.ip_address(address.partition("%")[0]).version
    return socket.AF_INET if version == 4 else socket.AF_INET6
