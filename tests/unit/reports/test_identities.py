"""What must be true of any day: random calls, counted apart while they are made up."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from firmware.core import acd_entries as acd
from firmware.core import log_entries as log
from firmware.core.acd_entries import AgentState
from firmware.reports.live import Live, facts_of
from firmware.reports.measures import MEASURES, figure
from firmware.storage.records import Records
from tests.unit.reports.pencil import Day, Part, Stay, count, tell

SEED = 20261122
BEGIN = datetime(2026, 3, 2, tzinfo=UTC)
LEFT = [reason for reason in acd.LeftBy if reason is not acd.LeftBy.ABANDONED]


def made_up(calls: int, chance: random.Random) -> list[Day]:
    """Calls of every kind, some through two queues, some handed on, some called back."""
    rows = []
    for call in range(1, calls + 1):
        stays = []
        for _ in range(chance.choice([1, 1, 1, 2])):
            wait = chance.choice([0, 4, 5, 19, 20, 21, chance.randrange(300)])
            if chance.random() < 0.35:
                left = "abandoned" if chance.random() < 0.6 else str(chance.choice(LEFT))
                stays.append(Stay("sales", wait, left=left, vip=chance.random() < 0.1))
                break
            parts = [
                Part(
                    chance.choice("ABC"),
                    1 + chance.randrange(400),
                    chance.randrange(200),
                    tuple(1 + chance.randrange(120) for _ in range(chance.choice([0, 0, 1, 2]))),
                    passed_on=chance.choice(["", "", "", "blind", "attended"]),
                )
                for _ in range(chance.choice([1, 1, 1, 2]))
            ]
            stays.append(Stay(chance.choice(["sales", "help"]), wait, parts))
        back = chance.random() < 0.05
        number = f"138{chance.randrange(10**8):08d}"
        rows.append(Day(call, chance.randrange(86_000), number, stays, called_back=back))
    return rows


def shift(chance: random.Random, agent: str) -> tuple[list[log.AnyLogEntry], int]:
    """An agent's day of states, and the seconds of login."""
    at_s, login, out = chance.randrange(3600), 0, []
    for _ in range(chance.randrange(1, 80)):
        state = chance.choice(list(AgentState))
        out.append(acd.AgentChanged(at_ms=at_s * 1000, agent=agent, state=state))
        lasting = chance.randrange(600)
        if state is not AgentState.LOGGED_OUT:
            login += lasting
        at_s += lasting
    out.append(acd.AgentChanged(at_ms=at_s * 1000, agent=agent, state=AgentState.LOGGED_OUT))
    return out, login


def identities(calls: int, seed: int) -> None:
    print(f"seed {seed}")
    chance = random.Random(seed)
    rows = made_up(calls, chance)
    entries = tell(rows)
    facts = facts_of(entries)
    found = {code: figure(code, facts).value for code in ("n", "a", "b", "f")}
    assert found["n"] == found["a"] + found["b"] + found["f"]
    for code, value in count(rows).items():
        assert figure(code, facts).value == pytest.approx(float(value)), code
    # Talk by legs is the time for which bridges joined an agent and the caller.
    joined: dict[tuple[str, int, str], int] = {}
    bridged = held = 0
    since: dict[tuple[str, int, str], int] = {}
    for entry in entries:
        match entry:
            case acd.AgentJoined():
                joined[entry.call, entry.visit, entry.agent] = entry.at_ms
            case acd.AgentLegEnded():
                bridged += entry.at_ms - joined.pop((entry.call, entry.visit, entry.agent))
            case acd.AgentHeld():
                since[entry.call, entry.visit, entry.agent] = entry.at_ms
            case acd.AgentRetrieved():
                held += entry.at_ms - since.pop((entry.call, entry.visit, entry.agent))
    assert sum(v.talk_ms + v.hold_ms for v in facts.visits) == bridged
    assert sum(v.hold_ms for v in facts.visits) == held


def test_identities_over_two_thousand_random_calls() -> None:
    identities(2_000, SEED)


@pytest.mark.slow
def test_identities_over_twenty_thousand_random_calls() -> None:
    identities(20_000, SEED + 5)


@pytest.mark.soak
@pytest.mark.timeout(1800)
def test_identities_over_a_hundred_thousand_random_calls() -> None:
    identities(100_000, SEED + 1)


def test_login_time_is_the_sum_of_the_states() -> None:
    chance = random.Random(SEED)
    entries, login = [], 0
    for number in range(300):
        more, seconds = shift(chance, f"{number}")
        entries += more
        login += seconds
    facts = facts_of(sorted(entries, key=lambda entry: entry.at_ms))
    parts = ("ready", "ringing", "paused", "handling", "other")
    assert figure("login", facts).value == login
    assert sum(figure(part, facts).value for part in parts) == login


def kept_and_live(folder: Path, calls: int, seed: int) -> None:
    """The report of the records and the live counters of the same span, figure by figure."""
    print(f"seed {seed}")
    chance = random.Random(seed)
    entries = tell(made_up(calls, chance))
    for agent in "ABC":
        entries += shift(chance, agent)[0]
    entries.sort(key=lambda entry: entry.at_ms)
    begin = round(BEGIN.timestamp() * 1000)
    live = Live(begin)
    records = Records.open(folder / "records.sqlite")
    for first in range(0, len(entries), 400):
        batch = entries[first : first + 400]
        now_ms = batch[-1].at_ms
        wall = BEGIN + timedelta(milliseconds=now_ms)
        records.append(batch, boot="boot-a", wall=wall, trusted=True, now_ms=now_ms)
        for entry in batch:
            live.add(entry, begin + entry.at_ms)
    until = begin + 2 * 86_400_000
    now, then = live.facts(until), records.facts(begin, until)
    for code in MEASURES:
        if code in {"line_s", "line_load", "all_lines_busy", "lost_calls"}:
            continue  # live lines are read from the ports
        assert figure(code, now).value == figure(code, then).value, code
    assert records.verify().reason == ""


def test_live_counters_are_the_report_of_the_same_span(tmp_path: Path) -> None:
    kept_and_live(tmp_path, 150, SEED + 2)


@pytest.mark.slow
def test_live_counters_are_the_report_over_many_calls(tmp_path: Path) -> None:
    kept_and_live(tmp_path, 1_000, SEED + 3)


@pytest.mark.soak
@pytest.mark.timeout(14_400)
def test_live_counters_are_the_report_over_a_hundred_thousand_calls(tmp_path: Path) -> None:
    kept_and_live(tmp_path, 100_000, SEED + 4)
