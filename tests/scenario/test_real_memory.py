"""What lined holds on to while all eight ports talk and are recorded, in real time.

All that it uses is locked into memory, and a board with 512 MB has other programs too. Once a call
has been up for a while its thread of sound brings in no page any more, from the card or otherwise.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.bench.real_box import RealBox

pytestmark = [pytest.mark.soak, pytest.mark.timeout(300)]

MOST_MB = 150
SETTLE_S, FLAT_S = 30, 60


def _sound_faults(pid: int) -> tuple[int, int]:
    """Pages that the thread of sound waited for: already in memory, from the card.

    Fields 10 and 12 of proc_pid_stat(5); the name in brackets may hold anything.
    """
    stat = Path(f"/proc/{pid}/task/{pid}/stat").read_text(encoding="ascii")
    fields = stat.rpartition(")")[2].split()
    return int(fields[7]), int(fields[9])


def _held_mb(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    line = next(line for line in status.splitlines() if line.startswith("VmRSS:"))
    return int(line.split()[1]) / 1024


def test_what_lined_holds_on_to_stays_small_and_still():
    with RealBox() as box:
        process = next(p.process for p in box.supervisor.programs if p.name == "lined")
        assert process is not None
        box.busy_lines(4)
        box.let_pass(SETTLE_S)
        before = _sound_faults(process.pid)
        box.let_pass(FLAT_S)
        after, held_mb = _sound_faults(process.pid), _held_mb(process.pid)
    minor, major = (b - a for a, b in zip(before, after, strict=True))
    print(f"\nlined holds {held_mb:.0f} MB; in {FLAT_S} s {minor} pages touched, {major} fetched")
    assert held_mb <= MOST_MB
    assert (minor, major) == (0, 0)
