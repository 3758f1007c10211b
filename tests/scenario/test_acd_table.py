"""The table of queues and agents is fresh, and names tests that exist."""

from __future__ import annotations

from pathlib import Path

from tests.scenario.acd_table import MISSING, README, ROWS, TESTS, proofs, written


def test_the_table_of_queues_is_fresh() -> None:
    text = README.read_text(encoding="utf-8")
    assert text == written(text), "run python -m tests.scenario.acd_table"


def test_the_table_names_what_exists() -> None:
    tests = Path(__file__).parents[1]
    for row, name in TESTS.items():
        assert row in ROWS, row
        assert (tests / name).is_file(), name


def test_every_row_is_proved_or_named_as_missing() -> None:
    unproved = {row for row, by in proofs().items() if not by}
    assert unproved == set(MISSING), "prove it, or say what is missing; take out what holds now"
