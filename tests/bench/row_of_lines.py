"""A row of exchange lines by sound alone: the box's sound path and jacks, no chips and no calls.

Many conversations run side by side through one sound path, so that hours of line time cost
minutes. What the copper does (loop breaks, reversals) is told as the driver tells it; what the far
side says is sound, heard by the box's own detectors and judged by its own jacks.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from drivers.line import PortReady
from firmware.core.commands import Listen
from firmware.core.countries import country
from firmware.core.log_entries import ClearedBy
from firmware.core.port_events import FarSideCleared, ReleaseLine
from firmware.core.settings import Line
from firmware.core.timers import Times
from firmware.media import g711
from firmware.media.tick import SoundPath
from firmware.port.fxo_port import FxoPort

BLOCK = 80
RATE_HZ = 8000
Sound = npt.NDArray[np.float32]


class Silent:
    """Prompts and recordings that nobody asks for."""

    def __call__(self, name: str) -> None:
        raise LookupError(name)

    def open(self, path: str, seal_for: str = "") -> None:  # noqa: ARG002 - the sink's own names
        raise AssertionError(path)

    def write(self, path: str, data: bytes) -> None:  # noqa: ARG002 - the sink's own names
        raise AssertionError(path)

    def take_failed(self) -> list[tuple[str, str]]:
        """The card takes everything."""
        return []

    def close(self, path: str) -> None:
        raise AssertionError(path)


class RowOfLines:
    """``count`` lines of one box. ``cleared`` has, by row, when and how each was freed."""

    def __init__(
        self,
        count: int,
        code: str = "CN",
        times: Times | None = None,
        clear: Sequence[str] = ("loop_break", "reversal", "tone"),
        sets: Sequence[str] = (),
    ) -> None:
        """Args: ``sets``: telephones of the box, in rows behind the lines."""
        profile = country(code)
        self.ports = [f"fxo/{n}" for n in range(1, count + 1)]
        self.row = {port: n for n, port in enumerate(self.ports)}
        self.law = profile.law
        self.sound = SoundPath(
            [*self.ports, *sets],
            lines=frozenset(self.ports),
            country=profile,
            block_samples=BLOCK,
            prompts=Silent(),
            sink=Silent(),
        )
        self.jacks = [
            FxoPort(Line(port=port, clear=tuple(clear)), profile, times) for port in self.ports
        ]
        self.now_ms = 1_000
        self.cleared: dict[int, tuple[int, ClearedBy]] = {}
        self.false_alarms = 0
        for jack in self.jacks:
            self._do(jack.handle(PortReady(port=jack.port, at_ms=self.now_ms), self.now_ms))
        self._out = np.zeros((count + len(sets), BLOCK), np.uint8)

    def connect(self, row: int) -> None:
        """A conversation begins on a line."""
        self.cleared.pop(row, None)
        self._do(self.jacks[row].place("connected", self.now_ms))

    def hang_up(self, row: int) -> None:
        """Our side ends it; a line that was freed already stays so."""
        jack = self.jacks[row]
        if jack.state not in {"idle", "guarding"}:
            order = ReleaseLine(port=jack.port)
            self._do(jack.handle(order, self.now_ms))

    def tell(self, row: int, event: type, **fields: Any) -> None:
        """The copper did something on a line, now."""
        jack = self.jacks[row]
        made = event(port=jack.port, at_ms=self.now_ms, **fields)
        self._do(jack.handle(made, self.now_ms))

    def hear(self, sound: Sound) -> None:
        """The far sides sound so; float32 (rows, samples), whole blocks of 10 ms."""
        codes = np.empty(sound.shape, np.uint8)
        g711.encode(sound, codes, self.law)
        for at in range(0, sound.shape[1] - BLOCK + 1, BLOCK):
            self.turn(codes[:, at : at + BLOCK])

    def turn(self, codes: npt.NDArray[np.uint8]) -> None:
        """One block of 10 ms: (rows, samples) of codes as they come from the ports."""
        self.now_ms += BLOCK * 1000 // RATE_HZ
        events = self.sound.tick(codes, self._out, self.now_ms)
        for event in events:
            self._do(self.jacks[self.row[event.port]].handle(event, self.now_ms))
        for jack in self.jacks:
            due_ms = jack.next_deadline()
            if due_ms is not None and due_ms <= self.now_ms:
                self._do(jack.advance(self.now_ms))

    def _do(self, effects: list[Any]) -> None:
        for effect in effects:
            match effect:
                case Listen():
                    self.sound.apply(effect, self.now_ms)
                case FarSideCleared(port=port, by=by):
                    row = self.row[port]
                    self.cleared[row] = (self.now_ms, by)
                    self.hang_up(row)
        for jack in self.jacks:
            self.false_alarms += sum(
                "clear_heard -> connected" in move for move in jack.take_moves()
            )
