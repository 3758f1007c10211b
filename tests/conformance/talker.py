"""Talkers and players for the judges: speech-like sound, near-digits, music; no recording needed.

Voices are a band-limited pulse train in closed form (Dirichlet kernel) through resonators that
change from syllable to syllable, with hissing consonants and pauses; nothing is shared with the
generator the receivers were developed on.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import signal

from tests.conformance.line_model import RATE, Sound, rms

# First three resonances of vowels, Hz (Peterson and Barney 1952, men; rounded).
_VOWELS = (
    (270, 2290, 3010), (390, 1990, 2550), (530, 1840, 2480), (660, 1720, 2410), (730, 1090, 2440),
    (570, 840, 2410), (440, 1020, 2240), (300, 870, 2240), (640, 1190, 2390), (490, 1350, 1690),
)  # fmt: skip


def _pulses(f0: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """All harmonics below 3.6 kHz of a gliding pitch, equally strong."""
    turn = 2 * np.pi * np.cumsum(f0) / RATE
    many = np.floor(3600 / f0.max())
    half = np.sin(turn / 2)
    safe = np.where(np.abs(half) < 1e-6, 1e-6, half)
    return np.sin((many + 0.5) * turn) / safe / 2 - 0.5


def _resonate(sound, resonances, widths):
    for hz, width in zip(resonances, widths, strict=True):
        r = np.exp(-np.pi * width / RATE)
        c = 2 * r * np.cos(2 * np.pi * hz / RATE)
        sound = signal.lfilter([1 - c + r * r], [1, -c, r * r], sound)
    return sound


def _rounded(sound, edge):
    edge = min(edge, sound.size // 2)
    ramp = np.sin(np.linspace(0, np.pi / 2, edge)) ** 2
    sound[:edge] *= ramp
    sound[sound.size - edge :] *= ramp[::-1]
    return sound


def _voiced(rng, pitch, samples, start, end):
    t = np.linspace(0, 1, samples)
    f0 = pitch * (1 + 0.12 * np.sin(np.pi * t * rng.uniform(0.5, 1.5) + rng.uniform(0, 3)))
    source = _pulses(f0) + 0.03 * rng.standard_normal(samples)
    source = signal.lfilter([1.0], [1.0, -0.75], source)
    widths = (70, 90, 130)
    one, other = _resonate(source, start, widths), _resonate(source, end, widths)
    return one * (1 - t) + other * t


def talk(rng: np.random.Generator, samples: int, level_dbm0: float = -20.0) -> Sound:
    """One talker: phrases of syllables, pauses between them; level while talking."""
    found = np.zeros(samples)
    pitch, scale = rng.uniform(85, 260), rng.uniform(0.92, 1.2)
    at = int(rng.uniform(0, 0.3) * RATE)
    while at < samples:
        for _ in range(rng.integers(3, 12)):
            length = int(rng.uniform(0.09, 0.28) * RATE)
            start, end = (np.array(_VOWELS[rng.integers(len(_VOWELS))]) * scale for _ in range(2))
            part = _voiced(rng, pitch * rng.uniform(0.85, 1.2), length, start, end)
            part = _rounded(part / (part.std() + 1e-9) * 10 ** (rng.uniform(-8, 2) / 20), 160)
            if rng.random() < 0.5:  # a consonant in front
                hiss = rng.standard_normal(int(rng.uniform(0.03, 0.1) * RATE))
                hiss = _resonate(hiss, (rng.uniform(1800, 3300),), (600,))
                hiss = _rounded(hiss / hiss.std() * 10 ** (rng.uniform(-20, -8) / 20), 40)
                part = np.concatenate((hiss, part))
            end_at = min(samples, at + part.size)
            if end_at > at:
                found[at:end_at] += part[: end_at - at]
            at += part.size + int(rng.uniform(0, 0.05) * RATE)
        at += int(rng.exponential(0.35) * RATE) + 400
    talking = np.abs(found) > 0.01
    power = np.sqrt(np.mean(found[talking] ** 2)) if talking.any() else 1.0
    return (found / power * rms(level_dbm0)).astype(np.float32)


def near_digits(rng: np.random.Generator, samples: int) -> Sound:
    """Vowels made to resemble digits: resonances where DTMF lies, pitches that put tones there.

    Pitch 90 to 480 Hz, first resonance 550 to 1000 Hz, second 1100 to 1750 Hz, 80 to 600 ms, -22
    to -10 dBm0, slow glides; narrow resonances, so that two harmonics dominate.
    """
    found = np.zeros(samples, np.float32)
    at = 0
    while at < samples:
        length = int(rng.uniform(0.08, 0.6) * RATE)
        start = np.array([rng.uniform(550, 1000), rng.uniform(1100, 1750)])
        end = start * rng.uniform(0.96, 1.04, 2)
        t = np.linspace(0, 1, length)
        f0 = rng.uniform(90, 480) * (1 + rng.uniform(-0.05, 0.05) * t)
        source = _pulses(f0)
        widths = rng.uniform(15, 90, 2)
        part = _resonate(source, start, widths) * (1 - t) + _resonate(source, end, widths) * t
        part = _rounded(part / (part.std() + 1e-9), 120) * rms(rng.uniform(-22, -10))
        stop = min(samples, at + length)
        found[at:stop] += part[: stop - at]
        at += length + int(rng.uniform(0.02, 0.15) * RATE)
    return found


def music(rng: np.random.Generator, samples: int) -> Sound:
    """Melody, chords and beat in equal temperament: plucked strings and a drum, one tempo."""
    found = np.zeros(samples)
    beat = int(RATE * 60 / rng.uniform(70, 170))
    root = rng.uniform(110, 220)
    scale = np.array([0, 2, 4, 5, 7, 9, 11])
    decay = rng.uniform(0.1, 0.9)
    for at in range(0, samples, beat // 2):
        notes = [scale[rng.integers(7)] + 12 * rng.integers(1, 3)]
        if (at // (beat // 2)) % 4 == 0:
            notes += [scale[n % 7] for n in (rng.integers(7) + np.array([0, 2, 4]))]
        for note in notes:
            length = min(samples - at, int(RATE * rng.uniform(0.2, 1.2)))
            t = np.arange(length) / RATE
            hz = root * 2 ** (note / 12)
            tone = sum(
                np.sin(2 * np.pi * hz * k * t) / k**1.5 for k in range(1, 6) if hz * k < 3400
            )
            found[at : at + length] += tone * np.exp(-t / decay) * rng.uniform(0.4, 1)
        if rng.random() < 0.7:
            length = min(samples - at, 600)
            found[at : at + length] += rng.standard_normal(length) * np.exp(-np.arange(length) / 90)
    return (found / found.std() * rms(rng.uniform(-25, -12))).astype(np.float32)


def rows(make, seed: int, count: int, seconds: float) -> Sound:
    """``count`` rows of one of the above."""
    rng = np.random.default_rng(seed)
    return np.stack([make(rng, int(seconds * RATE)) for _ in range(count)])
