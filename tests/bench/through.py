"""The test of a connection: does sound pass both ways, how loud and how late.

From each end: a chirp (500 to 3000 Hz, 100 ms), 1004 Hz at -10 dBm0 for 400 ms, then a second of
test speech. At the other end the chirp fixes the delay by cross-correlation, the tone the level,
and the speech must be the same speech.

Level plan: 0 dB between a line's and a telephone's 0 dBr points, so what arrives is what was sent
less the losses of both cables, +-1 dB.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from tests.bench.voice import chirp, speech
from tests.bench.world.copper import Samples
from tests.bench.world.level import RATE_HZ, samples_of, sine
from tests.bench.world.measure import locate, tone_level
from tests.bench.world.party import Party

TONE_HZ = 1004.0
TONE_DBM0 = -10.0
GAP_MS = 50.0
CHIRP_MS = 100.0
TONE_MS = 400.0
SPEECH_MS = 1000.0
LONGEST_DELAY_MS = 200.0
LEAST_LIKENESS = 0.7  # of the speech; a companding code keeps 0.99, an echo of another call none


@lru_cache(maxsize=1)
def signal() -> tuple[Samples, Samples, Samples]:
    """The whole test signal, its chirp, and its speech."""
    marker, talk = chirp(CHIRP_MS), speech(SPEECH_MS, -14.0, seed=7)
    gap = np.zeros(samples_of(GAP_MS), np.float32)
    tone = sine(TONE_HZ, TONE_DBM0, TONE_MS)
    return np.concatenate((marker, gap, tone, gap, talk)), marker, talk


@dataclass(frozen=True, slots=True)
class Passage:
    """What came through one way. ``likeness`` is that of the speech, 0 to 1."""

    heard: bool
    level_dbm0: float = -120.0
    delay_ms: float = 0.0
    likeness: float = 0.0


def passage(source: Party, sink: Party, run_ms: Callable[[float], None]) -> Passage:
    """Send the test signal one way and measure it at the other end.

    Args:
        source: who sends; must be off-hook or connected.
        sink: who hears.
        run_ms: lets the world go on for so many milliseconds.
    """
    whole, marker, talk = signal()
    offset = sink.timeline.sample - source.timeline.sample
    start = source.say(whole) + offset
    total_ms = (start - sink.timeline.sample + len(whole)) * 1000.0 / RATE_HZ
    run_ms(total_ms + LONGEST_DELAY_MS)
    late = samples_of(LONGEST_DELAY_MS)
    heard = sink.ear.span(start, start + len(marker) + late)
    delay, alike = locate(marker, heard)
    if alike < 0.5:
        return Passage(heard=False)
    arrived = start + delay
    tone_from = arrived + len(marker) + samples_of(GAP_MS)
    middle = sink.ear.span(tone_from + samples_of(100), tone_from + samples_of(TONE_MS - 20))
    talk_from = tone_from + samples_of(TONE_MS) + samples_of(GAP_MS)
    margin = samples_of(5)
    _, likeness = locate(talk, sink.ear.span(talk_from - margin, talk_from + len(talk) + margin))
    return Passage(
        heard=likeness >= LEAST_LIKENESS,
        level_dbm0=tone_level(middle, TONE_HZ),
        delay_ms=delay * 1000.0 / RATE_HZ,
        likeness=likeness,
    )
