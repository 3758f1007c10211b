"""Many short calls over a trunk into the whole box: ``python -m tests.sip.load [CALLS] [RATE]``.

SIPp calls, the menu answers, SIPp clears a moment later; every process of the box is looked at
meanwhile. SIPp keeps to the rate and never has more calls up than the trunk has legs.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any, NamedTuple

from tests.bench.process_health import Health, look, table
from tests.bench.real_box import RealBox
from tests.sip.run import free_port
from tests.sip.sheet import sheet
from tests.sip.steps import OVER, UP, Flow, Pause

LEGS = 8
AT_ONCE = 4  # as many legs again are still being given back while the next calls come
TALK_MS = 150
LOOK_EVERY_S = 5.0
WARM = 2_000  # calls until caches, pools and the log's first file are what they will be
DAEMONS = ("sipd", "calld", "lined")


class Load(NamedTuple):
    """What a run gave."""

    done: int
    failed: int
    recorded: int
    seen: dict[str, list[Health]]


def office(peer_port: int, own_port: int) -> Any:
    """Settings: one trunk of all legs to the peer; its number leads to the menu."""

    def wanted(document: dict[str, Any]) -> dict[str, Any]:
        first = document["lines"][0]
        legs = [dict(first, port=f"sip/{n}", name=f"trunk {n}") for n in range(1, LEGS + 1)]
        trunk = {
            "name": "carrier",
            "lines": [leg["port"] for leg in legs],
            "host": "127.0.0.1",
            "port": peer_port,
            "register": False,
            "user": "100",
            "numbers": {"100": "flow:main"},
        }
        return dict(
            document,
            lines=[*document["lines"], *legs],
            sip={"trunks": [trunk], "port": own_port, "address": "127.0.0.1"},
        )

    return wanted


def done_of(screen: str) -> tuple[int, int]:
    """Calls that ended well and badly by SIPp's statistics file (its last line)."""
    rows = [row.split(";") for row in screen.strip().splitlines()]
    if len(rows) < 2:
        return 0, 0
    whole = [row for row in rows if len(row) == len(rows[0])]  # the last may be half written
    last = dict(zip(rows[0], whole[-1], strict=True))
    try:
        return int(last["SuccessfulCall(C)"]), int(last["FailedCall(C)"])
    except (KeyError, ValueError):
        return 0, 0


def run(calls: int, rate: int) -> Load:
    """So many calls, so many begun a second."""
    peer, own = free_port("udp"), free_port("udp")
    seen: dict[str, list[Health]] = {name: [] for name in DAEMONS}
    with (
        tempfile.TemporaryDirectory(prefix="tipring-load-") as text,
        RealBox(wanted=("world", "lined", "calld", "sipd"), patient=True) as box,
    ):
        folder = Path(text)
        box.change_settings(office(peer, own))
        box.wait(lambda: _up(box), 30)
        (folder / "flow.xml").write_text(sheet("load", Flow((*UP, Pause(TALK_MS), *OVER))))
        statistics = folder / "statistics.csv"
        command = ["sipp", f"127.0.0.1:{own}", "-sf", "flow.xml", "-i", "127.0.0.1", "-p"]
        command += [str(peer), "-m", str(calls), "-l", str(AT_ONCE), "-r", str(rate), "-nostdin"]
        command += ["-recv_timeout", "8000", "-fd", "1", "-trace_stat", "-stf", str(statistics)]
        command += ["-trace_err", "-error_file", "errors.log"]
        with (folder / "screen.txt").open("wb") as screen:
            sipp = subprocess.Popen(command, cwd=folder, stdout=screen, stderr=screen)
            try:
                while sipp.poll() is None:
                    box.let_pass(LOOK_EVERY_S)
                    done = sum(done_of(statistics.read_text())) if statistics.exists() else 0
                    for name in DAEMONS:
                        seen[name].append(look(box.pid(name), done))
                    _all_alive(box)
                    held = ", ".join(f"{name} {seen[name][-1].anonymous_kb} kB" for name in DAEMONS)
                    sys.stderr.write(f"{done} calls: {held}\n")
            finally:
                sipp.terminate()
                sipp.wait(10)
        done, failed = done_of(statistics.read_text())
        errors = folder / "errors.log"
        if failed and errors.exists():
            sys.stderr.write(errors.read_text(errors="replace")[:2_000])
        box.wait(lambda: box.status().calls == (), 30)
        for name in DAEMONS:
            seen[name].append(look(box.pid(name), done + failed))
        _all_alive(box)
        recorded = len(box.records())
    return Load(done, failed, recorded, seen)


def _all_alive(box: RealBox) -> None:
    starts = {p.name: p.starts for p in box.supervisor.programs if p.name in DAEMONS}
    if set(starts.values()) != {1}:
        raise RuntimeError(f"a daemon was started again: {starts}\n{box.logs()}")


def _up(box: RealBox) -> bool:
    status = box.status()
    legs = [p for p in status.ports if re.match("sip/", p.port)] if status else []
    return len(legs) == LEGS and all(p.state == "idle" for p in legs)


def main(words: list[str]) -> int:
    """Run, print, judge by eye."""
    calls, rate = (int(words[0]) if words else 1_000), (int(words[1]) if words[1:] else 10)
    load = run(calls, rate)
    print(f"\n{load.done} calls, {load.failed} failed, {load.recorded} records")
    print(table(load.seen, 10_000, min(WARM, calls // 4)))
    print(f"load {os.getloadavg()[0]:.1f}")
    return 1 if load.failed else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
