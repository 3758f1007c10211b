"""Rules of queues, one by one, as people would notice them. Every event checks all invariants."""

from __future__ import annotations

from typing import Any

import msgspec

from firmware.acd import events as told
from firmware.acd.effects import (
    Alarm,
    Announce,
    Connected,
    Entered,
    OfferMade,
    PauseOver,
    Refused,
    TaskChanged,
    VisitEnded,
)
from firmware.acd.journal import Journal, capture, power_cut, read
from firmware.acd.wait_estimate import band_of, callback_due, expected_ms, tell
from firmware.core.acd_settings import Acd, Agent, FloorStep, Membership, Overflow, Queue, check_acd
from firmware.core.pin import pin_fits, pin_hash
from tests.unit.acd.office import office, people

A, B, C = "1001", "1002", "1003"
WALL_MS = 1_790_000_000_000 // 86_400_000 * 86_400_000 + 4 * 3_600_000  # noon in Beijing


def _agent(number: str, level: int = 5, queue: str = "300", **more: Any) -> Agent:
    member = Membership(queue=queue, level=level)
    return Agent(number=number, queues=(member,), **more)


# --- order and skill ----------------------------------------------------------------------------


def test_a_high_caller_passes_a_medium_one_who_waits_less_than_two_minutes_longer() -> None:
    o = office(1)
    o.at(0).call("first")
    o.lift(A)
    o.at(10).call("medium")
    o.at(129).call("high", caller_class="high")
    o.at(140).hang_up(A)
    o.tell(told.ReadyAsked(agent=A))
    assert o.last(OfferMade).visit == "high"
    o = office(1)
    o.at(0).call("first")
    o.lift(A)
    o.at(10).call("medium")
    o.at(131).call("high", caller_class="high")
    o.at(140).hang_up(A)
    o.tell(told.ReadyAsked(agent=A))
    assert o.last(OfferMade).visit == "medium"


def test_the_wanted_level_sinks_while_the_caller_waits() -> None:
    floors = (
        FloorStep(after_s=0, level=8),
        FloorStep(after_s=20, level=5),
        FloorStep(after_s=40, level=2),
    )
    queue = Queue(number="300", floors=floors)
    o = office(queues=(queue,), agents=(_agent(A, 3), _agent(B, 6)))
    o.at(0).call("a")
    assert not o.all(OfferMade)
    assert not o.at(19.9).all(OfferMade)
    assert o.at(20).last(OfferMade).agents == (B,)
    assert o.last(OfferMade).decision.named == {A: "level 3 below 5", B: "free"}
    o.lift(B)
    o.at(30).call("b")
    assert o.at(69).last(OfferMade).visit == "a"
    assert o.at(70).last(OfferMade).agents == (A,)


def test_a_language_narrows_the_choice_for_a_minute() -> None:
    o = office(agents=(_agent(A), _agent(B, skills={"yue": 7})))
    o.at(0).call("x", skills=("yue",))
    assert o.last(OfferMade).agents == (B,)
    o.lift(B)
    o.at(5).call("y", skills=("yue",))
    assert len(o.at(64).all(OfferMade)) == 1
    assert o.at(65).last(OfferMade).agents == (A,)


def test_an_agent_of_two_queues_takes_the_longest_wait_times_the_weight() -> None:
    queues = (Queue(number="300", weight=1), Queue(number="301", weight=3))
    both = (Membership(queue="300"), Membership(queue="301"))
    o = office(queues=queues, agents=(Agent(number=A, queues=both),))
    o.at(0).call("x")
    o.lift(A)
    o.at(10).call("light")  # at 100 s: 90 s of waiting
    o.at(69).call("heavy", queue="301")  # 31 s times 3 are 93
    o.at(100).hang_up(A)
    o.tell(told.ReadyAsked(agent=A))
    assert o.last(OfferMade).visit == "heavy"


def test_who_asks_for_an_agent_waits_for_him_and_then_for_anybody() -> None:
    o = office(2)
    o.at(0).call("x")
    o.lift(A)
    o.at(5).call("y", wants=A)
    assert len(o.at(24).all(OfferMade)) == 1
    assert o.at(25).last(OfferMade).agents == (B,)


