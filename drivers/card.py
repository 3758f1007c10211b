"""The line card: both chains, reset, and the ports by name.

The owner calls :meth:`Card.start` once and :meth:`Card.poll` every 5 to 10 ms; everything else
happens inside those calls and takes no longer than their exchanges on the bus.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Literal

from drivers.bus import SpiBus
from drivers.chain import Chain
from drivers.chip import Chip, Service
from drivers.errors import CardError
from drivers.line import (
    AnyLineCommand,
    AnyLineEvent,
    LoopBack,
    PortKind,
    Reading,
    TuneLine,
    port_id,
)
from drivers.pcm import SLOTS
from drivers.registers import DumpLine
from drivers.si3050 import tuning as daa_tuning
from drivers.si3050.driver import Daa
from drivers.si3050.framing import DaaFraming
from drivers.si3210.driver import Part, Slic
from drivers.si3210.framing import SlicFraming

RESET_LOW_MS = 50
"""Reset is held so long; the chips ask for 250 ns and 10 clocks, a cold supply for longer."""

RESET_WAIT_MS = 100
"""After release, before the first access; the makers' software waits 250 ms, the PLL needs 1."""


class Card:
    """All ports of one card.

    Args:
        fxs: bus of the FXS chain, None without one.
        fxo: bus of the FXO chain, None without one.
        fxs_chip: which part the FXS chain carries.
        fxs_count: chips on the FXS chain.
        fxo_count: chips on the FXO chain.
        slots: PCM slot of every port.
        country: ISO 3166 code.
        law: coding of all slots.
        reset: drives the common reset line; True holds the chips in reset.
        minimum_ma: loop current below which an exchange line's loop counts as broken.

    Raises:
        CardError: more than eight ports, a port without a slot or two on one, an unknown
            country, or a count without a bus.
    """

    def __init__(
        self,
        *,
        fxs: SpiBus | None,
        fxo: SpiBus | None,
        fxs_chip: Part = "si3215",
        fxs_count: int,
        fxo_count: int,
        slots: Mapping[str, int],
        country: str,
        law: Literal["a", "u"],
        reset: Callable[[bool], None],
        minimum_ma: float = daa_tuning.LOSS_BELOW_MA,
    ) -> None:
        for name, bus, count in (("FXS", fxs, fxs_count), ("FXO", fxo, fxo_count)):
            if count and bus is None:
                raise CardError(f"the card has {count} {name} ports and no bus for them")
        fxs_ports = [port_id(PortKind.FXS, number + 1) for number in range(fxs_count)]
        fxo_ports = [port_id(PortKind.FXO, number + 1) for number in range(fxo_count)]
        self.ports: tuple[str, ...] = (*fxs_ports, *fxo_ports)
        _check_slots(self.ports, slots)
        self._reset = reset
        slics = [
            Slic(port, place, part=fxs_chip, slot=slots[port], country=country, law=law)
            for place, port in enumerate(fxs_ports)
        ]
        daas = [
            Daa(
                port,
                place,
                slot=slots[port],
                country=country,
                law=law,
                minimum_ma=minimum_ma,
            )
            for place, port in enumerate(fxo_ports)
        ]
        self._chains: list[Chain] = []
        self._chain_of: dict[str, Chain] = {}
        if fxs is not None and slics:
            self._add(Chain(fxs, SlicFraming(), slics))
        if fxo is not None and daas:
            self._add(Chain(fxo, DaaFraming(), daas))
        self._chips: dict[str, Chip] = {chip.port: chip for chip in (*slics, *daas)}
        self._release_ms: int | None = None
        self._enable_ms: int | None = None
        self._started = False

    def _add(self, chain: Chain) -> None:
        self._chains.append(chain)
        for chip in chain.chips:
            self._chain_of[chip.port] = chain

    @property
    def ready(self) -> bool:
        """Whether bring-up of every port has ended, well or not."""
        return self._started and all(
            chip.service is not Service.COMING for chip in self._chips.values()
        )

    @property
    def jacks(self) -> dict[str, str]:
        """What sits behind each jack, as far as the probe got."""
        return {port: chip.jack for port, chip in self._chips.items()}

    def start(self, now_ms: int) -> None:
        """Reset all chips and begin their bring-up; exchange lines go on-hook with it."""
        self._started = False
        self._reset(True)
        for chip in self._chips.values():
            chip.service = Service.COMING
            chip.abandon()
        self._release_ms = now_ms + RESET_LOW_MS
        self._enable_ms = now_ms + RESET_LOW_MS + RESET_WAIT_MS

    def poll(self, now_ms: int) -> list[AnyLineEvent]:
        """What the lines did since the last call."""
        if not self._started:
            self._start_on(now_ms)
            return []
        events: list[AnyLineEvent] = []
        for chain in self._chains:
            found = chain.poll(now_ms)
            if found:
                events += found
        return events

    def command(self, command: AnyLineCommand, now_ms: int) -> None:
        """Carry out at the next poll; a port out of service lets it fall.

        Raises:
            CardError: no such port, or no command for its kind.
        """
        chip = self._chip(command.port)
        chip.now_ms = now_ms
        chip.command(command)
        if isinstance(command, TuneLine | LoopBack):
            self._chain_of[command.port].audit_anew()
        self._chain_of[command.port].attend()

    def reading(self, port: str, now_ms: int) -> Reading:
        """Measure one port now.

        Raises:
            CardError: no such port.
            BusError: the chain cannot be reached.
        """
        chip = self._chip(port)
        values = self._chain_of[port].ask(chip.reading_reads())
        chip.now_ms = max(chip.now_ms, now_ms)
        return chip.reading(values)

    def dump(self, port: str) -> list[DumpLine]:
        """All registers of one port, decoded, those that differ from reset first.

        Raises:
            CardError: no such port.
            BusError: the chain cannot be reached.
        """
        chip = self._chip(port)
        addresses = sorted(chip.registers.registers)
        values = self._chain_of[port].ask(chip.ask(*addresses))
        return chip.registers.dump(dict(zip(addresses, values, strict=True)))

    def make_safe(self) -> None:
        """Every exchange line on-hook, every telephone without ringing; for shutdown, at once."""
        for chain in self._chains:
            chain.make_safe()

    def _chip(self, port: str) -> Chip:
        chip = self._chips.get(port)
        if chip is None:
            raise CardError(f"{port} is no port of this card; it has {', '.join(self.ports)}")
        return chip

    def _start_on(self, now_ms: int) -> None:
        """Release reset and enable the chains when their times have come."""
        if self._release_ms is not None and now_ms >= self._release_ms:
            self._release_ms = None
            for chain in self._chains:
                chain.settle_clock()
            self._reset(False)
            self._enable_ms = now_ms + RESET_WAIT_MS
        elif self._release_ms is None and self._enable_ms is not None and now_ms >= self._enable_ms:
            self._enable_ms = None
            for chain in self._chains:
                chain.enable(now_ms)
            self._started = True


def _check_slots(ports: tuple[str, ...], slots: Mapping[str, int]) -> None:
    if not 1 <= len(ports) <= SLOTS:
        raise CardError(f"the card has {len(ports)} ports; the voice highway carries 1 to {SLOTS}")
    taken: dict[int, str] = {}
    for port in ports:
        slot = slots.get(port)
        if slot is None:
            raise CardError(f"{port} has no PCM slot; slots are given for {', '.join(slots)}")
        if not 0 <= slot < SLOTS:
            raise CardError(f"{port} has PCM slot {slot}, allowed 0 to {SLOTS - 1}")
        if slot in taken:
            raise CardError(f"{port} and {taken[slot]} both have PCM slot {slot}")
        taken[slot] = port
