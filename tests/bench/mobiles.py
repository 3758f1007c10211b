"""Mobile telephones of the town: what they send to the office, and what they got from it."""

from __future__ import annotations

from tests.bench.expected_memory import expectations
from tests.bench.phrases import Phrasebook
from tests.bench.stage import HEARING_STEP_MS, Expectation, Finding, Stage

mobile_acts = Phrasebook("what a mobile telephone does")


@mobile_acts.add("text <words:TEXT>")
def _send(stage: Stage, number: str, words: str) -> None:
    stage.box.postman.far.arrive(number, words, stage.box.now_ms)  # type: ignore[attr-defined]  # the bench's box has one


@expectations.add("mobile <number:NUMBER> got a text that says <words:TEXT>")
def _got(stage: Stage, number: str, words: str) -> Expectation:
    def check() -> Finding:
        found = stage.box.postman.network.texts()
        told = "; ".join(f"{to}: {what}" for to, what in found) or "nobody got a text"
        return any(to == number and words in what for to, what in found), told

    return Expectation(check, HEARING_STEP_MS)


@expectations.add("mobile <number:NUMBER> got <count:N> texts")
def _count(stage: Stage, number: str, count: str) -> Expectation:
    def check() -> Finding:
        found = [what for to, what in stage.box.postman.network.texts() if to == number]
        return len(found) == int(count), f"{len(found)}: {found}"

    return Expectation(check, HEARING_STEP_MS)
