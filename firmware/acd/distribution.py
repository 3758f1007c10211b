"""The automatic distribution of callers: told what happened and when, it answers what to do.

``handle(event, now_ms) -> effects``, ``advance(now_ms) -> effects``, ``next_deadline()``. Whatever
becomes possible by an event (a free agent, a waiting caller) is matched before the answer.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from firmware.acd import events as told
from firmware.acd.agent import HoldBegins, HoldEnds
from firmware.acd.effects import AcdEffect, Acknowledged, Refused
from firmware.acd.errands import Errands
from firmware.acd.hall import AcdError, Hall, Memo
from firmware.acd.offers import Offers
from firmware.acd.staff import Staff
from firmware.acd.visit import Visit
from firmware.acd.waiting import TIMES_OF_A_VISIT, Waiting
from firmware.core.acd_settings import Acd

_VISIT_TIMES: Final = frozenset(TIMES_OF_A_VISIT)


class Distribution:
    """All queues and agents of the office.

    Args:
        acd: The settings.
        memo: What an earlier one kept of small things (``firmware.acd.journal`` restores all).
        draw: Another source of numbers from 0 to below 1 than the one that is kept.
    """

    __slots__ = ("errands", "hall", "offers", "staff", "waiting")

    def __init__(
        self, acd: Acd, memo: Memo | None = None, draw: Callable[[], float] | None = None
    ) -> None:
        self.hall = Hall(acd, memo, draw)
        self.staff = Staff(self.hall)
        self.waiting = Waiting(self.hall, self.staff)
        self.offers = Offers(self.hall, self.staff, self.waiting)
        self.waiting.withdraw = self.offers.withdraw
        self.waiting.widen = self.offers.widen
        self.errands = Errands(self.hall, self.staff, self.waiting)

    def next_deadline(self) -> int | None:
        """When :meth:`advance` wants to be called, or None."""
        return self.hall.wheel.next_ms()

    def advance(self, now_ms: int) -> list[AcdEffect]:
        """Do what is due by now, in order of time."""
        while (due := self.hall.wheel.take(now_ms)) is not None:
            kind, whose = due
            if kind in _VISIT_TIMES:
                self.waiting.due(kind, whose, now_ms)
            elif kind == "offer":
                self.offers.missed(whose, now_ms)
            elif kind == "tasks":
                self.errands.look(now_ms)
            else:
                self.staff.due(kind, whose, now_ms)
            self._settle(now_ms)
        return self._taken()

    def handle(self, event: told.AcdEvent, now_ms: int) -> list[AcdEffect]:
        """Deal with one event.

        Raises:
            AcdError: It names a queue, an agent or a visit that there is not.
        """
        self._dispatch(event, now_ms)
        self._settle(now_ms)
        return self._taken()

    def _dispatch(self, event: told.AcdEvent, now_ms: int) -> None:
        hall, staff = self.hall, self.staff
        match event:
            case told.CallerEnters():
                self._enter(event, now_ms)
            case told.CallerCleared(visit=name, lost=lost):
                self._cleared(hall.visit(name), now_ms, lost=lost)
            case told.CallerLeaves(visit=name, how=how):
                visit = hall.visit(name)
                if visit.state != "talking":
                    self.waiting.out(visit, "key", now_ms, how)
            case told.AgentWished(visit=name, agent=number):
                visit = hall.visit(name)
                if visit.state != "talking":
                    self.waiting.wish(visit, number, now_ms)
            case told.CallbackAsked(visit=name):
                visit = hall.visit(name)
                if visit.state != "talking":
                    self.errands.callback(visit, event, now_ms)
            case told.AgentLifted(agent=number):
                self._lifted(number, now_ms)
            case told.AgentRefused(agent=number):
                self.offers.refuse(number, now_ms)
            case told.HoldBegan(agent=number):
                if hall.agent(number).state == "talking":
                    staff.act(hall.agents[number], HoldBegins(), now_ms, "hold")
            case told.HoldEnded(agent=number):
                self._hold_ended(number, now_ms)
            case told.TalkEnded(agent=number, caller_stays=stays):
                self._talk_ended(number, now_ms, stays=stays)
            case told.HandedOver():
                self._handed_over(event, now_ms)
            case told.TaskAttempted(agent=number):
                self.errands.attempted(hall.agent(number), event, now_ms)
            case told.TaskOpened():
                self.errands.open(event, now_ms)
            case told.TaskPutOff():
                self.errands.put_off(event, now_ms)
            case told.TaskEnded():
                self.errands.ended(event, now_ms)
            case _:
                self._of_people(event, now_ms)

    def _of_people(self, event: told.AcdEvent, now_ms: int) -> None:
        hall, staff = self.hall, self.staff
        match event:
            case told.LoggedIn():
                staff.log_in(event, now_ms)
            case told.LoggedOut(agent=number, by=by):
                if by and hall.agent(number).state == "offered":
                    self.offers.take_out(number, "withdrawn", now_ms)
                staff.log_out(event, now_ms)
            case told.PauseAsked(agent=number, by=by):
                if by and hall.agent(number).state == "offered":
                    self.offers.take_out(number, "withdrawn", now_ms)
                staff.pause(event, now_ms)
            case told.ReadyAsked():
                staff.ready(event, now_ms)
            case told.BulletinHeard(agent=number, bulletin=bulletin):
                hall.agent(number).record.acknowledged = bulletin
                hall.say(Acknowledged(agent=number, bulletin=bulletin))
            case told.WrapUpDone():
                staff.done(event, now_ms)
            case told.WrapUpExtended():
                staff.extend(event, now_ms)
            case told.SetTaken(agent=number):
                staff.set_used(number, now_ms)
            case told.SetFree(agent=number):
                staff.set_free(number)
            case told.SetLost(agent=number):
                staff.set_lost(number)
                self.offers.take_out(number, "withdrawn", now_ms)
            case told.AgentMoved():
                staff.move(event, now_ms)
            case told.LinesFree(lines=lines):
                hall.memo.free_lines = lines
            case told.OfficeHours(open=is_open):
                hall.memo.open = is_open
                if is_open:
                    self.errands.look(now_ms)
                else:
                    self.waiting.closed(now_ms)
                    self.errands.close(now_ms)
            case told.ClockSet(offset_ms=offset_ms, zone_ms=zone_ms):
                hall.memo.offset_ms, hall.memo.zone_ms = offset_ms, zone_ms
                hall.book.zone_ms = zone_ms
                self.errands.look(now_ms)
            case told.NewDay():
                staff.new_day(now_ms)
            case _:
                raise AcdError(f"queues are told nothing about {type(event).__name__}")

    # --- a restart ------------------------------------------------------------------------------

    def take_back(self, now_ms: int) -> list[AcdEffect]:
        """No telephone rings any more for whoever was offered; they wait on where they stand."""
        for offer in tuple(self.hall.offers.values()):
            for number in tuple(offer.agents):
                self.offers.take_out(number, "withdrawn", now_ms)
        self.waiting.speak_later(now_ms)
        return self._taken()

    def interrupted(self, name: str, now_ms: int) -> list[AcdEffect]:
        """A caller was lost by a fault of the box, waiting or talking: he is owed a call (I-19)."""
        visit = self.hall.visit(name)
        self._cut_off(visit, now_ms)
        self.errands.interrupted(visit, now_ms)
        self._settle(now_ms)
        return self._taken()

    def look_again(self, now_ms: int) -> list[AcdEffect]:
        """Whoever is free and whoever waits is matched: the settings are new."""
        hall = self.hall
        hall.later.extend(
            ("agent", number) for number, a in hall.agents.items() if a.available(now_ms)
        )
        hall.later.extend(("visit", name) for name in hall.visits)
        self.waiting.retime(now_ms)
        self._settle(now_ms)
        return self._taken()

    def _cut_off(self, visit: Visit, now_ms: int) -> None:
        if visit.state != "talking":
            self.waiting.out(visit, "lost", now_ms)
        elif visit.agent:
            self._talk_ended(visit.agent, now_ms, stays=False)
        else:
            del self.hall.visits[visit.id]

    # --- conversations --------------------------------------------------------------------------

    def _enter(self, event: told.CallerEnters, now_ms: int) -> None:
        earlier = self.hall.visits.get(event.visit)
        if earlier is not None and earlier.state == "talking" and not earlier.agent:
            del self.hall.visits[event.visit]  # transferred to a queue: a visit of its own
        self.waiting.enter(event, now_ms)

    def _settle(self, now_ms: int) -> None:
        if self.hall.left:
            self.hall.left = False
            self.waiting.deserted(now_ms)
        self.offers.settle(now_ms)

    def _lifted(self, number: str, now_ms: int) -> None:
        hall = self.hall
        agent = hall.agent(number)
        visit = hall.visits.get(agent.record.visit)
        if not self.offers.accept(number, now_ms):
            hall.say(Refused(agent=number, what="lift", why="withdrawn"))
            self.staff.set_used(number, now_ms)
        elif visit is not None and visit.kind == "caller":
            self.errands.spoken_with(visit, now_ms)

    def _hold_ended(self, number: str, now_ms: int) -> None:
        agent = self.hall.agent(number)
        if agent.state == "hold":
            visit = self.hall.visits.get(agent.record.visit)
            if visit is not None:
                visit.legs[-1].hold_ms += now_ms - agent.record.since_ms
            self.staff.act(agent, HoldEnds(), now_ms, "hold_over")

    def _talk_ended(self, number: str, now_ms: int, *, stays: bool) -> None:
        hall = self.hall
        agent = hall.agent(number)
        if agent.state not in {"talking", "hold"}:
            return
        visit = hall.visits.get(agent.record.visit)
        reached = visit is None or visit.kind == "caller" or self._was_reached(visit)
        self.staff.end_talk(agent, now_ms, work=reached)
        if visit is not None:
            visit.agent = ""
            if not stays:
                del hall.visits[visit.id]
                if not reached:
                    self.errands.dropped(visit, now_ms)

    def _was_reached(self, visit: Visit) -> bool:
        task = self.hall.book.tasks.get(visit.task)
        return task is None or task.result == "reached"

    def _cleared(self, visit: Visit, now_ms: int, *, lost: bool) -> None:
        hall = self.hall
        if visit.state != "talking":
            self.waiting.cleared(visit, now_ms, lost=lost)
            self.errands.missed(visit, now_ms)
            return
        agent = hall.agents.get(visit.agent)
        if agent is None:
            del hall.visits[visit.id]
            return
        number = visit.agent
        self._talk_ended(number, now_ms, stays=False)
        self.staff.set_used(number, now_ms)  # his handset is still in his hand

    def _handed_over(self, event: told.HandedOver, now_ms: int) -> None:
        hall = self.hall
        visit = hall.visit(event.visit)
        if visit.state != "talking":
            raise AcdError(
                f"visit {visit.id!r} is {visit.state}, only a conversation changes hands"
            )
        taker = hall.agents.get(event.to)
        if taker is not None and taker.state in {"talking", "hold", "logged_out"}:
            hall.say(Refused(agent=event.to, what="hand_over", why=taker.state, about=visit.id))
            return
        if visit.agent:
            self._talk_ended(visit.agent, now_ms, stays=True)
        if event.note:
            visit.hops = (*visit.hops, event.note)
        if taker is not None:
            self.offers.hand_over(visit, event.to, now_ms)

    def _taken(self) -> list[AcdEffect]:
        effects, self.hall.effects = self.hall.effects, []
        return effects
