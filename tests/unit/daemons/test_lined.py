"""lined without its loop, on the bench's card: whom it tells what, when it takes care itself."""

from __future__ import annotations

import pytest

from drivers.line import Seize
from firmware.control.messages import (
    DumpRegisters,
    Hello,
    KeepAlive,
    Measure,
    Readings,
    RegisterDump,
    Snapshot,
)
from firmware.core.commands import Party, PlayTone, Ring, SetBridge, StopRinging
from firmware.core.events import Heartbeat
from tests.bench.box import Box


@pytest.fixture
def box():
    """A box whose call control is played by hand."""
    box = Box()
    box.start_lined()
    assert box.run_until(lambda: box.card_ready, 6000)
    box.lined.calld_connected(box.now_ms)
    yield box
    box.close()


def live(box: Box, ms: int) -> list:
    """Let time pass with a call control that is well; what lined told it."""
    told = box.lined.take_messages()
    end = box.now_ms + ms
    while box.now_ms < end:
        box.lined.command(KeepAlive(at_ms=box.now_ms), box.now_ms)
        playing = box._queue.popleft()
        captured = box.town.exchange(playing)
        box.sample += box.block_samples
        answer = box._idle.copy()
        box.lined.tick(captured, answer, box.now_ms)
        box._queue.append(answer)
        box.lined.after_tick(box.now_ms)
        told += box.lined.take_messages()
    return told


def test_snapshot_comes_before_any_event_and_tells_every_port(box):
    hello, snapshot, *_ = live(box, 50)
    assert isinstance(hello, Hello)
    assert isinstance(snapshot, Snapshot)
    assert [p.port for p in snapshot.ports] == [f"fxs/{n}" for n in range(1, 5)] + [
        f"fxo/{n}" for n in range(1, 5)
    ]
    assert all(p.ready and not p.off_hook for p in snapshot.ports)
    assert snapshot.alone_ms > 1000, "it was alone while the card came up"


def test_counters_come_once_a_second(box):
    told = live(box, 3100)
    assert len([m for m in told if isinstance(m, Heartbeat)]) == 3


def test_silent_call_control_is_taken_for_gone_and_ringing_stops(box):
    telephone = box.telephone("201")
    box.lined.command(Ring(port="fxs/1"), box.now_ms)
    live(box, 300)
    assert telephone.in_burst
    begin = box.now_ms
    assert box.run_until(lambda: not box.lined.has_calld, 3000)
    assert 1900 <= box.now_ms - begin <= 2200
    box.run_for(6000)
    assert not telephone.ringing


def test_what_happened_meanwhile_is_in_the_next_snapshot(box):
    box.lined.calld_gone(box.now_ms)
    box.telephone("203").lift()
    box.run_for(1000)
    box.lined.calld_connected(box.now_ms)
    _, snapshot = box.lined.take_messages()[:2]
    assert snapshot.alone_ms == 1000
    assert [type(e).__name__ for e in snapshot.missed] == ["LoopClosed"]
    assert [p.port for p in snapshot.ports if p.off_hook] == ["fxs/3"]


def test_conversation_in_the_snapshot_names_its_call(box):
    parties = (Party(port="fxs/1"), Party(port="fxo/1"))
    box.lined.command(SetBridge(bridge="b", call="42", parties=parties), box.now_ms)
    (bridge,) = box.lined.snapshot(box.now_ms, 0).bridges
    assert (bridge.bridge, bridge.call, bridge.parties) == ("b", "42", parties)


def test_lifted_handset_stops_the_ringing_by_itself(box):
    box.lined.command(Ring(port="fxs/1"), box.now_ms)
    live(box, 300)
    box.telephone("201").lift()
    told = live(box, 500)
    assert "LoopClosed" in [type(m).__name__ for m in told]
    box.telephone("201").replace()
    live(box, 6000)
    assert not box.telephone("201").ringing


def test_wrong_commands_cost_only_themselves(box):
    for wrong in (PlayTone(port="fxs/9", tone="dial"), Ring(port="fxs/1", cadence="samba")):
        box.lined.command(wrong, box.now_ms)
    box.lined.command(StopRinging(port="fxs/2"), box.now_ms)
    box.lined.command(Seize(port="fxo/2"), box.now_ms)
    live(box, 100)
    assert box.line(2).seized


def test_measurements_and_registers_are_answered_with_their_question(box):
    for question in (Measure(ask=5), DumpRegisters(ask=6, port="fxo/1")):
        box.lined.command(question, box.now_ms)
    box.lined.command(DumpRegisters(ask=7, port="fxo/9"), box.now_ms)
    told = [m for m in box.lined.take_messages() if isinstance(m, Readings | RegisterDump)]
    readings, dump, wrong = told
    assert (readings.ask, dump.ask, wrong.ask) == (5, 6, 7)
    line = next(r for r in readings.readings if r.port == "fxo/1")
    assert line.line_v == pytest.approx(48, abs=2)
    assert dump.registers
    assert "fxo/9 is no port here" in wrong.error
