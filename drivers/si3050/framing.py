"""Bytes of the Si3050 chain: control, register, data, each in its own select pulse.

Source: data sheet Si3050 rev 1.5, section on the serial peripheral interface. Control byte: bit 7
broadcast, bit 6 read, bit 5 one, bit 4 zero, bits 3 to 0 the chip's number with its least
significant bit first. Each chip takes one off the number on its way down the chain; the one that
sees zero answers.
"""

from __future__ import annotations

from drivers.access import Access
from drivers.errors import FieldError

MAX_CHIPS = 16
REGISTERS = 64
BROADCAST = 0x80
READ = 0x40
MARKER = 0x20


def control(chip: int, *, is_read: bool) -> int:
    """Control byte of one chip: 0x20, 0x28, 0x24, 0x2C, 0x22, ... for writes to chips 0, 1, ..."""
    reversed_number = int(f"{chip:04b}"[::-1], 2)
    return MARKER | (READ if is_read else 0) | reversed_number


class DaaFraming:
    """Three bytes with the chip's number bit-reversed."""

    enable: bytes = b""
    resync: bytes = b""
    slips: tuple[bytes, ...] = (b"\x00", b"\x00", b"\x00")

    def encode(self, access: Access) -> bytes:
        """Control, register, data.

        Raises:
            FieldError: a chip or register that the bytes cannot name.
        """
        chip, register, is_write, value = access
        if not 0 <= chip < MAX_CHIPS:
            raise FieldError(f"chip {chip}: a chain has chips 0 to {MAX_CHIPS - 1}")
        if not 0 < register < REGISTERS:
            raise FieldError(f"register {register}: an Si3050 has registers 1 to {REGISTERS - 1}")
        return bytes((control(chip, is_read=not is_write), register, value))


def broadcast(register: int, value: int) -> bytes:
    """A write that every chip of the chain takes; there is no broadcast read."""
    return bytes((BROADCAST | MARKER, register, value))
