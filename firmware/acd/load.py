"""How many agents the load of a queue asks for, as the advice of an alarm. Pure.

The load is that of the last half hour: callers who came, times the mean of their service. Wanted is
the usual target of small offices, four of five callers answered within the queue's own threshold;
Erlang C (A. K. Erlang, 1917) says how many agents that takes.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import exp
from typing import Final

from firmware.core.erlang import blocking

WINDOW_MS: Final = 1_800_000
LAST_ARRIVALS: Final = 64
"""So many are remembered; more in half an hour are more than the box has lines for."""

TARGET: Final = 0.8
"""Share of callers answered in time; the 80/20 of nearly every contract."""

MOST: Final = 40


def arrivals_per_ms(arrived_ms: Sequence[int], now_ms: int) -> float:
    """The rate of callers in the last half hour.

    Args:
        arrived_ms: When the last ones came, in order.
        now_ms: Monotonic.
    """
    recent = [at for at in arrived_ms if at > now_ms - WINDOW_MS]
    if len(recent) == LAST_ARRIVALS:  # earlier ones are forgotten: the time they fill counts
        return len(recent) / max(now_ms - recent[0], 1)
    return len(recent) / WINDOW_MS


def in_time(load: float, agents: int, level_ms: float, service_ms: float) -> float:
    """Erlang C: the share of callers who are answered within ``level_ms``.

    Args:
        load: Offered, in erlangs.
        agents: At work.
        level_ms: The threshold.
        service_ms: Mean service.
    """
    if load <= 0:
        return 1.0
    if agents <= load:
        return 0.0
    blocked = blocking(load, agents)
    waits = blocked / (1 - load / agents * (1 - blocked))
    return 1 - waits * exp(-(agents - load) * level_ms / service_ms)


def agents_for(load: float, level_ms: float, service_ms: float) -> int:
    """The fewest agents with whom :data:`TARGET` is held; at least one."""
    found = 1
    while in_time(load, found, level_ms, service_ms) < TARGET and found < MOST:
        found += 1
    return found


def more_agents(
    arrived_ms: Sequence[int], now_ms: int, service_ms: float, level_ms: float, staffed: int
) -> int:
    """How many agents are to come besides; at least one, for callers wait too long just now."""
    load = arrivals_per_ms(arrived_ms, now_ms) * service_ms
    return max(agents_for(load, level_ms, service_ms) - staffed, 1)
