"""What is expected of the box's memory: its log, and what waits to leave it; joins ``expected``."""

from __future__ import annotations

from typing import Any

import msgspec

from tests.bench.expected_site import expectations
from tests.bench.stage import HEARING_STEP_MS, Expectation, Finding, Stage

__all__ = ["expectations"]

SHOWN = 3  # entries printed when none fits


def _fits(entry: dict[str, Any], wanted: str) -> bool:
    pairs = (part.partition("=") for part in wanted.split())
    return all(str(entry.get(name)).lower() == value.lower() for name, _, value in pairs)


@expectations.add("the log has <kind:NAME> with <values:TEXT>")
def _has(stage: Stage, kind: str, values: str) -> Expectation:
    """Some entry of this kind has these fields: ``agent=1001 to=1002``."""

    def check() -> Finding:
        found = [msgspec.to_builtins(entry) for entry in stage.box.entries(kind)]
        words = "; ".join(str(entry) for entry in found[-SHOWN:]) or f"no {kind}"
        return any(_fits(entry, values) for entry in found), words

    return Expectation(check, HEARING_STEP_MS)


@expectations.add("the log has no <kind:NAME>")
def _has_none(stage: Stage, kind: str) -> Expectation:
    def check() -> Finding:
        found = stage.box.entries(kind)
        return not found, f"{len(found)} of them"

    return Expectation(check, HEARING_STEP_MS)


@expectations.add("a text to <number:NUMBER> says <text:TEXT>")
def _text(stage: Stage, number: str, text: str) -> Expectation:
    def check() -> Finding:
        found = [(item.number, item.text) for item in stage.box.outbox()]
        words = "; ".join(f"{to}: {what}" for to, what in found) or "nothing waits to be sent"
        return any(to == number and text in what for to, what in found), words

    return Expectation(check, HEARING_STEP_MS)


@expectations.add("<count:N> texts wait to be sent")
def _texts(stage: Stage, count: str) -> Expectation:
    def check() -> Finding:
        found = len(stage.box.outbox())
        return found == int(count), f"{found} wait"

    return Expectation(check, HEARING_STEP_MS)
