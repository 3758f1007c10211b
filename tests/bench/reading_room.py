"""Displays of the running town read in a process of their own.

To find a caller's number in two seconds of sound takes tens of milliseconds; the town's highway may
not stop for so long, since a genuine one never does. A process and not a thread: an ordinary thread
that holds the interpreter would hold up the one with real-time priority.
"""

from __future__ import annotations

import os
import pickle
import signal
import socket
from collections import deque
from collections.abc import Callable

import numpy as np

from tests.bench.town import Town
from tests.bench.world.copper import Samples
from tests.bench.world.display import Found, read_at_once, read_span

MOST_BYTES = 1 << 20  # a display keeps five seconds: 160 kB


class ReadingRoom:
    """One reader for all displays; what is found is told in the order of asking."""

    def __init__(self, town: Town) -> None:
        """Begin before this process takes real-time priority: the reader shall have none."""
        self._desk, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._waiting: deque[Callable[[Found], None]] = deque()
        if os.fork() == 0:
            self._desk.close()
            _read_until_closed(theirs)
            os._exit(0)
        theirs.close()
        self._desk.setblocking(False)
        for telephone in town.telephones:
            telephone.display.reader = self._read

    def _read(self, sound: Samples, tell: Callable[[Found], None]) -> None:
        try:
            self._desk.send(sound.astype(np.float32).tobytes())
        except OSError:
            read_at_once(sound, tell)  # better late than never
            return
        self._waiting.append(tell)

    def turn(self) -> None:
        """Tell what has been found; called once a block."""
        if not self._waiting:
            return
        try:
            answer = self._desk.recv(MOST_BYTES)
        except BlockingIOError:
            return
        tell = self._waiting.popleft()
        if answer:
            tell(pickle.loads(answer))  # noqa: S301  # our own child wrote it


def _read_until_closed(desk: socket.socket) -> None:
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)  # it ends when the town closes the desk
    while sound := desk.recv(MOST_BYTES):
        desk.send(pickle.dumps(read_span(np.frombuffer(sound, np.float32))))
