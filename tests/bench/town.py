"""The town around the box: telephones, exchange lines, the copper to them and the chips at its end.

One :meth:`Town.exchange` is one block of time: codes for the lines in, codes from the lines out.
Nothing here knows the box; the box knows the town only through bytes, codes and a reset line.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from drivers.line import PortKind, port_id
from drivers.pcm import IDLE_A_LAW, IDLE_U_LAW
from firmware.core.countries import country as country_of
from tests.bench.board import BenchBoard, Nothing
from tests.bench.chips.card import BenchCard
from tests.bench.world.copper import Cable, Pair
from tests.bench.world.ear import Ear
from tests.bench.world.exchange_line import ExchangeLine, FarEnd
from tests.bench.world.party import Party
from tests.bench.world.telephone import Telephone

RATE_HZ = 8000
FIRST_EXTENSION = 201


REMEMBERED_MS = 20_000.0  # a town that runs for days keeps no longer what its people heard
FAR_ANSWERS_MS = 6_000.0


def running_town(country: str, telephones: int, lines: int, fxs_chip: str) -> Town:
    """A town for people: whoever is called from the box answers after a while."""
    town = Town(
        country,
        telephones=[
            Telephone(str(FIRST_EXTENSION + n), country, seed=1 + n) for n in range(telephones)
        ],
        lines=[
            ExchangeLine(
                n + 1, country, any_number=FarEnd(answer_after_ms=FAR_ANSWERS_MS), seed=101 + n
            )
            for n in range(lines)
        ],
        fxs_chip=fxs_chip,
    )
    for party in (*town.telephones, *town.lines):
        party.ear = Ear(keep_ms=REMEMBERED_MS)
    return town


class Town:
    """Telephones on the FXS jacks in order, lines on the FXO jacks by their number."""

    def __init__(
        self,
        country: str = "CN",
        *,
        telephones: Sequence[Telephone] | None = None,
        lines: Sequence[ExchangeLine] | None = None,
        fxs_chip: str = "si3215",
        seed: int = 1,
    ) -> None:
        """Four telephones 201... and four lines unless others are given."""
        self.country = country
        self.seed = seed
        if telephones is None:
            telephones = [
                Telephone(str(FIRST_EXTENSION + n), country, seed=seed + n) for n in range(4)
            ]
        if lines is None:
            lines = [ExchangeLine(n + 1, country, seed=seed + 100 + n) for n in range(4)]
        self.telephones, self.lines = list(telephones), list(lines)
        idle = IDLE_A_LAW if country_of(country).law == "a" else IDLE_U_LAW
        self.card = BenchCard((fxs_chip,) * len(self.telephones), len(self.lines), idle=idle)
        self.pairs: dict[str, Pair] = {}
        for n, telephone in enumerate(self.telephones):
            port = port_id(PortKind.FXS, n + 1)
            self.pairs[port] = Pair(self.card.chip(port), telephone, Cable())
        for n, line in enumerate(self.lines):
            port = port_id(PortKind.FXO, n + 1)
            self.pairs[port] = Pair(line, self.card.chip(port), Cable())
        self.sample = 0
        self.board: BenchBoard | None = None
        self._apart: dict[str, Pair] = {}  # what the power-fail relay makes of two jacks
        if self.telephones and self.lines:
            first, nothing = self.lines[0], Nothing()
            self._apart = {
                "fxs/1": Pair(self.card.chip("fxs/1"), nothing, Cable()),
                "fxo/1": Pair(nothing, self.card.chip("fxo/1"), Cable()),
                "direct": Pair(first, self.telephones[0], Cable()),
            }
        self.card.clock(True)

    @property
    def now_ms(self) -> int:
        """Time of the town's own clock."""
        return self.sample * 1000 // RATE_HZ

    def exchange(self, playing: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
        """Let one block of time pass."""
        samples = playing.shape[1]
        self.card.advance(self.sample * 1000.0 / RATE_HZ)
        self.card.highway.receive(playing)
        pairs = self.pairs
        if self.board is not None and not self.board.energised and self._apart:
            pairs = {**self.pairs, **self._apart}
        for pair in pairs.values():
            pair.step(samples)
        captured = self.card.highway.transmit()
        self.sample += samples
        return captured

    def telephone(self, extension: str) -> Telephone:
        """A telephone by the number on it."""
        for telephone in self.telephones:
            if telephone.extension == str(extension):
                return telephone
        known = ", ".join(t.extension for t in self.telephones)
        raise KeyError(f"there is no telephone {extension}; there are {known}")

    def line(self, number: int) -> ExchangeLine:
        """An exchange line by its number on the box."""
        if not 1 <= int(number) <= len(self.lines):
            raise KeyError(f"there is no line {number}; there are 1 to {len(self.lines)}")
        return self.lines[int(number) - 1]

    def loss_db(self, party: Party) -> float:
        """Loss of the copper to a party, one way."""
        for pair in self.pairs.values():
            if party in {pair.terminal_end, pair.feed_end}:
                return pair.cable.loss_db
        raise KeyError(f"{party.name} is on no pair of this town")
