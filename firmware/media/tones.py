"""Network tones and DTMF digits as samples, phase-continuous, cadenced by sample count.

Every sound made here is a sum of sines at whole Hertz, so one second of it repeats for ever: a
tone is one second of samples computed once, and sounding it is adding a slice. Rounding to whole
Hertz is at most 0.15 % at 350 Hz; the tables hold whole Hertz only.

Level: 0 dBm0 is 3.14 dB below a full-scale sine (G.711, A-law, theoretical load capacity), so a
sine of 0 dBm0 has the peak ``PEAK_0_DBM0`` in 16-bit units. u-law's 3.17 dB differs by 0.03 dB.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import numpy.typing as npt

from firmware.core.countries import Country, Tone

Linear = npt.NDArray[np.float32]

SAMPLE_RATE_HZ = 8000
FULL_SCALE = 32768.0
PEAK_0_DBM0 = FULL_SCALE * 10 ** (-3.14 / 20)
LONGEST_BLOCK = 1600  # samples that one ``add`` may ask for: 200 ms

# ITU-T Q.23: keys by row (low group) and column (high group).
LOW_HZ = (697, 770, 852, 941)
HIGH_HZ = (1209, 1336, 1477, 1633)
KEYS = "123A456B789C*0#D"

# ETSI ES 201 235-2: a sender's high group is 2 dB stronger than the low, for the cable's slope.
# The low group's -9 dBm0 is what EN 300 001 and North American practice share.
SEND_LOW_DBM0 = -9.0
SEND_HIGH_DBM0 = -7.0


def peak(level_dbm0: float) -> float:
    """Peak of a sine of this level, in 16-bit units."""
    return float(PEAK_0_DBM0 * 10 ** (level_dbm0 / 20))


@lru_cache(maxsize=256)
def _second(
    parts: tuple[tuple[int, float], ...], modulation_hz: int = 0, depth: float = 0.0
) -> Linear:
    """One second, and one longest block more, of sines given as (Hz, dBm0)."""
    at = np.arange(SAMPLE_RATE_HZ) * (2 * np.pi / SAMPLE_RATE_HZ)
    wave = np.zeros(at.size)
    for frequency_hz, level_dbm0 in parts:
        wave += peak(level_dbm0) * np.sin(frequency_hz * at)
    if modulation_hz:
        # The level of a modulated tone is that of its loudest moment, so that it never clips.
        wave *= (1 + depth * np.cos(modulation_hz * at)) / (1 + depth)
    table = np.concatenate([wave, wave[:LONGEST_BLOCK]]).astype(np.float32)
    table.setflags(write=False)
    return table


class _Part:
    """A stretch of one sound; ``wave`` None is silence, ``samples`` 0 is without end."""

    __slots__ = ("samples", "wave")

    def __init__(self, wave: Linear | None, samples: int) -> None:
        self.wave = wave
        self.samples = samples


def _parts(tone: Tone) -> tuple[list[_Part], int | None]:
    """Stretches of a tone, and the index to return to after the last; None ends in silence."""

    def wave(frequencies_hz: tuple[float, ...], gain_db: float) -> Linear:
        parts = tuple((round(f), tone.level_dbm0 + gain_db) for f in frequencies_hz)
        return _second(parts, round(tone.modulation_hz), tone.modulation_depth)

    if not tone.cadence_ms:
        return [_Part(wave(tone.frequencies_hz, 0.0), 0)], None
    one_round = []
    for index, length_ms in enumerate(tone.cadence_ms):
        samples = length_ms * SAMPLE_RATE_HZ // 1000
        if index % 2:
            sound = None
        else:
            burst = index // 2
            hz = tone.bursts_hz[burst] if tone.bursts_hz else tone.frequencies_hz
            sound = wave(hz, tone.bursts_db[burst] if tone.bursts_db else 0.0)
        if samples:
            one_round.append(_Part(sound, samples))
    if not tone.repeats:
        return one_round, 0
    parts = one_round * tone.repeats
    if tone.then is None:
        return parts, None
    rest, back = _parts(tone.then)
    first = len(parts)
    return parts + rest, None if back is None else first + back


class _Sounding:
    """One tone on one row: where it is in its cadence and in its second."""

    __slots__ = ("_back", "_index", "_left", "_parts", "_phase")

    def __init__(self, tone: Tone) -> None:
        self._parts, self._back = _parts(tone)
        self._index = 0
        self._left = self._parts[0].samples
        self._phase = 0

    def add(self, row: Linear) -> bool:
        """Add the next samples to ``row``; False once the tone has ended."""
        at, wanted = 0, row.shape[0]
        while at < wanted:
            if self._index >= len(self._parts):
                return False
            part = self._parts[self._index]
            length = min(wanted - at, LONGEST_BLOCK)
            if part.samples:
                length = min(length, self._left)
                self._left -= length
            if part.wave is not None:
                row[at : at + length] += part.wave[self._phase : self._phase + length]
            at += length
            self._phase = (self._phase + length) % SAMPLE_RATE_HZ
            if part.samples and not self._left:
                self._index += 1
                if self._index == len(self._parts) and self._back is not None:
                    self._index = self._back
                if self._index < len(self._parts):
                    self._left = self._parts[self._index].samples
        return True


class ToneBank:
    """The tones of a country on any row, added to what is there."""

    def __init__(self, rows: int, country: Country) -> None:
        """Args: ``rows`` of the blocks to come; ``country`` whose tones have the names."""
        self._country = country
        self._rows = rows
        self._sounding: dict[int, _Sounding] = {}

    @property
    def active(self) -> bool:
        """Whether any row sounds."""
        return bool(self._sounding)

    def start(self, row: int, tone: str | Tone) -> None:
        """Sound a tone from its beginning, in place of what sounds on the row.

        Raises:
            ValueError: no such row, or the country has no tone of this name.
        """
        if not 0 <= row < self._rows:
            raise ValueError(f"row {row} is outside 0 to {self._rows - 1}")
        if isinstance(tone, str):
            if tone not in self._country.tones:
                names = ", ".join(self._country.tones)
                raise ValueError(f"{self._country.code} has no tone {tone!r}; it has {names}")
            tone = self._country.tones[tone]
        self._sounding[row] = _Sounding(tone)

    def stop(self, row: int) -> None:
        """Silence the row from the next block on."""
        self._sounding.pop(row, None)

    def add(self, out: Linear) -> None:
        """Add one block of every tone to ``out``, float32 (rows, samples) in 16-bit units."""
        ended = [row for row, sound in self._sounding.items() if not sound.add(out[row])]
        for row in ended:
            del self._sounding[row]


def digit_wave(
    digit: str,
    samples: int,
    *,
    low_dbm0: float = SEND_LOW_DBM0,
    high_dbm0: float = SEND_HIGH_DBM0,
) -> Linear:
    """``samples`` of one DTMF digit, float32 in 16-bit units, beginning at phase zero.

    Raises:
        ValueError: the digit is none of 0-9 * # A B C D.
    """
    index = KEYS.find(digit.upper()) if len(digit) == 1 else -1
    if index < 0:
        raise ValueError(f"digit {digit!r} is none of 0123456789*#ABCD")
    parts = ((LOW_HZ[index // 4], low_dbm0), (HIGH_HZ[index % 4], high_dbm0))
    second = _second(parts)[:SAMPLE_RATE_HZ]
    return np.resize(second, samples)


def digit_sequence(
    digits: str,
    *,
    tone_ms: int = 90,
    pause_ms: int = 90,
    low_dbm0: float = SEND_LOW_DBM0,
    high_dbm0: float = SEND_HIGH_DBM0,
) -> npt.NDArray[np.int16]:
    """A row of DTMF digits as int16 samples; each tone is followed by its pause.

    ``,`` is a pause of one second; spaces and hyphens are nothing.

    Raises:
        ValueError: a character is no digit, or tone or pause are below 40 ms, the shortest that
            a receiver must accept (ITU-T Q.24).
    """
    if tone_ms < 40 or pause_ms < 30:
        raise ValueError(f"tone {tone_ms} ms, pause {pause_ms} ms: at least 40 and 30 are needed")
    silence = np.zeros(pause_ms * SAMPLE_RATE_HZ // 1000, np.float32)
    second = np.zeros(SAMPLE_RATE_HZ, np.float32)
    sound: list[Linear] = []
    for digit in digits:
        if digit in " -":
            continue
        if digit == ",":
            sound.append(second)
            continue
        length = tone_ms * SAMPLE_RATE_HZ // 1000
        sound += [digit_wave(digit, length, low_dbm0=low_dbm0, high_dbm0=high_dbm0), silence]
    if not sound:
        return np.zeros(0, np.int16)
    return np.rint(np.concatenate(sound)).astype(np.int16)
