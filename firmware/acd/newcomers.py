"""Agents in their first weeks get a share of the callers, and it grows by rule.

Of the callers whom the strategy would give a newcomer he gets so many of a hundred; the others go
to whom the strategy chooses without him. Nobody waits for it: who is alone free has every caller,
and a newcomer who becomes free while somebody waits takes him. No chance is in it: what he is due
adds up call by call, so of four callers at a quarter the fourth is his.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Final

from firmware.acd.agent import Agent as AgentAtWork
from firmware.acd.hall import Hall
from firmware.core.acd_settings import Agent, ShareStep

WHOLE: Final = 100
DAYS_A_WEEK: Final = 7

Choice = Callable[[Sequence[str]], tuple[str, ...]]
"""Told who is asked last, says who is asked."""


def share_of(person: Agent, steps: Sequence[ShareStep], today: date) -> int:
    """His share today, in percent.

    Args:
        person: ``first_day`` says since when he is here; without one he has no rule.
        steps: The share from each week on.
        today: By the clock of the office.
    """
    if not person.first_day or not steps:
        return WHOLE
    week = (today - date.fromisoformat(person.first_day)).days // DAYS_A_WEEK + 1
    if week < 1 or week > steps[-1].week:
        return WHOLE
    return next((step.percent for step in reversed(steps) if step.week <= week), WHOLE)


def today_of(hall: Hall, now_ms: int) -> date:
    """The day in the office."""
    wall_ms = hall.wall_ms(now_ms) + hall.memo.zone_ms
    return datetime.fromtimestamp(wall_ms / 1000, UTC).date()


def shared(
    hall: Hall, choice: Choice, missed: Sequence[str], now_ms: int
) -> tuple[tuple[str, ...], Mapping[str, str]]:
    """Whom the strategy asks, once newcomers have stood back from what is not their share.

    Args:
        hall: Everybody.
        choice: The strategy, with the caller and the queue in it.
        missed: Who let this caller ring before.
        now_ms: Monotonic.

    Returns:
        Numbers of agents, and why whoever stood back did.
    """
    chosen = choice(missed)
    if not any(hall.people[number].first_day for number in chosen):
        return chosen, {}
    back: dict[str, str] = {}
    today = today_of(hall, now_ms)
    shares = {number: share_of(hall.people[number], hall.acd.newcomers, today) for number in chosen}
    while new := {number: share for number, share in shares.items() if share < WHOLE}:
        others = choice((*missed, *back, *new))
        if not others or not {*others}.isdisjoint({*back, *new}):
            break  # there is nobody else
        his = [number for number, share in new.items() if _his_turn(hall.agents[number], share)]
        back |= {n: f"a newcomer, {share} %" for n, share in new.items() if n not in his}
        if his:
            return tuple(number for number in chosen if number not in back), back
        chosen = others
        shares = {n: share_of(hall.people[n], hall.acd.newcomers, today) for n in chosen}
    return chosen, back


def _his_turn(agent: AgentAtWork, share: int) -> bool:
    due = agent.record.share_due + share
    agent.record.share_due = due - WHOLE if due >= WHOLE else due
    return due >= WHOLE
