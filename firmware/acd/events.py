"""What queues and agents are told. Values, so that a journal can keep them.

``by`` is empty when the person concerned did it himself, else the supervisor's number.
"""

from __future__ import annotations

import msgspec

from firmware.acd.tasks import TaskKind, TaskResult
from firmware.core.acd_settings import CallerClass


class AcdEvent(msgspec.Struct, frozen=True, kw_only=True):
    """Anything that happens to a queue."""


# --- callers


class CallerEnters(AcdEvent, frozen=True, kw_only=True, tag="caller_enters"):
    """A caller comes to a queue. ``since_ms`` keeps an earlier wait (transfer to a queue)."""

    visit: str
    queue: str
    number: str = ""
    name: str = ""
    language: str = ""
    caller_class: CallerClass | None = None  # None: the queue's
    skills: tuple[str, ...] = ()
    wants: str = ""  # an agent he asked for, or who served him last
    since_ms: int | None = None
    hops: tuple[str, ...] = ()


class CallerCleared(AcdEvent, frozen=True, kw_only=True, tag="caller_cleared"):
    """The caller hung up, waiting or talking."""

    visit: str
    lost: bool = False  # the line failed; nobody hung up


class CallerLeaves(AcdEvent, frozen=True, kw_only=True, tag="caller_leaves"):
    """He left by a key, for ``how``: menu, message, operator."""

    visit: str
    how: str


class AgentWished(AcdEvent, frozen=True, kw_only=True, tag="agent_wished"):
    """He keyed the number of the agent he wants; others may have him after a while."""

    visit: str
    agent: str


class CallbackAsked(AcdEvent, frozen=True, kw_only=True, tag="callback_asked"):
    """He wants to be called back and keeps his place."""

    visit: str
    number: str


# --- offers and conversations


class AgentLifted(AcdEvent, frozen=True, kw_only=True, tag="agent_lifted"):
    """The agent's set, rung for an offer, was lifted."""

    agent: str


class AgentRefused(AcdEvent, frozen=True, kw_only=True, tag="agent_refused"):
    """His set could not be rung, or he declined by a code."""

    agent: str


class HoldBegan(AcdEvent, frozen=True, kw_only=True, tag="hold_began"):
    """He put his caller on hold."""

    agent: str


class HoldEnded(AcdEvent, frozen=True, kw_only=True, tag="hold_ended"):
    """He took his caller back."""

    agent: str


class TalkEnded(AcdEvent, frozen=True, kw_only=True, tag="talk_ended"):
    """His part of the conversation is over; the caller may go on with somebody else."""

    agent: str
    caller_stays: bool = False


class HandedOver(AcdEvent, frozen=True, kw_only=True, tag="handed_over"):
    """A conversation went to another agent: transfer or take-over. ``note`` is for him."""

    visit: str
    to: str
    note: str = ""


class TaskAttempted(AcdEvent, frozen=True, kw_only=True, tag="task_attempted"):
    """The far end of a task's or callback's call was reached, or not."""

    agent: str
    result: TaskResult


# --- agents


class LoggedIn(AcdEvent, frozen=True, kw_only=True, tag="logged_in"):
    """An agent is at a telephone; whoever was there is logged out."""

    agent: str
    port: str = ""


class LoggedOut(AcdEvent, frozen=True, kw_only=True, tag="logged_out"):
    """He wants to go."""

    agent: str
    by: str = ""


class PauseAsked(AcdEvent, frozen=True, kw_only=True, tag="pause_asked"):
    """He pauses."""

    agent: str
    reason: str
    by: str = ""


class ReadyAsked(AcdEvent, frozen=True, kw_only=True, tag="ready_asked"):
    """He is there for callers: ends a pause, a wrap-up, and a wish to leave."""

    agent: str
    by: str = ""


class WrapUpDone(AcdEvent, frozen=True, kw_only=True, tag="wrap_up_done"):
    """He keyed what became of the call."""

    agent: str
    result: str = ""
    topic: str = ""
    note: str = ""  # path of what he spoke


class WrapUpExtended(AcdEvent, frozen=True, kw_only=True, tag="wrap_up_extended"):
    """He needs longer."""

    agent: str
    seconds: int


class SetTaken(AcdEvent, frozen=True, kw_only=True, tag="set_taken"):
    """His telephone is lifted or used for something that is no queue's call."""

    agent: str


class SetFree(AcdEvent, frozen=True, kw_only=True, tag="set_free"):
    """It is on its hook again."""

    agent: str


class SetLost(AcdEvent, frozen=True, kw_only=True, tag="set_lost"):
    """Its port is out of order."""

    agent: str


class AgentMoved(AcdEvent, frozen=True, kw_only=True, tag="agent_moved"):
    """A supervisor puts an agent into a queue at a level, or out of it (None), until logout."""

    agent: str
    queue: str
    level: int | None
    by: str = ""


# --- the office


class LinesFree(AcdEvent, frozen=True, kw_only=True, tag="lines_free"):
    """So many exchange lines are free."""

    lines: int


class OfficeHours(AcdEvent, frozen=True, kw_only=True, tag="office_hours"):
    """The office opened or closed."""

    open: bool


class ClockSet(AcdEvent, frozen=True, kw_only=True, tag="clock_set"):
    """Wall clock less monotonic time, and the office's offset from UTC."""

    offset_ms: int
    zone_ms: int = 28_800_000


class NewDay(AcdEvent, frozen=True, kw_only=True, tag="new_day"):
    """Midnight in the office: the counts of the day begin anew."""


class TaskOpened(AcdEvent, frozen=True, kw_only=True, tag="task_opened"):
    """Somebody promised a call, or one is owed. ``in_ms`` from now."""

    kind: TaskKind
    number: str
    in_ms: int = 0
    queue: str = ""
    owner: str = ""
    name: str = ""
    note: str = ""
    about: str = ""
    language: str = ""
    topic: str = ""  # what the customer asked about, two digits


class TaskPutOff(AcdEvent, frozen=True, kw_only=True, tag="task_put_off"):
    """Not now: the call is owed in ``in_ms``; whoever has it in hand is free again."""

    task: str
    in_ms: int


class BulletinHeard(AcdEvent, frozen=True, kw_only=True, tag="bulletin_heard"):
    """The agent confirmed what he was told at his login."""

    agent: str
    bulletin: str


class TaskEnded(AcdEvent, frozen=True, kw_only=True, tag="task_ended"):
    """Somebody says that a call is not owed any more: ``how`` is done or withdrawn."""

    task: str
    how: str


AnyAcdEvent = (
    CallerEnters
    | CallerCleared
    | CallerLeaves
    | AgentWished
    | CallbackAsked
    | AgentLifted
    | AgentRefused
    | HoldBegan
    | HoldEnded
    | TalkEnded
    | HandedOver
    | TaskAttempted
    | LoggedIn
    | LoggedOut
    | PauseAsked
    | ReadyAsked
    | WrapUpDone
    | WrapUpExtended
    | SetTaken
    | SetFree
    | SetLost
    | AgentMoved
    | LinesFree
    | OfficeHours
    | ClockSet
    | NewDay
    | TaskOpened
    | TaskEnded
    | TaskPutOff
    | BulletinHeard
)
