"""Answers to what menus look up beyond the office's own tables: the log of calls, and the web."""

from __future__ import annotations

from collections.abc import Callable

from firmware.core.settings import Settings
from firmware.daemons.lobby import OutsideLookUp
from firmware.daemons.web_look_up import WebAnswer, WebQuestion
from ivr.orders import LookedUp


class LookUps:
    """Questions on their way.

    Args:
        calls_of: How many earlier calls came from a number, not counting the call named.
    """

    def __init__(self, calls_of: Callable[[str, str], int]) -> None:
        self._calls_of = calls_of
        self._asked: dict[int, OutsideLookUp] = {}
        self._next = 1
        self._questions: list[WebQuestion] = []

    def ask(self, wanted: OutsideLookUp, settings: Settings) -> tuple[str, LookedUp] | None:
        """Call and answer when it is known at once; None when the web is asked."""
        order = wanted.order
        if order.source == "calls":
            count = self._calls_of(order.key, wanted.call) if order.key else 0
            row = {"count": str(count)} if count else None
            return wanted.call, LookedUp(ask=order.ask, row=row)
        address = settings.addresses.get(order.name)
        if address is None:
            return wanted.call, LookedUp(ask=order.ask, failed=f"no address {order.name}")
        self._asked[self._next] = wanted
        self._questions.append(
            WebQuestion(
                id=self._next,
                url=address.url,
                key=order.key,
                lan=address.lan,
                limit_ms=order.limit_ms,
            )
        )
        self._next += 1
        return None

    def take_questions(self) -> list[WebQuestion]:
        """What the shell is to ask."""
        taken, self._questions = self._questions, []
        return taken

    def answered(self, answer: WebAnswer) -> tuple[str, LookedUp] | None:
        """Call and answer; None for a question that nobody remembers."""
        wanted = self._asked.pop(answer.id, None)
        if wanted is None:
            return None
        told = LookedUp(ask=wanted.order.ask, row=answer.row, failed=answer.failed)
        return wanted.call, told
