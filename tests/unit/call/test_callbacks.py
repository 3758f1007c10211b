"""Who waits for whom, and which bells ring when: worked out by hand on a clock of one's own."""

from __future__ import annotations

from datetime import datetime

import msgspec
import pytest

from firmware.call.callbacks import Callbacks, bells
from firmware.core.settings import Extension, Services, Settings

EXPIRES_MS = 1_800_000
PAUSE_MS = 3_000


def test_both_must_be_free_for_the_pause() -> None:
    callbacks = Callbacks()
    callbacks.wait_for("201", "203", 0)
    callbacks.look({"201"}, 1_000, EXPIRES_MS)
    assert callbacks.next_deadline(PAUSE_MS) is None
    callbacks.look({"201", "203"}, 5_000, EXPIRES_MS)
    assert callbacks.next_deadline(PAUSE_MS) == 8_000
    assert callbacks.take_due(7_999, PAUSE_MS) is None
    due = callbacks.take_due(8_000, PAUSE_MS)
    assert due is not None
    assert (due.caller, due.target) == ("201", "203")
    assert callbacks.take_due(9_000, PAUSE_MS) is None, "it is forgotten once taken"


def test_who_lifts_again_in_the_pause_is_waited_for_anew() -> None:
    callbacks = Callbacks()
    callbacks.wait_for("201", "203", 0)
    callbacks.look({"201", "203"}, 1_000, EXPIRES_MS)
    callbacks.look({"201"}, 2_000, EXPIRES_MS)
    callbacks.look({"201", "203"}, 3_500, EXPIRES_MS)
    assert callbacks.take_due(4_000, PAUSE_MS) is None
    assert callbacks.next_deadline(PAUSE_MS) == 6_500


def test_a_wish_counts_once_and_can_be_taken_back() -> None:
    callbacks = Callbacks()
    callbacks.wait_for("201", "203", 0)
    callbacks.wait_for("201", "203", 1_000)
    callbacks.wait_for("202", "203", 2_000)
    assert [w.caller for w in callbacks.waiting] == ["201", "202"]
    callbacks.cancel("201")
    assert [w.caller for w in callbacks.waiting] == ["202"]


def test_a_wish_grows_old() -> None:
    callbacks = Callbacks()
    callbacks.wait_for("201", "203", 0)
    callbacks.look(set(), EXPIRES_MS - 1, EXPIRES_MS)
    assert callbacks.waiting
    callbacks.look({"201", "203"}, EXPIRES_MS, EXPIRES_MS)
    assert not callbacks.waiting


def office(**services: str) -> Settings:
    extension = Extension(number="201", port="fxs/1", services=Services(**services))
    return msgspec.structs.replace(Settings(), extensions=(extension,))


@pytest.mark.parametrize(
    ("since", "rings"),
    [
        ("2026-03-02T06:59:00", "2026-03-02T07:00:00"),
        ("2026-03-02T07:00:00", "2026-03-03T07:00:00"),
        ("2026-03-02T23:59:59", "2026-03-03T07:00:00"),
    ],
)
def test_a_daily_bell_rings_at_its_next_time(since: str, rings: str) -> None:
    (bell,) = bells(office(wake_daily="07:00"), {"201": datetime.fromisoformat(since)})
    assert bell.moment == datetime.fromisoformat(rings)
    assert not bell.once


def test_a_daily_bell_that_nobody_has_noted_yet_does_not_ring() -> None:
    assert list(bells(office(wake_daily="07:00"), {})) == []


@pytest.mark.parametrize(("now", "stale"), [("07:10", False), ("07:11", True)])
def test_a_moment_that_passed_in_a_power_cut_counts_for_ten_minutes(now: str, stale: bool) -> None:
    clock = datetime.fromisoformat(f"2026-03-02T{now}:00")
    (bell,) = bells(office(wake_up="2026-03-02T07:00"), {})
    assert bell.stale(clock) is stale
