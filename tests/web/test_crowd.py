"""The page looked at by everybody at once, beside eight calls and a neighbour who means no good.

``make soak`` runs it (``TIPRING_CROWD_S`` seconds, 120 unless told). The owner goes from page to
page meanwhile; lined and cyclictest beside it say whether anybody could have heard it.
"""

from __future__ import annotations

import os
import time
from collections import defaultdict
from pathlib import Path

import pytest

from tests.bench.crowd import HALF_OPEN, LIVE, Crowd, Got
from tests.bench.figures.floor import Floor
from tests.bench.figures.records import first_calls
from tests.bench.real_box import RealBox
from tests.bench.real_page import RealPage, with_a_door

pytestmark = [pytest.mark.soak, pytest.mark.timeout(1200)]

SECONDS = int(os.environ.get("TIPRING_CROWD_S", "120"))
LOOKS = ("/", "/calls", "/reports/", "/jacks/", "/settings/office", "/box/", "/tickets/", "/desk/")
THINKS_S = 0.25
P95_S = 0.5
STALL_US = 4000  # a block lasts 5000 and its work takes less than 1000
UP_S = 60
LINES = 4
HOST = "127.0.2.1"  # for a door at port 443


def percentile(values: list[float], part: float) -> float:
    """The value that ``part`` of all do not exceed."""
    return sorted(values)[min(len(values) - 1, int(part * len(values)))]


def ms(seconds: float) -> str:
    return f"{1000 * seconds:.0f} ms"


def with_a_past(data: Path) -> None:
    """Ten thousand calls in the log, for pages and exports that have something to show."""
    first_calls(data / "records.sqlite")


def everybody_is_there(box: RealBox, crowd: Crowd) -> Got:
    def in_place() -> bool:
        got = crowd.got
        return got.live == LIVE and got.half_open >= 0.9 * HALF_OPEN and got.exports > 0

    box.wait(in_place, UP_S)
    return crowd.got


@pytest.mark.parametrize("door", ["encrypted", "plain"])
def test_a_crowd_at_the_page_is_not_heard_and_the_owner_need_not_wait(door: str) -> None:
    box = RealBox(wanted=("world", "lined", "calld", "webd"), before=with_a_past)
    secure = with_a_door(box, HOST) if door == "encrypted" else ""
    with box:
        page = RealPage(box, secure)
        box.busy_lines(LINES)
        with Crowd(page.address, page.others, secure=bool(secure)) as crowd:
            first = everybody_is_there(box, crowd)
            before = box.status().counters
            floor = Floor(SECONDS)
            took: dict[str, list[float]] = defaultdict(list)
            until = time.monotonic() + SECONDS
            while time.monotonic() < until:
                for path in LOOKS:
                    status, seconds = page.ask_s(path)
                    assert status == 200, path
                    took[path].append(seconds)
                    box.let_pass(THINKS_S)
                # Somebody asks back and returns to his caller: every live page has news.
                box.act("flash", "telephone 201")
            after, got = box.status(), crowd.got
            assert floor.end(), "cyclictest is not on this machine (Debian: rt-tests)"
        every = [seconds for found in took.values() for seconds in found]
        late = after.counters.late_ticks - before.late_ticks
        dry = after.counters.under_runs - before.under_runs
        stalls = floor.stalls(STALL_US)
        size = (got.export_bytes - first.export_bytes) // max(1, got.exports - first.exports)
        slowest = max(took, key=lambda path: percentile(took[path], 0.95))
        print(
            f"{door}: {after.counters.ticks - before.ticks} blocks, {late} late, {dry} dry, "
            f"{stalls} stalls over {STALL_US} us; {len(every)} looks of the owner: "
            f"median {ms(percentile(every, 0.5))}, p95 {ms(percentile(every, 0.95))} "
            f"({slowest} {ms(percentile(took[slowest], 0.95))}), longest {ms(max(every))}; "
            f"{got.live} live pages with {got.events - first.events} parts, {got.half_open} "
            f"half-open, {got.exports - first.exports} exports of {size // 1000} kB; "
            f"webd {box.resident_mb('webd'):.0f} MB; load {os.getloadavg()[0]:.1f}"
        )
        assert len(after.calls) >= LINES, "a conversation was cut"
        assert got.live == LIVE, "a live page was cut"
        assert percentile(every, 0.95) <= P95_S
        assert late <= stalls
