"""Every form of caller identity at the edges of its standard: read right, and never wrong."""

from __future__ import annotations

import numpy as np
import pytest

from tests.conformance.caller_id_grid import cells, hear

CELLS = cells()
COUNT = 2  # of every cell; ``make bench`` draws more


@pytest.mark.slow
@pytest.mark.parametrize("form", sorted({cell.form for cell in CELLS}))
def test_no_number_is_lost_or_wrong_at_the_edges(form: str) -> None:
    rng = np.random.default_rng(7001)
    for cell in [cell for cell in CELLS if cell.form == form]:
        for _ in range(COUNT):
            right, wrong = hear(cell, rng)
            assert not wrong, f"{form} at {cell.edge}, seed 7001: a wrong number"
            assert right, f"{form} at {cell.edge}, seed 7001: lost"


def test_every_form_is_in_the_grid() -> None:
    forms = {cell.form for cell in CELLS}
    assert forms == {
        "Bell 202 SDMF",
        "Bell 202 MDMF",
        "V.23 MDMF (ETSI)",
        "V.23 MDMF (BT)",
        "DTMF DC",
        "DTMF A#",
        "JCLIP",
    }
