"""From the log of a call to its facts: visits of queues, legs of agents, holds, wrap-ups.

Pure and made anew from the entries each time, so that what is counted live and what is counted from
the records cannot differ. Times of facts are monotonic milliseconds of the call's boot, but
``arrived_ms``, which is the wall clock (UTC, milliseconds since 1970), by which calls are put into
intervals.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from enum import StrEnum
from typing import Final

import msgspec

from firmware.core.acd_entries import (
    AgentHeld,
    AgentJoined,
    AgentLegEnded,
    AgentRetrieved,
    CallTransferred,
    LeftBy,
    OfferEnded,
    OfferResult,
    OfferStarted,
    QueueAnswered,
    QueueEntered,
    QueueLeft,
    WrapUpBy,
    WrapUpEnded,
)
from firmware.core.log_entries import (
    AnyLogEntry,
    CallClosed,
    CallHeld,
    CallRetrieved,
    Cleared,
    LineAnswered,
    LineSeized,
)


class VisitEnd(StrEnum):
    """What became of a visit. Exactly one of the first three when it is over."""

    ANSWERED = "answered"
    ABANDONED = "abandoned"
    FLOWED_OUT = "flowed_out"
    WAITING = "waiting"


class Leg(msgspec.Struct, frozen=True, kw_only=True):
    """One agent's part of a conversation.

    Attributes:
        agent: Who.
        port: At which telephone.
        started_ms: t5 of the leg.
        ended_ms: t6; None while it lasts.
        holds: (start, end) of each hold.
        wrapped_ms: t7; None while wrap-up lasts.
        wrap_by: What ended the wrap-up.
        result: Keyed result, empty without.
        topic: Keyed topic.
        solved: Keyed; None without.
        solvable: Whether first level could solve it.
        transferred: "", "blind" or "attended".
        first: Side that cleared first, where this leg ended the call.
    """

    agent: str
    port: str = ""
    started_ms: int
    ended_ms: int | None = None
    holds: tuple[tuple[int, int | None], ...] = ()
    wrapped_ms: int | None = None
    wrap_by: WrapUpBy | None = None
    result: str = ""
    topic: str = ""
    solved: bool | None = None
    solvable: bool = True
    transferred: str = ""
    first: str = ""

    @property
    def hold_ms(self) -> int:
        """Sum of the holds that are over."""
        return sum(end - start for start, end in self.holds if end is not None)

    @property
    def talk_ms(self) -> int:
        """t6 - t5 minus hold; 0 while it lasts."""
        return 0 if self.ended_ms is None else self.ended_ms - self.started_ms - self.hold_ms

    @property
    def wrap_ms(self) -> int:
        """t7 - t6; 0 while it lasts."""
        if self.ended_ms is None or self.wrapped_ms is None:
            return 0
        return self.wrapped_ms - self.ended_ms


class Offer(msgspec.Struct, frozen=True, kw_only=True):
    """One agent who rang: t3[i] to t3e[i]."""

    agent: str
    started_ms: int
    ended_ms: int | None = None
    result: OfferResult | None = None
    bursts: int = 0


class Visit(msgspec.Struct, frozen=True, kw_only=True):
    """One caller in one queue.

    Attributes:
        call: The call.
        visit: Number of the visit within it, from 1.
        queue: The queue.
        arrived_ms: Wall clock at t2, UTC, ms since 1970.
        offset_min: The office's clock minus UTC then.
        entered_ms: t2, monotonic.
        lead_ms: t2 - t0: ringing and menu before.
        line: Port of the exchange line.
        number: The caller's; it stays out of what is stored with the visit.
        vip: Whether the caller is one.
        callback: The office called back; such a visit is no arrival.
        end: What became of it.
        reason: Why a visit flowed out.
        ended_ms: t4, or when the caller left.
        agent: Who answered.
        offers: Who rang.
        legs: Who talked.
        first: Side that cleared first.
    """

    call: str
    visit: int
    queue: str
    arrived_ms: int
    offset_min: int
    entered_ms: int
    lead_ms: int = 0
    line: str = ""
    number: str = ""
    vip: bool = False
    callback: bool = False
    end: VisitEnd = VisitEnd.WAITING
    reason: str = ""
    ended_ms: int | None = None
    agent: str = ""
    offers: tuple[Offer, ...] = ()
    legs: tuple[Leg, ...] = ()
    first: str = ""

    @property
    def wait_ms(self) -> int:
        """From t2 to the answer, or to leaving; 0 while it lasts."""
        return 0 if self.ended_ms is None else self.ended_ms - self.entered_ms

    @property
    def open(self) -> bool:
        """Waiting, talking, or in wrap-up."""
        if self.end is VisitEnd.WAITING:
            return True
        return any(leg.ended_ms is None for leg in self.legs)

    @property
    def talk_ms(self) -> int:
        """Sum over legs, without hold."""
        return sum(leg.talk_ms for leg in self.legs)

    @property
    def hold_ms(self) -> int:
        """Sum over legs."""
        return sum(leg.hold_ms for leg in self.legs)

    @property
    def wrap_ms(self) -> int:
        """Sum over legs."""
        return sum(leg.wrap_ms for leg in self.legs)

    @property
    def topic(self) -> str:
        """The last topic that was keyed."""
        return next((leg.topic for leg in reversed(self.legs) if leg.topic), "")

    @property
    def solved(self) -> bool | None:
        """The last answer that was keyed."""
        return next((leg.solved for leg in reversed(self.legs) if leg.solved is not None), None)

    @property
    def solvable(self) -> bool:
        """Whether first level could solve it."""
        return all(leg.solvable for leg in self.legs)

    @property
    def transferred(self) -> str:
        """How it was first passed on, empty if it was not."""
        return next((leg.transferred for leg in self.legs if leg.transferred), "")


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """An entry with the wall clock of its moment (UTC, ms since 1970) and the office's offset."""

    entry: AnyLogEntry
    wall_ms: int
    offset_min: int = 0


