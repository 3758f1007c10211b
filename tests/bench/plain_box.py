"""A box without a box: telephone 20N hangs directly on exchange line N, as in a flat.

Real copper, real people, no appliance between. It proves the scenario language and the people
themselves, and answers the question whether a failure is the box's or the bench's.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from tests.bench.scenario import Scenario
from tests.bench.world.copper import Cable, Pair, Samples
from tests.bench.world.exchange_line import ExchangeLine
from tests.bench.world.level import RATE_HZ
from tests.bench.world.party import Party
from tests.bench.world.telephone import Telephone

BLOCK = 40


class PlainBox:
    """See ``stage.Box``.

    ``kept_records`` are what ``records`` hands out: no call control is here to write any.
    """

    def __init__(self, scenario: Scenario, kept_records: Sequence[dict[str, Any]] = ()) -> None:
        self.telephones = scenario.make_telephones()
        self.lines = scenario.make_lines()
        self.cable = Cable()
        self.pairs = [
            Pair(self.lines[number], self.telephones[f"20{number}"], self.cable)
            for number in self.lines
        ]
        self._records = list(kept_records)
        self._samples = 0

    @property
    def now_ms(self) -> int:
        """See ``stage.Box``."""
        return self._samples * 1000 // RATE_HZ

    def run_until(self, predicate: Callable[[], bool], timeout_ms: int) -> bool:
        """See ``stage.Box``."""
        end = self.now_ms + timeout_ms
        while self.now_ms < end:
            for pair in self.pairs:
                pair.step(BLOCK)
            self._samples += BLOCK
            if predicate():
                return True
        return False

    def telephone(self, extension: str) -> Telephone:
        """See ``stage.Box``."""
        return self.telephones[extension]

    def line(self, number: int) -> ExchangeLine:
        """See ``stage.Box``."""
        return self.lines[number]

    def loss_db(self, party: Party) -> float:
        """The pair has one cable; it is counted at the line's end."""
        return self.cable.loss_db if isinstance(party, ExchangeLine) else 0.0

    def records(self) -> Sequence[dict[str, Any]]:
        """See ``stage.Box``."""
        return self._records

    def ports(self) -> dict[str, dict[str, Any]]:
        """A plain line has no ports."""
        return {}

    def prompt(self, name: str) -> Samples:
        """A plain line has no prompts."""
        raise KeyError(f"prompt {name}: there is no box")

    def act(self, what: str) -> None:
        """There is nothing to act on."""
        raise ValueError(f"{what!r}: there is no box that could do so")
