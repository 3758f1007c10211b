"""Two offices linked by a trunk: extensions behind a prefix, and what keys do on a trunk."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from drivers.line import LoopClosed, LoopOpened, PortReady
from firmware.core.commands import SendDigits
from firmware.core.events import IdentityKind
from firmware.core.log_entries import CallDialled, CallerKnown, CallOffered
from firmware.core.settings import Extension, Line, Settings, validate
from firmware.core.sip_events import Invite, SipAnswered, SipEnded, SipOffered, SipRings
from firmware.core.sip_settings import Sip, SipTrunk
from tests.unit.desk import Desk

NORTH = SipTrunk(
    name="north", lines=("sip/1", "sip/2"), host="192.0.2.8", register=False, prefix="8"
)
OFFICE = Settings(
    extensions=(
        Extension(number="201", port="fxs/1", calls="internal"),
        Extension(number="202", port="fxs/2"),
    ),
    lines=(Line(port="fxo/1"), Line(port="sip/1"), Line(port="sip/2")),
    sip=Sip(trunks=(NORTH,)),
)


@pytest.fixture
def desk() -> Desk:
    made = Desk.ready(OFFICE)
    for port in NORTH.lines:
        made.tell(PortReady(port=port, at_ms=made.now_ms))
    return made


def invites(desk: Desk) -> list[Invite]:
    return [effect for effect in desk.effects if isinstance(effect, Invite)]


def dial(desk: Desk, keys: str) -> None:
    desk.lift("fxs/1")
    desk.key("fxs/1", keys)
    desk.wait(1_000)


def test_the_other_offices_extension_is_dialled_at_once_and_by_whoever_may_not_call_out(
    desk: Desk,
) -> None:
    dial(desk, "8305")
    assert invites(desk) == [Invite(port="sip/1", number="305", caller="201")]
    assert desk.only(CallDialled).destination == "outside 305 north"
    desk.tell(SipRings(port="sip/1", at_ms=desk.now_ms, code=180))
    desk.tell(SipAnswered(port="sip/1", at_ms=desk.now_ms))
    assert desk.joined == {("fxs/1", "sip/1")}
    desk.wait(30_000)
    desk.hang_up("fxs/1")
    desk.wait(1_000)
    assert desk.outcome == "answered"


def test_an_office_that_does_not_answer_is_asked_once_and_not_looked_for_in_the_telephone_network(
    desk: Desk,
) -> None:
    dial(desk, "8305")
    desk.wait(5_000)  # a box that is off says nothing; asked again it would say as little
    assert [invite.port for invite in invites(desk)] == ["sip/1"]
    assert [play.prompts for play in desk.plays.values()] == [("zh-CN/call-failed",)]
    assert "fxo/1" not in desk.seized
    desk.hang_up("fxs/1")
    desk.wait(2_000)
    assert desk.outcome == "refused"


def test_the_other_office_dials_our_extension_and_nothing_else(desk: Desk) -> None:
    def come(called: str) -> None:
        desk.tell(
            SipOffered(
                port="sip/1",
                at_ms=desk.now_ms,
                kind=IdentityKind.NUMBER,
                number="305",
                called=called,
            )
        )

    come("202")
    assert set(desk.ringing) == {"fxs/2"}
    # Shown as it is dialled from here: 305 could be a telephone of this office as well.
    assert desk.only(CallerKnown).number == "8305"
    desk.tell(SipEnded(port="sip/1", at_ms=desk.now_ms, code=487))
    desk.wait(2_000)
    come("0013105550100")  # it cannot dial out through us: its call goes where the line's go
    assert invites(desk) == []
    assert len(desk.entries(CallOffered)) == 2


def test_where_offices_meet_the_prefix_goes_out_with_the_number_and_comes_in_with_the_caller() -> (
    None
):
    meeting = SipTrunk(
        name="meeting",
        lines=("sip/1", "sip/2"),
        host="192.0.2.5",
        register=False,
        offices=("7", "85"),
    )
    desk = Desk.ready(msgspec.structs.replace(OFFICE, sip=Sip(trunks=(meeting,))))
    for port in meeting.lines:
        desk.tell(PortReady(port=port, at_ms=desk.now_ms))
    dial(desk, "85305")
    assert invites(desk) == [Invite(port="sip/1", number="85305", caller="201")]
    desk.tell(
        SipOffered(
            port="sip/2",
            at_ms=desk.now_ms,
            kind=IdentityKind.NUMBER,
            number="7305",
            called="202",
        )
    )
    assert set(desk.ringing) == {"fxs/2"}
    assert desk.entries(CallerKnown)[-1].number == "7305"


def test_prefixes_of_offices_that_meet_are_checked_as_others_are() -> None:
    trunk = msgspec.structs.replace(NORTH, offices=("7", "81", "abc"))
    problems = validate(msgspec.structs.replace(OFFICE, sip=Sip(trunks=(trunk,))), "en")
    told = {path for path in problems if path.startswith("sip.")}
    assert told == {"sip.trunks.0.offices.1", "sip.trunks.0.offices.2"}


@pytest.mark.parametrize("prefix", ["9", "2", "1", "11", "x", "1234"])
def test_a_prefix_that_is_taken_or_none_is_refused_in_both_languages(prefix: str) -> None:
    trunk = msgspec.structs.replace(NORTH, prefix=prefix)
    settings = msgspec.structs.replace(OFFICE, sip=Sip(trunks=(trunk,)))
    for language, word in (("en", "other office"), ("zh-CN", "前缀")):
        problems = validate(settings, language)
        assert word in problems["sip.trunks.0.prefix"]
        assert prefix in problems["sip.trunks.0.prefix"]


def test_a_key_in_a_call_over_a_trunk_goes_out_as_an_event(desk: Desk) -> None:
    dial(desk, "8305")
    desk.tell(SipAnswered(port="sip/1", at_ms=desk.now_ms))
    desk.wait(500)
    assert desk.listening["fxs/1"].digits, "nobody would hear the key"
    before = len(desk.effects)
    desk.key("fxs/1", "7")
    sent: list[Any] = [e for e in desk.effects[before:] if isinstance(e, SendDigits)]
    assert sent == [SendDigits(port="sip/1", digits="7")]
    # --- an enquiry in between: whoever comes back has his keys heard again
    for _ in range(2):
        desk.tell(LoopOpened(port="fxs/1", at_ms=desk.now_ms))
        desk.wait(100)
        desk.tell(LoopClosed(port="fxs/1", at_ms=desk.now_ms))
        desk.wait(1_000)
    assert desk.joined == {("fxs/1", "sip/1")}
    assert desk.listening["fxs/1"].digits
