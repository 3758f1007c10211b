"""Serve the page behind its production server."""

from __future__ import annotations

import http.client
import logging
import os
import resource
import signal
import socket
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from types import FrameType

import waitress

from firmware.core.shapes import work_out
from web.app import create_app
from web.box import Box
from web.tls.front import Behind, Front, Origins
from web.tls.keeper import Keeper

log = logging.getLogger(__name__)

# The doors decide how many there are and how long they may be silent; the server's own limits lie
# above, for what they let in.
THREADS = 80  # a live page holds one; sixty may, and twenty are left for clicks
CONNECTIONS = 1_000  # more than the doors let in
DESCRIPTORS = 4_096
SECURE_PORT = 443  # of the sockets that the manager opens, the one for TLS
LOGS = "log"  # in the folder of the sockets: what the daemons said
HEADER_TIMEOUT_S = 20
SWITCH_S = 0.001
"""So soon a thread that works lets another go on; Python's own 5 ms add up over the five hands that
a click passes through while an export and fifty live pages work."""


FIRST_HANDED = 3  # sd_listen_fds(3): sockets that the service manager opened begin here
LOOK_S = 8.0  # how often the page looks at itself; the manager waits 30 s
HEALTH = "/sign-in"


def handed_sockets() -> list[socket.socket]:
    """Sockets that the service manager opened for this process, so that it needs no right to."""
    if os.environ.get("LISTEN_PID") != str(os.getpid()):
        return []
    count = int(os.environ.get("LISTEN_FDS", "0"))
    return [socket.socket(fileno=FIRST_HANDED + n) for n in range(count)]


class Pulse(threading.Thread):
    """Asks the page for a page, as a browser does, and reports that it lives when one came.

    The way is the one that people's requests go: door, queue, threads, templates. A server whose
    threads are all held is not alive, however well its process does.
    """

    def __init__(self, door: socket.socket, alive: Callable[[], None]) -> None:
        super().__init__(name="pulse", daemon=True)
        host, self._port = door.getsockname()[:2]
        self._host = "localhost" if host in {"::", "0.0.0.0"} else host  # noqa: S104  # asked, not bound
        self._alive = alive
        self._end = threading.Event()

    def run(self) -> None:
        """Look, report, wait."""
        while not self._end.wait(LOOK_S):
            if self.looks_well():
                self._alive()

    def looks_well(self) -> bool:
        """Whether a page came within the time between two looks."""
        asked = http.client.HTTPConnection(self._host, self._port, timeout=LOOK_S)
        try:
            asked.request("GET", HEALTH)
            answer = asked.getresponse()
            answer.read()
        except (OSError, http.client.HTTPException):
            return False
        else:
            return answer.status < 500  # RFC 9110: 5xx is the server's fault
        finally:
            asked.close()

    def stop(self) -> None:
        """No more looks."""
        self._end.set()


def bound(address: str) -> socket.socket:
    """A socket at ``host:port``; port 0 is whatever is free."""
    host, _, port = address.rpartition(":")
    host = host.strip("[]")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    sock = socket.socket(family)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    sock.bind((host, int(port)))
    return sock


def nothing() -> None:
    """Nobody wants to know."""


def serve(
    *,
    run_folder: Path,
    data_folder: Path,
    address: str,
    ready: Callable[[], None] = nothing,
    alive: Callable[[], None] = nothing,
    own_address: Callable[[], str] = str,
) -> None:
    """Serve until SIGTERM.

    Args:
        run_folder: where call control listens.
        data_folder: where the records are.
        address: ``host:port``, unless the service manager opened the socket.
        ready: called once when pages can be asked for.
        alive: called again and again while they come.
        own_address: tells the box's address on the office's network, for its certificate.

    Raises:
        SystemExit: the address cannot be used (1), or the end was asked for (0).
    """
    sys.setswitchinterval(SWITCH_S)
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(DESCRIPTORS, most), most))
    box = Box(run_folder)
    handed = handed_sockets()
    secure = [sock for sock in handed if sock.getsockname()[1] == SECURE_PORT]
    keeper = Keeper(data_folder / "page", own_address) if secure else None
    origins: Origins = {}
    inner = bound("127.0.0.1:0")
    try:
        plain = [sock for sock in handed if sock not in secure] or [bound(address)]
        app = create_app(box, data_folder, logs=run_folder / LOGS, keeper=keeper)
        server = waitress.create_server(
            Behind(app, origins),
            sockets=[inner],
            threads=THREADS,
            connection_limit=CONNECTIONS,
            channel_timeout=HEADER_TIMEOUT_S,
            asyncore_use_poll=True,  # select(2) ends at 1024 descriptors
            ident=None,
        )
    except OSError as problem:
        log.error("page_address %s cannot be used: %s", address, problem.strerror)
        raise SystemExit(1) from None
    work_out()
    box.start()
    Front(plain, secure, keeper, inner.getsockname()[1], origins).start()
    pulse = Pulse(plain[0], alive)
    pulse.start()
    ready()

    def end(_number: int, _frame: FrameType | None) -> None:
        box.stop()
        pulse.stop()
        # The server's loop lets its threads finish: streams see that the box has stopped.
        raise SystemExit(0)

    logging.getLogger("waitress").setLevel(logging.WARNING)  # a browser that leaves is no news
    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)
    server.run()
