"""The table of services is complete for the scenarios there are, and fresh."""

from __future__ import annotations

from tests.scenario.rows import MISSING, NAMED, NUMBERED
from tests.scenario.services_table import CAPABILITIES, FOLDER, README, shown, written

FEWEST_SCENARIOS = 60


def test_the_table_of_services_is_fresh() -> None:
    text = README.read_text(encoding="utf-8")
    assert text == written(text), "run python -m tests.scenario.services_table"


def test_every_capability_has_its_scenarios() -> None:
    for name, stems in CAPABILITIES.items():
        assert stems, name
        for stem in stems:
            assert (FOLDER / f"{stem}.yaml").exists(), f"{name}: {stem}"


def test_every_row_is_shown_by_a_scenario_or_named_as_missing() -> None:
    without = {row for row, stems in shown().items() if not stems}
    assert without == set(MISSING), "rows without a scenario, and rows named as missing"


def test_what_is_missing_is_wanted_and_has_a_reason() -> None:
    assert set(MISSING) <= {*NUMBERED, *NAMED}
    assert all(len(reason.split()) > 3 for reason in MISSING.values())


def test_there_are_scenarios_enough() -> None:
    assert len(list(FOLDER.glob("*.yaml"))) >= FEWEST_SCENARIOS
