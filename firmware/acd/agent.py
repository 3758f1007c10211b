"""One agent: what he does, since when, and what of his day it took.

The telephone is not part of this machine: whether the set is free, used for something else or
gone stands beside it (:attr:`Agent.set_state`), and only a ready agent with a free set is asked.
Wrap-up is a state with a beginning and an end, never something derived from the last call.
"""

from __future__ import annotations

from typing import Any, ClassVar, Final, Literal

import msgspec

from firmware.core.fsm import STAY, Machine, Order, State, Table, choose

SetState = Literal["free", "taken", "lost"]


class LogInAgent(Order, frozen=True, kw_only=True):
    """He is at a telephone from now on."""


class LogOutAgent(Order, frozen=True, kw_only=True):
    """He goes; in a conversation, once it and its wrap-up are over."""


class OfferAgent(Order, frozen=True, kw_only=True):
    """His set rings for a caller."""


class Lift(Order, frozen=True, kw_only=True):
    """He lifted: the caller is his."""


class Miss(Order, frozen=True, kw_only=True):
    """The offer ran out. ``pause``: this was one too many."""

    pause: bool = False


class Withdraw(Order, frozen=True, kw_only=True):
    """The offer is taken back, without any fault of his."""


class TakeUp(Order, frozen=True, kw_only=True):
    """A conversation is handed to him: transfer, take-over, pick-up."""


class HoldBegins(Order, frozen=True, kw_only=True):
    """He put the caller on hold."""


class HoldEnds(Order, frozen=True, kw_only=True):
    """He took the caller back."""


class TalkEnds(Order, frozen=True, kw_only=True):
    """His part of the conversation is over. ``wrap_up``: whether work follows."""

    wrap_up: bool = True


class WrapUpEnds(Order, frozen=True, kw_only=True):
    """The work is done, or its time is over."""


class PauseAgent(Order, frozen=True, kw_only=True):
    """He pauses; in a conversation, once it and its wrap-up are over."""

    reason: str


class ReadyAgent(Order, frozen=True, kw_only=True):
    """He is there for callers."""


AGENT = Table(
    "agent",
    State("logged_out", {LogInAgent: "ready", LogOutAgent: STAY}),
    State(
        "ready",
        {
            OfferAgent: "offered",
            PauseAgent: choose("_pause", "paused"),
            LogOutAgent: "logged_out",
            TakeUp: "talking",
            ReadyAgent: STAY,
        },
    ),
    State(
        "offered",
        {
            Lift: "talking",
            Miss: choose("_miss", "ready", "paused", "logged_out"),
            Withdraw: choose("_on", "ready", "paused", "logged_out"),
            PauseAgent: choose("_later", STAY),
            LogOutAgent: choose("_later", STAY),
            ReadyAgent: choose("_stays", STAY),
        },
    ),
    State(
        "talking",
        {
            HoldBegins: "hold",
            TalkEnds: choose("_talk_over", "wrap_up", "ready", "paused", "logged_out"),
            PauseAgent: choose("_later", STAY),
            LogOutAgent: choose("_later", STAY),
            ReadyAgent: choose("_stays", STAY),
        },
    ),
    State(
        "hold",
        {
            HoldEnds: "talking",
            TalkEnds: choose("_talk_over", "wrap_up", "ready", "paused", "logged_out"),
            PauseAgent: choose("_later", STAY),
            LogOutAgent: choose("_later", STAY),
            ReadyAgent: choose("_stays", STAY),
        },
    ),
    State(
        "wrap_up",
        {
            WrapUpEnds: choose("_on", "ready", "paused", "logged_out"),
            ReadyAgent: choose("_ready_now", "ready"),
            PauseAgent: choose("_pause", "paused"),
            LogOutAgent: "logged_out",
            TakeUp: "talking",
        },
    ),
    State(
        "paused",
        {
            ReadyAgent: "ready",
            LogOutAgent: "logged_out",
            PauseAgent: choose("_pause", "paused"),
            TakeUp: "talking",
        },
    ),
)

NEXT_LOGOUT: Final = "log_out"
AT_WORK: Final = frozenset({"ready", "offered", "talking", "hold", "wrap_up"})
"""States in which an agent counts towards the wait of callers."""


