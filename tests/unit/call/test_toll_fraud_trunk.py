"""Limits of calls to the outside over a trunk: the same rules, the same record, the same alarm.

Every case is played over an exchange line and over a trunk's leg; what is expected is the same.
"""

from __future__ import annotations

import random
from typing import Any

import pytest

from drivers.line import LoopCurrentLost, LoopOpened, PolarityReversed, PortReady, Release
from firmware.core.events import IdentityKind
from firmware.core.log_entries import CallClosed, LimitReached, LineReleased, LineSeized
from firmware.core.outside_settings import Limits, Route, Trunk
from firmware.core.settings import Extension, Line, Services, Settings
from firmware.core.sip_events import Invite, SipAnswered, SipEnded, SipOffered, SipRings
from firmware.core.sip_settings import Sip, SipTrunk
from tests.unit.desk import PROMPT_MS, Desk

MINUTE_MS, HOUR_MS = 60_000, 3_600_000
MOBILE, ABROAD, PREMIUM = "13900139000", "00882133006552", "16812345"
NATIONAL, INTERNATIONAL = 30, 300  # a minute begun, by the settings' own prices
LEGS = ("sip/1", "sip/2")
WAYS = {"line": ("fxo/1", "fxo/2"), "trunk": LEGS}
EN, ZH = "en", "zh-CN"


def office(
    way: str, *, calls: str = "international", first: Extension | None = None, **limits: Any
) -> Desk:
    """Two ways out, of one kind."""
    lines = WAYS[way]
    carrier = SipTrunk(name="carrier", lines=LEGS, host="192.0.2.1", register=False, user="021")
    sets = [Extension(number=f"20{n}", port=f"fxs/{n}", calls=calls) for n in range(1, 5)]
    settings = Settings(
        extensions=(first or sets[0], *sets[1:]),
        lines=tuple(Line(port=port, inbound="201") for port in lines),
        sip=Sip(trunks=(carrier,)) if way == "trunk" else Sip(),
        limits=Limits(**limits),
    )
    desk = Desk.ready(settings)
    for port in lines if way == "trunk" else ():
        desk.tell(PortReady(port=port, at_ms=desk.now_ms))
    return desk


def call(desk: Desk, phone: str, number: str) -> str:
    """Dial and be answered; by which line, empty if none was taken."""
    before = len(desk.entries(LineSeized))
    desk.lift(phone)
    desk.key(phone, f"9{number}#", gap_ms=60)
    desk.wait(300)
    if len(desk.entries(LineSeized)) == before:
        return ""
    line = desk.entries(LineSeized)[-1].port
    answer(desk, line, number)
    return line


def answer(desk: Desk, line: str, number: str) -> None:
    """The far side of a call out rings and answers."""
    if line.startswith("sip/"):
        desk.tell(SipRings(port=line, at_ms=desk.now_ms, code=180))
        desk.wait(2_000)
        desk.tell(SipAnswered(port=line, at_ms=desk.now_ms))
    else:
        desk.tone(line, "dial")
        desk.wait(2_250 + 180 * len(number))
        desk.tell(PolarityReversed(port=line, at_ms=desk.now_ms, reversed=True))
    desk.wait(500)


def reached(desk: Desk) -> list[str]:
    return [entry.limit for entry in desk.entries(LimitReached)]


