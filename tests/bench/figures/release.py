"""How long a line stays taken after the far side has cleared, by exchange, once it is learned.

From the first moment of the sign to the open loop, through the box's detectors and jacks by sound:
the third to fifth call of a line, in three draws of voices and noise. The limit is 6 s.
"""

from __future__ import annotations

import numpy as np

from tests.bench.clearings import CLEARINGS, SILENT, one_round
from tests.bench.figures.figure import Figure, of
from tests.bench.row_of_lines import RowOfLines
from tests.conformance import talker

LIMIT_S = 6.0
SEEDS = (7001, 7002, 7003)
CALLS = 5
LEARN_BY = 2
NEVER_S = 60.0  # stands for a line that was not freed
RIVAL = "a rule of six busy cycles: 4.2 s (CN) to 9 s (IN)"


def figures() -> list[Figure]:
    """One figure for each exchange that gives a sign."""
    times: dict[str, list[float]] = {c.name: [] for c in CLEARINGS[:SILENT]}
    for seed in SEEDS:
        rng = np.random.default_rng(seed)
        lines = RowOfLines(len(CLEARINGS))
        for call in range(1, CALLS + 1):
            speech = talker.rows(talker.talk, seed + call, len(CLEARINGS), 4.0)
            freed = one_round(lines, rng, speech)
            if call <= LEARN_BY:
                continue
            for row, clearing in enumerate(CLEARINGS[:SILENT]):
                times[clearing.name].append(freed.get(row, NEVER_S * 1000) / 1000)
    return [
        of(f"released after {name}", "s", found, RIVAL, LIMIT_S) for name, found in times.items()
    ]
