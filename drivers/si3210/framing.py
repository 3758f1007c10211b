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

_AWAKEN = bytes((0x00, 0x00, 0x80)) * 2
RESYNC = (
    bytes((0x00, 0xFF, 0x00, 0x00, 0x00, 0x00)) + _AWAKEN
    + bytes((0x00, 0x00, 0xFF, 0x00, 0x00, 0x00)) + _AWAKEN
)  # fmt: skip
"""Brings every chip of a chain into three-byte mode and into step, whatever state it is in.

A chip that loses its registers on a running chain falls back to two bytes, takes its neighbours'
traffic for its own and may switch itself to three bytes again, out of step. To a chip in step
every third byte here is a select of nobody. A chip one byte late takes FF 00 00 of the first
half as: selected, register 0, 00, and one two bytes late the same of the second half; both are
then in two-byte mode. A chip in two-byte mode finds 00 80 in the bytes that follow, in either
phase, just before a select is due. Worked out from the section named above.
"""


class SlicFraming:
    """Three-byte framing with one-hot select."""

    enable: bytes = ENABLE_CHAIN
    resync: bytes = RESYNC
    slips: tuple[bytes, ...] = ()

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
