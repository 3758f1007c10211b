"""Tell the service manager that we are ready and that the work itself goes on.

The protocol is one datagram to the socket named in NOTIFY_SOCKET (sd_notify(3)); ten lines of it
need no library.
"""

from __future__ import annotations

import os
import socket


class Notifier:
    """Datagrams to the service manager; does nothing where there is none."""

    def __init__(self) -> None:
        address = os.environ.get("NOTIFY_SOCKET", "")
        self._socket: socket.socket | None = None
        if address:
            if address.startswith("@"):
                address = "\0" + address[1:]
            self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC)
            self._socket.connect(address)
            self._socket.setblocking(False)

    def ready(self) -> None:
        """Service is up."""
        self._send(b"READY=1")

    def alive(self) -> None:
        """Feed the watchdog; call this only from the loop that does the work."""
        self._send(b"WATCHDOG=1")

    def status(self, sentence: str) -> None:
        """One line for whoever looks at the service."""
        self._send(b"STATUS=" + sentence.encode())

    def _send(self, message: bytes) -> None:
        if self._socket is not None:
            try:
                self._socket.send(message)
            except OSError:
                # The manager is busy or gone; the work matters more than the report.
                return
