"""A recording made fit for the telephone: 8 kHz, cut, levelled; and what is wrong with it.

One active level (ITU-T P.56, method B in short form) for every prompt, whoever speaks it, or a
caller hears the voice jump. Nothing here knows files.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
import soxr
from numpy.typing import NDArray

from ivr.wav import Samples

RATE_HZ: Final = 8_000
ACTIVE_LEVEL_DBFS: Final = -20.0
PEAK_DBFS: Final = -3.0
MARGIN_DB: Final = 15.9
"""Blocks so far under the mean are pauses (P.56, method B)."""

HIGH_PASS_HZ: Final = (120.0, 200.0)
"""Under the first nothing passes, over the second everything: hum is no speech."""

PAUSE_DB: Final = 26.0
"""So far under the active level, the ends are no longer speech (chosen: keeps soft consonants)."""
LEAD_MS: Final = 15
TAIL_MS: Final = 30
LONGEST_MS: Final = 120_000
"""A caller listens to nothing longer (chosen); also keeps the work under a second."""
SHORTEST_MS: Final = 250
QUIET_DBFS: Final = -42.0
"""Under it a handset was held away: levelled by 22 dB, the room would be heard (chosen)."""
SILENT_DBFS: Final = -55.0
NOISE_DB: Final = 15.0
"""Least distance from speech to what lies between the words."""
CLIP: Final = 31_500
"""Two samples in a row at or over it, G.711's last step, are an overdriven microphone."""
MOST_CLIPPED: Final = 4

Fault = Literal["too-long", "too-short", "silent", "too-quiet", "clipped", "noisy"]
Float = NDArray[np.float64]


@dataclass(frozen=True)
class Polished:
    """A recording as it would be played, and what is wrong with it.

    Attributes:
        samples: int16 at 8 kHz; empty where nothing can be played.
        level_dbfs: Active level as it came in.
        faults: What a person should hear about it, the worst first; empty: it is good.
    """

    samples: Samples
    level_dbfs: float
    faults: tuple[Fault, ...]

    @property
    def duration_ms(self) -> int:
        """Length as it would be played."""
        return len(self.samples) * 1000 // RATE_HZ


