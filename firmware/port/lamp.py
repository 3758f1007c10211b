"""Tells an idle telephone whether messages wait: data on the pair without ringing. Pure.

GR-30-CORE 2.2.3 (data without power ringing) and EN 300 659-1 clause 6.2: on-hook transmission,
a pause in which the set gets ready, the data, battery again.
"""

from __future__ import annotations

from typing import Final

import msgspec

from drivers.line import LineState
from firmware.port.ringing import PutState

BEFORE_MS: Final = 400  # chosen: an open pair has settled, and the set's receiver listens
AFTER_MS: Final = 100


class SendData(msgspec.Struct, frozen=True, kw_only=True):
    """Send the data now; the pair is ready for it."""


LampStep = PutState | SendData


class Lamp:
    """One telephone being told.

    Args:
        data_ms: How long the data sounds.
    """

    __slots__ = ("_data_ms", "_deadline", "_step")

    def __init__(self, data_ms: int) -> None:
        self._data_ms = data_ms
        self._deadline: int | None = None
        self._step = 0

    @property
    def ended(self) -> bool:
        """Nothing more will happen here."""
        return self._deadline is None

    def start(self, now_ms: int) -> list[LampStep]:
        """Begin."""
        self._deadline = now_ms + BEFORE_MS
        return [PutState(state=LineState.ON_HOOK_TRANSMISSION)]

    def next_deadline(self) -> int | None:
        """When :meth:`advance` wants to be called."""
        return self._deadline

    def advance(self, now_ms: int) -> list[LampStep]:
        """The step that is due."""
        if self._deadline is None or now_ms < self._deadline:
            return []
        self._step += 1
        if self._step == 1:
            self._deadline = now_ms + self._data_ms + AFTER_MS
            return [SendData()]
        return self.stop()

    def stop(self) -> list[LampStep]:
        """It is told, or the telephone is wanted for something else."""
        self._deadline = None
        return [PutState(state=LineState.ACTIVE)]
