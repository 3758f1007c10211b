"""The town around the box: telephones, exchange lines, the copper to them and the chips at its end.

One :meth:`Town.exchange` is one block of time: codes for the lines in, codes from the lines out.
Nothing here knows the box; the box knows the town only through bytes, codes and a reset line.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from tests.bench.chips.card import BenchCard
from tests.bench.world.copper import Cable, Pair
from tests.bench.world.exchange_line import ExchangeLine
from tests.bench.world.telephone import Telephone

RATE_HZ = 8000
FIRST_EXTENSION = 201


class Town:
    """Telephones 201... on the FXS jacks, lines 1... on the FXO jacks."""

    def __init__(
        self,
        country: str = "CN",
        *,
        telephones: int = 4,
        lines: int = 4,
        fxs_chip: str = "si3215",
        seed: int = 1,
    ) -> None:
        self.country = country
        self.seed = seed
        slots = {f"fxs/{n + 1}": n for n in range(telephones)}
        slots |= {f"fxo/{n + 1}": telephones + n for n in range(lines)}
        self.slots = slots
        self.card = BenchCard(fxs=(fxs_chip,) * telephones, fxo=lines, slots=slots)
        self.telephones = [
            Telephone(str(FIRST_EXTENSION + n), country, seed=seed + n) for n in range(telephones)
        ]
        self.lines = [ExchangeLine(n + 1, country, seed=seed + 100 + n) for n in range(lines)]
        self.pairs: dict[str, Pair] = {}
        for n, telephone in enumerate(self.telephones):
            port = f"fxs/{n + 1}"
            self.pairs[port] = Pair(self.card.chip(port), telephone, Cable())
        for n, line in enumerate(self.lines):
            port = f"fxo/{n + 1}"
            self.pairs[port] = Pair(line, self.card.chip(port), Cable())
        self.sample = 0

    @property
    def now_ms(self) -> int:
        """Time of the town's own clock."""
        return self.sample * 1000 // RATE_HZ

    def exchange(self, playing: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
        """Let one block of time pass."""
        samples = playing.shape[1]
        self.card.advance(self.sample * 1000.0 / RATE_HZ)
        self.card.highway.receive(playing)
        for pair in self.pairs.values():
            pair.step(samples)
        captured = self.card.highway.transmit(samples)
        self.sample += samples
        return captured

    def telephone(self, extension: str) -> Telephone:
        """A telephone by the number on it."""
        for telephone in self.telephones:
            if telephone.extension == str(extension):
                return telephone
        known = ", ".join(t.extension for t in self.telephones)
        raise LookupError(f"there is no telephone {extension}; there are {known}")

    def line(self, number: int) -> ExchangeLine:
        """An exchange line by its number on the box."""
        if not 1 <= int(number) <= len(self.lines):
            raise LookupError(f"there is no line {number}; there are 1 to {len(self.lines)}")
        return self.lines[int(number) - 1]
