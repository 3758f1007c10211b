"""Mailboxes in the office: who is sent there, and what his telephone tells the owner."""

from __future__ import annotations

import msgspec

from firmware.control.messages import RecordingSnapshot
from firmware.core.commands import StartRecording
from firmware.core.events import RecordingFinished
from firmware.core.log_entries import CallClosed, Outcome
from firmware.core.settings import Extension, Settings, Voicemail
from firmware.dialogs.told import JudgeTake, StudioOrder
from firmware.voicemail.mailbox import Erase, Keep, Message
from tests.unit.desk import Desk

OFFICE = Settings(
    inbound="201",
    extensions=(
        Extension(number="201", port="fxs/1", voicemail=True),
        Extension(number="202", port="fxs/2"),
    ),
    ring_groups=(),
    voicemail=Voicemail(shortest_ms=500),  # the desk's recordings last a second
)


def _message(*, heard: bool = False) -> Message:
    return Message(
        message="m",
        mailbox="201",
        path="/v/m.wav",
        left_at="2026-03-02T01:00:00+00:00",
        duration_ms=4_000,
        heard=heard,
    )


def test_a_colleague_whom_nobody_answers_leaves_a_message() -> None:
    desk = Desk.ready(OFFICE)
    desk.lift("fxs/2")
    desk.key("fxs/2", "201")
    desk.wait(120_000)
    (recording,) = [e for e in desk.effects if isinstance(e, StartRecording)]
    assert recording.port == "fxs/2"
    desk.hang_up("fxs/2")
    desk.wait(2_000)
    begun, kept = [e.message for e in desk.effects if isinstance(e, Keep)]
    assert (begun.message, begun.duration_ms) == (kept.message, 0)
    assert (kept.mailbox, kept.caller) == ("201", "202")
    assert desk.only(CallClosed).outcome is Outcome.NO_ANSWER


def test_a_new_message_changes_the_dial_tone_until_it_is_heard() -> None:
    for heard, tone in ((False, "stutter"), (True, "dial")):
        desk = Desk.ready(OFFICE)
        desk.office.know_messages([_message(heard=heard)])
        desk.lift("fxs/1")
        assert desk.tones["fxs/1"] == tone


def test_nobody_without_a_mailbox_gets_one() -> None:
    plain = msgspec.structs.replace(OFFICE, extensions=OFFICE.extensions[1:], inbound="202")
    desk = Desk.ready(plain)
    desk.office.know_messages([_message()])
    desk.lift("fxs/2")
    assert desk.tones["fxs/2"] == "dial"


def test_a_take_that_was_being_spoken_at_the_hang_up_is_cleared_away() -> None:
    desk = Desk.ready(OFFICE)
    desk.lift("fxs/1")
    desk.key("fxs/1", "*71#")
    for keys in ("3", "1"):  # Cantonese, all of the script
        desk.wait(12_000)
        desk.key("fxs/1", keys)
    for _ in range(20):
        desk.wait(1_000)
        if any(isinstance(e, StartRecording) for e in desk.effects):
            break
    desk.hang_up("fxs/1")
    desk.wait(2_000)
    (recording,) = [e for e in desk.effects if isinstance(e, StartRecording)]
    (order,) = [e.order for e in desk.effects if isinstance(e, StudioOrder)]
    assert order == JudgeTake(take=recording.recording, path=recording.path)


def _cut_off(desk: Desk) -> StartRecording:
    """202 speaks a message for 201, and call control is gone."""
    desk.lift("fxs/2")
    desk.key("fxs/2", "201")
    for _ in range(120):
        desk.wait(1_000)
        for effect in desk.effects:
            if isinstance(effect, StartRecording):
                return effect
    raise AssertionError(desk.log)


def test_a_restart_while_a_message_is_spoken_keeps_what_was_said() -> None:
    before = Desk.ready(OFFICE)
    recording = _cut_off(before)
    kept = [e.message for e in before.effects if isinstance(e, Keep)]
    after = Desk(OFFICE, first_call=100)
    after.office.know_messages(kept)
    after.recordings = {recording.recording: recording}
    running = RecordingSnapshot(
        recording=recording.recording, port=recording.port, path=recording.path
    )
    after.adopt(recordings=(running,))
    assert after.office.unfinished_messages([recording.recording]) == ()
    after.wait(1_000)
    (done,) = [e.message for e in after.effects if isinstance(e, Keep)]
    assert (done.message, done.caller, done.duration_ms) == (recording.recording, "202", 1_000)
    assert after.office.waiting_messages("201") == 1


def test_of_a_message_whose_recorder_is_gone_too_the_file_is_asked() -> None:
    before = Desk.ready(OFFICE)
    recording = _cut_off(before)
    after = Desk(OFFICE, first_call=100)
    after.office.know_messages([e.message for e in before.effects if isinstance(e, Keep)])
    after.adopt()
    (open_message,) = after.office.unfinished_messages([])
    assert open_message.message == recording.recording
    for length_ms, kind in ((100, Erase), (3_000, Keep)):
        closed = RecordingFinished(
            port="", at_ms=0, recording=recording.recording, path="", duration_ms=length_ms
        )
        other = Desk(OFFICE)
        other.office.know_messages([open_message])
        (done,) = other.tell(closed)
        assert isinstance(done, kind)


def test_wrong_pins_of_a_mailbox_are_counted_over_visits_and_raise_an_alarm() -> None:
    locked = msgspec.structs.replace(
        OFFICE,
        extensions=(msgspec.structs.replace(OFFICE.extensions[0], voicemail_pin="8642"),),
    )
    desk = Desk.ready(locked)
    for pin in ("1111#", "2222#", "3333#"):
        desk.lift("fxs/1")
        desk.key("fxs/1", "*98")
        desk.wait(3_000)
        desk.key("fxs/1", pin)
        desk.wait(3_000)
        desk.hang_up("fxs/1")
        desk.wait(2_000)
    assert desk.office.outside.fraud.pin_blocked("mailbox 201")
    assert [alarm.what for alarm in desk.office.outside.fraud.counters.alarms] == ["pin_failed"]
    desk.lift("fxs/1")
    desk.key("fxs/1", "*98")
    desk.wait(100)
    assert desk.plays["fxs/1"].prompts[0] == "zh-CN/password-locked"
