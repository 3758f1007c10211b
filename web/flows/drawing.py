"""Where the boxes of a drawing stand and how lines run between them. Pure arithmetic.

Nodes without a place stand in rows by how many steps they are away from the start. The grid has
steps of :data:`STEP` pixels; ``flows.js`` draws lines by the same rule while a box is moved.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import msgspec

from ivr.document import FlowDocument
from web.flows.draft import ways

STEP: Final = 20
WIDTH: Final = 160
HEIGHT: Final = 60
BETWEEN: Final = (200, 160)
"""From one box to the next, across and down, where nobody placed them."""
IN_A_ROW: Final = 5
"""More than these in a row would not be seen together on a screen of 1280 points (chosen)."""
EDGE: Final = 20


class Box(msgspec.Struct, frozen=True, kw_only=True):
    """A node: its upper left corner in pixels."""

    node: str
    kind: str
    x: int
    y: int


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """A way: the path, and where its exit's name stands."""

    source: str
    exit: str
    target: str
    path: str
    x: int
    y: int


class Drawing(msgspec.Struct, frozen=True, kw_only=True):
    """The whole, with its size in pixels."""

    boxes: tuple[Box, ...]
    lines: tuple[Line, ...]
    width: int
    height: int


def drawing(draft: FlowDocument) -> Drawing:
    """A flow as boxes and lines."""
    places = {node: (x * STEP, y * STEP) for node, (x, y) in draft.places.items()}
    places = {node: place for node, place in places.items() if node in draft.nodes}
    places = _rows(draft, places)
    boxes = tuple(
        Box(
            node=node_id,
            kind=str(node.__struct_config__.tag),
            x=places[node_id][0],
            y=places[node_id][1],
        )
        for node_id, node in draft.nodes.items()
    )
    lines = []
    leaving: dict[str, int] = {}
    for source, name, target in ways(draft):
        at = leaving.get(source, 0)
        leaving[source] = at + 1
        path, x, y = line_path(places[source], places[target], at)
        lines.append(Line(source=source, exit=name, target=target, path=path, x=x, y=y))
    return Drawing(
        boxes=boxes,
        lines=tuple(lines),
        width=max((box.x for box in boxes), default=0) + WIDTH + 5 * EDGE,
        height=max((box.y for box in boxes), default=0) + HEIGHT + 2 * EDGE,
    )


def line_path(source: tuple[int, int], target: tuple[int, int], at: int) -> tuple[str, int, int]:
    """One way as an SVG path, and where its name stands.

    Args:
        source: Upper left corner of the box it leaves, in pixels.
        target: Likewise of the box it comes to.
        at: How many ways left the box before; each begins a little further right.
    """
    begin = source[0] + 14 + 22 * (at % 7)
    x, y = target[0] + WIDTH // 2, target[1]
    bottom = source[1] + HEIGHT
    label = (begin + 3, bottom + 12 + 11 * (at % 3))
    if y > bottom:
        bend = max(30, (y - bottom) // 2)
        return f"M{begin} {bottom} C{begin} {bottom + bend} {x} {y - bend} {x} {y}", *label
    side = max(source[0], target[0]) + WIDTH + 50
    middle = target[1] + HEIGHT // 2
    right = target[0] + WIDTH
    path = (
        f"M{begin} {bottom} C{begin} {bottom + 60} {side} {bottom + 40} {side} {bottom - 20} "
        f"S{side} {middle} {right} {middle}"
    )
    return path, *label


def _rows(draft: FlowDocument, placed: Mapping[str, tuple[int, int]]) -> dict[str, tuple[int, int]]:
    """A place for every node: its own, else by rows from the start."""
    rows = _steps_away(draft)
    taken = set(placed.values())
    places = dict(placed)
    y = EDGE
    for row in rows:
        free = [node for node in row if node not in placed]
        for begin in range(0, len(free), IN_A_ROW):
            for at, node in enumerate(free[begin : begin + IN_A_ROW]):
                spot = (EDGE + at * BETWEEN[0], y)
                while any(_overlap(spot, other) for other in taken):
                    spot = (spot[0], spot[1] + BETWEEN[1])
                places[node] = spot
                taken.add(spot)
            y += BETWEEN[1]
    return places


def _overlap(one: tuple[int, int], other: tuple[int, int]) -> bool:
    return abs(one[0] - other[0]) < WIDTH and abs(one[1] - other[1]) < HEIGHT


def _steps_away(draft: FlowDocument) -> list[list[str]]:
    """Node names by how far they are from the start; what is never come to stands last."""
    onward: dict[str, list[str]] = {}
    for source, _, target in ways(draft):
        onward.setdefault(source, []).append(target)
    seen: dict[str, None] = {}
    rows: list[list[str]] = []
    for start in (draft.start, draft.exhausted, draft.operator, *draft.nodes):
        row = [start] if start in draft.nodes and start not in seen else []
        depth = 0
        while row:
            seen.update(dict.fromkeys(row))
            if depth == len(rows):
                rows.append([])
            rows[depth] += row
            row = list(
                dict.fromkeys(to for node in row for to in onward.get(node, ()) if to not in seen)
            )
            depth += 1
    return rows
