"""Runs a flow for one caller: told keys, ended prompts and time, it says what to play, where to go.

Nothing here knows a call, a port or a file. A run has a position in a checked document, so it can
be listed, drawn and entered again when a destination did not work out.
"""

from __future__ import annotations

from collections import deque
from typing import Final

import msgspec

from firmware.core.destinations import FlowGoto, FlowHangsUp, FlowResult, ToExtension, ToGroup
from ivr.nodes import Dial, FlowDocument, Group, HangUp, Menu, Node, Play

MOST_STEPS: Final = 100
"""Nodes passed without waiting for anything; a checked document stays far below."""

MOST_KEYS_AHEAD: Final = 20


class Say(msgspec.Struct, frozen=True, kw_only=True):
    """Play these prompts, names complete with language; replaces what plays."""

    prompts: tuple[str, ...]


class Hush(msgspec.Struct, frozen=True, kw_only=True):
    """Stop what plays."""


Effect = Say | Hush | FlowGoto | FlowHangsUp


class Flow:
    """One caller's way through a flow.

    Args:
        document: A flow without :func:`ivr.nodes.problems`.
        languages: The prompts are said in each of these, in this order.
    """

    __slots__ = (
        "_ahead",
        "_choice",
        "_deadline",
        "_document",
        "_failures",
        "_languages",
        "_leaving",
        "_limit_at",
        "_playing",
        "_silences",
        "_wrongs",
        "away",
        "ended",
        "node_id",
    )

    def __init__(self, document: FlowDocument, languages: tuple[str, ...]) -> None:
        self._document = document
        self._languages = languages
        self._ahead: deque[str] = deque(maxlen=MOST_KEYS_AHEAD)
        self._choice = ""
        self._deadline: int | None = None
        self._limit_at: int | None = None
        self._failures = 0
        self._silences = 0
        self._wrongs = 0
        self._playing = False
        self._leaving = False  # the last prompt before goodbye or a destination plays
        self.away = False  # the caller is at a destination
        self.ended = False
        self.node_id = document.start

    @property
    def _node(self) -> Node:
        return self._document.nodes[self.node_id]

    def start(self, now_ms: int) -> list[Effect]:
        """The caller is there."""
        self._limit_at = now_ms + self._document.limit_ms
        return self._enter(self._document.start, now_ms)

    def key(self, key: str, now_ms: int) -> list[Effect]:
        """The caller pressed a key; taken even while a prompt plays."""
        if self.ended or self.away or self._leaving:
            return []
        hush: list[Effect] = [Hush()] if self._playing else []
        self._playing = False
        match self._node:
            case Menu() as menu:
                return hush + self._take_key(menu, key, now_ms)
            case Play(next=following):
                self._ahead.append(key)
                return hush + self._enter(following, now_ms)
            case _:
                return []

    def played(self, now_ms: int) -> list[Effect]:
        """What was to be said has been said, or could not be."""
        if self.ended or self.away or not self._playing:
            return []
        self._playing = False
        match self._node:
            case Play(next=following):
                return self._enter(following, now_ms)
            case Menu(wait_ms=wait_ms):
                self._deadline = now_ms + wait_ms
                return []
            case _:
                return self._leave(now_ms)

    def returned(self, result: FlowResult, now_ms: int) -> list[Effect]:
        """The destination did not work out; the caller is here again."""
        if self.ended or not self.away:
            return []
        self.away = False
        self._failures += 1
        self._ahead.clear()
        node = self._node
        if not isinstance(node, Dial | Group):
            raise TypeError(f"flow {self._document.name}: {self.node_id} sends nobody anywhere")
        if self._failures >= self._document.attempts:
            return self._enter(self._document.exhausted, now_ms)
        return self._enter(node.no_answer if result == "no_answer" else node.busy, now_ms)

    def next_deadline(self) -> int | None:
        """When :meth:`advance` wants to be called."""
        if self.ended or self.away or self._leaving:
            return None
        deadlines = [d for d in (self._deadline, self._limit_at) if d is not None]
        return min(deadlines, default=None)

    def advance(self, now_ms: int) -> list[Effect]:
        """No key came in time, or the caller has been here too long."""
        deadline = self.next_deadline()
        if deadline is None or now_ms < deadline:
            return []
        if self._limit_at is not None and now_ms >= self._limit_at:
            self._limit_at = None
            return self._enter(self._document.exhausted, now_ms)
        self._deadline = None
        node = self._node
        if not isinstance(node, Menu):
            return []
        self._silences += 1
        if self._silences >= node.silences:
            return self._enter(node.no_input, now_ms)
        return self._say((*node.silent, *node.prompts))

    # --- steps ------------------------------------------------------------------------------------

    def _enter(self, node_id: str, now_ms: int) -> list[Effect]:
        """Go to a node, and on through nodes that wait for nothing."""
        effects: list[Effect] = []
        for _ in range(MOST_STEPS):
            self.node_id = node_id
            self._deadline = None
            self._silences = self._wrongs = 0
            match self._node:
                case Play(next=following) if self._ahead:
                    node_id = following
                case Menu() as menu if self._ahead:
                    return effects + self._take_key(menu, self._ahead.popleft(), now_ms)
                case Dial(prompts=prompts) | Group(prompts=prompts) | HangUp(prompts=prompts):
                    self._leaving = True
                    if not prompts:
                        return effects + self._leave(now_ms)
                    return effects + self._say(prompts)
                case Play(prompts=prompts) | Menu(prompts=prompts):
                    return effects + self._say(prompts)
        raise RuntimeError(f"flow {self._document.name}: {MOST_STEPS} nodes without a wait")

    def _take_key(self, menu: Menu, key: str, now_ms: int) -> list[Effect]:
        self._deadline = None
        if key in menu.choices:
            self._choice = key
            return self._enter(menu.choices[key], now_ms)
        self._ahead.clear()
        self._wrongs += 1
        if self._wrongs >= menu.tries:
            return self._enter(menu.failed, now_ms)
        return self._say((*menu.wrong, *menu.prompts))

    def _leave(self, now_ms: int) -> list[Effect]:
        self._leaving = False
        choice, self._choice = self._choice, ""
        match self._node:
            case Dial(extension=number):
                self.away = True
                destination = ToExtension(number=number)
                return [FlowGoto(at_ms=now_ms, destination=destination, choice=choice)]
            case Group(group=number):
                self.away = True
                group = ToGroup(number=number)
                return [FlowGoto(at_ms=now_ms, destination=group, choice=choice)]
            case _:
                self.ended = True
                return [FlowHangsUp(at_ms=now_ms)]

    def _say(self, names: tuple[str, ...]) -> list[Effect]:
        self._playing = True
        prompts = tuple(
            name if name.startswith("/") else f"{language}/{name}"
            for language in self._languages
            for name in names
        )
        return [Say(prompts=prompts)]
