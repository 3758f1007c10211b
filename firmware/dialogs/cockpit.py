"""An agent's whole position by one code: who waits, what is owed, his day, his state. Pure."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from firmware.core.destinations import FlowGoto, ToFlow
from firmware.dialogs.asking import Asking
from firmware.dialogs.told import Told

WAIT_MS: Final = 8_000
"""Chosen: who stands at a counter looks up between two keys."""

MOST_ASKED: Final = 2


class View(msgspec.Struct, frozen=True, kw_only=True):
    """What is said, each a row of prompts without language."""

    summary: tuple[str, ...]
    tasks: tuple[str, ...]
    day: tuple[str, ...]
    mailbox: str = ""
    owes: bool = False


class StateToggled(Told, frozen=True, kw_only=True):
    """The agent wants to pause, or to be ready again."""

    agent: str


class Cockpit(Asking):
    """One agent at his telephone.

    Args:
        agent: His number.
        language: Of the prompts.
        view: What there is to say.
    """

    wait_ms = WAIT_MS

    def __init__(self, agent: str, language: str, view: View) -> None:
        super().__init__(agent, language)
        self._view = view
        self._asked = 0

    def _opened(self) -> list[Any]:
        """The short of it, and the keys."""
        return [self._talk(*self._view.summary, "cockpit-menu")]

    def _keyed(self, key: str) -> list[Any]:
        """One item is opened."""
        self._asked, self._deadline = 0, None
        match key:
            case "1" if self._view.owes:
                self.ended = True
                flow = ToFlow(flow=f"tasks:{self.mailbox}")
                return [FlowGoto(at_ms=self.now_ms, destination=flow)]
            case "1":
                return [self._talk(*self._view.tasks, "cockpit-menu")]
            case "2":
                return [self._talk(*self._view.day, "cockpit-menu")]
            case "3":
                return [StateToggled(agent=self.mailbox)]
            case "4" if self._view.mailbox:
                self.ended = True
                flow = ToFlow(flow=f"mailbox:{self._view.mailbox}")
                return [FlowGoto(at_ms=self.now_ms, destination=flow)]
            case "*" | "#":
                return self._goodbye()
            case _:
                return [self._talk("number-wrong", "cockpit-menu")]

    def answered(self, *prompts: str) -> list[Any]:
        """What came of a key."""
        return [self._talk(*prompts, "cockpit-menu")]

    def _unanswered(self) -> list[Any]:
        """No key."""
        self._asked += 1
        if self._asked >= MOST_ASKED:
            return self._goodbye()
        return [self._talk("cockpit-menu")]
