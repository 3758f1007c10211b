"""Telephones of idle agents when a queue alarms: who is warned, how long, and by whose leave."""

from __future__ import annotations

from firmware.daemons.floor.idle_warnings import RING_MS
from tests.unit.daemons.test_supervision import AGENT, OTHER, SUPERVISOR, dial, office
from tests.unit.desk import Desk


def too_long(*, tone: bool) -> Desk:
    """1001 is on his break, 1008 at work with his handset lifted; a caller waits for a minute."""
    desk = office(alarm_tone=tone)
    dial(desk, OTHER, "*2*1008#")
    dial(desk, AGENT, "*221")
    desk.lift(OTHER)
    desk.call_in()
    desk.wait(60_500)
    return desk


def test_who_is_on_a_break_is_warned_for_one_round_of_the_bell() -> None:
    desk = too_long(tone=True)
    assert set(desk.ringing) == {AGENT, SUPERVISOR}
    assert desk.ringing[AGENT].cadence == "page"
    desk.wait(RING_MS)
    assert set(desk.ringing) == {SUPERVISOR}, "the supervisor is rung on"


def test_it_is_not_repeated_while_the_alarm_stands() -> None:
    desk = too_long(tone=True)
    desk.wait(RING_MS)
    for _ in range(40):
        desk.wait(3_000)
        assert AGENT not in desk.ringing


def test_an_office_may_do_without() -> None:
    assert set(too_long(tone=False).ringing) == {SUPERVISOR}
