"""Entries of the event log about queues, agents and tasks: what every figure is made of.

A caller who passes several queues is one call and one **visit** per queue; visits of a call are
numbered from 1. Marks are those of ``log_entries``: t2 is :class:`QueueEntered`, t3[i] and t3e[i]
are :class:`OfferStarted` and :class:`OfferEnded`, t4 is :class:`QueueAnswered`, t5 of one agent's
leg is :class:`AgentJoined` and its t6 :class:`AgentLegEnded`, t7 is :class:`WrapUpEnded`. What
belongs to no call has an empty ``call``.
"""

from __future__ import annotations

from enum import StrEnum

from firmware.core.log_entry import LogEntry


class AgentState(StrEnum):
    """What an agent does. Exactly one at a time; login time is the sum of all but the first."""

    LOGGED_OUT = "logged_out"
    READY = "ready"
    RINGING = "ringing"
    TALKING = "talking"
    HOLDING = "holding"
    WRAP_UP = "wrap_up"
    PAUSED = "paused"
    OTHER = "other"  # an own call, or handling that no queue gave


class OfferResult(StrEnum):
    """How the ringing of one agent ended."""

    ANSWERED = "answered"
    NO_ANSWER = "no_answer"
    REFUSED = "refused"  # by code or by lifting and hanging up at once
    WITHDRAWN = "withdrawn"  # somebody else answered, or the caller left
    BUSY = "busy"
    FAILED = "failed"


class LeftBy(StrEnum):
    """Why a caller left a queue without an agent. Only the first counts as abandoned."""

    ABANDONED = "abandoned"  # the caller cleared
    TIMEOUT = "timeout"
    KEY = "key"
    CALLBACK = "callback"  # keyed, and called back later
    NO_AGENT = "no_agent"
    FULL = "full"  # was not let in
    REFUSED = "refused"
    OVERFLOW = "overflow"  # to another queue
    WITHDRAWN = "withdrawn"  # taken out by a person
    INTERRUPTED = "interrupted"  # the box stopped


class WrapUpBy(StrEnum):
    """What ended the work after a call."""

    RESULT = "result"  # a result was keyed
    TIMER = "timer"
    READY = "ready"  # the agent was ready early, without a result


class AcdEntry(LogEntry, frozen=True, kw_only=True):
    """An entry about queues, agents or tasks."""


# --- a visit ------------------------------------------------------------------------------------


class QueueEntered(AcdEntry, frozen=True, kw_only=True, tag="queue_entered"):
    """t2: the clock of waiting starts."""

    queue: str
    visit: int
    vip: bool = False
    priority: int = 0
    position: int = 0
    callback: bool = False  # the office calls back: outgoing, no waiting caller


class AgentConsidered(AcdEntry, frozen=True, kw_only=True, tag="agent_considered"):
    """Why an agent was taken or passed over for the caller at the head of a queue."""

    queue: str
    visit: int
    agent: str
    chosen: bool
    reason: str


class OfferStarted(AcdEntry, frozen=True, kw_only=True, tag="offer_started"):
    """t3[i]: an agent starts to ring. ``offer`` counts within the visit, from 1."""

    queue: str
    visit: int
    offer: int
    agent: str
    extension: str = ""


class OfferEnded(AcdEntry, frozen=True, kw_only=True, tag="offer_ended"):
    """t3e[i]. ``bursts`` is how many ring bursts had begun on that telephone."""

    queue: str
    visit: int
    offer: int
    agent: str
    result: OfferResult
    bursts: int = 0


class QueueAnswered(AcdEntry, frozen=True, kw_only=True, tag="queue_answered"):
    """t4: the agent is off-hook for this visit. A whisper may lie between this and t5."""

    queue: str
    visit: int
    agent: str
    extension: str = ""
    port: str = ""


class QueueLeft(AcdEntry, frozen=True, kw_only=True, tag="queue_left"):
    """The visit ended without an agent. ``to`` is where the caller went on."""

    queue: str
    visit: int
    reason: LeftBy
    to: str = ""


# --- an agent's leg -------------------------------------------------------------------------------


class AgentJoined(AcdEntry, frozen=True, kw_only=True, tag="agent_joined"):
    """An agent takes part in the conversation: t5 of this leg, also after a transfer."""

    queue: str
    visit: int
    agent: str
    port: str = ""
    outbound: bool = False


class AgentHeld(AcdEntry, frozen=True, kw_only=True, tag="agent_held"):
    """The agent put the caller on hold."""

    queue: str
    visit: int
    agent: str


class AgentRetrieved(AcdEntry, frozen=True, kw_only=True, tag="agent_retrieved"):
    """The agent took the caller back."""

    queue: str
    visit: int
    agent: str


class AgentLegEnded(AcdEntry, frozen=True, kw_only=True, tag="agent_leg_ended"):
    """t6 of this agent's leg; wrap-up begins. ``first`` is who cleared first, as ``Side``."""

    queue: str
    visit: int
    agent: str
    first: str = ""


class CallTransferred(AcdEntry, frozen=True, kw_only=True, tag="call_transferred"):
    """The agent gave the caller to somebody else. ``attended`` or blind."""

    queue: str
    visit: int
    agent: str
    to: str
    attended: bool


