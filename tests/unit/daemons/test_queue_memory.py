"""What is kept of queues: over a reboot, under new settings, and over midnight."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec

from firmware.acd.distribution import Distribution
from firmware.acd.events import AgentLifted, CallerEnters, LoggedIn, PauseAsked
from firmware.acd.journal import Snapshot, capture
from firmware.core.acd_settings import Acd, Agent, Membership, Queue
from firmware.core.settings import Settings
from firmware.daemons.floor.queue_memory import (
    brought_back,
    carried_over,
    day_of,
    later_day,
    midnight_ms,
)

HOUR_MS = 3_600_000


def office(*agents: str, queue: Queue | None = None) -> Acd:
    """One queue, and agents who serve it."""
    member = (Membership(queue="300"),)
    return Acd(
        queues=(queue or Queue(number="300"),),
        agents=tuple(Agent(number=number, queues=member) for number in agents),
    )


def busy(acd: Acd) -> Distribution:
    """1001 talks with a, 1002 is at lunch, b and c wait; four hours after the machine's start."""
    queues = Distribution(acd)
    at_ms = 4 * HOUR_MS
    queues.handle(LoggedIn(agent="1001", port="fxs/1"), at_ms)
    queues.handle(LoggedIn(agent="1002", port="fxs/2"), at_ms)
    queues.handle(PauseAsked(agent="1002", reason="lunch"), at_ms)
    queues.handle(CallerEnters(visit="a", queue="300", number="13800138001"), at_ms)
    queues.handle(AgentLifted(agent="1001"), at_ms + 1_000)
    queues.handle(CallerEnters(visit="b", queue="300", number="13800138002"), at_ms + 2_000)
    queues.handle(CallerEnters(visit="c", queue="300", number="13800138003"), at_ms + 3_000)
    return queues


def kept(queues: Distribution) -> Snapshot:
    """As it comes from the card."""
    at_ms = 4 * HOUR_MS + 5_000
    return msgspec.json.decode(msgspec.json.encode(capture(queues, at_ms, "before")), type=Snapshot)


def test_a_machine_whose_clock_began_anew_owes_everybody_a_call():
    acd = office("1001", "1002")
    queues, effects = brought_back(acd, kept(busy(acd)), 9_000, "after", 1_772_413_200_000)
    hall = queues.hall
    owed = sorted(task.number for task in hall.book.tasks.values())
    assert owed == ["13800138001", "13800138002", "13800138003"]
    assert not hall.visits
    assert {n: a.state for n, a in hall.agents.items()} == {"1001": "ready", "1002": "paused"}
    assert sum(type(effect).__name__ == "TaskChanged" for effect in effects) == 3
    queues.advance(9_000)
    assert [v.number for v in hall.visits.values() if v.state == "offered"], "the first is rung"


def test_after_a_restart_everything_is_as_it_was():
    acd = office("1001", "1002")
    queues, effects = brought_back(acd, kept(busy(acd)), 4 * HOUR_MS + 7_000, "before", 0)
    assert effects == []
    assert queues.hall.visits["a"].agent == "1001"
    assert [rank[3] for rank in queues.hall.queues["300"].line] == ["b", "c"]
    assert queues.hall.agents["1002"].record.pause == "lunch"


def test_new_settings_lose_nobody_who_waits():
    before, at_ms = busy(office("1001", "1002")), 4 * HOUR_MS + 5_000
    after = carried_over(before, office("1001", "1002", "1003"), at_ms)
    assert [rank[3] for rank in after.hall.queues["300"].line] == ["b", "c"]
    after.handle(LoggedIn(agent="1003", port="fxs/3"), at_ms)
    assert after.hall.offers["b"].agents == ["1003"], "the first who waits, by the new agent"


def test_an_agent_who_is_no_more_leaves_his_caller_to_the_telephone():
    after = carried_over(busy(office("1001", "1002")), office("1002"), 4 * HOUR_MS + 5_000)
    assert after.hall.visits["a"].agent == ""
    assert set(after.hall.agents) == {"1002"}


def test_the_day_ends_at_midnight_of_the_office():
    # 23:59 on 2 March in China is 15:59 UTC; a minute is left.
    settings = Settings(country="CN")
    evening = datetime(2026, 3, 2, 15, 59, tzinfo=UTC)
    assert day_of(evening, settings) == "2026-03-02"
    assert midnight_ms(evening, 500, settings) == 60_501
    assert day_of(datetime(2026, 3, 2, 16, 0, tzinfo=UTC), settings) == "2026-03-03"
    assert later_day("2026-03-03", "2026-03-02")
    assert not later_day("2026-03-01", "2026-03-02")
