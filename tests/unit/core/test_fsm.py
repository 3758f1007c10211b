"""The form of state machines: what a table refuses, whom an unpermitted event is blamed on."""

from __future__ import annotations

from typing import Any, ClassVar

import msgspec
import pytest

from firmware.core.fsm import (
    STAY,
    IllegalCommand,
    Machine,
    Order,
    State,
    Table,
    choose,
    mermaid,
)
from firmware.core.timers import Times


class Rings(msgspec.Struct, frozen=True):
    pass


class Lifts(msgspec.Struct, frozen=True):
    answer: str = "talking"


class Stop(Order, frozen=True):
    pass


TABLE = Table(
    "bell",
    State("idle", {Rings: "ringing", Lifts: choose("_lifts", "talking", STAY)}),
    State(
        "ringing",
        {Lifts: choose("_lifts", "talking", "ringing"), Stop: "idle", Rings: "ringing"},
        timer="ring_no_answer",
        expired="idle",
        enter="_start",
        leave="_stop",
    ),
    State("talking", {Stop: "over"}),
    State("over", final=True),
)


class Bell(Machine):
    __slots__ = ()
    TABLE: ClassVar[Table] = TABLE

    def _start(self, _now_ms: int) -> None:
        self.do("start")

    def _stop(self, _now_ms: int) -> None:
        self.do("stop")

    def _lifts(self, event: Lifts, _now_ms: int) -> str:
        self.do("lifted")
        return event.answer


def test_an_event_leads_where_the_table_says() -> None:
    bell = Bell()
    assert bell.handle(Rings(), 0) == ["start"]
    assert bell.state == "ringing"


def test_what_the_old_state_began_is_over_before_the_new_one_begins() -> None:
    bell = Bell()
    bell.handle(Rings(), 0)
    assert bell.handle(Lifts(), 10) == ["stop", "lifted"]


def test_a_handler_that_answers_outside_the_table_is_our_fault() -> None:
    bell = Bell()
    with pytest.raises(IllegalCommand, match=r"_lifts answered 'ringing' in idle"):
        bell.handle(Lifts(answer="ringing"), 0)


def test_an_unpermitted_event_of_the_line_is_counted_and_dropped() -> None:
    bell = Bell()
    bell.handle(Rings(), 0)
    bell.handle(Lifts(), 0)
    assert bell.handle(Rings(), 0) == []
    assert (bell.dropped, bell.state) == (1, "talking")


def test_an_unpermitted_order_raises_and_names_machine_order_and_state() -> None:
    with pytest.raises(IllegalCommand, match="bell: Stop is not permitted in idle"):
        Bell().handle(Stop(), 0)


def test_a_machine_that_has_ended_ignores_everything() -> None:
    bell = Bell()
    bell.handle(Lifts(), 0)
    bell.handle(Stop(), 0)
    assert bell.ended
    assert bell.handle(Stop(), 0) == []
    assert bell.handle(Rings(), 0) == []
    assert bell.dropped == 0


def test_the_timer_of_a_state_runs_from_its_beginning() -> None:
    bell = Bell(Times({"ring_no_answer": 10_000}))
    bell.handle(Rings(), 500)
    assert bell.next_deadline() == 10_500
    assert bell.advance(10_499) == []
    assert bell.state == "ringing"
    assert bell.advance(10_500) == ["stop"]
    assert (bell.state, bell.next_deadline()) == ("idle", None)


def test_a_transition_to_itself_starts_the_timer_anew_and_nothing_else() -> None:
    bell = Bell(Times({"ring_no_answer": 10_000}))
    bell.handle(Rings(), 0)
    assert bell.handle(Rings(), 4_000) == []
    assert bell.next_deadline() == 14_000


def test_staying_leaves_the_state_and_its_timer_alone() -> None:
    bell = Bell()
    assert bell.handle(Lifts(answer=STAY), 0) == ["lifted"]
    assert bell.state == "idle"


def test_each_transition_is_one_line() -> None:
    bell = Bell(Times({"ring_no_answer": 10_000}))
    bell.handle(Rings(), 0)
    bell.advance(10_000)
    assert bell.take_moves() == [
        "bell idle -> ringing on Rings",
        "bell ringing -> idle on after ring_no_answer",
    ]
    assert bell.take_moves() == []


def test_a_resumed_state_has_its_timer_and_not_its_enter_action() -> None:
    bell = Bell(Times({"ring_no_answer": 10_000}))
    bell.resume("ringing", 1_000)
    assert bell.next_deadline() == 11_000
    assert bell.handle(Stop(), 2_000) == ["stop"]


@pytest.mark.parametrize(
    ("states", "complaint"),
    [
        ([State("a", {Rings: "b"})], "no state b"),
        ([State("a"), State("a")], "two states have one name"),
        ([State("a"), State("b")], "nothing leads to b"),
        ([State("a", timer="ring_no_answer")], "a timer needs its expiry"),
        ([State("a", timer="tea", expired="a")], "tea is not in the table"),
        ([State("a", {Rings: "b"}), State("b", {Rings: "a"}, final=True)], "permits nothing"),
    ],
)
def test_a_table_that_cannot_be_right_is_refused_as_it_is_made(
    states: list[State], complaint: str
) -> None:
    with pytest.raises(ValueError, match=complaint):
        Table("wrong", *states)


def test_a_choice_without_answers_is_refused() -> None:
    with pytest.raises(ValueError, match="name at least one state"):
        choose("_lifts")


def test_the_drawing_shows_every_arrow() -> None:
    drawing = mermaid(TABLE)
    for line in (
        "[*] --> idle",
        "idle --> ringing: Rings",
        "idle --> talking: Lifts?",
        "ringing --> idle: Stop, after ring_no_answer",
        "over --> [*]",
    ):
        assert line in drawing, drawing


def test_effects_may_be_anything() -> None:
    bell = Bell()
    bell.do(1, Any)
    assert bell.handle(Rings(), 0) == [1, Any, "start"]
