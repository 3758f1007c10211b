"""The development generator: digits, busy tones and false friends for the receivers.

One of two independent generators. Everything here is made with numpy's own arithmetic and its own
A-law, without the product's tone generator and tables, and is seeded: ``numpy.random.default_rng``
with the seed of the caller. Sounds are float32 in 16-bit units, one row per port, so that many
digits are judged in one run.

Envelopes (ITU-T Q.24 table A-1, ETSI ES 201 235-3), all parameters drawn together:

=========  ============  ==================  ===========  ========  ========
envelope   frequency     level per tone      twist        tone      pause
=========  ============  ==================  ===========  ========  ========
AT&T       +-1.5 %       0 to -25 dBm0       -8 to +4 dB  40 ms     40 ms
NTT        +-1.8 %       -3 to -24 dBm0      +-5 dB       40 ms     30 ms
ETSI       +-1.5 % +2Hz  to -25 dBm0         +-6 dB       40 ms     40 ms
=========  ============  ==================  ===========  ========  ========

The stronger tone is held to -3 dBm0, so that the sum does not clip.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

RATE_HZ = 8000
PEAK_0_DBM0 = 32768.0 / 10 ** (3.14 / 20)
LOW = np.array([697.0, 770.0, 852.0, 941.0])
HIGH = np.array([1209.0, 1336.0, 1477.0, 1633.0])
PAD = ("123A", "456B", "789C", "*0#D")
Envelope = Literal["att_uniform", "att_corners", "ntt", "etsi"]
ENVELOPES: tuple[Envelope, ...] = ("att_uniform", "att_corners", "ntt", "etsi")
Sound = npt.NDArray[np.float32]


def a_law_trip(sound: Sound) -> Sound:
    """What comes back from an A-law coder and decoder, computed by arithmetic, in place."""
    magnitude = np.minimum(np.abs(sound), 32767.0)
    segment = np.maximum(np.floor(np.log2(np.maximum(magnitude, 1.0) / 256.0)) + 1, 0)
    step = np.where(segment <= 1, 16.0, 8.0 * 2**segment)
    np.copyto(sound, np.copysign((np.floor(magnitude / step) + 0.5) * step, sound))
    return sound


def peak(level_dbm0: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """Peak of a sine of this level."""
    return PEAK_0_DBM0 * 10 ** (np.asarray(level_dbm0) / 20)


@dataclass
class Digits:
    """``rows`` of sound and the digit that each cell of ``cells`` samples holds."""

    sound: Sound  # (rows, samples)
    digits: list[str]  # one string per row
    starts: npt.NDArray[np.int64]  # (rows, digits) first sample


@dataclass
class Draw:
    """What one envelope draws for a digit; arrays of one shape."""

    low_offset: npt.NDArray[np.float64]
    high_offset: npt.NDArray[np.float64]
    low_dbm0: npt.NDArray[np.float64]
    high_dbm0: npt.NDArray[np.float64]
    tone_ms: npt.NDArray[np.float64]
    pause_ms: npt.NDArray[np.float64]


def draw(rng: np.random.Generator, envelope: Envelope, shape: tuple[int, ...]) -> Draw:
    """Parameters of digits inside an envelope (or at its limits)."""

    def between(low: float, high: float) -> npt.NDArray[np.float64]:
        return rng.uniform(low, high, shape)

    def either(*values: float) -> npt.NDArray[np.float64]:
        return rng.choice(values, shape)

    if envelope == "att_corners":
        twist = either(-8.0, 4.0)
        strong = either(-3.0, -17.0)
        # At the lower corner the weaker tone stands at -25 dBm0.
        strong = np.where(strong < -10, -25.0 + np.abs(twist), strong)
        low, high = (
            np.where(twist > 0, strong - twist, strong),
            np.where(twist > 0, strong, strong + twist),
        )
        return Draw(
            either(-0.015, 0.015),
            either(-0.015, 0.015),
            low,
            high,
            either(40.0),
            either(40.0, 53.0),
        )
    limits = {
        "att_uniform": (0.015, 0.0, -8.0, 4.0, -25.0, 40.0, 40.0),
        "ntt": (0.018, 0.0, -5.0, 5.0, -24.0, 40.0, 30.0),
        "etsi": (0.015, 2.0, -6.0, 6.0, -25.0, 40.0, 40.0),
    }[envelope]
    share, extra_hz, twist_from, twist_to, weakest, tone_ms, pause_ms = limits
    twist = between(twist_from, twist_to)
    strong = rng.uniform(weakest + np.abs(twist), -3.0)
    low = np.where(twist > 0, strong - twist, strong)
    return Draw(
        between(-1, 1) * (share + extra_hz / 750.0),
        between(-1, 1) * (share + extra_hz / 1400.0),
        low,
        low + twist,
        between(tone_ms, tone_ms + 60),
        between(pause_ms, pause_ms + 60),
    )


def render(
    rng: np.random.Generator,
    rows: int,
    digits_per_row: int,
    params: Draw,
    *,
    snr_db: float | None = None,
    noise_dbm0: float = -70.0,
    break_ms: float = 0.0,
    break_at_ms: float = 0.0,
    law: bool = True,
) -> Digits:
    """Digits with random keys, phases and alignment, ``digits_per_row`` in each of ``rows``.

    ``snr_db`` is the power of the digit to white noise over 0 to 4 kHz; ``break_ms`` cuts a hole
    of silence ``break_at_ms`` after each digit's start.
    """
    shape = (rows, digits_per_row)
    keys = rng.integers(0, 16, shape)
    low_hz = LOW[keys // 4] * (1 + params.low_offset)
    high_hz = HIGH[keys % 4] * (1 + params.high_offset)
    tone = np.rint(params.tone_ms * RATE_HZ / 1000).astype(np.int64)
    pause = np.rint(params.pause_ms * RATE_HZ / 1000).astype(np.int64)
    first = rng.integers(400, 720, (rows, 1))  # any alignment to any hop
    starts = first + np.concatenate(
        [np.zeros((rows, 1), np.int64), np.cumsum(tone + pause, axis=1)[:, :-1]], axis=1
    )
    length = int((starts + tone + pause).max()) + 800
    sound = np.zeros((rows, length), np.float32)
    noise = np.zeros((rows, length), np.float32) if snr_db is not None else None
    hole_from = int(break_at_ms * 8)
    for row in range(rows):
        for n in range(digits_per_row):
            count, start = int(tone[row, n]), int(starts[row, n])
            at = (np.arange(count) + rng.random()) * (2 * np.pi / RATE_HZ)
            phase = rng.random(2) * 2 * np.pi
            wave = peak(params.low_dbm0[row, n]) * np.sin(low_hz[row, n] * at + phase[0]) + peak(
                params.high_dbm0[row, n]
            ) * np.sin(high_hz[row, n] * at + phase[1])
            if break_ms:
                wave[hole_from : hole_from + round(break_ms * 8)] = 0
            sound[row, start : start + count] = wave
            if noise is not None and snr_db is not None:
                power = (
                    peak(params.low_dbm0[row, n]) ** 2 + peak(params.high_dbm0[row, n]) ** 2
                ) / 2
                end = length if n == digits_per_row - 1 else int(starts[row, n + 1])
                begin = 0 if n == 0 else start
                rms = np.sqrt(power / 10 ** (snr_db / 10))
                noise[row, begin:end] = rng.standard_normal(end - begin) * rms
    sound += (
        noise
        if noise is not None
        else rng.standard_normal(sound.shape, np.float32) * np.float32(peak(noise_dbm0) / 2**0.5)
    )
    if law:
        a_law_trip(sound)
    names = ["".join(PAD[k // 4][k % 4] for k in row) for row in keys]
    return Digits(sound, names, starts)


def digits(
    seed: int,
    envelope: Envelope,
    *,
    rows: int = 250,
    digits_per_row: int = 10,
    snr_db: float | None = None,
) -> Digits:
    """``rows * digits_per_row`` digits of an envelope."""
    rng = np.random.default_rng(seed)
    params = draw(rng, envelope, (rows, digits_per_row))
    return render(rng, rows, digits_per_row, params, snr_db=snr_db)


def fixed(
    seed: int,
    *,
    rows: int = 100,
    digits_per_row: int = 10,
    tone_ms: float = 50.0,
    pause_ms: float = 50.0,
    offset: float = 0.0,
    low_dbm0: float = -10.0,
    high_dbm0: float = -8.0,
    snr_db: float | None = None,
    break_ms: float = 0.0,
    break_at_ms: float = 0.0,
) -> Digits:
    """Digits that differ in key, phase and alignment only; ``offset`` takes a random sign."""
    rng = np.random.default_rng(seed)
    shape = (rows, digits_per_row)
    sign = rng.choice([-1.0, 1.0], shape)
    params = Draw(
        sign * offset,
        sign * offset,
        np.full(shape, low_dbm0),
        np.full(shape, high_dbm0),
        np.full(shape, tone_ms),
        np.full(shape, pause_ms),
    )
    return render(
        rng,
        rows,
        digits_per_row,
        params,
        snr_db=snr_db,
        break_ms=break_ms,
        break_at_ms=break_at_ms,
    )


def over_dial_tone(
    seed: int,
    dial_hz: Sequence[float],
    *,
    rows: int = 100,
    digits_per_row: int = 5,
    digit_dbm0: float = -18.0,
    dial_dbm0: float = -13.0,
) -> Digits:
    """Digits that begin half a second into a dial tone which goes on; levels are per signal."""
    made = fixed(
        seed,
        rows=rows,
        digits_per_row=digits_per_row,
        tone_ms=60,
        pause_ms=60,
        low_dbm0=digit_dbm0 - 3,
        high_dbm0=digit_dbm0 - 3,
    )
    rng = np.random.default_rng(seed + 1)
    lead = 4000
    sound = np.concatenate([np.zeros((rows, lead), np.float32), made.sound], axis=1)
    at = np.arange(sound.shape[1]) * (2 * np.pi / RATE_HZ)
    each_dbm0 = dial_dbm0 - 10 * np.log10(len(dial_hz))
    for row in range(rows):
        for frequency_hz in dial_hz:
            sound[row] += peak(each_dbm0) * np.sin(frequency_hz * at + rng.random() * 2 * np.pi)
    return Digits(a_law_trip(sound), made.digits, made.starts + lead)


def vowels(seed: int, *, rows: int = 50, seconds: float = 72.0) -> Sound:
    """The vowel stress corpus: harmonic sounds that come as near to digits as voices can.

    f0 90 to 480 Hz, first resonance 550 to 1000 Hz, second 1100 to 1750 Hz, slow glides, 80 to
    600 ms, -22 to -10 dBm0.
    """
    rng = np.random.default_rng(seed)
    length = int(seconds * RATE_HZ)
    sound = np.zeros((rows, length), np.float32)
    for row in range(rows):
        at = 0
        while at < length - 1000:
            count = min(int(rng.uniform(0.08, 0.6) * RATE_HZ), length - at)
            sound[row, at : at + count] = _vowel(rng, count)
            at += count + int(rng.uniform(0.02, 0.15) * RATE_HZ)
    sound += rng.standard_normal(sound.shape, np.float32) * np.float32(peak(-65) / 2**0.5)
    return a_law_trip(sound)


def _vowel(rng: np.random.Generator, count: int) -> Sound:
    t = np.arange(count) / RATE_HZ
    glide = rng.normal(0, 0.06) * t + rng.uniform(0, 0.01) * np.sin(2 * np.pi * 5 * t)
    f0 = rng.uniform(90, 480) * (1 + glide)
    phase = np.cumsum(f0) * (2 * np.pi / RATE_HZ)
    first = rng.uniform(550, 1000) * (1 + rng.normal(0, 0.05) * t)
    second = rng.uniform(1100, 1750) * (1 + rng.normal(0, 0.05) * t)
    width = rng.uniform(40, 120, 2)
    tilt = rng.uniform(0.3, 1.5)
    wave = np.zeros(count)
    for harmonic in range(1, int(3400 / f0.max()) + 1):
        f = harmonic * f0
        gain = 1 / (1 + ((f - first) / width[0]) ** 2) + tilt / (1 + ((f - second) / width[1]) ** 2)
        wave += gain * np.sin(harmonic * phase + rng.random() * 2 * np.pi)
    edge = min(count // 4, 160)
    ramp = np.ones(count)
    ramp[:edge] = np.linspace(0, 1, edge)
    ramp[-edge:] = np.linspace(1, 0, edge)
    wave *= ramp
    level = peak(rng.uniform(-22, -10)) / 2**0.5
    return np.asarray(wave * level / max(float(np.sqrt(np.mean(wave**2))), 1e-9), np.float32)


def music(seed: int, *, rows: int = 50, seconds: float = 72.0) -> Sound:
    """Chords of one to four harmonic notes with attack and decay, any tempo, -25 to -8 dBm0."""
    rng = np.random.default_rng(seed)
    length = int(seconds * RATE_HZ)
    sound = np.zeros((rows, length), np.float32)
    for row in range(rows):
        beat = rng.uniform(0.12, 0.6)
        level = peak(rng.uniform(-25, -8)) / 2**0.5
        overtones = int(rng.integers(1, 7))
        decay = rng.uniform(0.5, 6.0)
        at = 0
        while at < length - 400:
            count = min(int(beat * rng.choice([0.5, 1, 1, 2, 4]) * RATE_HZ), length - at)
            if rng.random() < 0.85:
                t = np.arange(count) / RATE_HZ
                wave = np.zeros(count)
                for _ in range(int(rng.integers(1, 5))):
                    note_hz = 440 * 2 ** ((rng.integers(-24, 20)) / 12)
                    for n in range(1, overtones + 1):
                        if note_hz * n < 3400:
                            wave += np.sin(2 * np.pi * (note_hz * n * t + rng.random())) / n
                wave *= np.exp(-decay * t) * np.minimum(1, t / 0.01)
                sound[row, at : at + count] = wave * level
            at += count
    sound += rng.standard_normal(sound.shape, np.float32) * np.float32(peak(-65) / 2**0.5)
    return a_law_trip(sound)


@dataclass
class Cadenced:
    """Rows of a cadenced tone; ``starts`` is the sample of the first burst."""

    sound: Sound
    starts: npt.NDArray[np.int64]
    cycle_ms: npt.NDArray[np.float64]  # measured length of each row's full cycle


def cadenced(
    seed: int,
    frequencies_hz: Sequence[float],
    cadence_ms: Sequence[int],
    *,
    rows: int = 40,
    cycles: float = 4.0,
    modulation_hz: float = 0.0,
    snr_db: float | None = None,
    frequency_error: float = 0.0,
    cadence_error: float = 0.0,
    level_dbm0: tuple[float, float] = (-30.0, -10.0),
    bursts_hz: Sequence[Sequence[float]] = (),
    bursts_db: Sequence[float] = (),
) -> Cadenced:
    """A network tone after some silence, with errors drawn per row up to the given shares.

    The signal-to-noise ratio counts the power while the tone is on against white noise of 0 to
    4 kHz which is there all the time.
    """
    rng = np.random.default_rng(seed)
    total_ms = sum(cadence_ms)
    longest = int(total_ms * (1 + cadence_error) * cycles * 8) + 8000
    sound = np.zeros((rows, longest), np.float32)
    starts = rng.integers(2000, 4000, rows)
    cycle = np.zeros(rows)
    for row in range(rows):
        scale = 1 + rng.uniform(-cadence_error, cadence_error)
        pitch = 1 + rng.uniform(-frequency_error, frequency_error)
        level = rng.uniform(*level_dbm0)
        cycle[row] = total_ms * scale
        edges = np.cumsum([0.0, *(n * 8 * scale for n in cadence_ms)])
        rounds = int(np.ceil(cycles))
        for turn in range(rounds):
            for burst in range(len(cadence_ms) // 2):
                hz = bursts_hz[burst] if bursts_hz else frequencies_hz
                here_dbm0 = level + (bursts_db[burst] if bursts_db else 0.0)
                begin = round(starts[row] + turn * edges[-1] + edges[2 * burst])
                end = round(starts[row] + turn * edges[-1] + edges[2 * burst + 1])
                end = min(end, longest)
                t = np.arange(begin, end) / RATE_HZ
                wave = np.zeros(t.size)
                for f in hz:
                    wave += peak(here_dbm0) * np.sin(2 * np.pi * (f * pitch * t + rng.random()))
                if modulation_hz:
                    wave *= (1 + 0.85 * np.cos(2 * np.pi * modulation_hz * t)) / 1.85
                sound[row, begin:end] = wave
        tones = len(bursts_hz[0]) if bursts_hz else len(frequencies_hz)
        power = tones * float(peak(level)) ** 2 / 2
        rms = np.sqrt(power / 10 ** (snr_db / 10)) if snr_db is not None else float(peak(-65))
        sound[row] += rng.standard_normal(longest).astype(np.float32) * np.float32(rms)
    return Cadenced(a_law_trip(sound), starts, cycle)
