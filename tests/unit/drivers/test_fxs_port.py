"""A telephone's port over the bench's chips: what its owner is told, and what reaches the pair."""

from __future__ import annotations

import pytest

from drivers.errors import CardError
from drivers.line import (
    BusFault,
    ChipReset,
    LineState,
    LoopClosed,
    LoopOpened,
    PortFailed,
    PortReady,
    PowerAlarm,
    Seize,
    SetLineState,
)
from drivers.si3210.driver import Slic
from tests.unit.drivers.rig import START_MS, Rig, only, short

PORT = "fxs/1"


@pytest.fixture
def rig() -> Rig:
    rig = Rig(fxo=0).up()
    rig.events.clear()
    return rig


def state(rig: Rig, wanted: LineState) -> None:
    rig.command(SetLineState(port=PORT, state=wanted))


@pytest.mark.parametrize("part", ["si3210", "si3215"])
@pytest.mark.parametrize("step_ms", [5, 10])
def test_four_ports_come_up_together_within_3_5_s(part: str, step_ms: int) -> None:
    rig = Rig((part,) * 4, 4, step_ms=step_ms).up()
    ready = only(rig.events, PortReady)
    assert sorted(event.port for event in ready) == sorted(rig.card.ports)
    assert max(event.at_ms for event in ready) - START_MS <= 3500
    assert ready[-1].detail == f"{part.capitalize()} rev E"
    assert not only(rig.events, BusFault)
    assert rig.card.jacks["fxo/1"] == "Si3050 rev E, Si3019 rev F"


def test_lift_and_hang_up(rig: Rig) -> None:
    rig.lift(PORT)
    lifted = rig.now_ms
    closed = only(rig.run(200), LoopClosed)
    assert not closed[0].ring_trip
    assert closed[0].at_ms - lifted <= 30
    assert rig.card.reading(PORT, rig.now_ms).off_hook
    assert 20 <= (rig.card.reading(PORT, rig.now_ms).loop_ma or 0) <= 25
    rig.hang_up(PORT)
    assert short(rig.run(200)) == [f"{PORT} LoopOpened"]


def test_dial_pulses_are_reported_one_by_one(rig: Rig) -> None:
    rig.lift(PORT)
    rig.run(500)
    rig.events.clear()
    for _ in range(4):
        rig.hang_up(PORT)
        rig.run(60)
        rig.lift(PORT)
        rig.run(40)
    rig.run(200)
    opened, closed = only(rig.events, LoopOpened), only(rig.events, LoopClosed)
    assert (len(opened), len(closed)) == (4, 4)
    for a, b in zip(opened, closed, strict=True):
        assert abs(b.at_ms - a.at_ms - 60) <= 10


def test_ringing_reaches_the_pair_and_trips(rig: Rig) -> None:
    state(rig, LineState.RINGING)
    assert rig.run(500) == []
    pair = rig.pairs[PORT].state
    assert 24.5 <= pair.ring_hz <= 25.5
    assert 42 <= pair.ring_vrms <= 52  # 70 Vpk behind the feed, one ringer
    rig.lift(PORT)
    lifted = rig.now_ms
    events = only(rig.run(300), LoopClosed)
    assert [event.ring_trip for event in events] == [True]
    assert events[0].at_ms - lifted <= 150
    assert rig.pairs[PORT].state.ring_vrms == 0
    rig.hang_up(PORT)
    assert short(rig.run(300)) == [f"{PORT} LoopOpened"]


def test_the_pause_of_a_ring_is_no_hook(rig: Rig) -> None:
    for _ in range(3):
        state(rig, LineState.RINGING)
        assert rig.run(1000) == []
        state(rig, LineState.ON_HOOK_TRANSMISSION)
        assert rig.run(1000) == []


def test_lifting_in_the_pause_of_a_ring_is_no_ring_trip(rig: Rig) -> None:
    state(rig, LineState.RINGING)
    rig.run(1000)
    state(rig, LineState.ON_HOOK_TRANSMISSION)
    rig.run(500)
    rig.lift(PORT)
    assert [event.ring_trip for event in only(rig.run(200), LoopClosed)] == [False]
    assert rig.card.reading(PORT, rig.now_ms).state == "forward active"


