"""Caller identity at the edges of each standard, all receivers at once: share read right.

Per form the share over all its cells (median), and its worst and best cell. Limit: 99.9 %, and no
wrong number in any cell; a form with one wrong number does not hold.
"""

from __future__ import annotations

import numpy as np

from tests.bench.figures.figure import Figure
from tests.conformance.caller_id_grid import cells, hear

COUNT = 12  # messages per cell
SEED = 7100
GOAL = 99.9


def figures() -> list[Figure]:
    """One figure per form, in some 30 s."""
    rng = np.random.default_rng(SEED)
    shares: dict[str, list[float]] = {}
    wrong: dict[str, int] = {}
    for cell in cells():
        heard = [hear(cell, rng) for _ in range(COUNT)]
        shares.setdefault(cell.form, []).append(100.0 * sum(right for right, _ in heard) / COUNT)
        wrong[cell.form] = wrong.get(cell.form, 0) + sum(bad for _, bad in heard)
    found = []
    for form, values in shares.items():
        whole = float(np.mean(values))
        beside = f"{wrong[form]} wrong of {COUNT * len(values)}; at least {GOAL} %"
        holds = whole >= GOAL and not wrong[form]
        found.append(
            Figure(f"caller ID grid, {form}", "%", whole, min(values), max(values), beside, holds)
        )
    return found
