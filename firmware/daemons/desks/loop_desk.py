"""The call through the box's own loop-back: which port, and what came of it. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

import msgspec

from firmware.control.messages import PortStatus
from firmware.control.update_messages import LoopAnswer
from firmware.core.commands import TryLoop
from firmware.core.events import LoopTested

Reply = Callable[[msgspec.Struct], None]

LIMIT_MS: Final = 3_000
"""The test takes 0.7 s; four times that on a busy box."""

FREE: Final = ("idle", "no_battery", "in_use")
"""States of an exchange line in which its chip serves nobody; the first is tried first."""


class LoopDesk:
    """One test at a time; who asks meanwhile hears the same."""

    def __init__(self) -> None:
        self._port = ""
        self._until_ms = 0
        self._asked: list[Reply] = []

    @property
    def deadlines(self) -> list[int]:
        """When the answer is due."""
        return [self._until_ms] if self._asked else []

    def ask(
        self, ports: Sequence[PortStatus], reply: Reply, now_ms: int, *, connected: bool
    ) -> list[TryLoop]:
        """Begin.

        Args:
            ports: As they are now.
            reply: Called once, now or later.
            connected: Whether the daemon of the lines is there.
            now_ms: Monotonic.
        """
        if self._asked:
            self._asked.append(reply)
            return []
        lines = [p for p in ports if p.port.startswith("fxo/")]
        if not connected:
            reply(LoopAnswer(failed="the line daemon is not connected"))
            return []
        free = sorted((p for p in lines if p.state in FREE), key=lambda p: FREE.index(p.state))
        if free:
            self._port, self._until_ms, self._asked = free[0].port, now_ms + LIMIT_MS, [reply]
            return [TryLoop(port=self._port)]
        dead = [p.port for p in ports if p.state == "out_of_service"]
        if len(dead) == len(ports):
            reply(LoopAnswer(failed=f"no port is in service: {', '.join(dead) or 'no card'}"))
        else:  # telephones alone, or every line in a call: that works
            reply(LoopAnswer())
        return []

    def tested(self, event: LoopTested) -> None:
        """The daemon of the lines has heard it, or has not."""
        if event.port == self._port:
            failed = "" if event.heard else f"{event.port} gave back {event.share:.2f} of the sound"
            self._answer(failed)

    def advance(self, now_ms: int) -> None:
        """No answer in time is one."""
        if self._asked and now_ms >= self._until_ms:
            self._answer(f"{self._port} gave nothing back in {LIMIT_MS} ms")

    def _answer(self, failed: str) -> None:
        asked, self._asked = self._asked, []
        for reply in asked:
            reply(LoopAnswer(port=self._port, failed=failed))
