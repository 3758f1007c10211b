"""Each strategy against its hand-worked table."""

from __future__ import annotations

import pytest

from firmware.acd import events as told
from firmware.acd.distribution import Distribution
from firmware.acd.effects import OfferMade
from firmware.core.acd_settings import Acd, Agent, Membership, Queue
from tests.unit.acd.traces import LEVELS, STORY, TRACES, WEIGHTS

NAMES = {"A": "1001", "B": "1002", "C": "1003", "D": "1004"}
LETTERS = {number: letter for letter, number in NAMES.items()}


def _expected(strategy: str) -> dict[int, tuple[list[str], str, float]]:
    """Step to (asked in order, who lifts, draw)."""
    found = {}
    for row in TRACES[strategy].strip().splitlines():
        words = row.strip().split("   ", 1)[0].split()
        step = int(words[0])
        asked: list[str] = []
        for word in words[1:]:
            if word not in NAMES:
                break
            asked.append(word)
        lifts, draw = asked[0], 0.0
        after = words[1 + len(asked) :]
        if after and after[0] == ">":
            lifts = after[1]
        elif strategy == "weighted_random":
            draw = float(after[0])
        found[step] = (asked, lifts, draw)
    return found


@pytest.mark.parametrize("strategy", list(TRACES))
def test_a_strategy_asks_whom_its_table_names(strategy: str) -> None:
    levels = LEVELS if strategy == "skill_first" else dict.fromkeys(NAMES, 5)
    agents = tuple(
        Agent(
            number=number,
            queues=(Membership(queue="300", level=levels[name]),),
            weight=WEIGHTS[name],
        )
        for name, number in NAMES.items()
    )
    queue = Queue(number="300", strategy=strategy, wrap_up_s=0, wrap_up_tone_s=0)
    draws: list[float] = []
    acd = Distribution(Acd(queues=(queue,), agents=agents), draw=draws.pop)
    for number in NAMES.values():
        acd.handle(told.LoggedIn(agent=number, port=f"fxs/{number}"), 0)
    expected = _expected(strategy)
    steps = [row.split() for row in STORY.strip().splitlines()]
    assert len(steps) == 30
    assert set(expected) == {int(s) for s, what, _ in steps if what == "call"}
    talks: dict[str, str] = {}
    for number, what, whom in steps:
        step = int(number)
        now_ms = step * 10_000
        if what == "call":
            asked, lifts, draw = expected[step]
            draws[:] = [draw]
            effects = acd.handle(told.CallerEnters(visit=whom, queue="300"), now_ms)
            offer = next(e for e in effects if isinstance(e, OfferMade))
            assert [LETTERS[a] for a in offer.agents] == asked, f"{strategy}, step {step}"
            assert offer.decision.rule == strategy
            considered = [LETTERS[a] for a, _ in offer.decision.considered]
            assert set(asked) <= set(considered)
            acd.handle(told.AgentLifted(agent=NAMES[lifts]), now_ms)
            talks[whom] = NAMES[lifts]
        elif what == "end":
            acd.handle(told.TalkEnded(agent=talks[whom]), now_ms)
        elif what == "away":
            acd.handle(told.PauseAsked(agent=NAMES[whom], reason="break"), now_ms)
        else:
            acd.handle(told.ReadyAsked(agent=NAMES[whom]), now_ms)
