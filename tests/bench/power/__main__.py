"""Cut every operation: ``python -m tests.bench.power [POINTS [SEED]]``."""

from __future__ import annotations

import sys

from tests.bench.power.card import check_usable
from tests.bench.power.operations import CONTROLS, OPERATIONS
from tests.bench.power.replay import replay


def main() -> int:
    """Print what was found; status 1 when something was lost, or a control found nothing."""
    points = int(sys.argv[1]) if len(sys.argv) > 1 else 50
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else 1
    check_usable()
    print(f"seed {seed}, {points} cuts of each")
    bad = 0
    for outcome in replay([*OPERATIONS, *CONTROLS], points=points, seed=seed):
        control = outcome.name in {operation.name for operation in CONTROLS}
        bad += bool(outcome.failures) is not control
        must = "must fail" if control else ""
        print(f"{outcome.name:34} {len(outcome.failures):4} of {outcome.points} {must}")
        for failure in outcome.failures[: 0 if control else 5]:
            print(f"    {failure}")
    return int(bad > 0)


if __name__ == "__main__":
    raise SystemExit(main())
