"""A tone of the network to look for: its bands, its frequencies by burst, its cadence and levels.

Frequencies that a window cannot tell apart beat, and count as one: a cluster.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from firmware.core.countries import Tone
from firmware.media.bands import BANDS_HZ

# Exchanges keep +-4 %; the country tables themselves differ by as much.
FREQUENCY_LIMIT = 0.06
CLUSTER_HZ = 60.0  # frequencies closer than this beat and count as one
BEAT_HZ = 30.0  # slower beats than this show in windows of 25 ms


@dataclass(frozen=True, slots=True)
class NetworkTone:
    """A tone to look for."""

    name: str
    country: str
    bands: tuple[int, ...]  # of each burst of a cycle
    clusters: tuple[tuple[float, ...], ...]  # of each burst, Hz, ascending
    cadence_ms: tuple[float, ...]
    levels_db: tuple[float, ...]
    cycles: int
    joined: bool = False  # bursts follow without a gap
    beats: bool = False  # two frequencies within 30 Hz, or modulation: the level goes up and down


def _clusters(frequencies_hz: Sequence[float]) -> tuple[float, ...]:
    groups: list[list[float]] = []
    for frequency_hz in sorted(frequencies_hz):
        if groups and frequency_hz - groups[-1][-1] <= CLUSTER_HZ:
            groups[-1].append(frequency_hz)
        else:
            groups.append([frequency_hz])
    return tuple(sum(group) / len(group) for group in groups)


def _band_of(frequency_hz: float) -> int:
    for band, (first_hz, last_hz) in enumerate(BANDS_HZ):
        if first_hz - 10 <= frequency_hz <= last_hz + 10:
            return band
    return -1


def network_tone(name: str, tone: Tone, country: str) -> NetworkTone | None:
    """What to look for, or None where the receiver has no band for it."""
    bursts = tone.bursts_hz or (tone.frequencies_hz,) * max(len(tone.cadence_ms) // 2, 1)
    clusters = tuple(_clusters(burst) for burst in bursts)
    bands = tuple(_band_of(burst[0]) for burst in clusters)
    if -1 in bands:
        return None
    tones = sorted(tone.frequencies_hz)
    joined = any(off <= 50 for off in tone.cadence_ms[1::2])
    return NetworkTone(
        name,
        country,
        bands,
        clusters,
        tuple(float(n) for n in tone.cadence_ms),
        tone.bursts_db or (0.0,) * len(bursts),
        1 if name in {"ringback", "special_information", "fax"} else 2,
        joined,
        bool(tone.modulation_hz) or any(0 < b - a <= BEAT_HZ for a, b in pairwise(tones)),
    )


# ITU-T T.30: CNG 1100 +-38 Hz, 0.5 s on, 3 s off, +-15 %; CED 2100 +-15 Hz, 2.6 to 4 s.
FAX = (
    Tone(frequencies_hz=(1100.0,), cadence_ms=(500, 3000)),
    Tone(frequencies_hz=(2100.0,)),
)
NAMES = ("busy", "congestion", "ringback", "dial", "special_information")


def distance(measured: tuple[float, ...], wanted: tuple[float, ...]) -> float | None:
    """Largest relative difference of two sets of frequencies; None beyond the limit."""
    if len(measured) != len(wanted):
        return None
    worst = max(abs(m / w - 1) for m, w in zip(measured, wanted, strict=True))
    return worst if worst <= FREQUENCY_LIMIT else None
