"""The bus as the drivers see it: bytes out, bytes in, one chip select pulse per byte.

Both chip families resynchronise on the falling edge of chip select, and the Si3050 takes a
byte train under one select as its 16-bit mode (data sheet Si3050 rev 1.5, section on SPI), so
"each byte in a select pulse of its own" is part of the contract and not an option.
"""

from __future__ import annotations

from typing import Protocol


class SpiBus(Protocol):
    """One chip select line and everything that hangs on it."""

    def exchange(self, data: bytes) -> bytes:
        """Send ``data``, each byte in its own select pulse, all in one message.

        Args:
            data: 1 to 4096 bytes.

        Returns:
            As many bytes as were sent: what the chips drove during each.

        Raises:
            drivers.errors.BusError: the message could not be sent.
        """
        ...


class RecordingBus:
    """A bus that keeps every exchange, to make protocol tests from a board that works."""

    def __init__(self, inner: SpiBus) -> None:
        self.inner = inner
        self.exchanges: list[tuple[bytes, bytes]] = []

    def exchange(self, data: bytes) -> bytes:
        """Pass on to the inner bus and remember both directions."""
        answer = self.inner.exchange(data)
        self.exchanges.append((data, answer))
        return answer
