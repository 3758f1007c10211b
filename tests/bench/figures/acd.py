"""What the queue core costs: an event from a small office to a large one, an offer, a caller."""

from __future__ import annotations

import random
import time
import tracemalloc
from collections.abc import Callable, Sequence

from firmware.acd import events as told
from firmware.acd.distribution import Distribution
from firmware.acd.effects import AcdEffect, OfferMade
from firmware.core.acd_settings import Acd, Agent, FloorStep, Membership, Queue
from tests.bench.figures.figure import Figure, of

SIZES = ((4, 8), (40, 200), (400, 2_000))
EVENTS = 4_000
ROUNDS = 3
MOST_GROWTH = 3.0


def _settings(agents: int, strategy: str = "longest_idle") -> Acd:
    queue = Queue(
        number="300",
        strategy=strategy,
        floors=(FloorStep(after_s=0, level=5), FloorStep(after_s=30, level=1)),
        wrap_up_s=0,
        wrap_up_tone_s=0,
    )
    people = tuple(
        Agent(number=str(1_000 + n), queues=(Membership(queue="300", level=5 + n % 5),))
        for n in range(agents)
    )
    return Acd(queues=(queue,), agents=people, alarm_waiting=100, alarm_wait_s=86_400)


class Busy:
    """All agents talk, callers wait; then one conversation ends, somebody lifts, one comes."""

    def __init__(self, agents: int, callers: int, strategy: str = "longest_idle") -> None:
        self.acd = Distribution(_settings(agents, strategy))
        self.rng = random.Random(1)
        self.now_ms = 0
        self.count = 0
        self.talking: list[str] = []
        for n in range(agents):
            self.acd.handle(told.LoggedIn(agent=str(1_000 + n), port=str(n)), 0)
        for _ in range(agents + callers):
            self.now_ms += 7
            self.arrive()

    def arrive(self) -> None:
        self.count += 1
        event = told.CallerEnters(visit=f"c{self.count}", queue="300")
        self.take(self.acd.handle(event, self.now_ms))

    def take(self, effects: list[AcdEffect]) -> None:
        for effect in effects:
            if isinstance(effect, OfferMade):
                self.lift(effect.agents[0])

    def lift(self, number: str) -> None:
        if self.acd.hall.agents[number].state == "offered":
            self.acd.handle(told.AgentLifted(agent=number), self.now_ms)
            self.talking.append(number)

    def turn(self) -> int:
        """One conversation's worth of events; how many there were, due times included."""
        until_ms = self.now_ms + 1_000
        done = 4
        while (due := self.acd.next_deadline()) is not None and due <= until_ms:
            self.take(self.acd.advance(due))
            done += 1
        self.now_ms = until_ms
        at = self.rng.randrange(len(self.talking))
        number = self.talking[at]
        self.talking[at] = self.talking[-1]
        self.talking.pop()
        self.take(self.acd.handle(told.TalkEnded(agent=number), self.now_ms))
        self.arrive()
        return done


def _cost_us(agents: int, callers: int, strategy: str = "longest_idle") -> list[float]:
    found = []
    for _ in range(ROUNDS):
        busy = Busy(agents, callers, strategy)
        done = 0
        begin = time.process_time()
        while done < EVENTS:
            done += busy.turn()
        found.append((time.process_time() - begin) / done * 1e6)
    return found


def _offer_us(
    agents: int, callers: int, clock: Callable[[], float] = time.perf_counter
) -> list[float]:
    busy = Busy(agents, callers)
    found = []
    for _ in range(400):
        busy.now_ms += 1_000
        busy.take(busy.acd.advance(busy.now_ms))
        number = busy.talking.pop(0)
        begin = clock()
        effects = busy.acd.handle(told.TalkEnded(agent=number), busy.now_ms)
        found.append((clock() - begin) * 1e6)
        busy.take(effects)
        busy.arrive()
    return sorted(found)[:396]  # a stall of the machine is not ours


def _spare_us(agents: int, strategy: str) -> list[float]:
    """Half of the agents are free: a caller comes, is served, goes."""
    found = []
    for _ in range(ROUNDS):
        busy = Busy(agents, -agents // 2, strategy)
        begin = time.process_time()
        for _ in range(300):
            busy.turn()
        found.append((time.process_time() - begin) / (300 * 3) * 1e6)
    return found


def _bytes_per_caller() -> float:
    busy = Busy(4, 0)
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    for _ in range(2_000):
        busy.arrive()
    after = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    return (after - before) / 2_000


def _warm(costs: Sequence[float]) -> float:
    """The best tenth: what the code does.

    Calls are as many at every size; beyond it other programs have taken the cache from two
    thousand callers, which is theirs and not the queue's.
    """
    return costs[len(costs) // 10]


def figures() -> list[Figure]:
    """Events at three sizes, their growth, the latency of an offer, memory of a caller."""
    costs = [_cost_us(*size) for size in SIZES]
    found = [
        of(f"queue event, {agents} agents, {callers} callers waiting", "us", cost)
        for (agents, callers), cost in zip(SIZES, costs, strict=True)
    ]
    growth = [large / small for small, large in zip(costs[0], costs[-1], strict=True)]
    beside = f"at most {MOST_GROWTH:.0f} times from the smallest to the largest"
    found.append(of("growth of an event's cost", "x", growth, beside, MOST_GROWTH))
    per_second = [1e6 / cost for cost in costs[0]]
    found.append(of("events through the queue core, 4 agents", "/s", per_second))
    for agents, callers in SIZES:
        name = f"agent free to offer, {agents} agents, {callers} callers"
        found.append(of(name, "us", _offer_us(agents, callers), "a block lasts 5000 us", 5_000))
    memory = _bytes_per_caller()
    found.append(Figure("memory of a waiting caller", "bytes", memory, memory, memory))
    small, large = (
        [_warm(_offer_us(*size, time.process_time)) for _ in range(ROUNDS)]
        for size in (SIZES[0], SIZES[-1])
    )
    growth = [b / a for a, b in zip(small, large, strict=True)]
    found.append(of("growth from agent free to offer", "x", growth, beside, MOST_GROWTH))
    for strategy in ("longest_idle", "skill_first", "round_robin", "weighted_random"):
        small, large = (_spare_us(agents, strategy) for agents in (4, 400))
        growth = [b / a for a, b in zip(small, large, strict=True)]
        name = f"growth with half of 400 agents free, {strategy}"
        found.append(of(name, "x", growth, beside, MOST_GROWTH))
    return found