def active_level_dbfs(samples: NDArray[np.generic], rate_hz: int) -> float:
    """Mean power of the 20 ms blocks within 15.9 dB of that mean, re full scale 32768."""
    size = rate_hz // 50
    whole = samples[: len(samples) // size * size] if len(samples) >= size else samples
    blocks = np.asarray(whole, dtype=np.float64).reshape(-1, min(size, len(whole)) or 1) / 32768.0
    power = (blocks**2).mean(axis=1) + 1e-12
    level = power.mean()
    for _ in range(20):
        level = power[power > level * 10 ** (-MARGIN_DB / 10)].mean()
    return float(10 * np.log10(level))


def limited(samples: Float, ceiling: float) -> Float:
    """Turns single peaks down over 10 ms around them instead of clipping them."""
    need = np.minimum(1.0, ceiling / np.maximum(np.abs(samples), 1e-9))
    reach = RATE_HZ // 100
    padded = np.pad(need, reach, constant_values=1.0)
    lowest = np.lib.stride_tricks.sliding_window_view(padded, 2 * reach + 1).min(axis=1)
    window = np.hanning(2 * reach + 1)
    smooth = np.convolve(np.pad(lowest, reach, mode="edge"), window / window.sum(), mode="valid")
    return samples * np.minimum(smooth, need)


def levelled(audio: Float) -> Float:
    """The sound at the level of all prompts, single peaks under -3 dBFS."""
    gain = 1.0
    ceiling = 32768.0 * 10 ** (PEAK_DBFS / 20) * 0.99
    for _ in range(3):  # the limiter takes a little level away; the next round gives it back
        found = active_level_dbfs(limited(audio * gain, ceiling), RATE_HZ)
        gain *= 10 ** ((ACTIVE_LEVEL_DBFS - found) / 20)
    return limited(audio * gain, ceiling)


def cut(audio: Float, floor_dbfs: float, lead_ms: int = LEAD_MS, tail_ms: int = TAIL_MS) -> Float:
    """Without what is quieter than ``floor_dbfs`` at its ends, faded in and out over 5 ms."""
    block = RATE_HZ // 200
    padded = np.pad(audio, (0, -len(audio) % block))
    rms = np.sqrt((padded.reshape(-1, block) ** 2).mean(axis=1))
    loud = np.flatnonzero(rms > 32768.0 * 10 ** (floor_dbfs / 20))
    if not len(loud):
        return audio[:0]
    first = max(0, loud[0] * block - lead_ms * RATE_HZ // 1000)
    last = min(len(audio), (loud[-1] + 1) * block + tail_ms * RATE_HZ // 1000)
    kept = audio[first:last].copy()
    ramp = min(block, len(kept) // 2)
    fade = np.linspace(0.0, 1.0, ramp)
    kept[:ramp] *= fade
    kept[len(kept) - ramp :] *= fade[::-1]
    return kept


def polish(samples: Samples, rate_hz: int, *, key_tail_ms: int = 0) -> Polished:
    """Makes a recording fit to be played.

    Args:
        samples: One channel, int16.
        rate_hz: 8,000 to 96,000.
        key_tail_ms: So much at the end belongs to the key that ended the recording.
    """
    if key_tail_ms:
        samples = samples[: max(0, len(samples) - key_tail_ms * rate_hz // 1000)]
    if len(samples) * 1000 // rate_hz > LONGEST_MS:
        return Polished(_nothing(), -120.0, ("too-long",))
    if len(samples) * 1000 // rate_hz < SHORTEST_MS:
        return Polished(_nothing(), -120.0, ("too-short",))
    clipped = _clipped(samples)
    audio = samples.astype(np.float64)
    if rate_hz != RATE_HZ:
        audio = np.asarray(soxr.resample(audio, rate_hz, RATE_HZ, quality="HQ"), dtype=np.float64)
    audio = _high_passed(audio)
    level = active_level_dbfs(audio, RATE_HZ)
    if level < SILENT_DBFS:
        return Polished(_nothing(), level, ("silent",))
    noisy = _noisy(audio, level)
    audio = cut(levelled(audio), ACTIVE_LEVEL_DBFS - PAUSE_DB)
    done = np.round(audio).astype(np.int16)
    done.flags.writeable = False
    faults: list[Fault] = []
    if len(done) * 1000 // RATE_HZ < SHORTEST_MS:
        faults.append("too-short")
    if level < QUIET_DBFS:
        faults.append("too-quiet")
    if clipped:
        faults.append("clipped")
    if noisy:
        faults.append("noisy")
    return Polished(done, level, tuple(faults))


def pace_per_minute(text: str, duration_ms: int) -> int:
    """Characters a minute of a Chinese text, words a minute of another; 0 without text or time."""
    han = sum("\u4e00" <= c <= "\u9fff" for c in text)
    count = han or len(text.split())
    return round(count * 60_000 / duration_ms) if duration_ms > 0 else 0


def _nothing() -> Samples:
    return np.zeros(0, np.int16)


def _high_passed(audio: Float) -> Float:
    length = -(-(len(audio) + RATE_HZ // 4) // 1_024) * 1_024  # silence, or the end meets the start
    hertz = np.fft.rfftfreq(length, 1 / RATE_HZ)
    stop, passes = HIGH_PASS_HZ
    edge = np.clip((hertz - stop) / (passes - stop), 0.0, 1.0)
    spectrum = np.fft.rfft(audio, length) * np.sin(edge * np.pi / 2) ** 2
    return np.asarray(np.fft.irfft(spectrum, length)[: len(audio)])


def _clipped(samples: Samples) -> bool:
    high = np.abs(samples.astype(np.int32)) >= CLIP
    return int(np.count_nonzero(high[1:] & high[:-1])) > MOST_CLIPPED


def _noisy(audio: Float, level_dbfs: float) -> bool:
    block = RATE_HZ // 100
    blocks = audio[: len(audio) // block * block].reshape(-1, block) / 32768.0
    power_db = 10 * np.log10((blocks**2).mean(axis=1) + 1e-12)
    return bool(level_dbfs - np.percentile(power_db, 5) < NOISE_DB)
