"""An agent's day and state as he reads them. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import msgspec

from firmware.control.floor_messages import AgentNow, Floor
from firmware.control.messages import PortStatus, Status
from firmware.core.accounts import Account
from firmware.core.acd_settings import Pause, queue_named
from firmware.core.desk_settings import Targets
from firmware.core.report_settings import Target
from firmware.core.settings import Settings
from web.words import say

RESULTS: Final = (
    "solved",
    "not_solved",
    "follow_up",
    "wrong_number",
    "not_business",
    "offer_accepted",
)
"""What an agent may say became of a conversation (``firmware.dialogs.after_call``)."""

WITH_CALLER: Final = frozenset({"offered", "talking", "hold", "wrap_up"})
RINGS: Final = frozenset({"ringing"})

STATE_MOODS: Final = {
    "ready": "free",
    "offered": "ringing",
    "talking": "talking",
    "hold": "busy",
    "wrap_up": "busy",
    "paused": "busy",
    "logged_out": "",
}


class Goal(msgspec.Struct, frozen=True, kw_only=True):
    """One figure of an agent's day beside its target; ``target`` is None where none is set."""

    word: str
    value: float
    text: str
    target: float | None = None
    target_text: str = ""
    good: bool | None = None


class PauseLeft(msgspec.Struct, frozen=True, kw_only=True):
    """A reason for a pause, and what is left of its budget today; None without a budget."""

    reason: str
    left_min: int | None


def own(status: Status | None, account: Account) -> AgentNow | None:
    """The agent whom an account belongs to; None for somebody who serves nobody."""
    floor = status.floor if status is not None else None
    if floor is None or not account.agent:
        return None
    return next((agent for agent in floor.agents if agent.agent == account.agent), None)


def call_at_desk(status: Status | None, agent: AgentNow | None, account: Account) -> str:
    """The call that this desk is about: a queue's, else one at the person's own telephone."""
    if agent is not None and agent.state in WITH_CALLER and agent.call:
        return agent.call
    extension = (agent.extension if agent is not None else "") or account.extension
    port = port_of(status, extension)
    if status is None or port is None or not port.call:
        return ""
    call = next((c for c in status.calls if c.call == port.call), None)
    if call is None or call.direction == "outbound":
        return ""
    own_call = call.direction == "internal" and call.caller == extension
    return "" if own_call else call.call


def port_of(status: Status | None, extension: str) -> PortStatus | None:
    """The telephone of an extension."""
    if status is None or not extension:
        return None
    return next(
        (p for p in status.ports if p.label == extension and p.port.startswith("fxs/")), None
    )


def pauses_left(agent: AgentNow, pauses: Sequence[Pause]) -> list[PauseLeft]:
    """Reasons with what is left of each."""
    found = []
    for pause in pauses:
        used_ms = agent.pauses_ms.get(pause.reason, 0)
        left = max(pause.budget_s * 1_000 - used_ms, 0) // 60_000 if pause.budget_s else None
        found.append(PauseLeft(reason=pause.reason, left_min=left))
    return found


def day_of(
    agent: AgentNow, targets: Targets, language: str, own: Mapping[str, Target | None] | None = None
) -> list[Goal]:
    """His day so far against what it should come to.

    Args:
        agent: As he stands.
        targets: Of everybody.
        language: Of the reader.
        own: His own targets by code: ``a`` for conversations, ``aht`` for handling.
    """
    own = own or {}
    conversations = own.get("a")
    calls = conversations.value if conversations is not None else targets.calls
    talk_s = agent.talk_ms / 1_000 / agent.calls if agent.calls else 0.0
    wrap_s = agent.wrap_up_ms / 1_000 / agent.calls if agent.calls else 0.0
    rows: tuple[tuple[str, float, float, bool, str], ...] = (
        ("desk-calls", float(agent.calls), calls, True, "{:.0f}"),
        ("desk-talk", talk_s, targets.talk_s, False, "{:.0f} s"),
        ("desk-wrap-up", wrap_s, targets.wrap_up_s, False, "{:.0f} s"),
        ("desk-missed", float(agent.missed), targets.missed, False, "{:.0f}"),
    )
    handled = own.get("aht")
    if handled is not None and agent.calls:
        handled_s = (agent.talk_ms + agent.wrap_up_ms) / 1_000 / agent.calls
        rows = (*rows, ("desk-handled", handled_s, handled.value, False, "{:.0f} s"))
    found = []
    for word, value, target, at_least, form in rows:
        counts = bool(target)
        reached = value >= target if at_least else value <= target
        sign = "≥" if at_least else "≤"
        found.append(
            Goal(
                word=say(word, language),
                value=value,
                text=form.format(value),
                target=float(target) if counts else None,
                target_text=f"{sign} {form.format(target)}" if counts else "",
                good=reached if counts else None,
            )
        )
    return found


def queue_name(settings: Settings | None, number: str) -> str:
    """What people call a queue: its name, else its number."""
    queue = queue_named(settings.acd, number) if settings is not None and number else None
    return f"{queue.name} {number}".strip() if queue is not None else number


def topics_of(settings: Settings | None, number: str) -> dict[str, str]:
    """Topics of a queue, for the work after a call."""
    queue = queue_named(settings.acd, number) if settings is not None and number else None
    return dict(queue.topics) if queue is not None else {}


def in_my_queues(floor: Floor | None, agent: AgentNow | None) -> Floor:
    """Queues and waiting callers that are an agent's; all for somebody who is none."""
    if floor is None:
        return Floor()
    if agent is None:
        return floor
    mine = set(agent.queues)
    return msgspec.structs.replace(
        floor,
        queues=tuple(q for q in floor.queues if q.queue in mine),
        waiters=tuple(w for w in floor.waiters if w.queue in mine),
    )
