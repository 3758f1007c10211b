"""Sends bytes as 1200-baud frequency shift keying: the voice of a caller-ID sender.

Continuous phase, bit edges at their exact times between samples, both levels free. Written from
the figures below; shares nothing with the product or with spandsp.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tests.bench.world.copper import Samples
from tests.bench.world.level import RATE_HZ, peak_of

BAUD = 1200.0


@dataclass(frozen=True, slots=True)
class Modulation:
    """Frequencies of a one (mark) and of a zero (space)."""

    name: str
    mark_hz: float
    space_hz: float
    seizure_bits: int
    mark_bits: int


# Bell 202 as Telcordia GR-30 uses it: 1200/2200 Hz, 300 bits of seizure, 180 of mark.
BELL202 = Modulation("bell202", 1200.0, 2200.0, 300, 180)
# V.23 as ETSI EN 300 659-1 and BT SIN 227 use it: 1300/2100 Hz; SIN 227 asks 96 to 315 bits of
# seizure and at least 55 of mark, EN 300 659 300 and 180 +-25.
V23 = Modulation("v23", 1300.0, 2100.0, 300, 180)
MODULATIONS = {BELL202.name: BELL202, V23.name: V23}

STOP_MARKS = 10  # marks after the checksum, so that the last stop bit is complete


def frame_bits(message: bytes, modulation: Modulation, *, seizure: bool = True) -> list[int]:
    """All bits of a transmission: seizure, mark, bytes as 8N1 with the lowest bit first."""
    bits: list[int] = []
    if seizure:
        bits += [index % 2 for index in range(modulation.seizure_bits)]
    bits += [1] * modulation.mark_bits
    for value in message:
        bits += [0, *((value >> place) & 1 for place in range(8)), 1]
    return bits + [1] * STOP_MARKS


def fsk_sound(
    message: bytes,
    modulation: Modulation,
    level_dbm0: float = -13.5,
    twist_db: float = 0.0,
    off_by: float = 0.0,
    baud: float = BAUD,
    *,
    seizure: bool = True,
) -> Samples:
    """A transmission as sound.

    Args:
        message: bytes with their checksum.
        modulation: frequencies and lengths of seizure and mark.
        level_dbm0: level of mark; GR-30 sends at -13.5 dBm.
        twist_db: level of space above mark.
        off_by: relative shift of both frequencies.
        baud: bits a second.
        seizure: False leaves the alternating bits away (signalling while off-hook).
    """
    bits = np.asarray(frame_bits(message, modulation, seizure=seizure))
    hz = np.where(bits == 1, modulation.mark_hz, modulation.space_hz) * (1.0 + off_by)
    edges = np.arange(len(bits) + 1) / baud
    phase_at_edges = np.concatenate(([0.0], np.cumsum(hz / baud))) * 2.0 * np.pi
    time = np.arange(int(edges[-1] * RATE_HZ)) / RATE_HZ
    phase = np.interp(time, edges, phase_at_edges)
    which = np.minimum((time * baud).astype(int), len(bits) - 1)
    peak = np.where(bits[which] == 1, peak_of(level_dbm0), peak_of(level_dbm0 + twist_db))
    return (peak * np.sin(phase)).astype(np.float32)
