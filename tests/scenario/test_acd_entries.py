"""What is kept of a queue's calls: the log's entries after a scenario was played."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from firmware.core.acd_entries import (
    AgentChanged,
    AgentJoined,
    QueueAnswered,
    SurveyAnswered,
    SurveyOffered,
    SurveyWay,
    TaskOpened,
    WrapUpBy,
    WrapUpEnded,
)
from firmware.core.log_entries import TelephoneAnswered
from firmware.daemons.compose import RECORDS
from firmware.storage.record_reader import ReadRecords
from tests.bench.player import box_for
from tests.bench.scenario import load, play

BLOCK_MS = 5
FOLDER = Path(__file__).parent / "acd"


def entries_of(name: str, and_ms: int = 0) -> list[Any]:
    """The log after the scenario, and some time more."""
    scenario = load(FOLDER / f"{name}.yaml")[0]
    with box_for(scenario) as box:
        play(scenario, box, print)
        box.run_for(and_ms)
        with ReadRecords.open(box.folder / "data" / RECORDS) as records:
            return [stored.entry for stored in records.all_events()]


@pytest.mark.slow
def test_result_topic_follow_up_and_note_of_a_call_are_kept() -> None:
    entries = entries_of("wrap_up_recall", 1_000)
    (ended,) = (e for e in entries if isinstance(e, WrapUpEnded))
    assert (ended.agent, ended.queue, ended.by) == ("1001", "300", WrapUpBy.RESULT)
    assert (ended.result, ended.topic, ended.solved) == ("follow_up", "23", False)
    assert ended.note.endswith(".tpr")  # sealed
    (owed,) = (e for e in entries if isinstance(e, TaskOpened))
    assert (owed.kind.value, owed.number, owed.agent) == ("follow_up", "13800138001", "1001")


@pytest.mark.slow
@pytest.mark.parametrize("name", ["lift_in_welcome", "lift_in_comfort"])
def test_no_announcement_delays_the_connection(name: str) -> None:
    """The agent lifts while the caller is spoken to; voices are joined within one block of 5 ms."""
    entries = entries_of(name)
    lifted = {e.call: e.at_ms for e in entries if isinstance(e, TelephoneAnswered)}
    answered = [e for e in entries if isinstance(e, QueueAnswered)]
    joined = [e for e in entries if isinstance(e, AgentJoined)]
    assert len(answered) == len(joined) == 1
    delay_ms = joined[0].at_ms - lifted[joined[0].call]
    print(f"{name}: t5 - t4 is {delay_ms} ms")
    assert 0 <= delay_ms <= BLOCK_MS


@pytest.mark.slow
def test_signing_in_rest_and_going_are_kept() -> None:
    entries = entries_of("codes_of_an_agent")
    changes = [(e.state.value, e.reason) for e in entries if isinstance(e, AgentChanged)]
    assert changes == [("ready", ""), ("paused", "break"), ("ready", ""), ("logged_out", "")]


@pytest.mark.slow
def test_the_answer_of_a_caller_who_stayed_is_kept() -> None:
    entries = entries_of("survey_stayed")
    (offered,) = (e for e in entries if isinstance(e, SurveyOffered))
    (answered,) = (e for e in entries if isinstance(e, SurveyAnswered))
    assert (offered.way, offered.scale, offered.agent) == (SurveyWay.STAYED, 2, "1001")
    assert (answered.key, answered.agent, answered.queue) == (1, "1001", "300")
    assert answered.about == answered.call == offered.call