def test_the_agent_who_served_a_caller_last_gets_him_again_if_he_is_free() -> None:
    o = office(2)
    o.at(0).call("x", number="13800138000")
    o.lift(A)
    o.at(10).hang_up(A)
    o.tell(told.ReadyAsked(agent=A))
    o.at(400).call("y", number="13800138000")
    assert o.last(OfferMade).agents == (A,)  # B is idle for longer
    assert o.last(OfferMade).decision.rule == "last_served"


# --- VIPs ---------------------------------------------------------------------------------------


def test_a_vip_rings_second_choice_at_10_s_and_alarms_at_15() -> None:
    queue = Queue(number="300", vip_overflow="flow:mobile")
    o = office(queues=(queue,), agents=(_agent(A), _agent(B, 0)))
    o.at(0).call("vip", caller_class="vip")
    assert o.last(OfferMade).agents == (A,)
    assert len(o.at(9.9).all(OfferMade)) == 1
    assert o.at(10).last(OfferMade).agents == (B,)
    assert o.last(OfferMade).decision.rule == "second_choice"
    o.at(15)
    assert o.last(Alarm).what == "vip_waits"
    assert o.last(VisitEnded).to == "flow:mobile"
    assert o.state(A) == o.state(B) == "ready"


# --- refusal, overflow, leaving -----------------------------------------------------------------


def test_nobody_is_let_into_an_empty_queue_unless_it_says_so() -> None:
    o = office(1, queues=(Queue(number="300", when_empty="flow:closed"),), log_in=False)
    o.call("a")
    assert (o.last(VisitEnded).outcome, o.last(VisitEnded).to) == ("no_agent", "flow:closed")
    o = office(1, log_in=False)
    o.call("a")
    assert o.last(Entered).position == 1


def test_the_last_agent_stays_unless_there_is_a_fall_back_or_a_supervisor_says_so() -> None:
    o = office(2, queues=(Queue(number="300"),))
    o.tell(told.LoggedOut(agent=A))
    o.tell(told.LoggedOut(agent=B))
    assert (o.last(Refused).why, o.last(Refused).about) == ("last_agent", "300")
    assert o.state(B) == "ready"
    o.tell(told.LoggedOut(agent=B, by="1900"))
    assert o.state(B) == "logged_out"
    assert o.last(Alarm).what == "queue_without_agents"
    o = office(1, queues=(Queue(number="300", when_empty="201"),))
    o.tell(told.PauseAsked(agent=A, reason="break"))
    o.at(5).call("a")
    o.tell(told.LoggedOut(agent=A))
    assert o.state(A) == "logged_out"
    assert (o.last(VisitEnded).outcome, o.last(VisitEnded).to) == ("no_agent", "201")


def test_overflow_by_length_by_wait_and_by_lines() -> None:
    rules = (
        Overflow(when="length", limit=2, to="201"),
        Overflow(when="waited", limit=60, to="301"),
        Overflow(when="lines_busy", limit=0, to="flow:short"),
    )
    queues = (Queue(number="300", overflow=rules), Queue(number="301", join_empty=True))
    o = office(1, queues=queues)
    o.at(0).call("talks")
    o.lift(A)
    o.at(1).call("a")
    o.at(2).call("b")
    o.call("c")
    assert (o.last(VisitEnded).visit, o.last(VisitEnded).to) == ("c", "201")
    o.at(61)
    assert (o.last(VisitEnded).visit, o.last(VisitEnded).to) == ("a", "301")
    assert o.acd.hall.visits["a"].queue == "301"
    assert o.acd.hall.visits["a"].since_ms == 1_000  # his wait goes on
    o.tell(told.LinesFree(lines=0))
    o.call("d")
    assert o.last(VisitEnded).to == "flow:short"


# --- what callers hear --------------------------------------------------------------------------


def test_the_wait_is_computed_from_places_service_and_agents() -> None:
    # 3 ahead and himself, 120 s each, 2 agents: 240 s.
    assert expected_ms(3, 120_000, 2) == 240_000
    assert expected_ms(3, 120_000, 0) is None
    # He gained one place in 100 s and has two to go: not less than 200 s.
    assert expected_ms(1, 60_000, 2, waited_ms=100_000, gained=1) == 200_000
    assert [band_of(s * 1_000) for s in (60, 61, 180, 181, 300, 301)] == [0, 1, 1, 2, 2, 3]


