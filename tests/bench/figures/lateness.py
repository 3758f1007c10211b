"""Goal G10: how late the tick is under load, beside what this machine does to any program.

cyclictest (Debian's rt-tests) runs at the same time with the same period and a higher priority,
so a stall of the machine itself shows in both. Two programs of ordinary priority burn both cores.
What a block takes in the ordinary case (the median) is work and stands under ``tick``; what is
over that is lateness.
"""

from __future__ import annotations

from tests.bench.burden import Burden
from tests.bench.figures.figure import Figure
from tests.bench.figures.floor import MISSING, PERIOD_US, Floor
from tests.bench.real_box import RealBox

SECONDS = 20
MARGIN_US = 500
STALL_US = 4000  # a block lasts 5000 and its work takes less than 1000


def figures() -> list[Figure]:
    """Answer times of blocks with eight ports busy and both cores burnt."""
    with RealBox() as box:
        box.busy_lines(4)
        box.let_pass(2)
        box.pace_us()
        before = box.status().counters.late_ticks
        floor = Floor(SECONDS)
        with Burden():
            box.let_pass(SECONDS)
            pace = box.pace_us()
            late = box.status().counters.late_ticks - before
        measured = floor.end()
    name = f"block answered, 8 ports busy, both cores burnt ({pace['count']} blocks)"
    work, p99 = pace["median"], pace["p99"] - pace["median"]
    beside, holds, unjudged, stalls = "", None, MISSING, 0
    if measured:
        limit, unjudged, stalls = floor.p99_us() + MARGIN_US, "", floor.stalls(STALL_US)
        beside, holds = f"G10: cyclictest's p99 beside it + 500 us = {limit} us", p99 <= limit
    return [
        Figure(f"{name}, usual", "us", work, work, work, f"a block lasts {PERIOD_US} us"),
        Figure(
            "lateness over that, p99", "us", p99, 0, pace["most"] - work, beside, holds, unjudged
        ),
        Figure(
            "late blocks meanwhile",
            "blocks",
            late,
            late,
            late,
            f"the machine stalled {stalls} times over {STALL_US} us",
            None if unjudged else late <= stalls,
            unjudged,
        ),
    ]
