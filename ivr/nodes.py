"""The language of menu flows, first edition: five kinds of node, one document per flow.

A flow is data that a page can draw and :func:`problems` can check before it goes live. A node
names its successors; a prompt is a name without language (``welcome``), which the run completes
(``zh-CN/welcome``), or an absolute path of an owner's recording.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal

import msgspec

SCHEMA = 1
KEYS = frozenset("0123456789*#")


class _Node(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    pass


class Play(_Node, frozen=True, kw_only=True, tag_field="kind", tag="play"):
    """Say something, then go on. A key cuts it short and counts in the next menu."""

    prompts: tuple[str, ...]
    next: str


class Menu(_Node, frozen=True, kw_only=True, tag_field="kind", tag="menu"):
    """Ask for one key.

    Attributes:
        prompts: What is offered. A key is taken while they still play.
        choices: Key to node.
        wait_ms: How long a key is waited for after the prompts.
        wrong: Said after a key that is no choice; the prompts follow again.
        silent: Said when no key came and the question is asked again.
        tries: How many wrong keys end the menu.
        silences: How many waits without a key end it.
        no_input: Where silence leads in the end.
        failed: Where wrong keys lead in the end.
    """

    prompts: tuple[str, ...]
    choices: dict[str, str]
    wait_ms: Annotated[int, msgspec.Meta(ge=500, le=30_000)] = 5_000
    wrong: tuple[str, ...] = ("wrong-choice",)
    silent: tuple[str, ...] = ("no-input",)
    tries: Annotated[int, msgspec.Meta(ge=1, le=9)] = 3
    silences: Annotated[int, msgspec.Meta(ge=1, le=9)] = 2
    no_input: str
    failed: str


class Dial(_Node, frozen=True, kw_only=True, tag_field="kind", tag="dial"):
    """Send the caller to an extension. The result leads on if nothing came of it."""

    extension: str
    prompts: tuple[str, ...] = ("connecting",)
    no_answer: str
    busy: str


class Group(_Node, frozen=True, kw_only=True, tag_field="kind", tag="group"):
    """Send the caller to a ring group: all its free telephones ring."""

    group: str
    prompts: tuple[str, ...] = ("connecting",)
    no_answer: str
    busy: str


class HangUp(_Node, frozen=True, kw_only=True, tag_field="kind", tag="hang_up"):
    """Say goodbye and clear."""

    prompts: tuple[str, ...] = ("goodbye",)


Node = Play | Menu | Dial | Group | HangUp


class FlowDocument(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One flow.

    Attributes:
        schema: Version of this language.
        name: The flow's name, as ``flow:NAME`` in the settings.
        start: The first node.
        nodes: All nodes by their ids.
        attempts: How many destinations may fail before ``exhausted`` is the next node.
        exhausted: Where a caller goes then, and when ``limit_ms`` is over.
        limit_ms: How long a caller may stay among prompts and menus in all.
    """

    schema: Literal[1] = 1
    name: str
    start: str
    nodes: dict[str, Node]
    attempts: Annotated[int, msgspec.Meta(ge=1, le=9)] = 2
    exhausted: str
    limit_ms: Annotated[int, msgspec.Meta(ge=10_000, le=3_600_000)] = 300_000


def successors(node: Node) -> Iterator[tuple[str, str]]:
    """Every way out of a node: (field, node id)."""
    match node:
        case Play(next=following):
            yield "next", following
        case Menu(choices=choices, no_input=no_input, failed=failed):
            yield from ((f"choices.{key}", to) for key, to in choices.items())
            yield "no_input", no_input
            yield "failed", failed
        case Dial(no_answer=no_answer, busy=busy) | Group(no_answer=no_answer, busy=busy):
            yield "no_answer", no_answer
            yield "busy", busy
        case HangUp():
            return


def problems(document: FlowDocument) -> dict[str, str]:
    """What is wrong with a flow, as path to sentence; empty when it can run.

    Found are ways to nodes that are not there, keys that no telephone has, nodes that nothing
    leads to, and circles of ``play`` nodes in which a caller would hear prompts for ever.
    """
    found: dict[str, str] = {}
    reached = {document.start, document.exhausted}
    for field in ("start", "exhausted"):
        if getattr(document, field) not in document.nodes:
            found[field] = f"there is no node {getattr(document, field)!r}"
    for node_id, node in document.nodes.items():
        for field, to in successors(node):
            reached.add(to)
            if to not in document.nodes:
                found[f"nodes.{node_id}.{field}"] = f"there is no node {to!r}"
        if isinstance(node, Menu):
            for key in node.choices:
                if len(key) != 1 or key not in KEYS:
                    path = f"nodes.{node_id}.choices.{key}"
                    found[path] = f"{key!r} is no key of a telephone"
    for node_id in document.nodes:
        if node_id not in reached:
            found[f"nodes.{node_id}"] = "nothing leads to this node"
        elif _plays_in_a_circle(document, node_id):
            found[f"nodes.{node_id}.next"] = "these prompts follow each other in a circle"
    return found


def _plays_in_a_circle(document: FlowDocument, start: str) -> bool:
    node_id, seen = start, set[str]()
    while isinstance(node := document.nodes.get(node_id), Play):
        if node_id in seen:
            return node_id == start
        seen.add(node_id)
        node_id = node.next
    return False


MAIN = FlowDocument(
    name="main",
    start="welcome",
    nodes={
        "welcome": Play(prompts=("welcome",), next="menu"),
        "menu": Menu(
            prompts=("menu-main",),
            choices={"1": "sales", "2": "second", "0": "everyone"},
            tries=3,
            silences=1,
            no_input="everyone",
            failed="everyone",
        ),
        "sales": Dial(extension="201", no_answer="unanswered", busy="engaged"),
        "second": Dial(extension="202", no_answer="unanswered", busy="engaged"),
        "everyone": Group(group="200", no_answer="unanswered", busy="engaged"),
        "unanswered": Play(prompts=("no-answer",), next="again"),
        "engaged": Play(prompts=("all-busy",), next="again"),
        "again": Menu(
            prompts=("menu-main",),
            choices={"1": "sales", "2": "second", "0": "everyone"},
            tries=2,
            silences=1,
            no_input="goodbye",
            failed="goodbye",
        ),
        "goodbye": HangUp(),
    },
    exhausted="goodbye",
)
"""What a new box does with its callers: 1 for extension 201, 2 for 202, 0 or silence for all."""
