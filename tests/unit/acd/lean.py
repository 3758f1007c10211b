"""Queues in simulated time without a telephone: arrivals, patience and service as drawn times."""

from __future__ import annotations

import heapq
import random
from collections.abc import Callable
from typing import Any

from firmware.acd import events as told
from firmware.acd.distribution import Distribution
from firmware.acd.effects import AcdEffect, OfferMade, VisitEnded
from firmware.core.acd_settings import Acd


class Lean:
    """An event loop around a distribution; agents lift after ``lift_ms``.

    Args:
        acd: Queues and agents; all log in.
        service: Draws a conversation's length, given the visit.
        lift_ms: From offer to lifting.
    """

    def __init__(self, acd: Acd, service: Callable[[str], float], lift_ms: float = 0.0) -> None:
        self.acd = Distribution(acd)
        self.service = service
        self.lift_ms = lift_ms
        self.now_ms = 0
        self.todo: list[tuple[int, int, Callable[[], None]]] = []
        self.count = 0
        self.ended: list[VisitEnded] = []
        self.freed: list[tuple[int, str]] = []
        self.keep_freed = False
        self.times: dict[str, int] = {}
        for agent in acd.agents:
            self.acd.handle(told.LoggedIn(agent=agent.number, port=f"fxs/{agent.number}"), 0)

    def at(self, ms: float, do: Callable[[], None]) -> None:
        self.count += 1
        heapq.heappush(self.todo, (round(ms), self.count, do))

    def run(self) -> None:
        """Until nothing is left to happen outside."""
        acd, todo = self.acd, self.todo
        while todo:
            due = acd.next_deadline()
            if due is not None and due < todo[0][0]:
                self.now_ms = max(due, self.now_ms)
                self.follow(acd.advance(self.now_ms))
                continue
            self.now_ms, _, do = heapq.heappop(todo)
            do()

    def tell(self, event: told.AcdEvent) -> None:
        self.follow(self.acd.handle(event, self.now_ms))

    def follow(self, effects: list[AcdEffect]) -> None:
        for effect in effects:
            if isinstance(effect, OfferMade):
                agent = effect.agents[0]
                if self.lift_ms:
                    visit = effect.visit
                    self.at(self.now_ms + self.lift_ms, lambda a=agent, v=visit: self.lift(a, v))
                else:
                    self.lift(agent, effect.visit)
            elif isinstance(effect, VisitEnded):
                self.ended.append(effect)

    def lift(self, agent: str, visit: str) -> None:
        if self.acd.hall.agents[agent].record.visit != visit:
            return
        if self.acd.hall.agents[agent].state != "offered":
            return
        self.tell(told.AgentLifted(agent=agent))
        self.at(self.now_ms + self.service(visit), lambda: self.over(agent))

    def over(self, agent: str) -> None:
        if self.keep_freed:
            self.freed.append((self.now_ms, agent))
        self.tell(told.TalkEnded(agent=agent))

    def enter(self, visit: str, patience_ms: float | None = None, **more: Any) -> None:
        self.times[visit] = self.now_ms
        self.tell(told.CallerEnters(visit=visit, **more))
        if patience_ms is not None:
            self.at(self.now_ms + patience_ms, lambda: self.tired(visit))

    def tired(self, visit: str) -> None:
        found = self.acd.hall.visits.get(visit)
        if found is not None and found.state != "talking":
            self.tell(told.CallerCleared(visit=visit))


def arrivals(rng: random.Random, count: int, gap_ms: float) -> list[int]:
    """Poisson arrival times."""
    times, now = [], 0.0
    for _ in range(count):
        now += rng.expovariate(1 / gap_ms)
        times.append(round(now))
    return times
