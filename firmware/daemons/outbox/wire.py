"""A serial port that may be unplugged at any moment, in an asyncio loop."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable

import serial

log = logging.getLogger(__name__)

SEEK_S = 2.0
MODEM_BAUD = 115_200


class Wire:
    """Opened when it is there, opened again when it comes back.

    Args:
        device: Path of the port.
        heard: Told bytes.
        here: Told that it is there (True) or gone.
        open_port: Opens it; another one for ports that want settings of their own.
    """

    def __init__(
        self,
        device: str,
        *,
        heard: Callable[[bytes], None],
        here: Callable[[bool], None],
        open_port: Callable[[str], serial.Serial] | None = None,
    ) -> None:
        self._device = device
        self._heard, self._here = heard, here
        self._open_port = open_port or open_modem
        self._port: serial.Serial | None = None
        self._loop = asyncio.get_running_loop()
        self._waiting = bytearray()
        self._timer: asyncio.TimerHandle | None = None
        self._writing = False
        self._told = ""

    def seek(self) -> None:
        """Open it, now or when it is there."""
        try:
            self._port = self._open_port(self._device)
        except (OSError, ValueError) as problem:  # SerialException is an OSError
            if str(problem) != self._told:
                log.warning("%s: %s", self._device, problem)
                self._told = str(problem)
            self._timer = self._loop.call_later(SEEK_S, self.seek)
            return
        self._told = ""
        log.info("%s is there", self._device)
        self._waiting.clear()
        self._loop.add_reader(self._port.fileno(), self._readable)
        self._here(True)

    def write(self, data: bytes) -> None:
        """Write as fast as the port takes it; what a port that goes did not take is forgotten."""
        if self._port is not None:
            self._waiting += data
            self._flush()

    @property
    def open(self) -> bool:
        """It is there."""
        return self._port is not None

    @property
    def left(self) -> int:
        """Bytes that have not left the machine."""
        waiting = len(self._waiting)
        if self._port is not None:
            with contextlib.suppress(OSError):
                waiting += int(self._port.out_waiting)
        return waiting

    def close(self) -> None:
        """Let go of it."""
        if self._timer is not None:
            self._timer.cancel()
        self._drop()

    def _readable(self) -> None:
        port = self._port
        if port is None:
            return
        try:
            data = port.read(4096)
        except OSError as problem:
            self._gone(str(problem))
            return
        if data:
            self._heard(data)

    def _flush(self) -> None:
        port = self._port
        if port is None:
            return
        try:
            while self._waiting:
                written = port.write(bytes(self._waiting[:1024])) or 0
                if written <= 0:
                    break
                del self._waiting[:written]
        except serial.SerialTimeoutException:
            pass  # it takes no more for now
        except OSError as problem:
            self._gone(str(problem))
            return
        if self._waiting and not self._writing:
            self._writing = True
            self._loop.add_writer(port.fileno(), self._flush)
        elif not self._waiting and self._writing:
            self._writing = False
            self._loop.remove_writer(port.fileno())

    def _gone(self, why: str) -> None:
        log.warning("%s is gone: %s", self._device, why)
        self._drop()
        self._here(False)
        self._timer = self._loop.call_later(SEEK_S, self.seek)

    def _drop(self) -> None:
        port, self._port = self._port, None
        if port is None:
            return
        with contextlib.suppress(OSError, ValueError):
            self._loop.remove_reader(port.fileno())
            if self._writing:
                self._loop.remove_writer(port.fileno())
        self._writing = False
        with contextlib.suppress(OSError):
            port.close()


def open_modem(device: str) -> serial.Serial:
    """A modem's port."""
    return serial.Serial(device, MODEM_BAUD, timeout=0, write_timeout=0, exclusive=True)
