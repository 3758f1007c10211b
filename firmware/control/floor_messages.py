"""Queues and agents as a page shows them, and what people at a desk or a board do with them.

Times are monotonic milliseconds of calld, like ``Status.at_ms``; those of tasks are UTC since 1970.
"""

from __future__ import annotations

import msgspec

from firmware.control.office_messages import OfficeRequest

# --- how it stands --------------------------------------------------------------------------------


class AgentNow(msgspec.Struct, frozen=True, kw_only=True):
    """One agent.

    Attributes:
        agent: His number.
        name: As he is called.
        state: Of the agent's table: ready, offered, talking, hold, wrap_up, paused, logged_out.
        since_ms: The beginning of that state.
        port: The telephone at which he is.
        extension: Its number.
        set_state: free, taken by something else, or lost.
        pause: The reason of a pause.
        then: What follows his work: a pause's reason or ``log_out``.
        call: The call that is offered to him, that he has, or whose wrap-up he does.
        queue: The queue of that.
        wrap_up_until_ms: When his wrap-up ends by itself.
        queues: That he serves, with his level.
        calls: Conversations of the day.
        missed: Offers he missed today.
        talk_ms: His conversations today, holds included.
        wrap_up_ms: His work after calls today.
        pauses_ms: His pauses today, by reason.
        results: What he keyed today, by result.
    """

    agent: str
    name: str = ""
    state: str = "logged_out"
    since_ms: int = 0
    port: str = ""
    extension: str = ""
    set_state: str = "free"
    pause: str = ""
    then: str = ""
    call: str = ""
    queue: str = ""
    wrap_up_until_ms: int = 0
    queues: dict[str, int] = {}
    calls: int = 0
    missed: int = 0
    talk_ms: int = 0
    wrap_up_ms: int = 0
    pauses_ms: dict[str, int] = {}
    results: dict[str, int] = {}


class WaiterNow(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody in a queue: ``state`` is waiting or offered; ``kind`` caller, callback or task."""

    call: str
    queue: str
    kind: str = "caller"
    state: str = "waiting"
    number: str = ""
    name: str = ""
    vip: bool = False
    since_ms: int = 0


class QueueNow(msgspec.Struct, frozen=True, kw_only=True):
    """One queue; ``longest_since_ms`` is when the one who waits longest came, 0 for nobody."""

    queue: str
    name: str = ""
    waiting: int = 0
    longest_since_ms: int = 0
    logged_in: int = 0
    staffed: int = 0
    expected_s: int | None = None
    offered: int = 0
    answered: int = 0
    abandoned: int = 0
    answered_in_level: int = 0
    level_s: int = 0


class Floor(msgspec.Struct, frozen=True, kw_only=True):
    """Everybody at queues now."""

    queues: tuple[QueueNow, ...] = ()
    agents: tuple[AgentNow, ...] = ()
    waiters: tuple[WaiterNow, ...] = ()
    free_lines: int = 0
    lines: int = 0
    tasks: int = 0  # calls that are owed


class TaskNow(msgspec.Struct, frozen=True, kw_only=True):
    """A call that is owed, or was. ``level``: 0 its owner's, 1 the queue's, 2 the supervisors'."""

    task: str
    kind: str
    number: str
    name: str = ""
    queue: str = ""
    owner: str = ""
    note: str = ""
    opened_ms: int
    due_ms: int
    next_ms: int
    attempts: int = 0
    state: str = "open"
    level: int = 0
    result: str = ""
    call: str = ""


# --- what people do -------------------------------------------------------------------------------


class FloorRequest(OfficeRequest, frozen=True, kw_only=True):
    """Something about queues and agents. ``language`` is the asker's.

    ``by`` is empty when the agent himself asks, else whoever decides over him.
    """

    language: str = "en"
    by: str = ""


class SignInAgent(FloorRequest, frozen=True, kw_only=True, tag="sign_in_agent"):
    """He is at this extension from now on."""

    agent: str
    extension: str


class SignOutAgent(FloorRequest, frozen=True, kw_only=True, tag="sign_out_agent"):
    """He goes, at once or after his work."""

    agent: str


class PauseAgentNow(FloorRequest, frozen=True, kw_only=True, tag="pause_agent"):
    """He pauses, at once or after his work."""

    agent: str
    reason: str


class ReadyAgentNow(FloorRequest, frozen=True, kw_only=True, tag="ready_agent"):
    """He is there for callers."""

    agent: str


class EndWrapUp(FloorRequest, frozen=True, kw_only=True, tag="end_wrap_up"):
    """What became of the conversation. ``follow_up_h`` owes the caller a call, 0 for none."""

    agent: str
    result: str = ""
    topic: str = ""
    follow_up_h: int = 0
    note: str = ""


class MoreTime(FloorRequest, frozen=True, kw_only=True, tag="more_time"):
    """He needs so many seconds longer after a call."""

    agent: str
    seconds: int = 180


class NoteCall(FloorRequest, frozen=True, kw_only=True, tag="note_call"):
    """What he wrote about a conversation."""

    agent: str
    call: str
    text: str


class SendReply(FloorRequest, frozen=True, kw_only=True, tag="send_reply"):
    """Send a quick reply, by its article's code, to the mobile of whoever is in this call."""

    agent: str
    call: str
    code: str


class MoveAgent(FloorRequest, frozen=True, kw_only=True, tag="move_agent"):
    """Put an agent into a queue at a level, or out of it (None), until he signs out."""

    agent: str
    queue: str
    level: int | None = None


class PromiseCall(FloorRequest, frozen=True, kw_only=True, tag="promise_call"):
    """An agent promised a call within so many hours."""

    agent: str
    number: str
    hours: int
    note: str = ""
    call: str = ""
    queue: str = ""
    name: str = ""


class EndTask(FloorRequest, frozen=True, kw_only=True, tag="end_task"):
    """A call that was owed is not owed any more: ``how`` is done or withdrawn."""

    task: str
    how: str


class AskTasks(FloorRequest, frozen=True, kw_only=True, tag="ask_tasks"):
    """Calls that are owed, the oldest due first, and the last that were."""


class AskCaller(FloorRequest, frozen=True, kw_only=True, tag="ask_caller"):
    """Who is in this call: its log is kept to this moment before the answer is given."""

    call: str


class TasksAnswer(msgspec.Struct, frozen=True, kw_only=True, tag="tasks"):
    """Answer to ``AskTasks``."""

    tasks: tuple[TaskNow, ...]


class CallerAnswer(msgspec.Struct, frozen=True, kw_only=True, tag="caller"):
    """Answer to ``AskCaller``: the number as it came, and whose it is (0 for nobody's)."""

    call: str
    number: str = ""
    name: str = ""
    customer: int = 0
    queue: str = ""
    since_ms: int = 0


class FloorDone(msgspec.Struct, frozen=True, kw_only=True, tag="floor_done"):
    """It was done."""

    agent: str = ""


AnyFloorRequest = (
    SignInAgent
    | SignOutAgent
    | PauseAgentNow
    | ReadyAgentNow
    | EndWrapUp
    | MoreTime
    | NoteCall
    | SendReply
    | MoveAgent
    | PromiseCall
    | EndTask
    | AskTasks
    | AskCaller
)
AnyFloorAnswer = TasksAnswer | CallerAnswer | FloorDone
