"""Openings and closings of a loop, by length only. Windows worked out from the country profiles."""

from __future__ import annotations

import random

import pytest

from firmware.core.countries import COUNTRIES, country
from firmware.port.hook import (
    FlashSign,
    Hook,
    HookSign,
    OffHookSign,
    OnHookSign,
    PulseDigitSign,
)

CN = country("CN").hook  # flash 80 to 700 ms, hang-up 800 ms, pulse breaks 15 to 74 ms
US = country("US").hook  # flash 300 to 1000 ms, hang-up 1100 ms, pulse breaks 15 to 110 ms


class Finger:
    """Works a hook and keeps what it says."""

    def __init__(self, timing=CN) -> None:
        self.hook = Hook(timing)
        self.now_ms = 1_000
        self.signs: list[HookSign] = []

    def wait(self, ms: int) -> None:
        end_ms = self.now_ms + ms
        while (due_ms := self.hook.next_deadline()) is not None and due_ms <= end_ms:
            self.signs += self.hook.advance(due_ms)
        self.now_ms = end_ms

    def close(self) -> None:
        self.signs += self.hook.closed(self.now_ms)

    def open(self) -> None:
        self.signs += self.hook.opened(self.now_ms)

    def lift(self) -> None:
        self.close()
        self.wait(1_000)
        self.signs.clear()

    def break_(self, ms: int) -> None:
        self.open()
        self.wait(ms)
        self.close()

    @property
    def kinds(self) -> list[type]:
        return [type(sign) for sign in self.signs]


def test_the_lift_is_known_at_once() -> None:
    finger = Finger()
    finger.close()
    assert finger.signs == [OffHookSign(at_ms=1_000)]


@pytest.mark.parametrize(
    ("timing", "break_ms", "expected"),
    [
        (CN, 79, []),
        (CN, 80, [FlashSign]),
        (CN, 700, [FlashSign]),
        (CN, 701, []),
        (CN, 799, []),
        (CN, 800, [OnHookSign, OffHookSign]),
        (US, 299, []),
        (US, 300, [FlashSign]),
        (US, 1_000, [FlashSign]),
        (US, 1_001, []),
        (US, 1_100, [OnHookSign, OffHookSign]),
    ],
)
def test_a_break_means_what_its_length_says(timing, break_ms, expected) -> None:
    finger = Finger(timing)
    finger.lift()
    finger.break_(break_ms)
    assert finger.kinds == expected
    finger.wait(2_000)
    assert finger.kinds == expected


def test_a_hang_up_is_known_after_its_time_and_dated_by_its_beginning() -> None:
    finger = Finger()
    finger.lift()
    opened_ms = finger.now_ms
    finger.open()
    finger.wait(799)
    assert not finger.signs
    finger.wait(1)
    assert finger.signs == [OnHookSign(at_ms=opened_ms)]


@pytest.mark.parametrize("code", sorted(COUNTRIES))
@pytest.mark.parametrize(
    ("rate_pps", "break_percent"),
    # Bell 10 pps 61 %, UK 66 %, most of Europe and Japan 67 %, Japan's fast dial, an exchange's
    # slowest and fastest. 8 pps at 67 % breaks for 84 ms: refused where recalls begin at 80 ms.
    [(10, 61), (10, 66), (10, 67), (20, 67), (9, 61), (11, 61), (16, 52), (22, 60)],
)
def test_every_digit_of_an_ordinary_dial_is_read(
    code: str, rate_pps: int, break_percent: int
) -> None:
    period_ms = 1_000 / rate_pps
    break_ms = round(period_ms * break_percent / 100)
    make_ms = round(period_ms) - break_ms
    for digit in "1234567890":
        finger = Finger(country(code).hook)
        finger.lift()
        for _ in range(int(digit) or 10):
            finger.break_(break_ms)
            finger.wait(make_ms)
        finger.wait(400)
        assert [s.digit for s in finger.signs if isinstance(s, PulseDigitSign)] == [digit]
        assert len(finger.signs) == 1


def test_two_digits_are_parted_by_a_pause() -> None:
    finger = Finger()
    finger.lift()
    for pulses in (3, 7):
        for _ in range(pulses):
            finger.break_(60)
            finger.wait(40)
        finger.wait(250)
    assert [s.digit for s in finger.signs] == ["3", "7"]


def test_eleven_pulses_are_no_digit() -> None:
    finger = Finger()
    finger.lift()
    for _ in range(11):
        finger.break_(60)
        finger.wait(40)
    finger.wait(1_000)
    assert not finger.signs
    assert finger.hook.noise == 11


def test_hanging_up_in_the_middle_of_a_digit_dials_nothing() -> None:
    finger = Finger()
    finger.lift()
    for _ in range(3):
        finger.break_(60)
        finger.wait(40)
    finger.open()
    finger.wait(2_000)
    assert finger.kinds == [OnHookSign]


def test_bounce_at_the_lift_dials_nothing() -> None:
    finger = Finger()
    finger.close()
    for gap_ms in (3, 12, 30):
        finger.wait(4)
        finger.break_(gap_ms)
    finger.wait(3_000)
    assert finger.kinds == [OffHookSign]


def test_bounce_as_the_handset_drops_is_one_hang_up() -> None:
    finger = Finger()
    finger.lift()
    finger.open()
    opened_ms = finger.now_ms
    for _ in range(3):
        finger.wait(20)
        finger.close()
        finger.wait(3)  # a make of 3 ms is shorter than any pulse make
        finger.open()
    finger.wait(2_000)
    assert finger.signs == [OnHookSign(at_ms=opened_ms)]


@pytest.mark.parametrize("code", sorted(COUNTRIES))
@pytest.mark.parametrize("seed", range(3))
def test_whatever_the_contacts_do_lifts_and_hang_ups_alternate(code: str, seed: int) -> None:
    chance = random.Random(seed)
    finger = Finger(country(code).hook)
    for _ in range(400):
        finger.wait(chance.choice([0, 1, 4, 9, 33, 61, 90, 240, 400, 900, 1_500]))
        chance.choice([finger.open, finger.close])()
    finger.open()
    finger.wait(5_000)
    ends = [kind for kind in finger.kinds if kind in {OffHookSign, OnHookSign}]
    assert ends[::2] == [OffHookSign] * (len(ends) // 2), f"seed {seed}"
    assert ends[1::2] == [OnHookSign] * (len(ends) // 2), f"seed {seed}"
    assert finger.hook.next_deadline() is None
