"""Goal G10: how late the tick is under load, beside what this machine does to any program.

cyclictest (Debian's rt-tests) runs at the same time with the same period and a higher priority,
so a stall of the machine itself shows in both. Two programs of ordinary priority burn both cores.
Lateness is what cyclictest means by it: from the moment at which there was something to do, a block
given, to the program at work. What it does then is work and stands under ``tick``; when it is done
is judged by the block that it has to be done in.
"""

from __future__ import annotations

from tests.bench.burden import Burden
from tests.bench.figures.figure import Figure
from tests.bench.figures.floor import MISSING, PERIOD_US, Floor
from tests.bench.real_box import RealBox

SECONDS = 20
MARGIN_US = 500
STALL_US = 4000  # a block lasts 5000 and its work takes less than 1000
ANSWER_US = 4000  # a block and a fifth of it in reserve


def figures() -> list[Figure]:
    """When blocks are taken up and answered with eight ports busy and both cores burnt."""
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
    woken, answered = pace["woken"], pace["answered"]
    name = f"lateness p99, 8 ports busy, both cores burnt ({woken['count']} blocks)"
    beside, holds, unjudged, stalls = "", None, MISSING, 0
    if measured:
        limit, unjudged, stalls = floor.p99_us() + MARGIN_US, "", floor.stalls(STALL_US)
        beside = f"G10: cyclictest's p99 beside it + 500 us = {limit} us; spread: median and most"
        holds = woken["p99"] <= limit
    return [
        Figure(name, "us", woken["p99"], woken["median"], woken["most"], beside, holds, unjudged),
        Figure(
            "block answered, p99",
            "us",
            answered["p99"],
            answered["median"],
            answered["most"],
            f"of the {PERIOD_US} us it lasts, a fifth in reserve; spread: median and most",
            answered["p99"] <= ANSWER_US,
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
