"""Start a program with open sockets, as the service manager does (sd_listen_fds(3)).

``python -m tests.bench.handed HOST:PORT,HOST:PORT PROGRAM ARGUMENT...``: the program takes this
process's place and finds the sockets from descriptor 3 on. A port under 1024 needs the right to it.
"""

from __future__ import annotations

import os
import socket
import sys
from typing import NoReturn

FIRST = 3


def hand_over(addresses: list[str], command: list[str]) -> NoReturn:
    """Open, hand over, become the program."""
    opened = []
    for address in addresses:
        host, _, port = address.rpartition(":")
        sock = socket.socket()
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind((host, int(port)))
        sock.listen(64)
        opened.append(sock)
    spare = [os.dup2(sock.fileno(), 100 + n) for n, sock in enumerate(opened)]
    for number, descriptor in enumerate(spare):
        os.dup2(descriptor, FIRST + number, inheritable=True)
    os.environ["LISTEN_PID"] = str(os.getpid())
    os.environ["LISTEN_FDS"] = str(len(opened))
    os.execv(command[0], command)  # noqa: S606  # no shell is wanted


if __name__ == "__main__":
    hand_over(sys.argv[1].split(","), sys.argv[2:])
