"""What holds whatever happens in whatever order."""

from __future__ import annotations

import random

from hypothesis import given, settings
from hypothesis import strategies as st

from firmware.acd import events as told
from firmware.acd.effects import Connected, OfferMade
from firmware.acd.lineup import PATIENCE_MS, Lineup
from firmware.acd.visit import Visit
from firmware.core.acd_settings import Acd, Queue
from tests.unit.acd.office import Office, people

CLASSES = ("vip", "high", "medium", "low")

actions = st.lists(
    st.tuples(
        st.sampled_from(
            ["call", "lift", "end", "clear", "pause", "ready", "taken", "free", "out", "in", "wait"]
        ),
        st.integers(0, 5),
        st.sampled_from(CLASSES),
    ),
    max_size=60,
)


def _play(steps: list[tuple[str, int, str]]) -> Office:
    queue = Queue(number="300", wrap_up_s=20, wrap_up_tone_s=10, join_empty=True)
    office = Office(Acd(queues=(queue,), agents=people(3)))
    office.log_in("1001", "1002", "1003")
    calls = 0
    for what, which, worth in steps:
        agent = str(1001 + which % 3)
        if what == "call":
            calls += 1
            office.call(f"c{calls}", caller_class=worth)
        elif what == "clear" and f"c{which}" in office.acd.hall.visits:
            office.clear(f"c{which}")
        elif what == "wait":
            office.at(office.now_ms / 1000 + 7 * (which + 1))
        else:
            event = {
                "lift": lambda a=agent: told.AgentLifted(agent=a),
                "end": lambda a=agent: told.TalkEnded(agent=a),
                "pause": lambda a=agent: told.PauseAsked(agent=a, reason="break"),
                "ready": lambda a=agent: told.ReadyAsked(agent=a),
                "taken": lambda a=agent: told.SetTaken(agent=a),
                "free": lambda a=agent: told.SetFree(agent=a),
                "out": lambda a=agent: told.LoggedOut(agent=a),
                "in": lambda a=agent: told.LoggedIn(agent=a, port=f"fxs/{a}"),
            }.get(what)
            if event is None:
                continue
            if what == "taken" and office.state(agent) == "offered":
                continue  # lifting a set that rings is the answer
            before = {n: (office.state(n), x.set_state) for n, x in office.acd.hall.agents.items()}
            for effect in office.tell(event()):
                if isinstance(effect, OfferMade):
                    for rung in effect.agents:
                        assert before[rung][0] != "talking" or rung == agent
    return office


@settings(max_examples=60, deadline=None)
@given(actions)
def test_invariants_hold_and_a_caller_is_accepted_once(steps: list[tuple[str, int, str]]) -> None:
    office = _play(steps)  # every event is followed by the check of all invariants
    connected = [effect.visit for effect in office.all(Connected)]
    assert len(connected) == len(set(connected))


@settings(max_examples=60, deadline=None)
@given(actions)
def test_nobody_waits_for_ever(steps: list[tuple[str, int, str]]) -> None:
    office = _play(steps)
    hall = office.acd.hall
    for number, agent in hall.agents.items():
        office.tell(told.SetFree(agent=number))
        if agent.state == "logged_out":
            office.log_in(number)
        office.tell(told.ReadyAsked(agent=number))
    for _ in range(400):
        if not any(v.state != "talking" for v in hall.visits.values()):
            break
        for number, agent in hall.agents.items():
            if agent.state == "offered":
                office.lift(number)
            if agent.state in {"talking", "hold"}:
                office.hang_up(number)
            office.tell(told.SetFree(agent=number))
        office.at(office.now_ms / 1000 + 21)
    assert not [v.id for v in hall.visits.values() if v.state != "talking"]


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 900_000), st.sampled_from(CLASSES)), max_size=40))
def test_the_order_is_total_and_stable(comers: list[tuple[int, str]]) -> None:
    bonus = {"high": 240_000, "medium": 120_000, "low": 0, "vip": 0}
    visits = [
        Visit(
            id=f"c{n}",
            queue="300",
            caller_class=worth,
            entered_ms=at,
            since_ms=at,
            order_ms=at - bonus[worth],
            seq=n,
        )
        for n, (at, worth) in enumerate(comers)
    ]
    ranks = [visit.rank for visit in visits]
    assert len(set(ranks)) == len(ranks)
    shuffled = visits[:]
    random.Random(len(visits)).shuffle(shuffled)
    orders = []
    for arranged in (visits, shuffled):
        lineup = Lineup()
        for visit in arranged:
            lineup.add(visit)
        order = []
        while (found := lineup.best("1001", {("300",): 5}, {"300": 1}, 300_000)) is not None:
            order.append(found)
            lineup.remove(visits[int(found[1:])])
        orders.append(order)
    assert orders[0] == orders[1]


def test_three_vips_pass_one_who_is_out_of_patience_and_no_fourth() -> None:
    lineup = Lineup()
    old = Visit(id="old", queue="300", entered_ms=0, since_ms=0, order_ms=0, seq=0)
    lineup.add(old)
    now_ms = PATIENCE_MS + 1
    served = []
    for n in range(1, 7):
        vip = Visit(
            id=f"vip{n}",
            queue="300",
            caller_class="vip",
            entered_ms=now_ms,
            since_ms=now_ms,
            order_ms=now_ms,
            seq=n,
        )
        lineup.add(vip)
        found = lineup.best("1001", {("300",): 5}, {"300": 1}, now_ms)
        served.append(found)
        if found == "old":
            break
        lineup.remove(vip)
    assert served == ["vip1", "vip2", "vip3", "old"]
