"""The turn loop of the box, paced by the genuine highway, with chips of the bench on its SPI."""

from __future__ import annotations

import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from drivers.alsa_pcm import AlsaPcm
from drivers.pcm import IDLE_A_LAW
from firmware.config import Chain, Machine, Pins
from firmware.core.clock import BLOCK_MS, BLOCK_SAMPLES
from firmware.daemons.wires.assembly import build_lined, ports_of
from firmware.daemons.wires.line_loop import LineLoop, monotonic_ms
from firmware.daemons.wires.realtime import freeze_collector
from firmware.daemons.wires.spool import SpoolThread
from tests.bench.chips.card import BenchCard

TURNS = 2000  # 10 s

MACHINE = Machine(
    country="CN",
    chains=(
        Chain(kind="fxs", chip="si3215", device="memory", count=4, slots=(0, 1, 2, 3)),
        Chain(kind="fxo", chip="si3050", device="memory", count=4, slots=(4, 5, 6, 7)),
    ),
    pins=Pins(reset=5),
)


class TimedBus:
    """A chain of the bench's card that notices how late it is when it is spoken to."""

    def __init__(self, card: BenchCard, bus: object) -> None:
        self._card, self._bus = card, bus

    def exchange(self, data: bytes) -> bytes:
        """One message, now."""
        self._card.advance(monotonic_ms())
        return self._bus.exchange(data)

    def close(self) -> None:
        """Nothing to give back."""


def ten_seconds() -> str:
    """Ten seconds of turns with eight ports."""
    card = BenchCard(fxs=("si3215",) * 4, fxo=4)
    card.advance(monotonic_ms())
    lined = build_lined(
        MACHINE,
        fxs=TimedBus(card, card.fxs_bus),
        fxo=TimedBus(card, card.fxo_bus),
        reset=lambda held: card.reset(not held),
        prompts=lambda _name: None,
        sink=SpoolThread(),
        wall=lambda: datetime.now(UTC),
        boot="guest",
    )
    pcm = AlsaPcm(
        "joined", block_samples=BLOCK_SAMPLES, periods=MACHINE.sound.periods, idle_code=IDLE_A_LAW
    )
    turns = 0
    first_s = 0.0
    broken_at: list[tuple[int, bool]] = []
    runs = 0

    def done() -> bool:
        nonlocal turns, first_s, runs
        turns += 1
        first_s = first_s or time.monotonic()
        if (now := lined.counters(0).under_runs) != runs:
            runs = now
            broken_at.append((turns, lined.card.ready))
        return turns > TURNS

    loop = LineLoop(lined, pcm, Path(tempfile.mkdtemp()), block_samples=BLOCK_SAMPLES)
    loop.run(done, freeze_collector)
    took_s = time.monotonic() - first_s
    told = lined.counters(monotonic_ms())
    story = (
        f"{told.ticks} turns in {took_s:.2f} s, {told.late_ticks} late, the longest "
        f"{told.longest_tick_us} us, over- and under-runs {told.under_runs}, bus faults "
        f"{told.bus_faults}; broke off at turns {[turn for turn, _ in broken_at]}, "
        f"{sum(up for _, up in broken_at)} times with the card up"
    )
    assert told.ticks == TURNS, story
    assert lined.card.ready, f"ports that did not come up; {story}"
    assert told.bus_faults == 0, story
    # The highway paces: ten seconds of blocks take ten seconds of its clock.
    assert abs(took_s - TURNS * BLOCK_MS / 1000) < 0.2, story
    return f"{len(ports_of(MACHINE))} ports up; {story}"