def alarms(desk: Desk, language: str = "") -> tuple[str, ...]:
    return desk.office.outside.alarms(language)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    ("limits", "number", "limit", "minutes", "en", "zh"),
    [
        ({"money_day": 100}, MOBILE, "money_day", 3, "cost of a day", "当日外呼费用"),
        ({"money_month": 100}, MOBILE, "money_month", 3, "cost of a month", "当月外呼费用"),
        ({"money_day": 1_000}, ABROAD, "money_day", 3, "cost of a day", "当日外呼费用"),
        ({"longest_min": 5}, MOBILE, "longest_min", 5, "201 reached the longest", "分机 201"),
        (
            {"longest_international_min": 2},
            ABROAD,
            "longest_international_min",
            2,
            "abroad of extension 201",
            "分机 201 的国际电话",
        ),
    ],
)
def test_a_call_is_ended_at_the_cap_recorded_and_told(
    way: str, limits: dict[str, int], number: str, limit: str, minutes: int, en: str, zh: str
) -> None:
    desk = office(way, **limits)
    line = call(desk, "fxs/1", number)
    assert line in WAYS[way]
    desk.wait(30 * MINUTE_MS)
    began_ms = desk.only(LineSeized).at_ms
    assert [e.at_ms - began_ms for e in desk.entries(LineReleased)] == [minutes * MINUTE_MS]
    assert reached(desk) == [limit]
    assert desk.outcome == "answered"
    assert any(en in alarm for alarm in alarms(desk, EN)), alarms(desk, EN)
    assert any(zh in alarm for alarm in alarms(desk, ZH)), alarms(desk, ZH)
    assert Release(port=line) in desk.effects, "the far side is cleared"


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    ("limits", "limit", "en", "zh"),
    [
        ({"stop": True}, "stop", "calls are off", "停止外呼"),
        ({"closed": "00:00-23:59"}, "closed", "hour closed", "禁止外呼的时段"),
        ({"money_day": 20}, "money_day", "cost of a day", "当日外呼费用"),
        ({"money_month": 20}, "money_month", "cost of a month", "当月外呼费用"),
    ],
)
def test_a_call_that_may_not_go_out_takes_no_line(
    way: str, limits: dict[str, object], limit: str, en: str, zh: str
) -> None:
    desk = office(way, **limits)
    assert call(desk, "fxs/1", MOBILE) == ""
    assert desk.plays["fxs/1"].prompts, "the caller is told"
    assert [e for e in desk.effects if isinstance(e, Invite)] == []
    desk.wait(PROMPT_MS)
    desk.hang_up("fxs/1")
    assert reached(desk) == [limit]
    assert desk.outcome == "refused"
    assert any(en in alarm for alarm in alarms(desk, EN)), alarms(desk, EN)
    assert any(zh in alarm for alarm in alarms(desk, ZH)), alarms(desk, ZH)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    ("calls", "number", "allowed"),
    [
        ("internal", MOBILE, False),
        ("local", MOBILE, False),
        ("national", MOBILE, True),
        ("national", ABROAD, False),
        ("national", PREMIUM, False),
        ("international", ABROAD, True),
    ],
)
def test_classes_are_those_of_the_telephone_whatever_the_way(
    way: str, calls: str, number: str, allowed: bool
) -> None:
    desk = office(way, calls=calls)
    assert bool(call(desk, "fxs/1", number)) is allowed


@pytest.mark.parametrize("way", WAYS)
def test_minutes_of_a_line_send_the_next_call_to_the_next_one(way: str) -> None:
    desk = office(way, minutes_line=2)
    taken = []
    for _ in range(3):
        taken.append(call(desk, "fxs/1", MOBILE))
        desk.wait(90_000)
        desk.hang_up("fxs/1")
        desk.wait(3_000)
    assert taken == [*WAYS[way], ""]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    ("limit", "en", "zh"),
    [
        ("minutes_extension", "201 has used its minutes", "分机 201 当日外呼分钟数"),
        ("minutes", "minutes of the day to the outside", "当日外呼分钟数已用完"),
    ],
)
def test_minutes_of_a_day_are_used_up(way: str, limit: str, en: str, zh: str) -> None:
    desk = office(way, **{limit: 2})
    assert call(desk, "fxs/1", MOBILE)
    desk.wait(90_000)
    desk.hang_up("fxs/1")
    desk.wait(3_000)
    assert call(desk, "fxs/1", MOBILE) == ""
    assert reached(desk) == [limit]
    assert any(en in alarm for alarm in alarms(desk, EN)), alarms(desk, EN)
    assert any(zh in alarm for alarm in alarms(desk, ZH)), alarms(desk, ZH)
    other = call(desk, "fxs/2", MOBILE)
    assert bool(other) is (limit == "minutes_extension"), "another telephone has its own"


@pytest.mark.parametrize("way", WAYS)
def test_calls_at_once_of_the_office(way: str) -> None:
    desk = office(way, at_once=1)
    assert call(desk, "fxs/1", MOBILE)
    assert call(desk, "fxs/2", MOBILE) == ""
    assert reached(desk) == ["at_once"]


