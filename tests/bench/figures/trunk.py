"""What a trunk costs: how soon it rings and answers, the delay of its sound, the processor.

sipd is a process of its own here as on the box; lined and call control are stood in for: a loop
that gives every leg back what it said, and a link that answers every call.
"""

from __future__ import annotations

import math
import os
import socket
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import numpy as np

from drivers.line import Release, Seize
from firmware.control.link import Link, connect
from firmware.control.messages import Hello
from firmware.control.sip_messages import FROM_SIPD, SOCKET_NAME, FromSipd, SetTrunks
from firmware.core.clock import BLOCK_SAMPLES
from firmware.core.countries import country
from firmware.core.sip_events import SipOffered
from firmware.core.sip_settings import Sip, SipTrunk
from firmware.daemons.wires.leg_sound import LegSound
from tests.bench.figures.figure import Figure, of
from tests.bench.sip_peer import SipPeer

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
CALLS = 20
LISTEN_S = 6.0


class _Box:
    """sipd, and what stands around it."""

    def __init__(self, peers: list[SipPeer]) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="tipring-trunk-"))
        (self.folder / "machine.toml").write_text(MACHINE.format(run=self.folder))
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = int(probe.getsockname()[1])
        self.sound = LegSound(self.folder, LEGS, country("CN"), BLOCK_SAMPLES)
        start = [sys.executable, "-m", "firmware.daemons.start", "sipd"]
        config = ["--config", str(self.folder / "machine.toml")]
        self.process = subprocess.Popen([*start, *config], stderr=subprocess.DEVNULL)
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._lined), threading.Thread(target=self._calld)]
        lines = tuple(f"sip/{n}" for n in range(1, LEGS + 1))
        trunk = SipTrunk(
            name="peer", lines=lines, host="127.0.0.1", port=peers[0].port, register=False
        )
        self._set = SetTrunks(
            sip=Sip(trunks=(trunk,), port=self.port, address="127.0.0.1"), country="CN"
        )
        for thread in self._threads:
            thread.start()

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
        link.send(Hello(program="figures"))
        link.send(self._set)
        while not self._stop.is_set():
            try:
                messages = link.wait(100)
            except Exception:  # noqa: BLE001, S112 - nothing to read
                continue
            for message in messages:
                if isinstance(message, SipOffered):
                    link.send(Seize(port=message.port))
                elif type(message).__name__ == "SipEnded":
                    link.send(Release(port=message.port))

    def cpu_s(self) -> float:
        """Processor seconds of sipd."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def close(self) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join(2)
        self.process.terminate()
        self.process.wait(10)
        self.sound.close()


def _set_up(box: _Box, peer: SipPeer) -> tuple[float, float]:
    """Milliseconds from INVITE to 180 and to 200; the call is up afterwards."""
    begun = time.monotonic()
    rang = 0.0
    peer.seen.clear()
    peer.call(("127.0.0.1", box.port), "100", "13800138000")
    while 200 not in peer.codes():
        if 180 in peer.codes() and not rang:
            rang = time.monotonic() - begun
        if time.monotonic() - begun > 10:
            raise RuntimeError(f"no answer: {peer.codes()}")
        time.sleep(0.0005)  # noqa: TID251  # sipd is another process
    return 1_000 * (rang or time.monotonic() - begun), 1_000 * (time.monotonic() - begun)


def _round_trip_ms(peer: SipPeer) -> float:
    """From a packet at the box's door to the packet that brings its samples back."""
    noise = np.random.default_rng(7).normal(0, 4_000, 16_000).astype(np.float32)
    peer.hear()
    said = peer.say(noise)
    time.sleep(2.6)  # noqa: TID251  # sipd is another process
    said_s = peer.said_s
    heard = peer.hear()
    size = 1 << (heard.size + said.size - 1).bit_length()
    match = np.fft.irfft(np.fft.rfft(heard, size) * np.conj(np.fft.rfft(said[4_000:8_000], size)))
    at = int(np.argmax(match[: heard.size])) - 4_000
    return 1_000 * (peer.heard_s - said_s) + at / 8


def figures() -> list[Figure]:
    """Set-up times, delay of sound, processor time by the number of calls."""
    with SipPeer() as first:
        box = _Box([first])
        try:
            deadline = time.monotonic() + 20
            while not first.codes() and time.monotonic() < deadline:
                first.call(("127.0.0.1", box.port), "100", "1")
                first.wait(lambda: 200 in first.codes(), 1.0)
            first.bye()
            rang, answered, delays = [], [], []
            for n in range(CALLS):
                first.wait(lambda: False, 0.1)
                one, two = _set_up(box, first)
                rang.append(one)
                answered.append(two)
                if n < 5:
                    first.wait(lambda: False, 0.4)
                    delays.append(_round_trip_ms(first))
                first.bye()
            found = [
                of("trunk: INVITE to 180", "ms", rang, "goal: 100 ms", 100.0),
                of("trunk: INVITE to 200", "ms", answered, "goal: 200 ms", 200.0),
                of(
                    "trunk: sound through the box and back",
                    "ms",
                    delays,
                    "20 ms buffer, 10 ms frames each way, one packet, jitter buffer",
                ),
            ]
            found += _costs(box)
        finally:
            box.close()
    return found


def _costs(box: _Box) -> list[Figure]:
    found = []
    for calls in (2, 4):
        peers = [SipPeer() for _ in range(calls)]
        for peer in peers:
            peer.__enter__()
            _set_up(box, peer)
        noise = np.random.default_rng(3).normal(0, 3_000, int(8_000 * LISTEN_S)).astype(np.float32)
        for peer in peers:
            peer.say(noise)
        before = box.cpu_s()
        time.sleep(LISTEN_S)  # noqa: TID251  # sipd is another process
        used = (box.cpu_s() - before) / LISTEN_S
        for peer in peers:
            peer.bye()
            peer.__exit__()
        name = f"trunk: processor per call-minute, {calls} calls"
        found.append(of(name, "s", [60 * used / calls if not math.isnan(used) else 0.0]))
    return found
