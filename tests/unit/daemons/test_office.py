"""The office put together: recording, lines straight to telephones, settings, status."""

from __future__ import annotations

from typing import Any

import msgspec

from drivers.line import BusFault, PortFailed, RingStarted, Seize
from firmware.core.commands import SetBridge, StartRecording, StopRecording
from firmware.core.events import DigitEnded, PlayFinished, RecordingFinished
from firmware.core.log_entries import (
    CallClosed,
    CallOffered,
    Cleared,
    LineAnswered,
    MenuLeft,
    RecordingEnded,
    RecordingStarted,
    RingingEnded,
    TelephoneAnswered,
    TelephoneRings,
    VoicesConnected,
)
from firmware.core.settings import Line, Settings
from tests.unit.desk import PROMPT_MS, Desk


def _straight(**more: Any) -> Settings:
    return Settings(inbound="200", **more)


def test_all_marks_of_an_answered_call_are_there_and_in_order() -> None:
    desk = Desk.ready(Settings(record="all", record_notice="none"))
    desk.talk_inbound()
    desk.wait(10_000)
    desk.hang_up("fxs/1")
    desk.wait(1_000)
    marks = [
        desk.only(kind).at_ms
        for kind in (
            CallOffered,  # t0
            LineAnswered,  # t1
            MenuLeft,  # t2
            TelephoneRings,  # t3
            TelephoneAnswered,  # t4
            VoicesConnected,  # t5
            Cleared,  # t6
            CallClosed,  # t7
        )
    ]
    assert marks == sorted(marks)
    assert desk.only(RingingEnded).at_ms >= desk.only(TelephoneRings).at_ms


def test_nothing_is_recorded_unless_it_is_set() -> None:
    desk = Desk.ready()
    desk.talk_inbound()
    assert not [effect for effect in desk.effects if isinstance(effect, StartRecording)]


def test_a_recording_runs_from_the_conversation_to_its_end_and_closes_the_record() -> None:
    desk = Desk.ready(Settings(record="all", record_notice="none"))
    desk.talk_inbound()
    started = desk.only(RecordingStarted)
    assert started.port == "fxo/1"
    order = [type(effect) for effect in desk.effects]
    assert order.index(VoicesConnected) < order.index(RecordingStarted)
    assert order.index(RecordingStarted) < order.index(StartRecording)
    desk.hang_up("fxs/1")
    assert [e for e in desk.effects if isinstance(e, StopRecording)]
    assert not desk.entries(CallClosed), "the file is still being closed"
    assert desk.seized == set(), "but nobody waits for it"
    desk.wait(200)
    assert desk.only(RecordingEnded).recording == started.recording
    assert desk.outcome == "answered"


def test_a_recording_that_never_reports_its_end_holds_the_record_for_three_seconds() -> None:
    desk = Desk.ready(Settings(record="all", record_notice="none"), recordings_end=False)
    desk.talk_inbound()
    desk.hang_up("fxs/1")
    ended_ms = desk.now_ms
    desk.wait(2_999)
    assert not desk.entries(CallClosed)
    desk.wait(1)
    assert desk.outcome == "answered"
    assert desk.only(CallClosed).at_ms == ended_ms + 3_000


def test_a_recording_that_ended_early_does_not_hold_the_record() -> None:
    desk = Desk.ready(Settings(record="all", record_notice="none"))
    desk.talk_inbound()
    desk.tell(
        RecordingFinished(
            port="fxo/1",
            at_ms=desk.now_ms,
            recording=desk.only(RecordingStarted).recording,
            path="x",
            duration_ms=5,
            reason="the card is full",
        )
    )
    desk.hang_up("fxs/1")
    assert desk.outcome == "answered", "the recording had ended before"
    assert desk.only(RecordingEnded)


def test_one_line_may_be_kept_out_of_the_recordings() -> None:
    lines = (Line(port="fxo/1", record="none"), Line(port="fxo/2"))
    desk = Desk.ready(Settings(record="all", lines=lines))
    desk.talk_inbound()
    assert not desk.recordings


def test_a_line_straight_to_the_group_is_answered_by_the_lifted_handset() -> None:
    desk = Desk.ready(_straight())
    desk.call_in()
    assert set(desk.ringing) == {"fxs/1", "fxs/2", "fxs/3", "fxs/4"}
    assert not desk.seized, "the caller pays nothing yet"
    assert not desk.tones, "and hears the exchange's own ringback"
    desk.wait(3_000)
    desk.burst("fxo/1", off_ms=500)
    desk.lift("fxs/2")
    assert desk.joined == {("fxo/1", "fxs/2")}
    order = [type(effect) for effect in desk.effects]
    assert order.index(LineAnswered) < order.index(Seize) < order.index(SetBridge)
    assert desk.only(MenuLeft).destination == "group 200"


def test_a_line_straight_to_the_group_rings_on_until_the_caller_gives_up() -> None:
    desk = Desk.ready(_straight())
    for _ in range(20):
        desk.burst("fxo/1")
    assert desk.ringing
    desk.wait(3_000)
    assert not desk.ringing
    assert desk.outcome == "abandoned"
    assert not desk.entries(LineAnswered)


