"""Lamps of telephones that are told, cut off by a call, and told after it."""

from __future__ import annotations

import numpy as np

from drivers.line import LineState
from firmware.core.commands import ShowWaiting
from firmware.daemons.wires.lamps import Lamps

SET = "fxs/1"
DATA = np.zeros(8 * 500, np.float32)  # half a second of it
ON, OFF = np.ones_like(DATA), DATA


class Pair:
    """A telephone's pair, and what was put on it."""

    def __init__(self) -> None:
        self.quiet = True
        self.states: list[LineState] = []
        self.sent: list[bool] = []
        self.hushed = 0
        self.lamps = Lamps(
            sound=lambda order: ON if order.waiting else OFF,
            quiet=lambda _port: self.quiet,
            put=lambda _port, step, _now_ms: self.states.append(step.state),
            send=lambda _port, data: self.sent.append(bool(data[0])),
            hush=self._hush,
        )

    def _hush(self, _port: str) -> None:
        self.hushed += 1

    def run(self, from_ms: int, to_ms: int) -> None:
        for now_ms in range(from_ms, to_ms, 20):
            self.lamps.advance(now_ms)


def test_an_idle_set_is_told_at_once_and_once() -> None:
    pair = Pair()
    pair.lamps.show(ShowWaiting(port=SET, waiting=True), 0)
    pair.run(0, 10_000)
    assert pair.sent == [True]
    assert pair.states == [LineState.ON_HOOK_TRANSMISSION, LineState.ACTIVE]


def test_what_a_call_cut_off_is_told_when_the_set_has_lain_still() -> None:
    pair = Pair()
    pair.lamps.show(ShowWaiting(port=SET, waiting=True), 0)
    pair.run(0, 600)
    assert pair.sent == [True]
    pair.quiet = False
    pair.lamps.cut(SET, 600)
    assert pair.hushed == 1
    assert pair.states[-1] is LineState.ACTIVE
    pair.run(600, 30_000)
    assert pair.sent == [True], "nothing is sent into a conversation"
    pair.quiet = True
    pair.run(30_000, 32_900)
    assert pair.sent == [True]
    pair.run(32_900, 40_000)
    assert pair.sent == [True, True]


def test_only_what_is_true_then_is_told() -> None:
    pair = Pair()
    pair.quiet = False
    pair.lamps.show(ShowWaiting(port=SET, waiting=True), 0)
    pair.lamps.show(ShowWaiting(port=SET, waiting=False), 5_000)
    pair.quiet = True
    pair.run(5_000, 20_000)
    assert pair.sent == [False]
