"""A call through the box's own loop-back: four digits go out over the highway and come back.

The chip of a free exchange line gives back what it is sent (Si3050 data sheet, register 10, DDL),
on-hook, so nobody outside hears it and no line is taken. What comes back has passed the sender, the
sound card, the chip, the sound card again and the receiver's side: all that a conversation needs.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import Final

import numpy as np

from drivers.line import AnyLineCommand, LoopBack
from firmware.core.commands import SendDigits, TryLoop
from firmware.core.events import LoopTested
from firmware.media.line_probe import Linear
from firmware.media.tones import digit_sequence

DIGITS: Final = "159#"
TONE_MS: Final = 50
SETTLED_MS: Final = 60  # the register is written within a poll of 10 ms; the sound card holds 20 ms
LATEST_MS: Final = 200  # the way there and back: 12 ms measured, with room for another sound card
LIKE: Final = 0.98
"""Share of what was heard that is what was sent. Both ways are G.711: noise is 38 dB below
(ITU-T G.712), which leaves 0.9999."""


class LoopTest:
    """One run, driven like :class:`firmware.daemons.wires.line_test.LineTest`.

    Args:
        order: Which port.
        command: Gives the driver something to do.
        probe: Begins to send and records so many samples.
        taken: What was recorded, None while it is not complete.
        now_ms: Monotonic time.
    """

    def __init__(
        self,
        order: TryLoop,
        *,
        command: Callable[[AnyLineCommand | SendDigits], None],
        probe: Callable[[Linear | None, int], None],
        taken: Callable[[], Linear | None],
        now_ms: int,
    ) -> None:
        self.port = order.port
        self._command, self._probe, self._taken = command, probe, taken
        self._due_ms = self._now_ms = now_ms
        self.found: LoopTested | None = None
        self._script = self._run()

    def advance(self, now_ms: int) -> None:
        """Go on as far as it goes; ``found`` is set when it is over."""
        self._now_ms = now_ms
        while self.found is None and now_ms >= self._due_ms:
            self._due_ms = now_ms + next(self._script)

    def stop(self) -> None:
        """Give the line back as it was."""
        self._script.close()
        self._command(LoopBack(port=self.port, on=False))

    def _run(self) -> Generator[int, None, None]:
        sent = digit_sequence(DIGITS, tone_ms=TONE_MS, pause_ms=TONE_MS).astype(np.float32)
        self._command(LoopBack(port=self.port, on=True))
        yield SETTLED_MS
        self._probe(sent, len(sent) + LATEST_MS * 8)
        while (heard := self._taken()) is None:
            yield 5
        self._command(LoopBack(port=self.port, on=False))
        share = likeness(sent, heard)
        self.found = LoopTested(
            port=self.port, at_ms=self._now_ms, heard=share >= LIKE, share=round(share, 4)
        )
        yield 0


def likeness(sent: Linear, heard: Linear) -> float:
    """How much of the best stretch of ``heard``, as long as ``sent``, is ``sent``: 0 to 1."""
    size = 1 << (len(sent) + len(heard) - 1).bit_length()
    spectrum = np.fft.rfft(heard, size) * np.conj(np.fft.rfft(sent, size))
    products = np.fft.irfft(spectrum, size)[: len(heard) - len(sent) + 1]
    at = int(np.argmax(products))
    power = float(np.sum(np.square(heard[at : at + len(sent)], dtype=np.float64)))
    own = float(np.sum(np.square(sent, dtype=np.float64)))
    if power <= 0.0 or own <= 0.0:
        return 0.0
    return float(products[at] / np.sqrt(power * own))
