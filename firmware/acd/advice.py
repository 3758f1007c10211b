"""What is to be done about an alarm of a queue: whom to call to work, and how many it takes."""

from __future__ import annotations

from firmware.acd.hall import Hall
from firmware.acd.load import more_agents
from firmware.acd.queue import QueueLine
from firmware.acd.wait_estimate import mean_service_ms

MOST_NAMED = 3
"""Chosen: a supervisor at a handset remembers no more."""


def advice_for(hall: Hall, line: QueueLine, now_ms: int) -> tuple[str, ...]:
    """Pauses first, the longest of them; then who is not logged in; last how many the load wants.

    Args:
        hall: Everybody.
        line: The queue that callers wait in too long.
        now_ms: Monotonic.

    Returns:
        ``recall:1008:break``, ``log_in:1009``, ``more:2``.
    """
    number = line.settings.number
    paused, absent = [], []
    for name, agent in hall.agents.items():
        if (number,) in hall.levels[name]:
            record = agent.record
            if record.state == "paused":
                paused.append((record.since_ms, name, record.pause))
            elif record.state == "logged_out":
                absent.append(name)
    people = [f"recall:{name}:{reason}" for _, name, reason in sorted(paused)]
    people += [f"log_in:{name}" for name in absent]
    service_ms = mean_service_ms(line.record.served_ms)
    level_ms = line.settings.level_s * 1000
    more = more_agents(line.record.arrived_ms, now_ms, service_ms, level_ms, line.staffed)
    return (*people[:MOST_NAMED], f"more:{more}")
