"""Queues per channel: back-off, expiry, limits, and that no channel holds up another."""

from __future__ import annotations

import random

import pytest

from firmware.outbox.delivery import (
    BACK_OFF_MS,
    HOUR,
    MINUTE,
    Delivery,
    Do,
    GiveUp,
    Policy,
    Try,
)
from firmware.outbox.rules import barred, same_number

DAY = 24 * HOUR


def let(delivery: Delivery, begin_ms: int, end_ms: int) -> list[tuple[int, Do]]:
    """What is done from one moment to another, each with its time."""
    out = []
    now = begin_ms
    while now <= end_ms:
        out += [(now, each) for each in delivery.advance(now)]
        due = delivery.next_deadline(now)
        if due is None:
            break
        now = max(due, now + 1)
    return out


def test_the_oldest_leaves_first_and_one_at_a_time() -> None:
    delivery = Delivery()
    for item in (3, 1, 2):
        delivery.offer("sms", item, 0)
    assert delivery.advance(0) == [Try("sms", 3, 1)]
    assert delivery.advance(60_000) == []
    delivery.delivered(3)
    assert delivery.advance(60_000) == [Try("sms", 1, 1)]


def test_an_item_that_fails_lets_others_pass_and_comes_back_by_the_table() -> None:
    delivery = Delivery({"mail": Policy(most_tries=4)})
    delivery.offer("mail", 1, 0)
    delivery.offer("mail", 2, 0)
    assert delivery.advance(0) == [Try("mail", 1, 1)]
    assert delivery.failed(1, "450 mailbox busy", "item", 0) == []
    assert delivery.advance(0) == [Try("mail", 2, 1)]
    delivery.delivered(2)
    now, times = 0, []
    for number in (2, 3, 4):
        assert delivery.advance(now) == []
        now = delivery.next_deadline(now) or 0
        times.append(now)
        assert delivery.advance(now) == [Try("mail", 1, number)]
        last = delivery.failed(1, "450 mailbox busy", "item", now)
    # 30 s, then 2 min, then 10 min after it.
    assert times == [30_000, 150_000, 750_000]
    assert last == [GiveUp("mail", 1, "tries: 450 mailbox busy")]
    assert delivery.in_hand() == frozenset()


def test_a_dead_server_costs_its_items_no_tries_and_is_asked_ever_less_often() -> None:
    delivery = Delivery({"mail": Policy(expire_ms=DAY, most_tries=2)})
    for item in range(1, 101):
        delivery.offer("mail", item, 0)
    tried, now = [], 0
    while now < HOUR:
        for each in delivery.advance(now):
            assert isinstance(each, Try)
            assert (each.item, each.number) == (1, 1), "the first keeps its place and its count"
            tried.append(now)
            delivery.failed(1, "connection refused", "channel", now)
        now = delivery.next_deadline(now) or HOUR
    # 0, +5 s, +15 s, +1 min, then every 5 min: 80 s + n * 300 s up to an hour, n = 0 to 11.
    assert tried == [0, 5_000, 20_000, *(80_000 + n * 300_000 for n in range(12))]
    delivery.advance(HOUR + 5 * MINUTE)
    delivery.delivered(1)
    assert len(delivery.in_hand()) == 99


def test_a_channel_that_fails_delays_no_other() -> None:
    delivery = Delivery()
    delivery.ready("sms", 0, ready=False)
    for item in range(1, 1001):
        delivery.offer("sms", item, 0)
    delivery.offer("mail", 2000, 0)
    assert delivery.advance(0) == [Try("mail", 2000, 1)]
    delivery.offer("hook", 3000, 1)
    assert delivery.advance(1) == [Try("hook", 3000, 1)]
    delivery.ready("sms", 2, ready=True)
    assert delivery.advance(2) == [Try("sms", 1, 1)]


def test_what_is_too_old_is_given_up_with_what_was_said_last() -> None:
    delivery = Delivery({"sms": Policy(expire_ms=HOUR)})
    delivery.offer("sms", 1, 0, age_ms=HOUR - MINUTE)
    delivery.offer("sms", 2, 0)
    delivery.advance(0)
    delivery.failed(1, "+CMS ERROR: 38", "item", 0)
    delivery.ready("sms", 0, ready=False)
    assert let(delivery, 0, 2 * HOUR) == [
        (MINUTE, GiveUp("sms", 1, "expired: +CMS ERROR: 38")),
        (HOUR, GiveUp("sms", 2, "expired")),
    ]


