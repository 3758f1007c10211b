"""A rehearsed call says what a real one does; 200 random cases are compared step by step."""

from __future__ import annotations

import io
import random
import wave
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import numpy as np
import pytest

from drivers.line import LoopCurrentLost
from firmware.core.log_entries import CallClosed, TelephoneRings
from firmware.core.settings import Hours, Notice, Settings
from firmware.daemons.what_if import WAIT, what_if
from ivr.check import Office, problems
from ivr.orders import LookedUp
from ivr.rehearsal import lines, sound
from tests.bench.menus import SUB, any_flow
from tests.unit.desk import Desk

ZONE = ZoneInfo("Asia/Shanghai")
HOLIDAY = datetime(2026, 10, 1, 10, 0, tzinfo=ZONE)  # National Day
MONDAY = datetime(2026, 3, 2, 10, 0, tzinfo=ZONE)
WEEK = Hours(week={"mon": ("09:00-18:00",), "tue": ("09:00-18:00",)})
OFFICE = Settings(hours=WEEK)
CALLER = "13800138000"


def _said(settings: Settings, **call: Any) -> list[tuple[str, ...]]:
    steps = what_if(settings, number=CALLER, line="fxo/1", **call)
    return [step.prompts for step in steps if step.what == "says"]


def test_on_a_holiday_callers_hear_so_and_may_ask_for_a_call_back() -> None:
    steps = what_if(OFFICE, number=CALLER, line="fxo/1", at=HOLIDAY, keys="21")
    said = [name for step in steps for name in step.prompts]
    assert said[0] == "zh-CN/closed-holiday"
    assert "zh-CN/menu-closed" in said
    assert "zh-CN/callback-booked" in said
    assert steps[-1].what == "ends"
    assert steps[-1].detail == "service"


def test_on_a_working_monday_the_menu_rings_201() -> None:
    steps = what_if(OFFICE, number=CALLER, line="fxo/1", at=MONDAY, keys="1", lifted="201")
    assert [s.detail for s in steps if s.what == "rings"] == ["201"]
    assert steps[-1].what == "talks"
    english = lines(steps, "en")
    assert any("the caller presses 1" in line for line in english)
    assert any("您好，欢迎致电。" in line for line in lines(steps, "zh-CN"))


def test_a_mode_set_from_a_handset_counts_until_its_time() -> None:
    forced = msgspec.structs.replace(
        WEEK, forced="night", forced_until=datetime(2026, 3, 2, 11, 0, tzinfo=ZONE).isoformat()
    )
    settings = Settings(hours=forced)
    assert _said(settings, at=MONDAY)[0] == ("zh-CN/closed",)
    assert _said(settings, at=MONDAY + timedelta(hours=2))[0] == ("zh-CN/welcome",)


def test_a_temporary_notice_is_heard_first_and_only_in_its_time() -> None:
    notice = Notice(
        prompt="all-busy", since="2026-03-02T09:30", until="2026-03-02T10:30"
    )  # in the office's zone
    settings = Settings(hours=msgspec.structs.replace(WEEK, notice=notice))
    for minutes, first in ((-45, "welcome"), (0, "all-busy"), (45, "welcome")):
        said = _said(settings, at=MONDAY + timedelta(minutes=minutes))
        assert said[0] == (f"zh-CN/{first}",), minutes
    assert _said(settings, at=MONDAY)[1] == ("zh-CN/welcome",)


def test_the_sound_holds_the_prompts_in_their_places() -> None:
    steps = what_if(OFFICE, number=CALLER, line="fxo/1", at=MONDAY, keys="1")
    tone = np.full(8_000, 1_000, np.int16)
    with wave.open(io.BytesIO(sound(steps, lambda _name: tone))) as file:
        assert (file.getframerate(), file.getnchannels()) == (8_000, 1)
        heard = np.frombuffer(file.readframes(file.getnframes()), "<i2")
    assert heard.any()
    answered = next(s.at_ms for s in steps if s.what == "answered")
    first = next(s.at_ms for s in steps if s.what == "says")
    assert heard[(first - answered) * 8 + 10] == 1_000


# --- against a real call --------------------------------------------------------------------------


def _case(seed: int) -> tuple[Settings, dict[str, Any]]:
    chance = random.Random(f"what-if {seed}")
    settings = OFFICE
    if chance.random() < 0.6:
        while True:
            flow = any_flow(chance.randrange(100_000))
            if not problems(flow, Office(flows={"sub": SUB})):
                break
        # The desk's prompts are of another length, so time may not decide.
        flow = msgspec.structs.replace(flow, limit_ms=3_600_000)
        documents = {"any": msgspec.to_builtins(flow), "sub": msgspec.to_builtins(SUB)}
        settings = msgspec.structs.replace(OFFICE, flows=documents, inbound="flow:any")
    at = datetime(2026, 1, 1, tzinfo=ZONE) + timedelta(minutes=chance.randrange(525_600))
    keys = "".join(chance.choice("0123456789*#-") for _ in range(chance.randint(0, 8)))
    number = chance.choice((CALLER, "01065529988"))
    return settings, {"number": number, "line": "fxo/1", "at": at, "keys": keys}


def _real(settings: Settings, call: dict[str, Any]) -> tuple[list[Any], list[str], str]:
    """The same call at the desk: prompts played, telephones rung, outcome."""
    desk = Desk.ready(settings)
    desk.office.tell_time(call["at"], desk.now_ms)
    desk.call_in(number=call["number"])
    keys, skipped, recording = list(call["keys"]), None, 0
    for _ in range(9_000):
        if desk.entries(CallClosed):
            break
        for effect in desk.effects:
            if type(effect).__name__ == "OutsideLookUp":
                desk.effects.remove(effect)
                answer = LookedUp(ask=effect.order.ask, failed="not asked")
                desk._take(desk.office.looked_up(effect.call, answer, desk.now_ms))
        if {"fxo/2", "fxo/3", "fxo/4"} & desk.seized:
            return _plays(desk), _rung(desk), ""
        if desk.recordings:
            recording += 1
            if recording > 58:
                desk.tell(LoopCurrentLost(port="fxo/1", at_ms=desk.now_ms))
                desk.wait(10_000)
                continue
        waits = desk.office.waits_for_key()
        if skipped is not None and waits != skipped:
            skipped = None
        if keys and waits is not None and skipped is None and not desk.recordings:
            key = keys.pop(0)
            if key == WAIT:
                skipped = waits
            else:
                desk.wait(200)
                desk.key("fxo/1", key, gap_ms=0)
            continue
        desk.wait(100)
    outcome = desk.outcome if desk.entries(CallClosed) else "still there"
    return _plays(desk), _rung(desk), outcome


def _plays(desk: Desk) -> list[Any]:
    return [e.prompts for e in desk.effects if type(e).__name__ == "Play" and e.port == "fxo/1"]


def _rung(desk: Desk) -> list[str]:
    return [entry.extension for entry in desk.entries(TelephoneRings)]


def _compare(seed: int) -> None:
    settings, call = _case(seed)
    steps = what_if(settings, **call)
    plays, rung, outcome = _real(settings, call)
    where = f"case {seed}: {call}"
    assert [s.prompts for s in steps if s.what == "says"] == plays, where
    assert [s.detail for s in steps if s.what == "rings"] == rung, where
    assert (steps[-1].detail if steps[-1].what == "ends" else "") == outcome, where


def test_ten_random_cases_agree_with_a_real_run() -> None:
    for seed in range(10):
        _compare(seed)


@pytest.mark.slow
def test_two_hundred_random_cases_agree_with_a_real_run() -> None:
    for seed in range(200):
        _compare(seed)
