"""A call that is owed is ended by a person: wherever it stands, nobody is rung for it again."""

from __future__ import annotations

from firmware.acd import events as told
from firmware.acd.effects import OfferEnded, OfferMade, Refused, TaskChanged
from tests.unit.acd.office import Office, office

NINE_MS = 9 * 3_600_000


def owed(agents: int = 1) -> Office:
    """An office at nine in the morning by its own clock, with a follow-up that is due at once."""
    o = office(agents)
    o.tell(told.ClockSet(offset_ms=NINE_MS, zone_ms=0))
    o.tell(told.TaskOpened(kind="follow_up", number="13800138000", queue="300"))
    return o


def test_one_that_waits_for_an_agent_leaves_the_line() -> None:
    o = owed()
    o.at(2)
    assert o.last(OfferMade).kind == "task"
    o.tell(told.TaskEnded(task="t1", how="withdrawn"))
    assert o.last(OfferEnded).agent == "1001", "his telephone rings no more"
    assert o.last(TaskChanged).what == "withdrawn"
    assert not o.acd.hall.visits
    assert o.acd.hall.book.tasks["t1"].result == "withdrawn"
    offers = len(o.all(OfferMade))
    o.at(3_600)
    assert len(o.all(OfferMade)) == offers


def test_one_that_is_being_talked_about_is_not() -> None:
    o = owed()
    o.at(2)
    o.lift("1001")
    o.tell(told.TaskEnded(task="t1", how="done"))
    assert (o.last(Refused).what, o.last(Refused).why) == ("task", "in_hand")
    assert o.state("1001") == "talking"


def test_one_that_is_over_or_never_was_is_told() -> None:
    o = owed()
    for task in ("t9", "t1", "t1"):
        o.tell(told.TaskEnded(task=task, how="done"))
    assert [refused.why for refused in o.all(Refused)] == ["no_task", "no_task"]
