"""sipd alone, as a process: lined and call control are stood in for.

A loop gives every leg back what it said, and a link answers every call but those to one number.
"""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any, Self

import msgspec
import numpy as np

from drivers.line import PortFailed, Release, Seize
from firmware.control.link import Link, connect
from firmware.control.messages import Hello
from firmware.control.sip_messages import FROM_SIPD, SOCKET_NAME, FromSipd, SetTrunks, ToSipd
from firmware.control.trunk_messages import TrunksSeen
from firmware.core.clock import BLOCK_SAMPLES
from firmware.core.commands import SendDigits
from firmware.core.countries import country
from firmware.core.sip_events import Invite, SipEnded, SipOffered
from firmware.core.sip_settings import Sip, SipTrunk, Transport
from firmware.daemons.wires.leg_sound import LegSound
from firmware.media.leg_buffer import DEPTH_BLOCKS
from tests.bench.sip_notice import Notice

MACHINE = """country = "CN"
trunk_legs = {legs}
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
START_S = 60
WAIT_MS = 20  # an order waits so long at most
RINGS_ON = "200"  # nobody answers calls to this number


class SipBox:
    """sipd, and what stands around it.

    Args:
        port: Of the peer on loopback to which its trunk goes.
        transport: Of the trunk.
        numbers: The trunk's table of numbers.
        address: Where the box listens.
        far: Where the trunk goes.
        authority: Certificates (PEM) that vouch for the far side.
        also: Trunks besides; their lines are no longer the first one's.
        within: Command that starts the process in surroundings of its own.
        depth: Blocks that lined's side waits for sound; lined's own unless said otherwise.
    """

    def __init__(
        self,
        port: int,
        transport: Transport = "udp",
        numbers: dict[str, str] | None = None,
        *,
        address: str = "127.0.0.1",
        far: str = "127.0.0.1",
        authority: str = "",
        depth: int = DEPTH_BLOCKS,
        also: tuple[SipTrunk, ...] = (),
        within: tuple[str, ...] = (),
    ) -> None:
        self.address = address
        self._authority = tuple(authority.splitlines())
        self.says: np.ndarray | None = None  # codes, again and again, instead of what is heard
        self.heard: list[np.ndarray] = []  # codes of all legs, while the box says something
        self.folder = Path(tempfile.mkdtemp(prefix="tipring-trunk-"))
        (self.folder / "machine.toml").write_text(MACHINE.format(run=self.folder, legs=LEGS))
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            probe.bind((address, 0))
            self.port = int(probe.getsockname()[1])
        self.sound = LegSound(self.folder, LEGS, country("CN"), BLOCK_SAMPLES, depth=depth)
        start = [*within, sys.executable, "-m", "firmware.daemons.start", "sipd"]
        config = ["--config", str(self.folder / "machine.toml")]
        self.process = subprocess.Popen([*start, *config], stderr=subprocess.DEVNULL)
        self.up = threading.Event()
        self.told: list[FromSipd] = []
        self.words: list[str] = []  # what is noticed of it, see tests.bench.sip_notice
        self._notice = Notice()
        self._old_is_up = False  # until sipd says that the trunk as it was is gone
        self._orders: SimpleQueue[ToSipd] = SimpleQueue()
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._lined), threading.Thread(target=self._calld)]
        self._also = also
        taken = {line for trunk in also for line in trunk.lines}
        lines = tuple(f"sip/{n}" for n in range(1, LEGS + 1) if f"sip/{n}" not in taken)
        self._trunk = SipTrunk(
            name="peer",
            lines=lines,
            host=far,
            port=port,
            register=False,
            transport=transport,
            numbers=numbers or {},
        )
        self._set = self._settings()
        for thread in self._threads:
            thread.start()

    def _settings(self, timers: Mapping[str, int] | None = None, **trunk: Any) -> SetTrunks:
        changed = msgspec.structs.replace(self._trunk, **trunk)
        # A range of its own: sound for a call of another box that has ended is not heard here.
        first = 16_000 + 64 * (os.getpid() % 700)
        sip = Sip(
            trunks=(changed, *self._also),
            port=self.port,
            address=self.address,
            first_sound_port=first,
            authority=self._authority,
        )
        return SetTrunks(sip=sip, country="CN", timers=dict(timers or {}))

    def set_trunk(self, timers: Mapping[str, int] | None = None, **trunk: Any) -> None:
        """Change fields of the trunk; back when sipd says that it works so, or begins to try."""
        self._old_is_up = True
        self.up.clear()
        self._notice.changed()
        self._orders.put(self._settings(timers, **trunk))
        self.up.wait(5)

    def call(self, number: str, leg: str = "sip/1", *, withheld: bool = False) -> None:
        """Call somebody by the trunk."""
        self._notice.called(leg)
        self._orders.put(Invite(port=leg, number=number, withheld=withheld))

    def press(self, keys: str, leg: str = "sip/1") -> None:
        """Send keys to the far side."""
        self._orders.put(SendDigits(port=leg, digits=keys))

    def release(self, leg: str = "sip/1") -> None:
        """Clear, or give up."""
        self._orders.put(Release(port=leg))

    def __enter__(self) -> Self:
        if not self.up.wait(START_S):
            self.close()
            raise RuntimeError(f"sipd did not come up within {START_S} s")
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
            says = self.says
            if says is not None:
                self.heard.append(rows.copy())
                at = len(self.heard) * BLOCK_SAMPLES % says.size
                rows[:] = says[at : at + BLOCK_SAMPLES]
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
            with contextlib.suppress(Empty):
                while True:
                    link.send(self._orders.get_nowait())
            try:
                messages = link.wait(WAIT_MS)
            except Exception:  # noqa: BLE001, S112 - nothing to read
                continue
            self.told += messages
            for message in messages:
                self.words += self._notice.words(message)
                if isinstance(message, SipOffered) and message.called != RINGS_ON:
                    link.send(Seize(port=message.port))
                elif isinstance(message, SipEnded):
                    link.send(Release(port=message.port))
                elif isinstance(message, PortFailed):
                    self._old_is_up = False
                elif isinstance(message, TrunksSeen):
                    begun = any(t.up or t.state == "asking" for t in message.trunks)
                    if begun and not self._old_is_up:
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
