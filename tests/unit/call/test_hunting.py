"""The way of a call through a group whose telephones ring one after the other."""

from __future__ import annotations

from firmware.call.hunting import Hunt
from firmware.call.routing import in_turn
from firmware.core.settings import Extension, RingGroup

A, B, C = (Extension(number=f"20{n}", port=f"fxs/{n}") for n in (1, 2, 3))
GROUP = RingGroup(number="210", members=("201", "202", "203"), strategy="rotating")


def test_each_has_a_turn_and_after_the_last_it_begins_anew():
    hunt = Hunt("210")
    assert [hunt.next((A, B, C)) for _ in range(4)] == [(A,), (B,), (C,), (A,)]


def test_who_is_busy_is_passed_over_and_nobody_free_is_nobody():
    hunt = Hunt("210")
    assert hunt.next((A, C)) == (A,)
    assert hunt.next((B, C)) == (B,)
    assert hunt.next((A, B)) == (A,), "both had their turn: it begins anew"
    assert hunt.next(()) == ()


def test_the_call_gives_up_as_first_wanted_however_many_have_had_a_turn():
    hunt = Hunt("210")
    assert hunt.patience(61_000, now_ms=1_000) == 61_000
    assert hunt.patience(76_000, now_ms=16_000) == 61_000
    assert not hunt.over(60_999)
    assert hunt.over(61_000)
    assert hunt.patience(121_000, now_ms=61_000) == 121_000, "a line nobody answered rings on"


def test_rotation_begins_behind_the_first_of_the_last_call():
    assert [in_turn((A, B, C), GROUP, turn)[0] for turn in range(4)] == [A, B, C, A]
    assert in_turn((A, C), GROUP, 1) == (C, A)
