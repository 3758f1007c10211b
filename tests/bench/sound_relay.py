"""A bad network for the sound of a call: a UDP relay that loses and delays packets by its seed.

It stands between a :class:`tests.bench.sip_peer.SipPeer` and the box, both ways alike. Loss is
drawn per packet, delay evenly between nothing and ``jitter_ms``; packets keep their order, as on
one path through one queue.
"""

from __future__ import annotations

import heapq
import random
import select
import socket
import threading
import time
from typing import Self

Address = tuple[str, int]


class SoundRelay:
    """Two ports on loopback: what comes in at one goes out at the other, or is lost.

    Args:
        loss_share: Of packets, 0 to 1.
        jitter_ms: Longest delay.
        seed: Of the draws.
    """

    def __init__(self, loss_share: float, jitter_ms: float, seed: int) -> None:
        self.loss_share = loss_share
        self.jitter_ms = jitter_ms
        self.passed = self.lost = 0
        self._random = random.Random(seed)
        self._sides = [self._bound(), self._bound()]
        self._ends: list[Address | None] = [None, None]  # behind each side
        self._waiting: list[tuple[float, int, int, bytes]] = []
        self._last = [0.0, 0.0]
        self._count = 0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    @staticmethod
    def _bound() -> socket.socket:
        made = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        made.bind(("127.0.0.1", 0))
        made.setblocking(False)
        return made

    @property
    def peer_side(self) -> Address:
        """Where the peer sends its sound."""
        return self._sides[0].getsockname()

    @property
    def box_side(self) -> Address:
        """What the peer tells the box as its own place."""
        return self._sides[1].getsockname()

    def join(self, peer: Address, box: Address) -> None:
        """Say who stands behind each side."""
        self._ends = [peer, box]

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join(2)
        for side in self._sides:
            side.close()

    def _run(self) -> None:
        while not self._stop.is_set():
            wait_s = 0.05
            if self._waiting:
                wait_s = min(wait_s, max(0.0, self._waiting[0][0] - time.monotonic()))
            for side in select.select(self._sides, [], [], wait_s)[0]:
                self._take(self._sides.index(side))
            while self._waiting and self._waiting[0][0] <= time.monotonic():
                _, _, out, packet = heapq.heappop(self._waiting)
                end = self._ends[out]
                if end is not None:
                    self._sides[out].sendto(packet, end)

    def _take(self, came: int) -> None:
        try:
            packet = self._sides[came].recv(2_048)
        except OSError:
            return
        if self._random.random() < self.loss_share:
            self.lost += 1
            return
        self.passed += 1
        due = time.monotonic() + self._random.uniform(0.0, self.jitter_ms) / 1_000
        due = self._last[came] = max(due, self._last[came])
        self._count += 1
        heapq.heappush(self._waiting, (due, self._count, 1 - came, packet))
