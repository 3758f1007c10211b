"""Agents: logging in and out, pauses, wrap-up, and what their telephones do."""

from __future__ import annotations

from collections.abc import Callable

from firmware.acd.agent import (
    NEXT_LOGOUT,
    Agent,
    LogInAgent,
    LogOutAgent,
    PauseAgent,
    ReadyAgent,
    TalkEnds,
    WrapUpEnds,
)
from firmware.acd.effects import (
    AgentChanged,
    Alarm,
    LegEnded,
    PauseOver,
    Refused,
    WrapUpClosed,
    WrapUpTone,
)
from firmware.acd.events import (
    AgentMoved,
    LoggedIn,
    LoggedOut,
    PauseAsked,
    ReadyAsked,
    WrapUpDone,
    WrapUpExtended,
)
from firmware.acd.hall import Hall
from firmware.acd.overflow import may_leave
from firmware.core.fsm import Order

DAY_MS = 86_400_000
OFF_HOOK_ALARM_MS = 300_000
"""A set that is off its hook so long while its agent is ready is reported. Chosen: longer than a
private call usually is before work, short enough to find a badly placed handset the same hour."""


class Staff:
    """Changes agents' states and says so."""

    __slots__ = ("hall",)

    def __init__(self, hall: Hall) -> None:
        self.hall = hall

    # --- one place where a state changes --------------------------------------------------------

    def act(self, agent: Agent, order: Order, now_ms: int, why: str, by: str = "") -> bool:
        """Give an agent's machine an order, and keep everything that hangs on his state."""
        hall, record = self.hall, agent.record
        number, before = record.number, record.state
        if not agent.act(order, now_ms):
            return False
        after = record.state
        hall.count_state(number, before, after)
        if before == "paused":
            hall.wheel.cancel("budget", number)
        if before == "ready":
            hall.pool.remove(number)
        if after == "ready":
            hall.later.append(("agent", number))
        elif after == "paused":
            self._watch_pause(agent, now_ms)
        elif after == "logged_out":
            self._gone(agent)
        hall.say(
            AgentChanged(
                agent=number,
                before=before,
                after=after,
                why=why,
                by=by,
                reason=record.pause,
                port=record.port,
            )
        )
        if after in {"paused", "logged_out"}:
            self._release_wishes(number, gone=after == "logged_out")
            if after == "paused" and why == "missed":
                hall.say(Alarm(what="agent_paused_after_misses", about=number, value=record.misses))
                record.misses = 0
        return True

    def _gone(self, agent: Agent) -> None:
        hall, record = self.hall, agent.record
        hall.left = True
        if hall.ports.get(record.port) == record.number:
            del hall.ports[record.port]
        record.port, record.misses, record.then = "", 0, ""
        record.rest_until_ms = 0
        record.set_state = "free"
        hall.wheel.cancel("rest", record.number)
        hall.wheel.cancel("off_hook", record.number)
        if record.number in hall.memo.moved:
            self._relevel(record.number, lambda: hall.memo.moved.pop(record.number))

    def _release_wishes(self, number: str, *, gone: bool) -> None:
        row = self.hall.lineup.wishes.get(number, [])
        for _, _, _, name in tuple(row):
            if gone or self.hall.visits[name].kind == "caller":
                self.release_wish(name)  # what a person owes waits for the end of his pause

    def release_wish(self, name: str) -> None:
        """A caller does not wait for one agent any longer."""
        hall = self.hall
        visit = hall.visits.get(name)
        if visit is None or not visit.wants:
            return
        waiting = visit.state == "waiting"
        if waiting:
            hall.lineup.remove(visit)
        visit.wants = ""
        hall.wheel.cancel("sticky", name)
        if waiting:
            hall.lineup.add(visit)
            hall.later.append(("visit", name))

    # --- logging in and out ---------------------------------------------------------------------

    def log_in(self, event: LoggedIn, now_ms: int) -> None:
        """Be at a telephone; a predecessor there is logged out."""
        hall = self.hall
        agent = hall.agents.get(event.agent)
        if agent is None:
            self._refuse(event.agent, "log_in", "unknown_agent")
            return
        record = agent.record
        other = hall.ports.get(event.port) if event.port else None
        if other is not None and other != event.agent:
            if hall.agents[other].state not in {"ready", "paused", "wrap_up"}:
                self._refuse(event.agent, "log_in", "set_busy", other)
                return
            self.end_wrap_up(hall.agents[other], now_ms)
            self.act(hall.agents[other], LogOutAgent(), now_ms, "replaced", event.agent)
        if agent.state not in {"logged_out", "ready", "paused"}:
            self._refuse(event.agent, "log_in", "busy_elsewhere", record.port)
            return
        if hall.ports.get(record.port) == event.agent:
            del hall.ports[record.port]
        record.port = event.port
        record.set_state = "free"
        if event.port:
            hall.ports[event.port] = event.agent
        if agent.state == "logged_out":
            self.act(agent, LogInAgent(), now_ms, "log_in")
        elif agent.state == "ready":
            hall.later.append(("agent", event.agent))

    def log_out(self, event: LoggedOut, now_ms: int) -> None:
        """Go. The last one of a queue needs a fall-back for its callers, or a supervisor's word."""
        agent = self.hall.agent(event.agent)
        if agent.state == "logged_out":
            return
        for queue, level in self.hall.memberships(event.agent).items():
            line = self.hall.queues[queue]
            if level > 0 and line.logged_in == 1 and not may_leave(line.settings):
                needed = self.hall.memo.open or bool(line.line)
                if needed and not event.by:
                    self._refuse(event.agent, "log_out", "last_agent", queue)
                    return
                if needed:
                    self.hall.say(Alarm(what="queue_without_agents", about=queue))
        self.end_wrap_up(agent, now_ms)
        self.act(agent, LogOutAgent(), now_ms, "log_out", event.by)

    def pause(self, event: PauseAsked, now_ms: int) -> None:
        """Pause, at once or after the conversation and its wrap-up."""
        agent = self.hall.agent(event.agent)
        if agent.state == "logged_out":
            self._refuse(event.agent, "pause", "logged_out")
            return
        known = {pause.reason for pause in self.hall.acd.pauses}
        if event.reason not in known:
            self._refuse(event.agent, "pause", "unknown_reason", event.reason)
            return
        self.end_wrap_up(agent, now_ms)
        self.act(agent, PauseAgent(reason=event.reason), now_ms, "pause", event.by)

    def ready(self, event: ReadyAsked, now_ms: int) -> None:
        """Be there for callers."""
        agent = self.hall.agent(event.agent)
        if agent.state == "logged_out":
            self._refuse(event.agent, "ready", "logged_out")
            return
        agent.record.misses = 0
        self.end_wrap_up(agent, now_ms)
        self.act(agent, ReadyAgent(), now_ms, "ready", event.by)

    def move(self, event: AgentMoved, now_ms: int) -> None:
        """Put an agent into a queue, or out of it, until he logs out."""
        hall = self.hall
        agent = hall.agent(event.agent)
        hall.queue(event.queue)
        moves = hall.memo.moved.setdefault(event.agent, {})
        self._relevel(event.agent, lambda: moves.__setitem__(event.queue, event.level))
        if agent.available(now_ms) and agent.state == "ready":
            hall.pool.remove(event.agent)
            hall.later.append(("agent", event.agent))

    def _relevel(self, number: str, change: Callable[[], object]) -> None:
        hall = self.hall
        state = hall.agents[number].state
        for queue in hall.memberships(number):
            hall.queues[queue].members -= 1
        hall.count_state(number, state, "logged_out")
        change()
        hall.set_levels(number)
        hall.count_state(number, "logged_out", state)
        for queue in hall.memberships(number):
            hall.queues[queue].members += 1

    # --- after a conversation -------------------------------------------------------------------

    def end_talk(self, agent: Agent, now_ms: int, *, work: bool = True) -> None:
        """His part of a conversation is over; wrap-up begins where the queue has one."""
        hall, record = self.hall, agent.record
        visit = hall.visits.get(record.visit)
        line = hall.queues.get(record.queue)
        talk_ms = now_ms - record.talk_began_ms
        hold_ms = 0
        if visit is not None and visit.legs:
            leg = visit.legs[-1]
            if agent.state == "hold":
                leg.hold_ms += now_ms - record.since_ms
            leg.to_ms = now_ms
            hold_ms = leg.hold_ms
            hall.say(
                LegEnded(
                    visit=visit.id,
                    agent=record.number,
                    talk_ms=talk_ms - hold_ms,
                    hold_ms=hold_ms,
                )
            )
        record.last_visit, record.visit = record.visit, ""
        lasts_ms = line.settings.wrap_up_s * 1000 if line is not None and work else 0
        if lasts_ms:
            record.wrap_up_until_ms = now_ms + lasts_ms
            hall.wheel.set("wrap_up", record.number, record.wrap_up_until_ms)
            tone_ms = line.settings.wrap_up_tone_s * 1000 if line is not None else 0
            if tone_ms:
                hall.wheel.set("wrap_up_tone", record.number, now_ms + tone_ms)
        elif line is not None and work:
            line.served(talk_ms)
        self.act(agent, TalkEnds(wrap_up=lasts_ms > 0), now_ms, "conversation_over")

    def done(self, event: WrapUpDone, now_ms: int) -> None:
        """He keyed the result: the wrap-up is over."""
        agent = self.hall.agent(event.agent)
        if agent.state != "wrap_up":
            self._refuse(event.agent, "wrap_up", "no_wrap_up")
            return
        if event.result:
            results = agent.record.day.results
            results[event.result] = results.get(event.result, 0) + 1
        self.end_wrap_up(agent, now_ms, event)
        self.act(agent, WrapUpEnds(), now_ms, "wrap_up_done")

    def extend(self, event: WrapUpExtended, now_ms: int) -> None:
        """He needs longer; the warning comes again."""
        hall = self.hall
        agent = hall.agent(event.agent)
        if agent.state != "wrap_up":
            self._refuse(event.agent, "wrap_up", "no_wrap_up")
            return
        record = agent.record
        record.wrap_up_until_ms += event.seconds * 1000
        hall.wheel.set("wrap_up", event.agent, record.wrap_up_until_ms)
        line = hall.queues.get(record.queue)
        if line is not None:
            warn_ms = (line.settings.wrap_up_s - line.settings.wrap_up_tone_s) * 1000
            at_ms = max(record.wrap_up_until_ms - warn_ms, now_ms)
            hall.wheel.set("wrap_up_tone", event.agent, at_ms)

    def end_wrap_up(self, agent: Agent, now_ms: int, done: WrapUpDone | None = None) -> None:
        """Whatever follows, the work after the last call is over; nothing if there was none."""
        if agent.state != "wrap_up":
            return
        hall, record = self.hall, agent.record
        hall.wheel.cancel("wrap_up", record.number)
        hall.wheel.cancel("wrap_up_tone", record.number)
        line = hall.queues.get(record.queue)
        if line is not None:
            line.served(now_ms - record.talk_began_ms)
        hall.say(
            WrapUpClosed(
                agent=record.number,
                visit=record.last_visit,
                queue=record.queue,
                lasted_ms=now_ms - record.since_ms,
                result=done.result if done else "",
                topic=done.topic if done else "",
                note=done.note if done else "",
            )
        )

    # --- telephones -----------------------------------------------------------------------------

    def set_used(self, number: str, now_ms: int) -> None:
        """His set is lifted for something else, or left off its hook."""
        agent = self.hall.agent(number)
        if agent.record.set_state == "free":
            agent.record.set_state = "taken"
            self.hall.pool.remove(number)
            self.hall.wheel.set("off_hook", number, now_ms + OFF_HOOK_ALARM_MS)

    def set_lost(self, number: str) -> None:
        """His port is out of order."""
        self.hall.agent(number).record.set_state = "lost"
        self.hall.pool.remove(number)
        self.hall.wheel.cancel("off_hook", number)

    def set_free(self, number: str) -> None:
        """His set is on its hook and works."""
        agent = self.hall.agent(number)
        self.hall.wheel.cancel("off_hook", number)
        if agent.record.set_state != "free":
            agent.record.set_state = "free"
            self.hall.later.append(("agent", number))

    # --- time -----------------------------------------------------------------------------------

    def due(self, kind: str, number: str, now_ms: int) -> bool:
        """One of an agent's times is up; False when the kind is not an agent's."""
        hall = self.hall
        match kind:
            case "wrap_up":
                agent = hall.agents[number]
                self.end_wrap_up(agent, now_ms)
                self.act(agent, WrapUpEnds(), now_ms, "wrap_up_over")
            case "wrap_up_tone":
                left_ms = hall.agents[number].record.wrap_up_until_ms - now_ms
                hall.say(WrapUpTone(agent=number, left_ms=left_ms))
            case "rest":
                hall.later.append(("agent", number))
            case "budget":
                record = hall.agents[number].record
                budget = self._budget_s(record.pause)
                hall.say(PauseOver(agent=number, reason=record.pause, budget_s=budget))
            case "off_hook":
                hall.say(Alarm(what="set_off_hook", about=number))
            case _:
                return False
        return True

    def new_day(self, now_ms: int) -> None:
        """The day's counts begin anew; what is going on is booked up to now."""
        hall = self.hall
        for number, agent in hall.agents.items():
            agent.book(agent.state, agent.record.pause, now_ms)
            agent.record.day = type(agent.record.day)()
            if number in hall.pool:
                hall.to_pool(number)
        for line in hall.queues.values():
            # Who waits over midnight belongs to the new day, so that N = A + B + F in both.
            line.record.counts = type(line.record.counts)(offered=line.waiting)

    def _watch_pause(self, agent: Agent, now_ms: int) -> None:
        record = agent.record
        budget = self._budget_s(record.pause)
        if budget:
            used_ms = record.day.pauses_ms.get(record.pause, 0)
            due_ms = now_ms + max(budget * 1000 - used_ms, 0)
            self.hall.wheel.set("budget", record.number, due_ms)

    def _budget_s(self, reason: str) -> int:
        return next((p.budget_s for p in self.hall.acd.pauses if p.reason == reason), 0)

    def _refuse(self, number: str, what: str, why: str, about: str = "") -> None:
        self.hall.say(Refused(agent=number, what=what, why=why, about=about))


__all__ = ["NEXT_LOGOUT", "Staff"]