# --- what passes from outside to outside ----------------------------------------------------------


def incoming(desk: Desk, way: str) -> str:
    """A caller is answered by 201."""
    if way == "line":
        desk.call_in("fxo/1")
        desk.wait(PROMPT_MS)
        desk.lift("fxs/1")
        return "fxo/1"
    who = {"kind": IdentityKind.NUMBER, "number": "13800138000"}
    desk.tell(SipOffered(port="sip/1", at_ms=desk.now_ms, **who))  # type: ignore[arg-type]  # by name
    desk.lift("fxs/1")
    desk.tell(SipAnswered(port="sip/1", at_ms=desk.now_ms))
    return "sip/1"


def hand_over(desk: Desk) -> str:
    """201 flashes, dials outside, is answered and hangs up: two outside parties talk."""
    desk.wait(1_000)
    desk.tell(LoopOpened(port="fxs/1", at_ms=desk.now_ms))
    desk.wait(100)
    desk.lift("fxs/1")
    desk.wait(300)
    desk.key("fxs/1", f"9{MOBILE}#", gap_ms=60)
    desk.wait(300)
    if not desk.entries(LineSeized):
        return ""
    line = desk.entries(LineSeized)[-1].port
    answer(desk, line, MOBILE)
    desk.hang_up("fxs/1")
    return line


@pytest.mark.parametrize("way", WAYS)
def test_a_transfer_from_outside_to_outside_goes_on_being_paid_until_one_side_clears(
    way: str,
) -> None:
    desk = office(way)
    first = incoming(desk, way)
    second = hand_over(desk)
    assert {tuple(sorted((first, second)))} == desk.joined
    fraud = desk.office.outside.fraud
    began_ms = desk.only(LineSeized).at_ms
    desk.wait(began_ms + 10 * MINUTE_MS - desk.now_ms)
    assert fraud.minutes("201") == 11, "the eleventh has begun"
    assert fraud.minutes(second) == 11
    assert fraud.money(24) == 11 * NATIONAL
    if way == "trunk":
        desk.tell(SipEnded(port=first, at_ms=desk.now_ms, code=200))
    else:
        desk.tell(LoopCurrentLost(port=first, at_ms=desk.now_ms))
    desk.wait(20 * MINUTE_MS)
    assert fraud.minutes("201") == 11
    assert fraud.counters.running == {}
    assert Release(port=second) in desk.effects, "nobody pays for a line that nobody uses"


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    ("limits", "limit", "minutes"),
    [({"money_day": 100}, "money_day", 3), ({"longest_min": 5}, "longest_min", 5)],
)
def test_a_transfer_from_outside_to_outside_is_cut_at_the_cap(
    way: str, limits: dict[str, int], limit: str, minutes: int
) -> None:
    desk = office(way, **limits)
    first = incoming(desk, way)
    second = hand_over(desk)
    began_ms = desk.only(LineSeized).at_ms
    desk.wait(30 * MINUTE_MS)
    released = [e for e in desk.entries(LineReleased) if e.port == second]
    assert [e.at_ms - began_ms for e in released] == [minutes * MINUTE_MS]
    assert reached(desk) == [limit]
    assert desk.joined == set()
    assert Release(port=first) in desk.effects
    assert Release(port=second) in desk.effects
    assert desk.office.outside.fraud.counters.running == {}


@pytest.mark.parametrize("way", WAYS)
def test_a_transfer_past_the_limit_is_refused_and_the_caller_is_kept(way: str) -> None:
    desk = office(way, money_day=20)
    first = incoming(desk, way)
    assert hand_over(desk) == ""
    assert reached(desk) == ["money_day"]
    assert any(first in [leg for c in desk.office.calls for leg in c.parties.legs] for _ in "x")


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("allowed", [False, True])
def test_a_telephone_forwarded_outside_must_have_been_allowed(way: str, allowed: bool) -> None:
    forwarded = Extension(
        number="201",
        port="fxs/1",
        services=Services(forward_all=f"9{MOBILE}"),
        forward_outside=allowed,
    )
    desk = office(way, first=forwarded)
    if way == "line":
        desk.call_in("fxo/1")
    else:
        who = {"kind": IdentityKind.NUMBER, "number": "13800138000"}
        desk.tell(SipOffered(port="sip/1", at_ms=desk.now_ms, **who))  # type: ignore[arg-type]  # by name
    desk.wait(10_000)
    assert bool(desk.entries(LineSeized)) is allowed