def test_a_telephone_that_fails_while_it_rings_leaves_the_others_ringing() -> None:
    desk = Desk.ready(_straight())
    desk.call_in()
    desk.tell(PortFailed(port="fxs/1", at_ms=desk.now_ms, reason="no battery"))
    desk.ringing.pop("fxs/1", None)
    assert desk.only(RingingEnded).result == "failed"
    assert set(desk.ringing) == {"fxs/2", "fxs/3", "fxs/4"}


def test_new_settings_count_from_the_next_call() -> None:
    desk = Desk.ready()
    desk.call_in()
    one = desk.settings.extensions[0]
    renamed = msgspec.structs.replace(one, number="301")
    rest = desk.settings.extensions[1:]
    group = msgspec.structs.replace(desk.settings.ring_groups[0], members=("301",))
    settings = msgspec.structs.replace(
        desk.settings, country="US", extensions=(renamed, *rest), ring_groups=(group,)
    )
    assert desk.office.apply_settings(settings, desk.now_ms) == []
    desk.key("fxo/1", "1")
    desk.wait(PROMPT_MS)
    assert set(desk.ringing) == {"fxs/1"}, "the caller in the menu still knows it as 201"
    status = desk.office.status(desk.now_ms)
    assert status.country == "US"
    assert next(p.label for p in status.ports if p.port == "fxs/1") == "301"
    desk.lift("fxs/2")
    desk.key("fxs/2", "301")
    assert desk.tones["fxs/2"] == "busy"


def test_the_hook_keeps_to_the_new_country() -> None:
    desk = Desk.ready()
    desk.lift("fxs/1")
    settings = msgspec.structs.replace(desk.settings, country="US")
    desk.office.apply_settings(settings, desk.now_ms)
    desk.wait(500)
    # 900 ms is a hang-up in China (from 800) and a recall in the United States (up to 1000).
    desk.hang_up("fxs/1")
    assert desk.now_ms
    assert next(p for p in desk.office.status(0).ports if p.port == "fxs/1").state == "idle"


def test_the_status_shows_ports_and_calls() -> None:
    desk = Desk.ready()
    desk.talk_inbound()
    status = desk.office.status(desk.now_ms)
    assert status.lines_connected
    ports = {port.port: port for port in status.ports}
    assert len(ports) == 8
    (call,) = status.calls
    assert (ports["fxs/1"].label, ports["fxs/1"].state, ports["fxs/1"].call) == (
        "201",
        "in_call",
        call.call,
    )
    assert (ports["fxo/1"].state, ports["fxo/2"].state) == ("connected", "idle")
    assert (call.direction, call.state, call.caller, call.destination) == (
        "inbound",
        "talking",
        "01065529988",
        "extension 201",
    )
    assert set(call.parties) == {"fxo/1", "fxs/1"}


def test_a_port_out_of_service_says_why() -> None:
    desk = Desk.ready()
    desk.tell(PortFailed(port="fxs/3", at_ms=desk.now_ms, reason="calibration took 900 ms"))
    (port,) = [p for p in desk.office.status(0).ports if p.port == "fxs/3"]
    assert (port.state, port.detail) == ("out_of_service", "calibration took 900 ms")


def test_an_office_is_busy_while_a_record_is_open() -> None:
    desk = Desk.ready()
    assert not desk.office.busy
    desk.lift("fxs/1")
    assert not desk.office.busy, "a lifted handset has no record yet"
    desk.key("fxs/1", "202")
    assert desk.office.busy
    desk.hang_up("fxs/1")
    assert not desk.office.busy


def test_what_concerns_no_call_changes_nothing() -> None:
    desk = Desk.ready()
    for event in (
        BusFault(port="fxs/1", at_ms=desk.now_ms, count=3),
        DigitEnded(port="fxs/1", at_ms=desk.now_ms, digit="1", duration_ms=80),
        PlayFinished(port="fxo/1", at_ms=desk.now_ms, play="old"),
        RecordingFinished(
            port="fxo/1", at_ms=desk.now_ms, recording="9-rec1", path="x", duration_ms=1
        ),
    ):
        assert desk.tell(event) == []


def test_an_owner_gets_calls_on_a_jack_that_the_settings_do_not_name() -> None:
    desk = Desk.ready(Settings(lines=(Line(port="fxo/1"),)))
    desk.tell(RingStarted(port="fxo/4", at_ms=desk.now_ms))
    assert desk.only(CallOffered).origin == "fxo/4"


def test_four_callers_at_once_reach_four_telephones() -> None:
    desk = Desk.ready()
    for n in range(1, 5):
        desk.call_in(f"fxo/{n}")
        desk.wait(PROMPT_MS + 500)
        desk.key(f"fxo/{n}", "0")
        desk.wait(PROMPT_MS)
        desk.lift(f"fxs/{n}")
    assert desk.joined == {(f"fxo/{n}", f"fxs/{n}") for n in range(1, 5)}
    assert len(desk.office.calls) == 4
    for n in range(1, 5):
        desk.hang_up(f"fxs/{n}")
    assert len(desk.entries(CallClosed)) == 4
    assert desk.seized == set()
