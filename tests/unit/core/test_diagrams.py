"""The drawings in the READMEs are those of the tables."""

from __future__ import annotations

import pytest

from firmware.core.fsm import Table
from tests.unit.diagrams import DRAWINGS, ROOT, drawn


@pytest.mark.parametrize(
    ("readme", "table"),
    [
        pytest.param(readme, table, id=table.name)
        for readme, tables in DRAWINGS.items()
        for table in tables
    ],
)
def test_the_drawing_is_fresh(readme: str, table: Table) -> None:
    text = (ROOT / readme).read_text(encoding="utf-8")
    assert drawn(text, table) == text, "stale: run python -m tests.unit.diagrams"
