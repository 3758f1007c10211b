"""Words that flows read out: which they are, and under which name their sound is kept.

A `text` part of a flow names words instead of a prompt. Where a voice is installed the box has them
said, once, when the flow is saved; what callers hear is that recording.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from hashlib import sha256
from typing import Any

import msgspec

from ivr.document import FlowDocument, FlowRefused, read_flow
from ivr.nodes import Said, spoken_parts


class Text(msgspec.Struct, frozen=True):
    """Words in one language."""

    language: str
    words: str

    @property
    def key(self) -> str:
        """The name of their recording."""
        return text_key(self.words)

    @property
    def name(self) -> str:
        """As the store of prompts has it."""
        return f"{self.language}/{self.key}"


def text_key(words: str) -> str:
    """The prompt under which the recording of these words is kept."""
    return f"text-{sha256(words.encode()).hexdigest()[:12]}"


def texts(flow: FlowDocument) -> Iterator[Text]:
    """Everything that a flow reads out, each once, in the order of its nodes."""
    found: dict[Text, None] = {}
    for node in flow.nodes.values():
        for _, parts in spoken_parts(node):
            for part in parts:
                if isinstance(part, Said) and part.kind == "text":
                    for language, words in part.text.items():
                        if words.strip():
                            found[Text(language, words)] = None
    yield from found


def unspoken(
    flows: Iterable[Mapping[str, Any]], has: Callable[[str], bool], languages: Iterable[str]
) -> tuple[Text, ...]:
    """Words of flows, as settings hold them, that have no sound yet.

    Args:
        flows: Documents; one that is none is passed over, whoever saves it is told.
        has: Whether a prompt has sound.
        languages: Of the voice; others cannot be said.
    """
    spoken = frozenset(languages)
    found: dict[Text, None] = {}
    for plain in flows:
        try:
            flow = read_flow(dict(plain))
        except (FlowRefused, TypeError, ValueError):
            continue
        found |= {
            text: None for text in texts(flow) if text.language in spoken and not has(text.name)
        }
    return tuple(found)
