"""Calls over trunks as the whole office handles them: the same code as for exchange lines."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from drivers.line import PortFailed, PortReady, Release, Seize
from firmware.core.commands import Listen
from firmware.core.events import DigitHeard, IdentityKind
from firmware.core.log_entries import (
    CallClosed,
    CallerKnown,
    Cleared,
    FarSideAnswered,
    LineSeized,
)
from firmware.core.outside_settings import Limits, Route, Trunk
from firmware.core.settings import Line, Settings
from firmware.core.sip_events import (
    Invite,
    SipAnswered,
    SipEnded,
    SipKey,
    SipOffered,
    SipQuality,
    SipRings,
)
from firmware.core.sip_settings import Sip, SipTrunk
from firmware.core.trunk_entries import TrunkMeasured
from tests.unit.desk import Desk

CARRIER = SipTrunk(
    name="carrier", lines=("sip/1", "sip/2"), host="192.0.2.1", register=False, user="021"
)
OFFICE = Settings(
    lines=(Line(port="fxo/1"), Line(port="sip/1", inbound="201"), Line(port="sip/2")),
    sip=Sip(trunks=(CARRIER,)),
    trunks=(
        Trunk(name="carrier", lines=("sip/1", "sip/2")),
        Trunk(name="exchange", lines=("fxo/1",)),
    ),
    routes=(Route(trunk="carrier", price=1), Route(trunk="exchange", price=10)),
)


@pytest.fixture
def desk() -> Desk:
    made = Desk.ready(OFFICE)
    for port in ("sip/1", "sip/2"):
        made.tell(PortReady(port=port, at_ms=made.now_ms))
    return made


def done(desk: Desk, kind: type) -> list[Any]:
    return [effect for effect in desk.effects if isinstance(effect, kind)]


def offered(desk: Desk, port: str = "sip/1", **more: Any) -> None:
    more = {"kind": IdentityKind.NUMBER, "number": "13800138000", **more}
    desk.tell(SipOffered(port=port, at_ms=desk.now_ms, **more))


def dialled(desk: Desk) -> None:
    desk.lift("fxs/1")
    desk.key("fxs/1", "902155550100")
    desk.wait(6_000)


def test_a_caller_rings_the_telephone_and_talks(desk: Desk) -> None:
    offered(desk)
    assert set(desk.ringing) == {"fxs/1"}
    desk.lift("fxs/1")
    assert Seize(port="sip/1") in desk.effects
    desk.tell(SipAnswered(port="sip/1", at_ms=desk.now_ms, codec="PCMA"))
    assert desk.joined == {("fxs/1", "sip/1")}
    desk.wait(5_000)
    desk.tell(SipEnded(port="sip/1", at_ms=desk.now_ms, code=200, reason="OK"))
    desk.hang_up("fxs/1")
    assert desk.only(CallerKnown).number == "13800138000"
    cleared = desk.only(Cleared)
    assert (cleared.side.value, cleared.by.value) == ("customer", "signal")
    assert desk.outcome == "answered"
    assert Release(port="sip/1") in desk.effects


def test_a_dialled_number_has_a_place_of_its_own(desk: Desk) -> None:
    offered(desk, "sip/1", called="02161234503", to="203")
    assert set(desk.ringing) == {"fxs/3"}


def test_a_caller_who_gives_up_is_an_abandoned_call(desk: Desk) -> None:
    offered(desk)
    desk.tell(SipEnded(port="sip/1", at_ms=desk.now_ms, code=487, reason="Request Terminated"))
    assert desk.outcome == "abandoned"
    assert desk.ringing == {}


def test_keys_come_as_events_and_are_not_heard_twice(desk: Desk) -> None:
    offered(desk, "sip/2")  # to the menu
    desk.tell(SipAnswered(port="sip/2", at_ms=desk.now_ms, keys=True))
    listens = [listen for listen in done(desk, Listen) if listen.port == "sip/2"]
    assert not any(listen.digits for listen in listens), "the detector would hear them again"
    desk.wait(500)
    desk.tell(DigitHeard(port="sip/2", at_ms=desk.now_ms, digit="2"))
    desk.wait(3_000)
    assert desk.ringing == {}
    desk.tell(SipKey(port="sip/2", at_ms=desk.now_ms, digit="2"))
    desk.wait(3_000)
    assert set(desk.ringing) == {"fxs/2"}


def test_keys_as_sound_where_the_far_side_has_no_events(desk: Desk) -> None:
    offered(desk, "sip/2")
    desk.tell(SipAnswered(port="sip/2", at_ms=desk.now_ms, keys=False))
    assert [listen.digits for listen in done(desk, Listen) if listen.port == "sip/2"][-1]
    desk.tell(DigitHeard(port="sip/2", at_ms=desk.now_ms, digit="2"))
    desk.wait(3_000)
    assert set(desk.ringing) == {"fxs/2"}


def test_the_cheaper_trunk_takes_a_call_out_and_its_answer_is_a_fact(desk: Desk) -> None:
    dialled(desk)
    assert Invite(port="sip/1", number="02155550100") in desk.effects
    desk.tell(SipRings(port="sip/1", at_ms=desk.now_ms, code=180))
    assert desk.joined == {("fxs/1", "sip/1")}  # early media
    desk.wait(2_000)
    desk.tell(SipAnswered(port="sip/1", at_ms=desk.now_ms))
    answered = desk.only(FarSideAnswered)
    assert (answered.by.value, answered.estimate) == ("signal", False)
    desk.wait(60_000)
    desk.hang_up("fxs/1")
    desk.wait(2_000)
    assert Release(port="sip/1") in desk.effects
    assert desk.outcome == "answered"


def test_a_provider_that_is_overloaded_is_passed_over(desk: Desk) -> None:
    dialled(desk)
    desk.tell(SipEnded(port="sip/1", at_ms=desk.now_ms, code=503, reason="Service Unavailable"))
    desk.wait(100)
    assert [entry.port for entry in desk.entries(LineSeized)] == ["sip/1", "fxo/1"]
    assert "fxo/1" in desk.seized


def test_a_provider_that_says_nothing_is_passed_over_within_five_seconds(desk: Desk) -> None:
    dialled(desk)
    begun = next(e.at_ms for e in desk.entries(LineSeized) if e.port == "sip/1")
    desk.wait(5_000)
    second = next(e.at_ms for e in desk.entries(LineSeized) if e.port == "fxo/1")
    assert second - begun <= 5_000
    assert Release(port="sip/1") in desk.effects


def test_a_provider_that_has_taken_note_gets_more_time(desk: Desk) -> None:
    dialled(desk)
    desk.tell(SipRings(port="sip/1", at_ms=desk.now_ms, code=100))
    desk.wait(12_000)
    assert [entry.port for entry in desk.entries(LineSeized)] == ["sip/1"]
    desk.tell(SipRings(port="sip/1", at_ms=desk.now_ms, code=183))
    desk.tell(SipAnswered(port="sip/1", at_ms=desk.now_ms))
    assert desk.joined == {("fxs/1", "sip/1")}


@pytest.mark.parametrize(
    ("code", "outcome"), [(486, "busy"), (404, "refused"), (480, "no_answer"), (302, "failed")]
)
def test_what_the_far_side_says_is_the_outcome(desk: Desk, code: int, outcome: str) -> None:
    dialled(desk)
    desk.tell(SipRings(port="sip/1", at_ms=desk.now_ms, code=180))
    desk.tell(SipEnded(port="sip/1", at_ms=desk.now_ms, code=code, reason="said"))
    desk.hang_up("fxs/1")
    assert desk.outcome == outcome
    assert desk.only(Cleared).detail == f"{code} said"
    assert [entry.port for entry in desk.entries(LineSeized)] == ["sip/1"]


def test_a_trunk_that_is_down_is_not_tried(desk: Desk) -> None:
    for port in ("sip/1", "sip/2"):
        desk.tell(PortFailed(port=port, at_ms=desk.now_ms, reason="trunk carrier: 403"))
    dialled(desk)
    assert [entry.port for entry in desk.entries(LineSeized)] == ["fxo/1"]


def test_the_trunk_daemon_is_lost_in_a_conversation(desk: Desk) -> None:
    offered(desk)
    desk.lift("fxs/1")
    desk.tell(SipAnswered(port="sip/1", at_ms=desk.now_ms))
    desk.tell(PortFailed(port="sip/1", at_ms=desk.now_ms, reason="the trunk daemon was lost"))
    closed = desk.only(CallClosed)
    assert closed.outcome.value == "answered"
    assert desk.only(Cleared).by.value == "fault"
    assert desk.joined == set()


def test_limits_of_calls_out_hold_for_trunks() -> None:
    desk = Desk.ready(msgspec.structs.replace(OFFICE, limits=Limits(stop=True)))
    for port in ("sip/1", "sip/2"):
        desk.tell(PortReady(port=port, at_ms=desk.now_ms))
    dialled(desk)
    assert done(desk, Invite) == []
    assert desk.entries(LineSeized) == []


def test_an_emergency_call_goes_by_a_trunk_when_no_line_is_left() -> None:
    desk = Desk.ready(msgspec.structs.replace(OFFICE, lines=OFFICE.lines[1:], trunks=(), routes=()))
    desk.tell(PortReady(port="sip/1", at_ms=desk.now_ms))
    desk.lift("fxs/1")
    desk.key("fxs/1", "110")
    desk.wait(4_000)
    assert Invite(port="sip/1", number="110") in desk.effects


def test_the_next_caller_may_come_at_once_on_the_same_leg(desk: Desk) -> None:
    offered(desk)
    desk.tell(SipEnded(port="sip/1", at_ms=desk.now_ms, code=487))
    assert desk.effects.count(Release(port="sip/1")) == 1, "sipd waits for it"
    offered(desk, number="13900139000")
    desk.lift("fxs/1")
    desk.tell(SipAnswered(port="sip/1", at_ms=desk.now_ms))
    desk.tell(SipEnded(port="sip/1", at_ms=desk.now_ms, code=200))
    desk.hang_up("fxs/1")
    offered(desk, number="13700137000")
    assert [entry.number for entry in desk.entries(CallerKnown)] == [
        "13800138000",
        "13900139000",
        "13700137000",
    ]


def counted(desk: Desk, port: str = "sip/1", **more: Any) -> SipQuality:
    """20 s of a call with 5 % loss: 950 of 1,000 packets came."""
    fields = {"codec": "PCMA", "transport": "udp", "packets": 950, "lost": 50, "sent": 1_000}
    return SipQuality(port=port, at_ms=desk.now_ms, **fields, **more)


def test_how_sound_travelled_is_kept_with_the_call_however_late_it_is_told(desk: Desk) -> None:
    offered(desk)
    desk.lift("fxs/1")
    desk.tell(SipAnswered(port="sip/1", at_ms=desk.now_ms, codec="PCMA"))
    desk.tell(counted(desk, mos=3.9, jitter_ms=2.0))
    desk.wait(20_000)
    desk.hang_up("fxs/1")
    assert desk.outcome == "answered"
    assert desk.entries(TrunkMeasured) == [], "the leg is not over"
    desk.tell(counted(desk, mos=3.8, jitter_ms=3.0, over=True))
    desk.tell(SipEnded(port="sip/1", at_ms=desk.now_ms, code=200))
    entry = desk.only(TrunkMeasured)
    assert (entry.call, entry.port, entry.codec) == (desk.only(CallClosed).call, "sip/1", "PCMA")
    assert (entry.loss_percent, entry.jitter_ms, entry.mos) == (5.0, 3.0, 3.8)


def test_what_was_counted_last_is_kept_when_the_trunk_daemon_is_lost(desk: Desk) -> None:
    offered(desk)
    desk.lift("fxs/1")
    desk.tell(SipAnswered(port="sip/1", at_ms=desk.now_ms))
    desk.tell(counted(desk, mos=3.9))
    desk.tell(PortFailed(port="sip/1", at_ms=desk.now_ms, reason="the trunk daemon was lost"))
    assert desk.only(TrunkMeasured).lost == 50


def test_two_bad_calls_in_a_row_are_an_alarm_and_a_good_one_ends_it(desk: Desk) -> None:
    def call(**more: Any) -> tuple[str, ...]:
        offered(desk)
        desk.lift("fxs/1")
        desk.tell(SipAnswered(port="sip/1", at_ms=desk.now_ms))
        desk.tell(counted(desk, over=True, **more))
        desk.tell(SipEnded(port="sip/1", at_ms=desk.now_ms, code=200))
        desk.hang_up("fxs/1")
        desk.wait(2_000)
        return desk.office.leg_desk.alarms(desk.settings, "zh-CN")

    assert call(mos=2.9) == ()
    (alarm,) = call(mos=3.9, far_mos=2.5, far_jitter_ms=80.0)
    for word in ("carrier", "2.9", "5.0%", "80"):
        assert word in alarm
    assert call(mos=4.2, far_mos=4.1) == ()
