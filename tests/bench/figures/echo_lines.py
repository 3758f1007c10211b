"""The echo canceller on eight lines as the DAA's presets meet them, beside the figures of G.168.

G.168 counts the combined loss: what the hybrid takes away and what the canceller does (ERLE).
"""

from __future__ import annotations

from typing import Final

import numpy as np

from firmware.media.echo import EchoCanceller
from tests.bench.figures.figure import Figure
from tests.conformance.daa_lines import LINES, daa_path, return_loss_db
from tests.conformance.echo_paths import RATE, alaw, rms, talker

SEEDS: Final = (6101, 6102, 6103)
BLOCK: Final = 40
FAR_DBM0: Final = -15.0
NEAR_DBM0: Final = -17.0
NOISE_DBM0: Final = -65.0
DOUBLE_S: Final = (8, 14)  # both talk
END_S: Final = 18
WINDOW_S: Final = 0.25
REACHED_DB: Final = 20.0
EARLY_S: Final = 1.0


def figures() -> list[Figure]:
    """Everything, in some 10 s."""
    return [figure for line in LINES for figure in of_line(line, [run(line, s) for s in SEEDS])]


def of_line(line: str, runs: list[dict[str, float]]) -> list[Figure]:
    """What is printed of one line."""
    name = f"echo {line}"

    def middle(what: str, label: str, unit: str, beside: str, holds: bool | None) -> Figure:
        values = [run[what] for run in runs]
        median = float(np.median(values))
        return Figure(f"{name}, {label}", unit, median, min(values), max(values), beside, holds)

    worst = min(run["worst_double_db"] for run in runs)
    after = min(run["after_db"] - run["before_db"] for run in runs)
    return [
        middle("erl_db", "hybrid alone", "dB", "G.168: 6 dB at worst", None),
        middle(
            "early_db",
            "loss at 1 s",
            "dB",
            "G.168 2B 20 dB",
            all(run["early_db"] >= REACHED_DB for run in runs),
        ),
        middle("reached_s", "20 dB of ERLE after", "s", "G.168 2B 1 s, hybrid included", None),
        middle("erle_db", "ERLE", "dB", "noise -65 dBm0 on the line", None),
        middle(
            "worst_double_db",
            "worst loss in double talk",
            "dB",
            "G.168 3: no divergence, so never under the hybrid alone",
            worst >= min(run["erl_db"] for run in runs) - 1.0,
        ),
        middle(
            "after_db",
            "loss after double talk",
            "dB",
            "as before it, within 3 dB",
            after >= -3.0,
        ),
    ]


def run(line: str, seed: int) -> dict[str, float]:
    """One conversation: the far end alone, then both, then the far end alone; A-law all the way."""
    rng = np.random.default_rng(seed)
    sent = alaw(talker(float(END_S), FAR_DBM0, rng))
    echo = np.convolve(sent, daa_path(line))[: len(sent)]
    near = np.zeros(len(sent))
    begin, end = (second * RATE for second in DOUBLE_S)
    near[begin:end] = talker(float(DOUBLE_S[1] - DOUBLE_S[0]), NEAR_DBM0, rng)
    other = rng.normal(size=len(sent)) * rms(NOISE_DBM0) + near
    canceller = EchoCanceller()
    received, out = alaw(echo + other).astype(np.float32), sent.astype(np.float32)
    left = np.concatenate(
        [
            canceller.cancel(received[at : at + BLOCK], out[at : at + BLOCK])
            for at in range(0, len(out), BLOCK)
        ]
    )
    rest = left - other

    def loss_db(start_s: float, end_s: float) -> float:
        part = slice(int(start_s * RATE), int(end_s * RATE))
        power = max(float(np.mean(rest[part] ** 2)), 1e-6)
        return float(10 * np.log10(float(np.mean(sent[part] ** 2)) / power))

    def erle_db(start_s: float, end_s: float) -> float:
        part = slice(int(start_s * RATE), int(end_s * RATE))
        return float(10 * np.log10(np.mean(echo[part] ** 2) / np.mean(rest[part] ** 2)))

    steps = np.arange(0.0, DOUBLE_S[0] - WINDOW_S, 0.1)
    reached = next((s for s in steps if erle_db(s, s + WINDOW_S) >= REACHED_DB), DOUBLE_S[0])
    # Against the far talker's mean level: in his pauses there is nothing to compare with.
    talk = float(np.mean(sent**2))
    worst = max(
        float(np.mean(rest[int(s * RATE) : int((s + WINDOW_S) * RATE)] ** 2))
        for s in np.arange(DOUBLE_S[0], DOUBLE_S[1], WINDOW_S)
    )
    return {
        "erl_db": return_loss_db(line),
        "early_db": loss_db(EARLY_S, EARLY_S + 2 * WINDOW_S),
        "reached_s": float(reached),
        "erle_db": erle_db(DOUBLE_S[0] - 3, DOUBLE_S[0]),
        "before_db": loss_db(DOUBLE_S[0] - 3, DOUBLE_S[0]),
        "worst_double_db": float(10 * np.log10(talk / worst)),
        "after_db": loss_db(DOUBLE_S[1] + 0.5, END_S),
    }