def test_a_position_is_said_when_better_and_a_longer_wait_with_an_apology() -> None:
    worse = tell(4, 250_000, said_position=3, said_band=1, callback=False)
    assert (worse.position, worse.band, worse.apology) == (0, 2, True)
    better = tell(2, 100_000, said_position=3, said_band=1, callback=False)
    assert (better.position, better.band, better.apology) == (2, 1, False)
    same = tell(3, 100_000, said_position=3, said_band=1, callback=False)
    assert (same.position, same.band) == (0, -1)


def test_a_callback_is_offered_the_earlier_the_fewer_lines_are_free() -> None:
    assert callback_due(1_000, 0, 120_000, offered=False)
    assert callback_due(1_000, 1, 120_000, offered=False)
    assert not callback_due(29_000, 2, 120_000, offered=False)
    assert callback_due(30_000, 2, 120_000, offered=False)
    assert not callback_due(119_000, 3, 120_000, offered=False)
    assert callback_due(120_000, 3, 120_000, offered=False)
    assert not callback_due(999_000, 0, 120_000, offered=True)


def test_a_caller_hears_his_place_once_until_it_improves() -> None:
    o = office(1, queues=(Queue(number="300", callback=False, announce_s=15, comfort_s=600),))
    o.at(0).call("x")
    o.lift(A)
    o.at(1).call("a")
    o.at(2).call("b")
    assert o.last(Entered).position == 2
    o.at(40)
    assert not [e for e in o.all(Announce) if e.visit == "b" and e.position]
    o.clear("a")
    o.at(70)
    said = [e.position for e in o.all(Announce) if e.visit == "b" and e.position]
    assert said == [1]


# --- callbacks, tasks, redial -------------------------------------------------------------------


def test_a_callback_keeps_its_place_and_is_dialled_when_an_agent_lifts() -> None:
    o = office(1)
    o.tell(told.ClockSet(offset_ms=WALL_MS))
    o.at(0).call("x")
    o.lift(A)
    o.at(5).call("a", number="13800138001")
    o.at(6).call("b", number="13800138002")
    o.at(10).tell(told.CallbackAsked(visit="a", number="13800138001"))
    assert o.last(VisitEnded).outcome == "callback"
    o.at(30).hang_up(A)
    o.tell(told.ReadyAsked(agent=A))
    assert o.last(OfferMade).kind == "callback"  # before b, who waits on the line
    o.lift(A)
    assert o.last(Connected).number == "13800138001"
    o.tell(told.TaskAttempted(agent=A, result="reached"))
    o.at(60).hang_up(A)
    assert o.state(A) == "wrap_up"
    assert [t.state for t in o.acd.hall.book.tasks.values()] == ["done"]


def test_one_callback_per_number_and_it_is_done_when_he_calls_himself() -> None:
    o = office(1)
    o.tell(told.ClockSet(offset_ms=WALL_MS))
    o.at(0).call("x")
    o.lift(A)
    for name in ("a", "b"):
        o.call(name, number="13800138001")
        o.tell(told.CallbackAsked(visit=name, number="13800138001"))
    assert o.last(Refused).why == "open_already"
    o.at(20).hang_up(A)
    o.tell(told.PauseAsked(agent=A, reason="break"))
    o.tell(told.TaskOpened(kind="missed_call", number="13800138001"))
    assert o.last(Refused).why == "open_already"
    o.tell(told.CallerLeaves(visit="b", how="menu"))
    o.call("c", number="13800138001", caller_class="vip")
    o.tell(told.ReadyAsked(agent=A))
    assert o.last(OfferMade).visit == "c"
    o.lift(A)
    assert o.last(TaskChanged).what == "called_again"


