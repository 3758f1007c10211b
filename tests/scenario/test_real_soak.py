"""Ten minutes of talk in real time, recorded: two ports, then all eight. ``make soak`` runs it.

"Late" is a block that took longer than it lasts, "dry" one that the device had to go without. The
promise is for an idle machine that runs when it is asked to: cyclictest runs beside it at a higher
priority, and a stall that even that program saw is the machine's (goal G10). Load and stalls are
printed beside the figure.
"""

from __future__ import annotations

import os

import pytest

from tests.bench.figures.floor import Floor
from tests.bench.real_box import RealBox

pytestmark = [pytest.mark.soak, pytest.mark.timeout(1200)]

TALK_S = 600
STALL_US = 4000  # a block lasts 5000 and its work takes less than 1000


@pytest.mark.parametrize("lines", [1, 4])
def test_ten_minutes_of_talk(lines: int):
    with RealBox() as box:
        box.busy_lines(lines)
        box.let_pass(3)
        before = box.status().counters
        floor = Floor(TALK_S)
        box.let_pass(TALK_S)
        after = box.status().counters
        load = os.getloadavg()
        stalls = floor.stalls(STALL_US) if floor.end() else 0
        late = after.late_ticks - before.late_ticks
        dry = after.under_runs - before.under_runs
        print(
            f"\n{2 * lines} ports, {after.ticks - before.ticks} blocks: {late} late, {dry} dry, "
            f"longest {after.longest_tick_us} us, load {load[0]:.1f} {load[1]:.1f}, "
            f"{stalls} stalls of the machine over {STALL_US} us"
        )
        assert len(box.status().calls) == lines, "a conversation was cut"
        assert dry == 0, f"the device went without {dry} blocks"
        assert late <= stalls, f"{late} late blocks, {stalls} stalls of the machine"
        for n in range(1, lines + 1):
            box.act("hang_up", f"line {n}", by="busy tone")
        box.let_pass(2)
        # These people talk without a pause; who hears the busy tone puts down.
        for n in range(1, lines + 1):
            box.act("replace", f"telephone {200 + n}")
        box.wait(lambda: not any(box.party(f"line {n + 1}")["seized"] for n in range(lines)), 8)
        box.wait(lambda: len(box.records()) == lines, 8)
        for record in box.records():
            (recording,) = record["recordings"]
            # The end is dated back to its first sign; until that is believed it is recorded.
            talked_ms = record["t6_ms"] - record["t5_ms"]
            assert -500 < recording["duration_ms"] - talked_ms < 6_000