def test_a_lifted_telephone_is_not_rung(rig: Rig) -> None:
    rig.lift(PORT)
    rig.run(300)
    state(rig, LineState.RINGING)
    assert rig.run(500) == []
    assert rig.pairs[PORT].state.ring_vrms == 0


def test_reversal_swaps_the_wires_and_is_no_hook(rig: Rig) -> None:
    rig.lift(PORT)
    rig.run(300)
    before = rig.pairs[PORT].state.voltage_v
    state(rig, LineState.REVERSED)
    assert rig.run(500) == []
    assert rig.pairs[PORT].state.voltage_v == pytest.approx(-before, abs=1)


def test_an_open_line_hides_the_hook_until_battery_is_back(rig: Rig) -> None:
    rig.lift(PORT)
    rig.run(300)
    state(rig, LineState.OPEN)
    assert rig.run(800) == []
    rig.hang_up(PORT)
    assert rig.run(200) == []
    state(rig, LineState.ACTIVE)
    assert short(rig.run(300)) == [f"{PORT} LoopOpened"]


def test_a_power_alarm_is_counted_and_the_line_comes_back(rig: Rig) -> None:
    state(rig, LineState.RINGING)
    rig.run(200)
    rig.bench.chip(PORT).world("power_alarm")
    events = rig.run(500)
    assert [event.count for event in only(events, PowerAlarm)] == [1]
    assert rig.card.reading(PORT, rig.now_ms).state == "forward active"  # not ringing again
    assert not only(events, BusFault)


def test_ten_power_alarms_rest_the_port_and_time_forgives() -> None:
    rig = Rig(fxo=0).up()
    events = []
    for _ in range(10):
        rig.bench.chip(PORT).world("power_alarm")
        events += rig.run(100)
    assert [event.count for event in only(events, PowerAlarm)] == list(range(1, 11))
    failed = only(events, PortFailed)
    assert len(failed) == 1
    assert "10 power alarms" in failed[0].reason
    assert only(rig.run(90_000), PortReady) == []
    assert len(only(rig.run(20_000), PortReady, PORT)) == 1


@pytest.mark.parametrize("place", [1, 2, 3, 4])
@pytest.mark.parametrize("talking", [1, 2, 3, 4])
def test_a_chip_that_resets_is_back_in_2_s_and_nobody_else_notices(
    place: int, talking: int
) -> None:
    rig = Rig(("si3215",) * 4, 0).up()
    rig.lift(f"fxs/{talking}")
    rig.run(300)
    lost, witness = f"fxs/{place}", f"fxs/{talking}"
    began = rig.now_ms
    rig.bench.chip(lost).lose_registers()
    events = [event for event in rig.run(2000) if not isinstance(event, BusFault)]
    expected = [f"{lost} ChipReset", f"{lost} PortReady"]
    if lost == witness:
        expected.append(f"{lost} LoopClosed")
    assert short(events) == expected
    assert only(events, PortReady)[0].at_ms - began <= 2000
    assert "restored after a chip reset" in only(events, PortReady)[0].detail
    rig.hang_up(witness)
    assert short(rig.run(200)) == [f"{witness} LoopOpened"]


def test_two_chips_that_reset_at_once_are_both_back(rig: Rig) -> None:
    for port in rig.card.ports:
        rig.bench.chip(port).lose_registers()
    events = rig.run(2500)
    assert {event.port for event in only(events, ChipReset)} == set(rig.card.ports)
    assert {event.port for event in only(events, PortReady)} == set(rig.card.ports)


def test_foreign_voltage_keeps_a_port_off_until_it_is_gone() -> None:
    rig = Rig(fxo=0)
    rig.bench.chip(PORT).world("foreign_voltage", 30.0)
    rig.up()
    reason = only(rig.events, PortFailed)[0].reason
    assert reason.startswith("fxs/1: ")
    assert "foreign source" in reason
    assert "6.4 V" in reason
    rig.bench.chip(PORT).world("foreign_voltage", 0.0)
    assert short(rig.run(14_000)) == [f"{PORT} PortReady"]


def test_no_supply_is_named_with_the_voltage_that_was_reached() -> None:
    rig = Rig(fxo=0)
    rig.bench.chip(PORT).world("supply", 0)
    rig.up()
    reason = only(rig.events, PortFailed)[0].reason
    assert "reached 0 V within 500 ms, at least 72 V" in reason
    assert "12 V supply" in reason
    assert only(rig.events, PortReady, "fxs/2")


