"""Public exchanges by country: how they ring and sound. The world's own table.

Kept apart from the product's country profiles on purpose: each side was typed in by itself, so a
slip on one side is heard. Cadences and frequencies: ITU-T E.180 Supplement 2 as Asterisk's and
DAHDI's tables carry it; China: GB 3380-1982. Where such tables disagree (Australia 413+438 or
415+440, Germany's ringback 1/4 or 1/5) the first value is used here. Ring frequency and voltage
outside China are chosen: 25 Hz in Europe and Asia, 20 Hz in North America, 75 V at the exchange.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from tests.bench.world.copper import Samples
from tests.bench.world.level import RATE_HZ, peak_of, samples_of


@dataclass(frozen=True, slots=True)
class CallTone:
    """Frequencies sounded together, and on/off times in ms; no times means without end.

    ``modulated_hz`` varies the amplitude of a single frequency (India, Japan, Singapore).
    """

    hz: tuple[float, ...]
    cadence_ms: tuple[int, ...] = ()
    modulated_hz: float = 0.0


@dataclass(frozen=True, slots=True)
class Exchange:
    """One country's public exchange."""

    country: str
    ring_ms: tuple[int, ...]
    dial: CallTone
    ringback: CallTone
    busy: CallTone
    congestion: CallTone
    level_dbm0: float = -13.0  # each frequency, at the exchange
    ring_hz: float = 25.0
    ring_vrms: float = 75.0
    caller_id: str = "fsk"  # fsk or dtmf: what the country sends
    modulation: str = "bell202"
    place: str = "after_ring"  # after_ring, or alert: reversal and DT-AS before the first ring
    dtmf_frame: str = "DC"
    dtmf_reversal: bool = False  # India: a reversal, then the digits


def _tone(hz: str, cadence: str = "", modulated: float = 0.0) -> CallTone:
    """``"350+440"``, ``".4/.2/.4/2"`` in seconds."""
    times = tuple(round(float(part) * 1000) for part in cadence.split("/")) if cadence else ()
    return CallTone(tuple(float(part) for part in hz.split("+")), times, modulated)


EXCHANGES: dict[str, Exchange] = {
    one.country: one
    for one in (
        Exchange(
            "CN", (1000, 4000), _tone("450"), _tone("450", "1/4"), _tone("450", ".35/.35"),
            _tone("450", ".7/.7"), level_dbm0=-10.0, ring_vrms=90.0,
        ),
        Exchange(
            "HK", (400, 200, 400, 3000), _tone("350+440"), _tone("440+480", ".4/.2/.4/3"),
            _tone("480+620", ".5/.5"), _tone("480+620", ".25/.25"),
        ),
        Exchange(
            "TW", (1000, 4000), _tone("350+440"), _tone("440+480", "1/2"),
            _tone("480+620", ".5/.5"), _tone("480+620", ".25/.25"), ring_hz=20.0,
        ),
        Exchange(
            "SG", (400, 200, 400, 2000), _tone("425"), _tone("425", ".4/.2/.4/2", 24.0),
            _tone("425", ".75/.75"), _tone("425", ".25/.25"), modulation="v23",
        ),
        Exchange(
            "US", (2000, 4000), _tone("350+440"), _tone("440+480", "2/4"),
            _tone("480+620", ".5/.5"), _tone("480+620", ".25/.25"), ring_hz=20.0, ring_vrms=86.0,
        ),
        Exchange(
            "GB", (400, 200, 400, 2000), _tone("350+440"), _tone("400+450", ".4/.2/.4/2"),
            _tone("400", ".375/.375"), _tone("400", ".4/.35/.225/.525"), level_dbm0=-18.0,
            modulation="v23", place="alert",
        ),
        Exchange(
            "DE", (1000, 4000), _tone("425"), _tone("425", "1/4"), _tone("425", ".48/.48"),
            _tone("425", ".24/.24"), level_dbm0=-16.0, modulation="v23",
        ),
        Exchange(
            "FR", (1500, 3500), _tone("440"), _tone("440", "1.5/3.5"), _tone("440", ".5/.5"),
            _tone("440", ".25/.25"), modulation="v23", ring_hz=50.0,
        ),
        # NTT's own sequence (a call with a short ring that the set answers) is not built here.
        Exchange(
            "JP", (1000, 2000), _tone("400"), _tone("400", "1/2", 16.0), _tone("400", ".5/.5"),
            _tone("400", ".5/.5"), ring_hz=16.0, modulation="v23",
        ),
        Exchange(
            "AU", (400, 200, 400, 2000), _tone("413+438"), _tone("413+438", ".4/.2/.4/2"),
            _tone("425", ".375/.375"), _tone("425", ".375/.375"),
        ),
        Exchange(
            "IN", (400, 200, 400, 2000), _tone("400", "", 25.0),
            _tone("400", ".4/.2/.4/2", 25.0), _tone("400", ".75/.75"), _tone("400", ".25/.25"),
            caller_id="dtmf", dtmf_reversal=True,
        ),
        Exchange(
            "BR", (1000, 4000), _tone("425"), _tone("425", "1/4"), _tone("425", ".25/.25"),
            _tone("425", ".25/.25/.75/.25"), caller_id="dtmf", dtmf_frame="AC",
        ),
    )
}  # fmt: skip


def exchange_of(country: str) -> Exchange:
    """The exchange of a country by its two letters; ``ValueError`` names those there are."""
    try:
        return EXCHANGES[country]
    except KeyError:
        known = " ".join(EXCHANGES)
        raise ValueError(f"country {country!r}: there is an exchange for {known}") from None


@lru_cache(maxsize=128)
def tone_period(tone: CallTone, level_dbm0: float) -> Samples:
    """One period of a tone as sound, to be looped: a second of a steady one, else its cadence.

    All frequencies of the table are whole, so a second repeats without a seam.
    """
    cadence = tone.cadence_ms or (1000,)
    parts: list[Samples] = []
    for place, length_ms in enumerate(cadence):
        count = samples_of(length_ms)
        if place % 2:
            parts.append(np.zeros(count, np.float32))
            continue
        time = np.arange(count) / RATE_HZ
        sound = np.zeros(count)
        for hz in tone.hz:
            sound += peak_of(level_dbm0) * np.sin(2.0 * np.pi * hz * time)
        if tone.modulated_hz:
            # 85 % deep, as DAHDI's mark "f*m" is usually rendered; the mean level is kept.
            swing = 1.0 + 0.85 * np.sin(2.0 * np.pi * tone.modulated_hz * time)
            sound *= swing / np.sqrt(1.0 + 0.85**2 / 2.0)
        parts.append(sound.astype(np.float32))
    period = np.concatenate(parts)
    period.setflags(write=False)
    return period