class Day(msgspec.Struct, kw_only=True):
    """What an agent's day consists of so far; times in milliseconds."""

    calls: int = 0
    missed: int = 0
    offered: int = 0
    ready_ms: int = 0
    offered_ms: int = 0
    talking_ms: int = 0
    hold_ms: int = 0
    wrap_up_ms: int = 0
    logged_out_ms: int = 0
    pauses_ms: dict[str, int] = {}
    results: dict[str, int] = {}


class AgentRecord(msgspec.Struct, kw_only=True):
    """Everything about an agent that has to survive a restart."""

    number: str
    port: str = ""
    state: str = "logged_out"
    since_ms: int = 0
    idle_since_ms: int = 0
    set_state: SetState = "free"
    pause: str = ""
    then: str = ""  # what follows after the conversation: a pause's reason or NEXT_LOGOUT
    misses: int = 0
    rest_until_ms: int = 0
    visit: str = ""
    queue: str = ""  # the queue his conversation or wrap-up belongs to
    talk_began_ms: int = 0
    wrap_up_until_ms: int = 0
    last_visit: str = ""
    acknowledged: str = ""  # the bulletin he has heard
    share_due: int = 0  # of a newcomer: percent of a caller that he is due (newcomers.py)
    day: Day = msgspec.field(default_factory=Day)


class Agent(Machine):
    """Runs the table for one person."""

    __slots__ = ("position", "record")
    TABLE: ClassVar[Table] = AGENT

    def __init__(self, record: AgentRecord, position: int) -> None:
        super().__init__()
        self.record = record
        self.position = position
        self.resume(record.state, record.since_ms)

    @property
    def label(self) -> str:
        """How the machine is named in the log of transitions."""
        return f"agent {self.record.number}"

    @property
    def set_state(self) -> SetState:
        """What his telephone is doing apart from queue work."""
        return self.record.set_state

    def available(self, now_ms: int) -> bool:
        """Whether he may be asked."""
        record = self.record
        return (
            record.state == "ready"
            and record.set_state == "free"
            and now_ms >= record.rest_until_ms
        )

    def act(self, order: Order, now_ms: int) -> bool:
        """Do it, book the time of the state that ends, and tell whether one did.

        Raises:
            IllegalCommand: The state does not permit the order.
        """
        record = self.record
        before = record.state
        reason = record.pause
        self.handle(order, now_ms)
        self.moves.clear()
        if self.state == before and not (before == "paused" and record.pause != reason):
            return False
        self.book(before, reason, now_ms)
        record.state = self.state
        if self.state != "paused":
            record.pause = ""
        if self.state == "ready" and before in {"logged_out", "paused", "wrap_up", "talking"}:
            record.idle_since_ms = now_ms
        if self.state == "ready" and before == "hold":
            record.idle_since_ms = now_ms
        return True

    def book(self, state: str, reason: str, now_ms: int) -> None:
        """Put the time since the last booking into the day."""
        record = self.record
        spent = now_ms - record.since_ms
        record.since_ms = now_ms
        if state == "paused":
            record.day.pauses_ms[reason] = record.day.pauses_ms.get(reason, 0) + spent
        else:
            field = f"{state}_ms"
            setattr(record.day, field, getattr(record.day, field) + spent)

    def enter_state(self, state: str, now_ms: int) -> None:
        """A restart: be in a state without its beginning."""
        self.resume(state, now_ms)
        self.record.state = state

    # --- handlers -------------------------------------------------------------------------------

    def _pause(self, event: Any, _now_ms: int) -> str:
        self.record.pause = event.reason
        return "paused"

    def _miss(self, event: Miss, _now_ms: int) -> str:
        if event.pause and not self.record.then:
            self.record.pause = "missed"
            return "paused"
        return self._on(event, _now_ms)

    def _later(self, event: Any, _now_ms: int) -> str:
        self.record.then = event.reason if isinstance(event, PauseAgent) else NEXT_LOGOUT
        return STAY

    def _stays(self, _event: Any, _now_ms: int) -> str:
        self.record.then = ""
        return STAY

    def _ready_now(self, _event: Any, _now_ms: int) -> str:
        self.record.then = ""
        return "ready"

    def _on(self, _event: Any, _now_ms: int) -> str:
        """What follows work: what he asked for meanwhile, or the next caller."""
        then, self.record.then = self.record.then, ""
        if then == NEXT_LOGOUT:
            return "logged_out"
        if then:
            self.record.pause = then
            return "paused"
        return "ready"

    def _talk_over(self, event: TalkEnds, now_ms: int) -> str:
        return "wrap_up" if event.wrap_up else self._on(event, now_ms)
