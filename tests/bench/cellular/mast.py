"""A modem on a pseudo-terminal in real time, and the mobile telephones behind it.

``texts.log`` in the bench's folder has what they got. Who writes ``NUMBER words`` into the pipe
``run/mobile`` sends a text to the office.
"""

from __future__ import annotations

import os
import select
import time
import tty
from collections.abc import Callable
from pathlib import Path

from tests.bench.cellular.modem import CellularModem, Network

STEP_S = 0.05


def serve(run: Path, texts: Path, maker: str, stopped: Callable[[], bool]) -> None:
    """Play a modem until told to stop.

    Args:
        run: Folder where the device ``modem`` and the pipe ``mobile`` are made.
        texts: File of what mobile telephones got.
        maker: Of the modem.
        stopped: Asked now and then.
    """
    network = Network()
    modem = CellularModem(maker, network, seed=1)
    ours, theirs = os.openpty()
    tty.setraw(theirs)
    os.set_blocking(ours, False)
    link, pipe = run / "modem", run / "mobile"
    link.unlink(missing_ok=True)
    link.symlink_to(os.ttyname(theirs))
    pipe.unlink(missing_ok=True)
    os.mkfifo(pipe)
    mobile = os.open(pipe, os.O_RDWR | os.O_NONBLOCK)
    modem.plug(_now_ms())
    shown = 0
    while not stopped():
        due = modem.next_ms()
        wait_s = STEP_S * 10 if due is None else max(0.0, min((due - _now_ms()) / 1000, 0.5))
        ready, _, _ = select.select([ours, mobile], [], [], wait_s)
        now_ms = _now_ms()
        if ours in ready:
            modem.write(os.read(ours, 4096), now_ms)
        if mobile in ready:
            for line in os.read(mobile, 65536).decode("utf-8", "replace").splitlines():
                number, _, words = line.partition(" ")
                modem.arrive(number, words, now_ms)
        if said := modem.read(_now_ms()):
            os.write(ours, said)
        got = network.texts()
        if len(got) > shown:
            with texts.open("a", encoding="utf-8") as file:
                for number, words in got[shown:]:
                    line = f"{number} got: {words}"
                    file.write(line + "\n")
                    print(line, flush=True)
            shown = len(got)
    for made in (link, pipe):
        made.unlink(missing_ok=True)


def _now_ms() -> int:
    return time.monotonic_ns() // 1_000_000
