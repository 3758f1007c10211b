"""The code under test for ``spi_testbed``: the unmodified card on the genuine spidev module.

Brings the card up over ``/dev/spidev0.0`` and ``0.1``, polls it for a while, and prints one line of
JSON with what became of each port.
"""

from __future__ import annotations

import json
import time

import spidev

from drivers.card import Card
from drivers.line import PortFailed, PortReady, Seize
from drivers.spidev_bus import SpidevBus

UP_S = 20.0
POLL_S = 0.02


def main() -> None:
    """Bring up, seize a line, tell."""
    ports = [f"{kind}/{n}" for kind in ("fxs", "fxo") for n in range(1, 5)]
    card = Card(
        fxs=SpidevBus("/dev/spidev0.0", 4_000_000),
        fxo=SpidevBus("/dev/spidev0.1", 4_000_000),
        fxs_chip="si3215",
        fxs_count=4,
        fxo_count=4,
        slots={port: slot for slot, port in enumerate(ports)},
        country="CN",
        law="a",
        reset=lambda _held: None,  # the testbed has released the chips already
    )
    begin = time.monotonic()

    def now_ms() -> int:
        return int((time.monotonic() - begin) * 1000)

    card.start(now_ms())
    became = {}
    seized = False
    while time.monotonic() - begin < UP_S:
        for event in card.poll(now_ms()):
            if isinstance(event, PortReady | PortFailed):
                became[event.port] = getattr(event, "detail", "") or getattr(event, "reason", "")
        if card.ready and not seized:
            seized = True
            card.command(Seize(port="fxo/1"), now_ms())
            begin_seized = time.monotonic()
        if seized and time.monotonic() - begin_seized > 1.0:
            break
        time.sleep(POLL_S)  # noqa: TID251  # a real process on real kernel interfaces
    reading = card.reading("fxo/1", now_ms())
    result = {"ports": became, "off_hook": reading.off_hook, "spidev": spidev.__file__}
    print("PROGRAM " + json.dumps(result), flush=True)


if __name__ == "__main__":
    main()