UNKNOWN_NUMBER: Final = ""


def visits_of(told: Sequence[Told]) -> tuple[Visit, ...]:
    """All visits of one call, in order.

    Args:
        told: The log of one call, oldest first.
    """
    visits: dict[int, Visit] = {}
    t0_ms = told[0].entry.at_ms if told else 0
    line = first = ""
    for item in told:
        entry = item.entry
        match entry:
            case LineAnswered() | LineSeized():
                line = line or entry.port
            case QueueEntered():
                visits.setdefault(
                    entry.visit,
                    Visit(
                        call=entry.call,
                        visit=entry.visit,
                        queue=entry.queue,
                        arrived_ms=item.wall_ms,
                        offset_min=item.offset_min,
                        entered_ms=entry.at_ms,
                        lead_ms=entry.at_ms - t0_ms,
                        line=line,
                        vip=entry.vip,
                        callback=entry.callback,
                    ),
                )
            case CallHeld() | CallRetrieved():
                held = isinstance(entry, CallHeld)
                for number, visit in visits.items():
                    visits[number] = _held_at(visit, entry.port, entry.at_ms, held=held)
            case Cleared():
                first = first or str(entry.side)
            case CallClosed():
                for number, visit in visits.items():
                    visits[number] = _closed(visit, entry.at_ms, first)
            case (
                OfferStarted()
                | OfferEnded()
                | QueueAnswered()
                | QueueLeft()
                | AgentJoined()
                | AgentHeld()
                | AgentRetrieved()
                | AgentLegEnded()
                | CallTransferred()
                | WrapUpEnded()
            ):
                if entry.visit in visits:
                    visits[entry.visit] = _step(visits[entry.visit], entry)
            case _:
                pass
    return tuple(visits[number] for number in sorted(visits))


_VisitEntry = (
    OfferStarted
    | OfferEnded
    | QueueAnswered
    | QueueLeft
    | AgentJoined
    | AgentHeld
    | AgentRetrieved
    | AgentLegEnded
    | CallTransferred
    | WrapUpEnded
)


