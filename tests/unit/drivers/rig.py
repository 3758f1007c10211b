"""A card on the bench with telephones and exchange lines that a test holds in its hands."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from drivers.bus import SpiBus
from drivers.card import Card
from drivers.line import AnyLineEvent, LineEvent
from tests.bench.chips.card import BenchCard
from tests.bench.world.copper import FeedState, Pair, PairState, Samples, TerminalState

BLOCK_MS = 5
START_MS = 1000

Kind = TypeVar("Kind", bound=LineEvent)


class Telephone:
    """A terminal that does what ``state`` says."""

    def __init__(self) -> None:
        self.state = TerminalState()

    def terminal(self, samples: int) -> TerminalState:  # noqa: ARG002  # copper.Terminal
        """The telephone's end."""
        return self.state

    def terminal_senses(self, pair: PairState, sound: Samples | None, samples: int) -> None:
        """Deaf."""


class Exchange:
    """A feed that does what ``state`` says."""

    def __init__(self) -> None:
        self.state = FeedState()

    def feed(self, samples: int) -> FeedState:  # noqa: ARG002  # copper.Feed
        """The exchange's end."""
        return self.state

    def feed_senses(self, pair: PairState, sound: Samples | None, samples: int) -> None:
        """Deaf."""


class FaultyBus:
    """A bus whose bytes flip one bit, or get lost, now and then.

    Args:
        inner: the healthy bus.
        rate: probability per byte and direction of a flipped bit.
        seed: of everything random here.
        lose: probability per byte that the chips do not see it.
    """

    def __init__(self, inner: SpiBus, rate: float, seed: int, lose: float = 0.0) -> None:
        self.inner = inner
        self.rate = rate
        self.lose = lose
        self.lost = 0
        self.armed = False
        self.flips = 0
        self._random = random.Random(seed)

    def _disturb(self, data: bytes) -> bytes:
        chance, found = self._random, bytearray(data)
        for place in range(len(found)):
            if chance.random() < self.rate:
                found[place] ^= 1 << chance.randrange(8)
                self.flips += 1
        return bytes(found)

    def exchange(self, data: bytes) -> bytes:
        """Both directions through the disturbance, once armed."""
        if not self.armed:
            return self.inner.exchange(data)
        if self.lose:
            kept = bytes(b for b in data if self._random.random() >= self.lose)
            self.lost += len(data) - len(kept)
            answer = self.inner.exchange(self._disturb(kept)) if kept else b""
            return self._disturb(answer).ljust(len(data), b"\xff")
        return self._disturb(self.inner.exchange(self._disturb(data)))


class Rig:
    """Card, copper and time.

    Args:
        fxs: variants of the FXS chips.
        fxo: line sides, or their number.
        step_ms: time between polls.
        wrap: put something between card and bus.
        settings: further arguments of the card.
    """

    def __init__(
        self,
        fxs: Sequence[str] = ("si3215", "si3215"),
        fxo: int | Sequence[str] = 2,
        *,
        step_ms: int = 10,
        wrap: Callable[[SpiBus], SpiBus] = lambda bus: bus,
        **settings: Any,
    ) -> None:
        self.bench = BenchCard(fxs=fxs, fxo=fxo)
        ports = self.bench.ports
        defaults: dict[str, object] = {
            "fxs_chip": fxs[0] if fxs else "si3215",
            "fxs_count": len(self.bench.fxs),
            "fxo_count": len(self.bench.fxo),
            "slots": {port: slot for slot, port in enumerate(ports)},
            "country": "CN",
            "law": "a",
        }
        self.card = Card(
            fxs=wrap(self.bench.fxs_bus),
            fxo=wrap(self.bench.fxo_bus),
            reset=lambda held: self.bench.reset(not held),
            **(defaults | settings),
        )
        self.phones = {chip.name: Telephone() for chip in self.bench.fxs}
        self.lines = {chip.name: Exchange() for chip in self.bench.fxo}
        self.pairs = {chip.name: Pair(chip, self.phones[chip.name]) for chip in self.bench.fxs}
        self.pairs |= {chip.name: Pair(self.lines[chip.name], chip) for chip in self.bench.fxo}
        self.step_ms = step_ms
        self.now_ms = START_MS
        self.events: list[AnyLineEvent] = []
        self.bench.advance(self.now_ms)
        self.card.start(self.now_ms)

    def run(self, ms: int, *, poll: bool = True) -> list[AnyLineEvent]:
        """Let time pass; the events of this time."""
        found: list[AnyLineEvent] = []
        for _ in range(ms // self.step_ms):
            for _ in range(self.step_ms // BLOCK_MS):
                self.now_ms += BLOCK_MS
                self.bench.advance(self.now_ms)
                for pair in self.pairs.values():
                    pair.step(8 * BLOCK_MS)
            if poll:
                found += self.card.poll(self.now_ms)
        self.events += found
        return found

    def up(self, limit_ms: int = 6000) -> Rig:
        """Until bring-up has ended and the lines are quiet."""
        while not self.card.ready and self.now_ms < START_MS + limit_ms:
            self.run(self.step_ms)
        assert self.card.ready, f"not ready after {limit_ms} ms: {self.card.jacks}"
        self.run(600)
        return self

    def lift(self, port: str) -> None:
        """Off-hook."""
        self.phones[port].state.closed = True

    def hang_up(self, port: str) -> None:
        """On-hook."""
        self.phones[port].state.closed = False

    def command(self, command: object) -> None:
        """Give a command now."""
        self.card.command(command, self.now_ms)


def only(events: Sequence[AnyLineEvent], kind: type[Kind], port: str = "") -> list[Kind]:
    """Events of one kind, of one port if given."""
    return [e for e in events if isinstance(e, kind) and (not port or e.port == port)]


def short(events: Sequence[AnyLineEvent]) -> list[str]:
    """Port and kind of every event, for comparing."""
    return [f"{event.port} {type(event).__name__}" for event in events]
