"""The advice of an alarm follows the load: how many agents the last half hour asks for."""

from __future__ import annotations

import pytest

from firmware.acd.effects import Alarm
from firmware.acd.load import LAST_ARRIVALS, agents_for, arrivals_per_ms, in_time, more_agents
from firmware.acd.queue import QueueLine, QueueRecord
from firmware.core.acd_settings import Queue
from tests.unit.acd.office import office

MINUTE_MS = 60_000


@pytest.mark.parametrize(("agents", "share"), [(2, 0.582), (3, 0.881), (4, 0.971)])
def test_the_share_in_time_is_that_of_the_definitions(agents: int, share: float) -> None:
    """20 calls an hour of 216 s are 1.2 erlangs; the shares within 20 s are the tables' own."""
    assert in_time(1.2, agents, 20_000, 216_000) == pytest.approx(share, abs=0.0006)


def test_three_agents_are_the_fewest_for_that_load() -> None:
    assert agents_for(1.2, 20_000, 216_000) == 3


def test_less_than_its_load_serves_nobody_in_time_and_no_load_everybody() -> None:
    assert in_time(2.0, 2, 20_000, 180_000) == 0.0
    assert in_time(0.0, 1, 20_000, 180_000) == 1.0


def test_only_the_last_half_hour_counts() -> None:
    # Ten came an hour ago, six in the last 30 min: 12 an hour.
    came = [n * MINUTE_MS for n in range(10)] + [60 * MINUTE_MS + n * MINUTE_MS for n in range(6)]
    assert arrivals_per_ms(came, 70 * MINUTE_MS) * 3_600_000 == pytest.approx(12.0)


def test_a_rush_that_fills_the_memory_is_measured_by_the_time_it_fills() -> None:
    # 64 in 16 min are 240 an hour.
    came = [n * 15_000 for n in range(1, LAST_ARRIVALS + 1)]
    assert arrivals_per_ms(came, 975_000) * 3_600_000 == pytest.approx(240.0)


@pytest.mark.parametrize(("staffed", "more"), [(0, 3), (1, 2), (2, 1), (5, 1)])
def test_who_is_at_work_already_is_not_asked_for_again(staffed: int, more: int) -> None:
    # Ten in the last half hour of 216 s each: 1.2 erlangs, three agents.
    came = [n * 3 * MINUTE_MS for n in range(10)]
    assert more_agents(came, 28 * MINUTE_MS, 216_000, 20_000, staffed) == more


def test_a_queue_remembers_no_more_arrivals_than_it_needs() -> None:
    line = QueueLine(Queue(number="300"), QueueRecord(number="300"))
    for n in range(100):
        line.arrived(n)
    assert line.record.arrived_ms == list(range(36, 100))


def test_an_alarm_says_how_many_more_the_load_asks_for() -> None:
    o = office(1)
    o.at(0).call("talks")
    o.lift("1001")
    for n in range(1, 10):
        o.at(n).call(f"v{n}")
    # Ten in the last half hour, 180 s each until one was served: exactly 1.0 erlang. With two
    # agents one in three has to wait: 1 - 1/3 e^(-20/180) = 0.70 in time; with three 1 - 1/11
    # e^(-40/180) = 0.93. So three, and one is there.
    alarm = o.at(66).last(Alarm)
    assert alarm.what in {"many_waiting", "long_wait"}
    assert alarm.advice[-1] == "more:2"
