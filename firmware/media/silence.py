"""Silence of a whole conversation: nobody in it has said anything for a while."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from firmware.core.clock import SAMPLE_RATE_HZ
from firmware.core.commands import SetBridge
from firmware.media.tones import PEAK_0_DBM0

LEVEL_DBM0: Final = -42.0
"""ITU-T P.56 puts active speech on a line near -20 dBm0; a distant party's may come at -40."""

EVERY_MS: Final = 5_000  # how often a silence that goes on is told
_LEAST: Final = PEAK_0_DBM0**2 / 2 * 10 ** (LEVEL_DBM0 / 10)


class SilenceMeter:
    """The silences of all bridges with two parties or more."""

    def __init__(self) -> None:
        self._samples: dict[str, int] = {}  # bridge to samples since somebody was heard

    def process(
        self, said: npt.NDArray[np.float32], bridges: tuple[SetBridge, ...], rows: dict[str, int]
    ) -> list[tuple[str, int]]:
        """Listen to the next block.

        Args:
            said: float32 (rows, n) in 16-bit units.
            bridges: who is joined.
            rows: port to row.

        Returns:
            A port of each bridge whose silence has lasted another ``EVERY_MS``, and how long in
            ms it has.
        """
        if not bridges:
            self._samples.clear()
            return []
        count = said.shape[1]
        loud = (np.vecdot(said, said) > _LEAST * count).tolist()
        found: list[tuple[str, int]] = []
        kept: dict[str, int] = {}
        for bridge in bridges:
            if len(bridge.parties) < 2:
                continue
            if any(loud[rows[party.port]] for party in bridge.parties):
                kept[bridge.bridge] = 0
                continue
            before = self._samples.get(bridge.bridge, 0)
            after = kept[bridge.bridge] = before + count
            every = EVERY_MS * SAMPLE_RATE_HZ // 1000
            if after // every > before // every:
                lasted_ms = after // every * EVERY_MS
                found.append((bridge.parties[0].port, lasted_ms))
        self._samples = kept
        return found
