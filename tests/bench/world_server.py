"""The town as a process of its own, in real time, with its devices on local sockets.

The town keeps time by the monotonic clock: every block of real time it lets one block pass, takes
what a daemon has queued for the lines and gives what came from them. A daemon that is late makes
the highway run dry, which is counted and told, as a genuine device would. A patient town waits for
the daemon instead: its clock stands still while the machine is busy with something else, so that
what people hear does not depend on who else works there. Figures are never taken of a patient one.
"""

from __future__ import annotations

import errno
import json
import os
import select
import socket
import time
from collections import Counter, deque
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from drivers.pcm import IDLE_A_LAW, IDLE_U_LAW, SLOTS
from firmware.core.countries import country as country_of
from tests.bench.audience import Listener, speak
from tests.bench.control import party_of
from tests.bench.remote import HEADER, PACE, SOCKET_NAME
from tests.bench.town import RATE_HZ, Town
from tests.bench.world.party import Party

QUEUED_BLOCKS = 2
PATIENCE_S = 2.0  # a daemon that answers nothing for so long is gone, and the town goes on
BEHIND_BLOCKS = 20  # the host stalled for so long: go on from now instead of racing

Control = Callable[[Town, dict[str, Any]], dict[str, Any]]


class WorldServer:
    """The town, its sockets and its pace."""

    def __init__(
        self,
        town: Town,
        run_folder: Path,
        block_samples: int,
        control: Control,
        after_block: Callable[[], None] = lambda: None,
        *,
        patient: bool = False,
        patience_s: float = PATIENCE_S,
    ) -> None:
        self.town = town
        self._patient = patient
        self._patience_s = patience_s
        self._control = control
        self._block = block_samples
        law = country_of(town.country).law
        code = IDLE_A_LAW if law == "a" else IDLE_U_LAW
        self._idle = np.full((SLOTS, block_samples), code, np.uint8)
        self._queue: deque[np.ndarray] = deque()
        self._pcm: socket.socket | None = None
        self._lost = self._missed = 0
        self.stalls = 0
        self.woken_us: deque[int] = deque(maxlen=120_000)  # from a block given to a daemon at work
        self.answered_us: deque[int] = deque(maxlen=120_000)  # and to its answer
        path = run_folder / SOCKET_NAME
        path.unlink(missing_ok=True)
        self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._listener.bind(os.fspath(path))
        self._listener.listen(32)
        self._listener.setblocking(False)
        self._poll = select.epoll()
        self._poll.register(self._listener, select.EPOLLIN)
        self._clients: dict[int, tuple[socket.socket, str]] = {}
        self._listeners: dict[int, Listener] = {}
        self._after_block = after_block
        self._speakers: dict[int, Party] = {}

    def run(self, stop: Callable[[], bool]) -> None:
        """Let real time pass."""
        block_s = self._block / RATE_HZ
        due = time.monotonic() + block_s
        while not stop():
            left = due - time.monotonic()
            if left > 0:
                for descriptor, _ in self._poll.poll(left):
                    self._serve(descriptor)
                continue
            if self._patient:
                due += self._await_daemon()
            self._tick()
            due += block_s
            if time.monotonic() - due > BEHIND_BLOCKS * block_s:
                self.stalls += 1
                due = time.monotonic() + block_s
            for descriptor, _ in self._poll.poll(0):
                self._serve(descriptor)

    def _await_daemon(self) -> float:
        """Let time stand still until there is something to play; for how long, in seconds."""
        began = time.monotonic()
        while self._pcm is not None and not self._queue:
            waited = time.monotonic() - began
            if waited >= self._patience_s:
                break
            for descriptor, _ in self._poll.poll(self._patience_s - waited):
                self._serve(descriptor)
        return time.monotonic() - began

    def _tick(self) -> None:
        if self._pcm is not None and not self._queue:
            self._drain_playback()
        if self._queue:
            playing = self._queue.popleft()
        else:
            playing = self._idle
            self._missed += self._pcm is not None
        captured = self.town.exchange(playing)
        if self._pcm is not None:
            try:
                header = HEADER.pack(self._lost, self._missed, time.monotonic_ns())
                self._pcm.send(header + captured.tobytes())
                self._lost = self._missed = 0
            except OSError as problem:
                if problem.errno not in {errno.EAGAIN, errno.ENOBUFS}:
                    self._drop(self._pcm)
                self._lost += 1
        self._after_block()
        if self._listeners:
            for listener in list(self._listeners.values()):
                if not listener.turn():
                    self._drop(listener.link)

    def _drain_playback(self) -> None:
        assert self._pcm is not None
        while True:
            try:
                data = self._pcm.recv(65536)
            except BlockingIOError:
                return
            except OSError:
                data = b""
            if not data:
                self._drop(self._pcm)
                return
            codes = SLOTS * self._block
            woken_ns, answered_ns = PACE.unpack_from(data, codes)
            self.woken_us.append(woken_ns // 1000)
            self.answered_us.append(answered_ns // 1000)
            self._queue.append(np.frombuffer(data, np.uint8, codes).reshape(SLOTS, self._block))

    def _serve(self, descriptor: int) -> None:
        if descriptor == self._listener.fileno():
            client, _ = self._listener.accept()
            self._poll.register(client, select.EPOLLIN)
            self._clients[client.fileno()] = (client, "")
            return
        if descriptor not in self._clients:
            return
        client, device = self._clients[descriptor]
        if client is self._pcm:
            self._drain_playback()
            return
        try:
            data = client.recv(262_144)
        except OSError:
            data = b""
        if not data:
            self._drop(client)
            return
        try:
            self._answer(client, device, data)
        except OSError:
            self._drop(client)

    def _answer(self, client: socket.socket, device: str, data: bytes) -> None:
        card = self.town.card
        match device:
            case "":
                self._open(client, json.loads(data)["device"])
            case "fxs":
                client.send(card.fxs_bus.exchange(data))
            case "fxo":
                client.send(card.fxo_bus.exchange(data))
            case "reset":
                card.reset(data == b"0")  # the chips' pin is active low
                client.send(b"ok")
            case "ear":
                pass  # who listens has nothing to say
            case "mouth":
                speak(self._speakers[client.fileno()], data)
            case "pace":
                # How soon blocks were taken up and answered since the last question.
                pace = {
                    "woken": _spread(self.woken_us),
                    "answered": _spread(self.answered_us),
                }
                client.send(json.dumps(pace).encode())
                self.woken_us.clear()
                self.answered_us.clear()
            case _:
                try:
                    answer = self._control(self.town, json.loads(data))
                except (LookupError, ValueError, TypeError, RuntimeError) as problem:
                    answer = {"refused": str(problem)}
                client.send(json.dumps(answer).encode())

    def _open(self, client: socket.socket, device: str) -> None:
        if device == f"pcm {self._block}":
            self._pcm = client
            client.setblocking(False)
            self._queue = deque([self._idle] * QUEUED_BLOCKS)
            self._lost = self._missed = 0
        elif device.startswith(("ear ", "mouth ")):
            device, _, name = device.partition(" ")
            try:
                party = party_of(self.town, name)
            except LookupError as problem:
                client.send(json.dumps({"refused": str(problem)}).encode())
                return
            if device == "ear":
                self._listeners[client.fileno()] = Listener.at(party, client)
            else:
                self._speakers[client.fileno()] = party
        elif device not in {"fxs", "fxo", "reset", "control", "pace"}:
            devices = f"fxs, fxo, reset, control, pace, pcm {self._block}, ear NAME, mouth NAME"
            sentence = f"no such device; there are {devices}"
            client.send(json.dumps({"refused": sentence}).encode())
            return
        self._clients[client.fileno()] = (client, device)
        client.send(b'{"device": "ready"}')

    def _drop(self, client: socket.socket) -> None:
        self._clients.pop(client.fileno(), None)
        self._listeners.pop(client.fileno(), None)
        self._speakers.pop(client.fileno(), None)
        if client.fileno() >= 0:
            self._poll.unregister(client)
        if client is self._pcm:
            self._pcm = None
            self._queue.clear()
        client.close()


def _spread(values: Sequence[int]) -> dict[str, Any]:
    """Count, median, 99th percentile and greatest of some measurements.

    ``of_20_us`` says how many lay in each fiftieth of a millisecond, so that parts can be added up.
    """
    if not values:
        return {"count": 0}
    ordered = sorted(values)
    return {
        "of_20_us": Counter(value // 20 for value in ordered),
        "count": len(ordered),
        "median": ordered[len(ordered) // 2],
        "p99": ordered[len(ordered) * 99 // 100],
        "most": ordered[-1],
    }
