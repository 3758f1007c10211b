"""Trunks on the command line, in both languages."""

from __future__ import annotations

import re

from firmware.control.messages import Refused
from firmware.control.trunk_messages import (
    StrangerSeen,
    TrunkProbed,
    TrunksAnswer,
    TrunkSeen,
    TrunkTestAnswer,
    TryTrunk,
)
from firmware.core.settings import Settings
from firmware.core.sip_settings import Sip, SipTrunk
from firmware.daemons.cli.trunks import WORDS, trunks_lines, verdict_lines
from firmware.daemons.desks.trunk_desk import TrunkDesk
from firmware.sip.network import NetworkFound
from firmware.sip.sources import Stranger
from firmware.sip.trunk import TRUNK
from firmware.sip.why import because

CARRIER = SipTrunk(name="carrier", lines=("sip/1",), host="carrier.example", user="021")


def test_every_state_of_a_trunk_has_words_in_both_languages() -> None:
    assert set(TRUNK.states) <= set(WORDS)
    for chinese, english in WORDS.values():
        assert re.search("[一-鿿]", chinese)
        assert not re.search("[一-鿿]", english)


def test_a_trunk_that_is_refused_says_why() -> None:
    refused = because("answered", host="carrier.example", said="403 Forbidden")
    answer = TrunksAnswer(
        here=True,
        library="2.17",
        trunks=(TrunkSeen(name="carrier", state="waiting", up=False, reason=refused),),
        strangers=(StrangerSeen(address="198.51.100.9", asked="INVITE", count=3, ago_ms=5_400),),
    )
    text = "\n".join(trunks_lines(answer, "en"))
    assert "pjproject 2.17" in text
    assert re.search(r"carrier +waiting to try again +carrier.example answered 403 Forbidden", text)
    assert re.search(r"198\.51\.100\.9 +INVITE +3 +5", text)
    chinese = "\n".join(trunks_lines(answer, "zh-CN"))
    assert re.search("等待重试 +carrier.example 回应 403 Forbidden", chinese)


def test_legs_and_the_library_are_told_in_the_readers_language() -> None:
    problems = (
        because("beyond-legs", ports="sip/9, sip/10", legs=8),
        because("old", version="2.12", wanted="2.17"),
    )
    answer = TrunksAnswer(
        here=True,
        library="2.12",
        problems=problems,
        trunks=(TrunkSeen(name="a", state="up", up=True),),
    )
    english, chinese = ("\n".join(trunks_lines(answer, one)) for one in ("en", "zh-HK"))
    assert "sip/9, sip/10 cannot be used: this machine has 8 trunk calls" in english
    assert "本机同时只有 8 路中继通话" in chinese
    assert "只供开发使用" in chinese


def test_an_office_without_trunks_and_one_without_the_program() -> None:
    assert trunks_lines(TrunksAnswer(here=False), "en") == ["No SIP trunk is set."]
    settings = Settings(sip=Sip(trunks=(CARRIER,)), language="en")
    desk = TrunkDesk(lambda: settings)
    assert desk.alarms == ("The SIP program does not run; trunks cannot be used.",)
    assert trunks_lines(desk.answer(0), "en")[0] == "The SIP program does not run."
    desk.here = True
    assert desk.alarms == ("There is no SIP library on this machine; trunks cannot be used.",)
    desk.hear(Stranger(at_ms=1_000, address="198.51.100.9", asked="OPTIONS"))
    assert desk.answer(4_000).strangers[0].ago_ms == 3_000


def test_trunks_are_told_once_and_after_a_change() -> None:
    settings = Settings(sip=Sip(trunks=(CARRIER,)))
    desk = TrunkDesk(lambda: settings)
    assert desk.to_say() is not None
    assert desk.to_say() is None
    assert desk.to_say(anew=True) is not None
    settings = Settings(sip=Sip())
    told = desk.to_say()
    assert told is not None
    assert told.sip.trunks == ()


def test_the_network_of_a_trunk_is_tested_and_who_waits_is_told_when_the_program_goes() -> None:
    settings = Settings(sip=Sip(trunks=(CARRIER,)), language="en")
    desk = TrunkDesk(lambda: settings)
    said: list[object] = []
    request = TryTrunk(name="carrier", language="en")
    assert desk.test(request, said.append) == []
    assert isinstance(said[-1], Refused)
    desk.here = True
    (first,) = desk.test(request, said.append)
    (second,) = desk.test(request, said.append)
    assert first.ask != second.ask
    found = NetworkFound(trunk="carrier", host="carrier.example", problem="unknown")
    desk.hear(TrunkProbed(ask=first.ask, found=found))
    assert isinstance(said[-1], TrunkTestAnswer)
    assert verdict_lines(said[-1])[0].startswith("carrier: No address of carrier.example")
    desk.away()
    assert isinstance(said[-1], Refused)
    assert len(said) == 3
    desk.hear(TrunkProbed(ask=second.ask, found=found))  # too late
    assert len(said) == 3
