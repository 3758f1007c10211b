# ruff: noqa: INP001  # a script: the folder holds sound and must not become a package
"""Makes the music on hold and the beep: computed here, free of anybody's rights.

    python ivr/prompts/compose.py

Plucked notes over eight bars of four chords; the tail of the last note rings into the first, so
that the piece has no seam when it is played round and round. The owner's own music is
``music/default.wav`` in his folder of prompts and comes before this.
"""

import sys
import zipfile
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

HERE: Final = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent.parent)]

from ivr.wav import alaw_wav  # noqa: E402  # the path above makes a plain checkout work

RATE_HZ: Final = 8_000
BEAT_S: Final = 0.625  # 96 a minute
LEVEL_DBFS: Final = -26.0
"""Root mean square: 6 dB below the speech of the prompts, music being denser (chosen)."""
PACK: Final = "music-sounds.zip"

# Semitones above A3 (220 Hz). F, C, d minor, B flat, then the same with another end.
_CHORDS: Final = (
    (-4, 0, 3, 8),
    (-9, -5, -2, 3),
    (-7, -4, 0, 5),
    (-11, -7, -4, 1),
    (-4, 0, 3, 8),
    (-9, -5, -2, 7),
    (-11, -7, -4, 1),
    (-9, -5, -2, 3),
)
_PATTERN: Final = (0, 1, 2, 3, 2, 1, 2, 3)
"""Which note of the chord sounds at each half beat of a bar."""
# Half beats of the melody in a row: (start, semitone above A4). Pentatonic: nothing grates.
_MELODY: Final = (
    (0, 3),
    (3, 0),
    (6, 3),
    (8, 7),
    (14, 3),
    (16, 5),
    (19, 3),
    (22, 0),
    (24, 1),
    (30, -4),
    (32, 3),
    (35, 8),
    (38, 7),
    (40, 3),
    (46, 0),
    (48, 1),
    (51, -4),
    (54, 1),
    (56, 3),
)


def _pluck(hz: float, seconds: float, brightness: float) -> NDArray[np.float64]:
    """A string: harmonics that fade the faster the higher they are."""
    t = np.arange(int(seconds * RATE_HZ)) / RATE_HZ
    sound = np.zeros_like(t)
    for harmonic in range(1, 7):
        if harmonic * hz > 3_300.0:  # what a telephone carries
            break
        fade = np.exp(-t * (1.1 + 0.9 * harmonic))
        sound += brightness ** (harmonic - 1) * fade * np.sin(2 * np.pi * harmonic * hz * t)
    attack = np.minimum(1.0, t / 0.006)
    return sound * attack


def music() -> NDArray[np.int16]:
    """The piece, 40 s: two rounds of eight bars, the melody in the second half quieter."""
    half = BEAT_S / 2
    bars = 2 * len(_CHORDS)
    length = round(bars * 8 * half * RATE_HZ)
    out = np.zeros(length)

    def add(sound: NDArray[np.float64], at_s: float) -> None:
        places = (round(at_s * RATE_HZ) + np.arange(len(sound))) % length
        np.add.at(out, places, sound)

    for bar in range(bars):
        chord = _CHORDS[bar % len(_CHORDS)]
        for step, note in enumerate(_PATTERN):
            hz = 220.0 * 2.0 ** ((chord[note] + 12) / 12)
            add(0.5 * _pluck(hz, 2.0, 0.45), (bar * 8 + step) * half)
    for round_number, loudness in enumerate((0.8, 0.6)):
        for start, semitone in _MELODY:
            hz = 440.0 * 2.0 ** (semitone / 12)
            at_s = (round_number * len(_CHORDS) * 8 + start) * half
            add(loudness * _pluck(hz, 2.5, 0.3), at_s)
    out *= 32768.0 * 10.0 ** (LEVEL_DBFS / 20) / np.sqrt(np.mean(out**2))
    return np.round(np.clip(out, -32767, 32767)).astype(np.int16)


def beep() -> NDArray[np.int16]:
    """The tone after which a caller speaks: 1400 Hz, 0.4 s, as answering machines sound it."""
    t = np.arange(int(0.4 * RATE_HZ)) / RATE_HZ
    edge = np.minimum(1.0, np.minimum(t, t[::-1]) / 0.01)
    return np.round(32768.0 * 0.2 * edge * np.sin(2 * np.pi * 1400.0 * t)).astype(np.int16)


def main() -> None:
    """Write the pack."""
    with zipfile.ZipFile(HERE / PACK, "w", zipfile.ZIP_LZMA) as pack:
        for name, samples in (("beep", beep()), ("default", music())):
            entry = zipfile.ZipInfo(f"{name}.wav", (1980, 1, 1, 0, 0, 0))
            pack.writestr(entry, alaw_wav(samples, RATE_HZ), zipfile.ZIP_LZMA)


if __name__ == "__main__":
    main()
