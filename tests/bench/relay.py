"""The town's socket carried over TCP, so that a box in another machine has the town's card.

``python -m tests.bench.relay near SOCKET HOST PORT`` stands beside the daemon: it makes the socket
that the town has elsewhere. ``far SOCKET HOST PORT`` stands beside the town. Each connection is a
device of its own; a packet keeps its borders by a length ahead of it. Nothing here but the standard
library: the near end runs on a bare Python.

The near end's clock is the one that counts: it hands a block of sound on when the time of one block
has passed there, as a highway does. A town that is ahead would else take all the processor of a
machine whose time stands nearly still.
"""

from __future__ import annotations

import argparse
import json
import socket
import struct
import sys
import threading
import time
from pathlib import Path
from typing import Final

LENGTH: Final = struct.Struct(">I")
TRIES: Final = 60
LONGEST: Final = 1 << 20  # the town's longest answer is the state of all parties
SAMPLE_NS: Final = 125_000  # of the highway, 8 kHz


def block_ns(first: bytes) -> int:
    """How long a block of the device lasts that this first packet names; 0 for no highway."""
    try:
        kind, *samples = str(json.loads(first)["device"]).split()
    except (ValueError, KeyError, TypeError):
        return 0
    return int(samples[0]) * SAMPLE_NS if kind == "pcm" and samples else 0


def packets(stream: socket.socket, to: socket.socket, every_ns: int = 0) -> None:
    """Bytes of the stream become packets again, until either end is gone.

    Args:
        stream: From the other machine.
        to: Of this one.
        every_ns: At the most one packet in this time; one that is late delays the following ones.
    """
    reader = stream.makefile("rb")
    due_ns = 0
    try:
        while head := reader.read(LENGTH.size):
            body = reader.read(LENGTH.unpack(head)[0])
            early_ns = due_ns - time.monotonic_ns()
            if early_ns > 0:
                time.sleep(early_ns / 1e9)  # noqa: TID251  # the highway's own pace
            due_ns = time.monotonic_ns() + every_ns
            to.send(body)
    except (OSError, struct.error):
        pass
    finally:
        _end(stream, to)


def bytes_of(packets_from: socket.socket, stream: socket.socket) -> None:
    """Packets become bytes with their lengths ahead, until either end is gone."""
    try:
        while body := packets_from.recv(LONGEST):
            stream.sendall(LENGTH.pack(len(body)) + body)
    except OSError:
        pass
    finally:
        _end(packets_from, stream)


def _end(*links: socket.socket) -> None:
    for link in links:
        try:
            link.shutdown(socket.SHUT_RDWR)
        except OSError:
            continue


def join(local: socket.socket, stream: socket.socket, every_ns: int = 0) -> None:
    """Carry between a packet socket and a stream, each way on a thread; see ``packets``."""
    stream.settimeout(None)
    stream.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    threading.Thread(target=packets, args=(stream, local, every_ns), daemon=True).start()
    threading.Thread(target=bytes_of, args=(local, stream), daemon=True).start()


def near(path: Path, host: str, port: int) -> None:
    """Stand for the town beside a daemon."""
    path.unlink(missing_ok=True)
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    listener.bind(str(path))
    path.chmod(0o666)  # the daemon has a user of its own
    listener.listen(32)
    while True:
        local, _ = listener.accept()
        threading.Thread(target=_reach, args=(local, host, port), daemon=True).start()


def _reach(local: socket.socket, host: str, port: int) -> None:
    """Join with the far end; a machine that starts has no address yet."""
    first = local.recv(LONGEST)
    for _ in range(TRIES):
        try:
            stream = socket.create_connection((host, port), timeout=10)
            stream.sendall(LENGTH.pack(len(first)) + first)
            join(local, stream, block_ns(first))
        except OSError as problem:
            sys.stderr.write(f"relay: the town is not there: {problem}\n")
            time.sleep(1.0)  # noqa: TID251  # another machine's network
        else:
            return
    local.close()


def far(path: Path, listener: socket.socket) -> None:
    """Stand for a daemon beside the town, for whoever connects to ``listener``."""
    while True:
        try:
            stream, _ = listener.accept()
        except OSError:
            return
        local = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        try:
            local.connect(str(path))
        except OSError:
            stream.close()
            continue
        join(local, stream)


def main() -> None:
    """One end, until killed."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.relay", description=__doc__)
    parser.add_argument("end", choices=("near", "far"))
    parser.add_argument("socket", type=Path)
    parser.add_argument("host")
    parser.add_argument("port", type=int)
    chosen = parser.parse_args()
    if chosen.end == "near":
        near(chosen.socket, chosen.host, chosen.port)
    else:
        far(chosen.socket, socket.create_server((chosen.host, chosen.port)))


if __name__ == "__main__":
    main()