# --- which way ------------------------------------------------------------------------------------


def test_the_call_beyond_a_trunk_s_limit_goes_by_the_next_trunk_and_then_by_a_line() -> None:
    one = SipTrunk(name="one", lines=("sip/1",), host="192.0.2.1", register=False, user="021")
    two = SipTrunk(name="two", lines=("sip/2",), host="192.0.2.2", register=False, user="021")
    ways = {"one": ("sip/1", 1), "two": ("sip/2", 2), "exchange": ("fxo/1", 10)}
    settings = Settings(
        lines=(Line(port="fxo/1"), Line(port="sip/1"), Line(port="sip/2")),
        sip=Sip(trunks=(one, two)),
        trunks=tuple(Trunk(name=name, lines=(port,)) for name, (port, _) in ways.items()),
        routes=tuple(Route(trunk=name, price=price) for name, (_, price) in ways.items()),
    )
    desk = Desk.ready(settings)
    for port in LEGS:
        desk.tell(PortReady(port=port, at_ms=desk.now_ms))
    taken = [call(desk, f"fxs/{n}", MOBILE) for n in (1, 2, 3, 4)]
    assert taken == ["sip/1", "sip/2", "fxo/1", ""]
    assert desk.plays["fxs/4"].prompts == ("zh-CN/line-unavailable",)
    money = desk.office.outside.fraud.money(24)
    assert money == 1 + 2 + 10, "each first minute at the price of its own route"


# --- the drill ------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("seed", [11])
def test_a_thief_at_two_telephones_for_72_hours_stays_under_the_cap(seed: int) -> None:
    """The bill is the provider's: minutes begun between a leg's seizure and its release."""
    desk, dice = office("trunk"), random.Random(seed)
    said = f"seed {seed}"
    began_ms, told_ms = desk.now_ms, 0
    out: set[str] = set()
    while desk.now_ms < began_ms + 72 * HOUR_MS:
        phone = dice.choice(["fxs/1", "fxs/2"])
        if phone in out:
            desk.hang_up(phone)
            desk.wait(1_500)
        out.add(phone)
        line = call(desk, phone, dice.choice([ABROAD, "0044906123456", MOBILE]))
        wait_ms = dice.choice([60_000, 1_800_000, 7_200_000]) if line else 1_200_000
        for passed_ms in range(0, wait_ms, 60_000):  # somebody looks once a minute
            desk.wait(min(60_000, wait_ms - passed_ms))
            if not told_ms:
                seen = desk.office.status(desk.now_ms).alarms
                told_ms = desk.now_ms * any("第一个国际电话" not in alarm for alarm in seen)
    for phone in out:
        desk.hang_up(phone)
    desk.wait(5_000)
    numbers = iter([e.number for e in desk.effects if isinstance(e, Invite)])
    seized: dict[str, tuple[int, int]] = {}
    bill: list[tuple[int, int]] = []
    for entry in desk.log:
        if isinstance(entry, LineSeized):
            abroad = next(numbers).startswith("00")
            seized[entry.port] = (entry.at_ms, INTERNATIONAL if abroad else NATIONAL)
        elif isinstance(entry, LineReleased) and entry.port in seized:
            begun, price = seized.pop(entry.port)
            bill += [(at, price) for at in range(begun, max(entry.at_ms, begun + 1), MINUTE_MS)]
    assert not seized, said
    cap = desk.settings.limits.money_day
    dearest = max(sum(p for at, p in bill if a <= at < a + 24 * HOUR_MS) for a, _ in bill)
    assert cap // 2 < dearest <= cap, f"{said}: he got that far, and the cap stopped him"
    assert sum(price for _, price in bill) <= 3 * cap, said
    assert told_ms - desk.entries(LimitReached)[0].at_ms <= 60_000, said
    assert [e.outcome.value for e in desk.entries(CallClosed)].count("refused") > 20, said
