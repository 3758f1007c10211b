"""Disturbed transfers: nothing may be reported that no wire did."""

from __future__ import annotations

import pytest

from drivers.bus import SpiBus
from drivers.errors import BusError
from drivers.line import (
    AnyLineEvent,
    BusFault,
    LoopClosed,
    LoopOpened,
    PortFailed,
    PortReady,
    Release,
    Seize,
)
from tests.unit.drivers.rig import FaultyBus, Rig, only, short


def slowly(seed: int) -> object:
    """A seed of the full run only."""
    return pytest.param(seed, marks=pytest.mark.slow)


def disturbed(rate: float, seed: int, lose: float = 0.0) -> tuple[Rig, list[FaultyBus]]:
    buses: list[FaultyBus] = []

    def wrap(bus: SpiBus) -> SpiBus:
        buses.append(FaultyBus(bus, rate, seed * 10 + len(buses), lose))
        return buses[-1]

    return Rig(("si3215",) * 4, 4, wrap=wrap), buses


def arm(buses: list[FaultyBus]) -> None:
    for bus in buses:
        bus.armed = True


def wires(events: list[AnyLineEvent]) -> list[str]:
    """What was reported about wires."""
    return short([event for event in events if not isinstance(event, BusFault)])


def quiet_minutes(rate: float, lose: float, seed: int, seconds: int) -> None:
    rig, buses = disturbed(rate, seed, lose)
    rig.up()
    rig.lift("fxs/2")
    rig.command(Seize(port="fxo/2"))
    rig.run(1000)
    rig.events.clear()
    arm(buses)
    events = rig.run(seconds * 1000)
    done = sum(bus.flips + bus.lost for bus in buses)
    assert done > 0
    assert wires(events) == [], f"seed {seed}: {done} disturbances"
    assert abs(rig.pairs["fxo/2"].state.current_ma) > 20, f"seed {seed}: the line was dropped"
    assert rig.pairs["fxs/2"].state.current_ma != 0, f"seed {seed}"


@pytest.mark.parametrize("seed", [1, *map(slowly, (2, 3))])
def test_a_minute_at_1e_4_per_byte_reports_nothing_false(seed: int) -> None:
    quiet_minutes(1e-4, 0.0, seed, 60)


@pytest.mark.parametrize("seed", [4, slowly(5)])
def test_half_a_minute_at_ten_times_that_reports_nothing_false(seed: int) -> None:
    quiet_minutes(1e-3, 0.0, seed, 30)


@pytest.mark.slow
@pytest.mark.parametrize("seed", [6, 7])
def test_ten_minutes_at_1e_4_per_byte_report_nothing_false(seed: int) -> None:
    quiet_minutes(1e-4, 0.0, seed, 600)


@pytest.mark.parametrize("seed", [8, slowly(9)])
def test_lost_bytes_put_no_chip_out_of_service(seed: int) -> None:
    quiet_minutes(0.0, 1e-5, seed, 60)


@pytest.mark.parametrize("seed", [10, *map(slowly, (11, 12))])
def test_real_changes_are_still_seen_at_1e_3(seed: int) -> None:
    rig, buses = disturbed(1e-3, seed)
    rig.up()
    rig.events.clear()
    arm(buses)
    for _ in range(20):
        rig.lift("fxs/1")
        rig.run(300)
        rig.hang_up("fxs/1")
        rig.run(300)
    hooks = [e for e in rig.events if not isinstance(e, BusFault)]
    assert [type(event) for event in hooks] == [LoopClosed, LoopOpened] * 20, f"seed {seed}"
    faults = [event.count for event in only(rig.events, BusFault, "fxs/1")]
    assert faults == sorted(faults)
    assert rig.card.reading("fxs/1", rig.now_ms).faults == (faults or [0])[-1]


@pytest.mark.parametrize("seed", [13, *map(slowly, (14, 15, 16))])
def test_bring_up_survives_1e_3_per_byte(seed: int) -> None:
    rig, buses = disturbed(1e-3, seed)
    arm(buses)
    rig.up(16_000)
    rig.run(20_000)
    for bus in buses:
        bus.armed = False
    ready = {event.port for event in only(rig.events, PortReady)}
    assert ready == set(rig.card.ports), f"seed {seed}: {rig.card.jacks}"
    rig.command(Seize(port="fxo/3"))
    rig.run(200)
    assert abs(rig.pairs["fxo/3"].state.current_ma) > 20
    rig.command(Release(port="fxo/3"))


class BrokenBus:
    def __init__(self, inner: SpiBus) -> None:
        self.inner = inner
        self.broken = False

    def exchange(self, data: bytes) -> bytes:
        if self.broken:
            raise BusError("/dev/spidev0.0: Input/output error")
        return self.inner.exchange(data)


def test_a_bus_that_refuses_fails_its_ports_after_a_second_and_they_return() -> None:
    buses: list[BrokenBus] = []

    def wrap(bus: SpiBus) -> SpiBus:
        buses.append(BrokenBus(bus))
        return buses[-1]

    rig = Rig(wrap=wrap).up()
    rig.events.clear()
    buses[0].broken = True
    assert wires(rig.run(900)) == []
    failed = only(rig.run(300), PortFailed)
    assert {event.port for event in failed} == {"fxs/1", "fxs/2"}
    assert "took no message for 1000 ms: /dev/spidev0.0" in failed[0].reason
    buses[0].broken = False
    assert {event.port for event in only(rig.run(15_000), PortReady)} == {"fxs/1", "fxs/2"}


def test_a_register_that_strays_is_found_and_written_anew() -> None:
    rig = Rig().up()
    rig.bench.chip("fxs/2").write(10, 0x08)  # impedance
    rig.bench.chip("fxo/1").write(30, 0x0F)
    rig.run(8000)
    assert rig.bench.chip("fxs/2").read(10) == 0x0F
    assert rig.bench.chip("fxo/1").read(30) == 0x0A
    assert wires(rig.events[4:]) == []
