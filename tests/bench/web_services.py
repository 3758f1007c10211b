"""Machines elsewhere that menus ask: a shop's customer service, and those that fail.

By host: ``shop.example`` knows customers after 700 ms, ``nobody.example`` knows none,
``broken.example`` answers with an error, ``slow.example`` not at all.
"""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlsplit

from firmware.daemons.web_look_up import WebAnswer, WebQuestion

ANSWER_MS = 700
CUSTOMERS = {"13800138000": {"name": "Li Lei", "balance": "1250", "grade": "vip"}}


class WebServices:
    """Answers on the bench's clock."""

    def __init__(self) -> None:
        self._due: list[tuple[int, WebAnswer]] = []

    def ask(self, questions: Sequence[WebQuestion], now_ms: int) -> None:
        """Questions of this moment."""
        for question in questions:
            host = urlsplit(question.url).hostname
            if host == "slow.example":
                continue
            failed = "500" if host == "broken.example" else ""
            row = CUSTOMERS.get(question.key) if host == "shop.example" else None
            answer = WebAnswer(id=question.id, row=row, failed=failed)
            self._due.append((now_ms + ANSWER_MS, answer))

    def answers(self, now_ms: int) -> list[WebAnswer]:
        """What has come by now."""
        there = [answer for due_ms, answer in self._due if due_ms <= now_ms]
        self._due = [(due_ms, answer) for due_ms, answer in self._due if due_ms > now_ms]
        return there
