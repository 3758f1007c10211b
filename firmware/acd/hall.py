"""Everything of queues and agents in one place, and the indices over it. No decisions here."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from typing import Literal

import msgspec

from firmware.acd.agent import AT_WORK, Agent, AgentRecord
from firmware.acd.effects import AcdEffect
from firmware.acd.lineup import Lineup, Need, need_of
from firmware.acd.offer import Offer
from firmware.acd.places import Places
from firmware.acd.pool import Pool
from firmware.acd.queue import QueueLine, QueueRecord
from firmware.acd.strategy import Standing
from firmware.acd.tasks import TaskBook
from firmware.acd.visit import Visit
from firmware.acd.wheel import Wheel
from firmware.core.acd_settings import Acd
from firmware.core.acd_settings import Agent as AgentSettings

_MASK = (1 << 64) - 1
MOST_SERVED = 2_000


class Memo(msgspec.Struct, kw_only=True):
    """Small things that have to survive a restart."""

    seq: int = 0
    draws: int = 0x9E3779B97F4A7C15  # state of the generator of weighted_random
    passed: int = 0
    offset_ms: int = 0
    zone_ms: int = 28_800_000
    free_lines: int | None = None
    open: bool = True
    served: dict[str, str] = {}  # number of a caller to the agent who served him last
    moved: dict[str, dict[str, int | None]] = {}  # agents put elsewhere until they log out


class AcdError(ValueError):
    """Our own code named a queue, an agent or a visit that there is not."""


Work = tuple[Literal["agent", "visit"], str]


class Hall:
    """State and indices. The handlers around it share one.

    Args:
        acd: The settings.
        memo: What an earlier one kept.
        draw: Another source of chance.
    """

    __slots__ = (
        "_draw",
        "acd",
        "agents",
        "book",
        "effects",
        "later",
        "left",
        "levels",
        "lineup",
        "memo",
        "needs",
        "offers",
        "people",
        "places",
        "pool",
        "ports",
        "queues",
        "shares",
        "visits",
        "weights",
        "wheel",
    )

    def __init__(
        self, acd: Acd, memo: Memo | None = None, draw: Callable[[], float] | None = None
    ) -> None:
        self._draw = draw
        self.acd = acd
        self.memo = memo or Memo()
        self.wheel = Wheel()
        self.lineup = Lineup()
        self.places = Places()
        self.book = TaskBook(acd)
        self.visits: dict[str, Visit] = {}
        self.offers: dict[str, Offer] = {}
        self.effects: list[AcdEffect] = []
        self.later: deque[Work] = deque()
        self.left = False  # somebody logged out; queues may be deserted
        self.queues = {q.number: QueueLine(q, QueueRecord(number=q.number)) for q in acd.queues}
        self.weights = {q.number: q.weight for q in acd.queues}
        self.pool = Pool({q.number: q.strategy for q in acd.queues})
        self.needs: set[Need] = {(q.number,) for q in acd.queues}
        self.people: dict[str, AgentSettings] = {a.number: a for a in acd.agents}
        self.shares = {a.number: a.weight for a in acd.agents}
        self.agents = {
            a.number: Agent(AgentRecord(number=a.number), at) for at, a in enumerate(acd.agents)
        }
        self.ports: dict[str, str] = {}
        self.levels: dict[str, dict[Need, int]] = {}
        for number in self.agents:
            self.set_levels(number)
            for queue in self.memberships(number):
                self.queues[queue].members += 1

    # --- looking up -----------------------------------------------------------------------------

    def queue(self, number: str) -> QueueLine:
        """A queue by number."""
        found = self.queues.get(number)
        if found is None:
            raise AcdError(f"there is no queue {number!r}")
        return found

    def visit(self, name: str) -> Visit:
        """A visit by its id."""
        found = self.visits.get(name)
        if found is None:
            raise AcdError(f"there is no visit {name!r}")
        return found

    def agent(self, number: str) -> Agent:
        """An agent by number."""
        found = self.agents.get(number)
        if found is None:
            raise AcdError(f"there is no agent {number!r}")
        return found

    def memberships(self, number: str) -> dict[str, int]:
        """Queue to level, with what a supervisor changed."""
        found = {m.queue: m.level for m in self.people[number].queues if m.queue in self.queues}
        for queue, level in self.memo.moved.get(number, {}).items():
            if level is None:
                found.pop(queue, None)
            elif queue in self.queues:
                found[queue] = level
        return found

    def wall_ms(self, now_ms: int) -> int:
        """The time of day for people, UTC."""
        return now_ms + self.memo.offset_ms

    # --- saying ---------------------------------------------------------------------------------

    def say(self, effect: AcdEffect) -> None:
        """Add to what is to be done."""
        self.effects.append(effect)

    # --- who can serve what ---------------------------------------------------------------------

    def set_levels(self, number: str) -> None:
        """Work out what an agent can serve, for all needs that are known."""
        queues = self.memberships(number)
        skills = self.people[number].skills
        found: dict[Need, int] = {}
        for need in self.needs:
            level = _level(need, queues, skills)
            if level is not None:
                found[need] = level
        self.levels[number] = found

    def know(self, visit: Visit) -> Need:
        """The visit's need; a new one is worked out for everybody once."""
        need = need_of(visit)
        if need not in self.needs:
            self.needs.add(need)
            for number, found in self.levels.items():
                level = _level(need, self.memberships(number), self.people[number].skills)
                if level is not None:
                    found[need] = level
                    if number in self.pool:
                        self.to_pool(number)
        return need

    def to_pool(self, number: str) -> None:
        """The agent is free."""
        agent = self.agents[number]
        record = agent.record
        who = Standing(
            number=number,
            position=agent.position,
            idle_since_ms=record.idle_since_ms,
            calls=record.day.calls,
            talk_ms=record.day.talking_ms,
        )
        self.pool.add(who, self.levels[number])

    def count_in(self, number: str, sign: int, *, logged_in: bool, staffed: bool) -> None:
        """An agent counts, or not any more, towards his queues. Second choice never does."""
        for queue, level in self.memberships(number).items():
            if level > 0:
                line = self.queues[queue]
                line.logged_in += sign * logged_in
                line.staffed += sign * staffed

    def count_state(self, number: str, before: str, after: str) -> None:
        """The same, by a change of state."""
        was, now = before != "logged_out", after != "logged_out"
        worked, works = before in AT_WORK, after in AT_WORK
        if was != now:
            self.count_in(number, 1 if now else -1, logged_in=True, staffed=False)
        if worked != works:
            self.count_in(number, 1 if works else -1, logged_in=False, staffed=True)

    # --- chance ---------------------------------------------------------------------------------

    def draw(self) -> float:
        """A number from 0 to below 1 (splitmix64; its state is kept, so a replay draws alike)."""
        if self._draw is not None:
            return self._draw()
        self.memo.draws = (self.memo.draws + 0x9E3779B97F4A7C15) & _MASK
        mixed = self.memo.draws
        mixed = ((mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
        mixed = ((mixed ^ (mixed >> 27)) * 0x94D049BB133111EB) & _MASK
        return ((mixed ^ (mixed >> 31)) >> 11) / (1 << 53)


def _level(need: Need, queues: Mapping[str, int], skills: Mapping[str, int]) -> int | None:
    level = queues.get(need[0])
    if level is None:
        return None
    for skill in need[1:]:
        has = skills.get(skill, 0)
        if has == 0:
            return None
        level = min(level, has)
    return level
