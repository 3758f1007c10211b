"""Accesses of several chips as one message, and back.

Both families speak three bytes for one access once a chain is up, and the answer to a read comes
with the third. What the first two look like is the family's own and stands in its ``framing.py``.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple, Protocol

from drivers.bus import SpiBus
from drivers.errors import FieldError

BYTES_PER_ACCESS = 3
MAX_ACCESSES = 160
"""Accesses in one message: 480 bytes, below the 511 one-byte transfers that one ioctl can carry."""


class Access(NamedTuple):
    """One read or write of one register of one chip of a chain.

    ``value`` is what the host drives during the data byte. A chip ignores it on a read, but a
    flipped read bit makes a write of it, so a read of a writable register carries the value
    that ought to be there.
    """

    chip: int
    register: int
    write: bool
    value: int = 0


class Framing(Protocol):
    """How one family puts an access on the wire."""

    @property
    def enable(self) -> bytes:
        """What a chain needs right after reset before it takes accesses; may be empty."""
        ...

    @property
    def resync(self) -> bytes:
        """What brings a chip back into step without disturbing the others; may be empty."""
        ...

    @property
    def slips(self) -> tuple[bytes, ...]:
        """What to send, one after the other, when every chip is out of step; back at the end."""
        ...

    def encode(self, access: Access) -> bytes:
        """Three bytes of one access."""
        ...


def read(chip: int, register: int, value: int = 0) -> Access:
    """A read; ``value`` is what the register ought to hold, see :class:`Access`."""
    return Access(chip, register, False, value)


def write(chip: int, register: int, value: int) -> Access:
    """A write of a whole register."""
    return Access(chip, register, True, value)


def frame(framing: Framing, accesses: Iterable[Access]) -> bytes:
    """All accesses as the bytes of one exchange, in order."""
    return b"".join(framing.encode(access) for access in accesses)


def answers(response: bytes) -> bytes:
    """The data byte of every access of an exchange, in order; those of writes mean nothing."""
    return response[2::BYTES_PER_ACCESS]


def transact(bus: SpiBus, framing: Framing, accesses: Sequence[Access]) -> bytes:
    """Exchange a list of accesses of any length in as few messages as possible.

    Returns:
        One data byte per access.

    Raises:
        BusError: a message could not be sent.
    """
    found = b""
    for start in range(0, len(accesses), MAX_ACCESSES):
        part = accesses[start : start + MAX_ACCESSES]
        found += answers(bus.exchange(frame(framing, part)))
    return found


class Immediate:
    """A chip of a chain whose every access is an exchange of its own: for probing by hand."""

    def __init__(self, bus: SpiBus, framing: Framing, chip: int) -> None:
        self._bus = bus
        self._framing = framing
        self._chip = chip

    def read(self, address: int) -> int:
        """Value of a register, now."""
        return transact(self._bus, self._framing, [read(self._chip, address)])[0]

    def write(self, address: int, value: int) -> None:
        """Write a register, now."""
        transact(self._bus, self._framing, [write(self._chip, address, value)])


class Gathered:
    """A chip whose writes wait for the next exchange of its chain."""

    def __init__(self, chip: int) -> None:
        self._chip = chip
        self.waiting: list[Access] = []

    def read(self, address: int) -> int:
        """Refuse: a read needs an answer, and there is none before the exchange."""
        raise FieldError(f"register {address}: only a gathered poll can read it, not a field")

    def write(self, address: int, value: int) -> None:
        """Append to the writes that wait."""
        self.waiting.append(write(self._chip, address, value))

    def take(self) -> list[Access]:
        """The writes that wait, which then wait no longer."""
        found, self.waiting = self.waiting, []
        return found
