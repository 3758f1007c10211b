"""A caller who is handed to an outside number: two exchange lines that talk with nobody of ours."""

from __future__ import annotations

import msgspec
import pytest

from drivers.line import LoopCurrentLost, LoopOpened, PolarityReversed
from firmware.call.fraud import Counters, Fraud
from firmware.core.log_entries import LimitReached, LineReleased, LineSeized
from firmware.core.outside_settings import Limits
from firmware.core.settings import Settings
from tests.unit.desk import PROMPT_MS, Desk

MINUTE_MS = 60_000
NATIONAL = 30  # a minute begun, by the settings' own prices


def handed_over(**limits: int) -> Desk:
    """201 has answered a caller on line 1, asked outside on line 2, and hung up behind them."""
    desk = Desk.ready(Settings(limits=Limits(**limits)))
    desk.talk_inbound()
    ask_outside(desk)
    desk.hang_up("fxs/1")
    return desk


def ask_outside(desk: Desk) -> None:
    desk.wait(1_000)
    desk.tell(LoopOpened(port="fxs/1", at_ms=desk.now_ms))
    desk.wait(100)
    desk.lift("fxs/1")
    desk.wait(300)
    desk.key("fxs/1", "9013900139000#", gap_ms=60)
    desk.tone("fxo/2", "dial")
    desk.wait(250 + 180 * 12)
    desk.wait(2_000)
    desk.tell(PolarityReversed(port="fxo/2", at_ms=desk.now_ms, reversed=True))
    desk.wait(1_000)


def test_its_minutes_and_its_money_are_counted_while_the_two_lines_talk() -> None:
    desk = handed_over()
    fraud = desk.office.outside.fraud
    assert ("fxo/1", "fxo/2") in desk.joined
    began_ms = desk.only(LineSeized).at_ms
    desk.wait(began_ms + 10 * MINUTE_MS - desk.now_ms)
    assert fraud.minutes("201") == 11, "the eleventh has begun"
    assert fraud.minutes("fxo/2") == 11
    assert fraud.money(24) == 11 * NATIONAL


@pytest.mark.parametrize(
    ("limits", "limit", "minutes"),
    [
        ({"money_day": 100}, "money_day", 3),
        ({"money_month": 100}, "money_month", 3),
        ({"longest_min": 5}, "longest_min", 5),
    ],
)
def test_it_is_cut_at_the_cap_and_told(limits: dict[str, int], limit: str, minutes: int) -> None:
    desk = handed_over(**limits)
    began_ms = desk.only(LineSeized).at_ms
    desk.wait(30 * MINUTE_MS)
    released = [e for e in desk.entries(LineReleased) if e.port == "fxo/2"]
    assert [e.at_ms - began_ms for e in released] == [minutes * MINUTE_MS]
    assert desk.only(LimitReached).limit == limit
    assert desk.seized == set(), "neither line stays taken"
    assert desk.office.status(desk.now_ms).alarms
    assert desk.office.outside.fraud.counters.running == {}


def test_the_caller_clears_and_nothing_is_counted_any_more() -> None:
    desk = handed_over()
    fraud = desk.office.outside.fraud
    desk.wait(MINUTE_MS)
    desk.tell(LoopCurrentLost(port="fxo/1", at_ms=desk.now_ms))
    desk.wait(5_000)
    assert desk.seized == set()
    counted = fraud.minutes("201")
    desk.wait(20 * MINUTE_MS)
    assert fraud.minutes("201") == counted
    assert fraud.counters.running == {}


def test_two_calls_out_joined_into_one_are_both_paid_and_both_cut() -> None:
    desk = Desk.ready(Settings(limits=Limits(money_day=200, at_once_extension=2)))
    desk.dial_out("9013800138000")
    desk.tell(PolarityReversed(port="fxo/1", at_ms=desk.now_ms, reversed=True))
    desk.wait(1_000)
    ask_outside(desk)
    desk.hang_up("fxs/1")
    assert ("fxo/1", "fxo/2") in desk.joined
    desk.wait(PROMPT_MS + 20 * MINUTE_MS)
    assert desk.seized == set()
    assert desk.office.outside.fraud.money(24) == 6 * NATIONAL, "three minutes of either line"


def test_counters_of_an_earlier_version_go_on() -> None:
    kept = (
        b'{"age_ms":90000,"boot":"b","running":{"7":{"extension":"201","line":"fxo/2",'
        b'"kind":"national","price":30,"since_age_ms":0,"minutes":2}}}'
    )
    fraud = Fraud(Limits(money_day=20), msgspec.json.decode(kept, type=Counters))
    fraud.begin(1_000, 0, "b")
    fraud.tick(1_000)
    fraud.tick(31_000)
    assert [(call, why.limit) for call, why in fraud.due()] == [("7", "money_day")]
