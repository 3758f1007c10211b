"""Flows that ship: what a box fresh from the card does with its callers, by day and when closed.

A message of the day is said before a flow, whatever the flow is.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import msgspec

from ivr.document import FlowDocument
from ivr.nodes import (
    AskExtension,
    Callback,
    Dial,
    Group,
    HangUp,
    Mailbox,
    Menu,
    Node,
    Opening,
    Part,
    Play,
    Queue,
    SetLanguage,
    SubFlow,
)

ANNOUNCEMENT: Final = "announcement"
"""The node of a message that comes before a flow."""

OTHER_LANGUAGE: Final[Part] = "{other_language}/language-eight"
"""8 for English, said in English to who hears Mandarin, and the other way round."""

CANTONESE_OFFER: Final = "zh-HK/language-nine"
"""9 for Cantonese, said in Cantonese; only where the office has recorded it."""


def _message_or_callback(person: str) -> dict[str, Node]:
    """Nodes of a caller for whom nobody is there now: a message, or a call back."""
    return {
        "offer": Menu(
            say=("menu-closed", OTHER_LANGUAGE),
            choices={"1": "message", "2": "callback", "8": "other_offer"},
            tries=2,
            silences=2,
            no_input="goodbye",
            failed=person,
        ),
        "other_offer": SetLanguage(language="{other_language}", next="offer"),
        "message": Mailbox(number="201"),
        "callback": Callback(due_min=240, next="booked", failed="goodbye"),
        "booked": HangUp(say=()),
        "goodbye": HangUp(),
    }


MAIN: Final = FlowDocument(
    name="main",
    start="hours",
    nodes={
        "hours": Opening(day="welcome", night="closed", holiday="holiday"),
        "closed": SubFlow(flow="closed", next="goodbye"),
        "holiday": SubFlow(flow="holiday", next="goodbye"),
        "welcome": Play(say=("welcome",), next="menu"),
        "menu": Menu(
            say=("menu-main", OTHER_LANGUAGE),
            choices={"1": "sales", "2": "second", "0": "everyone", "8": "other"},
            direct="by_number",
            tries=3,
            silences=1,
            no_input="everyone",
            failed="everyone",
        ),
        "other": SetLanguage(language="{other_language}", next="menu"),
        "sales": Dial(number="201", no_answer="unanswered", busy="engaged"),
        "second": Dial(number="202", no_answer="unanswered", busy="engaged"),
        "everyone": Group(number="200", no_answer="unanswered", busy="engaged"),
        "by_number": AskExtension(no_answer="unanswered", busy="engaged", failed="everyone"),
        "unanswered": Play(say=("no-answer",), next="offer"),
        "engaged": Play(say=("all-busy",), next="offer"),
        **_message_or_callback("everyone"),
    },
    operator="everyone",
    exhausted="offer",
)
"""1 for extension 201, 2 for 202, an extension's own number, 0 or silence for all telephones, 8
for the other language; who reaches nobody may leave a message or be called back."""


def _shut(name: str, prompt: str) -> FlowDocument:
    return FlowDocument(
        name=name,
        start="closed",
        nodes={"closed": Play(say=(prompt,), next="offer"), **_message_or_callback("message")},
        operator="message",
        exhausted="goodbye",
    )


CLOSED: Final = _shut("closed", "closed")
"""The office is closed; said at night. A message or a call back is offered."""

HOLIDAY: Final = _shut("holiday", "closed-holiday")
"""The office is closed for a holiday."""

SHIPPED: Final[Mapping[str, FlowDocument]] = {flow.name: flow for flow in (MAIN, CLOSED, HOLIDAY)}


def with_cantonese(document: FlowDocument) -> FlowDocument:
    """The flow with 9 for Cantonese in every menu that has 8 for the other language.

    For an office that has recorded that offer; Cantonese does not ship with sound.
    """
    nodes: dict[str, Node] = dict(document.nodes)
    for name, node in document.nodes.items():
        if isinstance(node, Menu) and OTHER_LANGUAGE in node.say and "9" not in node.choices:
            chosen = f"{name}_cantonese"
            nodes[name] = msgspec.structs.replace(
                node, say=(*node.say, CANTONESE_OFFER), choices={**node.choices, "9": chosen}
            )
            nodes[chosen] = SetLanguage(language="zh-HK", next=name)
    return msgspec.structs.replace(document, nodes=nodes)


def announced(document: FlowDocument, prompt: str) -> FlowDocument:
    """The flow with a message before it. ``prompt`` as in a ``play`` node."""
    first: dict[str, Node] = {ANNOUNCEMENT: Play(say=(prompt,), next=document.start)}
    return msgspec.structs.replace(document, start=ANNOUNCEMENT, nodes={**first, **document.nodes})


def straight(number: str, *, group: bool = False, queue: bool = False) -> FlowDocument:
    """A flow that sends its caller to an extension, ring group or queue, without a question."""
    to: Node = Dial(number=number, say=(), no_answer="unanswered", busy="engaged")
    if queue:
        to = Queue(queue=number, say=(), no_answer="unanswered", busy="engaged")
    elif group:
        to = Group(number=number, say=(), no_answer="unanswered", busy="engaged")
    return FlowDocument(
        name=f"straight-{number}",
        start="to",
        nodes={
            "to": to,
            "unanswered": HangUp(say=("no-answer", "goodbye")),
            "engaged": HangUp(say=("all-busy", "goodbye")),
        },
        attempts=2,
        exhausted="engaged",
    )
