"""What an agent is told at his telephone: it rings once, and says a sentence or two.

A handset that is in use is waited for; a telephone that is not lifted is left alone, for what it
would say is true all the same.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import msgspec

from firmware.call.orders import Interrupt, Summon
from firmware.core.fsm import earliest
from firmware.core.log_entries import ClearedBy
from firmware.dialogs.telling import Telling

if TYPE_CHECKING:
    from firmware.daemons.floor.queues import QueueDesk

FLOW: Final = "told"
RING_MS: Final = 11_000
"""Chosen: two rings and the pauses after them."""

LOOK_MS: Final = 2_000
"""Chosen: a handset that is in use is looked at again so much later."""

STALE_MS: Final = 1_800_000
"""Chosen: what could not be told for half an hour is no news any more."""


class Notice(msgspec.Struct, kw_only=True):
    """One thing to be told. ``prompts`` have no language."""

    prompts: tuple[str, ...]
    since_ms: int
    due_ms: int
    call: str = ""
    until_ms: int = 0


class Notices:
    """Telephones that are to be told something, one thing after the other.

    Args:
        desk: Queues and agents.
    """

    def __init__(self, desk: QueueDesk) -> None:
        self._desk = desk
        self._todo: dict[str, list[Notice]] = {}

    def tell(self, port: str, prompts: tuple[str, ...], now_ms: int) -> None:
        """Tell the telephone at a port as soon as it lies on its hook."""
        notice = Notice(prompts=prompts, since_ms=now_ms, due_ms=now_ms + LOOK_MS)
        self._todo.setdefault(port, []).append(notice)

    def next_deadline(self) -> int | None:
        """When :meth:`advance` wants to be called."""
        first = [notices[0] for notices in self._todo.values()]
        return earliest(*(n.until_ms if n.call else n.due_ms for n in first))

    def advance(self, now_ms: int, out: list[Any]) -> None:
        """Ring, look again, or give up."""
        for port, notices in list(self._todo.items()):
            notice = notices[0]
            if notice.call:
                self._look_at_call(port, notice, now_ms, out)
            elif now_ms >= notice.due_ms:
                if now_ms - notice.since_ms > STALE_MS:
                    self._next(port)
                elif not self._desk.idle(port):
                    notice.due_ms = now_ms + LOOK_MS
                else:
                    order = Summon(port=port, at_ms=now_ms, purpose=FLOW, flow=f"{FLOW}:{port}")
                    notice.call = self._desk.ring(order, now_ms, out).call
                    notice.until_ms = now_ms + RING_MS

    def dialog(self, flow: str, port: str) -> Telling | None:
        """What is said when the telephone is lifted; None for any other flow."""
        if not flow.startswith(f"{FLOW}:") or port not in self._todo:
            return None
        notice = self._todo[port][0]
        self._next(port)
        return Telling(port, self._desk.supervisors.language(port), notice.prompts)

    def _look_at_call(self, port: str, notice: Notice, now_ms: int, out: list[Any]) -> None:
        if now_ms >= notice.until_ms:
            self._next(port)
            stop = Interrupt(at_ms=now_ms, by=ClearedBy.ROUTING, detail="not taken")
            self._desk.order(notice.call, stop, now_ms, out)

    def _next(self, port: str) -> None:
        del self._todo[port][0]
        if not self._todo[port]:
            del self._todo[port]
