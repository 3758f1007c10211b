"""What queues and agents did, as entries of the event log: visits, offers, legs, states, tasks."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Final

from firmware.acd import effects as said
from firmware.acd.distribution import Distribution
from firmware.core import acd_entries as log
from firmware.core.log_entry import LogEntry
from firmware.daemons.floor.queue_memory import LogMemory

STATES: Final = {
    "logged_out": log.AgentState.LOGGED_OUT,
    "ready": log.AgentState.READY,
    "offered": log.AgentState.RINGING,
    "talking": log.AgentState.TALKING,
    "hold": log.AgentState.HOLDING,
    "wrap_up": log.AgentState.WRAP_UP,
    "paused": log.AgentState.PAUSED,
}
LEFT: Final = {
    "abandoned": log.LeftBy.ABANDONED,
    "lost": log.LeftBy.ABANDONED,
    "callback": log.LeftBy.CALLBACK,
    "overflow": log.LeftBy.OVERFLOW,
    "key": log.LeftBy.KEY,
    "no_agent": log.LeftBy.NO_AGENT,
    "power_cut": log.LeftBy.INTERRUPTED,
}
OFFERS: Final = {
    "missed": log.OfferResult.NO_ANSWER,
    "refused": log.OfferResult.REFUSED,
    "answered_elsewhere": log.OfferResult.WITHDRAWN,
    "withdrawn": log.OfferResult.WITHDRAWN,
}
KINDS: Final = {
    "callback": log.TaskKind.CALLBACK,
    "promise": log.TaskKind.PROMISE,
    "missed_call": log.TaskKind.MISSED,
    "follow_up": log.TaskKind.FOLLOW_UP,
    "power_cut": log.TaskKind.INTERRUPTED,
    "key_date": log.TaskKind.KEY_DATE,
}
SOLVED: Final = {"solved": True, "offer_accepted": True, "not_solved": False, "follow_up": False}
RULES: Final = frozenset({"shift", "settings"})
"""Names under which the box itself decides over agents."""

BY_TIMER: Final = frozenset({"missed", "wrap_up_over", "conversation_over"})


class AcdLog:
    """Turns what the distribution answers into entries, numbering visits and offers."""

    def __init__(self) -> None:
        self._visits: dict[str, int] = {}  # call to how many queues it has been in
        self._offers: dict[tuple[str, str], int] = {}  # call and agent to the running offer
        self._made: dict[str, int] = {}
        self._began: dict[tuple[str, str], int] = {}  # call and agent: when his set began to ring
        self._joined: dict[str, str] = {}  # agent to the call of his last leg

    def kept(self) -> LogMemory:
        """What a new call control has to know of it."""
        return LogMemory(
            visits=self._visits,
            offers=[(call, agent, number) for (call, agent), number in self._offers.items()],
            made=self._made,
            joined=self._joined,
        )

    def know(self, kept: LogMemory) -> None:
        """Number on where an earlier one ended."""
        self._visits, self._made, self._joined = kept.visits, kept.made, kept.joined
        self._offers = {(call, agent): number for call, agent, number in kept.offers}

    def visit_of(self, call: str) -> int:
        """In how many queues the caller has been, this one included."""
        return self._visits.get(call, 1)

    def forget(self, call: str) -> None:
        """The call is closed; its wrap-up may still follow."""
        self._made.pop(call, None)

    def entries(self, effect: said.AcdEffect, acd: Distribution, now_ms: int) -> Iterator[LogEntry]:
        """The entries of one effect, in order."""
        match effect:
            case said.Entered(visit=call, queue=queue, position=position):
                yield self._entered(call, queue, position, acd, now_ms)
            case said.OfferMade():
                yield from self._offer(effect, acd, now_ms)
            case said.OfferEnded(visit=call, agent=agent, why=why):
                yield from self._offer_ended(call, agent, OFFERS[why], acd, now_ms)
            case said.Connected(visit=call, agent=agent):
                yield from self._answered(call, agent, acd, now_ms)
            case said.VisitEnded(outcome="answered"):
                pass
            case said.VisitEnded(visit=call, queue=queue, outcome=outcome, to=to):
                if call not in self._visits:
                    yield self._entered(call, queue, 0, acd, now_ms)
                yield log.QueueLeft(
                    call=call,
                    at_ms=now_ms,
                    queue=queue,
                    visit=self._visits[call],
                    reason=LEFT[outcome],
                    to=to,
                )
            case said.LegEnded(visit=call, agent=agent):
                yield log.AgentLegEnded(
                    call=call,
                    at_ms=now_ms,
                    queue=acd.hall.agents[agent].record.queue,
                    visit=self._visits.get(call, 1),
                    agent=agent,
                )
            case said.WrapUpClosed():
                yield self._wrapped(effect, now_ms)
            case said.AgentChanged():
                yield from self._changed(effect, acd, now_ms)
            case said.Acknowledged(agent=agent, bulletin=bulletin):
                yield log.BulletinHeard(call="", at_ms=now_ms, agent=agent, bulletin=bulletin)
            case said.TaskChanged():
                yield from self._task(effect, acd, now_ms)
            case _:
                pass

    def _entered(
        self, call: str, queue: str, position: int, acd: Distribution, now_ms: int
    ) -> LogEntry:
        self._visits[call] = self._visits.get(call, 0) + 1
        visit = acd.hall.visits.get(call)
        return log.QueueEntered(
            call=call,
            at_ms=now_ms,
            queue=queue,
            visit=self._visits[call],
            vip=visit.vip if visit is not None else False,
            position=position or (visit.first_position if visit is not None else 0),
        )

    def _offer(self, effect: said.OfferMade, acd: Distribution, now_ms: int) -> Iterator[LogEntry]:
        call, number = effect.visit, self._visits.get(effect.visit, 1)
        for agent, why in effect.decision.named.items():
            chosen = agent in effect.agents
            yield log.AgentConsidered(
                call=call,
                at_ms=now_ms,
                queue=effect.queue,
                visit=number,
                agent=agent,
                chosen=chosen,
                reason=effect.decision.rule if chosen else why,
            )
        for agent in effect.agents:
            self._made[call] = self._made.get(call, 0) + 1
            self._offers[call, agent] = self._made[call]
            self._began[call, agent] = now_ms
            yield log.OfferStarted(
                call=call,
                at_ms=now_ms,
                queue=effect.queue,
                visit=number,
                offer=self._made[call],
                agent=agent,
                extension=acd.hall.agents[agent].record.port,
            )

    def _offer_ended(
        self, call: str, agent: str, result: log.OfferResult, acd: Distribution, now_ms: int
    ) -> Iterator[LogEntry]:
        offer = self._offers.pop((call, agent), 0)
        began_ms = self._began.pop((call, agent), now_ms)
        visit = acd.hall.visits.get(call)
        line = acd.hall.queues.get(visit.queue) if visit is not None else None
        period_ms = line.settings.ring_period_ms if line is not None else 0
        if offer:
            yield log.OfferEnded(
                call=call,
                at_ms=now_ms,
                queue=visit.queue if visit is not None else "",
                visit=self._visits.get(call, 1),
                offer=offer,
                agent=agent,
                result=result,
                bursts=1 + (now_ms - began_ms) // period_ms if period_ms else 0,
            )

    def _answered(
        self, call: str, agent: str, acd: Distribution, now_ms: int
    ) -> Iterator[LogEntry]:
        record = acd.hall.agents[agent].record
        yield from self._offer_ended(call, agent, log.OfferResult.ANSWERED, acd, now_ms)
        number = self._visits.get(call, 1)
        yield log.QueueAnswered(
            call=call,
            at_ms=now_ms,
            queue=record.queue,
            visit=number,
            agent=agent,
            port=record.port,
        )

    def joined(self, call: str, agent: str, acd: Distribution, now_ms: int) -> Iterator[LogEntry]:
        """Voices are connected: t5 of this agent's leg, once."""
        if self._joined.get(agent) != call:
            self._joined[agent] = call
            record = acd.hall.agents[agent].record
            yield log.AgentJoined(
                call=call,
                at_ms=now_ms,
                queue=record.queue,
                visit=self._visits.get(call, 1),
                agent=agent,
                port=record.port,
            )

    def held(
        self, call: str, agent: str, acd: Distribution, now_ms: int, *, back: bool
    ) -> LogEntry:
        """The agent put his caller on hold, or took him back."""
        kind = log.AgentRetrieved if back else log.AgentHeld
        return kind(
            call=call,
            at_ms=now_ms,
            queue=acd.hall.agents[agent].record.queue,
            visit=self._visits.get(call, 1),
            agent=agent,
        )

    def _wrapped(self, effect: said.WrapUpClosed, now_ms: int) -> LogEntry:
        by = log.WrapUpBy.RESULT if effect.result else log.WrapUpBy.TIMER
        return log.WrapUpEnded(
            call=effect.visit,
            at_ms=now_ms,
            queue=effect.queue,
            visit=self._visits.get(effect.visit, 1),
            agent=effect.agent,
            by=by,
            result=effect.result,
            topic=effect.topic,
            solved=SOLVED.get(effect.result),
            note=effect.note,
        )

    def _changed(
        self, effect: said.AgentChanged, acd: Distribution, now_ms: int
    ) -> Iterator[LogEntry]:
        if effect.after != "talking":
            self._joined.pop(effect.agent, None) if effect.after != "hold" else None
        by = "rule" if effect.by in RULES else effect.by and "supervisor"
        yield log.AgentChanged(
            call="",
            at_ms=now_ms,
            agent=effect.agent,
            state=STATES[effect.after],
            reason=effect.reason,
            extension=effect.port,
            by=by or ("timer" if effect.why in BY_TIMER else "agent"),
        )
        if effect.before == "logged_out":
            queues = tuple(acd.hall.memberships(effect.agent))
            yield log.AgentQueues(call="", at_ms=now_ms, agent=effect.agent, queues=queues)

    @staticmethod
    def _task(effect: said.TaskChanged, acd: Distribution, now_ms: int) -> Iterator[LogEntry]:
        task = acd.hall.book.tasks.get(effect.task)
        about = task.about if task is not None else ""
        match effect.what:
            case "opened":
                due_ms = task.due_ms if task is not None else 0
                due = datetime.fromtimestamp(due_ms / 1_000, UTC).isoformat(timespec="seconds")
                yield log.TaskOpened(
                    call=about,
                    at_ms=now_ms,
                    task=effect.task,
                    kind=KINDS[effect.kind],
                    number=effect.number,
                    queue=effect.queue,
                    agent=effect.owner,
                    due_wall=due,
                )
            case "reached" | "called_again":
                yield log.TaskClosed(call=about, at_ms=now_ms, task=effect.task, how="done")
            case "done" | "withdrawn" as how:
                yield log.TaskClosed(call=about, at_ms=now_ms, task=effect.task, how=how)
            case _:
                pass
