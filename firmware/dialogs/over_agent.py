"""A supervisor decides over an agent: pause, ready, out, into a queue, out of one. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Literal

from firmware.dialogs.asking import Asking
from firmware.dialogs.told import Told
from firmware.voicemail.session import Quiet

WAIT_MS: Final = 8_000
"""Chosen: the menu has five keys; who stands at a counter looks up between two of them."""

MOST_ASKED: Final = 2

Act = Literal["pause", "ready", "log_out", "queue_in", "queue_out"]

REASONS: Final[Mapping[str, str]] = {"1": "break", "2": "lunch", "3": "meeting", "4": "other"}
"""The keys that ``agent-pause-reason`` says."""

_MENU: Final = "supervisor-agent-menu"


class Decided(Told, frozen=True, kw_only=True):
    """What is to become of the agent; ``about`` is a pause's reason or a queue's number."""

    agent: str
    act: Act
    about: str = ""


class OverAgent(Asking):
    """One supervisor, about one agent.

    Args:
        agent: His number.
        language: Of the prompts.
        state: Prompts that say what he does now.
    """

    wait_ms = WAIT_MS

    def __init__(self, agent: str, language: str, state: tuple[str, ...]) -> None:
        super().__init__(agent, language)
        self._said = state
        self._state = "menu"
        self._entered = ""
        self._act: Act = "queue_in"
        self._asked = 0

    def _opened(self) -> list[Any]:
        """What he does now, and the keys."""
        return [self._talk(*self._said, _MENU)]

    def _keyed(self, key: str) -> list[Any]:
        """A key, by what was asked."""
        self._asked, self._deadline = 0, None
        match self._state:
            case "menu":
                return self._chosen(key)
            case "reason" if key in REASONS:
                self._state = "menu"
                return self._decide("pause", REASONS[key])
            case "reason":
                return [self._talk("pause-reason-unknown", "agent-pause-reason")]
            case "queue" if key.isdigit():
                self._entered += key
                return [Quiet()]
            case "queue":
                entered, self._entered = self._entered, ""
                self._state = "menu"
                return self._decide(self._act, entered) if entered else [self._talk(_MENU)]
            case _:
                return []

    def _chosen(self, key: str) -> list[Any]:
        match key:
            case "1":
                self._state = "reason"
                return [self._talk("agent-pause-reason")]
            case "2":
                return self._decide("ready")
            case "3":
                return self._decide("log_out")
            case "4" | "5":
                self._state, self._entered = "queue", ""
                self._act = "queue_in" if key == "4" else "queue_out"
                return [self._talk("supervisor-queue-ask")]
            case "*" | "#":
                return self._goodbye()
            case _:
                return [self._talk("number-wrong", _MENU)]

    def _decide(self, act: Act, about: str = "") -> list[Any]:
        return [Quiet(), Decided(agent=self.mailbox, act=act, about=about)]

    def answered(self, *prompts: str) -> list[Any]:
        """What came of a decision."""
        return [self._talk(*prompts, _MENU)]

    def _unanswered(self) -> list[Any]:
        """No key."""
        self._asked += 1
        self._state, self._entered = "menu", ""
        return self._goodbye() if self._asked >= MOST_ASKED else [self._talk(_MENU)]
