"""A flow while somebody works on it: each step of the work as a function. Pure.

A draft may have faults (ways that lead nowhere yet); it is kept in the browser's form until it is
saved, and only a flow without faults can be saved.
"""

from __future__ import annotations

import typing
from collections.abc import Mapping
from typing import Any, Final

import msgspec

from ivr.document import FlowDocument, FlowRefused, read_flow
from ivr.nodes import Node, exits

KINDS: Final[Mapping[str, type[msgspec.Struct]]] = {
    str(kind.__struct_config__.tag): kind for kind in typing.get_args(Node)
}
"""Tag to struct, in the order in which kinds stand in :mod:`ivr.nodes`."""

LONGEST_ID: Final = 30
FLOW_ENDS: Final = ("start", "operator", "exhausted")
"""Fields of the flow itself that name a node."""

_FIRST: Final[Mapping[type, Any]] = {str: "", tuple: (), dict: {}, int: 1}
_FIRST_OF: Final[Mapping[tuple[str, str], Any]] = {
    ("tag", "tag"): "tag",
    ("collect", "store"): "entry",
    ("survey", "name"): "survey",
    ("counter", "name"): "count",
    ("condition", "value"): "{caller}",
    ("condition", "test"): "begins",
    ("look_up", "source"): "customers",
    ("language", "language"): "{other_language}",
    ("priority", "priority"): 5,
    ("counter", "most"): 2,
}
"""What a new node has where its kind has no default."""


class Impossible(ValueError):  # noqa: N818  # what happened, as its word's key says
    """A step that cannot be done; ``word`` is the key of the sentence, ``values`` fill it."""

    def __init__(self, word: str, **values: object) -> None:
        super().__init__(word)
        self.word = word
        self.values = values


def read_draft(text: str) -> FlowDocument:
    """A draft as a form carries it.

    Raises:
        Impossible: It is no flow.
    """
    try:
        return read_flow(msgspec.json.decode(text, type=dict[str, Any]))
    except (FlowRefused, msgspec.MsgspecError) as problem:
        raise Impossible("draft-broken", why=str(problem)) from problem


def written(draft: FlowDocument) -> str:
    """The draft as a form carries it."""
    return msgspec.json.encode(draft).decode()


def new_node(kind: str) -> Node:
    """A node of a kind with nothing filled in."""
    struct = KINDS[kind]
    values: dict[str, Any] = {"kind": kind}
    for field in msgspec.structs.fields(struct):
        if not field.required:
            continue
        hint = typing.get_origin(field.type) or field.type
        first = _FIRST.get(hint, "")
        values[field.encode_name] = _FIRST_OF.get((kind, field.encode_name), first)
    made: Node = msgspec.convert(values, Node)
    return made


def free_id(draft: FlowDocument, kind: str) -> str:
    """A name for a new node that no other has."""
    number, wanted = 1, kind
    while wanted in draft.nodes:
        number += 1
        wanted = f"{kind}_{number}"
    return wanted


def add(
    draft: FlowDocument, kind: str, place: tuple[int, int] | None = None
) -> tuple[FlowDocument, str]:
    """One more node; the draft and its name."""
    if kind not in KINDS:
        raise Impossible("draft-broken", why=kind)
    node_id = free_id(draft, kind)
    places = {**draft.places, node_id: place} if place else draft.places
    nodes = {**draft.nodes, node_id: new_node(kind)}
    return msgspec.structs.replace(draft, nodes=nodes, places=places), node_id


def put(draft: FlowDocument, node_id: str, node: Node) -> FlowDocument:
    """A node as it is to be from now on."""
    return msgspec.structs.replace(draft, nodes={**draft.nodes, node_id: node})


def remove(draft: FlowDocument, node_id: str) -> FlowDocument:
    """Without a node. Ways that led to it lead nowhere now, and the check says so."""
    nodes = {name: node for name, node in draft.nodes.items() if name != node_id}
    places = {name: place for name, place in draft.places.items() if name != node_id}
    gone = msgspec.structs.replace(draft, nodes=nodes, places=places)
    return _led(gone, node_id, "")


def rename(draft: FlowDocument, node_id: str, wanted: str) -> FlowDocument:
    """A node by another name; every way to it follows.

    Raises:
        Impossible: The name is empty, too long, or another node's.
    """
    if wanted == node_id:
        return draft
    if not wanted or len(wanted) > LONGEST_ID or any(not sign.isprintable() for sign in wanted):
        raise Impossible("step-name-form", value=wanted, limit=LONGEST_ID)
    if wanted in draft.nodes:
        raise Impossible("step-name-twice", value=wanted)
    nodes = {(wanted if name == node_id else name): n for name, n in draft.nodes.items()}
    places = {(wanted if name == node_id else name): p for name, p in draft.places.items()}
    named = msgspec.structs.replace(draft, nodes=nodes, places=places)
    return _led(named, node_id, wanted)


def ends(draft: FlowDocument, values: Mapping[str, Any]) -> FlowDocument:
    """What the flow as a whole says: where it begins, where 0 leads, its limits.

    Raises:
        Impossible: A value does not fit.
    """
    try:
        return msgspec.convert({**msgspec.to_builtins(draft), **values}, FlowDocument, strict=False)
    except msgspec.ValidationError as problem:
        raise Impossible("draft-broken", why=str(problem)) from problem


def _led(draft: FlowDocument, was: str, now: str) -> FlowDocument:
    """Every way to one node leads to another; an empty name is nowhere."""
    nodes: dict[str, Node] = {}
    for node_id, node in draft.nodes.items():
        changed: dict[str, Any] = {name: now for name in node.EXITS if getattr(node, name) == was}
        if node.TABLE:
            table: dict[str, str] = getattr(node, node.TABLE)
            if was in table.values():
                changed[node.TABLE] = {key: (now if to == was else to) for key, to in table.items()}
        nodes[node_id] = msgspec.structs.replace(node, **changed)
    own = {field: now for field in FLOW_ENDS if getattr(draft, field) == was}
    return msgspec.structs.replace(draft, nodes=nodes, **own)


def ways(draft: FlowDocument) -> list[tuple[str, str, str]]:
    """Every way between two nodes that exist: (from, exit, to)."""
    return [
        (node_id, name, to)
        for node_id, node in draft.nodes.items()
        for name, to in exits(node)
        if to in draft.nodes
    ]
