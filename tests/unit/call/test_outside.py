"""Who may call outside, by which line, and how much: the pure parts, worked out by hand."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from firmware.call.fraud import Counters, Fraud
from firmware.call.permission import refusal, slips_out
from firmware.call.trunks import routes_for, way_out, within
from firmware.core.countries import country
from firmware.core.numbering import NumberKind
from firmware.core.outside_settings import Limits, Route, Trunk
from firmware.core.settings import Extension, Line, Settings, validate
from firmware.core.sip_settings import Sip, SipTrunk

CN = country("CN")
HOUR_MS = 3_600_000
MINUTE_MS = 60_000


def _phone(**fields: Any) -> Extension:
    return Extension(number="201", port="fxs/1", **fields)


@pytest.mark.parametrize(
    ("fields", "number", "may"),
    [
        ({"calls": "internal"}, "65529988", False),
        ({"calls": "local"}, "65529988", True),
        ({"calls": "local"}, "13900139000", False),
        ({"calls": "national"}, "13900139000", True),
        ({"calls": "national"}, "0044207", False),
        ({"calls": "international"}, "0044207", True),
        ({"calls": "international"}, "16812345", False),
        ({"calls": "international", "allow": ("168",)}, "16812345", True),
        ({"calls": "international", "deny": ("00882",)}, "0088213300655206", False),
        ({"calls": "national", "deny": ("0898",)}, "179090898123456", False),
        ({"calls": "custom"}, "65529988", False),
        ({"calls": "custom", "allow": ("021",)}, "02165529988", True),
        ({"calls": "custom", "allow": ("02",), "deny": ("021",)}, "02165529988", False),
        ({"calls": "custom", "allow": ("021",), "deny": ("02",)}, "02165529988", True),
        ({"calls": "international", "locked": True}, "65529988", False),
        ({"calls": "international"}, "6552*9988", False),
    ],
)
def test_class_and_prefixes_decide(fields: dict[str, object], number: str, may: bool) -> None:
    assert (refusal(_phone(**fields), number, CN) is None) is may


def test_a_jack_without_extension_calls_nobody() -> None:
    assert refusal(None, "65529988", CN) is not None


def test_keys_behind_a_beginning_are_read_with_it() -> None:
    national = _phone(calls="national")
    assert slips_out(national, "0", "0", CN) is not None
    assert slips_out(national, "95588", "1001", CN) is None, "a menu of a bank"
    assert slips_out(national, "65529988", "0044207", CN) is None, "the number was complete"
    assert slips_out(_phone(calls="international"), "0", "0", CN) is None


class Free:
    def __init__(self, *lines: str) -> None:
        self.lines = lines

    def line_free(self, port: str) -> bool:
        return port in self.lines

    def phone_idle(self, _port: str) -> bool:
        return True


def _office(**fields: Any) -> Settings:
    return Settings(**fields)


def test_lines_are_hunted_in_the_order_of_their_group() -> None:
    settings = _office(trunks=(Trunk(name="a", lines=("fxo/3", "fxo/1")),))
    every = Free("fxo/1", "fxo/2", "fxo/3")
    first = way_out(settings, every, "65529988")
    assert first is not None
    assert first.port == "fxo/3"
    second = way_out(settings, every, "65529988", not_again={"fxo/3"})
    assert second is not None
    assert second.port == "fxo/1"
    assert way_out(settings, Free("fxo/2"), "65529988") is None, "in no group"


def test_the_line_that_rested_longest_comes_first() -> None:
    trunk = Trunk(name="a", lines=("fxo/1", "fxo/2", "fxo/3"), hunting="least_recent")
    settings = _office(trunks=(trunk,))
    found = way_out(
        settings, Free(*trunk.lines), "65529988", used_ms={"fxo/1": 9, "fxo/2": 5, "fxo/3": 7}
    )
    assert found is not None
    assert found.port == "fxo/2"


def test_the_cheapest_route_of_the_hour_is_taken() -> None:
    settings = _office(
        trunks=(Trunk(name="a", lines=("fxo/1",)), Trunk(name="b", lines=("fxo/2",))),
        routes=(
            Route(trunk="a", price=30),
            Route(trunk="b", prefixes=("0",), insert="17909", price=40),
            Route(trunk="b", prefixes=("0",), hours="22:00-06:00", price=8, strip=1, insert="193"),
            Route(trunk="b", prefixes=("00",), price=90),
        ),
    )
    day, night = 12 * 60, 23 * 60
    assert [r.price for r in routes_for(settings, "02165529988", day)] == [30, 40]
    assert [r.price for r in routes_for(settings, "02165529988", night)] == [8, 30, 40]
    found = way_out(settings, Free("fxo/1", "fxo/2"), "02165529988", minute_of_day=night)
    assert found is not None
    assert (found.port, found.digits, found.price) == ("fxo/2", "1932165529988", 8)
    busy = way_out(settings, Free("fxo/1"), "02165529988", minute_of_day=night)
    assert busy is not None
    assert (busy.port, busy.digits) == ("fxo/1", "02165529988")


def test_hours_may_pass_midnight() -> None:
    assert within("22:00-06:00", 5 * 60 + 59)
    assert not within("22:00-06:00", 6 * 60)
    assert within("", 0)
    assert not within("08:00-18:00", 18 * 60)


def test_help_takes_the_line_kept_for_it_and_no_carrier() -> None:
    lines = (Line(port="fxo/1"), Line(port="fxo/2", reserve="emergency", outgoing=False))
    settings = _office(
        lines=lines,
        trunks=(Trunk(name="a", lines=("fxo/1", "fxo/2")),),
        routes=(Route(trunk="a", insert="17909"),),
    )
    both = Free("fxo/1", "fxo/2")
    helped = way_out(settings, both, "110", emergency=True)
    assert helped is not None
    assert (helped.port, helped.digits) == ("fxo/2", "110")
    assert way_out(settings, Free("fxo/2"), "65529988") is None


# --- limits ---------------------------------------------------------------------------------------


def _fraud(**limits: int) -> Fraud:
    none = {f.name: 0 for f in msgspec.structs.fields(Limits) if f.type is not str}
    base = {k: v for k, v in none.items() if k not in {"stop", "closed", "prices"}}
    fraud = Fraud(Limits(**{**base, **limits}))
    fraud.begin(0, 0, "boot")
    return fraud


def test_a_minute_is_paid_as_it_begins_and_the_call_ends_before_it_costs_too_much() -> None:
    fraud = _fraud(money_day=100)
    fraud.began("1", "201", "fxo/1", NumberKind.NATIONAL, 30)
    assert fraud.money(24) == 30
    fraud.tick(2 * MINUTE_MS)
    assert fraud.due() == []
    assert fraud.money(24) == 90
    assert fraud.next_ms() == 3 * MINUTE_MS
    fraud.tick(3 * MINUTE_MS)
    assert [(call, why.limit) for call, why in fraud.due()] == [("1", "money_day")]
    assert fraud.money(24) == 90
    assert fraud.refusal("201", NumberKind.NATIONAL, 30) is not None
    assert fraud.refusal("201", NumberKind.LOCAL, 10) is None, "ten are left"


def test_no_day_is_shorter_than_24_hours() -> None:
    fraud = _fraud(money_day=30)
    fraud.tick(HOUR_MS // 2)
    fraud.began("1", "201", "fxo/1", NumberKind.NATIONAL, 30)
    fraud.ended("fxo/1")
    fraud.tick(HOUR_MS // 2 + 24 * HOUR_MS)
    assert fraud.refusal("201", NumberKind.NATIONAL, 30) is not None
    fraud.tick(25 * HOUR_MS)
    assert fraud.refusal("201", NumberKind.NATIONAL, 30) is None


def test_neither_a_set_clock_nor_a_restart_renews_a_limit() -> None:
    fraud = _fraud(money_day=30)
    fraud.began("1", "201", "fxo/1", NumberKind.NATIONAL, 30)
    fraud.tick(1_000, wall_ms=48 * HOUR_MS)  # somebody set the clock two days on
    assert fraud.refusal("201", NumberKind.NATIONAL, 30) is not None
    kept = msgspec.json.decode(msgspec.json.encode(fraud.counters), type=Counters)
    again = Fraud(fraud.limits, kept)
    again.begin(2_000, 96 * HOUR_MS, "boot")  # the same boot: the monotonic clock counts
    assert again.refusal("201", NumberKind.NATIONAL, 30) is not None
    kept = msgspec.json.decode(msgspec.json.encode(again.counters), type=Counters)
    back = Fraud(fraud.limits, kept)
    back.begin(500, 0, "next boot")  # the clock of a box without battery begins in the past
    assert back.refusal("201", NumberKind.NATIONAL, 30) is not None
    assert back.counters.age_ms == again.counters.age_ms


@pytest.mark.parametrize(
    ("limits", "calls", "limit"),
    [
        ({"at_once_extension": 2}, [("201", "fxo/1"), ("201", "fxo/2")], "at_once_extension"),
        ({"at_once": 2}, [("202", "fxo/1"), ("203", "fxo/2")], "at_once"),
        ({"calls_extension": 2}, [("201", "fxo/1"), ("201", "fxo/1")], "calls_extension"),
        ({"calls": 1}, [("202", "fxo/1")], "calls"),
        ({"minutes_extension": 1}, [("201", "fxo/1")], "minutes_extension"),
        ({"minutes": 1}, [("202", "fxo/1")], "minutes"),
    ],
)
def test_each_limit_refuses_and_says_which(
    limits: dict[str, int], calls: list[tuple[str, str]], limit: str
) -> None:
    fraud = _fraud(**limits)
    for number, (who, line) in enumerate(calls):
        assert fraud.refusal("201", NumberKind.LOCAL, 10) is None
        fraud.began(str(number), who, line, NumberKind.LOCAL, 10)
    why = fraud.refusal("201", NumberKind.LOCAL, 10)
    assert why is not None
    assert why.limit == limit


def test_the_longest_call_abroad_is_shorter() -> None:
    fraud = _fraud(longest_min=240, longest_international_min=60)
    fraud.began("1", "201", "fxo/1", NumberKind.INTERNATIONAL, 300)
    fraud.began("2", "202", "fxo/2", NumberKind.LOCAL, 10)
    fraud.tick(60 * MINUTE_MS)
    assert [(c, why.limit) for c, why in fraud.due()] == [("1", "longest_international_min")]
    fraud.tick(240 * MINUTE_MS)
    assert [(c, why.limit) for c, why in fraud.due()] == [("2", "longest_min")]


def test_pins_cannot_be_guessed() -> None:
    fraud = _fraud()
    tried = 0
    for _ in range(72 * 60):  # one try a minute for three days
        fraud.tick((fraud.counters.age_ms) + MINUTE_MS)
        tried += not fraud.pin_blocked("201")
        fraud.pin_tried("201", good=False)
    # 2 free tries, then one behind each block of 15, 30, 60 ... min, at most a day long.
    assert tried <= 2 + 9 + 2
    assert [alarm.what for alarm in fraud.standing()] == ["pin_failed"]
    assert not fraud.pin_tried("201", good=True), "the right one comes too late as well"


def test_settings_are_checked_in_both_languages() -> None:
    wrong = _office(
        extensions=(_phone(deny=("0*",)),),
        ring_groups=(),
        trunks=(Trunk(name="a", lines=("fxo/9",)), Trunk(name="a")),
        routes=(Route(trunk="b", prefixes=("x",), hours="8-18", insert="a"),),
        limits=Limits(closed="never", longest_min=2_000),
        blocked_callers=("abc",),
    )
    paths = {
        "extensions.0.deny.0",
        "trunks.0.lines.0",
        "trunks.1.name",
        "trunks.1.lines",
        "routes.0.trunk",
        "routes.0.hours",
        "routes.0.prefixes.0",
        "routes.0.insert.0",
        "limits.closed",
        "limits.longest_min",
        "blocked_callers.0",
    }
    for language in ("zh-CN", "en"):
        assert paths <= set(validate(wrong, language)), language
    kept = tuple(Line(port=f"fxo/{n}", reserve="emergency") for n in (1, 2))
    assert "lines" in validate(_office(lines=kept))
    assert not validate(Settings())


def test_a_document_from_before_these_settings_is_read() -> None:
    old = {"country": "CN", "extensions": [{"number": "201", "port": "fxs/1"}]}
    settings = msgspec.convert(old, Settings)
    assert settings.extensions[0].calls == "national"
    assert settings.limits == Limits()


def test_a_trunk_of_one_machine_that_failed_is_passed_over_with_all_its_calls() -> None:
    """Each further call of it would cost the caller 4 s before the exchange's line is tried."""

    def way(host: str, port: int, **tried: tuple[str, ...]) -> str:
        carrier = SipTrunk(name="carrier", lines=("sip/1", "sip/2"), host=host, port=port)
        office = Settings(
            lines=(Line(port="fxo/1"), Line(port="sip/1"), Line(port="sip/2")),
            trunks=(
                Trunk(name="carrier", lines=("sip/1", "sip/2")),
                Trunk(name="exchange", lines=("fxo/1",)),
            ),
            routes=(Route(trunk="carrier", price=1), Route(trunk="exchange", price=9)),
            sip=Sip(trunks=(carrier,)),
        )
        found = way_out(office, Free("fxo/1", "sip/1", "sip/2"), "65529988", **tried)
        return found.port if found else ""

    assert way("192.0.2.1", 0) == "sip/1"
    assert way("192.0.2.1", 0, not_again=("sip/1",)) == "fxo/1"
    assert way("sip.example", 5_070, not_again=("sip/1",)) == "fxo/1"
    assert way("sip.example", 0, not_again=("sip/1",)) == "sip/2", "the name's next machine"
    assert way("192.0.2.1", 0, spent=("sip/1",)) == "sip/2", "minutes are each line's own"
