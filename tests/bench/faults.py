"""What goes wrong between a box and the world, on purpose and repeatable.

Every fault has a seed and keeps a log of what it did, so that a failing test can say which fault
broke it. The wrappers stand around a bus or around one end of a pair; neither side knows.
"""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol

import numpy as np

from drivers.bus import SpiBus
from tests.bench.world.copper import Feed, FeedState, PairState, Samples, Terminal, TerminalState

FLOATING = 0xFF
"""What the controller reads for a byte that no chip heard."""

SAMPLES_PER_MS = 8
_RMS_AT_0_DBM0 = 32124.0 / math.sqrt(2.0) * 10.0 ** (-3.14 / 20.0)  # as copper.py counts sound


class FaultyBus:
    """A bus on which bits flip and bytes get lost.

    Args:
        inner: the bus that works.
        seed: of everything that happens here.
        bit_flip: probability per byte that one of its bits is wrong, in each direction.
        lost_byte: probability per byte that no chip hears it.
        doubled_byte: probability per byte that the chips hear it twice.

    Attributes:
        seed: as given, for the message of an assertion.
        log: number of the byte since the start, what happened to it.
    """

    def __init__(
        self,
        inner: SpiBus,
        seed: int,
        bit_flip: float = 1e-4,
        lost_byte: float = 0.0,
        doubled_byte: float = 0.0,
    ) -> None:
        self.inner = inner
        self.seed = seed
        self.log: list[tuple[int, str]] = []
        self.enabled = True
        self._random = random.Random(seed)
        self._rates = {
            "flipped out": bit_flip,
            "flipped in": bit_flip,
            "lost": lost_byte,
            "doubled": doubled_byte,
        }
        self._seen = 0
        self._next = {kind: self._gap(rate) for kind, rate in self._rates.items()}

    def exchange(self, data: bytes) -> bytes:
        """Pass on, with what fate adds."""
        start, end = self._seen, self._seen + len(data)
        self._seen = end
        if min(self._next.values()) >= end:
            return self.inner.exchange(data)
        due: dict[int, list[str]] = {}
        for kind, rate in self._rates.items():
            while self._next[kind] < end:
                due.setdefault(self._next[kind] - start, []).append(kind)
                self._next[kind] += 1 + self._gap(rate)
        if not self.enabled:
            return self.inner.exchange(data)
        return self._spoil(data, due, start)

    def _spoil(self, data: bytes, due: dict[int, list[str]], start: int) -> bytes:
        sent = bytearray()
        place: list[int | None] = []  # where the answer to each of the caller's bytes stands
        for at, byte in enumerate(data):
            kinds = due.get(at, ())
            self.log.extend((start + at, kind) for kind in kinds)
            if "lost" in kinds:
                place.append(None)
                continue
            place.append(len(sent))
            sent.append(byte ^ self._bit() if "flipped out" in kinds else byte)
            if "doubled" in kinds:
                sent.append(sent[-1])
        heard = self.inner.exchange(bytes(sent)) if sent else b""
        answer = bytearray(FLOATING if n is None else heard[n] for n in place)
        for at, kinds in due.items():
            if "flipped in" in kinds:
                answer[at] ^= self._bit()
        return bytes(answer)

    def _bit(self) -> int:
        return 1 << self._random.randrange(8)

    def _gap(self, rate: float) -> int:
        """Good bytes before the next bad one."""
        if rate <= 0.0:
            return 1 << 62
        if rate >= 1.0:
            return 0
        return int(math.log(1.0 - self._random.random()) / math.log(1.0 - rate))


class _Schedule:
    """Instants with exponentially distributed gaps, in milliseconds."""

    def __init__(self, seed: int, mean_ms: float) -> None:
        self.random = random.Random(seed)
        self._mean_ms = mean_ms
        self.next_ms = self.random.expovariate(1.0 / mean_ms)

    def due(self, now_ms: float) -> bool:
        """Whether the next instant has come; plans the one after it."""
        if now_ms < self.next_ms:
            return False
        self.next_ms = now_ms + self.random.expovariate(1.0 / self._mean_ms)
        return True


