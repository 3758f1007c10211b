"""Measuring instruments for what an ear kept.

Tones by FFT, cadence by envelope, delay by correlation. All work on finished spans; nothing here
runs while time goes by.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tests.bench.world.copper import Samples
from tests.bench.world.level import RATE_HZ, SILENCE_DBM0, level_dbm0, rms_of

PAD = 4  # the FFT is this many times longer than the span: peaks to a fraction of a bin
FRAME_MS = 5
LOWEST_HZ = 250.0  # no telephone tone is lower, mains hum and its harmonics are


@dataclass(frozen=True, slots=True)
class Tone:
    """One steady tone."""

    hz: float
    dbm0: float


def find_tones(sound: Samples, most: int = 2, floor_dbm0: float = -45.0) -> list[Tone]:
    """Up to ``most`` tones of a span, strongest first, none below ``floor_dbm0``.

    Hann window; frequency by a parabola through the three highest bins, level from the same. Two
    tones closer than 4 bins of the span (4 / its length in seconds) cannot be told apart.
    """
    count = len(sound)
    if count < 80:
        return []
    window = np.hanning(count)
    size = PAD * count
    spectrum = np.abs(np.fft.rfft(sound * window, size)) / (window.sum() / 2.0)
    bin_hz = RATE_HZ / size
    skip = max(int(2 * PAD + 2), int(LOWEST_HZ / bin_hz))
    tones: list[Tone] = []
    work = spectrum.copy()
    work[:skip] = 0.0
    for _ in range(most):
        top = int(np.argmax(work[:-1]))
        if top <= 0 or work[top] <= 0.0:
            break
        left, mid, right = np.log(np.maximum(spectrum[top - 1 : top + 2], 1e-9))
        bend = left - 2.0 * mid + right
        shift = 0.0 if bend == 0.0 else 0.5 * (left - right) / bend
        peak = float(np.exp(mid - 0.25 * (left - right) * shift))
        dbm0 = 20.0 * np.log10(peak / np.sqrt(2.0) / rms_of(0.0))
        if dbm0 < floor_dbm0:
            break
        tones.append(Tone(float((top + shift) * bin_hz), float(dbm0)))
        work[max(0, top - 4 * PAD) : top + 4 * PAD + 1] = 0.0
    return tones


def tone_level(sound: Samples, hz: float) -> float:
    """Level of one known frequency in a span, in dBm0."""
    count = len(sound)
    if count == 0:
        return SILENCE_DBM0
    window = np.hanning(count)
    turn = np.exp(-2j * np.pi * hz / RATE_HZ * np.arange(count))
    peak = 2.0 * abs(np.dot(sound * window, turn)) / window.sum()
    if peak <= 0.0:
        return SILENCE_DBM0
    return float(max(SILENCE_DBM0, 20.0 * np.log10(peak / np.sqrt(2.0) / rms_of(0.0))))


def envelope(sound: Samples, frame_ms: int = FRAME_MS) -> Samples:
    """Root mean square of every whole frame of a span."""
    step = RATE_HZ * frame_ms // 1000
    whole = len(sound) // step * step
    frames = sound[:whole].reshape(-1, step)
    return np.sqrt(np.mean(np.square(frames), axis=1)).astype(np.float32)


def bursts(
    sound: Samples, floor_dbm0: float = -40.0, bridge_ms: float = 15.0
) -> list[tuple[float, float]]:
    """Start and length in ms of every burst of sound.

    A burst is louder than ``floor_dbm0`` and than a quarter of the loudest frame; gaps up to
    ``bridge_ms`` do not split it.
    """
    levels = envelope(sound)
    if len(levels) == 0:
        return []
    limit = max(rms_of(floor_dbm0), 0.25 * float(levels.max()))
    loud = np.concatenate(([False], levels > limit, [False]))
    edges = np.flatnonzero(loud[1:] != loud[:-1])
    found: list[tuple[float, float]] = []
    for start, stop in zip(edges[::2] * FRAME_MS, edges[1::2] * FRAME_MS, strict=True):
        if found and start - sum(found[-1]) <= bridge_ms:
            found[-1] = (found[-1][0], float(stop) - found[-1][0])
        else:
            found.append((float(start), float(stop - start)))
    return found


def locate(marker: Samples, heard: Samples) -> tuple[int, float]:
    """Where ``marker`` begins in ``heard`` (samples), and how alike they are there (0 to 1).

    Normalised cross-correlation; the sign of the wires does not matter.
    """
    if len(heard) < len(marker):
        return 0, 0.0
    # As long as what was heard is enough: what wraps around lies beyond the last lag.
    size = _quick_size(len(heard))
    product = np.fft.rfft(heard, size) * np.conj(np.fft.rfft(marker, size))
    lags = len(heard) - len(marker) + 1
    cross = np.fft.irfft(product, size)[:lags]
    total = np.concatenate(([0.0], np.cumsum(np.square(heard, dtype=np.float64))))
    energy = total[len(marker) :] - total[: -len(marker)]
    own = float(np.sum(np.square(marker, dtype=np.float64)))
    # A near-silent stretch would make any correlation look like a likeness.
    least = max(1e-9, 1e-4 * float(energy.max()))
    alike = np.abs(cross) / np.sqrt(np.maximum(energy, least) * own)
    best = int(np.argmax(alike))
    return best, float(alike[best])


def _quick_size(least: int) -> int:
    """The next size that a Fourier transform is quick at: a power of two, or three quarters of it.

    scipy knows more such sizes, and takes nearly a second to be imported.
    """
    size = 1 << (least - 1).bit_length()
    return size * 3 // 4 if size * 3 // 4 >= least else size


def sounds_like_speech(sound: Samples) -> bool:
    """Loud enough, and neither one steady tone nor a few of them: the spectrum moves.

    Judged on 40 ms frames above -40 dBm0: at least 10 of them, whose strongest frequency takes at
    least 3 values more than 60 Hz apart, or whose level varies by more than 6 dB within the span
    in more than two steps. A cadenced tone has one frequency and two levels only.
    """
    step = RATE_HZ * 40 // 1000
    frames = sound[: len(sound) // step * step].reshape(-1, step)
    loud = [frame for frame in frames if level_dbm0(frame) > -40.0]
    if len(loud) < 10:
        return False
    window = np.hanning(step)
    tops = np.argmax(np.abs(np.fft.rfft(np.asarray(loud) * window, 1024, axis=1))[:, 12:], axis=1)
    hz = np.sort(tops * RATE_HZ / 1024.0)
    kinds = 1 + int(np.count_nonzero(np.diff(hz) > 60.0))
    return kinds >= 3
