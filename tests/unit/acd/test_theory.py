"""Simulated queues against Erlang C and Erlang A, within the simulation's own 99 % interval."""

from __future__ import annotations

import random
import statistics

import pytest

from firmware.core.acd_settings import Acd, Queue
from tests.unit.acd.erlang import Truth, erlang_a, erlang_c
from tests.unit.acd.lean import Lean, arrivals
from tests.unit.acd.office import people

LEVEL_MS = 20_000
BATCHES = 20
T_99 = 2.861  # Student, 19 degrees of freedom, two-sided 99 %
WARM = 500

# The three of the definitions (20 calls an hour, 216 s) and beyond: load in erlang, agents, ms.
C_SETTINGS = [
    (1.2, 2, 216_000),
    (1.2, 3, 216_000),
    (1.2, 4, 216_000),
    (2.8, 4, 180_000),
    (5.6, 8, 180_000),
    (3.0, 5, 120_000),
    (0.5, 1, 60_000),
    (12.0, 16, 240_000),
]
A_SETTINGS = [
    (1.2, 2, 216_000, 120_000),
    (1.2, 1, 216_000, 60_000),
    (3.0, 3, 180_000, 90_000),
    (4.8, 4, 180_000, 120_000),
    (5.6, 8, 180_000, 60_000),
    (2.0, 3, 300_000, 300_000),
    (9.6, 8, 180_000, 120_000),
    (16.0, 16, 240_000, 180_000),
]


def _simulate(
    seed: int, load: float, agents: int, service_ms: float, patience_ms: float | None, calls: int
) -> list[tuple[int, bool]]:
    """Wait and whether answered, per call in order of arrival; the first calls are warming up."""
    rng = random.Random(seed)
    queue = Queue(
        number="300", wrap_up_s=0, wrap_up_tone_s=0, callback=False, comfort_s=600, announce_s=600
    )
    lean = Lean(
        Acd(queues=(queue,), agents=people(agents), alarm_waiting=100, alarm_wait_s=86_400),
        lambda _visit: rng.expovariate(1 / service_ms),
    )
    for at, when in enumerate(arrivals(rng, calls + WARM, service_ms / load)):
        patience = None if patience_ms is None else rng.expovariate(1 / patience_ms)
        lean.at(when, lambda v=str(at), p=patience: lean.enter(v, p, queue="300"))
    lean.run()
    found = {int(e.visit): (e.wait_ms, e.outcome == "answered") for e in lean.ended}
    return [found[at] for at in range(WARM, calls + WARM)]


def _interval(values: list[float]) -> tuple[float, float]:
    size = len(values) // BATCHES
    means = [statistics.fmean(values[n * size : (n + 1) * size]) for n in range(BATCHES)]
    half = T_99 * statistics.stdev(means) / BATCHES**0.5
    return statistics.fmean(means), half


def _compare(results: list[tuple[int, bool]], truth: Truth, what: str) -> None:
    rows = {
        "waiting probability": ([float(w > 0) for w, _ in results], truth.waits),
        "mean wait s": ([w / 1000 for w, _ in results], truth.wait_ms / 1000),
        "service level": ([float(ok and w <= LEVEL_MS) for w, ok in results], truth.level),
    }
    wrong = []
    for name, (values, expected) in rows.items():
        mean, half = _interval(values)
        print(f"{what}: {name} {mean:.4f} +- {half:.4f}, theory {expected:.4f}")
        if abs(mean - expected) > half:
            wrong.append(name)
    assert not wrong, f"{what}: {wrong}"


@pytest.mark.slow
@pytest.mark.parametrize(("load", "agents", "service_ms"), C_SETTINGS)
def test_waits_agree_with_erlang_c(load: float, agents: int, service_ms: float) -> None:
    seed = 20_261
    print(f"seed {seed}")
    results = _simulate(seed, load, agents, service_ms, None, 20_000)
    _compare(results, erlang_c(load, agents, service_ms, LEVEL_MS), f"M/M/{agents} {load}")


@pytest.mark.slow
@pytest.mark.parametrize(("load", "agents", "service_ms", "patience_ms"), A_SETTINGS)
def test_waits_agree_with_erlang_a(
    load: float, agents: int, service_ms: float, patience_ms: float
) -> None:
    seed = 20_261
    print(f"seed {seed}")
    results = _simulate(seed, load, agents, service_ms, patience_ms, 20_000)
    truth = erlang_a(load, agents, service_ms, patience_ms, LEVEL_MS)
    _compare(results, truth, f"M/M/{agents}+M {load}")


def test_the_formulas_give_the_definitions_check_values() -> None:
    # 20 calls an hour of 216 s: offered load 1.2 erlang.
    for agents, waits, level, asa_s in (
        (2, 0.450, 0.582, 121.5),
        (3, 0.141, 0.881, 16.9),
        (4, 0.037, 0.971, 2.9),
    ):
        truth = erlang_c(1.2, agents, 216_000, LEVEL_MS)
        assert truth.waits == pytest.approx(waits, abs=0.0006)
        assert truth.level == pytest.approx(level, abs=0.0006)
        assert truth.wait_ms / 1000 == pytest.approx(asa_s, abs=0.06)
    # With endless patience Erlang A is Erlang C.
    patient = erlang_a(2.8, 4, 180_000, 1e12, LEVEL_MS)
    endless = erlang_c(2.8, 4, 180_000, LEVEL_MS)
    assert patient.waits == pytest.approx(endless.waits, abs=1e-4)
    assert patient.level == pytest.approx(endless.level, abs=1e-3)
