"""A pair of wires: a feed at one end, a terminal at the other, a cable between.

On an FXS port the chip is the feed and a telephone the terminal; on an FXO port an exchange is
the feed and the chip the terminal. Copper knows direct current, ringing and sound; it knows no
chip, no telephone and no call.

Sound is float32 in units of the 16-bit linear code (full-scale sine 32124 = +3.14 dBm0 in A-law
terms), at the 0 dBr point of each end. Wires have losses, so what arrives is not what was sent.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
import numpy.typing as npt

Samples = npt.NDArray[np.float32]
Parts = list[tuple[Samples, float]]


@dataclass(slots=True)
class FeedState:
    """What the feeding end puts on the pair for one block."""

    open: bool = False  # no battery at all: high impedance
    battery_v: float = -48.0  # tip-ring open-circuit voltage, negative is normal polarity
    resistance_ohm: float = 400.0
    limit_ma: float = 30.0
    ring_vrms: float = 0.0  # superimposed on the battery
    ring_hz: float = 0.0
    sound: Samples | None = None  # None is silence
    echo_gain: float = 0.0  # part of what arrives that the feed's hybrid sends back
    hum: Samples | None = None  # common noise on the pair, heard at both ends
    impedance: tuple[str, float] | None = None  # the exchange's network and km of cable, if told


@dataclass(slots=True)
class TerminalState:
    """What the terminal end presents for one block."""

    closed: bool = False
    resistance_ohm: float = 300.0  # when closed
    leak_ohm: float = 0.0  # across the pair also when open; 0 is none
    ren: float = 1.0  # ringer load when open
    sound: Samples | None = None
    echo_gain: float = 0.0  # part of what arrives that comes back from this end


@dataclass(slots=True)
class PairState:
    """What both ends can measure on the pair during one block."""

    voltage_v: float = 0.0  # across the terminal, signed
    current_ma: float = 0.0  # through the terminal, signed like the voltage
    ring_vrms: float = 0.0  # at the terminal
    ring_hz: float = 0.0
    ring_current_ma: float = 0.0
    impedance: tuple[str, float] | None = None  # what a terminal sees of the line


class Feed(Protocol):
    """A battery end: a SLIC or an exchange."""

    def feed(self, samples: int) -> FeedState:
        """What the end puts on the pair for the next ``samples``."""
        ...

    def feed_senses(self, pair: PairState, sound: Samples | None, samples: int) -> None:
        """What came back; ``sound`` is what the terminal side sent, None for silence."""
        ...


class Terminal(Protocol):
    """A loop-closing end: a telephone or a DAA."""

    def terminal(self, samples: int) -> TerminalState:
        """What the end presents for the next ``samples``."""
        ...

    def terminal_senses(self, pair: PairState, sound: Samples | None, samples: int) -> None:
        """What arrived from the feed, as above."""
        ...


@dataclass(slots=True)
class Cable:
    """The wire between; ``cut`` is an unplugged jack."""

    resistance_ohm: float = 200.0
    loss_db: float = 0.5  # each way
    cut: bool = False
    extra_terminals: list[Terminal] = field(default_factory=list)  # other telephones on the pair


def _sum(parts: Parts, samples: int) -> Samples:
    """All of it together, in an array of its own."""
    if not parts:
        return np.zeros(samples, np.float32)
    (sound, gain), *more = parts
    total = sound * np.float32(gain)
    for sound, gain in more:
        total += sound * np.float32(gain)
    return total


class Pair:
    """One feed, one terminal, one cable, stepped block by block."""

    def __init__(self, feed: Feed, terminal: Terminal, cable: Cable | None = None) -> None:
        self.feed_end = feed
        self.terminal_end = terminal
        self.cable = cable or Cable()
        self.state = PairState()
        self._seen: tuple[object, ...] = ()  # what ``state`` follows from, where that is known

    def step(self, samples: int) -> PairState:
        """Let both ends act on each other for ``samples`` and return the electrical state."""
        cable = self.cable
        if not cable.extra_terminals and not cable.cut:
            return self._step_plain(samples)
        self._seen = ()
        source = self.feed_end.feed(samples)
        ends = [self.terminal_end, *cable.extra_terminals]
        sinks = [end.terminal(samples) for end in ends]
        if cable.cut:
            dead = PairState()
            for end in ends:
                end.terminal_senses(dead, None, samples)
            # An open cable reflects: the feed hears its own sound back.
            own = None if source.sound is None else source.sound * np.float32(source.echo_gain)
            feed_state = PairState(voltage_v=0.0 if source.open else source.battery_v)
            self.feed_end.feed_senses(feed_state, own, samples)
            self.state = dead
            return dead

        pair = self._electricity(source, sinks)
        pair.impedance = source.impedance
        self.state = pair
        if source.sound is None and source.hum is None and all(s.sound is None for s in sinks):
            # Nobody makes a sound: skip the arithmetic.
            for end in ends:
                end.terminal_senses(pair, None, samples)
            self.feed_end.feed_senses(pair, None, samples)
            return pair

        towards_terminal, towards_feed = self._sound(source, sinks, samples)
        for index, end in enumerate(ends):
            heard = towards_terminal
            for other, sink in enumerate(sinks):
                if other != index and sink.sound is not None:
                    heard = heard + sink.sound
            end.terminal_senses(pair, heard, samples)
        self.feed_end.feed_senses(pair, towards_feed, samples)
        return pair

    def _step_plain(self, samples: int) -> PairState:
        """One terminal on a whole cable, as nearly all pairs are nearly all the time.

        As long as neither end changes, the electrical state is the same object.
        """
        feed_end, end = self.feed_end, self.terminal_end
        source, sink = feed_end.feed(samples), end.terminal(samples)
        seen = (
            source.open,
            source.battery_v,
            source.resistance_ohm,
            source.limit_ma,
            source.ring_vrms,
            source.ring_hz,
            source.impedance,
            self.cable.resistance_ohm,
            sink.closed,
            sink.resistance_ohm,
            sink.leak_ohm,
            sink.ren,
        )
        if seen != self._seen:
            self._seen = seen
            self.state = self._electricity(source, [sink])
            self.state.impedance = source.impedance
        pair = self.state
        if source.sound is None and source.hum is None and sink.sound is None:
            end.terminal_senses(pair, None, samples)
            feed_end.feed_senses(pair, None, samples)
            return pair
        towards_terminal, towards_feed = self._sound(source, [sink], samples)
        end.terminal_senses(pair, towards_terminal, samples)
        feed_end.feed_senses(pair, towards_feed, samples)
        return pair

    def _sound(
        self, source: FeedState, sinks: list[TerminalState], samples: int
    ) -> tuple[Samples, Samples]:
        """What arrives at a terminal, the other terminals left aside, and at the feed."""
        gain = 10.0 ** (-self.cable.loss_db / 20.0)
        twice = gain * gain
        back: Parts = []  # towards the feed: sounds with their gains
        forth: Parts = []  # towards the terminal
        for sink in sinks:
            if sink.sound is not None:
                back.append((sink.sound, gain))
            if sink.echo_gain and source.sound is not None:
                back.append((source.sound, sink.echo_gain * twice))
        if source.sound is not None:
            forth.append((source.sound, gain))
        if source.echo_gain:
            forth += [(s.sound, source.echo_gain * twice) for s in sinks if s.sound is not None]
        if source.hum is not None:
            forth.append((source.hum, 1.0))
            back.append((source.hum, 1.0))
        return _sum(forth, samples), _sum(back, samples)

    def _electricity(self, source: FeedState, sinks: list[TerminalState]) -> PairState:
        if source.open:
            return PairState()
        conductance = 0.0
        closed = False
        for sink in sinks:
            if sink.closed:
                closed = True
                conductance += 1.0 / max(1.0, sink.resistance_ohm)
            if sink.leak_ohm:
                conductance += 1.0 / sink.leak_ohm
        battery = source.battery_v
        if conductance == 0.0:
            voltage, current = battery, 0.0
        else:
            load = 1.0 / conductance
            current = battery / (source.resistance_ohm + self.cable.resistance_ohm + load)
            limit = source.limit_ma / 1000.0
            current = max(-limit, min(limit, current))
            voltage = current * load
        pair = PairState(voltage_v=voltage, current_ma=current * 1000.0)
        if source.ring_vrms:
            ringers = sum(s.ren for s in sinks if not s.closed)
            # One REN is about 7 kohm at 20-25 Hz; a closed terminal shorts the ringing.
            load_ohm = 1.0 / (ringers / 7000.0 + conductance) if ringers or conductance else 1e9
            series = source.resistance_ohm + self.cable.resistance_ohm
            pair.ring_vrms = source.ring_vrms * load_ohm / (load_ohm + series)
            pair.ring_hz = source.ring_hz
            pair.ring_current_ma = 1000.0 * source.ring_vrms / (load_ohm + series)
            if closed:
                pair.ring_vrms = min(pair.ring_vrms, 5.0)
        return pair
