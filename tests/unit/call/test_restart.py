"""Call control or lined goes away in the middle: who goes on talking, and what the record says."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from drivers.line import (
    LoopCurrentLost,
    LoopOpened,
    PolarityReversed,
    PortReady,
    Release,
    RingStarted,
)
from firmware.control.messages import BridgeSnapshot, RecordingSnapshot
from firmware.core.commands import Party, SetBridge
from firmware.core.events import ToneHeard
from firmware.core.log_entries import (
    AnyLogEntry,
    CallAdopted,
    CallClosed,
    CallOffered,
    Cleared,
    FarSideAnswered,
    LineAnswered,
    RecordingEnded,
    VoicesConnected,
)
from firmware.core.settings import Settings
from tests.unit.desk import PROMPT_MS, Desk


class Open(msgspec.Struct, frozen=True):
    """A call of the records that is not closed."""

    call: str
    entries: tuple[AnyLogEntry, ...]


def _open_calls(desk: Desk) -> tuple[Open, ...]:
    calls: dict[str, list[Any]] = {}
    for entry in desk.log:
        calls.setdefault(entry.call, []).append(entry)
    return tuple(
        Open(call, tuple(entries))
        for call, entries in calls.items()
        if not any(isinstance(entry, CallClosed) for entry in entries)
    )


def _bridges(desk: Desk) -> tuple[BridgeSnapshot, ...]:
    return tuple(
        BridgeSnapshot(bridge=b.bridge, call=b.call, parties=b.parties)
        for b in desk.bridges.values()
    )


def _restarted(desk: Desk, *, away_ms: int = 1_500, **snapshot: Any) -> Desk:
    """A new call control on the same records; the log goes on where it was."""
    new = Desk(desk.settings, first_call=1_000)
    new.now_ms = desk.now_ms + away_ms
    new.log = list(desk.log)
    new.bridges = dict(desk.bridges)
    new.seized = set(desk.seized)
    new.recordings = dict(desk.recordings)
    new.adopt(_open_calls(desk), alone_ms=away_ms, **snapshot)
    return new


def test_a_conversation_goes_on_in_one_record() -> None:
    desk = Desk.ready()
    desk.talk_inbound()
    new = _restarted(desk, off_hook=("fxs/1", "fxo/1"), bridges=_bridges(desk))
    assert not [effect for effect in new.effects if isinstance(effect, SetBridge | Release)]
    assert set(new.only(CallAdopted).parties) == {"fxo/1", "fxs/1"}
    new.wait(20_000)
    new.tone("fxo/1", "busy")
    new.wait(4_000)
    assert new.only(CallOffered)
    assert (new.only(Cleared).side.value, new.only(Cleared).by.value) == ("customer", "tone")
    assert new.outcome == "answered"
    assert new.joined == set()
    assert new.seized == set()


def test_an_internal_conversation_goes_on() -> None:
    desk = Desk.ready()
    desk.lift("fxs/1")
    desk.key("fxs/1", "202")
    desk.lift("fxs/2")
    new = _restarted(desk, off_hook=("fxs/1", "fxs/2"), bridges=_bridges(desk))
    new.hang_up("fxs/1")
    assert new.only(Cleared).side.value == "customer"
    assert new.outcome == "answered"
    assert new.tones == {"fxs/2": "congestion"}


def test_a_call_out_that_nobody_had_answered_yet_is_still_watched_for_its_answer() -> None:
    desk = Desk.ready()
    desk.dial_out()
    new = _restarted(desk, off_hook=("fxs/1", "fxo/1"), bridges=_bridges(desk))
    assert not new.entries(FarSideAnswered)
    new.tell(PolarityReversed(port="fxo/1", at_ms=new.now_ms, reversed=True))
    assert not new.only(FarSideAnswered).estimate
    assert new.only(VoicesConnected)


def test_a_reversal_after_the_restart_clears_a_call_whose_answer_was_a_reversal() -> None:
    desk = Desk.ready()
    desk.dial_out()
    desk.tell(PolarityReversed(port="fxo/1", at_ms=desk.now_ms, reversed=True))
    new = _restarted(desk, off_hook=("fxs/1", "fxo/1"), bridges=_bridges(desk))
    new.wait(5_000)
    new.tell(PolarityReversed(port="fxo/1", at_ms=new.now_ms, reversed=False))
    assert new.only(Cleared).by.value == "reversal"


def test_a_caller_in_the_menu_hears_it_again() -> None:
    desk = Desk.ready()
    desk.call_in()
    new = _restarted(desk, off_hook=("fxo/1",))
    assert new.plays["fxo/1"].prompts == ("zh-CN/welcome",)
    assert new.listening["fxo/1"].digits
    new.key("fxo/1", "1")
    new.wait(PROMPT_MS)
    new.lift("fxs/1")
    assert new.joined == {("fxo/1", "fxs/1")}
    assert new.only(LineAnswered), "answered once, before the restart"
    assert new.only(CallOffered)


def test_a_caller_for_whom_a_telephone_rang_hears_the_menu_again() -> None:
    desk = Desk.ready()
    desk.call_in()
    desk.key("fxo/1", "1")
    desk.wait(PROMPT_MS)
    new = _restarted(desk, off_hook=("fxo/1",), ringing=("fxs/1",))
    assert new.plays["fxo/1"].prompts == ("zh-CN/welcome",)
    assert not new.ringing


@pytest.mark.parametrize("in_burst", [True, False])
def test_a_line_that_rings_goes_on_ringing_for_the_same_call(in_burst: bool) -> None:
    desk = Desk.ready()
    desk.burst("fxo/1", off_ms=0)
    new = _restarted(desk, ringing=("fxo/1",) if in_burst else ())
    new.burst("fxo/1")
    new.burst("fxo/1", off_ms=700)
    assert new.only(CallOffered)
    assert new.only(LineAnswered)


def test_a_line_that_stopped_ringing_meanwhile_is_an_abandoned_call() -> None:
    desk = Desk.ready()
    desk.burst("fxo/1", off_ms=0)
    new = _restarted(desk)
    new.wait(6_000)
    assert new.outcome == "abandoned"


def test_a_line_seized_for_nobody_is_given_back() -> None:
    desk = Desk.ready()
    desk.lift("fxs/1")
    desk.key("fxs/1", "9123#")
    new = _restarted(desk, off_hook=("fxs/1", "fxo/1"))
    assert new.seized == set()
    assert new.outcome == "interrupted"
    assert new.only(Cleared).by.value == "restart"
    assert new.tones == {"fxs/1": "dial"}, "the handset is still lifted and may dial anew"


MISSED = {
    "agent": (LoopOpened(port="fxs/1", at_ms=1), "agent", "on_hook"),
    "loop break": (LoopCurrentLost(port="fxo/1", at_ms=1), "customer", "loop_break"),
    "tone": (ToneHeard(port="fxo/1", at_ms=1, tone="busy"), "customer", "tone"),
}


@pytest.mark.parametrize("sign", MISSED)
def test_a_conversation_that_ended_meanwhile_is_closed_as_lined_saw_it(sign: str) -> None:
    event, side, by = MISSED[sign]
    desk = Desk.ready()
    desk.talk_inbound()
    seen = msgspec.structs.replace(event, at_ms=desk.now_ms + 700)
    new = _restarted(desk, missed=(seen,))
    cleared = new.only(Cleared)
    assert (cleared.side.value, cleared.by.value) == (side, by)
    assert cleared.at_ms == desk.now_ms + 700
    assert new.outcome == "answered"


def test_a_conversation_that_ended_without_a_sign_says_so() -> None:
    desk = Desk.ready()
    desk.talk_inbound()
    new = _restarted(desk)
    assert (new.only(Cleared).side.value, new.only(Cleared).by.value) == ("unknown", "restart")
    assert new.outcome == "answered"


def test_a_recording_goes_on_through_the_restart() -> None:
    desk = Desk.ready(Settings(record="all", record_notice="none"))
    desk.talk_inbound()
    (recording,) = desk.recordings
    started = desk.recordings[recording]
    new = _restarted(
        desk,
        off_hook=("fxs/1", "fxo/1"),
        bridges=_bridges(desk),
        recordings=(RecordingSnapshot(recording=recording, port=started.port, path=started.path),),
    )
    new.hang_up("fxs/1")
    assert not new.recordings
    new.wait(200)
    assert new.only(RecordingEnded).recording == recording
    assert new.outcome == "answered"


def test_a_call_that_only_waited_for_its_recording_is_closed_as_it_had_ended() -> None:
    desk = Desk.ready(Settings(record="all", record_notice="none"))
    desk.talk_inbound()
    desk.hang_up("fxs/1")
    assert not desk.entries(CallClosed)
    new = _restarted(desk)
    assert new.only(Cleared).by.value == "on_hook"
    assert new.outcome == "answered"


def test_conversations_of_the_emergency_service_get_a_record_from_then_on() -> None:
    bridge = BridgeSnapshot(
        bridge="alone-out-1", call="", parties=(Party(port="fxs/2"), Party(port="fxo/1"))
    )
    desk = Desk()
    desk.adopt(alone_ms=40_000, off_hook=("fxs/2", "fxo/1"), bridges=(bridge,))
    assert desk.only(CallOffered).direction.value == "outbound"
    assert desk.only(CallOffered).origin == "fxs/2"
    desk.bridges["alone-out-1"] = SetBridge(bridge="alone-out-1", call="", parties=bridge.parties)
    desk.hang_up("fxs/2")
    assert desk.joined == set()
    assert len(desk.entries(CallClosed)) == 1


@pytest.mark.parametrize("stage", ["ringing", "menu", "offering", "talking", "progress", "seizing"])
def test_when_lined_is_lost_every_record_is_closed_and_nothing_is_sent(stage: str) -> None:
    desk = Desk.ready()
    match stage:
        case "ringing":
            desk.burst("fxo/1", off_ms=500)
        case "menu":
            desk.call_in()
        case "offering":
            desk.call_in()
            desk.key("fxo/1", "1")
            desk.wait(PROMPT_MS)
        case "talking":
            desk.talk_inbound()
        case "progress":
            desk.dial_out()
        case "seizing":
            desk.lift("fxs/1")
            desk.key("fxs/1", "9123#")
    effects = desk.office.lines_lost(desk.now_ms)
    assert all(hasattr(effect, "call") and not isinstance(effect, SetBridge) for effect in effects)
    (closed,) = [effect for effect in effects if isinstance(effect, CallClosed)]
    assert closed.outcome.value == ("answered" if stage == "talking" else "interrupted")
    assert len([effect for effect in effects if isinstance(effect, Cleared)]) == 1
    assert not desk.office.calls
    assert desk.office.next_deadline() is None
    assert not desk.office.status(desk.now_ms).lines_connected


def test_after_lined_is_back_a_lifted_handset_has_dial_tone() -> None:
    desk = Desk.ready()
    desk.talk_inbound()
    desk.office.lines_lost(desk.now_ms)
    desk.tones.clear()
    desk.wait(2_000)
    desk.adopt(off_hook=("fxs/1",))
    assert desk.tones == {"fxs/1": "dial"}
    desk.key("fxs/1", "202")
    assert set(desk.ringing) == {"fxs/2"}


def test_a_port_that_comes_up_after_the_snapshot_serves_from_then_on() -> None:
    desk = Desk()
    desk.lift("fxs/1")
    assert not desk.tones, "nothing is known of the port yet"
    desk.tell(PortReady(port="fxs/1", at_ms=desk.now_ms))
    desk.lift("fxs/1")
    assert desk.tones == {"fxs/1": "dial"}


def test_a_line_that_rings_when_the_box_comes_up_is_answered() -> None:
    desk = Desk()
    desk.adopt(ringing=("fxo/2",))
    desk.wait(500)
    desk.burst("fxo/2")
    desk.tell(RingStarted(port="fxo/2", at_ms=desk.now_ms))
    assert desk.only(CallOffered).origin == "fxo/2"
