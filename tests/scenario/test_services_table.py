"""The table of services is complete for the scenarios there are, and fresh."""

from __future__ import annotations

from tests.scenario.services_table import CAPABILITIES, FOLDER, README, written


def test_the_table_of_services_is_fresh() -> None:
    text = README.read_text(encoding="utf-8")
    assert text == written(text), "run python -m tests.scenario.services_table"


def test_every_capability_has_its_scenarios() -> None:
    there = {file.stem for file in FOLDER.glob("*.yaml")}
    for name, stems in CAPABILITIES.items():
        assert stems, name
        assert set(stems) <= there, f"{name}: {set(stems) - there}"
