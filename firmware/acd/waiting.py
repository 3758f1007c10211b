"""Callers: entering, waiting, being told, and leaving with exactly one outcome."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from firmware.acd.advice import advice_for
from firmware.acd.agent import AT_WORK
from firmware.acd.effects import (
    Alarm,
    Announce,
    Comfort,
    Entered,
    Refused,
    VisitEnded,
    VisitOutcome,
)
from firmware.acd.events import CallerEnters
from firmware.acd.hall import AcdError, Hall
from firmware.acd.overflow import MOST_HOPS, Situation, on_entry, when_deserted, while_waiting
from firmware.acd.places import Place
from firmware.acd.queue import QueueLine, floor_at
from firmware.acd.staff import Staff
from firmware.acd.visit import BONUS_MS, Visit
from firmware.acd.wait_estimate import Told, callback_due, tell

TIMES_OF_A_VISIT: Final = (
    "floor",
    "second",
    "promise",
    "say",
    "comfort",
    "overflow",
    "long",
    "sticky",
    "skills",
)
ALARM_PAUSE_MS: Final = 60_000
"""An alarm of a queue is not repeated sooner. Chosen: supervisors' telephones ring for it."""


class Waiting:
    """Callers of all queues. ``withdraw`` and ``widen`` come from the offers."""

    __slots__ = ("hall", "staff", "widen", "withdraw")

    def __init__(self, hall: Hall, staff: Staff) -> None:
        self.hall = hall
        self.staff = staff
        self.withdraw: Callable[[Visit, int], None] = _unset
        self.widen: Callable[[Visit, int], None] = _unset

    # --- coming ---------------------------------------------------------------------------------

    def enter(self, event: CallerEnters, now_ms: int, been: tuple[str, ...] = ()) -> None:
        """A caller comes; he may be sent elsewhere at once."""
        hall = self.hall
        line = hall.queue(event.queue)
        if event.visit in hall.visits:
            raise AcdError(f"visit {event.visit!r} is in a queue already")
        counts = line.record.counts
        counts.offered += 1
        line.arrived(now_ms)
        situation = Situation(
            waiting=line.waiting,
            longest_ms=line.longest_ms(now_ms),
            logged_in=line.logged_in,
            free_lines=hall.memo.free_lines,
            open=hall.memo.open,
        )
        settings = line.settings
        rule = on_entry(settings, situation)
        around = rule is not None and self._around(rule.to, (*been, event.queue))
        if rule is not None and (not around or rule.when == "no_agent"):
            outcome: VisitOutcome = "no_agent" if rule.when == "no_agent" else "overflow"
            to = "" if around else rule.to
            counts.end(outcome, 0, settings)
            hall.say(_ended(event.visit, event.queue, outcome, to))
            self._forward(event, to, (*been, event.queue), now_ms)
            return
        visit, again = self._new(event, line, now_ms, been)
        self._begin(visit, line, now_ms)
        told = self._tell(visit, line, now_ms)
        hall.say(
            Entered(
                visit=visit.id,
                queue=visit.queue,
                position=told.position,
                band=told.band,
                callback=told.callback,
                again=again,
            )
        )
        hall.later.append(("visit", visit.id))
        if line.waiting > hall.acd.alarm_waiting:
            self._alarm(line, "many_waiting", line.waiting, now_ms)

    def _new(
        self, event: CallerEnters, line: QueueLine, now_ms: int, been: tuple[str, ...]
    ) -> tuple[Visit, bool]:
        hall, settings = self.hall, line.settings
        place = hall.places.claim(event.number, event.queue, now_ms)
        since_ms = now_ms if event.since_ms is None else event.since_ms
        caller_class = event.caller_class or settings.priority
        wants = event.wants or (place.agent if place is not None else "")
        agent = hall.agents.get(wants)
        if agent is None or agent.state not in AT_WORK or settings.sticky_s == 0:
            wants = ""
        hall.memo.seq += 1
        visit = Visit(
            id=event.visit,
            queue=event.queue,
            caller_class=caller_class,
            number=event.number,
            name=event.name,
            language=event.language or (place.language if place is not None else ""),
            skills=tuple(sorted(event.skills)),
            entered_ms=now_ms,
            since_ms=since_ms,
            order_ms=place.order_ms if place else since_ms - BONUS_MS[caller_class],
            seq=hall.memo.seq,
            wants=wants,
            hops=event.hops,
            been=been,
            last_said_ms=now_ms,
        )
        return visit, place is not None

    def _begin(self, visit: Visit, line: QueueLine, now_ms: int) -> None:
        hall, settings, wheel = self.hall, line.settings, self.hall.wheel
        if visit.skills and not self._served_by_anybody(visit):
            visit.skills = ()
        visit.floor, sinks_ms = floor_at(settings.floors, now_ms - visit.since_ms)
        hall.visits[visit.id] = visit
        line.join(visit)
        hall.know(visit)
        hall.lineup.add(visit)
        visit.first_position = line.ahead(visit) + 1
        name = visit.id
        if sinks_ms is not None:
            wheel.set("floor", name, visit.since_ms + sinks_ms)
        if visit.skills and settings.skills_s:
            wheel.set("skills", name, now_ms + settings.skills_s * 1000)
        if visit.wants and visit.kind == "caller":
            wheel.set("sticky", name, now_ms + settings.sticky_s * 1000)
        if visit.vip:
            wheel.set("second", name, now_ms + settings.vip_second_s * 1000)
            wheel.set("promise", name, now_ms + settings.vip_limit_s * 1000)
        if visit.kind == "caller":
            wheel.set("say", name, now_ms + settings.announce_s * 1000)
            wheel.set("comfort", name, now_ms + settings.comfort_s * 1000)
            wheel.set("long", name, now_ms + hall.acd.alarm_wait_s * 1000)
            rule = while_waiting(settings)
            if rule is not None:
                at_ms = max(visit.since_ms + rule.limit * 1000, now_ms)
                wheel.set("overflow", name, at_ms)

    def wish(self, visit: Visit, number: str, now_ms: int) -> None:
        """He wants this agent, and waits for him first; refused while that one is not at work."""
        hall = self.hall
        agent = hall.agents.get(number)
        settings = hall.queues[visit.queue].settings
        if (
            agent is None
            or agent.state not in AT_WORK
            or visit.queue not in hall.memberships(number)
        ):
            why = "unknown_agent" if agent is None else "absent"
            hall.say(Refused(agent=number, what="wish", why=why, about=visit.id))
            return
        self.withdraw(visit, now_ms)
        if visit.state == "waiting":
            hall.lineup.remove(visit)
        visit.state, visit.wants = "waiting", number
        hall.lineup.add(visit)
        hall.later.append(("visit", visit.id))
        hall.wheel.set("sticky", visit.id, now_ms + settings.sticky_s * 1000)

    def speak_later(self, now_ms: int) -> None:
        """They are told something else just now; what was due comes after it."""
        hall = self.hall
        for name, visit in hall.visits.items():
            if visit.state != "talking" and visit.kind == "caller":
                settings = hall.queues[visit.queue].settings
                hall.wheel.set("say", name, now_ms + settings.announce_s * 1000)
                hall.wheel.set("comfort", name, now_ms + settings.comfort_s * 1000)

    def retime(self, now_ms: int) -> None:
        """New settings for those who wait: when they overflow, and what they were promised."""
        hall = self.hall
        for name, visit in hall.visits.items():
            if visit.state == "talking" or visit.kind != "caller":
                continue
            settings = hall.queues[visit.queue].settings
            rule = while_waiting(settings)
            if rule is None:
                hall.wheel.cancel("overflow", name)
            else:
                at_ms = max(visit.since_ms + rule.limit * 1000, now_ms)
                hall.wheel.set("overflow", name, at_ms)
            hall.wheel.set(
                "say", name, max(visit.last_said_ms + settings.announce_s * 1000, now_ms)
            )

    def add(self, visit: Visit, now_ms: int) -> None:
        """A callback or a task stands in line; nobody is told anything."""
        self._begin(visit, self.hall.queue(visit.queue), now_ms)
        self.hall.later.append(("visit", visit.id))

    def _served_by_anybody(self, visit: Visit) -> bool:
        hall = self.hall
        need = hall.know(visit)
        return any(
            need in hall.levels[number] and agent.state in AT_WORK
            for number, agent in hall.agents.items()
        )

    def _around(self, to: str, been: tuple[str, ...]) -> bool:
        """Whether sending him there would send him in a circle."""
        return to in self.hall.queues and (to in been or len(been) > MOST_HOPS)

    def _forward(self, event: CallerEnters, to: str, been: tuple[str, ...], now_ms: int) -> None:
        if to in self.hall.queues:
            since_ms = now_ms if event.since_ms is None else event.since_ms
            onward = CallerEnters(
                visit=event.visit,
                queue=to,
                number=event.number,
                name=event.name,
                language=event.language,
                caller_class=event.caller_class,
                skills=event.skills,
                since_ms=since_ms,
                hops=event.hops,
            )
            self.enter(onward, now_ms, been)

    # --- being told -----------------------------------------------------------------------------

    def _tell(self, visit: Visit, line: QueueLine, now_ms: int) -> Told:
        settings = line.settings
        position = line.ahead(visit) + 1
        wait_ms = line.expected_ms(visit, now_ms)
        may_call_back = settings.callback and self.hall.memo.open
        told = tell(
            position,
            wait_ms,
            said_position=visit.position_said,
            said_band=visit.band_said,
            callback=may_call_back
            and callback_due(
                wait_ms,
                self.hall.memo.free_lines,
                settings.callback_wait_s * 1000,
                offered=visit.callback_said,
            ),
        )
        if told.position:
            visit.position_said = told.position
        if told.band >= 0:
            visit.band_said = told.band
        visit.callback_said = visit.callback_said or told.callback
        visit.last_said_ms, visit.place_then = now_ms, position
        return told

    # --- time -----------------------------------------------------------------------------------

    def due(self, kind: str, name: str, now_ms: int) -> None:
        """One of a visit's times is up."""
        hall = self.hall
        visit = hall.visits[name]
        line = hall.queues[visit.queue]
        match kind:
            case "floor":
                level, sinks_ms = floor_at(line.settings.floors, now_ms - visit.since_ms)
                if sinks_ms is not None:
                    hall.wheel.set("floor", name, visit.since_ms + sinks_ms)
                self._lower(visit, level)
            case "second":
                self._lower(visit, 0)
                if visit.state == "offered":
                    self.widen(visit, now_ms)
            case "promise":
                self._promise_broken(visit, line, now_ms)
            case "say":
                hall.wheel.set("say", name, now_ms + line.settings.announce_s * 1000)
                told = self._tell(visit, line, now_ms)
                if told != Told():
                    hall.say(
                        Announce(
                            visit=name,
                            position=told.position,
                            band=told.band,
                            apology=told.apology,
                            callback=told.callback,
                        )
                    )
            case "comfort":
                hall.wheel.set("comfort", name, now_ms + line.settings.comfort_s * 1000)
                visit.comforts += 1
                hall.say(Comfort(visit=name, number=visit.comforts))
            case "overflow":
                rule = while_waiting(line.settings)
                if rule is not None:
                    self.send(visit, rule.to, "overflow", now_ms)
            case "long":
                self._alarm(line, "long_wait", now_ms - visit.entered_ms, now_ms)
            case "sticky":
                self.staff.release_wish(name)
            case "skills":
                self._move(visit, skills=())
            case _:
                raise AcdError(f"a visit has no time {kind!r}")

    def _lower(self, visit: Visit, level: int) -> None:
        if level < visit.floor:
            self._move(visit, floor=level)

    def _move(
        self, visit: Visit, *, floor: int | None = None, skills: tuple[str, ...] | None = None
    ) -> None:
        waiting = visit.state == "waiting"
        if waiting:
            self.hall.lineup.remove(visit)
        if floor is not None:
            visit.floor = floor
        if skills is not None:
            visit.skills = skills
        if waiting:
            self.hall.lineup.add(visit)
            self.hall.later.append(("visit", visit.id))

    def _promise_broken(self, visit: Visit, line: QueueLine, now_ms: int) -> None:
        self.hall.say(
            Alarm(
                what="vip_waits",
                about=visit.id,
                value=now_ms - visit.entered_ms,
                advice=advice_for(self.hall, line, now_ms),
            )
        )
        if line.settings.vip_overflow and visit.kind == "caller":
            self.send(visit, line.settings.vip_overflow, "overflow", now_ms)

    def _alarm(self, line: QueueLine, what: str, value: int, now_ms: int) -> None:
        record = line.record
        if record.alarm_ms >= 0 and now_ms - record.alarm_ms < ALARM_PAUSE_MS:
            return
        record.alarm_ms = now_ms
        advice = advice_for(self.hall, line, now_ms)
        self.hall.say(Alarm(what=what, about=record.number, value=value, advice=advice))

    # --- going ----------------------------------------------------------------------------------

    def answered(self, visit: Visit, now_ms: int) -> None:
        """An agent lifted."""
        self._stop(visit)
        if visit.kind == "caller":
            self._end(visit, "answered", now_ms)

    def cleared(self, visit: Visit, now_ms: int, *, lost: bool) -> None:
        """He hung up while waiting. Who calls again soon has his place."""
        line = self.hall.queues[visit.queue]
        if visit.number and line.settings.redial_s:
            self.hall.places.keep(
                Place(
                    number=visit.number,
                    queue=visit.queue,
                    order_ms=visit.order_ms,
                    until_ms=now_ms + line.settings.redial_s * 1000,
                    language=visit.language,
                    agent=visit.wants,
                )
            )
        self.out(visit, "lost" if lost else "abandoned", now_ms)

    def out(self, visit: Visit, outcome: VisitOutcome, now_ms: int, to: str = "") -> None:
        """He does not wait any more, for whatever reason but an answer."""
        self.withdraw(visit, now_ms)
        if visit.state == "waiting":
            self.hall.lineup.remove(visit)
        position = self.hall.queues[visit.queue].ahead(visit) + 1
        self._stop(visit)
        del self.hall.visits[visit.id]
        if visit.kind == "caller":
            self._end(visit, outcome, now_ms, to, position)

    def send(self, visit: Visit, to: str, outcome: VisitOutcome, now_ms: int) -> None:
        """He goes elsewhere; to another queue with the wait he has."""
        hall = self.hall
        if self._around(to, (*visit.been, visit.queue)):
            if outcome == "no_agent":
                self.out(visit, outcome, now_ms)
            return
        self.out(visit, outcome, now_ms, to)
        if to in hall.queues:
            onward = CallerEnters(
                visit=visit.id,
                queue=to,
                number=visit.number,
                name=visit.name,
                language=visit.language,
                caller_class=visit.caller_class,
                skills=visit.skills,
                since_ms=visit.since_ms,
                hops=visit.hops,
            )
            self.enter(onward, now_ms, (*visit.been, visit.queue))

    def deserted(self, now_ms: int) -> None:
        """Queues whose last agent has gone send their callers to the fall-back."""
        hall = self.hall
        for line in hall.queues.values():
            if line.logged_in or not line.since:
                continue
            to = when_deserted(line.settings)
            if to is None:
                self._alarm(line, "nobody_logged_in", line.waiting, now_ms)
                continue
            for _, name in tuple(line.since):
                self.send(hall.visits[name], to, "no_agent", now_ms)

    def closed(self, now_ms: int) -> None:
        """The office closed: rules of queues that say so send their callers elsewhere."""
        for line in self.hall.queues.values():
            rule = next((rule for rule in line.settings.overflow if rule.when == "closed"), None)
            if rule is not None:
                for _, name in tuple(line.since):
                    self.send(self.hall.visits[name], rule.to, "overflow", now_ms)

    def _stop(self, visit: Visit) -> None:
        for kind in TIMES_OF_A_VISIT:
            self.hall.wheel.cancel(kind, visit.id)
        self.hall.queues[visit.queue].leave(visit)

    def _end(
        self,
        visit: Visit,
        outcome: VisitOutcome,
        now_ms: int,
        to: str = "",
        position: int = 0,
    ) -> None:
        line = self.hall.queues[visit.queue]
        wait_ms = now_ms - visit.entered_ms
        line.record.counts.end(outcome, wait_ms, line.settings)
        self.hall.say(
            VisitEnded(
                visit=visit.id,
                queue=visit.queue,
                outcome=outcome,
                wait_ms=wait_ms,
                position=position,
                first_position=visit.first_position,
                to=to,
                short=outcome in {"abandoned", "lost"} and wait_ms < line.settings.short_s * 1000,
            )
        )


def _ended(name: str, queue: str, outcome: VisitOutcome, to: str) -> VisitEnded:
    return VisitEnded(
        visit=name, queue=queue, outcome=outcome, wait_ms=0, position=0, first_position=0, to=to
    )


def _unset(_visit: Visit, _now_ms: int) -> None:
    raise AcdError("callers wait without anybody who makes offers")
