"""The bench's hardware seen from another process: bus, highway and reset line over local sockets.

The world of copper runs in a process of its own so that a daemon can be killed and the chips, the
telephones and the exchange live on. Each device is one seqpacket connection; the first packet
names it. The daemon's side implements the same protocols as the genuine devices do.
"""

from __future__ import annotations

import json
import socket
import struct
import time
from pathlib import Path

import numpy as np

from drivers.errors import BusError
from drivers.pcm import SLOTS, CodeBlock
from tests.bench.remote_reset import SOCKET_NAME, connect

HEADER = struct.Struct("<IIq")
"""Ahead of every captured block: blocks lost, blocks missed, monotonic ns at which it was given."""

PACE = struct.Struct("<qq")
"""Behind every block that is played: ns from the captured block given to the daemon at work on it,
and to its answer."""

__all__ = ["SOCKET_NAME", "RemoteBus", "RemotePcm", "WorldControl"]


class RemoteBus:
    """``drivers.bus.SpiBus`` over the world's socket: one packet is one message."""

    def __init__(self, path: Path, device: str) -> None:
        self._link = connect(path, device)

    def exchange(self, data: bytes) -> bytes:
        """One message, every byte in its own select pulse."""
        try:
            self._link.send(data)
            answer = self._link.recv(8192)
        except OSError as problem:
            raise BusError(f"the bench's bus is gone: {problem}") from problem
        if len(answer) != len(data):
            raise BusError(f"the bench answered {len(answer)} bytes to a message of {len(data)}")
        return answer


class RemotePcm:
    """``drivers.pcm.PcmDevice`` over the world's socket."""

    def __init__(self, path: Path, block_samples: int) -> None:
        self._link = connect(path, f"pcm {block_samples}")
        self._shape = (SLOTS, block_samples)
        self._missed = 0
        self._given_ns = self._woken_ns = 0
        self._buffer = bytearray(HEADER.size + SLOTS * block_samples)

    def read(self, into: CodeBlock) -> int:
        """Wait for the next block."""
        size = self._link.recv_into(self._buffer)
        now_ns = time.monotonic_ns()
        if size == 0:
            raise BusError("the bench's highway is gone")
        lost, self._missed, self._given_ns = HEADER.unpack_from(self._buffer)
        self._woken_ns = now_ns - self._given_ns
        into[:] = np.frombuffer(self._buffer, np.uint8, offset=HEADER.size).reshape(self._shape)
        return int(lost)

    def write(self, block: CodeBlock) -> int:
        """Queue a block for the lines."""
        answered_ns = time.monotonic_ns() - self._given_ns
        self._link.send(block.tobytes() + PACE.pack(self._woken_ns, answered_ns))
        missed, self._missed = self._missed, 0
        return int(missed)

    def close(self) -> None:
        """Stop the highway."""
        self._link.close()


class WorldControl:
    """Ask the world to do something: lift a handset, ring a line; see ``world_server``."""

    def __init__(self, path: Path) -> None:
        self._link = connect(path, "control")

    def request(self, request: dict[str, object]) -> dict[str, object]:
        """One request, one answer, refusals too; ``OSError`` when the world is gone."""
        self._link.send(json.dumps(request).encode(), socket.MSG_NOSIGNAL)
        answer = self._link.recv(1_000_000)
        if not answer:
            raise ConnectionResetError("the world closed the connection")
        return dict(json.loads(answer))

    def ask(self, **request: object) -> dict[str, object]:
        """One request, one answer. ``RuntimeError`` with the world's sentence if it refuses."""
        answer = self.request(request)
        if "refused" in answer:
            raise RuntimeError(str(answer["refused"]))
        return answer

    def close(self) -> None:
        """Ask no more."""
        self._link.close()


class RemoteEar:
    """What a party hears, in chunks; see ``audience``."""

    def __init__(self, path: Path, party: str) -> None:
        self._link = connect(path, f"ear {party}")

    def fileno(self) -> int:
        """For ``select`` and its kin."""
        return self._link.fileno()

    def read(self) -> bytes:
        """The next chunk, waited for; empty when the town is gone."""
        try:
            return self._link.recv(65536)
        except OSError:
            return b""

    def close(self) -> None:
        """Listen no more."""
        self._link.close()


class RemoteMouth:
    """Speak as a party, in chunks; see ``audience``."""

    def __init__(self, path: Path, party: str) -> None:
        self._link = connect(path, f"mouth {party}")

    def say(self, chunk: bytes) -> None:
        """Hand over one chunk; ``OSError`` when the town is gone."""
        self._link.send(chunk, socket.MSG_NOSIGNAL)

    def close(self) -> None:
        """Say no more."""
        self._link.close()
