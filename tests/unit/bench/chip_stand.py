"""A stand for one card of fake chips: bytes by hand, copper with two plain ends, virtual time."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from tests.bench.chips.card import BenchCard
from tests.bench.world.copper import Cable, FeedState, Pair, PairState, TerminalState

BLOCK_MS, BLOCK = 5, 40


@dataclass
class Handset:
    """A terminal that is closed or open, and keeps what it heard last."""

    closed: bool = False
    resistance_ohm: float = 300.0
    ren: float = 1.0
    sound: np.ndarray | None = None
    heard: np.ndarray | None = None
    pair: PairState = field(default_factory=PairState)

    def terminal(self, samples):  # noqa: ARG002  # the contract of copper
        return TerminalState(
            closed=self.closed,
            resistance_ohm=self.resistance_ohm,
            ren=self.ren,
            sound=self.sound,
        )

    def terminal_senses(self, pair, sound, samples):  # noqa: ARG002  # the contract of copper
        self.pair, self.heard = pair, sound


@dataclass
class Street:
    """An exchange's end of a pair."""

    state: FeedState = field(default_factory=FeedState)
    sound: np.ndarray | None = None
    heard: np.ndarray | None = None

    def feed(self, samples):  # noqa: ARG002  # the contract of copper
        self.state.sound = self.sound
        return self.state

    def feed_senses(self, pair, sound, samples):  # noqa: ARG002  # the contract of copper
        self.heard = sound


class Stand:
    """The card with a handset on every FXS jack and a street on every FXO jack."""

    def __init__(self, fxs=("si3210",), fxo=1, **card):
        self.card = BenchCard(fxs, fxo, **card)
        self.handsets = [Handset() for _ in self.card.fxs]
        self.streets = [Street() for _ in self.card.fxo]
        plain = {"resistance_ohm": 0.0, "loss_db": 0.0}
        self.pairs = [
            *(
                Pair(c, h, Cable(**plain))
                for c, h in zip(self.card.fxs, self.handsets, strict=True)
            ),
            *(Pair(s, c, Cable(**plain)) for s, c in zip(self.streets, self.card.fxo, strict=True)),
        ]
        self.now_ms = 0
        self.play = np.full((8, BLOCK), 0xD5, np.uint8)
        self.captured = self.play
        self.card.reset(True)
        self.run(5)

    def run(self, ms):
        """Let time pass in blocks; answers the last block that the highway carried."""
        until = self.now_ms + ms
        while self.now_ms < until:
            self.now_ms += BLOCK_MS
            self.card.advance(self.now_ms)
            self.captured = self.card.highway.exchange(
                self.play, lambda: [pair.step(BLOCK) for pair in self.pairs]
            )
        return self.captured

    # Si321x by hand: select (one-hot), R/W in b7 and register, data.

    def daisy(self):
        """Bytes 00 80 in 2-byte mode: every chip of the chain goes to 3-byte mode."""
        self.card.fxs_bus.exchange(b"\x00\x80")
        return self

    def slic(self, register, value=None, chip=0):
        """Read, or write ``value``."""
        if value is None:
            return self.card.fxs_bus.exchange(bytes((1 << chip, 0x80 | register, 0)))[2]
        self.card.fxs_bus.exchange(bytes((1 << chip, register, value)))
        return None

    def slic_indirect(self, address, value=None, chip=0):
        """Through registers 28 to 31."""
        if value is not None:
            self.slic(28, value & 0xFF, chip)
            self.slic(29, value >> 8, chip)
        self.slic(30, address, chip)
        for _ in range(100):
            if not self.slic(31, chip=chip):
                return self.slic(28, chip=chip) | self.slic(29, chip=chip) << 8
        raise AssertionError("indirect access stays pending")

    def slic_up(self, chip=0):
        """Thresholds and gains of the data sheet, battery up, loopback off, forward active."""
        third = self.card.fxs[chip].variant == "si3215"
        for si3210, si3215, value in (
            (19, 6, 0x0000),
            (20, 7, 0x7EF0),
            (21, 8, 0x0160),
            (22, 9, 0x0000),
            (26, 13, 0x4000),
            (27, 14, 0x4000),
            (28, 15, 0x1000),
            (29, 16, 0x3600),
            (35, 22, 0x8000),
            (36, 23, 0x0320),
            (41, 64, 0x0C00),
            (43, 66, 0x1000),
        ):
            self.slic_indirect(si3215 if third else si3210, value, chip)
        self.slic(8, 0x00, chip)
        self.slic(14, 0x00, chip)
        self.run(500)
        self.slic(64, 1, chip)
        self.run(500)
        return self

    # Si3050 by hand: control byte 0x20 writes and 0x60 reads chip 0; CID LSB first.

    def daa(self, register, value=None, chip=0):
        """Read, or write ``value``."""
        cid = (0x00, 0x08, 0x04, 0x0C, 0x02, 0x0A, 0x06, 0x0E)[chip]
        if value is None:
            return self.card.fxo_bus.exchange(bytes((0x60 | cid, register, 0)))[2]
        self.card.fxo_bus.exchange(bytes((0x20 | cid, register, value)))
        return None

    def daa_up(self, chip=0):
        """Line side powered, link up, the power-up flags cleared."""
        self.daa(6, 0x00, chip)
        self.run(20)
        self.daa(4, 0x00, chip)
        return self


def sine(hertz, amplitude, samples=BLOCK):
    return (amplitude * np.sin(2 * np.pi * hertz / 8000.0 * np.arange(samples))).astype(np.float32)
