"""The far side clears, or only sounds so: sixteen exchanges by sound, and hours of conversation.

Goals: from the third call on a line is free within 6 s of the first sign; nobody who talks, plays
music, holds or adds a third party is ever cut off.
"""

from __future__ import annotations

import numpy as np
import pytest

from firmware.core.timers import Times
from tests.bench import conversations
from tests.bench.clearings import CLEARINGS, SILENT, noise, one_round, taught
from tests.bench.row_of_lines import RowOfLines
from tests.conformance import talker

WITHIN_MS = 6_000
LEARN_BY = 2  # calls


@pytest.mark.slow
def test_sixteen_exchanges_are_learned_in_two_calls():
    seed = 61
    rng = np.random.default_rng(seed)
    lines = RowOfLines(len(CLEARINGS))
    for call in range(1, 6):
        speech = talker.rows(talker.talk, seed + call, len(CLEARINGS), 4.0)
        freed = one_round(lines, rng, speech)
        if call <= LEARN_BY:
            continue
        late = {
            clearing.name: freed.get(row)
            for row, clearing in enumerate(CLEARINGS)
            if row != SILENT and freed.get(row, WITHIN_MS + 1) > WITHIN_MS
        }
        assert not late, f"seed {seed}, call {call}: {late}"


@pytest.mark.slow
def test_the_watchdog_frees_every_line_that_nobody_is_on():
    watchdog_ms = 120_000
    seed = 62
    rng = np.random.default_rng(seed)
    lines = RowOfLines(4, times=Times({"line_watchdog": watchdog_ms, "silence_look": 10_000}))
    for row in range(4):
        lines.connect(row)
    lines.hear(talker.rows(talker.talk, seed, 4, 20.0))
    assert not lines.cleared, f"seed {seed}"
    lines.hear(noise(rng, 4, watchdog_ms / 1000))
    assert set(lines.cleared) == set(range(4)), f"seed {seed}: {lines.cleared}"


def _taught(lines: RowOfLines) -> None:
    """Let every line have learned its own sign, the worst case for a conversation."""
    for jack, clearing in zip(lines.jacks, CLEARINGS, strict=True):
        jack.doctor.profile = taught(clearing)


def _cut(seed: int, minutes: int) -> tuple[list[str], int]:
    """Names of the lines on which a conversation was cut, and how often a tone was doubted."""
    rng = np.random.default_rng(seed)
    lines = RowOfLines(len(CLEARINGS))
    _taught(lines)
    found = []
    for row in range(len(CLEARINGS)):
        lines.connect(row)
    for minute in range(minutes):
        lines.hear(conversations.minute(rng, len(CLEARINGS)))
        for row in list(lines.cleared):
            found.append(f"minute {minute}, {CLEARINGS[row].name}: {lines.cleared[row]}")
            lines.connect(row)
    return found, lines.false_alarms


@pytest.mark.slow
def test_conversations_are_not_cut():
    seed = 63
    found, _ = _cut(seed, 1)
    assert found == [], f"seed {seed}"


@pytest.mark.soak
@pytest.mark.timeout(7200)
@pytest.mark.parametrize("seed", [6400])
def test_twenty_hours_of_conversation_without_one_cut(seed, capsys):
    minutes = 75  # of sixteen lines: 20 h
    found, doubted = _cut(seed, minutes)
    with capsys.disabled():
        hours = minutes * len(CLEARINGS) / 60
        print(
            f"\nseed {seed}: {hours:.0f} h of conversation, {len(found)} cut, {doubted} taken back"
        )
    assert found == [], f"seed {seed}"
