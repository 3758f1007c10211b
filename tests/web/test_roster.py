"""The roster against who has signed in: late and absent, as the board tells it."""

from __future__ import annotations

from datetime import time

import pytest

from firmware.control.floor_messages import AgentNow
from firmware.core.acd_settings import Acd, Agent
from web.board.roster import missing
from web.words import WORDS, say

ACD = Acd(
    agents=(
        Agent(number="1001", name="Anna", shift_starts="09:00", shift_ends="18:00"),
        Agent(number="1002", shift_starts="13:00"),
        Agent(number="1003", name="Cy"),
    )
)
NOBODY = tuple(AgentNow(agent=number) for number in ("1001", "1002", "1003"))


@pytest.mark.parametrize(
    ("clock", "found"),
    [
        ("08:59", []),
        ("09:00", []),
        ("09:01", [("late", "Anna", 1)]),
        ("09:59", [("late", "Anna", 59)]),
        ("10:00", [("absent", "Anna", 60)]),
        ("13:05", [("absent", "Anna", 245), ("late", "1002", 5)]),
        ("18:00", [("absent", "1002", 300)]),
    ],
)
def test_who_is_not_there_is_late_and_after_an_hour_absent(
    clock: str, found: list[tuple[str, str, int]]
) -> None:
    told = missing(NOBODY, ACD, time.fromisoformat(clock), "day")
    assert [(one.key, one.values["agent"], one.values["n"]) for one in told] == found


def test_who_has_signed_in_or_is_not_expected_is_not_told() -> None:
    there = (AgentNow(agent="1001", state="paused"), *NOBODY[1:])
    assert missing(there, ACD, time(9, 30), "day") == []
    assert missing(NOBODY, ACD, time(9, 30), "holiday") == []
    assert missing(NOBODY, ACD, time(9, 30), "night") == []
    assert missing((), ACD, time(9, 30), "day") == []


def test_it_is_told_in_both_languages() -> None:
    (late,) = missing(NOBODY, ACD, time(9, 30), "day")
    assert say("advice.late", "en", **late.values) == (
        "Anna has not signed in: 30 min late, expected at 09:00"
    )
    assert (
        say("advice.late", "zh-CN", **late.values) == "Anna 尚未签入：应于 09:00 到岗，已迟 30 分钟"
    )
    assert "advice.absent" in WORDS
