"""What is beyond its threshold, and what to do about it, computed from how it stands. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

import msgspec

from firmware.control.floor_messages import AgentNow, Floor, QueueNow
from firmware.control.messages import PortStatus, Status
from firmware.core.acd_settings import Acd

LONG_AWAY_MS: Final = 300_000
"""A ready agent whose handset is off its hook so long is reported (``firmware.acd.staff``)."""

BROKEN: Final = frozenset({"out_of_service", "no_battery", "chip_lost", "without_current"})


class Advice(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that is not as it should be.

    Attributes:
        key: Its sentence is ``advice.KEY``.
        values: For the sentence.
        urgent: Callers suffer now.
        acts: What helps: word and values of each, the nearest at hand first.
    """

    key: str
    values: dict[str, object] = {}
    urgent: bool = False
    acts: tuple[tuple[str, dict[str, object]], ...] = ()


def advice(status: Status | None, acd: Acd) -> list[Advice]:
    """Everything, what is urgent first.

    Args:
        status: How it stands; nothing is said of a box that does not answer.
        acd: Thresholds, in the settings in force.
    """
    floor = status.floor if status is not None else None
    if status is None or floor is None:
        return []
    found = [*_queues(floor, acd, status.at_ms), *_lines(floor, status.ports)]
    found += _people(floor, acd, status.at_ms)
    late = floor.tasks
    if late and not any(agent.state == "ready" for agent in floor.agents):
        found.append(Advice(key="tasks", values={"n": late}))
    return sorted(found, key=lambda one: not one.urgent)


def _queues(floor: Floor, acd: Acd, now_ms: int) -> Iterator[Advice]:
    for queue in floor.queues:
        name = queue.name or queue.queue
        wait_s = (now_ms - queue.longest_since_ms) // 1_000 if queue.longest_since_ms else 0
        acts = tuple(_hands(queue, floor.agents))
        if queue.waiting and not queue.logged_in:
            values = {"queue": name, "n": queue.waiting}
            yield Advice(key="deserted", values=values, urgent=True, acts=acts)
        elif queue.waiting > acd.alarm_waiting:
            values = {"queue": name, "n": queue.waiting, "limit": acd.alarm_waiting}
            yield Advice(key="waiting", values=values, urgent=True, acts=acts)
        elif wait_s > acd.alarm_wait_s:
            values = {"queue": name, "s": wait_s, "limit": acd.alarm_wait_s}
            yield Advice(key="long-wait", values=values, urgent=True, acts=acts)


def _hands(queue: QueueNow, agents: Sequence[AgentNow]) -> Iterator[tuple[str, dict[str, object]]]:
    """Who could help: those who pause, those who have work after a call, those of other queues."""
    for agent in agents:
        if agent.state == "paused" and queue.queue in agent.queues:
            yield "recall", {"agent": agent.name or agent.agent}
    for agent in agents:
        if agent.state == "wrap_up" and queue.queue in agent.queues:
            yield "finish", {"agent": agent.name or agent.agent}
    for agent in agents:
        if agent.state == "ready" and queue.queue not in agent.queues:
            yield "move", {"agent": agent.name or agent.agent}
    for agent in agents:
        if agent.state == "logged_out" and queue.queue in agent.queues:
            yield "sign-in", {"agent": agent.name or agent.agent}


def _lines(floor: Floor, ports: Sequence[PortStatus]) -> Iterator[Advice]:
    if floor.lines and not floor.free_lines:
        yield Advice(key="lines", values={"n": floor.lines}, urgent=True)
    for port in ports:
        if port.state in BROKEN and port.label:
            yield Advice(key="port", values={"port": port.label})


def _people(floor: Floor, acd: Acd, now_ms: int) -> Iterator[Advice]:
    budgets: dict[str, int] = {pause.reason: pause.budget_s for pause in acd.pauses}
    for agent in floor.agents:
        name = agent.name or agent.agent
        if agent.state == "ready" and agent.set_state == "taken":
            if now_ms - agent.since_ms > LONG_AWAY_MS:
                yield Advice(key="off-hook", values={"agent": name})
        elif agent.state == "ready" and agent.set_state == "lost":
            yield Advice(key="set-lost", values={"agent": name})
        elif agent.state == "paused" and agent.pause == "missed":
            yield Advice(key="missed", values={"agent": name})
        elif agent.state == "paused" and (budget_s := budgets.get(agent.pause, 0)):
            over_ms = agent.pauses_ms.get(agent.pause, 0) - budget_s * 1_000
            if over_ms > 0:
                values = {"agent": name, "n": over_ms // 60_000}
                yield Advice(key="over-budget", values=values)
