"""The card on the bench: chips in their jacks, two chains, one highway, one reset line."""

from __future__ import annotations

from collections.abc import Sequence

from drivers.line import PortKind, port_id
from drivers.pcm import IDLE_A_LAW
from tests.bench.chips.chain import Chain
from tests.bench.chips.highway import Highway
from tests.bench.chips.si321x import Si321x
from tests.bench.chips.si3050 import Si3050

Chip = Si321x | Si3050


class BenchCard:
    """A card as the box sees it through its buses, highway and header lines.

    Args:
        fxs: variant per FXS jack, in the order of the chain: ``("si3210", "si3215")``.
        fxo: line side per FXO jack, or how many jacks with an Si3019.
        idle: what a slot of the highway reads that nobody drives.
        first_count: PCM start count of slot 0.
        fxs_echo: part of what comes from a telephone that its chip sends back.
        fxo_echo: part of what comes from the exchange that its chip sends back.
        seed: of what is undefined after reset.

    The card comes up with its reset line low, as the board's pull-down makes it.
    """

    def __init__(
        self,
        fxs: Sequence[str] = ("si3210", "si3210", "si3215", "si3215"),
        fxo: int | Sequence[str] = 4,
        *,
        idle: int = IDLE_A_LAW,
        first_count: int = 0,
        fxs_echo: float = 0.1,
        fxo_echo: float = 0.1,
        seed: int = 1,
    ) -> None:
        sides = ["si3019"] * fxo if isinstance(fxo, int) else list(fxo)
        self.fxs = [
            Si321x(
                variant, name=port_id(PortKind.FXS, n + 1), echo_gain=fxs_echo, seed=seed * 100 + n
            )
            for n, variant in enumerate(fxs)
        ]
        self.fxo = [
            Si3050(side, name=port_id(PortKind.FXO, n + 1), echo_gain=fxo_echo)
            for n, side in enumerate(sides)
        ]
        self.chips: list[Chip] = [*self.fxs, *self.fxo]
        self._by_port = {chip.name: chip for chip in self.chips}
        self.fxs_bus = Chain(self.fxs, "si321x")
        self.fxo_bus = Chain(self.fxo, "si3050")
        self.highway = Highway(self.chips, idle=idle, first_count=first_count)
        self.released = True
        self.now_ms = 0.0
        self.reset(False)

    @property
    def ports(self) -> list[str]:
        """Names of the jacks, telephones first."""
        return list(self._by_port)

    def chip(self, port: str) -> Chip:
        """The chip behind a jack; ``KeyError`` names the jacks there are."""
        if port not in self._by_port:
            raise KeyError(f"no jack {port}: the card has {', '.join(self._by_port)}")
        return self._by_port[port]

    def reset(self, released: bool) -> None:
        """The common RESET line: False holds every chip."""
        self.released = released
        for chip in self.chips:
            chip.reset(released)

    def clock(self, running: bool) -> None:
        """PCLK and FSYNC: they run while the box has its sound device open."""
        for chip in self.chips:
            chip.clock(running)

    def advance(self, now_ms: float) -> None:
        """It is ``now_ms``: call before the pairs are stepped."""
        self.now_ms = now_ms
        for chip in self.chips:
            chip.advance(now_ms)

    @property
    def interrupt_low(self) -> bool:
        """The wired-OR of all INT pins."""
        return any(chip.interrupt_low for chip in self.chips)

    def render(self) -> str:
        """State of every chip for people."""
        return "\n".join(chip.render() for chip in self.chips)
