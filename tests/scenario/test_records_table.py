"""The table of the office's memory names tests that exist, and says what is missing."""

from __future__ import annotations

from pathlib import Path

from tests.scenario.records_table import MISSING, PROOFS, README, ROWS, proofs, written


def test_the_table_of_records_is_fresh() -> None:
    text = README.read_text(encoding="utf-8")
    assert text == written(text), "run python -m tests.scenario.records_table"


def test_the_table_of_records_names_what_exists() -> None:
    folder = Path(__file__).parents[1]
    for row, tests in PROOFS.items():
        assert row in ROWS, row
        for test in tests:
            file, _, name = test.partition("::")
            text = (folder / file).read_text(encoding="utf-8")
            assert not name or f"def {name}(" in text, test
            assert name or row in text, test


def test_every_row_of_records_is_proved_or_named_as_missing() -> None:
    unproved = {row for row, by in proofs().items() if not by}
    assert unproved == set(MISSING), "prove it, or say what is missing; take out what holds now"
