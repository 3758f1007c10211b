"""The canceller on lines as the DAA's presets meet them: fast enough, and never led astray."""

from __future__ import annotations

import pytest

from tests.bench.figures.echo_lines import run
from tests.conformance.daa_lines import LINES, return_loss_db


@pytest.mark.slow
@pytest.mark.parametrize("line", LINES)
def test_no_line_diverges_under_double_talk(line):
    seed = 6111
    found = run(line, seed)
    assert found["early_db"] >= 20.0, f"{line}, seed {seed}: {found}"
    assert found["worst_double_db"] >= return_loss_db(line) - 1.0, f"{line}, seed {seed}: {found}"
    assert found["after_db"] >= found["before_db"] - 3.0, f"{line}, seed {seed}: {found}"
