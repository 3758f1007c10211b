"""How long a line stays taken after the far side has cleared, by exchange, once it is learned.

From the first moment of the sign to the open loop, through the box's detectors and jacks by sound:
the third to fifth call of a line, in three draws of voices and noise. The limit is 6 s.
"""

from __future__ import annotations

import numpy as np

from firmware.core.timers import DEFAULT_TIMES
from tests.bench.clearings import CLEARINGS, SILENT, noise, one_round
from tests.bench.figures.figure import Figure, of
from tests.bench.row_of_lines import RowOfLines
from tests.conformance import talker

LIMIT_S = 6.0
SEEDS = (7001, 7002, 7003)
CALLS = 5
LEARN_BY = 2
HUSH_S = 10.0
NEVER_S = 60.0  # stands for a line that was not freed
RIVAL = "a rule of six busy cycles: 4.2 s (CN) to 9 s (IN)"


def figures() -> list[Figure]:
    """One figure for each exchange; the one that gives no sign is left to the watchdog."""
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
        *(
            of(f"released after {name}", "s", found, RIVAL, LIMIT_S)
            for name, found in times.items()
        ),
        of(
            f"released after {CLEARINGS[SILENT].name}, by the watchdog",
            "s",
            [watchdog_s()],
            "asterisk: never by itself",
            DEFAULT_TIMES["line_watchdog"] / 1000,
        ),
    ]


def watchdog_s() -> float:
    """How long a line is held on which nobody is heard any more and nothing tells why."""
    lines = RowOfLines(1)
    rng = np.random.default_rng(SEEDS[0])
    lines.connect(0)
    talk = talker.rows(talker.talk, SEEDS[0], 1, 4.0) + noise(rng, 1, 4.0)
    lines.hear(talk.astype(np.float32))
    began_ms = lines.now_ms
    hush = noise(rng, 1, HUSH_S)
    for _ in range(round(2 * DEFAULT_TIMES["line_watchdog"] / 1000 / HUSH_S)):
        lines.hear(hush)
        if 0 in lines.cleared:
            return (lines.cleared[0][0] - began_ms) / 1000
    return 2.0 * DEFAULT_TIMES["line_watchdog"] / 1000
