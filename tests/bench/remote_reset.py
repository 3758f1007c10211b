"""The card's reset line over the world's socket, with nothing heavy imported.

A daemon that is started again holds the card in reset before it does anything else, so that the
exchange lines are free at once; this module is what it needs for that.
"""

from __future__ import annotations

import json
import os
import socket
from pathlib import Path

SOCKET_NAME = "world.sock"


def connect(path: Path, device: str) -> socket.socket:
    """Open one device of the world; it is refused when the world does not know it."""
    link = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    link.connect(os.fspath(path))
    link.send(json.dumps({"device": device}).encode())
    answer = json.loads(link.recv(4096))
    if "refused" in answer:
        raise ConnectionRefusedError(f"{device}: {answer['refused']}")
    return link


class RemoteReset:
    """The card's reset line; True holds the chips."""

    def __init__(self, path: Path) -> None:
        self._link = connect(path, "reset")

    def __call__(self, held: bool) -> None:
        """Drive the line and wait until the chips have seen it."""
        self._link.send(b"1" if held else b"0")
        self._link.recv(16)
