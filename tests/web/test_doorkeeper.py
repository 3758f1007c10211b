"""Who is let in at the page's doors, by hand and by chance."""

import random

import pytest

from web.tls.doorkeeper import (
    EACH,
    IDLE_MS,
    MOST,
    SILENT_MS,
    SPARE_MS,
    Doorkeeper,
    neighbour_of,
)


@pytest.mark.parametrize(
    ("shown", "meant"),
    [
        ("::ffff:192.168.1.7", "192.168.1.7"),
        ("192.168.1.7", "192.168.1.7"),
        ("fe80::1%eth0", "fe80::1"),
        ("FD00:0::7", "fd00::7"),
        ("", ""),
    ],
)
def test_a_neighbour_is_known_by_one_address(shown: str, meant: str) -> None:
    assert neighbour_of(shown) == meant


def test_five_hundred_who_say_nothing_keep_nobody_out() -> None:
    doors = Doorkeeper()
    for number in range(MOST):
        assert doors.come(number, f"192.168.1.{number // 24}", number) == []
    assert doors.come(1000, "192.168.1.200", 700) == [0], "the oldest silent one makes room"
    assert len(doors) == MOST
    assert doors.overdue(SILENT_MS) == []
    assert doors.overdue(SILENT_MS + 1) == [1], "nobody waits for them to leave by themselves"


def test_one_neighbour_crowds_out_himself() -> None:
    doors = Doorkeeper()
    doors.come(0, "192.168.1.9", 0)
    for number in range(1, EACH + 1):
        doors.come(number, "192.168.1.8", 10)
    assert doors.come(99, "192.168.1.8", 20) == [1], "his own oldest, not the older one beside him"
    for number in range(EACH + 100):
        doors.answered(number, 30)
    assert doors.come(100, "192.168.1.8", 40) is None, "all of his are at work"
    assert doors.come(101, "192.168.1.10", 40) == []
    assert doors.come(102, "192.168.1.8", 31 + SPARE_MS) == [2], "one that rests since long"


def test_who_does_not_ask_in_time_has_to_go_and_a_slow_upload_may_stay() -> None:
    doors = Doorkeeper()
    for number in (1, 2, 3):
        doors.come(number, "192.168.1.8", 0)
    doors.answered(1, 5)
    for now_ms in range(1_000, SILENT_MS, 1_000):
        doors.heard(2, 200, now_ms)  # an upload at 1.6 kbit/s
        doors.heard(3, 1, now_ms)  # a letter a second
    assert doors.overdue(SILENT_MS - 1) == []
    assert doors.overdue(SILENT_MS) == [3]
    assert doors.overdue(IDLE_MS + 4) == [2]
    assert doors.overdue(IDLE_MS + 5) == [1], "nothing has moved either way"
    assert len(doors) == 0


def test_whatever_comes_there_are_never_more_than_may_be() -> None:
    seed = 20261122
    print(f"seed {seed}")
    chance, doors, there = random.Random(seed), Doorkeeper(20, 5), {}
    for number in range(5_000):
        now_ms = number * 50
        address = f"10.0.0.{chance.randrange(12)}"
        leave = doors.come(number, address, now_ms)
        if leave is not None:
            there[number] = address
            for one in leave:
                del there[one]
        for one in chance.sample(sorted(there), min(2, len(there))):
            chance.choice([doors.answered, lambda n, _: doors.left(n) or there.pop(n)])(one, now_ms)
        for one in doors.overdue(now_ms):
            del there[one]
        assert len(doors) == len(there) <= 20
        assert all(list(there.values()).count(a) <= 5 for a in set(there.values()))
