"""How a leg's sound arrived, from the library's counters. Arithmetic only.

The estimate follows ITU-T G.107 as G.107 annex B and Cole and Rosenbluth (2001) shorten it: an
R of 93.2 is lowered by delay above 177 ms and by loss, which G.711 with concealment bears with
``Bpl`` 25.1 (G.113 amendment 1, table I.2) and G.722 alike for want of a better figure.
"""

from __future__ import annotations

from typing import Final

BEST_R: Final = 93.2
LOSS_ROBUSTNESS: Final = 25.1
KNEE_MS: Final = 177.3
CODEC_MS: Final = 45.0
"""One way within both ends: a packet of 20 ms, a jitter buffer of one more, and the rest."""


def mos(loss_share: float, jitter_ms: float, round_trip_ms: float) -> float:
    """Mean opinion score of listening and talking, 1.0 to 4.5.

    Args:
        loss_share: Of packets, 0 to 1.
        jitter_ms: Mean; what a buffer has to add is taken as twice that.
        round_trip_ms: 0 where it is not known.
    """
    delay_ms = round_trip_ms / 2 + 2 * jitter_ms + CODEC_MS
    late = 0.024 * delay_ms + 0.11 * max(0.0, delay_ms - KNEE_MS)
    percent = 100.0 * min(1.0, max(0.0, loss_share))
    lost = 95.0 * percent / (percent + LOSS_ROBUSTNESS)
    r = max(0.0, min(100.0, BEST_R - late - lost))
    score = 1.0 + 0.035 * r + r * (r - 60.0) * (100.0 - r) * 7e-6
    return round(max(1.0, min(4.5, score)), 2)
