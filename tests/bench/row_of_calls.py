"""A row of conversations by sound: each line is joined with a telephone and sends back echo.

Like the row of lines, without chips and calls; here our own people talk as well. What they say goes
to the line through the box, and the line's hybrid returns part of it into whatever the far side
sends; the telephone's hybrid does the same with what it hears.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from firmware.core.commands import Party, SetBridge
from firmware.media import g711
from firmware.media.tick import ECHO_DELAY_BLOCKS
from tests.bench.row_of_lines import BLOCK, RowOfLines, Sound

SET_LOSS_DB = 18.0
"""What a telephone returns of what it hears: sets reach 15 to 20 dB against their feed."""


class RowOfCalls(RowOfLines):
    """``paths``: impulse response of each line's hybrid, one conversation each."""

    def __init__(
        self,
        paths: Sequence[npt.NDArray[np.float64]],
        code: str = "CN",
        set_loss_db: float = SET_LOSS_DB,
    ) -> None:
        count = len(paths)
        self.sets = [f"fxs/{n}" for n in range(1, count + 1)]
        super().__init__(count, code, sets=self.sets)
        size = max(len(path) for path in paths)
        # Time turned, so that the newest sample meets the path's first.
        self._paths = np.stack([np.pad(path, (0, size - len(path)))[::-1] for path in paths])
        self._paths = self._paths.astype(np.float32)
        self._past = np.zeros((count, size - 1 + BLOCK), np.float32)
        self._set_gain = np.float32(10 ** (-set_loss_db / 20))
        # What the box played, while it is on its way through the sound device.
        self._under_way = [np.zeros((2 * count, BLOCK), np.float32)] * ECHO_DELAY_BLOCKS

    def connect(self, row: int) -> None:
        """A conversation begins on a line: both hear each other."""
        super().connect(row)
        self._bridge(row, self.ports[row], self.sets[row])

    def hang_up(self, row: int) -> None:
        """Our side ends it, or the line was freed."""
        super().hang_up(row)
        self._bridge(row)

    def _bridge(self, row: int, *ports: str) -> None:
        parties = tuple(Party(port=port) for port in ports)
        self.sound.apply(SetBridge(bridge=f"b{row}", call=f"c{row}", parties=parties), self.now_ms)

    def talk(self, far: Sound, near: Sound) -> None:
        """The far sides and ours sound so; float32 (rows, samples), whole blocks of 10 ms."""
        count = len(self.ports)
        codes = np.empty((2 * count, BLOCK), np.uint8)
        for at in range(0, far.shape[1] - BLOCK + 1, BLOCK):
            part = slice(at, at + BLOCK)
            arrived = self._under_way.pop(0)
            came = np.concatenate(
                (
                    far[:, part] + self._echo(arrived[:count]),
                    near[:, part] + self._set_gain * arrived[count:],
                )
            )
            g711.encode(came, codes, self.law)
            self.turn(codes)
            played = np.empty_like(came)
            g711.decode(self._out, played, self.law)
            self._under_way.append(played)

    def _echo(self, sent: Sound) -> Sound:
        self._past[:, :-BLOCK] = self._past[:, BLOCK:]
        self._past[:, -BLOCK:] = sent
        taps = self._paths.shape[1]
        windows = np.lib.stride_tricks.sliding_window_view(self._past, taps, axis=1)
        echo: Sound = np.einsum("rnt,rt->rn", windows, self._paths)
        return echo
