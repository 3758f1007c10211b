"""The calls an agent owes, one by one at his handset: call now, put off, done. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, Literal

import msgspec

from firmware.dialogs.asking import Asking
from firmware.dialogs.told import Told

WAIT_MS: Final = 8_000
"""Chosen: as long as the cockpit waits, from which one comes here."""

MOST_ASKED: Final = 2

Choice = Literal["now", "later", "done"]
KEYS: Final[dict[str, tuple[Choice, str]]] = {
    "1": ("now", "task-rings-you"),
    "2": ("later", "task-later"),
    "3": ("done", "task-done"),
}
"""Key to what becomes of the task, and what is said."""


class TaskChosen(Told, frozen=True, kw_only=True):
    """What the agent wants done with one of his tasks."""

    task: str
    how: Choice


class TaskItem(msgspec.Struct, frozen=True, kw_only=True):
    """One task; ``said`` are prompts without language."""

    task: str
    said: tuple[str, ...]


class TaskList(Asking):
    """One agent's tasks, the most urgent first.

    Args:
        agent: His number.
        language: Of the prompts.
        items: What he owes.
    """

    wait_ms = WAIT_MS

    def __init__(self, agent: str, language: str, items: Sequence[TaskItem]) -> None:
        super().__init__(agent, language)
        self._left = list(items)
        self._asked = 0

    def _opened(self) -> list[Any]:
        """The first of them."""
        return self._present()

    def _keyed(self, key: str) -> list[Any]:
        """What becomes of this one, or ``#`` for the next."""
        self._asked, self._deadline = 0, None
        if key == "*":
            return self._goodbye()
        if key == "#":
            self._left.append(self._left.pop(0))
            return self._present("task-next")
        if key not in KEYS:
            return self._present("number-wrong")
        how, prompt = KEYS[key]
        task = self._left.pop(0)
        told = TaskChosen(task=task.task, how=how)
        if how == "now":  # his telephone rings for it as soon as he hangs up
            return [told, *self._goodbye(prompt)]
        return [told, *self._present(prompt)]

    def _unanswered(self) -> list[Any]:
        """No key."""
        self._asked += 1
        return self._goodbye() if self._asked >= MOST_ASKED else [self._talk("task-menu")]

    def _present(self, *before: str) -> list[Any]:
        if not self._left:
            return self._goodbye(*before, "task-none")
        return [self._talk(*before, *self._left[0].said, "task-menu")]