def test_refused_for_ever_is_given_up_at_once() -> None:
    delivery = Delivery()
    delivery.offer("mail", 1, 0)
    delivery.advance(0)
    assert delivery.failed(1, "550 no such user", "lasting", 0) == [
        GiveUp("mail", 1, "550 no such user")
    ]


def test_no_more_in_any_minute_than_allowed() -> None:
    delivery = Delivery({"hook": Policy(per_minute=20, at_once=100)})
    for item in range(1, 101):
        delivery.offer("hook", item, 0)
    begun = []
    now = 0
    while len(begun) < 100:
        begun += [now for _ in delivery.advance(now)]
        now = delivery.next_deadline(now) or now + 1
    assert begun == [n // 20 * MINUTE for n in range(100)]


def test_the_far_side_may_ask_for_more_patience() -> None:
    delivery = Delivery()
    delivery.offer("hook", 1, 0)
    delivery.advance(0)
    delivery.failed(1, "429", "item", 0, after_ms=10 * MINUTE)
    assert delivery.next_deadline(0) == 10 * MINUTE


def test_a_person_may_take_back_what_waits_but_not_what_is_on_its_way() -> None:
    delivery = Delivery()
    delivery.offer("sms", 1, 0)
    delivery.offer("sms", 2, 0)
    delivery.advance(0)
    assert not delivery.withdraw(1)
    assert delivery.withdraw(2)
    assert delivery.in_hand() == {1}


def test_a_restart_goes_on_counting() -> None:
    delivery = Delivery({"mail": Policy(most_tries=5)})
    delivery.offer("mail", 1, 0, tries=4)
    assert delivery.advance(0) == [Try("mail", 1, 5)]
    assert delivery.failed(1, "x", "item", 0) == [GiveUp("mail", 1, "tries: x")]


@pytest.mark.parametrize("seed", range(20))
def test_whatever_happens_every_item_ends_once(seed: int) -> None:
    print(f"seed {seed}")
    chance = random.Random(seed)
    delivery = Delivery({"sms": Policy(per_minute=6), "hook": Policy(at_once=3)})
    ended: list[int] = []
    offered = set(range(1, 61))
    for item in offered:
        delivery.offer(chance.choice(("sms", "mail", "hook")), item, chance.randrange(1000))
    now = 1000
    running: list[int] = []
    while delivery.in_hand():
        for each in delivery.advance(now):
            if isinstance(each, GiveUp):
                ended.append(each.item)
            else:
                running.append(each.item)
        if running:
            item = running.pop(chance.randrange(len(running)))
            if chance.random() < 0.3:
                delivery.delivered(item)
                ended.append(item)
            else:
                fault = chance.choice(("item", "channel", "lasting"))
                done = delivery.failed(item, "x", fault, now)
                ended += [each.item for each in done]
            continue
        now = max(now + 1, delivery.next_deadline(now) or now)
    assert sorted(ended) == sorted(offered)


def test_the_table_of_waits_grows() -> None:
    assert list(BACK_OFF_MS) == sorted(BACK_OFF_MS)
    assert sum(BACK_OFF_MS[:4]) < HOUR, "some tries in the first hour"


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("13800138000", "+86 138-0013-8000", True),
        ("008613800138000", "13800138000", True),
        ("13800138000", "13800138001", False),
        ("8000", "13800138000", False),
        ("10086", "10086", True),
        ("", "", False),
    ],
)
def test_forms_of_one_number(one: str, other: str, same: bool) -> None:
    assert same_number(one, other) is same


def test_who_may_get_a_text() -> None:
    none = {"do_not_text": ()}
    assert barred("queue_wait", "13800138000", **none) == ""
    assert barred("queue_wait", "13800138000", earlier=("queue_wait",), **none) == "once_a_day"
    assert barred("reply:7", "13800138000", earlier=("reply:7",), **none) == ""
    refuses = ("+8613800138000",)
    assert barred("reply:7", "13800138000", do_not_text=refuses) == "do_not_text"
