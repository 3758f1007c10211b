"""What a poll of the card costs: bytes on the bus and time in Python."""

from __future__ import annotations

import time

from drivers.bus import SpiBus
from tests.bench.figures.figure import Figure, of
from tests.unit.drivers.rig import Rig

ROUNDS = 7
POLLS = 2000
LIMIT_US = 150.0  # the aim for 4 + 4 ports on a desk machine, framing included


class ReplayBus:
    """A bus that costs nothing: it answers a frame as the chips last answered it."""

    def __init__(self, inner: SpiBus) -> None:
        self.inner = inner
        self.known: dict[bytes, bytes] = {}
        self.replaying = False
        self.bytes = 0
        self.exchanges = 0

    def exchange(self, data: bytes) -> bytes:
        """From memory, or from the chips the first time."""
        self.bytes += len(data)
        self.exchanges += 1
        if self.replaying:
            found = self.known.get(data)
            if found is not None:
                return found
        answer = self.inner.exchange(data)
        self.known[data] = answer
        return answer


def figures() -> list[Figure]:
    """Quiet polls of one, two and four ports of each kind."""
    rows: list[Figure] = []
    for ports in (1, 2, 4):
        buses: list[ReplayBus] = []

        def wrap(bus: SpiBus, buses: list[ReplayBus] = buses) -> SpiBus:
            buses.append(ReplayBus(bus))
            return buses[-1]

        rig = Rig(("si3215",) * ports, ports, wrap=wrap).up()
        for bus in buses:
            bus.replaying = True
        rig.run(5000)
        sizes, times = [], []
        now = rig.now_ms
        for _ in range(ROUNDS):
            for bus in buses:
                bus.bytes = 0
            began = time.thread_time()
            for _ in range(POLLS):
                now += 10
                rig.card.poll(now)
            times.append((time.thread_time() - began) / POLLS * 1e6)
            sizes.append(sum(bus.bytes for bus in buses) / POLLS)
        name = f"{ports}+{ports} ports"
        rows += [
            of(f"SPI bytes per poll, {name}", "bytes", sizes, "511 in one ioctl per chain"),
            of(
                f"Python per quiet poll, {name}",
                "us",
                times,
                f"limit {LIMIT_US:.0f} us of processor time, bus costs nothing",
                LIMIT_US,
            ),
        ]
    return rows
