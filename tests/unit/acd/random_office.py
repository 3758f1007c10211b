"""Seeded random hours of an office with faults, its invariants checked after every event.

The outside is played here: callers with patience, agents who lift late or never, who hold,
transfer, pause, leave their handset beside the telephone; lines that fail; and a call control that
is killed every hour and reads its journal. What must come out: nobody stuck, one outcome each.

A supervisor decides over agents in whatever state they are, takes conversations over, and shifts
end in the middle of anything.
"""

from __future__ import annotations

import heapq
import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import msgspec

from firmware.acd import events as told
from firmware.acd.distribution import Distribution
from firmware.acd.effects import (
    AcdEffect,
    Alarm,
    Connected,
    Entered,
    LegEnded,
    OfferMade,
    VisitEnded,
    WrapUpClosed,
)
from firmware.acd.journal import Journal, capture, read
from firmware.acd.load import MOST
from firmware.acd.waiting import ALARM_PAUSE_MS
from firmware.core.acd_settings import Acd, Agent, FloorStep, Membership, Overflow, Queue
from tests.unit.acd.office import check

HOUR_MS = 3_600_000
SUPERVISOR = "1006"
FREE_TO_COME = frozenset({"ready", "offered", "wrap_up", "paused"})
OF_QUEUES = frozenset({"many_waiting", "long_wait"})
STRATEGIES = (
    "ring_all",
    "longest_idle",
    "fewest_calls",
    "least_talk",
    "round_robin",
    "linear",
    "skill_first",
    "weighted_random",
)


def settings(rng: random.Random) -> Acd:
    """Three queues that share some of six agents; every rule is somewhere in use."""
    queues = (
        Queue(
            number="300",
            strategy=rng.choice(STRATEGIES),
            weight=2,
            floors=(FloorStep(after_s=0, level=5), FloorStep(after_s=20, level=1)),
            wrap_up_s=30,
            wrap_up_tone_s=20,
            overflow=(Overflow(when="length", limit=6, to="301"),),
            join_empty=True,
        ),
        Queue(
            number="301",
            strategy=rng.choice(STRATEGIES),
            when_empty="flow:closed",
            overflow=(Overflow(when="waited", limit=400, to="300"),),
        ),
        Queue(
            number="302",
            strategy="longest_idle",
            wrap_up_s=0,
            wrap_up_tone_s=0,
            reserve=1,
            vip_overflow="flow:mobile",
            join_empty=True,
        ),
    )
    agents = tuple(
        Agent(
            number=str(1001 + n),
            queues=tuple(
                Membership(queue=queue, level=rng.choice((0, 3, 5, 9)))
                for queue in rng.sample(("300", "301", "302"), rng.randint(1, 3))
            ),
            skills={"yue": rng.choice((3, 7))} if rng.random() < 0.5 else {},
            weight=rng.randint(1, 20),
            first_day="2026-09-15" if n == 1 else "",  # his second week begins in the run
        )
        for n in range(6)
    )
    return Acd(queues=queues, agents=agents)


@dataclass
class Score:
    """What came out."""

    events: int = 0
    restarts: int = 0
    entered: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)
    connected: int = 0
    longest_wait_ms: int = 0
    legs: int = 0
    booked_ms: int = 0
    wrap_ups: int = 0
    alarms: int = 0
    decisions: int = 0
    taken_over: int = 0