def _step(visit: Visit, entry: _VisitEntry) -> Visit:
    replace = msgspec.structs.replace
    match entry:
        case OfferStarted():
            offer = Offer(agent=entry.agent, started_ms=entry.at_ms)
            return replace(visit, offers=(*visit.offers, offer))
        case OfferEnded():
            return replace(visit, offers=_offer_ended(visit.offers, entry))
        case QueueAnswered():
            if visit.end is not VisitEnd.WAITING:
                return visit
            return replace(visit, end=VisitEnd.ANSWERED, ended_ms=entry.at_ms, agent=entry.agent)
        case QueueLeft():
            if visit.end is not VisitEnd.WAITING:
                return visit
            end = VisitEnd.ABANDONED if entry.reason is LeftBy.ABANDONED else VisitEnd.FLOWED_OUT
            return replace(visit, end=end, ended_ms=entry.at_ms, reason=str(entry.reason))
        case AgentJoined():
            leg = Leg(agent=entry.agent, port=entry.port, started_ms=entry.at_ms)
            return replace(visit, legs=(*visit.legs, leg))
        case AgentHeld():
            return _leg(
                visit,
                entry.agent,
                lambda leg: replace(leg, holds=(*leg.holds, (entry.at_ms, None))),
                running=True,
            )
        case AgentRetrieved():
            return _leg(
                visit,
                entry.agent,
                lambda leg: replace(leg, holds=_hold_over(leg.holds, entry.at_ms)),
                running=True,
            )
        case AgentLegEnded():
            ended = _leg(visit, entry.agent, lambda leg: _leg_over(leg, entry.at_ms), running=True)
            return replace(ended, first=entry.first or ended.first)
        case CallTransferred():
            how = "attended" if entry.attended else "blind"
            return _leg(visit, entry.agent, lambda leg: replace(leg, transferred=how))
        case WrapUpEnded():
            return _wrapped(visit, entry)


def _wrapped(visit: Visit, entry: WrapUpEnded) -> Visit:
    """The oldest leg of that agent that is over and has no wrap-up yet; else the one that runs."""
    mine = [place for place, leg in enumerate(visit.legs) if leg.agent == entry.agent]
    waiting = [
        place
        for place in mine
        if visit.legs[place].ended_ms is not None and visit.legs[place].wrapped_ms is None
    ]
    if not mine:
        return visit
    place = waiting[0] if waiting else mine[-1]
    leg = _leg_over(visit.legs[place], entry.at_ms)
    leg = msgspec.structs.replace(
        leg,
        wrapped_ms=entry.at_ms if leg.wrapped_ms is None else leg.wrapped_ms,
        wrap_by=entry.by,
        result=entry.result,
        topic=entry.topic,
        solved=entry.solved,
        solvable=entry.solvable,
    )
    legs = (*visit.legs[:place], leg, *visit.legs[place + 1 :])
    return msgspec.structs.replace(visit, legs=legs)


def _leg(visit: Visit, agent: str, change: Callable[[Leg], Leg], *, running: bool = False) -> Visit:
    """Change the newest leg of an agent; with ``running`` the newest that lasts."""
    for place in range(len(visit.legs) - 1, -1, -1):
        leg = visit.legs[place]
        if leg.agent == agent and (leg.ended_ms is None or not running):
            legs = (*visit.legs[:place], change(leg), *visit.legs[place + 1 :])
            return msgspec.structs.replace(visit, legs=legs)
    return visit


def _held_at(visit: Visit, port: str, at_ms: int, *, held: bool) -> Visit:
    """The leg that runs at this telephone is put on hold or taken back, once each."""
    legs = list(visit.legs)
    for place, leg in enumerate(legs):
        if not port or leg.port != port or leg.ended_ms is not None:
            continue
        on_hold = bool(leg.holds) and leg.holds[-1][1] is None
        if held and not on_hold:
            legs[place] = msgspec.structs.replace(leg, holds=(*leg.holds, (at_ms, None)))
        elif not held:
            legs[place] = msgspec.structs.replace(leg, holds=_hold_over(leg.holds, at_ms))
    return msgspec.structs.replace(visit, legs=tuple(legs))


def _hold_over(
    holds: tuple[tuple[int, int | None], ...], at_ms: int
) -> tuple[tuple[int, int | None], ...]:
    if not holds or holds[-1][1] is not None:
        return holds
    return (*holds[:-1], (holds[-1][0], at_ms))


def _leg_over(leg: Leg, at_ms: int) -> Leg:
    if leg.ended_ms is not None:
        return leg
    return msgspec.structs.replace(leg, ended_ms=at_ms, holds=_hold_over(leg.holds, at_ms))


def _offer_ended(offers: tuple[Offer, ...], entry: OfferEnded) -> tuple[Offer, ...]:
    for place in range(len(offers) - 1, -1, -1):
        offer = offers[place]
        if offer.agent == entry.agent and offer.ended_ms is None:
            over = msgspec.structs.replace(
                offer, ended_ms=entry.at_ms, result=entry.result, bursts=entry.bursts
            )
            return (*offers[:place], over, *offers[place + 1 :])
    return offers


