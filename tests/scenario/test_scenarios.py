"""Every scenario file, played on a whole box in virtual time; each verdict is in the output."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.bench.player import run
from tests.bench.scenario import Scenario, load

FOLDER = Path(__file__).parent
SCENARIOS = [scenario for file in sorted(FOLDER.rglob("*.yaml")) for scenario in load(file)]


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda s: s.name)
def test_scenario_holds(scenario: Scenario):
    said: list[str] = []
    held, _ = run(scenario, say=said.append)
    assert held, "\n".join([f"seed {scenario.seed}", *said])
