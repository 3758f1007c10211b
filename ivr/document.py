"""One flow as a document: its shape with versions, and the steps from older shapes.

A document is kept as plain values; :func:`read_flow` brings one of any schema there ever was to
the newest and refuses what does not fit with the place and the reason.
"""

from __future__ import annotations

import copy
import hashlib
from collections.abc import Callable
from typing import Annotated, Any, Final, Literal

import msgspec

from ivr.nodes import Language, Node

SCHEMA: Final = 2
MOST_NODES: Final = 200
"""Chosen: ten times the largest flow known from small offices, and still a page to scroll."""

MOST_DEPTH: Final = 5
"""Sub-flows within sub-flows."""

Document = dict[str, Any]
Place = Annotated[int, msgspec.Meta(ge=0, le=999)]


class FlowDocument(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One flow.

    Attributes:
        schema: Version of this language.
        name: The flow's name, as ``flow:NAME`` in the settings.
        start: The first node.
        nodes: All nodes by their ids.
        operator: The node that 0 leads to wherever it has no other meaning; empty for none.
        languages: What is said before a language was chosen is said in each of these; empty for
            the office's alone.
        attempts: How many destinations may fail before ``exhausted`` is the next node.
        exhausted: Where a caller goes then, and when ``limit_ms`` is over.
        limit_ms: How long a caller may stay among prompts and menus in all.
        places: Where nodes stand in a drawing of the flow, in steps of a grid from its upper left;
            a node without a place is put where there is room.
    """

    schema: Literal[2] = 2
    name: str
    start: str
    nodes: dict[str, Node]
    operator: str = ""
    languages: tuple[Language, ...] = ()
    attempts: Annotated[int, msgspec.Meta(ge=1, le=9)] = 2
    exhausted: str
    limit_ms: Annotated[int, msgspec.Meta(ge=10_000, le=3_600_000)] = 300_000
    places: dict[str, tuple[Place, Place]] = {}


class FlowRefused(ValueError):  # noqa: N818  # what happened, in the words of the log
    """A document that is no flow: of another shape, or of a schema that is not known here."""


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """One step of the language; ``change`` is pure, ``what`` a sentence for the changelog."""

    to_schema: int
    what: str
    change: Callable[[Document], Document]


def _second(document: Document) -> Document:
    nodes: Document = {}
    for node_id, node in document["nodes"].items():
        new = {("say" if key == "prompts" else key): value for key, value in node.items()}
        if new.get("kind") == "dial":
            new["kind"] = "extension"
            new["number"] = new.pop("extension", "")
        elif new.get("kind") == "group":
            new["kind"] = "ring_group"
            new["number"] = new.pop("group", "")
        nodes[node_id] = new
    return {**document, "schema": 2, "nodes": nodes}


STEPS: Final[tuple[Step, ...]] = (
    Step(
        to_schema=2,
        what="flows say numbers, days and amounts, and have 27 kinds of node",
        change=_second,
    ),
)


def read_flow(document: Document) -> FlowDocument:
    """A flow from plain values of any schema.

    Raises:
        FlowRefused: a newer schema, or a shape that is none of the language's; says where.
    """
    schema = document.get("schema", 1)
    if not isinstance(schema, int) or not 1 <= schema <= SCHEMA:
        raise FlowRefused(f"schema {schema!r} is not known here, 1 to {SCHEMA} are")
    work = copy.deepcopy(document)
    try:
        for step in STEPS[schema - 1 :]:
            work = step.change(work)
        return msgspec.convert(work, FlowDocument)
    except msgspec.ValidationError as problem:
        raise FlowRefused(str(problem)) from problem
    except (KeyError, AttributeError, TypeError) as problem:
        raise FlowRefused(f"this is no flow of schema {schema}: {problem!r}") from problem


def edition(document: FlowDocument) -> str:
    """Eight characters that change with any change of the flow; counts are kept apart by it.

    Where nodes stand in the drawing is no change of what callers meet.
    """
    told = {
        name: getattr(document, name) for name in document.__struct_fields__ if name != "places"
    }
    return hashlib.sha256(msgspec.json.encode(told)).hexdigest()[:8]
