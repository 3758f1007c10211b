"""Practice callers: when they ring, how often, and that a real caller comes first."""

from __future__ import annotations

from typing import Any

import pytest

from firmware.core.acd_settings import Acd, Agent, Membership, Queue
from firmware.core.settings import Settings
from firmware.daemons.floor.practising import CADENCE, RING_MS
from tests.unit.daemons.test_supervision import AGENT, OTHER, dial
from tests.unit.desk import Desk

QUIET_MS = 60_000


def school(**more: Any) -> Desk:
    """1001 at fxs/1 learns, 1008 at fxs/2 does not; a practice caller after a quiet minute."""
    members = (Membership(queue="300"),)
    acd = Acd(
        queues=(Queue(number="300", announce_agent=False, whisper=False, recall_s=0),),
        agents=(
            Agent(number="1001", queues=members, practice_calls=more.pop("calls", 2)),
            Agent(number="1008", queues=members),
        ),
        practice=more.pop("practice", ("queue-comfort",)),
        practice_quiet_s=60,
    )
    desk = Desk.ready(Settings(acd=acd, inbound="300", language="en"))
    dial(desk, AGENT, "*2*1001#")
    dial(desk, OTHER, "*2*1008#")
    assert not desk.ringing
    return desk


def rung_at(desk: Desk, until_ms: int) -> list[int]:
    """Seconds at which the telephone of who learns began to ring."""
    found, before = [], False
    for second in range(until_ms // 1_000):
        desk.wait(1_000)
        now = AGENT in desk.ringing
        if now and not before:
            found.append(second)
        before = now
    return found


def test_after_a_quiet_minute_who_learns_is_rung_and_nobody_else() -> None:
    desk = school()
    desk.wait(QUIET_MS + 1_000)
    assert set(desk.ringing) == {AGENT}
    assert desk.ringing[AGENT].cadence == CADENCE
    desk.wait(RING_MS)
    assert not desk.ringing


def test_no_more_often_a_day_than_is_set_and_a_quiet_time_apart() -> None:
    rung = rung_at(school(), 600_000)
    assert len(rung) == 2
    assert rung[1] - rung[0] >= (QUIET_MS + RING_MS) // 1_000


@pytest.mark.parametrize("more", [{"calls": 0}, {"practice": ()}])
def test_without_a_recording_or_a_wish_nobody_is_rung(more: dict[str, Any]) -> None:
    assert rung_at(school(**more), 300_000) == []


def test_a_caller_who_comes_while_it_rings_is_not_kept_waiting_by_it() -> None:
    desk = school()
    dial(desk, OTHER, "*221")  # only the one who learns is there
    desk.wait(QUIET_MS)
    assert desk.ringing[AGENT].cadence == CADENCE
    desk.call_in()
    desk.wait(2_000)
    assert desk.ringing[AGENT].cadence == "normal"
    desk.lift(AGENT)
    desk.wait(1_000)
    assert desk.joined == {("fxo/1", AGENT)}


def test_a_practice_is_seen_by_no_figure() -> None:
    desk = school()
    desk.wait(QUIET_MS + 1_000)
    desk.lift(AGENT)
    desk.wait(2_000)
    desk.hang_up(AGENT)
    desk.wait(1_000)
    record = desk.office.queues.acd.hall.agents["1001"].record
    assert (record.state, record.day.calls, record.day.offered, record.day.missed) == (
        "ready",
        0,
        0,
        0,
    )
    assert desk.office.queues.acd.hall.queues["300"].record.counts.offered == 0