class HookBounce:
    """A telephone whose hook switch chatters at every change.

    Args:
        terminal: the telephone.
        seed: of the chatter.
        bounce_ms: how long the contact chatters; it may change once per block.
    """

    def __init__(self, terminal: Terminal, seed: int, bounce_ms: float = 15.0) -> None:
        self.inner = terminal
        self.seed = seed
        self.bounces = 0
        self._random = random.Random(seed)
        self._length = int(bounce_ms * SAMPLES_PER_MS)
        self._left = 0
        self._was: bool | None = None

    def terminal(self, samples: int) -> TerminalState:
        """What the telephone presents, chattering."""
        state = self.inner.terminal(samples)
        if self._was is not None and state.closed != self._was:
            self._left = self._length
        self._was = state.closed
        if self._left <= 0:
            return state
        self._left -= samples
        closed = self._random.random() < 0.5
        self.bounces += closed != state.closed
        return replace(state, closed=closed)

    def terminal_senses(self, pair: PairState, sound: Samples | None, samples: int) -> None:
        """Pass on."""
        self.inner.terminal_senses(pair, sound, samples)


class LineNoise:
    """White noise, and mains hum if wanted, on a pair; both ends hear it.

    Args:
        feed: the feeding end.
        seed: of the noise.
        noise_dbm0: its level; None is no noise.
        hum_dbm0: level of the hum; None is no hum.
        hum_hz: 50 or 60.
    """

    def __init__(
        self,
        feed: Feed,
        seed: int,
        noise_dbm0: float | None = -55.0,
        hum_dbm0: float | None = None,
        hum_hz: float = 50.0,
    ) -> None:
        self.inner = feed
        self.seed = seed
        self._random = np.random.default_rng(seed)
        self._noise = 0.0 if noise_dbm0 is None else _RMS_AT_0_DBM0 * 10.0 ** (noise_dbm0 / 20.0)
        self._hum = 0.0 if hum_dbm0 is None else _RMS_AT_0_DBM0 * 10.0 ** (hum_dbm0 / 20.0)
        self._turn = hum_hz / (1000.0 * SAMPLES_PER_MS)
        self._at = 0

    def feed(self, samples: int) -> FeedState:
        """What the inner end feeds, with noise."""
        state = self.inner.feed(samples)
        added = self._random.standard_normal(samples, np.float32) * np.float32(self._noise)
        if self._hum:
            turns = (self._at + np.arange(samples)) * self._turn
            added += (self._hum * math.sqrt(2.0) * np.sin(2.0 * np.pi * turns)).astype(np.float32)
        self._at += samples
        return replace(state, hum=added if state.hum is None else state.hum + added)

    def feed_senses(self, pair: PairState, sound: Samples | None, samples: int) -> None:
        """Pass on."""
        self.inner.feed_senses(pair, sound, samples)


class BatteryDrops:
    """An exchange that takes the battery away now and then.

    Args:
        feed: the exchange's end.
        seed: of when and how long.
        mean_ms: mean time between two drops.
        shortest_ms: of one drop.
        longest_ms: of one drop.
    """

    def __init__(
        self,
        feed: Feed,
        seed: int,
        mean_ms: float = 60_000.0,
        shortest_ms: float = 50.0,
        longest_ms: float = 400.0,
    ) -> None:
        self.inner = feed
        self.seed = seed
        self.log: list[tuple[float, float]] = []
        self._schedule = _Schedule(seed, mean_ms)
        self._span = (shortest_ms, longest_ms)
        self._at_ms = 0.0
        self._until_ms = -1.0

    def feed(self, samples: int) -> FeedState:
        """What the exchange feeds, or nothing."""
        state = self.inner.feed(samples)
        if self._schedule.due(self._at_ms):
            length = self._schedule.random.uniform(*self._span)
            self.log.append((self._at_ms, length))
            self._until_ms = self._at_ms + length
        dropped = self._at_ms < self._until_ms
        self._at_ms += samples / SAMPLES_PER_MS
        return replace(state, open=True, ring_vrms=0.0, sound=None) if dropped else state

    def feed_senses(self, pair: PairState, sound: Samples | None, samples: int) -> None:
        """Pass on."""
        self.inner.feed_senses(pair, sound, samples)


class Forgetful(Protocol):
    """A chip that can lose its registers."""

    name: str

    def lose_registers(self) -> None:
        """Reset behind the driver's back."""
        ...


class ChipResets:
    """Chips that reset by themselves now and then.

    Args:
        chips: which of them may.
        seed: of when and which.
        mean_ms: mean time between two resets of any of them.
    """

    def __init__(self, chips: Sequence[Forgetful], seed: int, mean_ms: float = 600_000.0) -> None:
        self.seed = seed
        self.log: list[tuple[float, str]] = []
        self._chips = list(chips)
        self._schedule = _Schedule(seed, mean_ms)

    def advance(self, now_ms: float) -> None:
        """It is ``now_ms``."""
        if self._schedule.due(now_ms):
            chip = self._schedule.random.choice(self._chips)
            self.log.append((now_ms, chip.name))
            chip.lose_registers()
