"""What a line does to sound that the box sends into it: echo, noise, the tone it gives itself.

Noise of known samples is sent and what comes back is recorded. The path of the echo is their
quotient over frequency; a second one with the chip's own filter slightly open shows what that
filter does, whatever its sign, scale and delay, and so which setting takes the echo away.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from firmware.media.tones import PEAK_0_DBM0, peak

Linear = npt.NDArray[np.float32]
Path = npt.NDArray[np.float64]

RATE_HZ: Final = 8000
PROBE_SAMPLES: Final = 800  # 100 ms
TAIL_SAMPLES: Final = 400  # the way through the box and back is some 15 ms, an echo 20 more
PROBE_DBM0: Final = -13.0  # as loud as a loud talker; below every country's limit of sent power
BAND_HZ: Final = (300.0, 3400.0)
SIZE: Final = 2048
PATH_SAMPLES: Final = 240
NOTHING_DBM0: Final = -90.0
ECHO_BEST_DB: Final = 60.0  # more cannot be told from the codec's own noise
TONE_DBM0: Final = -45.0
NEAR_HZ: Final = 60.0
SEED: Final = 20  # of the probe; any would do, the same each time makes figures comparable

_HZ = np.arange(SIZE // 2 + 1) * RATE_HZ / SIZE
_BAND = (BAND_HZ[0] <= _HZ) & (BAND_HZ[1] >= _HZ)


def probe_sound() -> Linear:
    """The noise that is sent: within the band of telephony, faded in and out over 5 ms."""
    rng = np.random.default_rng(SEED)
    spectrum = np.exp(2j * np.pi * rng.random(PROBE_SAMPLES // 2 + 1))
    hz = np.arange(spectrum.size) * RATE_HZ / PROBE_SAMPLES
    spectrum[(hz < 200) | (hz > 3600)] = 0
    sound = np.fft.irfft(spectrum, PROBE_SAMPLES)
    fade = np.minimum(1.0, np.arange(PROBE_SAMPLES) / 40)
    sound *= fade * fade[::-1]
    sound *= peak(PROBE_DBM0) / 2**0.5 / np.sqrt(np.mean(sound**2))
    return sound.astype(np.float32)


def echo_path(heard: Linear) -> Path:
    """Impulse response from what was sent to what came back, ``PATH_SAMPLES`` long.

    ``heard`` begins when the probe was begun to be sent and is ``PROBE_SAMPLES + TAIL_SAMPLES``.
    """
    sent = np.fft.rfft(probe_sound(), SIZE)
    back = np.fft.rfft(heard[: PROBE_SAMPLES + TAIL_SAMPLES], SIZE)
    power = np.abs(sent) ** 2
    floor = 0.01 * float(power[_BAND].mean())
    return np.asarray(np.fft.irfft(back * np.conj(sent) / (power + floor))[:PATH_SAMPLES])


def return_loss_db(path: Path) -> float:
    """Echo return loss over 300 to 3400 Hz: how much weaker it comes back."""
    gain = float(np.mean(np.abs(np.fft.rfft(path, SIZE)[_BAND]) ** 2))
    return round(min(-10 * math.log10(max(gain, 1e-9)), ECHO_BEST_DB), 1)


def best_taps(path: Path, first: Path, opened: int, count: int) -> tuple[int, ...]:
    """Settings of a filter of ``count`` taps that leave the least echo.

    Args:
        path: the echo with the filter closed.
        first: the echo with its first tap at ``opened`` and the others closed.
        opened: what the first tap was set to.
        count: taps, each a sample later than the one before.
    """
    one = np.fft.rfft((first - path) / opened, SIZE)[_BAND]
    later = np.exp(-2j * np.pi * _HZ[_BAND] / RATE_HZ)
    columns = np.stack([one * later**tap for tap in range(count)], axis=1)
    wanted = -np.fft.rfft(path, SIZE)[_BAND]
    real = np.concatenate([columns.real, columns.imag])
    found, *_ = np.linalg.lstsq(real, np.concatenate([wanted.real, wanted.imag]), rcond=None)
    taps: list[float] = found.tolist()
    return tuple(max(-128, min(127, round(tap))) for tap in taps)


def noise_dbm0(heard: Linear) -> float:
    """Level over 300 to 3400 Hz of a line that should be silent."""
    return _level(heard)


def steady_tone(heard: Linear) -> tuple[tuple[float, ...], float]:
    """Frequencies of what sounds on the line without a break, and its level in dBm0.

    Two that lie within 60 Hz beat and are told as their middle, as the detectors measure them.
    """
    window = np.hanning(heard.size)
    spectrum = np.abs(np.fft.rfft(heard * window, 8 * SIZE)) / (window.sum() / 2)
    hz = np.arange(spectrum.size) * RATE_HZ / (8 * SIZE)
    inside = (hz >= 200) & (hz <= 2000)
    found: list[tuple[float, float]] = []  # Hz, amplitude
    strongest = float(spectrum[inside].max(initial=0.0))
    if 20 * math.log10(max(strongest, 1e-3) / PEAK_0_DBM0) < TONE_DBM0:
        return (), NOTHING_DBM0
    wide = 3 * RATE_HZ / heard.size  # of the window's own foot
    for at in np.argsort(spectrum * inside)[::-1][:400]:
        if spectrum[at] < 0.25 * strongest:
            break
        if all(abs(hz[at] - seen) > wide for seen, _ in found):
            found.append((float(hz[at]), float(spectrum[at])))
    if not _steady(heard):
        return (), _level(heard)
    tones = sorted(f for f, _ in found[:2])
    if len(tones) == 2 and tones[1] - tones[0] <= NEAR_HZ:
        tones = [sum(tones) / 2]
    return tuple(round(f, 1) for f in tones), _level(heard)


def _steady(heard: Linear) -> bool:
    frames = heard[: heard.size // 400 * 400].reshape(-1, 400)  # 50 ms: two periods of a beat
    loud = np.sqrt((frames**2).mean(axis=1))
    return bool(loud.min() > 0.2 * loud.max())


def _level(heard: Linear) -> float:
    spectrum = np.fft.rfft(heard)
    hz = np.arange(spectrum.size) * RATE_HZ / heard.size
    inside = (hz >= BAND_HZ[0]) & (hz <= BAND_HZ[1])
    power = 2 * float((np.abs(spectrum[inside]) ** 2).sum()) / heard.size**2
    reference = PEAK_0_DBM0**2 / 2
    return round(max(10 * math.log10(max(power, 1e-9) / reference), NOTHING_DBM0), 1)


def joined(parts: Sequence[Linear]) -> Linear:
    """Blocks as one sound."""
    return np.concatenate(list(parts)) if parts else np.zeros(0, np.float32)
