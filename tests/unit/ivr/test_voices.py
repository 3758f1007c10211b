"""Cantonese that is not recorded is said in Mandarin, whole, with a notice once a call."""

from __future__ import annotations

import random
from collections.abc import Iterable
from datetime import date, time, timedelta

import pytest

from ivr.nodes import Said
from ivr.numerals import CURRENCIES
from ivr.orders import Caller, QuietOffice
from ivr.speech import (
    say_date,
    say_digits,
    say_duration,
    say_money,
    say_number,
    say_position,
    say_time,
)
from ivr.visitor import Visitor
from ivr.voices import filled, in_mandarin

HK, CN = "zh-HK", "zh-CN"


def _only(recorded: Iterable[str]):  # type: ignore[no-untyped-def]  # a predicate
    own = set(recorded)
    return lambda name: name in own or name.startswith("zh-CN/")


def test_what_is_recorded_is_played_as_it_is() -> None:
    names = ("zh-HK/welcome", "zh-HK/digits-3", "/data/hello.wav", "music/beep")
    assert filled(names, lambda _: True, told=False) == (names, False)


def test_a_missing_sentence_is_mandarin_after_one_notice() -> None:
    has = _only({"zh-HK/welcome"})
    played, told = filled(("zh-HK/welcome", "zh-HK/goodbye", "zh-HK/busy"), has, told=False)
    assert played == ("zh-HK/welcome", "zh-CN/mandarin-instead", "zh-CN/goodbye", "zh-CN/busy")
    assert told
    again, told = filled(("zh-HK/goodbye",), has, told=told)
    assert again == ("zh-CN/goodbye",)
    assert told


def test_the_notice_is_cantonese_where_it_is_recorded() -> None:
    played, _ = filled(("zh-HK/busy",), _only({"zh-HK/mandarin-instead"}), told=False)
    assert played == ("zh-HK/mandarin-instead", "zh-CN/busy")


def test_a_number_is_never_half_cantonese() -> None:
    # 2,105: recorded but for one piece; all of it is said as Mandarin says it, 两千一百零五.
    keys = say_number(2_105, HK)
    assert keys == ["q-2-counted", "cin", "q-1", "bak", "zero", "q-5"]
    recorded = {f"zh-HK/{key}" for key in keys if key != "bak"} | {"zh-HK/mandarin-instead"}
    names = ("zh-HK/agent-waiting-before", *(f"zh-HK/{key}" for key in keys))
    recorded.add("zh-HK/agent-waiting-before")
    played, _ = filled(names, _only(recorded), told=False)
    assert played == (
        "zh-HK/agent-waiting-before",
        "zh-HK/mandarin-instead",
        "zh-CN/k-2",
        "zh-CN/h-1",
        "zh-CN/z-5",
    )


def test_an_amount_in_a_flow_loses_no_piece_that_mandarin_lacks() -> None:
    # 1,234.56: the office recorded nothing but the digits; a caller hears all of it in Mandarin.
    has = _only(f"zh-HK/q-{digit}" for digit in range(10))

    class Office(QuietOffice):
        def has_prompt(self, name: str) -> bool:
            return bool(has(name))

    visitor = Visitor(Caller(call="00000001"), Office(), ("zh-HK",))
    wanted = visitor.words((Said(kind="money", value="123456", currency="CNY"),))
    played, _ = filled(wanted, has, told=False)
    assert played[0] == "zh-CN/mandarin-instead"
    assert played[1:] == tuple(f"zh-CN/{key}" for key in say_money(123_456, CN, "CNY"))
    later = visitor.words(("goodbye",))
    assert later == ("zh-CN/goodbye",), "the notice was heard with the amount"


def test_what_no_language_has_is_left_to_whoever_plays_it() -> None:
    assert filled(("zh-HK/nothing",), lambda _: False, told=False) == (("zh-HK/nothing",), False)
    assert filled(("en/nothing",), lambda _: False, told=False) == (("en/nothing",), False)


@pytest.mark.parametrize(
    ("keys", "mandarin"),
    [
        # 一万三千八百; 幺三八; 早上八点零五分; 两港元零五分; 二零二六年五月一日; 第三位
        (["q-1", "maan", "q-3", "cin", "q-8", "bak"], ["q-1", "wan", "k-3", "h-8"]),
        (["digits-1", "digits-3", "digits-8"], ["digits-138"]),
        (["hour-8", "minute-5"], ["hour-8", "minute-5"]),
        (
            ["money-HKD", "q-2-counted", "money-after", "zero", "q-5", "fen-word"],
            ["q-2-counted", "money-HKD", "zero-fen-5"],
        ),
        (["q-2", "q-0", "q-2", "q-6", "year-word", "month-5", "day-1"],
         ["year-2026", "month-5", "day-1"]),
        (["position-before", "q-3", "position-after"], ["position-3"]),
    ],
)  # fmt: skip
def test_cantonese_read_outs_in_mandarin_by_hand(keys: list[str], mandarin: list[str]) -> None:
    assert in_mandarin(keys) == mandarin


def test_every_kind_of_read_out_says_the_same_in_mandarin() -> None:
    seed = 20_261_122
    dice = random.Random(seed)
    numbers = [*range(2_500), *(dice.randrange(1_000_000_000) for _ in range(3_000))]
    numbers += [10**k * d + e for k in range(1, 9) for d in range(1, 10) for e in (0, 1, 2, 12, 20)]
    for number in numbers:
        for counted in (False, True):
            said = in_mandarin(say_number(number, HK, counted=counted))
            assert said == say_number(number, CN, counted=counted), (seed, number, counted)
    for cents in [*range(1_300), *(dice.randrange(100_000_000) for _ in range(700))]:
        for currency in CURRENCIES:
            said = in_mandarin(say_money(cents, HK, currency))
            assert said == say_money(cents, CN, currency), (seed, cents, currency)
    for seconds in [*range(130), *(dice.randrange(400_000) for _ in range(500))]:
        assert in_mandarin(say_duration(seconds, HK)) == say_duration(seconds, CN), seconds
    for place in range(1, 120):
        assert in_mandarin(say_position(place, HK)) == say_position(place, CN)
    for days in range(0, 1461, 5):
        day = date(2024, 1, 1) + timedelta(days=days)
        assert in_mandarin(say_date(day, HK)) == say_date(day, CN), day
    for minutes in range(0, 1440, 7):
        at = time(minutes // 60, minutes % 60)
        assert in_mandarin(say_time(at, HK)) == say_time(at, CN), at
    for digits in ("0", "110", "13800138000", "20220101"):
        assert in_mandarin(say_digits(digits, HK)) == say_digits(digits, CN)
