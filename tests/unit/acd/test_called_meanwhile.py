"""Who is owed a call calls in by himself at the very moment he is being dialled."""

from __future__ import annotations

import pytest

from firmware.acd import events as told
from firmware.acd.effects import AgentChanged, Connected
from tests.unit.acd.office import Office, office

NINE_MS = 9 * 3_600_000
CUSTOMER = "13800138000"


def both_at_once() -> Office:
    """1001 has lifted to call him; he calls in meanwhile and 1002 has him."""
    o = office(2)
    o.tell(told.ClockSet(offset_ms=NINE_MS, zone_ms=0))
    o.tell(told.TaskOpened(kind="callback", number=CUSTOMER, queue="300"))
    o.at(2)
    o.lift("1001")
    assert o.last(Connected).task == "t1"
    o.call("a", number=CUSTOMER)
    o.lift("1002")
    assert o.acd.hall.book.tasks["t1"].result == "called_again"
    return o


@pytest.mark.parametrize("result", ["busy", "no_answer", "wrong_number", "refused"])
def test_who_dialled_in_vain_is_free_again(result: str) -> None:
    o = both_at_once()
    o.at(10).tell(told.TaskAttempted(agent="1001", result=result))
    assert o.state("1001") == "ready", "he talks with nobody"
    assert o.state("1002") == "talking"
    assert list(o.acd.hall.visits) == ["a"]


def test_who_hangs_up_before_the_dialling_has_nothing_to_work_on() -> None:
    o = both_at_once()
    o.at(10).hang_up("1001")
    assert o.state("1001") == "ready"
    assert o.last(AgentChanged).before == "talking"


def test_who_reaches_him_all_the_same_talks_and_works_on_it_afterwards() -> None:
    o = both_at_once()
    o.at(10).hang_up("1002")
    o.tell(told.TaskAttempted(agent="1001", result="reached"))
    assert o.state("1001") == "talking"
    assert o.acd.hall.book.tasks["t1"].result == "reached"
    o.at(60).hang_up("1001")
    assert o.state("1001") == "wrap_up"
