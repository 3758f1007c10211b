"""Every scenario file, played on a whole box in virtual time; each verdict is in the output.

The fast tests play one row of a few files, the full run all of them, and the few once more with
the blocks of the product, where they run with longer ones.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from firmware.core.clock import BLOCK_MS
from tests.bench.player import run
from tests.bench.scenario import Scenario, load

FOLDER = Path(__file__).parent
FILES = sorted(FOLDER.rglob("*.yaml"))
SCENARIOS = [scenario for file in FILES for scenario in load(file)]
# What everything else stands on: each way into and out of the box, and one of each kind of service.
FAST = {
    "first_call",
    "internal_call",
    "outgoing_call",
    "outgoing_pulse",
    "glare",
    "ring_group",
    "services/attended_transfer",
    "services/call_waiting",
    "services/class_refused",
    "services/emergency_locked",
    "services/hours",
    "services/voicemail",
}
FEW = [load(FOLDER / f"{name}.yaml")[0] for name in sorted(FAST)]
_FEW_NAMES = {scenario.name for scenario in FEW}


def _played(scenario: Scenario, block_ms: int | None = None) -> None:
    said: list[str] = []
    held, _ = run(scenario, block_ms=block_ms, say=said.append)
    assert held, "\n".join([f"seed {scenario.seed}", *said])


@pytest.mark.parametrize("scenario", FEW, ids=lambda s: s.name)
def test_one_of_each_kind_holds(scenario: Scenario):
    _played(scenario)


@pytest.mark.slow
@pytest.mark.parametrize(
    "scenario", [s for s in SCENARIOS if s.name not in _FEW_NAMES], ids=lambda s: s.name
)
def test_scenario_holds(scenario: Scenario):
    _played(scenario)


@pytest.mark.slow
@pytest.mark.parametrize(
    "scenario", [s for s in FEW if s.block_ms != BLOCK_MS], ids=lambda s: s.name
)
def test_holds_with_the_blocks_of_the_product_too(scenario: Scenario):
    _played(scenario, BLOCK_MS)
