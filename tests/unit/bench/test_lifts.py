"""The measure of every scenario: an agent who lifted has his caller within one block."""

from __future__ import annotations

from firmware.core.acd_entries import AgentJoined, QueueAnswered
from firmware.core.events import PlayFinished
from firmware.core.log_entries import TelephoneAnswered
from tests.bench.lifts import Lifts

BLOCK_MS = 5


def story(joined_ms: int) -> list[object]:
    """1001 lifts fxs/1 at 10,000 ms."""
    visit = {"call": "7", "queue": "300", "visit": 1, "agent": "1001", "port": "fxs/1"}
    return [
        TelephoneAnswered(call="7", at_ms=10_000, port="fxs/1", extension="201"),
        QueueAnswered(at_ms=10_000, **visit),
        AgentJoined(at_ms=joined_ms, **visit),
    ]


def test_voices_within_a_block_are_prompt_and_later_ones_are_not() -> None:
    lifts = Lifts()
    assert not list(lifts.wrong(story(10_005), BLOCK_MS))
    (sentence,) = lifts.wrong(story(10_006), BLOCK_MS)
    assert "6 ms, one block is 5 ms" in sentence


def test_a_whisper_is_waited_for_and_what_comes_after_it_is_not() -> None:
    lifts = Lifts()
    lifts.hear(PlayFinished(port="fxo/1", at_ms=9_000, play="7-play3", completed=False), 9_000)
    lifts.hear(PlayFinished(port="fxs/1", at_ms=11_400, play="7-play1004", completed=True), 11_400)
    assert not list(lifts.wrong(story(11_405), BLOCK_MS))
    assert [lift.gap_ms for lift in lifts.of(story(11_800))] == [400]
    assert not list(lifts.wrong(story(13_000), BLOCK_MS)), "cut at 3 s"
    assert list(lifts.wrong(story(13_020), BLOCK_MS))


def test_a_conversation_that_was_handed_over_is_nobodys_lift() -> None:
    handed = AgentJoined(call="7", at_ms=20_000, queue="300", visit=1, agent="1002", port="fxs/2")
    assert len(list(Lifts().of([*story(10_000), handed]))) == 1
