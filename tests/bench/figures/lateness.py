"""Goal G10: how late the tick is under load, beside what this machine does to any program.

cyclictest (Debian's rt-tests) runs at the same time with the same period and a higher priority,
so a stall of the machine itself shows in both. Two programs of ordinary priority burn both cores.
What a block takes in the ordinary case (the median) is work and stands under ``tick``; what is
over that is lateness.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys

from tests.bench.figures.figure import Figure
from tests.bench.real_box import RealBox

SECONDS = 20
PERIOD_US = 5000
MARGIN_US = 500
HOG = "while True: sum(range(1000))"


def _cyclictest() -> subprocess.Popen[str] | None:
    program = shutil.which("cyclictest")
    if program is None:
        return None
    # One thread, priority above lined's 50, a histogram up to 20 ms.
    options = ["-q", "-t1", "-p60", f"-i{PERIOD_US}", f"-D{SECONDS}", "-h20000"]
    return subprocess.Popen([program, *options], stdout=subprocess.PIPE, text=True)


def _p99_us(histogram: str) -> int:
    """The 99th percentile of cyclictest's histogram: lines of latency and count."""
    counts = [(int(a), int(b)) for a, b in re.findall(r"^(\d{6}) (\d{6})", histogram, re.MULTILINE)]
    total, seen = sum(count for _, count in counts), 0
    for latency, count in counts:
        seen += count
        if seen >= 0.99 * total:
            return latency
    return 20_000


def figures() -> list[Figure]:
    """Answer times of blocks with eight ports busy and both cores burnt."""
    with RealBox() as box:
        box.busy_lines(4)
        box.let_pass(2)
        box.pace_us()
        before = box.status().counters.late_ticks
        hogs = [subprocess.Popen([sys.executable, "-c", HOG]) for _ in range(2)]
        floor = _cyclictest()
        try:
            box.let_pass(SECONDS)
            pace = box.pace_us()
            late = box.status().counters.late_ticks - before
        finally:
            for hog in hogs:
                hog.kill()
                hog.wait()
        said = floor.communicate(timeout=30)[0] if floor else ""
    name = f"block answered, 8 ports busy, both cores burnt ({pace['count']} blocks)"
    work, p99 = pace["median"], pace["p99"] - pace["median"]
    if floor is None:
        beside, holds = "cyclictest is not on this machine (Debian: rt-tests)", None
    else:
        limit = _p99_us(said) + MARGIN_US
        beside, holds = f"G10: cyclictest's p99 beside it + 500 us = {limit} us", p99 <= limit
    return [
        Figure(f"{name}, usual", "us", work, work, work, f"a block lasts {PERIOD_US} us"),
        Figure("lateness over that, p99", "us", p99, 0, pace["most"] - work, beside, holds),
        Figure("late blocks meanwhile", "blocks", late, late, late, "0 on an idle machine"),
    ]
