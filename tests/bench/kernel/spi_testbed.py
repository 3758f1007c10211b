"""A kernel's /dev/spidev made by umockdev, with fake chips behind it.

``python -m tests.bench.kernel.spi_testbed PROGRAM [ARG...]`` makes ``/dev/spidev0.0`` and ``0.1``,
runs PROGRAM with umockdev's preload library so that it sees them, answers its ioctls from the
bench's chips, and prints as JSON what the kernel was asked. The program under test must be another
process: in one process the genuine module holds the interpreter lock in ``open`` and the handler
can never answer.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from typing import Any

sys.path.append("/usr/lib/python3/dist-packages")  # GObject bindings come from Debian

import gi

gi.require_version("UMockdev", "1.0")
from gi.repository import GLib, UMockdev  # noqa: E402

from drivers.bus import SpiBus  # noqa: E402
from tests.bench.chips.card import BenchCard  # noqa: E402

SPI_MAGIC = 0x6B
TRANSFER_BYTES = 32


class SpiDevice(UMockdev.IoctlBase):
    """One chip select: SPI_IOC_MESSAGE goes to the bus, the settings are remembered."""

    def __init__(self, bus: SpiBus) -> None:
        super().__init__()
        self.bus = bus
        self.asked = {"mode": None, "speed_hz": None, "messages": 0, "transfers": 0, "bad": []}
        self._values = {1: bytearray(1), 2: bytearray(1), 3: bytearray([8]), 4: bytearray(4)}
        self._values[5] = bytearray(4)

    def do_handle_ioctl(self, client: Any) -> bool:
        """Answer one ioctl of the client."""
        request = client.get_request()
        if (request >> 8) & 0xFF != SPI_MAGIC:
            return False
        number, size = request & 0xFF, (request >> 16) & 0x3FFF
        writing = bool(request >> 30 & 1)
        if number == 0 and writing:
            self._message(size // TRANSFER_BYTES, client)
            return True
        data = client.get_arg().resolve(0, size)
        if writing:
            value = bytes(data.retrieve())
            self._values[number][:] = value
            if number in (1, 5):
                self.asked["mode"] = value[0]
            if number == 4:
                self.asked["speed_hz"] = int.from_bytes(value, "little")
        else:
            data.update(0, list(self._values[number][:size]))
        client.complete(0, 0)
        return True

    def _message(self, count: int, client: Any) -> None:
        argument = client.get_arg().resolve(0, count * TRANSFER_BYTES)
        raw = bytes(argument.retrieve())
        sent = bytearray()
        for index in range(count):
            transfer = raw[index * TRANSFER_BYTES : (index + 1) * TRANSFER_BYTES]
            length = int.from_bytes(transfer[16:20], "little")
            pulses = bool(transfer[27])  # offset of cs_change
            if length != 1 or pulses != (index < count - 1):
                self.asked["bad"].append([index, length, pulses])
            sent += bytes(argument.resolve(index * TRANSFER_BYTES, length).retrieve())
        answer = self.bus.exchange(bytes(sent))
        for index, byte in enumerate(answer):
            argument.resolve(index * TRANSFER_BYTES + 8, 1).update(0, [byte])
        self.asked["messages"] += 1
        self.asked["transfers"] += count
        client.complete(count, 0)


def main() -> int:
    """Run the program on the testbed."""
    card = BenchCard(("si3215",) * 4, 4)
    card.clock(True)
    bed = UMockdev.Testbed.new()
    devices = {}
    for name, bus in (("spidev0.0", card.fxs_bus), ("spidev0.1", card.fxo_bus)):
        bed.add_from_string(
            f"P: /devices/{name}\nN: {name}\nE: DEVNAME=/dev/{name}\nE: SUBSYSTEM=spidev\n"
        )
        devices[name] = SpiDevice(bus)
        bed.attach_ioctl(f"/dev/{name}", devices[name])
    card.reset(True)
    loop = GLib.MainLoop()
    begin = time.monotonic()

    def tick() -> bool:
        card.advance(int((time.monotonic() - begin) * 1000))
        return True

    GLib.timeout_add(2, tick)
    status = 1

    def work() -> None:
        nonlocal status
        environment = dict(os.environ, UMOCKDEV_DIR=bed.get_root_dir())
        environment["LD_PRELOAD"] = "libumockdev-preload.so.0"
        status = subprocess.run(sys.argv[1:], env=environment, check=False).returncode
        loop.quit()

    threading.Thread(target=work, daemon=True).start()
    loop.run()
    print("TESTBED " + json.dumps({name: d.asked for name, d in devices.items()}))
    return status


if __name__ == "__main__":
    sys.exit(main())
