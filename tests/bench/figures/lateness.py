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
from collections.abc import Mapping

from tests.bench.figures.figure import Figure
from tests.bench.real_box import RealBox

SECONDS = 20
PERIOD_US = 5000
MARGIN_US = 500
HOG = "while True: sum(range(1000))"


class Floor:
    """cyclictest beside a run: a thread on each core, every ``PERIOD_US``, above our priority."""

    def __init__(self, seconds: int) -> None:
        """Begin; without the program (Debian: rt-tests) nothing is measured."""
        program = shutil.which("cyclictest")
        options = ["-q", "-t2", "-a", "-p60", f"-i{PERIOD_US}", "-d0", f"-D{seconds}", "-h50000"]
        self._process = program and subprocess.Popen(
            [program, *options], stdout=subprocess.PIPE, text=True
        )
        self.counts: list[tuple[int, int]] = []  # latency in us, how often
        self.worst_us = 0

    def end(self) -> bool:
        """Wait for its end and read its histogram; False when there is none."""
        if not self._process:
            return False
        said = self._process.communicate(timeout=60)[0]
        worst = re.search(r"Max Latencies: (\d+) (\d+)", said)
        self.worst_us = max(map(int, worst.groups())) if worst else 0
        rows = re.findall(r"^(\d{6}) (\d{6})\s(\d{6})", said, re.MULTILINE)
        self.counts = [(int(a), int(b) + int(c)) for a, b, c in rows]
        # What lay beyond the histogram is told apart.
        beyond = re.search(r"Histogram Overflows: (\d+) (\d+)", said)
        if beyond:
            self.counts.append((50_000, int(beyond[1]) + int(beyond[2])))
        return True

    def p99_us(self) -> int:
        """The 99th percentile."""
        return percentile(dict(self.counts), 0.99)

    def stalls(self, longer_us: int) -> int:
        """How often the machine let even this program wait for longer."""
        return sum(count for latency, count in self.counts if latency > longer_us)


def percentile(counts: Mapping[int, int], part: float) -> int:
    """The value that ``part`` of all counted values do not exceed; 0 when there are none."""
    total, seen = sum(counts.values()), 0
    for value in sorted(counts):
        seen += counts[value]
        if seen >= part * total:
            return value
    return 0


def figures() -> list[Figure]:
    """Answer times of blocks with eight ports busy and both cores burnt."""
    with RealBox() as box:
        box.busy_lines(4)
        box.let_pass(2)
        box.pace_us()
        before = box.status().counters.late_ticks
        hogs = [subprocess.Popen([sys.executable, "-c", HOG]) for _ in range(2)]
        floor = Floor(SECONDS)
        try:
            box.let_pass(SECONDS)
            pace = box.pace_us()
            late = box.status().counters.late_ticks - before
        finally:
            for hog in hogs:
                hog.kill()
                hog.wait()
        measured = floor.end()
    name = f"block answered, 8 ports busy, both cores burnt ({pace['count']} blocks)"
    work, p99 = pace["median"], pace["p99"] - pace["median"]
    if not measured:
        beside, holds = "cyclictest is not on this machine (Debian: rt-tests)", None
    else:
        limit = floor.p99_us() + MARGIN_US
        beside, holds = f"G10: cyclictest's p99 beside it + 500 us = {limit} us", p99 <= limit
    return [
        Figure(f"{name}, usual", "us", work, work, work, f"a block lasts {PERIOD_US} us"),
        Figure("lateness over that, p99", "us", p99, 0, pace["most"] - work, beside, holds),
        Figure("late blocks meanwhile", "blocks", late, late, late, "0 on an idle machine"),
    ]
