"""A thief in the office for 72 hours, at a stolen telephone. His exchange's own bill is counted.

The bill is kept here, apart from the box's counters: every minute begun between digits on a line
and its release, at the price of the number's kind. Prices and cap are the settings' defaults.
"""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from drivers.line import PolarityReversed
from firmware.call.fraud import Counters
from firmware.core.commands import SendDigits
from firmware.core.log_entries import (
    CallClosed,
    CallDialled,
    LimitReached,
    LineReleased,
    LineSeized,
)
from firmware.core.outside_settings import Limits
from firmware.core.settings import Extension, Line, Services, Settings
from tests.unit.desk import PROMPT_MS, Desk

HOUR_MS = 3_600_000
DRILL_MS = 72 * HOUR_MS
PHONES = ("fxs/1", "fxs/2")
# What 1 min costs him who pays the bill, in the settings' own prices.
PRICE = {"0": 30, "1": 30, "6": 10}


def _settings(calls: str = "national", **limits: int) -> Settings:
    return Settings(
        extensions=tuple(
            Extension(number=f"20{n}", port=f"fxs/{n}", calls=calls) for n in range(1, 5)
        ),
        limits=Limits(**limits),
    )


def _price(number: str) -> int:
    return 300 if number.startswith("00") else PRICE[number[0]]


