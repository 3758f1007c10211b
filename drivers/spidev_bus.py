"""The only file that touches spidev: a chip select line as the drivers want it.

The ``spidev`` module opens and configures the device (mode 3: clock idles high, sampled on the
rising edge; data sheets Si3215 section 2.10 and Si3050 section on SPI). It cannot pulse chip
select between the bytes of one call, so a whole poll goes out as one ``SPI_IOC_MESSAGE`` whose
transfers are one byte each with ``cs_change`` set: one system call, one select pulse per byte.
"""

from __future__ import annotations

import ctypes
import fcntl
import re

import spidev

from drivers.errors import BusError

MODE = 3
MAX_TRANSFERS = 511  # the ioctl's size field has 14 bits and a transfer takes 32 bytes
MAX_BYTES = 4096  # the kernel module's default bufsiz

_MAGIC = 0x6B  # linux/spi/spidev.h
_WRITE = 1


class _Transfer(ctypes.Structure):
    """``struct spi_ioc_transfer`` of linux/spi/spidev.h: 32 bytes."""

    _fields_ = (
        ("tx_buf", ctypes.c_uint64),
        ("rx_buf", ctypes.c_uint64),
        ("len", ctypes.c_uint32),
        ("speed_hz", ctypes.c_uint32),
        ("delay_usecs", ctypes.c_uint16),
        ("bits_per_word", ctypes.c_uint8),
        ("cs_change", ctypes.c_uint8),
        ("tx_nbits", ctypes.c_uint8),
        ("rx_nbits", ctypes.c_uint8),
        ("word_delay_usecs", ctypes.c_uint8),
        ("pad", ctypes.c_uint8),
    )


def message_code(transfers: int) -> int:
    """``SPI_IOC_MESSAGE(transfers)``: direction write, type 'k', number 0, size 32 a transfer."""
    return (_WRITE << 30) | (transfers * ctypes.sizeof(_Transfer) << 16) | (_MAGIC << 8)


class SpidevBus:
    """``drivers.bus.SpiBus`` over ``/dev/spidevB.C``."""

    def __init__(self, device: str, speed_hz: int) -> None:
        """Open the device.

        Args:
            device: ``/dev/spidevB.C``.
            speed_hz: clock; both chip families take up to 16 MHz.

        Raises:
            BusError: the name is none of a spidev, or it cannot be opened.
        """
        match = re.fullmatch(r"/dev/spidev(\d+)\.(\d+)", device)
        if match is None:
            raise BusError(f"{device!r} is no SPI device; it should look like /dev/spidev0.0")
        self.device = device
        self._spi = spidev.SpiDev()
        try:
            self._spi.open(int(match[1]), int(match[2]))
            self._spi.mode = MODE
            self._spi.bits_per_word = 8
            self._spi.max_speed_hz = speed_hz
        except OSError as problem:
            raise BusError(f"{device} cannot be opened: {problem.strerror or problem}") from problem
        self._fd = self._spi.fileno()
        self._sent = (ctypes.c_uint8 * MAX_TRANSFERS)()
        self._received = (ctypes.c_uint8 * MAX_TRANSFERS)()
        self._messages: dict[int, bytearray] = {}

    def exchange(self, data: bytes) -> bytes:
        """Send ``data`` byte by byte, each in its own select pulse, as one message."""
        count = len(data)
        if not 1 <= count <= MAX_TRANSFERS:
            raise BusError(
                f"{self.device}: {count} bytes in one message, allowed 1 to {MAX_TRANSFERS}"
            )
        ctypes.memmove(self._sent, data, count)
        try:
            fcntl.ioctl(self._fd, message_code(count), self._message(count), True)
        except OSError as problem:
            raise BusError(f"{self.device}: {problem.strerror or problem}") from problem
        return bytes(self._received[:count])

    def close(self) -> None:
        """Give the device back."""
        self._spi.close()

    def _message(self, count: int) -> bytearray:
        message = self._messages.get(count)
        if message is None:
            sent, received = ctypes.addressof(self._sent), ctypes.addressof(self._received)
            transfers = (_Transfer * count)()
            for index, transfer in enumerate(transfers):
                transfer.tx_buf = sent + index
                transfer.rx_buf = received + index
                transfer.len = 1
                # cs_change on the last transfer would leave the chip selected.
                transfer.cs_change = int(index < count - 1)
            message = self._messages[count] = bytearray(transfers)
        return message
