"""An exchange line's port over the bench's chips."""

from __future__ import annotations

import pytest

from drivers.errors import CardError
from drivers.line import (
    BatteryLost,
    BatteryReturned,
    BusFault,
    DialPulses,
    Flash,
    FlashDone,
    LineState,
    LoopCurrentLost,
    LoopCurrentReturned,
    PolarityReversed,
    PortFailed,
    PortReady,
    PulsesSent,
    Release,
    RingStarted,
    RingStopped,
    Seize,
    SetLineState,
    TuneLine,
)
from tests.bench.chips.si3050 import Si3050
from tests.bench.world.copper import Terminal, TerminalState
from tests.unit.drivers.rig import Rig, only, short

PORT = "fxo/1"


@pytest.fixture
def rig() -> Rig:
    rig = Rig(()).up()
    rig.events.clear()
    return rig


def hooks(rig: Rig, ms: int) -> list[tuple[bool, int]]:
    """Run and list (loop closed, how long) as the exchange sees it, in steps of 10 ms."""
    found: list[tuple[bool, int]] = []
    for _ in range(ms // 10):
        rig.run(10)
        closed = abs(rig.pairs[PORT].state.current_ma) > 1
        if found and found[-1][0] == closed:
            found[-1] = (closed, found[-1][1] + 10)
        else:
            found.append((closed, 10))
    return found


def seized(rig: Rig) -> None:
    rig.command(Seize(port=PORT))
    assert rig.run(1000) == []


def test_seize_and_release(rig: Rig) -> None:
    rig.command(Seize(port=PORT))
    rig.run(20)
    assert abs(rig.pairs[PORT].state.current_ma) > 20
    assert rig.run(1000) == []
    reading = rig.card.reading(PORT, rig.now_ms)
    assert reading.state == "off-hook"
    assert reading.loop_ma == pytest.approx(30, abs=1.5)
    rig.command(Release(port=PORT))
    assert rig.run(2000) == []
    assert rig.pairs[PORT].state.current_ma == 0
    assert abs(rig.card.reading(PORT, rig.now_ms).line_v or 0) == pytest.approx(48, abs=5)


@pytest.mark.parametrize("hz", [15, 20, 25, 50, 68])
def test_a_ring_burst_is_reported_with_its_length(rig: Rig, hz: float) -> None:
    line = rig.lines[PORT].state
    line.ring_vrms, line.ring_hz = 75, hz
    began = rig.now_ms
    events = rig.run(1000)
    line.ring_vrms = 0
    events += rig.run(1000)
    assert short(events) == [f"{PORT} RingStarted", f"{PORT} RingStopped"]
    assert only(events, RingStarted)[0].at_ms - began <= 200
    assert only(events, RingStopped)[0].duration_ms == pytest.approx(1000, abs=60)


@pytest.mark.parametrize("hz", [5, 10, 100])
def test_other_frequencies_are_no_ring(rig: Rig, hz: float) -> None:
    line = rig.lines[PORT].state
    line.ring_vrms, line.ring_hz = 75, hz
    events = rig.run(2000)
    line.ring_vrms = 0
    events += rig.run(1000)
    assert not only(events, RingStarted)


def test_a_double_ring_is_two_bursts(rig: Rig) -> None:
    line = rig.lines[PORT].state
    line.ring_hz = 25
    for volts, ms in ((75, 400), (0, 200), (75, 400), (0, 1000)):
        line.ring_vrms = volts
        rig.run(ms)
    lengths = [event.duration_ms for event in only(rig.events, RingStopped)]
    assert lengths == [pytest.approx(400, abs=60)] * 2


def test_answering_ends_the_burst_without_a_reversal(rig: Rig) -> None:
    line = rig.lines[PORT].state
    line.ring_vrms, line.ring_hz = 75, 25
    rig.run(500)
    rig.command(Seize(port=PORT))
    rig.run(50)
    line.ring_vrms = 0
    rig.run(1000)
    assert short(rig.events) == [f"{PORT} RingStarted", f"{PORT} RingStopped"]


@pytest.mark.parametrize("off_hook", [False, True])
def test_polarity(rig: Rig, off_hook: bool) -> None:
    if off_hook:
        seized(rig)
    line = rig.lines[PORT].state
    line.battery_v = -line.battery_v
    events = rig.run(300)
    line.battery_v = -line.battery_v
    events += rig.run(300)
    assert [event.reversed for event in only(events, PolarityReversed)] == [True, False]
    assert len(events) == 2


def test_a_loop_break_is_reported_with_its_gap(rig: Rig) -> None:
    seized(rig)
    rig.lines[PORT].state.open = True
    events = rig.run(500)
    rig.lines[PORT].state.open = False
    events += rig.run(300)
    assert [type(event) for event in events] == [LoopCurrentLost, LoopCurrentReturned]
    assert only(events, LoopCurrentReturned)[0].gap_ms == pytest.approx(500, abs=20)


def test_a_dead_line_is_noticed_when_it_is_seized(rig: Rig) -> None:
    rig.lines[PORT].state.open = True
    assert short(rig.run(1000)) == [f"{PORT} BatteryLost"]
    rig.command(Seize(port=PORT))
    assert short(rig.run(1000)) == [f"{PORT} LoopCurrentLost"]


def test_unplugged_and_plugged_in(rig: Rig) -> None:
    assert rig.pairs[PORT].cable is not None
    rig.pairs[PORT].cable.cut = True
    assert [type(event) for event in rig.run(1000)] == [BatteryLost]
    rig.pairs[PORT].cable.cut = False
    assert [type(event) for event in rig.run(1000)] == [BatteryReturned]


def test_another_telephone_on_the_pair(rig: Rig) -> None:
    class Handset:
        def __init__(self) -> None:
            self.state = TerminalState(closed=True)

        def terminal(self, samples: int) -> TerminalState:  # noqa: ARG002  # copper.Terminal
            return self.state

        def terminal_senses(self, *measured: object) -> None:
            """Deaf."""

    other = Handset()
    extra: list[Terminal] = rig.pairs[PORT].cable.extra_terminals
    extra.append(other)
    assert short(rig.run(600)) == [f"{PORT} LineInUse"]
    other.state.closed = False
    assert short(rig.run(600)) == [f"{PORT} LineFree"]


@pytest.mark.parametrize("break_ms", [80, 100, 600])
def test_flash(rig: Rig, break_ms: int) -> None:
    seized(rig)
    rig.command(Flash(port=PORT, break_ms=break_ms))
    seen = hooks(rig, 1000)
    breaks = [ms for closed, ms in seen if not closed]
    assert breaks == [pytest.approx(break_ms, abs=10)]
    assert short(rig.events[-1:]) == [f"{PORT} FlashDone"]
    assert len(only(rig.events, FlashDone)) == 1
    assert len(rig.events) == 1


@pytest.mark.parametrize(("break_ms", "make_ms"), [(60, 40), (67, 33)])
@pytest.mark.parametrize("step_ms", [5, 10])
def test_pulse_dialling(break_ms: int, make_ms: int, step_ms: int) -> None:
    rig = Rig((), step_ms=step_ms).up()
    rig.events.clear()
    seized(rig)
    rig.command(DialPulses(port=PORT, digits="3107", break_ms=break_ms, make_ms=make_ms))
    seen = hooks(rig, 6000)
    pulses: list[int] = [0]
    for closed, ms in seen:
        if not closed:
            assert ms == pytest.approx(break_ms, abs=11)
            pulses[-1] += 1
        elif ms > 400:
            assert pulses[-1] == 0 or ms >= 780
            pulses.append(0)
        elif pulses[-1]:
            assert ms == pytest.approx(make_ms, abs=11)
    assert [count for count in pulses if count] == [3, 1, 10, 7]
    assert short(rig.events) == [f"{PORT} PulsesSent"]
    assert len(only(rig.events, PulsesSent)) == 1


def test_release_in_the_middle_of_dialling_stays_released(rig: Rig) -> None:
    seized(rig)
    rig.command(DialPulses(port=PORT, digits="999"))
    rig.run(250)
    rig.command(Release(port=PORT))
    rig.run(10)
    assert hooks(rig, 3000) == [(False, 3000)]
    assert rig.events == []


def test_a_box_that_stops_polling_frees_the_line_within_5_s(rig: Rig) -> None:
    seized(rig)
    rig.run(4500, poll=False)
    assert rig.pairs[PORT].state.current_ma == 0
    assert only(rig.run(50), LoopCurrentLost, PORT)
    assert rig.card.reading(PORT, rig.now_ms).state == "on-hook"


def test_a_chip_that_resets_is_back_in_2_s_and_on_hook(rig: Rig) -> None:
    seized(rig)
    chip = rig.bench.chip(PORT)
    assert isinstance(chip, Si3050)
    chip.lose_registers()
    events = [event for event in rig.run(2000) if not isinstance(event, BusFault)]
    assert short(events) == [f"{PORT} ChipReset", f"{PORT} PortReady"]
    assert rig.pairs[PORT].state.current_ma == 0
    seized(rig)
    assert abs(rig.pairs[PORT].state.current_ma) > 20


def test_an_si3018_is_refused_for_its_missing_line_voltage() -> None:
    rig = Rig((), ("si3019", "si3018")).up()
    assert only(rig.events, PortReady, "fxo/1")
    reason = only(rig.events, PortFailed, "fxo/2")[0].reason
    assert reason.startswith("fxo/2: the line side is an Si3018: it measures no line voltage")
    assert rig.card.jacks["fxo/2"] == "Si3050 with Si3018"


def test_an_si3011_is_refused_too() -> None:
    rig = Rig((), ("si3011",)).up()
    assert "an Si3019 is needed" in only(rig.events, PortFailed)[0].reason


def test_commands_that_make_no_sense_are_refused(rig: Rig) -> None:
    with pytest.raises(CardError, match="SetLineState is no command"):
        rig.command(SetLineState(port=PORT, state=LineState.RINGING))
    with pytest.raises(CardError, match="break_ms of a flash is 5000, allowed 40 to 2000"):
        rig.command(Flash(port=PORT, break_ms=5000))
    with pytest.raises(CardError, match="'12x' cannot be dialled by pulses"):
        rig.command(DialPulses(port=PORT, digits="12x"))


def registers(rig: Rig, *numbers: int) -> list[int]:
    return [rig.bench.chip(PORT).read(number) for number in numbers]


def test_a_line_is_tuned_and_stays_so_over_audits_and_a_chip_reset(rig: Rig) -> None:
    before = registers(rig, 30, 45, 52)
    rig.command(TuneLine(port=PORT, termination=0x8, hybrid=(7, -1, 2, 0, 0, 0, 0, -128)))
    rig.run(3000)
    assert registers(rig, 30, 45, 46, 47, 52) == [0x08, 0x07, 0xFF, 0x02, 0x80]
    rig.bench.chip(PORT).lose_registers()
    rig.run(3000)
    assert registers(rig, 30, 45, 46, 52) == [0x08, 0x07, 0xFF, 0x80]
    rig.command(TuneLine(port=PORT))
    rig.run(3000)
    assert registers(rig, 30, 45, 52) == before, "no taps given: the country's own"


@pytest.mark.parametrize(
    ("termination", "hybrid"), [(16, (0,) * 8), (0, (0,) * 7), (0, (128, *(0,) * 7))]
)
def test_a_setting_that_the_chip_does_not_have_is_refused(
    rig: Rig, termination: int, hybrid: tuple[int, ...]
) -> None:
    with pytest.raises(CardError, match="fxo/1"):
        rig.command(TuneLine(port=PORT, termination=termination, hybrid=hybrid))
