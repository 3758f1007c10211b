"""Lamps of telephones: which set is still to be told whether messages wait, and when.

A set can be told only while it lies on its hook and does not ring. What was cut off by a call, or
wanted while there was one, is told afterwards, as it is wanted then.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import msgspec

from firmware.core.clock import SAMPLE_RATE_HZ
from firmware.core.commands import ShowWaiting
from firmware.media.caller_id import Linear
from firmware.port.lamp import Lamp, LampStep
from firmware.port.ringing import PutState

PAUSE_MS: Final = 3_000
"""Chosen: longer than any recall, and than the pause between two rings of a caller who goes on."""


class _Wish(msgspec.Struct):
    """What a set is to show, from when on, and the sequence while it is under way."""

    order: ShowWaiting
    from_ms: int
    lamp: Lamp | None = None
    data: Linear | None = None


class Lamps:
    """All sets of the box.

    Args:
        sound: The data that tells it; None where sets of the country have no lamp.
        quiet: Whether a jack's set lies on its hook and does not ring.
        put: Puts a state on a pair.
        send: Sends data on a pair.
        hush: Stops what is being sent.
    """

    def __init__(
        self,
        *,
        sound: Callable[[ShowWaiting], Linear | None],
        quiet: Callable[[str], bool],
        put: Callable[[str, PutState, int], None],
        send: Callable[[str, Linear], None],
        hush: Callable[[str], None],
    ) -> None:
        self._sound = sound
        self._quiet = quiet
        self._put = put
        self._send = send
        self._hush = hush
        self._wishes: dict[str, _Wish] = {}

    def show(self, order: ShowWaiting, now_ms: int) -> None:
        """A set is to be told; at once, if it can be."""
        self.cut(order.port, now_ms)
        self._wishes[order.port] = _Wish(order, now_ms)
        self.advance(now_ms)

    def cut(self, port: str, now_ms: int) -> None:
        """The set is lifted or rung: what was being sent is sent again later."""
        wish = self._wishes.get(port)
        if wish is None:
            return
        wish.from_ms = now_ms + PAUSE_MS
        if wish.lamp is not None:
            steps, wish.lamp = wish.lamp.stop(), None
            self._hush(port)
            self._carry_out(wish, steps, now_ms)

    def advance(self, now_ms: int) -> None:
        """Go on with what is under way, and begin what can begin."""
        for port, wish in list(self._wishes.items()):
            if wish.lamp is None:
                self._begin(wish, now_ms)
            else:
                self._carry_out(wish, wish.lamp.advance(now_ms), now_ms)
                if wish.lamp.ended:
                    del self._wishes[port]

    def _begin(self, wish: _Wish, now_ms: int) -> None:
        port = wish.order.port
        if not self._quiet(port):
            wish.from_ms = now_ms + PAUSE_MS
            return
        if now_ms < wish.from_ms:
            return
        wish.data = self._sound(wish.order)
        if wish.data is None:
            del self._wishes[port]
            return
        wish.lamp = Lamp(len(wish.data) * 1000 // SAMPLE_RATE_HZ)
        self._carry_out(wish, wish.lamp.start(now_ms), now_ms)

    def _carry_out(self, wish: _Wish, steps: list[LampStep], now_ms: int) -> None:
        for step in steps:
            if isinstance(step, PutState):
                self._put(wish.order.port, step, now_ms)
            elif wish.data is not None:
                self._send(wish.order.port, wish.data)
