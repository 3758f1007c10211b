"""The box as real processes in real time: late blocks, memory, how soon there is dial tone."""

from __future__ import annotations

import os
import time

from tests.bench.figures.figure import Figure
from tests.bench.figures.floor import MISSING, Floor
from tests.bench.real_box import RealBox

STALL_US = 4000  # a block lasts 5000 and its work takes less than 1000
BUSY_LOAD = 2.5
MOST_S = 5.0
TALK_S = float(os.environ.get("TIPRING_TALK_S", "20"))


def _dial_tone(box: RealBox) -> float:
    """Seconds from the first program's start to dial tone in a lifted handset."""
    box.act("lift", "telephone 204")
    box.wait(lambda: box.act("hears", "telephone 204", hz=450, ms=100)["dbm0"] > -20, 10)
    soon = time.monotonic() - box.started_s
    box.act("replace", "telephone 204")
    box.let_pass(1.5)
    return soon


def _talk(box: RealBox, lines: int) -> list[Figure]:
    box.busy_lines(lines)
    box.let_pass(2.0)
    before = box.status().counters
    floor = Floor(round(TALK_S))
    box.let_pass(TALK_S)
    after = box.status().counters
    unjudged = "" if floor.end() else MISSING
    stalls = floor.stalls(STALL_US)
    ticks = after.ticks - before.ticks
    late = after.late_ticks - before.late_ticks
    name = f"late blocks of {ticks} in {TALK_S:.0f} s, {2 * lines} ports busy, recorded"
    beside = f"0 beyond one block; cyclictest beside it: {stalls} stalls over {STALL_US} us"
    holds = None if unjudged else late <= stalls
    longest = after.longest_tick_us
    return [
        Figure(name, "blocks", late, late, late, beside, holds, unjudged),
        Figure(f"longest tick so far, {2 * lines} ports", "us", longest, longest, longest, "5000"),
    ]


def figures() -> list[Figure]:
    """Two ports, then all eight; memory; start to dial tone."""
    found = []
    for lines in (1, 4):
        with RealBox(wanted=("world", "lined", "calld", "webd")) as box:
            soon = _dial_tone(box)
            if lines == 1:
                beside = "reliability: process start to dial tone within 5 s"
                load = os.getloadavg()[0]
                shared = f"load {load:.1f}, others use the machine" if load > BUSY_LOAD else ""
                holds = None if shared else soon <= MOST_S
                found.append(
                    Figure(
                        "process start to dial tone", "s", soon, soon, soon, beside, holds, shared
                    )
                )
            found += _talk(box, lines)
            if lines == 4:
                for name in ("lined", "calld", "webd"):
                    mb = box.resident_mb(name)
                    found.append(Figure(f"resident memory of {name}", "MB", mb, mb, mb))
    return found