class RandomOffice:
    """One run. ``seed`` is printed by whoever asserts."""

    def __init__(
        self, seed: int, *, calls_per_hour: float = 40.0, kill: bool = True, checks: bool = True
    ) -> None:
        self.rng = random.Random(seed)
        self.settings = settings(self.rng)
        self.acd = Distribution(self.settings)
        self.now_ms = 0
        self.calls_per_hour = calls_per_hour
        self.kill, self.checks = kill, checks
        self.score = Score()
        self.todo: list[tuple[int, int, Callable[[], None]]] = []
        self.number = 0
        self.open_visits: dict[str, str] = {}  # who waits, and in which queue, by what was said
        self.journal = Journal("boot")
        self.lines: list[bytes] = []
        self.off_hook: set[str] = set()
        self.alarmed_ms: dict[str, int] = {}  # by queue
        self.tell(told.ClockSet(offset_ms=1_790_000_000_000 // 86_400_000 * 86_400_000))
        self.after(0, self.arrival)
        for agent in self.settings.agents:
            self.after(self.rng.randrange(600_000), lambda a=agent.number: self.whim(a))
        self.after(self.rng.randrange(600_000), self.decide)
        self.after(self.rng.randrange(HOUR_MS), self.shift_ends)
        if kill:
            self.after(HOUR_MS, self.killed)

    # --- time ---------------------------------------------------------------------------------

    def after(self, ms: float, do: Callable[[], None]) -> None:
        self.number += 1
        heapq.heappush(self.todo, (self.now_ms + round(ms), self.number, do))

    def run(self, hours: float) -> Score:
        until_ms = self.now_ms + round(hours * HOUR_MS)
        while True:
            due = self.acd.next_deadline()
            next_ms = self.todo[0][0]
            if due is not None and due <= next_ms and due <= until_ms:
                self.now_ms = max(due, self.now_ms)
                self.taken(self.acd.advance(self.now_ms), None)
                continue
            if next_ms > until_ms:
                self.now_ms = until_ms
                return self.score
            self.now_ms = next_ms
            heapq.heappop(self.todo)[2]()

    def tell(self, event: told.AcdEvent) -> None:
        self.taken(self.acd.handle(event, self.now_ms), event)

    def taken(self, effects: list[AcdEffect], event: told.AcdEvent | None) -> None:
        self.score.events += 1
        if self.kill:
            whole, line = self.journal.line(self.acd, event, self.now_ms)
            if whole:
                self.lines.clear()
            self.lines.append(line)
        if self.checks:
            check(self.acd, self.now_ms)
        for effect in effects:
            self.follow(effect)
        if self.checks:
            self.one_outcome_each()

    def one_outcome_each(self) -> None:
        """Who entered and did not end stands in a line: what was said is what there is."""
        standing = {
            name: visit.queue
            for name, visit in self.acd.hall.visits.items()
            if visit.kind == "caller" and visit.state != "talking"
        }
        assert self.open_visits == standing, "an outcome is missing or was said twice"

    def nobody_stuck(self) -> None:
        """Looked at every hour: nobody waits, talks or works on a call since an hour ago."""
        hall = self.acd.hall
        for name, visit in hall.visits.items():
            if visit.kind == "caller" and visit.state != "talking":
                assert self.now_ms - visit.entered_ms < HOUR_MS, f"{name} waits since an hour"
        for number, agent in hall.agents.items():
            if agent.state in {"offered", "talking", "hold", "wrap_up"}:
                since_ms = self.now_ms - agent.record.since_ms
                assert since_ms < HOUR_MS, f"{number} is {agent.state} since an hour"

    def killed(self) -> None:
        """Call control is gone and starts anew from its journal; the world goes on."""
        before = msgspec.json.encode(capture(self.acd, self.now_ms, "boot"))
        last_ms = self.now_ms
        found, _ = read(self.settings, self.lines)
        assert found is not None
        after = msgspec.json.encode(capture(found, last_ms, "boot"))
        assert after == before, "the journal tells another story"
        self.acd = found
        check(self.acd, self.now_ms)
        self.nobody_stuck()
        self.score.restarts += 1
        self.after(HOUR_MS, self.killed)

    # --- what the box says --------------------------------------------------------------------

    def follow(self, effect: AcdEffect) -> None:
        match effect:
            case Entered(visit=visit, queue=queue):
                assert visit not in self.open_visits, f"{visit} entered twice"
                self.open_visits[visit] = queue
            case VisitEnded(visit=visit, queue=queue, outcome=outcome, wait_ms=wait_ms):
                entered = self.open_visits.pop(visit, "")
                turned_away = not entered and wait_ms == 0 and outcome in {"no_agent", "overflow"}
                assert turned_away or entered == queue, f"{visit} ended twice, now {outcome}"
                self.score.outcomes[outcome] += 1
                self.score.longest_wait_ms = max(self.score.longest_wait_ms, wait_ms)
            case OfferMade(agents=agents, visit=visit):
                for agent in agents:
                    if self.rng.random() < 0.9:
                        self.after(self.rng.uniform(500, 20_000), lambda a=agent: self.lift(a))
                    elif self.rng.random() < 0.3:
                        self.after(1_000, lambda a=agent: self.tell(told.AgentRefused(agent=a)))
            case Connected(agent=agent, kind=kind, visit=visit):
                self.score.connected += 1
                if kind == "caller":
                    self.after(self.rng.expovariate(1 / 120_000), lambda: self.over(visit, agent))
                else:
                    self.after(self.rng.uniform(2_000, 20_000), lambda: self.dialled(agent, visit))
            case LegEnded(talk_ms=talk_ms, hold_ms=hold_ms):
                assert talk_ms >= 0
                assert hold_ms >= 0
                self.score.legs += 1
                self.score.booked_ms += talk_ms + hold_ms
            case WrapUpClosed():
                self.score.wrap_ups += 1
            case Alarm():
                self.alarmed(effect)
            case _:
                pass

    # --- callers ------------------------------------------------------------------------------

    def arrival(self) -> None:
        rng = self.rng
        self.after(rng.expovariate(self.calls_per_hour / HOUR_MS), self.arrival)
        self.score.entered += 1
        visit = f"c{self.score.entered}"
        number = f"138{rng.randrange(300):08d}" if rng.random() < 0.8 else ""
        self.tell(
            told.CallerEnters(
                visit=visit,
                queue=rng.choice(("300", "300", "301", "302")),
                number=number,
                caller_class=rng.choice((None, None, None, "vip", "high", "low")),
                skills=("yue",) if rng.random() < 0.2 else (),
                wants=str(rng.randrange(1001, 1008)) if rng.random() < 0.1 else "",
            )
        )
        self.after(rng.expovariate(1 / 90_000), lambda: self.tired(visit, number))

    def waits(self, visit: str) -> bool:
        found = self.acd.hall.visits.get(visit)
        return found is not None and found.state != "talking"

    def tired(self, visit: str, number: str) -> None:
        if not self.waits(visit):
            return
        chance = self.rng.random()
        if chance < 0.15:
            self.tell(told.CallbackAsked(visit=visit, number=number))
            if self.waits(visit):
                self.tell(told.CallerCleared(visit=visit))
        elif chance < 0.25:
            self.tell(told.CallerLeaves(visit=visit, how="message"))
        else:
            self.tell(told.CallerCleared(visit=visit, lost=chance > 0.9))

    # --- agents -------------------------------------------------------------------------------

    def lift(self, agent: str) -> None:
        if self.acd.hall.agents[agent].state == "offered":
            self.tell(told.AgentLifted(agent=agent))
        elif self.rng.random() < 0.3 and self.acd.hall.agents[agent].set_state == "free":
            self.tell(told.SetTaken(agent=agent))  # too late: dial tone
            self.after(3_000, lambda: self.tell(told.SetFree(agent=agent)))

    def talks(self, visit: str, agent: str) -> bool:
        found = self.acd.hall.visits.get(visit)
        return found is not None and found.state == "talking" and found.agent == agent

    def over(self, visit: str, agent: str) -> None:
        rng = self.rng
        if not self.talks(visit, agent):
            return
        chance = rng.random()
        state = self.acd.hall.agents[agent].state
        if chance < 0.25 and state == "talking":
            self.tell(told.HoldBegan(agent=agent))
            self.after(rng.uniform(1_000, 40_000), lambda: self.held(visit, agent))
        elif chance < 0.35:
            to = str(rng.randrange(1001, 1007))
            if to != agent:
                self.tell(told.HandedOver(visit=visit, to=to, note="about the invoice"))
                found = self.acd.hall.visits.get(visit)
                to = found.agent if found is not None else ""
            if to:
                self.after(rng.uniform(5_000, 60_000), lambda: self.over(visit, to))
            else:
                self.tell(told.CallerCleared(visit=visit))
        elif chance < 0.38 and self.acd.hall.agents[SUPERVISOR].state in FREE_TO_COME:
            self.take_over(visit, agent)
        elif chance < 0.42:
            self.tell(told.TalkEnded(agent=agent, caller_stays=True))
            self.tell(told.CallerEnters(visit=visit, queue="301", since_ms=self.now_ms - 60_000))
            self.after(rng.expovariate(1 / 90_000), lambda: self.tired(visit, ""))
        elif chance < 0.75:
            self.tell(told.CallerCleared(visit=visit))
            late = HOUR_MS / 4 if rng.random() < 0.03 else rng.uniform(300, 4_000)
            self.after(late, lambda: self.tell(told.SetFree(agent=agent)))
        else:
            self.tell(told.TalkEnded(agent=agent))
        if self.acd.hall.agents[agent].state == "wrap_up" and rng.random() < 0.6:
            self.after(rng.uniform(0, 150_000), lambda: self.noted(agent))

    def held(self, visit: str, agent: str) -> None:
        if self.talks(visit, agent):
            if self.rng.random() < 0.9:
                self.tell(told.HoldEnded(agent=agent))
            self.over(visit, agent)

    def noted(self, agent: str) -> None:
        if self.acd.hall.agents[agent].state == "wrap_up":
            self.tell(
                told.WrapUpExtended(agent=agent, seconds=60)
                if self.rng.random() < 0.1
                else told.WrapUpDone(agent=agent, result="1", topic="11")
            )

    def dialled(self, agent: str, visit: str) -> None:
        if not self.talks(visit, agent):
            return
        result: Any = self.rng.choice(("reached", "busy", "no_answer", "wrong_number", ""))
        if result == "":
            self.tell(told.TalkEnded(agent=agent))  # he hung up before anybody answered
            return
        self.tell(told.TaskAttempted(agent=agent, result=result))
        if result == "reached":
            self.after(self.rng.uniform(5_000, 90_000), lambda: self.over(visit, agent))

    def whim(self, agent: str) -> None:
        """Whatever people do besides."""
        rng = self.rng
        self.after(rng.uniform(30_000, 900_000), lambda: self.whim(agent))
        state = self.acd.hall.agents[agent].state
        chance = rng.random()
        if state in {"logged_out", "paused"}:
            if state == "logged_out" or chance < 0.3:
                self.tell(told.LoggedIn(agent=agent, port=f"fxs/{rng.randint(1, 8)}"))
            if chance < 0.7:
                self.tell(told.ReadyAsked(agent=agent))
            return
        if chance < 0.1:
            self.tell(told.LoggedOut(agent=agent, by=rng.choice(("", "1001"))))
        elif chance < 0.3:
            reason = rng.choice(("break", "lunch", "other", "nonsense"))
            self.tell(told.PauseAsked(agent=agent, reason=reason, by=rng.choice(("", "1001"))))
        elif chance < 0.4:
            self.tell(told.ReadyAsked(agent=agent))
        elif chance < 0.5 and state in {"ready", "wrap_up"}:
            self.tell(told.SetTaken(agent=agent))
            left_off = rng.random() < 0.2
            late = HOUR_MS / 2 if left_off else rng.uniform(1_000, 60_000)
            self.after(late, lambda: self.tell(told.SetFree(agent=agent)))
        elif chance < 0.54:
            self.tell(told.SetLost(agent=agent))
            self.after(5_000, lambda: self.tell(told.SetFree(agent=agent)))
        elif chance < 0.58:
            level = rng.choice((None, 0, 5, 9))
            queue = rng.choice(("300", "301", "302"))
            self.tell(told.AgentMoved(agent=agent, queue=queue, level=level, by="1001"))
        elif chance < 0.62:
            self.tell(told.LinesFree(lines=rng.randint(0, 4)))
        elif chance < 0.64:
            self.tell(told.OfficeHours(open=rng.random() < 0.8))
        elif chance < 0.65:
            self.tell(told.NewDay())
        elif chance < 0.68:
            self.tell(
                told.TaskOpened(
                    kind=rng.choice(("promise", "follow_up")),
                    number=f"139{rng.randrange(50):08d}",
                    in_ms=rng.randrange(2 * HOUR_MS),
                    owner=rng.choice(("", agent)),
                    queue=rng.choice(("", "300", "302")),
                )
            )
        elif chance < 0.72 and self.acd.hall.book.live:
            # He goes through what he owes: one of them is put off, or nothing is owed any more.
            task = rng.choice(sorted(self.acd.hall.book.live))
            if rng.random() < 0.7:
                self.tell(told.TaskPutOff(task=task, in_ms=rng.choice((0, 60_000, 1_800_000))))
            else:
                self.tell(told.TaskEnded(task=task, how=rng.choice(("done", "withdrawn"))))
        elif chance < 0.73:
            self.tell(told.BulletinHeard(agent=agent, bulletin=str(self.now_ms)))

    # --- a supervisor ---------------------------------------------------------------------------

    def alarmed(self, alarm: Alarm) -> None:
        """Whom it advises to call in could come, and it is not said again at once."""
        self.score.alarms += 1
        for text in alarm.advice:
            what, agent, *_ = text.split(":")
            if what == "more":
                assert 1 <= int(agent) <= MOST, f"{agent} agents more"
                continue
            wanted = {"recall": "paused", "log_in": "logged_out"}[what]
            assert self.acd.hall.agents[agent].state == wanted, f"{text}: he is not {wanted}"
        if alarm.what in OF_QUEUES:
            last_ms = self.alarmed_ms.get(alarm.about, -ALARM_PAUSE_MS)
            assert self.now_ms - last_ms >= ALARM_PAUSE_MS, f"{alarm.about} alarms again"
            self.alarmed_ms[alarm.about] = self.now_ms

    def decide(self) -> None:
        """He puts somebody where he wants him, whatever that one does."""
        rng = self.rng
        self.after(rng.uniform(30_000, 900_000), self.decide)
        agent = rng.choice(self.settings.agents).number
        queue = rng.choice(("300", "301", "302"))
        level = rng.choice((None, 0, 5, 9))
        events: tuple[told.AcdEvent, ...] = (
            told.PauseAsked(agent=agent, reason="meeting", by=SUPERVISOR),
            told.ReadyAsked(agent=agent, by=SUPERVISOR),
            told.LoggedOut(agent=agent, by=SUPERVISOR),
            told.AgentMoved(agent=agent, queue=queue, level=level, by=SUPERVISOR),
        )
        self.score.decisions += 1
        self.tell(rng.choice(events))

    def take_over(self, visit: str, agent: str) -> None:
        """The supervisor has the caller from now on; the agent works on what he knows."""
        if agent == SUPERVISOR:
            self.tell(told.TalkEnded(agent=agent))
            return
        self.tell(told.TalkEnded(agent=agent, caller_stays=True))
        self.tell(told.HandedOver(visit=visit, to=SUPERVISOR))
        assert self.talks(visit, SUPERVISOR), "he took it over and does not have it"
        assert not self.talks(visit, agent)
        self.score.taken_over += 1
        self.after(self.rng.uniform(5_000, 60_000), lambda: self.over(visit, SUPERVISOR))

    def shift_ends(self) -> None:
        """Somebody's shift is over: he goes, or does so after his conversation and its work."""
        self.after(self.rng.uniform(HOUR_MS / 4, HOUR_MS), self.shift_ends)
        agent = self.rng.choice(self.settings.agents).number
        before = self.acd.hall.agents[agent].state
        if before in {"ready", "paused", "talking", "hold"}:
            self.tell(told.LoggedOut(agent=agent, by="shift"))
            after = self.acd.hall.agents[agent].state
            wanted = before if before in {"talking", "hold"} else "logged_out"
            assert after == wanted, f"{agent} was {before} at the end of his shift and is {after}"
