"""The offer protocol: a caller finds an agent, an agent finds a caller, one of them lifts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from firmware.acd.agent import AT_WORK, Lift, Miss, OfferAgent, TakeUp, Withdraw
from firmware.acd.effects import Connected, OfferEnded, OfferMade
from firmware.acd.hall import MOST_SERVED, Hall
from firmware.acd.lineup import need_of
from firmware.acd.newcomers import shared
from firmware.acd.offer import NAMED, Decision, Offer
from firmware.acd.staff import Staff
from firmware.acd.strategy import MOST_RUNG, choose
from firmware.acd.visit import LegTime, Visit
from firmware.acd.waiting import Waiting


class Offers:
    """Makes, widens and ends offers."""

    __slots__ = ("hall", "staff", "waiting")

    def __init__(self, hall: Hall, staff: Staff, waiting: Waiting) -> None:
        self.hall = hall
        self.staff = staff
        self.waiting = waiting

    # --- finding --------------------------------------------------------------------------------

    def settle(self, now_ms: int) -> None:
        """Match whoever became free or came, until nothing more follows."""
        hall = self.hall
        while hall.later:
            kind, whose = hall.later.popleft()
            if kind == "agent":
                self._seek_caller(whose, now_ms)
            else:
                self._seek_agent(whose, now_ms)

    def _seek_caller(self, number: str, now_ms: int) -> None:
        hall = self.hall
        agent = hall.agents[number]
        hall.pool.remove(number)
        if not agent.available(now_ms):
            return
        levels = hall.levels[number]
        queues = [hall.queues[queue] for queue in hall.memberships(number)]
        reserve = max((line.settings.reserve for line in queues), default=0)
        hall.lineup.passed = hall.memo.passed
        found = hall.lineup.best(
            number, levels, hall.weights, now_ms, tasks=len(hall.pool) >= reserve
        )
        hall.memo.passed = hall.lineup.passed
        hall.to_pool(number)
        if found is None:
            return
        visit = hall.visits[found]
        rule = "vip" if visit.vip else "wish" if visit.wants else "longest_wait"
        self._offer(visit, (number,), rule, now_ms)

    def _seek_agent(self, name: str, now_ms: int) -> None:
        hall = self.hall
        visit = hall.visits.get(name)
        if visit is None or visit.state != "waiting":
            return
        if visit.wants:
            if visit.wants in hall.pool:
                self._offer(visit, (visit.wants,), "wish", now_ms)
            return
        need = hall.know(visit)
        line = hall.queues[visit.queue]
        rows = hall.pool.rows.get(need, {})
        if visit.kind == "task" and hall.pool.count(need, visit.floor) <= line.settings.reserve:
            return
        last = hall.memo.served.get(visit.number, "") if visit.number else ""
        if last in hall.pool and hall.levels[last].get(need, -1) >= max(visit.floor, 1):
            self._offer(visit, (last,), "last_served", now_ms)
            return
        strategy = line.settings.strategy

        def choice(without: Sequence[str]) -> tuple[str, ...]:
            return choose(
                strategy,
                rows,
                visit.floor,
                after=line.record.last_position,
                draw=hall.draw,
                weights=hall.shares,
                without=without,
            )

        chosen, back = shared(hall, choice, visit.missed, now_ms)
        if chosen:
            rule = "second_choice" if visit.vip and visit.floor == 0 else strategy
            self._offer(visit, chosen, rule, now_ms, back)

    # --- making ---------------------------------------------------------------------------------

    def _offer(
        self,
        visit: Visit,
        agents: tuple[str, ...],
        rule: str,
        now_ms: int,
        back: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        hall = self.hall
        decision = self._decide(visit, rule, now_ms)
        decision.named.update({n: why for n, why in back.items() if n in decision.named})
        hall.lineup.remove(visit)
        visit.state = "offered"
        line = hall.queues[visit.queue]
        until_ms = now_ms + line.settings.rings * line.settings.ring_period_ms
        hall.offers[visit.id] = Offer(
            visit=visit.id, agents=list(agents), made_ms=now_ms, until_ms=until_ms
        )
        hall.wheel.set("offer", visit.id, until_ms)
        for number in agents:
            self._ring(visit, number, now_ms)
        hall.say(_made(visit, agents, until_ms, decision))

    def _ring(self, visit: Visit, number: str, now_ms: int) -> None:
        hall = self.hall
        agent = hall.agents[number]
        hall.pool.remove(number)
        hall.queues[visit.queue].record.last_position = agent.position
        agent.record.visit = visit.id
        agent.record.day.offered += 1
        self.staff.act(agent, OfferAgent(), now_ms, "offer")

    def widen(self, visit: Visit, now_ms: int) -> None:
        """Ring everybody who is free besides, second choice included."""
        hall = self.hall
        offer = hall.offers[visit.id]
        rows = hall.pool.rows.get(hall.know(visit), {})
        more = choose("ring_all", rows, visit.floor, most=MOST_RUNG - len(offer.agents))
        if more:
            decision = self._decide(visit, "second_choice", now_ms)
            for number in more:
                self._ring(visit, number, now_ms)
            offer.agents += more
            hall.say(_made(visit, more, offer.until_ms, decision))

    def _decide(self, visit: Visit, rule: str, now_ms: int) -> Decision:
        hall = self.hall
        line = hall.queues[visit.queue]
        need = need_of(visit)
        small = line.members <= NAMED
        keys = []
        below = 0
        for level, row in hall.pool.rows.get(need, {}).items():
            if level >= visit.floor:
                keys += row[: MOST_RUNG if small else 2]
            else:
                below += len(row)
        keys.sort()
        free = hall.pool.count(need, visit.floor)
        skipped = {
            "at work": line.staffed - free - below,
            "paused": line.logged_in - line.staffed,
            "logged out": line.members - line.logged_in,
            "below the level": below,
        }
        named = {}
        if small:
            for number in hall.agents:
                if (visit.queue,) in hall.levels[number]:
                    named[number] = self._why(number, visit, now_ms)
        return Decision(
            rule=rule,
            floor=visit.floor,
            considered=tuple((key[3], key[0] or key[1]) for key in keys[:MOST_RUNG]),
            skipped={why: count for why, count in skipped.items() if count > 0},
            named=named,
            wait_ms=now_ms - visit.entered_ms,
            ahead=line.ahead(visit),
        )

    def _why(self, number: str, visit: Visit, now_ms: int) -> str:
        hall = self.hall
        agent = hall.agents[number]
        record = agent.record
        level = hall.levels[number].get(need_of(visit))
        if number in hall.pool or agent.available(now_ms):
            if level is None:
                return "lacks a skill"
            if level < visit.floor:
                return f"level {level} below {visit.floor}"
            if visit.wants and visit.wants != number:
                return "another was asked for"
            return "let this caller ring before" if number in visit.missed else "free"
        if record.state == "ready":
            return f"set {record.set_state}" if record.set_state != "free" else "rests after a miss"
        return f"paused: {record.pause}" if record.state == "paused" else record.state

    # --- ending ---------------------------------------------------------------------------------

    def accept(self, number: str, now_ms: int) -> bool:
        """He lifted. False when there is no offer for him any more."""
        hall = self.hall
        agent = hall.agents[number]
        offer = hall.offers.get(agent.record.visit)
        if offer is None or number not in offer.agents or agent.state != "offered":
            return False
        visit = hall.visits[offer.visit]
        self._forget(offer)
        for other in offer.agents:
            if other != number:
                self._release(visit, other, "answered_elsewhere", now_ms)
        agent.record.misses = 0
        agent.record.visit = visit.id
        self.staff.act(agent, Lift(), now_ms, "lifted")
        self._begin_talk(visit, number, now_ms)
        self.waiting.answered(visit, now_ms)
        if visit.number:
            hall.memo.served.pop(visit.number, None)
            hall.memo.served[visit.number] = number
            if len(hall.memo.served) > MOST_SERVED:
                hall.memo.served.pop(next(iter(hall.memo.served)))
        hall.say(
            Connected(
                visit=visit.id,
                agent=number,
                kind=visit.kind,
                number=visit.number,
                name=visit.name,
                wait_ms=now_ms - visit.entered_ms,
                hops=visit.hops,
                task=visit.task,
            )
        )
        return True

    def _begin_talk(self, visit: Visit, number: str, now_ms: int) -> None:
        record = self.hall.agents[number].record
        visit.state = "talking"
        visit.agent = number
        visit.legs.append(LegTime(agent=number, from_ms=now_ms))
        record.visit = visit.id
        record.queue = visit.queue
        record.talk_began_ms = now_ms
        record.day.calls += 1

    def missed(self, name: str, now_ms: int) -> None:
        """Nobody lifted in time."""
        hall = self.hall
        offer = hall.offers.get(name)
        if offer is None:
            return
        visit = hall.visits[name]
        self._forget(offer)
        for number in offer.agents:
            agent = hall.agents[number]
            record = agent.record
            record.misses += 1
            record.day.missed += 1
            record.visit = ""
            record.rest_until_ms = now_ms + hall.acd.miss_rest_s * 1000
            too_many = record.misses >= hall.acd.misses
            hall.say(OfferEnded(visit=name, agent=number, why="missed"))
            self.staff.act(agent, Miss(pause=too_many), now_ms, "missed")
            hall.wheel.set("rest", number, record.rest_until_ms)
            if number not in visit.missed:
                visit.missed.append(number)
        self._wait_on(visit)

    def refuse(self, number: str, now_ms: int) -> None:
        """He declined, or his set could not be rung."""
        hall = self.hall
        agent = hall.agents[number]
        offer = hall.offers.get(agent.record.visit)
        if offer is None or number not in offer.agents:
            return
        visit = hall.visits[offer.visit]
        agent.record.rest_until_ms = now_ms + hall.acd.miss_rest_s * 1000
        hall.wheel.set("rest", number, agent.record.rest_until_ms)
        if number not in visit.missed:
            visit.missed.append(number)
        self.take_out(number, "refused", now_ms)

    def take_out(self, number: str, why: str, now_ms: int) -> None:
        """End one agent's part of his offer, if he is in one; the visit goes on without him."""
        hall = self.hall
        offer = hall.offers.get(hall.agents[number].record.visit)
        if offer is None or number not in offer.agents:
            return
        visit = hall.visits[offer.visit]
        offer.agents.remove(number)
        self._release(visit, number, why, now_ms)
        if not offer.agents:
            self._forget(offer)
            self._wait_on(visit)

    def withdraw(self, visit: Visit, now_ms: int) -> None:
        """Nobody needs to lift for him any more."""
        offer = self.hall.offers.get(visit.id)
        if offer is not None:
            self._forget(offer)
            for number in offer.agents:
                self._release(visit, number, "withdrawn", now_ms)

    def hand_over(self, visit: Visit, number: str, now_ms: int) -> None:
        """The conversation goes on with this agent; whatever rang at his set stops."""
        agent = self.hall.agents[number]
        then, agent.record.then = agent.record.then, ""  # what he asked for comes after this talk
        if agent.state == "offered":
            self.take_out(number, "withdrawn", now_ms)
        self.hall.pool.remove(number)
        self.staff.end_wrap_up(agent, now_ms)
        self.staff.act(agent, TakeUp(), now_ms, "handed_over")
        agent.record.then = then
        self._begin_talk(visit, number, now_ms)

    def _release(self, visit: Visit, number: str, why: str, now_ms: int) -> None:
        agent = self.hall.agents[number]
        agent.record.visit = ""
        self.hall.say(OfferEnded(visit=visit.id, agent=number, why=why))
        self.staff.act(agent, Withdraw(), now_ms, why)

    def _forget(self, offer: Offer) -> None:
        del self.hall.offers[offer.visit]
        self.hall.wheel.cancel("offer", offer.visit)

    def _wait_on(self, visit: Visit) -> None:
        if visit.wants and visit.kind == "caller":
            wanted = self.hall.agents[visit.wants]
            if wanted.state not in AT_WORK:
                visit.wants = ""
        visit.state = "waiting"
        self.hall.lineup.add(visit)
        self.hall.later.append(("visit", visit.id))


def _made(visit: Visit, agents: tuple[str, ...], until_ms: int, decision: Decision) -> OfferMade:
    return OfferMade(
        visit=visit.id,
        queue=visit.queue,
        kind=visit.kind,
        agents=agents,
        until_ms=until_ms,
        decision=decision,
    )
