"""sipd alone, as a process: lined and call control are stood in for.

A loop gives every leg back what it said, and a link answers every call but those to one number.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Self

import numpy as np

from drivers.line import Release, Seize
from firmware.control.link import Link, connect
from firmware.control.messages import Hello
from firmware.control.sip_messages import FROM_SIPD, SOCKET_NAME, FromSipd, SetTrunks
from firmware.control.trunk_messages import TrunksSeen
from firmware.core.clock import BLOCK_SAMPLES
from firmware.core.countries import country
from firmware.core.sip_events import SipEnded, SipOffered
from firmware.core.sip_settings import Sip, SipTrunk, Transport
from firmware.daemons.wires.leg_sound import LegSound

MACHINE = """country = "CN"
[[chains]]
kind = "fxs"
chip = "si3215"
device = "/dev/spidev0.0"
count = 1
slots = [0]
[pins]
reset = 5
[folders]
run = "{run}"
data = "{run}"
"""
LEGS = 8
RINGS_ON = "200"  # nobody answers calls to this number


class SipBox:
    """sipd, and what stands around it.

    Args:
        port: Of the peer on loopback to which its trunk goes.
        transport: Of the trunk.
        numbers: The trunk's table of numbers.
    """

    def __init__(
        self, port: int, transport: Transport = "udp", numbers: dict[str, str] | None = None
    ) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="tipring-trunk-"))
        (self.folder / "machine.toml").write_text(MACHINE.format(run=self.folder))
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = int(probe.getsockname()[1])
        self.sound = LegSound(self.folder, LEGS, country("CN"), BLOCK_SAMPLES)
        start = [sys.executable, "-m", "firmware.daemons.start", "sipd"]
        config = ["--config", str(self.folder / "machine.toml")]
        self.process = subprocess.Popen([*start, *config], stderr=subprocess.DEVNULL)
        self.up = threading.Event()
        self.told: list[FromSipd] = []
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._lined), threading.Thread(target=self._calld)]
        lines = tuple(f"sip/{n}" for n in range(1, LEGS + 1))
        trunk = SipTrunk(
            name="peer",
            lines=lines,
            host="127.0.0.1",
            port=port,
            register=False,
            transport=transport,
            numbers=numbers or {},
        )
        self._set = SetTrunks(
            sip=Sip(trunks=(trunk,), port=self.port, address="127.0.0.1"), country="CN"
        )
        for thread in self._threads:
            thread.start()

    def __enter__(self) -> Self:
        if not self.up.wait(20):
            self.close()
            raise RuntimeError("sipd did not come up within 20 s")
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _lined(self) -> None:
        """A block every 5 ms; what a leg says it hears."""
        rows = np.full((LEGS, BLOCK_SAMPLES), 0xD5, np.uint8)
        due = time.monotonic()
        while not self._stop.is_set():
            self.sound.accept()
            self.sound.take(rows)
            self.sound.give(rows)
            due += 0.005
            self._stop.wait(max(0.0, due - time.monotonic()))

    def _calld(self) -> None:
        link: Link[FromSipd] | None = None
        while link is None and not self._stop.wait(0.05):
            try:
                link = connect(self.folder / SOCKET_NAME, FROM_SIPD, name="sipd")
            except Exception:  # noqa: BLE001, S112 - not there yet, as everybody may find it
                continue
        assert link is not None
        link.send(Hello(program="bench"))
        link.send(self._set)
        while not self._stop.is_set():
            try:
                messages = link.wait(100)
            except Exception:  # noqa: BLE001, S112 - nothing to read
                continue
            self.told += messages
            for message in messages:
                if isinstance(message, SipOffered) and message.called != RINGS_ON:
                    link.send(Seize(port=message.port))
                elif isinstance(message, SipEnded):
                    link.send(Release(port=message.port))
                elif isinstance(message, TrunksSeen) and any(t.up for t in message.trunks):
                    self.up.set()

    def cpu_s(self) -> float:
        """Processor seconds of sipd."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def close(self) -> None:
        """The end of it all."""
        self._stop.set()
        for thread in self._threads:
            thread.join(2)
        self.process.terminate()
        self.process.wait(10)
        self.sound.close()