def test_a_callback_that_nobody_answers_is_tried_again_and_given_up() -> None:
    o = office(1)
    o.tell(told.ClockSet(offset_ms=WALL_MS))
    o.tell(told.TaskOpened(kind="callback", number="13800138001", queue="300"))
    due = []
    for _ in range(3):
        while not o.acd.hall.offers:
            o.at(o.now_ms / 1_000 + 10)
        due.append(o.now_ms // 60_000)
        o.lift(A)
        o.tell(told.TaskAttempted(agent=A, result="no_answer"))
    assert due[1] - due[0] in {30, 31}
    assert due[2] - due[1] in {120, 121}
    assert o.last(Alarm).what == "task_failed"


def test_a_promise_waits_for_its_owner_and_climbs_when_it_is_late() -> None:
    o = office(2)
    o.tell(told.ClockSet(offset_ms=WALL_MS))
    promise = told.TaskOpened(kind="promise", number="139", owner=A, queue="300", in_ms=600_000)
    o.tell(promise)
    o.tell(told.PauseAsked(agent=A, reason="meeting"))
    assert not o.at(599).all(OfferMade)
    assert o.at(601).last(TaskChanged).what in {"due", "level_1"}
    o.at(1_600)
    assert o.last(Alarm).what == "task_late"
    assert o.last(OfferMade).agents == (B,)


def test_tasks_leave_a_reserve_and_come_after_callers() -> None:
    o = office(2, queues=(Queue(number="300", reserve=1, join_empty=True),))
    o.tell(told.ClockSet(offset_ms=WALL_MS))
    o.tell(told.PauseAsked(agent=B, reason="break"))
    o.tell(told.TaskOpened(kind="follow_up", number="139", queue="300"))
    o.at(5)
    assert not o.all(OfferMade)  # A is the only one who is free
    o.tell(told.ReadyAsked(agent=B))
    assert o.last(OfferMade).kind == "task"


def test_a_missed_call_is_owed_unless_the_number_was_withheld() -> None:
    o = office(1)
    o.tell(told.ClockSet(offset_ms=WALL_MS))
    o.at(0).call("x")
    o.lift(A)
    o.call("a", number="13800138001")
    o.call("b")
    o.at(20).clear("a")
    o.clear("b")
    assert [t.kind for t in o.acd.hall.book.tasks.values()] == ["missed_call"]


def test_calling_again_soon_brings_the_old_place_back() -> None:
    o = office(1)
    o.at(0).call("x")
    o.lift(A)
    o.at(1).call("a", number="13800138001")
    o.at(2).call("b", number="13800138002")
    o.at(60).clear("a")
    o.at(120).call("a2", number="13800138001")
    assert o.last(Entered).again
    assert o.last(Entered).position == 1
    o.at(130).clear("b")
    o.at(431).call("b2", number="13800138002")  # 301 s later
    assert not o.last(Entered).again


# --- agents -------------------------------------------------------------------------------------


def test_two_misses_pause_and_a_third_is_not_tried() -> None:
    o = office(1)
    o.at(0).call("a")
    o.at(100)
    assert o.state(A) == "paused"
    assert o.acd.hall.agents[A].record.pause == "missed"
    assert len(o.all(OfferMade)) == 2
    o.tell(told.ReadyAsked(agent=A))
    assert o.at(106).state(A) == "offered"


def test_a_pause_asked_in_a_conversation_comes_after_its_wrap_up() -> None:
    o = office(1)
    o.call("a")
    o.lift(A)
    o.tell(told.PauseAsked(agent=A, reason="break"))
    assert o.state(A) == "talking"
    o.at(10).hang_up(A)
    assert o.state(A) == "wrap_up"
    o.tell(told.WrapUpDone(agent=A, result="1"))
    assert o.state(A) == "paused"


def test_the_budget_of_a_pause_is_of_the_day() -> None:
    o = office(1)
    o.tell(told.PauseAsked(agent=A, reason="breather"))  # 900 s a day
    o.at(600).tell(told.ReadyAsked(agent=A))
    o.at(1_000).tell(told.PauseAsked(agent=A, reason="breather"))
    assert not o.at(1_299).all(PauseOver)
    assert o.at(1_300).last(PauseOver).reason == "breather"


def test_a_set_off_its_hook_is_not_rung_and_is_reported() -> None:
    o = office(1)
    o.tell(told.SetTaken(agent=A))
    o.call("a")
    assert not o.at(299).all(OfferMade)
    assert "set_off_hook" in [alarm.what for alarm in o.at(300).all(Alarm)]
    o.tell(told.SetFree(agent=A))
    assert o.last(OfferMade).agents == (A,)


def test_waiting_alarms_name_whom_to_call_to_work() -> None:
    o = office(2)
    o.tell(told.PauseAsked(agent=B, reason="break"))
    o.call("x")
    o.lift(A)
    o.call("a")
    alarm = o.at(60).last(Alarm)
    assert (alarm.what, alarm.about) == ("long_wait", "300")
    assert alarm.advice == ("recall:1002:break", "more:1")


def test_a_supervisor_moves_an_agent_until_he_logs_out() -> None:
    queues = (Queue(number="300", join_empty=True), Queue(number="301", join_empty=True))
    o = office(1, queues=queues)
    o.call("a", queue="301")
    assert not o.all(OfferMade)
    o.tell(told.AgentMoved(agent=A, queue="301", level=5, by="1900"))
    assert o.last(OfferMade).visit == "a"
    o.clear("a")
    o.tell(told.LoggedOut(agent=A, by="1900"))
    o.log_in(A)
    o.call("b", queue="301")
    assert o.state(A) == "ready"


# --- continuity ---------------------------------------------------------------------------------


def test_a_restart_changes_nothing_and_a_torn_line_is_dropped() -> None:
    o = office(2)
    journal = Journal("boot-1")
    lines = [journal.line(o.acd, None, o.now_ms)[1]]
    for event in (
        told.CallerEnters(visit="a", queue="300", number="13800138001"),
        told.AgentLifted(agent=A),
        told.CallerEnters(visit="b", queue="300"),
        told.PauseAsked(agent=B, reason="break"),
        told.CallerEnters(visit="c", queue="300", caller_class="vip"),
    ):
        o.tell(event)
        lines.append(journal.line(o.acd, event, o.now_ms)[1])
    found, _ = read(o.acd.hall.acd, [*lines, lines[-1][:20]])
    assert found is not None
    assert msgspec.json.encode(capture(found, 0, "")) == msgspec.json.encode(capture(o.acd, 0, ""))


def test_after_a_power_cut_every_caller_becomes_a_task_and_agents_are_where_they_were() -> None:
    o = office(2)
    o.tell(told.ClockSet(offset_ms=WALL_MS))
    o.call("talks", number="13800138001")
    o.lift(A)
    o.tell(told.PauseAsked(agent=B, reason="lunch"))
    o.at(30).call("waits", number="13800138002")
    kept = capture(o.acd, 40_000, "boot-1")
    again, effects = power_cut(o.acd.hall.acd, kept, 5_000, "boot-2", WALL_MS + 120_000)
    assert [e.outcome for e in effects if isinstance(e, VisitEnded)] == ["power_cut"]
    assert {t.number for t in again.hall.book.tasks.values()} == {"13800138001", "13800138002"}
    assert {n: a.state for n, a in again.hall.agents.items()} == {A: "ready", B: "paused"}
    assert again.hall.agents[A].record.port == "fxs/1001"
    made = [e for e in again.advance(6_000) if isinstance(e, OfferMade)]
    assert [e.kind for e in made] == ["task"]


# --- settings and PINs --------------------------------------------------------------------------


def test_settings_that_cannot_be_are_named() -> None:
    queue = Queue(
        number="300",
        wrap_up_s=60,
        when_empty="300",
        overflow=(Overflow(when="length", to="999"),),
        floors=(FloorStep(after_s=0, level=3), FloorStep(after_s=10, level=5)),
    )
    found: dict[str, str] = {}
    acd = Acd(queues=(queue,), agents=(*people(1, queue="301"), _agent("7")))
    check_acd(acd, {"300"}, lambda path, which, _value, _limit: found.setdefault(path, which))
    assert found == {
        "acd.queues.0.when_empty": "overflow-itself",
        "acd.queues.0.overflow.0.to": "place-unknown",
        "acd.queues.0.floors.1": "floors-order",
        "acd.queues.0.wrap_up_tone_s": "wrap-up-tone",
        "acd.agents.0.queues.0": "queue-unknown",
        "acd.agents.1.number": "agent-form",
    }


def test_a_kept_pin_tells_nothing_and_fits_only_itself() -> None:
    kept = pin_hash("4711", bytes(range(16)))
    assert "4711" not in kept
    assert pin_fits("4711", kept)
    assert not pin_fits("4712", kept)
    assert not pin_fits("4711", "broken")
    assert pin_fits("", "")
