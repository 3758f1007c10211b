"""Values of menus as the page shows them: names, what is said, figures, rehearsals. Pure."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence

import msgspec

from firmware.control.messages import RehearsalStep
from firmware.core.settings import Settings
from ivr.counts import NodeCount, Place
from ivr.document import FlowDocument, edition
from ivr.nodes import Node, spoken_parts
from ivr.numerals import vocabulary
from ivr.prompts import prompt_texts
from ivr.rehearsal import lines
from web.settings.shape import Field
from web.words import WORDS, t


class FlowRow(msgspec.Struct, frozen=True, kw_only=True):
    """A flow in the list of menus.

    Attributes:
        name: Of the flow.
        own: Whether the office changed or made it.
        shipped: Whether one of this name came with the box.
        steps: How many nodes.
        used_by: Where callers come into it, in words.
        callers: How often callers came in the days counted.
        hang_ups: How often they cleared within it.
    """

    name: str
    own: bool
    shipped: bool
    steps: int
    used_by: tuple[str, ...]
    callers: int
    hang_ups: int


class NodeFigures(msgspec.Struct, frozen=True, kw_only=True):
    """What happened at a node, for its box."""

    visits: int = 0
    hang_ups: int = 0
    exits: Mapping[str, int] = {}


@functools.cache
def words_of(language: str) -> Mapping[str, str]:
    """System prompts by key with what they say."""
    return prompt_texts(language)


@functools.cache
def sentences(language: str) -> tuple[tuple[str, str], ...]:
    """System prompts that are no piece of a number, with what they say, by name."""
    pieces = vocabulary(language)
    words = words_of(language).items()
    return tuple(sorted((key, text) for key, text in words if key not in pieces))


def used_by(settings: Settings, name: str) -> tuple[str, ...]:
    """Which lines, times and flows bring callers into a flow."""
    wanted = f"flow:{name}"
    found = [t("used-always")] if settings.inbound == wanted else []
    found += [
        t("used-mode", mode=t(f"choice.{mode}"))
        for mode, to in settings.inbound_modes.items()
        if to == wanted
    ]
    for line in settings.lines:
        if wanted in {line.inbound, *line.inbound_modes.values()}:
            found.append(line.name or t("line-n", n=line.port.partition("/")[2]))
    return tuple(found)


def figures(counts: Mapping[Place, NodeCount], flow: FlowDocument) -> dict[str, NodeFigures]:
    """Figures of this very text of a flow, by node."""
    ours = edition(flow)
    return {
        place.node: NodeFigures(
            visits=count.visits, hang_ups=count.hang_ups, exits=dict(count.exits)
        )
        for place, count in counts.items()
        if (place.flow, place.edition) == (flow.name, ours)
    }


def step_word(kind: str) -> str:
    """A kind of node in words."""
    return t(f"step.{kind}")


def label_for(kind: str) -> Callable[[Field], str]:
    """Names of the fields of a kind of node."""

    def label(field: Field) -> str:
        return field_word(kind, field.name)

    return label


def field_word(kind: str, name: str) -> str:
    """A field, or a way out, of a kind of node."""
    own = f"node.{kind}.{name}"
    return t(own if own in WORDS else f"node.{name}")


def exit_word(kind: str, name: str) -> str:
    """A way out on the drawing: its name, or the key or value that leads there."""
    for key in (f"way.{kind}.{name}", f"way.{name}"):
        if key in WORDS:
            return t(key)
    return name


def choice_word(field: Field, value: str) -> str:
    """One of the few values of a field."""
    for key in (f"choice.node.{field.name}.{value}", f"choice.node.{value}"):
        if key in WORDS:
            return t(key)
    return value or t("choose-step")


def said(node: Node, language: str) -> list[str]:
    """What a node says, in words where they are known."""
    words = words_of(language)
    return [
        words.get(part.rpartition("/")[2], part) if isinstance(part, str) else _said(part)
        for field, parts in spoken_parts(node)
        if field in {"say", "question"}
        for part in parts
    ]


def _said(part: object) -> str:
    kind, value = getattr(part, "kind", ""), getattr(part, "value", "")
    text: Mapping[str, str] = getattr(part, "text", {})
    return " / ".join(text.values()) if kind == "text" else f"[{t(f'said.{kind}')} {value}]"


def told(
    steps: Sequence[RehearsalStep], language: str, own: Callable[[str], str]
) -> list[tuple[str, str]]:
    """A rehearsed call as (time, what happens); ``own`` has the words of the owner's prompts."""
    rows = lines(steps, "en" if language == "en" else "zh-CN", own)
    return [
        (before.strip(), after.strip())
        for before, _, after in (row.partition(" s  ") for row in rows)
    ]