def _closed(visit: Visit, at_ms: int, first: str) -> Visit:
    """The call is over: whoever still waited left by interruption, whoever talked has ended."""
    legs = tuple(_leg_over(leg, at_ms) for leg in visit.legs)
    visit = msgspec.structs.replace(visit, legs=legs, first=visit.first or first)
    if visit.end is VisitEnd.WAITING:
        return msgspec.structs.replace(
            visit, end=VisitEnd.FLOWED_OUT, ended_ms=at_ms, reason=str(LeftBy.INTERRUPTED)
        )
    return visit


def stored(visit: Visit) -> bytes:
    """A visit as it is kept: without the caller's number, which is kept once, in the record."""
    return msgspec.json.encode(msgspec.structs.replace(visit, number=UNKNOWN_NUMBER))


_VISIT: Final = msgspec.json.Decoder(Visit)


def visit_of(body: bytes | str, number: str) -> Visit:
    """A kept visit with the number of its call."""
    visit = _VISIT.decode(body)
    return msgspec.structs.replace(visit, number=number) if number else visit


class Span(msgspec.Struct, frozen=True, kw_only=True):
    """A state of an agent.

    Attributes:
        agent: Who.
        state: ``AgentState``.
        reason: Of a pause.
        start_ms: Wall clock, UTC, ms since 1970.
        length_ms: By the monotonic clock; None while it lasts.
        offset_min: The office's clock minus UTC.
        call: The call it is about.
    """

    agent: str
    state: str
    start_ms: int
    length_ms: int | None = None
    reason: str = ""
    offset_min: int = 0
    call: str = ""


class SurveyFact(msgspec.Struct, frozen=True, kw_only=True):
    """One question that was put, and its key, None when nothing was keyed."""

    call: str
    at_ms: int
    way: str
    scale: int
    question: str = "satisfaction"
    key: int | None = None
    agent: str = ""
    queue: str = ""


class TaskFact(msgspec.Struct, frozen=True, kw_only=True):
    """One call that is owed. Times are wall clock, UTC, ms since 1970."""

    task: str
    kind: str
    opened_ms: int
    due_ms: int | None = None
    attempts: int = 0
    reached_ms: int | None = None
    closed_ms: int | None = None
    how: str = ""
    queue: str = ""
    agent: str = ""
    call: str = ""


class TicketFact(msgspec.Struct, frozen=True, kw_only=True):
    """A ticket: when it was opened first, answered first, solved last (None: not now)."""

    kind: str
    opened_ms: int
    answered_ms: int | None = None
    solved_ms: int | None = None


class LineUse(msgspec.Struct, frozen=True, kw_only=True):
    """An exchange line was taken: wall clock at its begin, and how long."""

    line: str
    start_ms: int
    length_ms: int
    call: str = ""
    inbound: bool = True
    answered: bool = True
    first: str = ""


class ScoreFact(msgspec.Struct, frozen=True, kw_only=True):
    """A conversation that was marked by a sheet: when (wall clock, UTC), whose, with what."""

    call: str
    at_ms: int
    sheet: str
    agent: str
    queue: str
    points: float
    marks: dict[str, str]


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """All facts of one span of time; what measures are computed from.

    ``later`` are contacts after the span, by which repeats are known. ``paid_ms`` is the paid time
    of each agent from the roster; without it login time stands for it. ``settled``: calls in
    progress were left out already.
    """

    visits: tuple[Visit, ...] = ()
    spans: tuple[Span, ...] = ()
    surveys: tuple[SurveyFact, ...] = ()
    tasks: tuple[TaskFact, ...] = ()
    tickets: tuple[TicketFact, ...] = ()
    lines: tuple[LineUse, ...] = ()
    later: tuple[Visit, ...] = ()
    scores: tuple[ScoreFact, ...] = ()
    paid_ms: dict[str, int] = {}
    line_count: int = 0
    from_ms: int = 0
    until_ms: int = 0
    settled: bool = False


def all_legs(visits: Iterable[Visit]) -> list[tuple[Visit, Leg]]:
    """Every leg with its visit."""
    return [(visit, leg) for visit in visits for leg in visit.legs]
