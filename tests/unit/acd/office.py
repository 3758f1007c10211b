"""A small office for tests: queues and agents, driven by hand, with every invariant checked."""

from __future__ import annotations

from typing import Any, TypeVar

from firmware.acd import events as told
from firmware.acd.distribution import Distribution
from firmware.acd.effects import AcdEffect
from firmware.core.acd_settings import Acd, Agent, Membership, Queue

E = TypeVar("E", bound=AcdEffect)


def people(count: int, queue: str = "300", level: int = 5, first: int = 1001) -> tuple[Agent, ...]:
    return tuple(
        Agent(number=str(first + n), queues=(Membership(queue=queue, level=level),))
        for n in range(count)
    )


class Office:
    """Time goes by ``at``; what was answered is kept in ``said``."""

    def __init__(self, acd: Acd, *, check: bool = True) -> None:
        self.acd = Distribution(acd)
        self.now_ms = 0
        self.said: list[AcdEffect] = []
        self.check = check

    def at(self, seconds: float) -> Office:
        """Let time pass to ``seconds`` after the beginning; what is due happens on its way."""
        until_ms = round(seconds * 1000)
        assert until_ms >= self.now_ms, "time does not go back"
        while (due := self.acd.next_deadline()) is not None and due <= until_ms:
            self.now_ms = max(due, self.now_ms)
            self._keep(self.acd.advance(self.now_ms))
        self.now_ms = until_ms
        return self

    def tell(self, event: told.AcdEvent) -> list[AcdEffect]:
        effects = self.acd.handle(event, self.now_ms)
        self._keep(effects)
        return effects

    def _keep(self, effects: list[AcdEffect]) -> None:
        self.said += effects
        if self.check:
            check(self.acd, self.now_ms)

    # --- short forms --------------------------------------------------------------------------

    def log_in(self, *agents: str) -> None:
        for number in agents:
            self.tell(told.LoggedIn(agent=number, port=f"fxs/{number}"))

    def call(self, visit: str, queue: str = "300", **more: Any) -> list[AcdEffect]:
        return self.tell(told.CallerEnters(visit=visit, queue=queue, **more))

    def lift(self, agent: str) -> list[AcdEffect]:
        return self.tell(told.AgentLifted(agent=agent))

    def hang_up(self, agent: str) -> list[AcdEffect]:
        return self.tell(told.TalkEnded(agent=agent))

    def clear(self, visit: str) -> list[AcdEffect]:
        return self.tell(told.CallerCleared(visit=visit))

    def state(self, agent: str) -> str:
        return self.acd.hall.agents[agent].state

    def all(self, kind: type[E]) -> list[E]:
        return [effect for effect in self.said if isinstance(effect, kind)]

    def last(self, kind: type[E]) -> E:
        return self.all(kind)[-1]


def office(
    count: int = 2,
    *,
    queues: tuple[Queue, ...] = (Queue(number="300", join_empty=True),),
    agents: tuple[Agent, ...] | None = None,
    log_in: bool = True,
    **more: Any,
) -> Office:
    """An office of one queue unless told otherwise; everybody is logged in."""
    agents = people(count) if agents is None else agents
    found = Office(Acd(queues=queues, agents=agents, **more))
    if log_in:
        found.log_in(*(agent.number for agent in agents))
    return found


def check(acd: Distribution, now_ms: int) -> None:
    """What must be true after every event, whatever happened before it."""
    hall = acd.hall
    ringing: dict[str, str] = {}
    for name, offer in hall.offers.items():
        visit = hall.visits[name]
        assert visit.state == "offered", f"{name} has an offer and is {visit.state}"
        assert offer.agents, f"the offer of {name} rings nobody"
        assert len(set(offer.agents)) == len(offer.agents)
        for number in offer.agents:
            assert number not in ringing, f"{number} rings for {ringing[number]} and {name}"
            ringing[number] = name
            agent = hall.agents[number]
            assert agent.state == "offered", f"{number} rings and is {agent.state}"
            assert agent.set_state == "free", f"{number} rings on a set that is {agent.set_state}"
    talking: dict[str, str] = {}
    for name, visit in hall.visits.items():
        assert (visit.state == "offered") == (name in hall.offers)
        if visit.state == "talking" and visit.agent:
            assert visit.agent not in talking, f"{visit.agent} talks with two"
            talking[visit.agent] = name
            assert hall.agents[visit.agent].state in {"talking", "hold"}
        in_line = [rank[3] for rank in hall.queues[visit.queue].line].count(name)
        assert in_line == (visit.state != "talking"), f"{name} is {in_line} times in its line"
    waiting = [v for v in hall.visits.values() if v.state == "waiting"]
    assert hall.lineup.waiting() == len(waiting)
    for number, agent in hall.agents.items():
        assert (agent.state == "offered") == (number in ringing), f"{number} {agent.state}"
        assert (agent.state in {"talking", "hold"}) == (number in talking), f"{number} is stuck"
        assert (number in hall.pool) == agent.available(now_ms), f"{number} {agent.state}"
        if agent.state == "wrap_up":
            assert any(
                kind == "wrap_up" and whose == number for kind, whose, _ in hall.wheel.entries()
            )
    for line in hall.queues.values():
        counts = line.record.counts
        still = sum(
            v.kind == "caller" and v.state != "talking" and v.queue == line.settings.number
            for v in hall.visits.values()
        )
        assert counts.offered == counts.answered + counts.abandoned + counts.flowed_out + still
        assert line.line == sorted(line.line)
        assert len(line.since) == still
    for visit in waiting:
        could = [
            number
            for number in hall.pool.free()
            if (level := hall.levels[number].get((visit.queue, *visit.skills))) is not None
            and level >= visit.floor
            and visit.wants in {"", number}
        ]
        if visit.kind == "task" and len(could) <= hall.queues[visit.queue].settings.reserve:
            continue
        assert not could or visit.kind == "task", f"{visit.id} waits while {could} are free"