class WrapUpEnded(AcdEntry, frozen=True, kw_only=True, tag="wrap_up_ended"):
    """t7 of this agent's leg. ``solved`` is None when nothing was keyed.

    ``solvable`` is False for contacts that cannot be solved at first level.
    """

    queue: str
    visit: int
    agent: str
    by: WrapUpBy
    result: str = ""
    topic: str = ""
    solved: bool | None = None
    solvable: bool = True
    note: str = ""  # path of a voice note


# --- agents ---------------------------------------------------------------------------------------


class AgentChanged(AcdEntry, frozen=True, kw_only=True, tag="agent_changed"):
    """An agent's state from now on. ``reason`` of a pause; ``call`` where there is one."""

    agent: str
    state: AgentState
    call: str = ""
    reason: str = ""
    extension: str = ""
    by: str = ""  # agent, supervisor, timer, rule, restart


class BulletinHeard(AcdEntry, frozen=True, kw_only=True, tag="bulletin_heard"):
    """The agent has heard the bulletin of this moment (ISO 8601) and confirmed it by a key."""

    agent: str
    bulletin: str


class AgentQueues(AcdEntry, frozen=True, kw_only=True, tag="agent_queues"):
    """The queues an agent serves from now on."""

    agent: str
    queues: tuple[str, ...]
    call: str = ""


# --- tasks ----------------------------------------------------------------------------------------


class TaskKind(StrEnum):
    """What is owed to somebody."""

    CALLBACK = "callback"  # asked for in the queue
    PROMISE = "promise"  # an agent said when
    MISSED = "missed"  # abandoned, or nobody there
    FOLLOW_UP = "follow_up"
    INTERRUPTED = "interrupted"  # waited or talked when the power went
    KEY_DATE = "key_date"  # a day on his card


class TaskOpened(AcdEntry, frozen=True, kw_only=True, tag="task_opened"):
    """Somebody is to be called. ``due_wall`` is UTC, ISO 8601, empty for as soon as possible."""

    task: str
    kind: TaskKind
    number: str = ""
    queue: str = ""
    agent: str = ""
    due_wall: str = ""
    call: str = ""


class TaskAttempted(AcdEntry, frozen=True, kw_only=True, tag="task_attempted"):
    """``call`` was made for the task; ``reached`` tells whether voices were connected."""

    task: str
    agent: str
    reached: bool
    call: str = ""


class TaskClosed(AcdEntry, frozen=True, kw_only=True, tag="task_closed"):
    """Nothing more is owed. ``how`` is done, withdrawn, unreachable or merged."""

    task: str
    how: str
    kept: bool = True  # in time
    call: str = ""


# --- supervisors ---------------------------------------------------------------------------------


class SupervisorActed(AcdEntry, frozen=True, kw_only=True, tag="supervisor_acted"):
    """What a supervisor did from his handset; ``call`` is the conversation concerned, if one is.

    Attributes:
        supervisor: His number.
        act: listen, whisper, join, take_over, leave; pause, ready, log_out, queue_in, queue_out;
            notice_on, notice_off, alarm_heard.
        agent: Whom it is about.
        queue: Which queue.
        port: His telephone.
        detail: Reason of a pause; what an alarm said; why he came: help or mentor.
    """

    supervisor: str
    act: str
    agent: str = ""
    queue: str = ""
    port: str = ""
    detail: str = ""


class HelpAsked(AcdEntry, frozen=True, kw_only=True, tag="help_asked"):
    """An agent called a supervisor into his conversation; ``supervisor`` is empty for nobody."""

    agent: str
    supervisor: str = ""


class QueueAlarm(AcdEntry, frozen=True, kw_only=True, tag="queue_alarm"):
    """Queues are not as they should be; ``advice`` is what to do. ``step`` is raised or over."""

    what: str
    about: str
    value: int = 0
    advice: tuple[str, ...] = ()
    step: str = "raised"


# --- satisfaction ---------------------------------------------------------------------------------


class SurveyWay(StrEnum):
    """How the question reached the caller."""

    SENT = "sent"  # the agent sent the caller before goodbye
    STAYED = "stayed"  # the caller stayed on when the agent hung up
    NEXT_CALL = "next_call"  # asked at the beginning of the next call
    TEXT = "text"  # by a text message, answered by one


class SurveyOffered(AcdEntry, frozen=True, kw_only=True, tag="survey_offered"):
    """The question was put. ``about`` is the call it is about; ``scale`` is 2 or 5 keys."""

    way: SurveyWay
    scale: int
    agent: str = ""
    queue: str = ""
    about: str = ""
    question: str = "satisfaction"  # or effort, or solved


class SurveyAnswered(AcdEntry, frozen=True, kw_only=True, tag="survey_answered"):
    """The key. Of two: 1 satisfied, 2 not. Of five: 5 is best."""

    way: SurveyWay
    scale: int
    key: int
    agent: str = ""
    queue: str = ""
    about: str = ""
    question: str = "satisfaction"


AnyAcdEntry = (
    QueueEntered
    | AgentConsidered
    | OfferStarted
    | OfferEnded
    | QueueAnswered
    | QueueLeft
    | AgentJoined
    | AgentHeld
    | AgentRetrieved
    | AgentLegEnded
    | CallTransferred
    | WrapUpEnded
    | AgentChanged
    | AgentQueues
    | BulletinHeard
    | TaskOpened
    | TaskAttempted
    | TaskClosed
    | SurveyOffered
    | SurveyAnswered
    | SupervisorActed
    | HelpAsked
    | QueueAlarm
)