class Bill:
    """What the telephone company will ask for, by the hour of the seizure's minutes."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    def lines(self) -> list[tuple[int, int]]:
        """(when a minute began, its price) of every minute, from the log."""
        number: dict[str, str] = {}
        since: dict[tuple[str, str], int] = {}
        minutes: list[tuple[int, int]] = []
        for entry in self.desk.log:
            match entry:
                case CallDialled(destination=destination):
                    number[entry.call] = destination.rpartition(" ")[2]
                case LineSeized(port=port):
                    since[entry.call, port] = entry.at_ms
                case LineReleased(port=port) if (entry.call, port) in since:
                    begun = since.pop((entry.call, port))
                    each = range(begun, max(entry.at_ms, begun + 1), 60_000)
                    minutes += [(at, _price(number[entry.call])) for at in each]
                case _:
                    pass
        assert not since, "a line is still seized"
        return minutes

    def most_in(self, window_ms: int) -> int:
        """The dearest window of this length."""
        minutes = self.lines()
        return max(
            (
                sum(p for at, p in minutes if begin <= at < begin + window_ms)
                for begin, _ in minutes
            ),
            default=0,
        )


def _call(desk: Desk, phone: str, number: str) -> bool:
    """Dial; whether a line went out."""
    before = len(desk.entries(LineSeized))
    desk.lift(phone)
    desk.key(phone, f"9{number}#", gap_ms=60)
    if len(desk.entries(LineSeized)) == before:
        desk.wait(PROMPT_MS)
        return False
    line = desk.entries(LineSeized)[-1].port
    desk.tone(line, "dial")
    desk.wait(250 + 180 * len(number))
    desk.tone(line, "ringback")
    desk.wait(4_000)
    desk.tell(PolarityReversed(port=line, at_ms=desk.now_ms, reversed=True))
    return True


def _wait_watching(desk: Desk, ms: int, reported_ms: list[int]) -> None:
    """Let time pass while somebody looks at the overview twice a minute."""
    for passed_ms in range(0, ms, 30_000):
        desk.wait(min(30_000, ms - passed_ms))
        said = desk.office.status(desk.now_ms).alarms
        # The first call abroad is reported as well; what counts here is a limit.
        if any("第一个国际电话" not in alarm for alarm in said):
            reported_ms.append(desk.now_ms)


@pytest.mark.parametrize(
    "seed", [1, pytest.param(2, marks=pytest.mark.slow), pytest.param(3, marks=pytest.mark.slow)]
)
@pytest.mark.parametrize(
    "calls", [pytest.param("national", marks=pytest.mark.slow), "international"]
)
def test_a_stolen_telephone_stays_under_the_cap(calls: str, seed: int) -> None:
    settings = _settings(calls)
    desk, dice = Desk.ready(settings), random.Random(seed)
    began_ms = desk.now_ms
    reported_ms: list[int] = []
    off: dict[str, int] = {}
    while desk.now_ms < began_ms + DRILL_MS:
        phone = dice.choice(PHONES)
        if phone in off:
            desk.hang_up(phone)
            del off[phone]
            desk.wait(1_500)
        number = dice.choice(["00882133006552", "0044906123456", "13900139000", "02165529988"])
        out = _call(desk, phone, number)
        off[phone] = 1
        wait_ms = dice.choice([2_000, 60_000, 1_800_000, 7_200_000]) if out else 300_000
        _wait_watching(desk, wait_ms, reported_ms)
    for phone in off:
        desk.hang_up(phone)
    desk.wait(5_000)
    said = f"seed {seed}, {calls}"
    bill = Bill(desk)
    limits = settings.limits
    assert bill.most_in(24 * HOUR_MS) <= limits.money_day, said
    assert sum(price for _, price in bill.lines()) <= 3 * limits.money_day, said
    reached_ms = [entry.at_ms for entry in desk.entries(LimitReached)]
    assert reached_ms, said
    assert reported_ms, said
    assert reported_ms[0] - reached_ms[0] <= 60_000, said
    if calls == "national":
        sent = [e.digits for e in desk.effects if isinstance(e, SendDigits)]
        assert not [digits for digits in sent if digits.startswith("00")], said


@pytest.mark.slow
def test_pulling_the_plug_every_hour_renews_nothing() -> None:
    settings = _settings("international", money_day=3_000, calls_extension=0, minutes_extension=0)
    kept = msgspec.json.encode(Counters())
    spent, wall_ms = 0, 0
    for boot in range(24):
        desk = Desk(settings, first_call=1_000 * boot)
        wall = datetime(2026, 3, 2, tzinfo=UTC) + timedelta(milliseconds=wall_ms)
        counters = msgspec.json.decode(kept, type=Counters)
        desk.office.know_counters(counters, desk.now_ms, wall, f"boot {boot}")
        desk.adopt()
        began_ms = desk.now_ms
        while desk.now_ms < began_ms + HOUR_MS - 200_000:
            if _call(desk, "fxs/1", "0088213300655"):
                desk.wait(100_000)
            desk.hang_up("fxs/1")
            desk.wait(60_000)
        spent += sum(price for _, price in Bill(desk).lines())
        wall_ms += HOUR_MS
        wall += timedelta(milliseconds=desk.now_ms - began_ms)
        desk.office.take_counters(desk.now_ms, wall)
        kept = msgspec.json.encode(desk.office.outside.fraud.counters)
    assert spent <= 3_000
    assert spent > 2_000, "the thief got that far, so the cap is what stopped him"


@pytest.mark.parametrize(
    ("number", "allowed", "seized"),
    [("900882133006552", True, False), ("965529988", False, False), ("965529988", True, True)],
)
def test_forwarding_pays_from_the_telephone_that_forwards(
    number: str, allowed: bool, seized: bool
) -> None:
    """A set forwarded outside is a toll call of that set, and must have been allowed."""
    forwarded = Extension(
        number="201",
        port="fxs/1",
        services=Services(forward_all=number),
        forward_outside=allowed,
    )
    desk = Desk.ready(Settings(extensions=(forwarded,), ring_groups=(), inbound="201"))
    desk.call_in()
    desk.wait(10_000)
    assert bool(desk.entries(LineSeized)) is seized


def test_second_dialling_behind_a_supposed_answer_is_cut_and_reported() -> None:
    desk = Desk.ready(_settings())
    desk.lift("fxs/1")
    desk.key("fxs/1", "90#")
    (line,) = desk.seized
    desk.tone(line, "dial")
    desk.wait(26_000)  # nothing is heard: somebody is taken to have answered
    assert any(
        len(b.parties) > 1 and all(p.talks for p in b.parties) for b in desk.bridges.values()
    )
    pressed_ms = desk.now_ms
    desk.key("fxs/1", "044")
    assert not desk.seized
    assert desk.entries(LimitReached)[0].limit == "second_dialling"
    assert desk.entries(LimitReached)[0].at_ms - pressed_ms <= 60_000
    assert desk.office.status(desk.now_ms).alarms == ("分机 201 试图在通话中续拨受限号码",)


def test_nobody_is_heard_before_the_answer_but_help_hears_at_once() -> None:
    desk = Desk.ready(_settings())
    desk.dial_out()
    (bridge,) = desk.bridges.values()
    assert {p.port: p.talks for p in bridge.parties} == {"fxs/1": False, "fxo/1": True}
    desk.lift("fxs/2")
    desk.key("fxs/2", "110")
    desk.tone("fxo/2", "dial")
    desk.wait(1_500)
    helped = next(b for b in desk.bridges.values() if b is not bridge and len(b.parties) > 1)
    assert all(p.talks for p in helped.parties)


def test_when_all_lines_talk_the_oldest_call_out_gives_way_to_help_and_no_call_for_help_does() -> (
    None
):
    desk = Desk.ready(Settings(lines=(Line(port="fxo/1"), Line(port="fxo/2"))))
    desk.call_in("fxo/1")  # the oldest of all, but the exchange might hold its line
    desk.lift("fxs/1")
    desk.key("fxs/1", "965529988#")
    desk.tone("fxo/2", "dial")
    desk.wait(2_000)
    desk.lift("fxs/2")
    desk.key("fxs/2", "119", gap_ms=0)
    assert desk.plays["fxs/1"].prompts == ("zh-CN/line-fault",)
    assert desk.seized == {"fxo/1"}, "the line is given back in the moment"
    desk.wait(1_000)
    assert desk.seized == {"fxo/1", "fxo/2"}
    desk.tone("fxo/2", "dial")
    desk.wait(2_000)
    assert [e.digits for e in desk.effects if isinstance(e, SendDigits)][-1] == "119"
    desk.lift("fxs/3")
    desk.key("fxs/3", "110")
    desk.wait(1_000)
    desk.tone("fxo/1", "dial")
    desk.wait(2_000)
    assert [e.digits for e in desk.effects if isinstance(e, SendDigits)][-1] == "110"
    desk.lift("fxs/4")
    desk.key("fxs/4", "120")
    desk.wait(20_000)
    assert desk.seized == {"fxo/1", "fxo/2"}
    assert len([c for c in desk.office.calls if c.destination and c.parties.line()]) == 2
    assert [(c.outcome.value, c.detail) for c in desk.entries(CallClosed)] == [
        ("refused", "the line is needed for help"),
        ("refused", "the line is needed for help"),
        ("refused", "no line is free"),
    ]
