"""Supervision of an exchange line, fed sample by sample."""

from __future__ import annotations

import random

import pytest

from drivers.line import (
    AnyLineEvent,
    LineFree,
    LineInUse,
    LoopCurrentLost,
    LoopCurrentReturned,
    PolarityReversed,
    RingStarted,
    RingStopped,
)
from drivers.si3050.supervision import LineSample, Supervision
from tests.unit.drivers.rig import short


class Line:
    """Feeds a supervision at every poll of a grid."""

    def __init__(self, step_ms: int = 10, **settings: float) -> None:
        self.watched = Supervision("fxo/1", **settings)
        self.now_ms = 10_000
        self.step_ms = step_ms
        self.off_hook = False
        self.line_v = 48
        self.loop_ma = 0.0
        self.edge = False
        self.valid = False
        self.hold(1000)

    def hold(self, ms: int) -> list[AnyLineEvent]:
        found: list[AnyLineEvent] = []
        for _ in range(max(1, ms // self.step_ms)):
            self.now_ms += self.step_ms
            found += self.watched.observe(
                LineSample(
                    self.now_ms, self.off_hook, self.edge, self.valid, self.line_v, self.loop_ma
                )
            )
        return found

    def seize(self) -> None:
        self.watched.seized(self.now_ms, 650)
        self.off_hook, self.line_v, self.loop_ma = True, 9, 25.0
        assert self.hold(1000) == []


@pytest.mark.parametrize("step_ms", [5, 10])
@pytest.mark.parametrize("length_ms", [90, 100, 150, 500, 2000])
def test_a_loop_break_of_90_ms_to_2_s_is_seen(step_ms: int, length_ms: int) -> None:
    line = Line(step_ms)
    line.seize()
    line.loop_ma = 0.0
    began = line.now_ms
    events = line.hold(length_ms)
    line.loop_ma = 25.0
    events += line.hold(100)
    lost, returned = events
    assert isinstance(lost, LoopCurrentLost)
    assert 0 <= lost.at_ms - began <= step_ms
    assert isinstance(returned, LoopCurrentReturned)
    assert abs(returned.gap_ms - length_ms) <= step_ms


@pytest.mark.parametrize("step_ms", [5, 10])
@pytest.mark.parametrize("length_ms", [10, 30, 50, 60])
def test_a_break_of_60_ms_or_less_is_none(step_ms: int, length_ms: int) -> None:
    line = Line(step_ms)
    line.seize()
    line.loop_ma = 0.0
    events = line.hold(length_ms)
    line.loop_ma = 25.0
    assert events + line.hold(200) == []


def test_the_minimum_current_is_configurable() -> None:
    line = Line(minimum_ma=8.0)
    line.seize()
    line.loop_ma = 7.0
    assert short(line.hold(200)) == ["fxo/1 LoopCurrentLost"]


def test_current_is_not_expected_while_the_loop_settles() -> None:
    line = Line()
    line.watched.seized(line.now_ms, 650)
    line.off_hook = True
    assert line.hold(600) == []
    assert short(line.hold(200)) == ["fxo/1 LoopCurrentLost"]


@pytest.mark.parametrize("off_hook", [False, True])
def test_a_reversal_is_reported_after_65_ms_with_its_beginning(off_hook: bool) -> None:
    line = Line(5)
    if off_hook:
        line.seize()
    began = line.now_ms
    line.line_v = -line.line_v
    assert line.hold(65) == []
    events = line.hold(10)
    assert [type(event) for event in events] == [PolarityReversed]
    assert isinstance(events[0], PolarityReversed)
    assert events[0].reversed
    assert events[0].at_ms - began == 5
    line.line_v = -line.line_v
    back = line.hold(100)
    assert isinstance(back[0], PolarityReversed)
    assert not back[0].reversed


def test_a_reversal_shorter_than_65_ms_is_none() -> None:
    line = Line(5)
    line.line_v = -48
    events = line.hold(60)
    line.line_v = 48
    assert events + line.hold(300) == []


def test_ringing_is_neither_reversal_nor_lost_battery() -> None:
    """At 20 Hz the measured voltage follows the ring; nothing but the ring is reported."""
    line = Line(5)
    events = []
    for turn in range(400):
        phase = turn % 10  # 50 ms
        line.line_v = (110, 150, 110, 48, -10, -50, -60, -30, 2, 48)[phase]
        line.edge = abs(line.line_v - 48) > 30
        line.valid = turn > 20
        events += line.hold(5)
    line.edge, line.line_v = False, 48
    events += line.hold(125)
    line.valid = False
    events += line.hold(1500)
    assert [type(event) for event in events] == [RingStarted, RingStopped]
    assert isinstance(events[1], RingStopped)
    # 2000 ms of ring; the chip confirms 100 ms after the start and lets go 128 ms after the end.
    assert abs(events[1].duration_ms - 2000) <= 30


def test_a_single_edge_then_silence_is_a_reversal() -> None:
    line = Line(5)
    line.line_v, line.edge = -48, True
    line.hold(5)
    line.edge = False
    assert short(line.hold(120)) == ["fxo/1 PolarityReversed"]


def test_battery_lost_and_returned() -> None:
    line = Line()
    line.line_v = 0
    assert line.hold(450) == []
    assert short(line.hold(100)) == ["fxo/1 BatteryLost"]
    line.line_v = -48  # plugged in with its wires swapped: no reversal
    assert short(line.hold(1000)) == ["fxo/1 BatteryReturned"]


def test_another_telephone_on_the_line() -> None:
    line = Line()
    line.line_v = 9
    assert [type(event) for event in line.hold(400)] == [LineInUse]
    line.line_v = 48
    assert [type(event) for event in line.hold(400)] == [LineFree]


def test_a_line_of_24_volts_is_not_in_use() -> None:
    line = Line()
    line.line_v = 24
    assert line.hold(2000) == []


def test_our_own_release_looks_like_nothing() -> None:
    line = Line()
    line.seize()
    line.off_hook, line.loop_ma = False, 0.0
    line.watched.released(line.now_ms)
    events = []
    for volts in (9, 9, 12, 20, 30, 40, 48):
        line.line_v = volts
        events += line.hold(50)
    assert events + line.hold(1000) == []


@pytest.mark.parametrize("seed", range(20))
def test_random_breaks_are_judged_by_their_length(seed: int) -> None:
    chance = random.Random(seed)
    for _ in range(20):
        line = Line(chance.choice((5, 10)))
        line.seize()
        length = chance.choice((*range(5, 61, 5), *range(90, 2001, 70)))
        line.now_ms += chance.randrange(line.step_ms)
        # The break begins anywhere between two polls: samples are taken on the poll grid.
        first = line.now_ms + chance.randrange(line.step_ms)
        events = []
        for _ in range((length + 400) // line.step_ms):
            inside = first <= line.now_ms + line.step_ms < first + length
            line.loop_ma = 0.0 if inside else 25.0
            events += line.hold(line.step_ms)
        kinds = [type(event) for event in events]
        expected = [LoopCurrentLost, LoopCurrentReturned] if length >= 90 else []
        assert kinds == expected, f"seed {seed}, {length} ms, polls every {line.step_ms} ms"
