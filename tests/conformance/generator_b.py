"""The second generator: DTMF and call-progress tones as the judges send them.

Written apart from the receivers and from the generator they were developed on. Levels, twist and
frequencies are what arrives *behind* cable, channel filter and reflection; noise, hum and coders
come after that. Everything is drawn together inside the limits, and begins anywhere.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from tests.conformance import line_model as line
from tests.conformance.line_model import RATE, Sound

LOW = np.array([697.0, 770.0, 852.0, 941.0])
HIGH = np.array([1209.0, 1336.0, 1477.0, 1633.0])
KEYS = np.array(list("123A456B789C*0#D"))


class Envelope(NamedTuple):
    """What a receiver must accept (ITU-T Q.24 annex A; ETSI ES 201 235-3)."""

    offset: float  # of the frequency, as a part of it
    offset_hz: float
    weakest_dbm0: float
    strongest_dbm0: float  # of one tone; the sum must stay below full scale
    twist_db: tuple[float, float]  # high relative to low
    tone_ms: float
    pause_ms: float
    cycle_ms: float
    corners: bool = False


ENVELOPES = {
    "AT&T": Envelope(0.015, 0.0, -25, -3, (-8, 4), 40, 40, 93),
    "AT&T corners": Envelope(0.015, 0.0, -25, -3, (-8, 4), 40, 40, 93, corners=True),
    "NTT": Envelope(0.018, 0.0, -24, -3, (-5, 5), 40, 30, 120),
    "ETSI": Envelope(0.015, 2.0, -25, -3, (-6, 6), 40, 40, 80),
}


class Digits(NamedTuple):
    """Rows of sound, what was sent on each, and where each digit begins (samples)."""

    sound: Sound
    sent: list[str]
    starts: npt.NDArray[np.float64]


def _draw(rng, low, high, shape, corners):
    if corners:
        return np.where(rng.random(shape) < 0.5, low, high)
    return rng.uniform(low, high, shape)


def digits(
    seed: int,
    envelope: str | Envelope,
    rows: int,
    each: int,
    *,
    snr_db: float | None = None,
    tone_ms: float | None = None,
    offset: float | None = None,
    break_ms: float = 0.0,
    dial_hz: tuple[float, ...] = (),
    echo: bool = True,
    noises: tuple[str, ...] = line.NOISES,
) -> Digits:
    """Digits of an envelope behind lines.

    Args:
        seed: of everything.
        envelope: name or limits.
        rows: lines.
        each: digits a line.
        snr_db: digit to noise in 0 to 4 kHz; None is line noise of -62 to -52 dBm0.
        tone_ms: all digits exactly so long.
        offset: both frequencies off by exactly this part, up or down.
        break_ms: a break so long in every digit, at a third of it or later.
        dial_hz: dial tone below which the digits lie by 5 dB, until the first one ends.
        echo: reflections in the lines.
        noises: kinds of noise, one for each line.
    """
    rng = np.random.default_rng(seed)
    of = ENVELOPES[envelope] if isinstance(envelope, str) else envelope
    shape = (rows, each)
    keys = rng.integers(0, 16, shape)
    off_low, off_high = (
        _draw(rng, -1, 1, shape, of.corners) * (of.offset + of.offset_hz / nominal)
        for nominal in (LOW[keys // 4], HIGH[keys % 4])
    )
    if offset is not None:
        off_low = off_high = rng.choice((-offset, offset), shape)
    hz = np.stack((LOW[keys // 4] * (1 + off_low), HIGH[keys % 4] * (1 + off_high)))
    twist = _draw(rng, *of.twist_db, shape, of.corners)
    strong = _draw(rng, of.weakest_dbm0 + np.abs(twist), of.strongest_dbm0, shape, of.corners)
    if dial_hz:
        twist, strong = rng.uniform(-2, 2, shape), np.full(shape, -14.0)
    level = np.stack((strong - np.maximum(twist, 0), strong + np.minimum(twist, 0)))
    if tone_ms is not None:
        on = np.full(shape, tone_ms)
        pause = rng.uniform(55, 90, shape)
    elif of.corners:
        rest = of.cycle_ms - of.tone_ms - of.pause_ms
        longer = rng.random(shape) < 0.5
        on, pause = of.tone_ms + rest * longer, of.pause_ms + rest * ~longer
    else:
        on = rng.uniform(of.tone_ms, 90, shape)
        pause = np.maximum(rng.uniform(of.pause_ms, 90, shape), of.cycle_ms - on)
    lead = rng.uniform(60, 90, rows)[:, None] + (600.0 if dial_hz else 0.0)
    starts = (lead + np.cumsum(on + pause, axis=1) - on - pause) * RATE / 1000
    length = on * RATE / 1000
    samples = int((starts + length).max()) + 1200
    path = line.Path(rng, rows, echo_db=(-24.0, -14.0) if echo else None)
    sound = np.zeros((rows, samples), np.float32)
    phase = rng.uniform(0, 2 * np.pi, (2, *shape))
    span = np.arange(int(length.max()) + 2)
    cut = rng.uniform(0.34, 0.6, shape) * length
    index = np.arange(rows)[:, None]
    for n in range(each):
        first = np.ceil(starts[:, n]).astype(int)[:, None]
        since = first + span - starts[:, n : n + 1]
        inside = since < length[:, n : n + 1]
        if break_ms:
            begin = cut[:, n : n + 1]
            inside &= (since < begin) | (since >= begin + break_ms * 8)
        tone = np.zeros(since.shape)
        for which in range(2):
            f = hz[which, :, n : n + 1]
            amplitude = line.peak(level[which, :, n : n + 1]) / np.abs(path.at(f))
            tone += amplitude * np.sin(2 * np.pi * f * since / RATE + phase[which, :, n : n + 1])
        sound[index, first + span] += np.where(inside, tone, 0)
    if dial_hz:  # stops within a few milliseconds of the first digit's end, as exchanges do
        t = np.arange(samples) / RATE
        loud = line.peak(-9.0)
        dial = sum(
            loud
            / np.abs(path.at(np.full((rows, 1), f)))
            * np.sin(2 * np.pi * f * t + rng.uniform(0, 6, (rows, 1)))
            for f in dial_hz
        )
        stop = starts[:, :1] + length[:, :1] + rng.uniform(-5, 15, (rows, 1)) * 8
        sound += np.where(np.arange(samples) < stop, dial, 0).astype(np.float32)
    sound = path.through(sound)
    if snr_db is None:
        loudness = np.full((rows, 1), line.rms(-55.0)) * 10 ** (rng.uniform(-7, 3, (rows, 1)) / 20)
    else:  # follows each digit, so that every one of them has this ratio
        each_rms = np.sqrt((line.peak(level) ** 2).sum(axis=0) / 2) * 10 ** (-snr_db / 20)
        turns = np.concatenate(
            (np.zeros((rows, 1)), starts[:, 1:] - 120, np.full((rows, 1), samples)), axis=1
        ).astype(int)
        loudness = np.stack([np.repeat(each_rms[row], np.diff(turns[row])) for row in range(rows)])
    kinds = rng.integers(0, len(noises), rows)
    for number, kind in enumerate(noises):
        some = np.flatnonzero(kinds == number)
        if some.size:
            made = line.noise(rng, some.size, samples, kind)
            sound[some] += (made * loudness[some]).astype(np.float32)
    sound += line.hum(rng, rows, samples, -50.0)
    return Digits(line.coders(rng, sound), ["".join(KEYS[row]) for row in keys], starts)


class Cadenced(NamedTuple):
    """Rows of a cadenced tone: where its first burst begins (samples), and its real cycle (ms)."""

    sound: Sound
    starts: npt.NDArray[np.float64]
    cycle_ms: npt.NDArray[np.float64]


def cadenced(
    seed: int,
    frequencies_hz: tuple[float, ...],
    cadence_ms: tuple[int, ...],
    rows: int,
    seconds: float,
    *,
    snr_db: float | None = None,
    level_dbm0: float | None = None,
    frequency_error: float = 0.0,
    cadence_error: float = 0.0,
    bursts_db: tuple[float, ...] = (),
    residue: Sound | None = None,
    residue_db: float = -25.0,
    in_pauses_only: bool = True,
) -> Cadenced:
    """A tone of the network behind lines.

    Args:
        seed: of everything.
        frequencies_hz: sounding together.
        cadence_ms: on, off, ...
        rows: lines.
        seconds: length of the sound.
        snr_db: tone to noise in the telephone band, 300 to 3400 Hz.
        level_dbm0: of each frequency; drawn from -30 to -8 if not given.
        frequency_error: largest part by which all frequencies are off, the limits most often.
        cadence_error: the same of all times; every single edge is off by 5 ms more.
        bursts_db: level of each burst.
        residue: speech (rows, samples), unit power, left by an echo canceller in the pauses.
        residue_db: its level relative to the tone.
        in_pauses_only: the residue is heard where the tone is silent; else all the time.
    """
    rng = np.random.default_rng(seed)
    samples = int(seconds * RATE)
    level = rng.uniform(-30, -8, rows) if level_dbm0 is None else np.full(rows, level_dbm0)
    ends = rng.random(rows)

    def off(limit: float) -> npt.NDArray[np.float64]:
        inside = rng.uniform(-limit, limit, rows)
        return 1 + np.where(ends < 0.5, np.sign(inside) * limit, inside)

    pitch, pace = off(frequency_error), off(cadence_error)
    starts = rng.uniform(0.05, 0.4, rows) * RATE
    gate = np.zeros((rows, samples), np.float32)
    gains = 10 ** (np.asarray(bursts_db or (0.0,) * (len(cadence_ms) // 2)) / 20)
    for row in range(rows):
        at, n = starts[row], 0
        while at < samples:
            on = cadence_ms[2 * n % len(cadence_ms)] * 8 * pace[row]
            rest = cadence_ms[(2 * n + 1) % len(cadence_ms)] * 8 * pace[row]
            first, last = (int(x + rng.uniform(-20, 20)) for x in (at, at + on))
            gate[row, max(first, 0) : last] = gains[n % len(gains)]
            at, n = at + on + rest, n + 1
    path = line.Path(rng, rows, ("flat", "cable 2 km", "cable 5 km", "channel"))
    tone = np.zeros((rows, samples), np.float32)
    for f in frequencies_hz:
        hz = (f * pitch)[:, None]
        loud = line.peak(level)[:, None] / np.abs(path.at(hz))
        tone += loud.astype("f4") * line.sine(hz, rng.uniform(0, 6, (rows, 1)), samples)
    sound = path.through(tone * gate)
    whole = line.peak(level) / 2**0.5 * len(frequencies_hz) ** 0.5
    if snr_db is None:
        sound += line.noise(rng, rows, samples, "white") * line.rms(-62.0)
    else:
        wide = 10 ** (-snr_db / 20) * (4000 / 3100) ** 0.5
        kinds = rng.integers(0, 3, rows)
        for number, kind in enumerate(("white", "red", "mixture")):
            some = np.flatnonzero(kinds == number)
            if some.size:
                made = line.noise(rng, some.size, samples, kind)
                sound[some] += (made * (whole[some, None] * wide)).astype(np.float32)
    if residue is not None:
        where = (gate == 0) if in_pauses_only else 1.0
        sound += residue * where * (whole[:, None] * 10 ** (residue_db / 20)).astype(np.float32)
    sound += line.hum(rng, rows, samples, -55.0)
    return Cadenced(line.coders(rng, sound), starts, pace * sum(cadence_ms))
