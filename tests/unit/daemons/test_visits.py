"""Mailboxes in the office: who is sent there, and what his telephone tells the owner."""

from __future__ import annotations

import msgspec

from firmware.core.commands import StartRecording
from firmware.core.log_entries import CallClosed, Outcome
from firmware.core.settings import Extension, Settings, Voicemail
from firmware.voicemail.mailbox import Keep, Message
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
    (kept,) = [e.message for e in desk.effects if isinstance(e, Keep)]
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
