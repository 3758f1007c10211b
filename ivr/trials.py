"""Nodes where chance chooses: what is on trial in the menus of an office."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ivr.document import FlowRefused, read_flow
from ivr.nodes import Split


def split_nodes(flows: Mapping[str, Mapping[str, Any]]) -> list[tuple[str, str]]:
    """(menu, node) of every node where chance chooses.

    Args:
        flows: Documents of menus by name; what is no flow has none.
    """
    found = []
    for name, document in flows.items():
        try:
            nodes = read_flow(dict(document)).nodes
        except FlowRefused:
            continue
        found += [(name, node) for node, kept in nodes.items() if isinstance(kept, Split)]
    return found
