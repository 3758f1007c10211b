"""Random hours of an office; what must be true is looked at after every event."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.unit.acd.random_office import RandomOffice


def _run(seed: int, hours: float) -> RandomOffice:
    print(f"seed {seed}")
    office = RandomOffice(seed)
    score = office.run(hours)
    counted = sum(score.outcomes.values())
    still = sum(
        v.kind == "caller" and v.state != "talking" for v in office.acd.hall.visits.values()
    )
    assert counted + still >= score.entered  # overflow and transfer to a queue make more visits
    assert score.connected
    assert score.decisions
    assert score.longest_wait_ms < 3_600_000, "somebody was stuck"
    return office


@pytest.mark.parametrize("seed", range(6))
def test_hours_of_an_office(seed: int) -> None:
    _run(seed, 5.0)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(100, 106))
def test_days_of_an_office(seed: int) -> None:
    score = _run(seed, 40.0).score
    print(f"{score.decisions} decisions, {score.taken_over} taken over, {score.alarms} alarms")
    assert score.taken_over
    assert score.alarms


@pytest.mark.soak
@pytest.mark.timeout(7200)
def test_ten_thousand_hours() -> None:
    entered = events = restarts = 0
    outcomes: Counter[str] = Counter()
    for seed in range(1_000, 1_100):
        score = _run(seed, 100.0).score
        entered += score.entered
        events += score.events
        restarts += score.restarts
        outcomes += score.outcomes
        print(f"  {(seed - 999) * 100} h: {entered} callers, {events} events", flush=True)
    print(f"10 000 h: {entered} callers, {events} events, {restarts} restarts, nobody stuck")
    print(f"  outcomes: {dict(outcomes)}")
