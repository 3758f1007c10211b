"""What lined goes through before it takes up its work: afterwards a tick loads nothing any more."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import datetime
from pathlib import Path

import pytest

from firmware.core.countries import COUNTRIES
from firmware.daemons.wires.rehearsal import rehearse

ROOT = Path(__file__).parents[3]

WATCHED = """
import sys
from datetime import datetime
from pathlib import Path

from firmware.core.countries import COUNTRIES
from firmware.daemons.wires.lined import Lined
from firmware.daemons.wires.rehearsal import rehearse
from tests.bench.player import run
from tests.bench.scenario import load

if "rehearsed" in sys.argv:
    rehearse(COUNTRIES["CN"], datetime(2026, 3, 2, 9, 0))
REAL_TIME = {f.__code__ for f in (Lined.tick, Lined.after_tick, Lined.command)}
loaded = set()

def watch(event, details):
    if event != "import":
        return
    frame = sys._getframe()
    while frame is not None:
        if frame.f_code in REAL_TIME:
            loaded.add(details[0])
        frame = frame.f_back

sys.addaudithook(watch)
for scenario in load(Path("tests/scenario/first_call.yaml"))[:1]:
    held, _ = run(scenario, say=lambda _: None)
    assert held
print(sorted(loaded))
"""


def _loaded_in_ticks(*arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", WATCHED, *arguments],
        cwd=ROOT,
        env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.mark.slow
def test_a_call_after_it_loads_no_module_in_a_tick():
    assert _loaded_in_ticks("rehearsed") == "[]"


@pytest.mark.parametrize("code", COUNTRIES)
def test_every_country_has_one(code: str):
    rehearse(COUNTRIES[code], datetime(2026, 3, 2, 9, 0))  # noqa: DTZ001  # as a display shows it
