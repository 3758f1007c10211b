"""What queues and agents answer with. The shell rings, speaks, connects and writes it down."""

from __future__ import annotations

from typing import Literal

import msgspec

from firmware.acd.offer import Decision
from firmware.acd.visit import Kind

VisitOutcome = Literal[
    "answered",
    "abandoned",
    "lost",  # the line failed while waiting; counted with the abandoned
    "callback",
    "overflow",
    "key",
    "no_agent",
    "power_cut",
]
"""One per visit. Answered is A, abandoned and lost are B, all others F; N = A + B + F."""

FLOW_OUT: frozenset[str] = frozenset({"callback", "overflow", "key", "no_agent", "power_cut"})


class AcdEffect(msgspec.Struct, frozen=True, kw_only=True):
    """Anything to be done or written down."""


class Entered(AcdEffect, frozen=True, kw_only=True, tag="entered"):
    """He waits: welcome, then position and range where there is something to say."""

    visit: str
    queue: str
    position: int
    band: int
    callback: bool
    again: bool = False  # he has his old place


class Announce(AcdEffect, frozen=True, kw_only=True, tag="announce"):
    """Say position (0: not), range (-1: not), with an apology if it grew; offer a callback."""

    visit: str
    position: int
    band: int
    apology: bool
    callback: bool


class Comfort(AcdEffect, frozen=True, kw_only=True, tag="comfort"):
    """Say that he is not forgotten; ``number`` counts the prompts, to take them in turn."""

    visit: str
    number: int


class OfferMade(AcdEffect, frozen=True, kw_only=True, tag="offer_made"):
    """Ring these agents' sets for the visit, with cadence and digits by class and kind."""

    visit: str
    queue: str
    kind: Kind
    agents: tuple[str, ...]
    until_ms: int
    decision: Decision


class OfferEnded(AcdEffect, frozen=True, kw_only=True, tag="offer_ended"):
    """Stop ringing this agent. ``why``: answered_elsewhere, missed, withdrawn, refused."""

    visit: str
    agent: str
    why: str


class Connected(AcdEffect, frozen=True, kw_only=True, tag="connected"):
    """Stop whatever the caller hears, whisper to the agent, join the voices.

    A callback or a task has nobody on the line yet: whisper, then dial ``number``.
    """

    visit: str
    agent: str
    kind: Kind
    number: str
    name: str
    wait_ms: int
    hops: tuple[str, ...]
    task: str = ""


class VisitEnded(AcdEffect, frozen=True, kw_only=True, tag="visit_ended"):
    """The visit has its outcome. ``to`` is where he goes, if anywhere."""

    visit: str
    queue: str
    outcome: VisitOutcome
    wait_ms: int
    position: int
    first_position: int
    to: str = ""
    short: bool = False


class AgentChanged(AcdEffect, frozen=True, kw_only=True, tag="agent_changed"):
    """An agent's state changed. ``why`` names what did it."""

    agent: str
    before: str
    after: str
    why: str
    by: str = ""
    reason: str = ""  # of a pause
    port: str = ""


class LegEnded(AcdEffect, frozen=True, kw_only=True, tag="leg_ended"):
    """An agent's part of a conversation is over: talk and hold apart, booked on him alone."""

    visit: str
    agent: str
    talk_ms: int
    hold_ms: int


class WrapUpTone(AcdEffect, frozen=True, kw_only=True, tag="wrap_up_tone"):
    """Tell him that his wrap-up is nearly over."""

    agent: str
    left_ms: int


class WrapUpClosed(AcdEffect, frozen=True, kw_only=True, tag="wrap_up_closed"):
    """t7: the work after a call is over; no result when the time ran out."""

    agent: str
    visit: str
    queue: str
    lasted_ms: int
    result: str = ""
    topic: str = ""
    note: str = ""


class Refused(AcdEffect, frozen=True, kw_only=True, tag="refused"):
    """It could not be done; the reader hears why. ``about`` names the queue or thing."""

    agent: str
    what: str
    why: str
    about: str = ""


class Alarm(AcdEffect, frozen=True, kw_only=True, tag="alarm"):
    """Tell the supervisors. ``advice`` is what to do: ``recall:1008:break`` or ``log_in:1009``."""

    what: str
    about: str
    value: int = 0
    advice: tuple[str, ...] = ()


class PauseOver(AcdEffect, frozen=True, kw_only=True, tag="pause_over"):
    """The day's budget of a pause is used up; told to the agent, and to supervisors."""

    agent: str
    reason: str
    budget_s: int


class Acknowledged(AcdEffect, frozen=True, kw_only=True, tag="acknowledged"):
    """An agent has heard a bulletin and confirmed it."""

    agent: str
    bulletin: str


class TaskChanged(AcdEffect, frozen=True, kw_only=True, tag="task_changed"):
    """A task was opened, handed out, attempted, done or became late."""

    task: str
    kind: str
    number: str
    owner: str
    what: str
    queue: str = ""


AnyAcdEffect = (
    Entered
    | Announce
    | Comfort
    | OfferMade
    | OfferEnded
    | Connected
    | VisitEnded
    | AgentChanged
    | LegEnded
    | WrapUpTone
    | WrapUpClosed
    | Refused
    | Alarm
    | PauseOver
    | Acknowledged
    | TaskChanged
)
