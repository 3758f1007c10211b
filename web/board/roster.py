"""Who should be at his post by now and has not signed in: late, then absent. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import time
from typing import Final

from firmware.control.floor_messages import AgentNow
from firmware.core.acd_settings import Acd
from web.board.advice import Advice

ABSENT_MIN: Final = 60
"""Chosen: who is an hour late is not expected any minute; somebody else is to be asked."""

WORKING: Final = frozenset({"day", "lunch"})


def missing(agents: Sequence[AgentNow], acd: Acd, now: time, mode: str) -> list[Advice]:
    """Everybody whose shift has begun and is not over, and who is signed in nowhere.

    Args:
        agents: How it stands with them.
        acd: ``shift_starts`` and ``shift_ends``; who has no beginning is never late.
        now: By the clock of the office.
        mode: Of the office; on its days off nobody is expected.
    """
    if mode not in WORKING:
        return []
    here = {agent.agent: agent for agent in agents}
    found = []
    for person in acd.agents:
        agent = here.get(person.number)
        if agent is None or agent.state != "logged_out" or not person.shift_starts:
            continue
        late_min = _minutes(now) - _minutes(time.fromisoformat(person.shift_starts))
        over = bool(person.shift_ends) and now >= time.fromisoformat(person.shift_ends)
        if late_min > 0 and not over:
            key = "absent" if late_min >= ABSENT_MIN else "late"
            values: dict[str, object] = {
                "agent": person.name or person.number,
                "n": late_min,
                "at": person.shift_starts,
            }
            found.append(Advice(key=key, values=values))
    return found


def _minutes(moment: time) -> int:
    return moment.hour * 60 + moment.minute
