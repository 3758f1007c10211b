"""Wrap-up is respected, and time is booked on whom it belongs to."""

from __future__ import annotations

import random

import pytest

from firmware.acd import events as told
from firmware.acd.agent import Agent, AgentRecord
from firmware.acd.effects import LegEnded, OfferMade, WrapUpClosed, WrapUpTone
from firmware.core.acd_settings import Acd, Queue
from tests.unit.acd.lean import Lean
from tests.unit.acd.office import office, people


def test_the_tone_comes_at_150_s_and_the_end_at_180() -> None:
    o = office(1)
    o.at(0).call("a")
    o.lift("1001")
    o.at(60).hang_up("1001")
    o.call("b")
    assert o.state("1001") == "wrap_up"
    assert not o.at(209.9).all(WrapUpTone)
    assert o.at(210).last(WrapUpTone).left_ms == 30_000
    assert o.at(239.9).state("1001") == "wrap_up"
    assert o.at(240).state("1001") == "offered"
    assert o.last(WrapUpClosed).lasted_ms == 180_000


def test_a_result_ends_it_and_an_extension_prolongs_it() -> None:
    o = office(1)
    o.at(0).call("a")
    o.lift("1001")
    o.at(60).hang_up("1001")
    o.at(100).tell(told.WrapUpExtended(agent="1001", seconds=120))
    assert o.at(359.9).state("1001") == "wrap_up"
    assert [e.left_ms for e in o.all(WrapUpTone)] == [30_000]
    o.tell(told.WrapUpDone(agent="1001", result="1", topic="23"))
    closed = o.last(WrapUpClosed)
    assert (closed.result, closed.topic, closed.visit) == ("1", "23", "a")
    assert o.state("1001") == "ready"


@pytest.mark.slow
def test_wrap_up_is_respected_in_100_000_random_cases() -> None:
    seed = 99
    print(f"seed {seed}")
    rng = random.Random(seed)
    queue = Queue(number="300", wrap_up_s=30, wrap_up_tone_s=20, callback=False)
    acd = Acd(queues=(queue,), agents=people(40), alarm_waiting=100, alarm_wait_s=86_400)
    lean = Lean(acd, lambda _visit: rng.expovariate(1 / 60_000))
    until: dict[str, int] = {}
    cases = wrong = 0
    follow = lean.follow

    def watch(effects: list) -> None:
        nonlocal cases, wrong
        for effect in effects:
            if isinstance(effect, LegEnded):
                until[effect.agent] = lean.now_ms + 30_000
                cases += 1
                if rng.random() < 0.4:
                    agent = effect.agent
                    lean.at(lean.now_ms + rng.uniform(0, 40_000), lambda a=agent: done(a))
            elif isinstance(effect, WrapUpClosed):
                until.pop(effect.agent, None)
            elif isinstance(effect, OfferMade):
                wrong += any(lean.now_ms < until.get(agent, 0) for agent in effect.agents)
        follow(effects)

    def done(agent: str) -> None:
        if lean.acd.hall.agents[agent].state == "wrap_up":
            lean.tell(told.WrapUpDone(agent=agent, result="1"))

    lean.follow = watch
    now = 0.0
    for n in range(100_200):
        now += rng.expovariate(1 / 2_200)
        lean.at(now, lambda v=str(n): lean.enter(v, 240_000.0, queue="300"))
    lean.run()
    print(f"{cases} wrap-ups, {wrong} of them cut short")
    assert cases >= 100_000
    assert wrong == 0


def test_a_transfer_books_time_by_leg() -> None:
    # Worked by hand. 0 s: call, A lifts at 4. 64: hold. 94: back. 124: to B, who lifts nothing
    # more since he spoke with A. 224: the caller hangs up.
    # A talked 60 + 30 = 90 s and held 30; B talked 100 s. Wrap-up 180 s each from then on.
    o = office(2)
    a, b = "1001", "1002"
    o.at(0).call("c")
    o.at(4).lift(a)
    o.at(64).tell(told.HoldBegan(agent=a))
    o.at(94).tell(told.HoldEnded(agent=a))
    o.at(124).tell(told.HandedOver(visit="c", to=b, note="invoice of May"))
    o.at(224).clear("c")
    assert [(e.agent, e.talk_ms, e.hold_ms) for e in o.all(LegEnded)] == [
        (a, 90_000, 30_000),
        (b, 100_000, 0),
    ]
    o.at(500)
    days = {n: agent.record.day for n, agent in o.acd.hall.agents.items()}
    assert (days[a].talking_ms, days[a].hold_ms, days[a].wrap_up_ms) == (90_000, 30_000, 180_000)
    assert (days[b].talking_ms, days[b].hold_ms, days[b].wrap_up_ms) == (100_000, 0, 180_000)
    assert o.acd.hall.queues["300"].record.counts.answered == 1


def test_states_of_an_agent_add_up_to_the_time_that_passed() -> None:
    rng = random.Random(5)
    o = office(1)
    for n in range(50):
        o.at(n * 400).call(f"c{n}")
        o.at(n * 400 + 3).lift("1001")
        if o.state("1001") == "talking" and rng.random() < 0.5:
            o.at(n * 400 + 20).tell(told.HoldBegan(agent="1001"))
        o.at(n * 400 + 50).hang_up("1001")
    o.at(20_000).tell(told.PauseAsked(agent="1001", reason="lunch"))
    o.at(20_500).tell(told.ReadyAsked(agent="1001"))
    day = o.acd.hall.agents["1001"].record.day
    parts = (day.ready_ms, day.offered_ms, day.talking_ms, day.hold_ms, day.wrap_up_ms)
    assert sum(parts) + sum(day.pauses_ms.values()) + day.logged_out_ms == 20_500_000


def test_a_fresh_agent_is_nowhere() -> None:
    assert Agent(AgentRecord(number="1001"), 0).state == "logged_out"