def test_a_leak_is_a_note_and_not_a_failure() -> None:
    rig = Rig(fxo=0)
    rig.bench.chip(PORT).world("leak", 1)
    rig.up()
    assert "leaks or is shorted" in only(rig.events, PortReady, PORT)[0].detail


def test_a_telephone_off_hook_at_start_still_gets_its_line() -> None:
    rig = Rig(fxo=0)
    rig.lift(PORT)
    rig.up()
    ready = only(rig.events, PortReady, PORT)[0]
    assert "balance not calibrated: the telephone was off-hook" in ready.detail
    assert only(rig.events, LoopClosed, PORT)


def test_another_part_than_configured_is_refused() -> None:
    rig = Rig(("si3210", "si3215"), 0, fxs_chip="si3215")
    rig.up()
    reason = only(rig.events, PortFailed, PORT)[0].reason
    assert reason == "fxs/1: the chip is an Si3210 rev E, the configuration says si3215"


def test_a_chip_that_is_not_there_is_named_by_its_place() -> None:
    rig = Rig(("si3215",), 0, fxs_count=2, slots={"fxs/1": 0, "fxs/2": 1})
    rig.up()
    assert only(rig.events, PortReady, "fxs/1")
    reason = only(rig.events, PortFailed, "fxs/2")[0].reason
    assert "no chip answers at place 2 of the FXS chain" in reason
    assert rig.card.jacks["fxs/2"] == "nothing answers"


def test_an_exchange_line_command_is_refused(rig: Rig) -> None:
    with pytest.raises(CardError, match="fxs/1: Seize is no command for such a port"):
        rig.command(Seize(port=PORT))


def test_a_blink_of_the_detector_after_a_change_of_state_is_no_hook() -> None:
    """Current passes through zero as the wires are swapped; the bench's feed is too ideal."""
    chip = Slic(PORT, 0, part="si3215", slot=0, country="CN", law="a")
    chip.came_up("")
    chip.now_ms = 1000
    chip.command(SetLineState(port=PORT, state=LineState.ACTIVE))
    chip.now_ms = 2000
    chip.observe(bytes((0x11, 0x01)))
    chip.take_events()
    chip.command(SetLineState(port=PORT, state=LineState.REVERSED))
    for now_ms, loop in ((2010, 0x00), (2030, 0x00), (2040, 0x01), (2300, 0x01)):
        chip.now_ms = now_ms
        chip.observe(bytes((0x55, loop)))
    assert chip.take_events() == []


def test_a_hang_up_during_a_change_of_state_is_reported_when_the_detector_has_settled() -> None:
    chip = Slic(PORT, 0, part="si3215", slot=0, country="CN", law="a")
    chip.came_up("")
    chip.now_ms = 1000
    chip.command(SetLineState(port=PORT, state=LineState.ACTIVE))
    chip.now_ms = 2000
    chip.observe(bytes((0x11, 0x01)))
    chip.take_events()
    chip.command(SetLineState(port=PORT, state=LineState.REVERSED))
    for now_ms in (2010, 2030, 2050, 2070):
        chip.now_ms = now_ms
        chip.observe(bytes((0x55, 0x00)))
    assert chip.take_events() == [LoopOpened(port=PORT, at_ms=2010)]


def test_a_chip_that_shows_its_new_state_late_has_not_tripped() -> None:
    chip = Slic(PORT, 0, part="si3215", slot=0, country="CN", law="a")
    chip.came_up("")
    chip.now_ms = 1000
    chip.command(SetLineState(port=PORT, state=LineState.ACTIVE))
    chip.now_ms = 2000
    chip.observe(bytes((0x11, 0x00)))
    chip.take_events()
    chip.command(SetLineState(port=PORT, state=LineState.RINGING))
    for now_ms, line in ((2010, 0x14), (2020, 0x14), (2040, 0x44)):
        chip.now_ms = now_ms
        assert chip.judge(bytes((line, 0x00))) is not None
        chip.observe(bytes((line, 0x00)))
    assert chip.take_events() == []
    chip.now_ms = 2500
    chip.observe(bytes((0x14, 0x02)))
    assert chip.take_events() == [LoopClosed(port=PORT, at_ms=2500, ring_trip=True)]
