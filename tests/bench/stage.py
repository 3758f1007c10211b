"""Where a scenario plays: a box with its people, and what an expectation is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from tests.bench.world.copper import Samples
from tests.bench.world.exchange_line import ExchangeLine
from tests.bench.world.party import Party
from tests.bench.world.telephone import Telephone

HEARING_STEP_MS = 50  # judging sound costs more than a block; people do not hear faster either


class Box(Protocol):
    """The appliance with its people around it, as a scenario sees it."""

    @property
    def now_ms(self) -> int:
        """Time since the box was ready, in milliseconds of the bench's clock."""
        ...

    def run_until(self, predicate: Callable[[], bool], timeout_ms: int) -> bool:
        """Let time pass until ``predicate`` holds, asked after every block.

        False if it did not within ``timeout_ms``.
        """
        ...

    def telephone(self, extension: str) -> Telephone:
        """The telephone of an extension; ``KeyError`` if there is none."""
        ...

    def line(self, number: int) -> ExchangeLine:
        """The line on ``fxo/number``; ``KeyError`` if there is none."""
        ...

    def loss_db(self, party: Party) -> float:
        """Loss of the cable to this party, one way."""
        ...

    def records(self) -> Sequence[dict[str, Any]]:
        """Closed call records, oldest first, as plain values."""
        ...

    def ports(self) -> dict[str, dict[str, Any]]:
        """What the box says about its ports: name to ``{"state": ...}``."""
        ...

    def mode(self) -> str:
        """Day, lunch, night or holiday, as the box says."""
        ...

    def prompt(self, name: str) -> Samples:
        """A prompt of the box's store at 8 kHz, as it should be heard; ``KeyError`` if none."""
        ...

    def act(self, what: str) -> None:
        """Do something to the box itself (``kill calld``); ``ValueError`` names what there is."""
        ...


@dataclass(slots=True)
class Stage:
    """A box, and the country whose tones are meant when none is named.

    ``since_ms`` is when the present step began to listen, by the box's clock: what was heard
    before does not count for it. A step that judges this very moment looks back freely (0).
    """

    box: Box
    country: str
    folder: Path
    since_ms: int = 0

    def since(self, party: Party) -> int:
        """``since_ms`` by the clock of a party."""
        return max(0, self.since_ms + party.now_ms - self.box.now_ms) if self.since_ms else 0

    def party(self, name: str) -> Party:
        """``telephone 201`` or ``line 1``."""
        kind, number = name.split(" ")
        return self.box.telephone(number) if kind == "telephone" else self.box.line(int(number))

    def run_ms(self, ms: float) -> None:
        """Let time pass."""
        end = self.box.now_ms + ms
        self.box.run_until(lambda: self.box.now_ms >= end, int(ms) + 1000)


Finding = tuple[bool, str]
Check = Callable[[], Finding]


@dataclass(slots=True)
class Expectation:
    """Something that holds or not.

    ``check`` is asked every ``every_ms``; ``settle`` is asked for a final word once it held and
    may let time pass (to see a whole ring cadence). ``throughout`` takes the place of ``check``
    where something must hold for a time. An ``experiment`` lets time pass by itself and is made
    once.
    """

    check: Check
    every_ms: int = 0
    settle: Check | None = None
    experiment: bool = False
    throughout: Check | None = None
