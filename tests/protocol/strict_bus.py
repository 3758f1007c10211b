"""A bus that knows in advance what must be said, and a tap that finds writes in what was said."""

from __future__ import annotations


class StrictBus:
    """Fails at the first exchange that is not the next of the script.

    Args:
        script: pairs of bytes sent and bytes answered, as hexadecimal text; blanks are free.
    """

    def __init__(self, *script: tuple[str, str]) -> None:
        self._script = [(bytes.fromhex(tx), bytes.fromhex(rx)) for tx, rx in script]
        self._place = 0

    def exchange(self, data: bytes) -> bytes:
        """The scripted answer."""
        assert self._place < len(self._script), f"nothing more is expected, sent {data.hex(' ')}"
        expected, answer = self._script[self._place]
        assert data == expected, (
            f"exchange {self._place + 1}: sent {data.hex(' ')}, expected {expected.hex(' ')}"
        )
        self._place += 1
        return answer

    def done(self) -> bool:
        """Whether the whole script was used."""
        return self._place == len(self._script)


class FxsTap:
    """Passes on, and lists what a chip of an Si321x chain was told, by hand-written decoding.

    Data sheet Si3215 section 2.10: select byte one-hot, then register with bit 7 for a read,
    then data. Only accesses of whole three bytes are listed.
    """

    def __init__(self, inner: object, select: int) -> None:
        self.inner = inner
        self.select = select
        self.raw: list[bytes] = []
        self.writes: list[tuple[int, int]] = []

    def exchange(self, data: bytes) -> bytes:
        """Pass on."""
        self.raw.append(data)
        if len(data) % 3 == 0:
            for place in range(0, len(data), 3):
                select, register, value = data[place : place + 3]
                if select == self.select and register < 0x80:
                    self.writes.append((register, value))
        return self.inner.exchange(data)


class FxoTap:
    """The same for an Si3050 chain: control byte of a write, register, data."""

    def __init__(self, inner: object, control: int) -> None:
        self.inner = inner
        self.control = control
        self.writes: list[tuple[int, int]] = []

    def exchange(self, data: bytes) -> bytes:
        """Pass on."""
        if len(data) % 3 == 0:
            for place in range(0, len(data), 3):
                if data[place] == self.control:
                    self.writes.append((data[place + 1], data[place + 2]))
        return self.inner.exchange(data)


def in_order(writes: list[tuple[int, int]], *wanted: tuple[int, int]) -> None:
    """The wanted writes occur in this order, others may stand between."""
    place = 0
    for write in wanted:
        names = f"register {write[0]} = {write[1]:02X}"
        assert write in writes[place:], f"{names} missing after {wanted[: wanted.index(write)]}"
        place += writes[place:].index(write) + 1
