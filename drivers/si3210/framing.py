"""Bytes of the Si321x chain: select, read or write with register, data.

Source: data sheet Si3215 rev 0.92 section 2.10. After reset a chip takes two bytes; once bit 7
of register 0 is set it takes a select byte first, of which it looks at bit 0 and passes the rest
on shifted right by one, so bit n selects the n-th chip.
"""

from __future__ import annotations

from drivers.access import Access
from drivers.errors import FieldError

MAX_CHIPS = 8
READ = 0x80

ENABLE_CHAIN = bytes((0x00, 0x80))
"""Two-byte write of 80 to register 0: heard by every chip of a chain that was just reset."""

RESYNC = bytes((0x00, 0x00, 0x80)) * 2
"""Puts chips that lost their registers back into three-byte mode, in step with the others.

To a chip in three-byte mode each half selects nobody. A chip in two-byte mode that awaits a
first byte reads 00 00, 80 00, 00 80 and is in step after six bytes; one that awaits a second
byte reads (data) 00, 00 80 wrongly by one and is in step after three. Worked out from the
section named above; the chain's drivers use it whenever a chip stops answering.
"""


class SlicFraming:
    """Three-byte framing with one-hot select."""

    enable: bytes = ENABLE_CHAIN
    resync: tuple[bytes, ...] = (RESYNC, b"\x00" + RESYNC, b"\x00" + RESYNC)

    def encode(self, access: Access) -> bytes:
        """Select, register with read bit, data.

        Raises:
            FieldError: a chip or register that the bytes cannot name.
        """
        chip, register, is_write, value = access
        if not 0 <= chip < MAX_CHIPS:
            raise FieldError(f"chip {chip}: a chain has chips 0 to {MAX_CHIPS - 1}")
        if not 0 <= register < READ:
            raise FieldError(f"register {register}: an Si321x has registers 0 to {READ - 1}")
        return bytes((1 << chip, register if is_write else READ | register, value))


def broadcast(register: int, value: int) -> bytes:
    """A write that every chip of the chain takes; there is no broadcast read."""
    return bytes((0xFF, register, value))
