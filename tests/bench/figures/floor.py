"""What the machine itself does to any program: cyclictest (Debian's rt-tests) beside a run."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Mapping

PERIOD_US = 5000
MISSING = "cyclictest is not on this machine (Debian: rt-tests)"


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
