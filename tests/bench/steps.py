"""One step of a scenario: from a line of YAML to something that can be run and judged."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.bench.acts_fax import line_acts, telephone_acts
from tests.bench.expected_fax import expectations
from tests.bench.mobiles import mobile_acts
from tests.bench.phrases import PhraseError, in_ms, nearest
from tests.bench.records import record_fits
from tests.bench.stage import Expectation, Stage

RECORD_WAIT_MS = 5000
RECORD_STEP_MS = 100


class ScenarioError(ValueError):
    """A file that cannot be played; the message names the file, the place and what would do."""


@dataclass(frozen=True, slots=True)
class Step:
    """One line of a scenario. ``expects`` tells whether it can fail by what the box did."""

    text: str
    run: Callable[[Stage], tuple[bool, str]]
    expects: bool


def step_of(item: Any, where: str) -> Step:
    try:
        if isinstance(item, str):
            return _sentence(item)
        if isinstance(item, dict) and len(item) == 1:
            ((key, value),) = item.items()
            return _pair(str(key), value)
    except (PhraseError, ValueError) as error:
        raise ScenarioError(f"{where}: {error}") from None
    raise ScenarioError(f"{where}: {item!r} is neither a sentence nor 'who: does what'")


def _sentence(text: str) -> Step:
    wait = re.fullmatch(r"wait (.+)", text)
    if wait:
        ms = in_ms(wait[1])
        return Step(text, lambda stage: (stage.run_ms(ms), (True, ""))[1], expects=False)
    phrase, values = expectations.find(text)
    return Step(text, lambda stage: _now(phrase.what(stage, **values)), expects=True)


def _pair(key: str, value: Any) -> Step:
    text = f"{key}: {value}"
    actor = re.fullmatch(r"(telephone|line) (\d+)", key)
    if actor:
        book = telephone_acts if actor[1] == "telephone" else line_acts
        phrase, values = book.find(str(value))

        def act(stage: Stage) -> tuple[bool, str]:
            phrase.what(stage, stage.party(key), **values)
            return True, ""

        return Step(text, act, expects=False)
    mobile = re.fullmatch(r"mobile (\d+)", key)
    if mobile:
        told, said = mobile_acts.find(str(value))

        def send(stage: Stage) -> tuple[bool, str]:
            told.what(stage, mobile[1], **said)
            return True, ""

        return Step(text, send, expects=False)
    if key == "box":
        return Step(text, lambda stage: (stage.box.act(str(value)), (True, ""))[1], expects=False)
    if key == "note":
        return Step(str(value), lambda _stage: (True, ""), expects=False)
    timed = re.fullmatch(r"(within|for) (.+)", key)
    if timed:
        ms = in_ms(timed[2])
        if isinstance(value, dict):
            if set(value) != {"record"} or timed[1] == "for":
                raise PhraseError(f"{key}: only 'record: {{...}}' may follow as a table")
            return _record(text, value["record"], ms)
        phrase, values = expectations.find(str(value))
        judge = _within if timed[1] == "within" else _throughout

        def run(stage: Stage) -> tuple[bool, str]:
            stage.since_ms = stage.box.now_ms
            try:
                return judge(stage, phrase.what(stage, **values), ms)
            finally:
                stage.since_ms = 0

        return Step(text, run, expects=True)
    if key == "record":
        return _record(text, value, RECORD_WAIT_MS)
    if key == "records":
        return Step(text, lambda stage: _count(stage, int(value)), expects=True)
    raise PhraseError(
        f"{key!r} is not understood; nearest: "
        + nearest(key, ["telephone N", "line N", "within T", "for T", "record", "records", "box"])
    )


def _record(text: str, wanted: Any, timeout_ms: float) -> Step:
    if not isinstance(wanted, dict) or not wanted:
        raise PhraseError("record: a table such as {outcome: answered, cleared_by: tone}")

    def run(stage: Stage) -> tuple[bool, str]:
        found = (False, "no call record was closed")

        def fits() -> bool:
            nonlocal found
            records = stage.box.records()
            if "call" in wanted:  # the calls of a scenario are counted in the order they began
                name = f"{int(wanted['call']):08d}"
                records = [record for record in records if record["call"] == name]
            if records:
                found = record_fits(records[-1], {k: v for k, v in wanted.items() if k != "call"})
            return found[0]

        stage.box.run_until(_seldom(stage, fits), int(timeout_ms))
        return found

    return Step(text, run, expects=True)


def _count(stage: Stage, wanted: int) -> tuple[bool, str]:
    enough = _seldom(stage, lambda: len(stage.box.records()) >= wanted)
    stage.box.run_until(enough, RECORD_WAIT_MS)
    found = len(stage.box.records())
    return found == wanted, f"{found} records"


def _seldom(stage: Stage, predicate: Callable[[], bool]) -> Callable[[], bool]:
    """A predicate that reads the records, asked every ``RECORD_STEP_MS`` and not every block."""
    asked = -RECORD_STEP_MS

    def sometimes() -> bool:
        nonlocal asked
        if stage.box.now_ms - asked < RECORD_STEP_MS:
            return False
        asked = stage.box.now_ms
        return predicate()

    return sometimes


def _now(expectation: Expectation) -> tuple[bool, str]:
    held, detail = expectation.check()
    if held and expectation.settle is not None:
        return expectation.settle()
    return held, detail


def _within(stage: Stage, expectation: Expectation, ms: float) -> tuple[bool, str]:
    if expectation.experiment:
        return _now(expectation)
    begun, asked, last = stage.box.now_ms, -1_000_000, (False, "")

    def holds() -> bool:
        nonlocal asked, last
        if stage.box.now_ms - asked < expectation.every_ms:
            return False
        asked = stage.box.now_ms
        last = expectation.check()
        return last[0]

    if not holds():
        stage.box.run_until(holds, int(ms))
    took = stage.box.now_ms - begun
    held, detail = last
    if held and expectation.settle is not None:
        held, detail = expectation.settle()
    return held, f"after {took / 1000.0:.2f} s: {detail}"


def _throughout(stage: Stage, expectation: Expectation, ms: float) -> tuple[bool, str]:
    begun, asked, last = stage.box.now_ms, stage.box.now_ms, (True, "")
    check = expectation.throughout or expectation.check

    def broken() -> bool:
        nonlocal asked, last
        if stage.box.now_ms - asked < expectation.every_ms:
            return False
        asked = stage.box.now_ms
        last = check()
        return not last[0]

    end = begun + ms
    stage.box.run_until(lambda: broken() or stage.box.now_ms >= end, int(ms) + 1000)
    took = stage.box.now_ms - begun
    return last[0], f"{'held' if last[0] else 'broken after'} {took / 1000.0:.2f} s: {last[1]}"
