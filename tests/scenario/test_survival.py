"""What the box survives: daemons that die, chips that forget, bytes that flip. Virtual time.

Proves S-149 (call records complete) and S-159 (operation without a visit) as far as one box can.
"""

from __future__ import annotations

import pytest

from tests.bench.box import Box
from tests.bench.faults import FaultyBus
from tests.bench.through import passage
from tests.bench.world.exchange_line import FarEnd

CALLER = "13800138000"


def direct(document: dict) -> dict:
    """Line N rings extension 200 + N, without a menu."""
    lines = [dict(line, inbound=str(201 + n)) for n, line in enumerate(document["lines"])]
    return dict(document, lines=lines)


def in_conversation(box: Box):
    """Line 1 talks to telephone 201."""
    line, telephone = box.line(1), box.telephone("201")
    line.call(CALLER)
    assert box.run_until(lambda: telephone.ringing, 20_000), "201 does not ring"
    telephone.lift()
    assert box.run_until(lambda: line.state == "talking", 2_000)
    box.run_for(500)
    return line, telephone


def hears(box: Box, source, sink) -> bool:
    """A test tone of one party arrives at the other."""
    return passage(source, sink, lambda ms: box.run_for(int(ms))).heard


def test_conversation_goes_on_while_calld_is_dead_and_its_record_is_one_and_complete():
    with Box(settings=direct) as box:
        line, telephone = in_conversation(box)
        box.kill_calld()
        box.run_for(1_000)
        assert hears(box, line, telephone)
        assert hears(box, telephone, line)
        box.start_calld()
        box.run_for(1_000)
        assert hears(box, line, telephone), "the adopted call lost its voice"
        line.hang_up("busy tone")
        assert box.run_until(lambda: not line.seized, 6_000)
        telephone.replace()
        box.run_for(2_000)
        (record,) = box.records()
        assert record["outcome"] == "answered"
        assert record["caller_number"] == CALLER
        assert record["adopted"] == 1
        assert (record["cleared_first"], record["cleared_by"]) == ("customer", "tone")
        marks = [record[f"t{n}_ms"] for n in (0, 3, 4, 5, 6, 7)]
        assert None not in [*marks, record["t1_ms"]]
        assert marks == sorted(marks)


def test_party_that_hangs_up_while_calld_is_dead_frees_the_line():
    with Box(settings=direct) as box:
        line, telephone = in_conversation(box)
        box.kill_calld()
        box.run_for(500)
        telephone.replace()
        assert box.run_until(lambda: not line.seized, 3_000)
        box.start_calld()
        box.run_for(2_000)
        (record,) = box.records()
        assert (record["cleared_first"], record["cleared_by"]) == ("agent", "on_hook")


def test_emergency_service_when_calld_stays_away():
    with Box() as box:
        box.kill_calld()
        box.run_for(30_000)
        telephone = box.telephone("202")
        box.line(1).when_dialled(FarEnd("110", 1_000))
        telephone.lift()
        assert box.run_until(lambda: box.line(1).seized, 2_000), (
            "no exchange line for a lifted handset"
        )
        box.run_for(2_000)
        telephone.press("110")
        assert box.run_until(lambda: box.line(1).state == "talking", 10_000), box.line(1).log
        assert hears(box, telephone, box.line(1))
        # An exchange line that rings rings every telephone, and whoever lifts first has the caller.
        caller = box.line(2)
        caller.call(CALLER)
        others = [box.telephone(x) for x in ("201", "203", "204")]
        assert box.run_until(lambda: all(t.ringing for t in others), 10_000)
        others[1].lift()
        assert box.run_until(lambda: caller.state == "talking", 2_000)
        box.run_for(500)  # the chip settles for 400 ms after it went off-hook
        assert hears(box, caller, others[1])


def test_exchange_line_is_on_hook_and_dial_tone_is_back_after_lined_was_killed():
    with Box(settings=direct) as box:
        line, telephone = in_conversation(box)
        box.kill_lined()
        killed = box.now_ms
        box.run_for(200)  # the service manager notices and starts it anew
        box.start_lined()
        assert box.run_until(lambda: not line.seized, 1_000)
        assert box.now_ms - killed <= 1_000
        other = box.telephone("202")
        box.run_for(1_500)
        other.lift()
        box.run_until(lambda: bool(other.ear.tones(other.now_ms - 200, other.now_ms)), 3_000)
        assert box.now_ms - killed <= 5_000, "dial tone later than 5 s"
        box.run_for(300)
        tone = other.ear.tones(other.now_ms - 250, other.now_ms)[0]
        assert tone.hz == pytest.approx(450, rel=0.01)
        telephone.replace()
        box.run_for(1_000)
        closed = box.records()[0]
        assert closed["cleared_by"] == "fault"


def test_chip_watchdog_frees_the_line_when_nobody_starts_lined_again():
    with Box(settings=direct) as box:
        line, _ = in_conversation(box)
        box.kill_lined()
        # Si3050 register 2 WDTEN: 4 s without register access.
        assert box.run_until(lambda: not line.seized, 4_500)


@pytest.mark.parametrize("port", ["fxs/1", "fxo/1"])
def test_chip_that_resets_in_a_call_is_back_within_two_seconds(port: str):
    with Box(settings=direct) as box:
        line, telephone = in_conversation(box)
        box.town.card.chip(port).lose_registers()
        lost = box.now_ms
        assert box.run_until(lambda: not ready(box, port), 1_000), "nobody noticed"
        assert box.run_until(lambda: ready(box, port), 2_000)
        assert box.now_ms - lost <= 2_000
        telephone.replace()
        line.hang_up("loop break")
        box.run_for(8_000)
        line.call(CALLER)
        assert box.run_until(lambda: telephone.ringing, 20_000), "the port does not work again"


def ready(box: Box, port: str) -> bool:
    """Whether lined counts a port as in service."""
    return next(p.ready for p in box.lined.snapshot(box.now_ms, 0).ports if p.port == port)


@pytest.mark.slow
@pytest.mark.parametrize("seed", [11, 12])
def test_flipped_bytes_on_the_bus_make_no_false_hook_and_no_false_digit(seed: int):
    """1e-4 per byte, the fault rate the office is promised to survive."""
    buses = []

    def faulty(_name, bus):
        buses.append(FaultyBus(bus, seed + len(buses), bit_flip=1e-4))
        return buses[-1]

    with Box(settings=direct, wrap=faulty) as box:
        box.run_for(60_000)
        assert {p["state"] for p in box.ports().values()} == {"idle"}, f"seed {seed}"
        assert box.all_records() == [], f"seed {seed}: a call nobody made"
        line, telephone = in_conversation(box)
        box.run_for(60_000)
        assert line.seized, f"seed {seed}: the conversation was cut"
        assert hears(box, line, telephone), f"seed {seed}"
        telephone.replace()
        assert box.run_until(lambda: not line.seized, 3_000), f"seed {seed}"
        box.run_for(1_000)
        (record,) = box.records()
        assert (record["cleared_first"], record["cleared_by"]) == ("agent", "on_hook"), (
            f"seed {seed}"
        )
        counters = box.lined.counters(box.now_ms)
        assert sum(len(bus.log) for bus in buses) > 0, "the faults did not happen"
        assert counters.bus_faults > 0, f"seed {seed}: faults happened and nobody counted them"
