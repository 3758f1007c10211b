"""A newcomer's share of the callers: it grows by the week, and nobody waits for it."""

from __future__ import annotations

from datetime import date

import pytest

from firmware.acd import events as told
from firmware.acd.effects import OfferMade
from firmware.acd.newcomers import share_of
from firmware.core.acd_settings import Acd, Agent, Membership, Queue, ShareStep, Strategy
from tests.unit.acd.office import Office, office

MONDAY_MS = 1_793_577_600_000  # 2026-11-02 00:00 UTC
DAY_MS = 86_400_000
STEPS = Acd().newcomers


@pytest.mark.parametrize(
    ("day", "share"),
    [
        ("2026-11-01", 100),  # not here yet: a slip of the keys leaves nobody out
        ("2026-11-02", 25),
        ("2026-11-08", 25),
        ("2026-11-09", 50),
        ("2026-11-16", 75),
        ("2026-11-22", 75),
        ("2026-11-23", 100),
        ("2027-06-01", 100),
    ],
)
def test_the_share_grows_by_the_week(day: str, share: int) -> None:
    person = Agent(number="1001", first_day="2026-11-02")
    assert share_of(person, STEPS, date.fromisoformat(day)) == share


def test_weeks_between_two_steps_keep_the_earlier_share() -> None:
    steps = (ShareStep(week=1, percent=20), ShareStep(week=4, percent=60))
    person = Agent(number="1001", first_day="2026-11-02")
    assert share_of(person, steps, date(2026, 11, 20)) == 20
    assert share_of(person, steps, date(2026, 11, 25)) == 60
    assert share_of(person, steps, date(2026, 11, 30)) == 100
    assert share_of(person, (), date(2026, 11, 3)) == 100


def team(strategy: Strategy, week: int, *, newcomers: int = 1, agents: int = 2) -> Office:
    """The first ones of the list are in their ``week``; linear would ask 1001 every time."""
    queue = Queue(number="300", strategy=strategy, wrap_up_s=0, wrap_up_tone_s=0, callback=False)
    people = tuple(
        Agent(
            number=str(1001 + n),
            queues=(Membership(queue="300"),),
            first_day="2026-11-02" if n < newcomers else "",
        )
        for n in range(agents)
    )
    o = office(agents=people, queues=(queue,))
    offset_ms = MONDAY_MS + (week - 1) * 7 * DAY_MS + 4 * 3_600_000
    o.tell(told.ClockSet(offset_ms=offset_ms, zone_ms=0))
    return o


def served(o: Office, callers: int) -> list[str]:
    """Who was rung for each caller; each conversation is over before the next one comes."""
    found = []
    for n in range(callers):
        o.at(10 * n + 1).call(f"v{n}")
        agents = o.last(OfferMade).agents
        found.append(" ".join(agents))
        o.lift(agents[0])
        o.at(10 * n + 5).hang_up(agents[0])
    return found


@pytest.mark.parametrize(("week", "his"), [(1, 10), (2, 20), (3, 30), (4, 40)])
def test_of_forty_callers_the_first_of_the_list_has_his_share(week: int, his: int) -> None:
    assert served(team("linear", week), 40).count("1001") == his


def test_at_a_quarter_every_fourth_caller_is_his() -> None:
    assert served(team("linear", 1), 8) == ["1002", "1002", "1002", "1001"] * 2


def test_why_he_was_not_rung_is_kept() -> None:
    o = team("linear", 1)
    o.at(1).call("a")
    decision = o.last(OfferMade).decision
    assert decision.named == {"1001": "a newcomer, 25 %", "1002": "free"}


def test_where_everybody_rings_he_rings_along_for_his_share() -> None:
    rung = [set(one.split()) for one in served(team("ring_all", 2, agents=3), 4)]
    without, everybody = {"1002", "1003"}, {"1001", "1002", "1003"}
    assert rung == [without, everybody, without, everybody]


def test_who_is_alone_free_has_every_caller() -> None:
    o = team("longest_idle", 1)
    o.tell(told.PauseAsked(agent="1002", reason="break"))
    for n in range(5):
        o.at(10 * n + 1).call(f"v{n}")
        assert o.last(OfferMade).agents == ("1001",)
        o.lift("1001")
        o.at(10 * n + 5).hang_up("1001")


def test_who_waits_is_taken_by_a_newcomer_who_becomes_free() -> None:
    o = team("linear", 1)
    o.at(1).call("a")
    o.lift("1002")
    o.at(2).call("b")
    assert o.last(OfferMade).agents == ("1001",), "nobody else is free"
    o.lift("1001")
    o.at(3).call("c")
    o.at(60).hang_up("1001")
    assert (o.last(OfferMade).visit, o.last(OfferMade).agents) == ("c", ("1001",))


def test_two_newcomers_by_themselves_leave_nobody_waiting() -> None:
    rung = served(team("linear", 1, newcomers=2), 8)
    assert rung == ["1002", "1002", "1002", "1001"] * 2
