"""Flows that ship besides the main menu: what callers hear outside office hours.

A message of the day is said before a flow, whatever the flow is.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import msgspec

from ivr.nodes import MAIN, Dial, FlowDocument, Group, HangUp, Node, Play

CLOSED: Final = FlowDocument(
    name="closed",
    start="closed",
    nodes={"closed": Play(prompts=("closed",), next="goodbye"), "goodbye": HangUp()},
    exhausted="goodbye",
)
"""The office is closed; said at night."""

HOLIDAY: Final = FlowDocument(
    name="holiday",
    start="closed",
    nodes={"closed": Play(prompts=("closed-holiday",), next="goodbye"), "goodbye": HangUp()},
    exhausted="goodbye",
)
"""The office is closed for a holiday."""

SHIPPED: Final[Mapping[str, FlowDocument]] = {flow.name: flow for flow in (MAIN, CLOSED, HOLIDAY)}


def announced(document: FlowDocument, prompt: str) -> FlowDocument:
    """The flow with a message before it. ``prompt`` as in a ``play`` node."""
    first: dict[str, Node] = {"announcement": Play(prompts=(prompt,), next=document.start)}
    return msgspec.structs.replace(
        document, start="announcement", nodes={**first, **document.nodes}
    )


def straight(number: str, *, group: bool) -> FlowDocument:
    """A flow that sends its caller to an extension or a ring group, without a question."""
    to: Node = (
        Group(group=number, prompts=(), no_answer="unanswered", busy="engaged")
        if group
        else Dial(extension=number, prompts=(), no_answer="unanswered", busy="engaged")
    )
    return FlowDocument(
        name=f"straight-{number}",
        start="to",
        nodes={
            "to": to,
            "unanswered": HangUp(prompts=("no-answer", "goodbye")),
            "engaged": HangUp(prompts=("all-busy", "goodbye")),
        },
        attempts=2,
        exhausted="engaged",
    )
