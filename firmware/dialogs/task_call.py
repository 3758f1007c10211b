"""A call that is owed, before it is dialled: whom, since when, about what. Pure.

It dials by itself after a moment; keys dial at once, put it off, or say that nothing is owed.
"""

from __future__ import annotations

from typing import Any, Final, Literal

import msgspec

from firmware.core.destinations import FlowGoto, ToOutside
from firmware.dialogs.asking import Asking
from firmware.dialogs.told import Told

PAUSE_MS: Final = 2_000
"""Chosen: time for a key after the announcement; a caller who kept his place is not kept longer."""

Judgement = Literal["later", "withdrawn"]


class TaskJudged(Told, frozen=True, kw_only=True):
    """The agent will not call now, or says that nothing is owed."""

    visit: str
    how: Judgement


class News(msgspec.Struct, frozen=True, kw_only=True):
    """What there is to say, as prompts without language or as paths.

    Attributes:
        said: Who is to be called, since when, about what.
        number: His number, read out.
        choice: Whether there is a moment for keys; a caller who kept his place is dialled at once.
        menu: Whether the keys are told: what an agent promised may be put off by him.
    """

    said: tuple[str, ...]
    number: tuple[str, ...]
    choice: bool
    menu: bool = False


class TaskCall(Asking):
    """One announcement.

    Args:
        visit: Of what is owed.
        language: Of the prompts.
        news: What there is to say.
    """

    wait_ms = PAUSE_MS

    def __init__(self, visit: str, language: str, news: News) -> None:
        super().__init__(visit, language)
        self._news = news

    def _opened(self) -> list[Any]:
        """He lifted."""
        menu = ("promise-menu",) if self._news.menu else ()
        return [self._talk(*self._news.said, *menu)]

    def _keyed(self, key: str) -> list[Any]:
        """1 now, 2 later, 3 never, ``*`` reads his number."""
        if self.ended:
            return []
        self._deadline = None
        match key:
            case "1":
                return self._dial()
            case "2":
                return self._judged("later", "task-later")
            case "3":
                return self._judged("withdrawn", "callback-cancelled")
            case "*":
                return [self._talk("task-customer-before", *self._news.number)]
            case _:
                return [self._talk("number-wrong", "promise-menu")]

    def _waits(self) -> list[Any]:
        """A moment for a key, then it dials."""
        return super()._waits() if self._news.choice else self._dial()

    def _unanswered(self) -> list[Any]:
        """No key: dial."""
        return self._dial()

    def _dial(self) -> list[Any]:
        self.ended, self._deadline = True, None
        # The call knows the number with its prefix; it was rung for it.
        return [FlowGoto(at_ms=self.now_ms, destination=ToOutside(number=""))]

    def _judged(self, how: Judgement, prompt: str) -> list[Any]:
        return [TaskJudged(visit=self.mailbox, how=how), *self._goodbye(prompt)]
