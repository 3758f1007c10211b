"""What one block of sound costs, from a small box to many simulated slots, and a virtual hour."""

from __future__ import annotations

import time

import numpy as np

from firmware.core.clock import BLOCK_MS, BLOCK_SAMPLES
from firmware.core.commands import Listen, Party, SetBridge, StartRecording
from firmware.core.countries import country
from firmware.media.tick import SoundPath
from tests.bench.box import Box
from tests.bench.chips import g711
from tests.bench.figures.figure import Figure, of
from tests.bench.voice import speech

ROUNDS, TICKS = 5, 400
VIRTUAL_S = 30
LEAST_SPEED = 20.0  # times real time, all ports talking and recorded
VIRTUAL_BLOCK = 160  # 20 ms: the virtual hour need not hear in 5 ms


class NoSink:
    """Recordings that nobody keeps."""

    def open(self, path: str, seal_for: str = "") -> None:
        """Nothing."""

    def write(self, path: str, data: bytes) -> None:
        """Nothing."""

    def take_failed(self) -> list[tuple[str, str]]:
        """The card takes everything."""
        return []

    def close(self, path: str) -> None:
        """Nothing."""


def _busy(slots: int) -> SoundPath:
    """Half telephones, half lines, all in conversations in pairs, recorded, detectors on."""
    half = slots // 2
    ports = [f"fxs/{n + 1}" for n in range(half)] + [f"fxo/{n + 1}" for n in range(half)]
    path = SoundPath(
        ports,
        lines=frozenset(ports[half:]),
        country=country("CN"),
        block_samples=BLOCK_SAMPLES,
        prompts=lambda _name: None,
        sink=NoSink(),
    )
    for n in range(half):
        pair = (Party(port=ports[n]), Party(port=ports[half + n]))
        path.apply(SetBridge(bridge=f"b{n}", call=f"c{n}", parties=pair), 0)
        path.apply(Listen(port=ports[half + n], progress=True), 0)
        # Keys are listened for on every port, as the settings of a new office have it.
        recording = StartRecording(
            port=ports[half + n], recording=f"r{n}", path="none", hush_keys=True
        )
        path.apply(recording, 0)
    return path


def _tick_us(slots: int) -> list[float]:
    path = _busy(slots)
    sound = np.stack(
        [speech(TICKS * BLOCK_MS, seed=n)[: TICKS * BLOCK_SAMPLES] for n in range(slots)]
    )
    codes = g711.encode(sound.astype(np.float32), g711.Law.A)
    blocks = [
        np.ascontiguousarray(codes[:, n * BLOCK_SAMPLES : (n + 1) * BLOCK_SAMPLES])
        for n in range(TICKS)
    ]
    out = np.empty_like(blocks[0])
    found = []
    for _ in range(ROUNDS):
        begin = time.process_time()
        for n, block in enumerate(blocks):
            path.tick(block, out, n * BLOCK_MS)
        found.append((time.process_time() - begin) / TICKS * 1e6)
    return found


def _virtual_speed() -> float:
    def settings(document: dict) -> dict:
        lines = [dict(line, inbound=str(201 + n)) for n, line in enumerate(document["lines"])]
        return dict(document, lines=lines, record="all", record_notice="none")

    with Box(settings=settings, block_samples=VIRTUAL_BLOCK) as box:
        for n in range(1, 5):
            box.line(n).call(f"1380013800{n}")
        box.run_until(lambda: all(t.ringing for t in box.town.telephones), 20_000)
        for telephone in box.town.telephones:
            telephone.lift()
        box.run_for(1_500)
        for n, party in enumerate((*box.town.telephones, *box.town.lines)):
            party.mouth.loop(speech(8000.0, seed=n), party.timeline.sample)
        begin = time.process_time()
        box.run_for(VIRTUAL_S * 1000)
        return VIRTUAL_S / (time.process_time() - begin)


def figures() -> list[Figure]:
    """Ticks of 2 to 64 slots; how much faster than real time everything is together."""
    budget_us = BLOCK_MS * 1000
    found = [
        of(
            f"tick of {BLOCK_MS} ms, {slots} slots talking and recorded",
            "us",
            _tick_us(slots),
            f"a block lasts {budget_us} us",
            budget_us,
        )
        for slots in (2, 4, 8, 16, 32, 64)
    ]
    eight = found[2]
    share = [100 * v / budget_us for v in (eight.median, eight.low, eight.high)]
    beside = "goal G13 at most 5 % of a core"
    found.append(Figure("sound path of 8 ports", "% of a core", *share, beside, share[0] <= 5))
    speeds = [_virtual_speed() for _ in range(3)]
    speed = sorted(speeds)[1]
    found.append(
        Figure(
            "virtual time, 8 ports talking and recorded, town included",
            "x real",
            speed,
            min(speeds),
            max(speeds),
            f"at least {LEAST_SPEED:.0f} times real time",
            speed >= LEAST_SPEED,
        )
    )
    return found
