"""The end of an agent's shift: he is warned at his telephone, and logged out; never in a call.

Whoever talks then goes when his conversation and the work after it are over. Nobody is taken from a
queue whose last agent he is while callers wait there.
"""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING, Any, Final

from firmware.acd import effects as said
from firmware.acd import events as told
from firmware.call.hours import zone_of
from firmware.core.acd_settings import agent_named
from firmware.core.fsm import earliest
from ivr.speech import say_duration

if TYPE_CHECKING:
    from firmware.daemons.floor.queues import QueueDesk

BY: Final = "shift"
WARNING: Final = timedelta(minutes=5)
"""Chosen: a conversation of the usual length can still be finished."""

LATER_MS: Final = 5_000
"""Chosen: who is needed for a moment more is looked at again so soon."""


class Shifts:
    """Agents whose shift has an end.

    Args:
        desk: Queues and agents.
    """

    def __init__(self, desk: QueueDesk) -> None:
        self._desk = desk
        self._ends: dict[str, datetime] = {}  # of those who are logged in
        self._warned: set[str] = set()
        self._later: dict[str, int] = {}  # whose end has come, and when he is looked at again
        self._leaving: dict[str, str] = {}  # agent to the telephone at which he is told

    def note(self, effect: said.AcdEffect, now_ms: int) -> None:
        """An agent logged in or is gone."""
        if not isinstance(effect, said.AgentChanged) or effect.after != "logged_out":
            return
        self._forget(effect.agent)
        port = self._leaving.pop(effect.agent, "")
        if port:
            self._desk.notices.tell(port, ("agent-shift-over",), now_ms)

    def settle(self, now_ms: int) -> None:
        """Work out the end of every shift that has begun."""
        wall = self._desk.office.wall(now_ms)
        if wall is None:
            return
        for number, agent in self._desk.acd.hall.agents.items():
            person = agent_named(self._desk.settings.acd, number)
            at = person.shift_ends if person is not None else ""
            if not at or agent.state == "logged_out":
                self._forget(number)
            elif number not in self._ends and number not in self._leaving:
                self._ends[number] = self._next(at, wall)
                if self._ends[number] - wall <= WARNING:
                    self._warned.add(number)  # he has just come and knows

    def _next(self, at: str, wall: datetime) -> datetime:
        now = wall.astimezone(zone_of(self._desk.settings))
        moment = time.fromisoformat(at)
        ends = now.replace(hour=moment.hour, minute=moment.minute, second=0, microsecond=0)
        return ends if ends > now else ends + timedelta(days=1)

    def next_deadline(self) -> int | None:
        """When :meth:`advance` wants to be called."""
        zero = self._desk.office.wall(0)
        if zero is None:
            return None
        due = list(self._later.values())
        for number, ends in self._ends.items():
            if number not in self._later:
                moment = ends if number in self._warned else ends - WARNING
                due.append(max(-((zero - moment) // timedelta(milliseconds=1)), 0))
        return earliest(*due)

    def advance(self, now_ms: int, out: list[Any]) -> None:
        """Warn, and log out."""
        wall = self._desk.office.wall(now_ms)
        if wall is None:
            return
        for number, ends in list(self._ends.items()):
            if wall >= ends and now_ms >= self._later.get(number, 0):
                self._end(number, now_ms, out)
            elif number not in self._warned and wall >= ends - WARNING:
                self._warned.add(number)
                port = self._desk.port_of(number)
                left_s = max(round((ends - wall).total_seconds()), 0)
                said_left = say_duration(left_s, self._desk.supervisors.language(port))
                self._desk.notices.tell(port, ("shift-ends-before", *said_left), now_ms)

    def _end(self, number: str, now_ms: int, out: list[Any]) -> None:
        agent = self._desk.acd.hall.agents[number]
        port = agent.record.port
        talks = agent.state in {"talking", "hold"}
        rests = agent.state in {"ready", "paused"} and self._desk.idle(port)
        if not talks and (not rests or self._needed(number)):
            self._later[number] = now_ms + LATER_MS
            return
        self._forget(number)
        self._leaving[number] = port
        self._desk.tell(told.LoggedOut(agent=number, by=BY), now_ms, out)

    def _needed(self, number: str) -> bool:
        """Whether callers wait in a queue that would have nobody."""
        hall = self._desk.acd.hall
        lines = [hall.queues[queue] for queue in hall.memberships(number)]
        return any(line.logged_in == 1 and line.line for line in lines)

    def _forget(self, number: str) -> None:
        self._ends.pop(number, None)
        self._later.pop(number, None)
        self._warned.discard(number)
