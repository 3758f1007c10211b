"""Daisy chains of chips on one chip select: which byte reaches whom.

Everything here is about the serial port. What a register does is the chip's affair; a chain asks
only for ``read``, ``write`` and what a reset changes. Bytes are the unit, because the bus of the
box gives every byte a select pulse of its own; :meth:`Chain.train` sends several bytes under one
pulse for those who want to see what goes wrong then.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

HIGH_Z = 0xFF
"""What the controller reads while nobody drives the common SDO wire (pulled up on the board)."""

_REVERSED = bytes(int(f"{n:04b}"[::-1], 2) for n in range(16))
"""CID stands in the control byte of an Si3050 with its least significant bit first."""

_SELECTED = {1 << n: n for n in range(8)}


class ChainChip(Protocol):
    """A chip as its serial port sees it."""

    in_reset: bool
    spi_epoch: int  # grows with every reset, which also clears the port's state

    @property
    def daisy(self) -> bool:
        """Whether the port is in 3-byte mode; an Si3050 always is."""
        ...

    @property
    def silent(self) -> bool:
        """Whether the port is dead (an Si3050 after PDN)."""
        ...

    def read(self, register: int) -> int:
        """Value of a register, with the side effects of reading it."""
        ...

    def write(self, register: int, value: int) -> None:
        """Put ``value`` into a register, with everything that follows."""
        ...

    def advance(self, now_ms: float) -> None:
        """It is ``now_ms``."""
        ...

    def render(self) -> str:
        """State for people; the first line says the most."""
        ...


class _Si321xPort:
    """Byte machine of one Si321x: select (3-byte mode only), R/W and register, data."""

    def __init__(self, chip: ChainChip) -> None:
        self.chip = chip
        self.phase = 0  # 0 select, 1 command, 2 data; 2-byte mode begins at 1
        self.selected = False
        self.command = 0
        self.epoch = -1
        self.three = False

    def rest(self) -> bool:
        """Whether the next byte starts an access in 3-byte mode."""
        self._follow()
        return self.three and self.phase == 0

    def byte(self, data: int) -> tuple[int | None, int]:
        """Take one byte; answer what is driven on SDO meanwhile and what leaves SDITHRU."""
        chip = self.chip
        if chip.in_reset:
            return None, data
        self._follow()
        if self.phase == 0:
            self.selected = bool(data & 1)
            self.phase = 1
            return None, data >> 1  # one SCLK later than it came in
        if self.phase == 1:
            self.command = data
            self.phase = 2
            return None, data
        self.phase = 0 if self.three else 1
        driven = None
        if self.selected:
            if self.command & 0x80:
                driven = chip.read(self.command & 0x7F)
            else:
                chip.write(self.command, data)
        return driven, data

    def _follow(self) -> None:
        chip = self.chip
        if self.epoch != chip.spi_epoch or self.three != chip.daisy:
            self.epoch, self.three = chip.spi_epoch, chip.daisy
            self.phase = 0 if self.three else 1
            self.selected = not self.three


class _Si3050Port:
    """Byte machine of one Si3050: control, address, data."""

    def __init__(self, chip: ChainChip) -> None:
        self.chip = chip
        self.phase = 0
        self.control = 0
        self.address = 0
        self.mine = False
        self.epoch = -1

    def rest(self) -> bool:
        """Whether the next byte is a control byte."""
        self._follow()
        return self.phase == 0

    def byte(self, data: int) -> tuple[int | None, int]:
        """Take one byte; answer what is driven on SDO meanwhile and what leaves SDITHRU."""
        chip = self.chip
        if chip.in_reset:
            return None, data
        self._follow()
        if self.phase == 0:
            self.phase = 1
            self.control = data
            broadcast = bool(data & 0x80)
            here = _REVERSED[data & 0x0F]
            self.mine = (data & 0x30) == 0x20 and (broadcast or here == 0) and not chip.silent
            passed = data if broadcast else (data & 0xF0) | _REVERSED[(here - 1) & 0x0F]
            return None, passed
        if self.phase == 1:
            self.address = data & 0x3F
            self.phase = 2
            return None, data
        self.phase = 0
        driven = None
        if self.mine:
            if not self.control & 0x40:
                chip.write(self.address, data)
            elif not self.control & 0x80:  # a broadcast can only write
                driven = chip.read(self.address)
        return driven, data

    def clear(self) -> None:
        """CS rose off a multiple of eight clocks."""
        self.phase = 0

    def _follow(self) -> None:
        if self.epoch != self.chip.spi_epoch:
            self.epoch = self.chip.spi_epoch
            self.phase = 0


class Chain:
    """One select line: ``drivers.bus.SpiBus`` in front, up to eight chips behind.

    Args:
        chips: in the order of the wire; the first is the one that MOSI reaches.
        kind: ``si321x`` or ``si3050``.
    """

    def __init__(self, chips: Sequence[ChainChip], kind: str) -> None:
        if kind not in {"si321x", "si3050"}:
            raise ValueError(f"chain kind {kind!r}: it is si321x or si3050")
        if len(chips) > 8:
            raise ValueError(f"chain of {len(chips)} chips: the select byte reaches at most 8")
        self.chips = tuple(chips)
        self.kind = kind
        self.bytes_seen = 0
        ports: list[_Si321xPort | _Si3050Port] = (
            [_Si321xPort(chip) for chip in chips]
            if kind == "si321x"
            else [_Si3050Port(chip) for chip in chips]
        )
        self._ports = ports
        self._burst = self._burst_si321x if kind == "si321x" else self._burst_si3050

    def advance(self, now_ms: float) -> None:
        """Let the chips' time pass."""
        for chip in self.chips:
            chip.advance(now_ms)

    def exchange(self, data: bytes) -> bytes:
        """Send ``data``, every byte in a select pulse of its own."""
        count = len(data)
        self.bytes_seen += count
        answer = bytearray(b"\xff") * count
        at = 0
        while at < count:
            if count - at >= 3 and self._aligned():
                at = self._burst(data, answer, at)
            else:
                answer[at] = self._byte(data[at])
                at += 1
        return bytes(answer)

    def train(self, data: bytes, odd_clocks: int = 0) -> bytes:
        """Send ``data`` and then ``odd_clocks`` more clocks under one select pulse.

        An Si321x does not mind several bytes under one pulse. An Si3050 takes a pulse of more
        than eight clocks as its 16-bit mode (control and address in one word, data twice in the
        next) and forgets everything when select rises off a multiple of eight clocks.
        """
        if self.kind == "si321x":
            return self.exchange(data)
        answer = bytearray()
        if len(data) == 2 and all(port.phase == 2 for port in self._ports):
            value = self._byte(data[0])
            answer += bytes((value, value))  # a read repeats the byte, a write ignores the second
        elif len(data) <= 2:
            answer += bytes(self._byte(byte) for byte in data)
        else:
            # A word, and then clocks that are no word: nothing comes of it.
            answer += bytes([HIGH_Z]) * len(data)
            self._clear()
        if odd_clocks % 8:
            self._clear()
        return bytes(answer)

    def render(self) -> str:
        """The chips of the chain, one a line."""
        return "\n".join(chip.render().splitlines()[0] for chip in self.chips)

    def _clear(self) -> None:
        for port in self._ports:
            if isinstance(port, _Si3050Port):
                port.clear()

    def _aligned(self) -> bool:
        """Whether all chips agree that an access begins: then bytes need not be walked."""
        # A loop: it runs once per exchange and a generator costs twice as much.
        for port in self._ports:  # noqa: SIM110  # measured
            if port.chip.in_reset or not port.rest():
                return False
        return True

    def _byte(self, data: int) -> int:
        wire = HIGH_Z
        for port in self._ports:
            driven, data = port.byte(data)
            if driven is not None:
                wire &= driven  # two drivers fight; the low one wins
        return wire

    def _burst_si321x(self, data: bytes, answer: bytearray, at: int) -> int:
        chips = self.chips
        last = len(data) - 3
        while at <= last:
            select, command = data[at], data[at + 1]
            number = _SELECTED.get(select)
            hit: Sequence[ChainChip] = ()
            if number is None:
                hit = [chip for n, chip in enumerate(chips) if select >> n & 1]
            elif number < len(chips):
                hit = chips[number : number + 1]
            at += 3
            for chip in hit:
                if command & 0x80:
                    answer[at - 1] &= chip.read(command & 0x7F)
                else:
                    chip.write(command, data[at - 1])
            if command == 0:  # the mode may have changed
                break
        return at

    def _burst_si3050(self, data: bytes, answer: bytearray, at: int) -> int:
        chips = self.chips
        last = len(data) - 3
        while at <= last:
            control, address = data[at], data[at + 1] & 0x3F
            at += 3
            if (control & 0x30) != 0x20:
                continue
            number = _REVERSED[control & 0x0F]
            if control & 0x80:
                if not control & 0x40:
                    for chip in chips:
                        if not chip.silent:
                            chip.write(address, data[at - 1])
            elif number < len(chips) and not chips[number].silent:
                if control & 0x40:
                    answer[at - 1] = chips[number].read(address)
                else:
                    chips[number].write(address, data[at - 1])
        return at
