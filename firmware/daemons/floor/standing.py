"""How it stands with queues and agents, read out to a supervisor."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from firmware.dialogs.telling import Telling
from ivr.speech import say_duration, say_number

if TYPE_CHECKING:
    from firmware.daemons.floor.queues import QueueDesk

FLOW: Final = "standing"

STATES: Final[Mapping[str, str]] = {
    "ready": "status-free-before",
    "offered": "status-talking-before",
    "talking": "status-talking-before",
    "hold": "status-talking-before",
    "wrap_up": "status-wrap-up-before",
    "paused": "status-paused-before",
}
"""What an agent's state is counted as in the read-out, in its order."""


class Standing:
    """Read-outs that supervisors asked for.

    Args:
        desk: Queues and agents.
    """

    def __init__(self, desk: QueueDesk) -> None:
        self._desk = desk
        self._asked: dict[str, tuple[str, ...]] = {}  # by telephone

    def keep(self, port: str, now_ms: int) -> None:
        """Somebody wants to hear how it stands in this moment."""
        language = self._desk.supervisors.language(port)
        self._asked[port] = tuple(self.spoken(now_ms, language))

    def dialog(self, flow: str, port: str) -> Telling | None:
        """The read-out; None for any other flow."""
        if flow != FLOW or port not in self._asked:
            return None
        return Telling(port, self._desk.supervisors.language(port), self._asked.pop(port))

    def spoken(self, now_ms: int, language: str) -> list[str]:
        """Who waits, how long, what agents do, and the service level of the day."""
        hall = self._desk.acd.hall
        lines = list(hall.queues.values())
        waiting = sum(line.waiting for line in lines)
        spoken = ["waiting-nobody"]
        if waiting:
            longest_s = max(line.longest_ms(now_ms) for line in lines) // 1_000
            spoken = ["agent-waiting-before", *say_number(waiting, language)]
            spoken += ["agent-longest-before", *say_duration(longest_s, language)]
        counted: dict[str, int] = dict.fromkeys(STATES.values(), 0)
        for agent in hall.agents.values():
            if agent.state in STATES:
                counted[STATES[agent.state]] += 1
        for key, count in counted.items():
            if count or key == "status-free-before":
                spoken += [key, *say_number(count, language)]
        counts = [line.record.counts for line in lines]
        answered = sum(count.answered for count in counts)
        lost = sum(count.abandoned for count in counts)
        spoken += ["status-answered-before", *say_number(answered, language)]
        spoken += ["status-lost-before", *say_number(lost, language)]
        if answered + lost:
            in_time = sum(count.answered_in_level for count in counts)
            share = say_number(round(100 * in_time / (answered + lost)), language)
            percent = [*share, "percent"] if language == "en" else ["percent", *share]
            spoken += ["status-service-level-before", *percent]
        return spoken
