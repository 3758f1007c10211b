"""Kamailio as the meeting point, by the configuration that the box's page offers.

It is changed only where its README tells a person to: the address, and the list of offices.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Self

from tests.sip.offices import PORT
from tests.sip.run import listens, wait_for

SAMPLE = Path(__file__).parents[2] / "web" / "trunks" / "kamailio"
ADDRESS_THERE, LIST_THERE = "192.0.2.5", "/etc/kamailio/offices.list"
DEFINING_WORDS = (b"kamailio", b"user-agent:", b"server:")


class MeetingPoint:
    """The process.

    Args:
        folder: For its two files.
        address: Its own on loopback.
        offices: Address of each office's box, by its prefix.
    """

    def __init__(self, folder: Path, address: str, offices: Mapping[str, str]) -> None:
        self.address = address
        self._offices = folder / "offices.list"
        self._config = folder / "kamailio.cfg"
        rows = [f"{prefix} sip:{host}:{PORT} 0 10" for prefix, host in offices.items()]
        self._offices.write_text("\n".join(rows) + "\n", encoding="utf-8")
        text = (SAMPLE / "kamailio.cfg").read_text(encoding="utf-8")
        text = text.replace(ADDRESS_THERE, address).replace(LIST_THERE, str(self._offices))
        self._config.write_text(text, encoding="utf-8")
        self._folder = folder
        self._log = (folder / "kamailio.log").open("ab")
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
        self._log.close()

    def start(self) -> None:
        """Start it; back when it listens."""
        command = ["kamailio", "-f", str(self._config), "-DD", "-E", "-m", "32", "-M", "4"]
        command += ["-Y", str(self._folder), "-w", str(self._folder)]
        self._process = subprocess.Popen(
            command, stdout=self._log, stderr=self._log, start_new_session=True
        )
        if not wait_for(lambda: listens("udp", PORT, self.address), 10):
            self.stop()
            raise RuntimeError(f"Kamailio did not come up\n{self.words()[-2_000:]}")

    def stop(self) -> None:
        """End it with all its processes."""
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
        self._process = None

    def words(self) -> str:
        """What it wrote down."""
        return (self._folder / "kamailio.log").read_text(errors="replace")

    def udp_ports(self) -> int:
        """How many UDP sockets have its address: one, for signalling; sound does not pass it."""
        at = "".join(f"{int(part):02X}" for part in reversed(self.address.split(".")))
        rows = Path("/proc/net/udp").read_text(encoding="ascii").splitlines()[1:]
        return sum(row.split()[1].startswith(at) for row in rows)


class Knock:
    """Somebody with a socket who sends what he likes to the meeting point."""

    def __init__(self, point: MeetingPoint, address: str, port: int = 0) -> None:
        self._at = (point.address, PORT)
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind((address, port))
        self.address, self.port = self.socket.getsockname()
        self._number = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()

    def ask(self, method: str, uri: str, *more: str, totag: str = "") -> None:
        """Send a request."""
        self._number += 1
        token = f"{self.port}x{self._number}"
        lines = [
            f"{method} {uri} SIP/2.0",
            f"Via: SIP/2.0/UDP {self.address}:{self.port};branch=z9hG4bK{token};rport",
            f"From: <sip:201@{self.address}>;tag={token}",
            f"To: <{uri}>{totag and ';tag=' + totag}",
            f"Call-ID: {token}",
            f"CSeq: 1 {method}",
            f"Contact: <sip:201@{self.address}:{self.port}>",
            "Max-Forwards: 70",
            *more,
            "Content-Length: 0",
        ]
        self.raw(("\r\n".join(lines) + "\r\n\r\n").encode())

    def raw(self, message: bytes) -> None:
        """Send bytes."""
        self.socket.sendto(message, self._at)

    def got(self, seconds: float, least: int = 1_000_000) -> list[bytes]:
        """What comes within a time, or until there is so much."""
        found: list[bytes] = []
        end = time.monotonic() + seconds
        while len(found) < least and (left := end - time.monotonic()) > 0:
            self.socket.settimeout(left)
            try:
                found.append(self.socket.recv(65_535))
            except TimeoutError:
                break
        return found


def code_of(message: bytes) -> int:
    """The code of an answer, 0 of a request."""
    first = message.split(b"\r\n", 1)[0].split()
    return int(first[1]) if first and first[0] == b"SIP/2.0" else 0


def tells_what_runs(messages: list[bytes]) -> bool:
    """Whether any of them says which program sent it."""
    return any(word in message.lower() for message in messages for word in DEFINING_WORDS)
