"""What a line does to sound: cable, channel filters, reflections, noise, hum, and coders.

Everything linear is one complex frequency response per row, so that a signal's level *behind* the
line is known exactly and can be set to what a standard allows at the receiver. Cable comes from
its primary constants (0.4 mm copper: 280 ohm, 50 nF, 0.6 mH a kilometre), channel filters from
elliptic and Butterworth designs, whose group delay at the band's edges is the dispersion.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import fft, signal

from tests.conformance.codec import trip

RATE = 8000
FULL = 32768.0
Sound = npt.NDArray[np.float32]

# R ohm/km, C F/km, L H/km: 0.4 mm and 0.5 mm copper pairs; 88 mH coils every 1.83 km are spread.
_PAIRS = {"0.4 mm": (280.0, 50e-9, 0.6e-3), "0.5 mm": (172.0, 50e-9, 0.6e-3)}
LINES = ("flat", "cable 2 km", "cable 5 km", "loaded 9 km", "channel", "steep channel", "two links")
NOISES = ("white", "red", "mixture", "impulses")


def peak(level_dbm0: float | npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Peak of a sine of this level; full scale is +3.14 dBm0."""
    return FULL * 10 ** ((np.asarray(level_dbm0, float) - 3.14) / 20)


def rms(level_dbm0: float) -> float:
    """Root mean square of anything of this level."""
    return float(peak(level_dbm0)) / 2**0.5


def pair(
    hz: npt.NDArray[np.float64], kind: str, km: float, coils: bool = False
) -> tuple[npt.NDArray[np.complex128], npt.NDArray[np.complex128]]:
    """Characteristic impedance and propagation (gamma times length) of a cable."""
    ohm, farad, henry = _PAIRS[kind]
    if coils:
        henry += 88e-3 / 1.83
    w = 2j * np.pi * np.maximum(hz, 1.0)
    series, shunt = ohm + w * henry, w * farad + 1e-7
    return np.sqrt(series / shunt), np.sqrt(series * shunt) * km


def _insertion(hz: npt.NDArray[np.float64], kind: str, km: float, coils: bool = False):
    own, length = pair(hz, kind, km, coils)
    mismatch = own / 600 + 600 / own
    return 2 / (2 * np.cosh(length) + mismatch * np.sinh(length))


def _filter(hz: npt.NDArray[np.float64], sections: npt.NDArray[np.float64]):
    return signal.sosfreqz(sections, worN=hz, fs=RATE)[1]


_CHANNEL = signal.butter(4, (270, 3450), "bandpass", fs=RATE, output="sos")
_STEEP = signal.ellip(7, 0.2, 45, (300, 3400), "bandpass", fs=RATE, output="sos")


def response(line: str, hz: npt.NDArray[np.float64]) -> npt.NDArray[np.complex128]:
    """One of ``LINES`` at these frequencies."""
    if line == "flat":
        return np.ones(hz.shape, complex)
    if line == "cable 2 km":
        return _insertion(hz, "0.4 mm", 2.0)
    if line == "cable 5 km":
        return _insertion(hz, "0.5 mm", 5.0)
    if line == "loaded 9 km":
        # A coil every 1.83 km makes a low-pass at 1 / (pi sqrt(L C)) = 3.6 kHz.
        return _insertion(hz, "0.5 mm", 9.0, True) * _filter(
            hz, signal.cheby1(5, 0.3, 3500, fs=RATE, output="sos")
        )
    if line == "channel":
        return _filter(hz, _CHANNEL)
    if line == "steep channel":
        return _filter(hz, _STEEP)
    if line == "two links":
        return _filter(hz, _CHANNEL) ** 2 * _insertion(hz, "0.4 mm", 1.0)
    raise KeyError(line)


class Path:
    """The linear part of the line of every row: filter, one reflection, as a response."""

    def __init__(
        self,
        rng: np.random.Generator,
        rows: int,
        lines: tuple[str, ...] = LINES,
        echo_db: tuple[float, float] | None = (-24.0, -14.0),
        echo_ms: tuple[float, float] = (2.0, 20.0),
    ) -> None:
        self.lines = [lines[n % len(lines)] for n in rng.permutation(rows)]
        self.gain = np.zeros(rows)
        self.late_s = np.zeros(rows)
        if echo_db is not None:
            self.gain = 10 ** (rng.uniform(*echo_db, rows) / 20) * rng.choice((-1, 1), rows)
            self.late_s = rng.uniform(*echo_ms, rows) / 1000

    def at(self, hz: npt.NDArray[np.float64]) -> npt.NDArray[np.complex128]:
        """Response of each row at frequencies (rows, any)."""
        found = np.empty(hz.shape, complex)
        for line in set(self.lines):
            rows = [n for n, name in enumerate(self.lines) if name == line]
            found[rows] = response(line, hz[rows].ravel()).reshape(hz[rows].shape)
        return found * (1 + self.gain[:, None] * np.exp(-2j * np.pi * hz * self.late_s[:, None]))

    def through(self, sound: Sound) -> Sound:
        """Sound (rows, samples) behind the line."""
        size = fft.next_fast_len(sound.shape[1] + 800, real=True)
        spectrum = fft.rfft(sound, size, axis=1)
        hz = np.arange(spectrum.shape[1]) * RATE / size
        for line in set(self.lines):
            rows = [n for n, name in enumerate(self.lines) if name == line]
            shape = response(line, hz).astype(np.complex64)
            for row in rows:
                turn = -2j * np.pi * self.late_s[row] * RATE / size
                ripple = 1 + self.gain[row] * np.exp(turn * np.arange(hz.size))
                spectrum[row] *= shape * ripple.astype(np.complex64)
        return fft.irfft(spectrum, size, axis=1)[:, : sound.shape[1]]


def noise(rng: np.random.Generator, rows: int, samples: int, kind: str) -> Sound:
    """Noise of unit power in each row."""
    base = rng.standard_normal((rows, samples), np.float32)
    if kind == "red":  # falls by 6 dB an octave from 400 Hz on
        base = signal.lfilter([1.0], [1.0, -0.73], base, axis=1).astype(np.float32)
    elif kind == "mixture":  # one sample in twenty comes from a five times wider Gaussian
        base *= np.where(rng.random((rows, samples), np.float32) < 0.05, 5, 1).astype(np.float32)
    elif kind == "impulses":  # half of the power in clicks of 2 ms, about 8 a second
        clicks = rng.random((rows, samples), np.float32) < 8 / RATE
        strokes = np.where(clicks, rng.standard_normal((rows, samples), np.float32), 0)
        tail = np.exp(-np.arange(32) / 6) * np.cos(np.arange(32) * 1.1)
        strokes = signal.oaconvolve(strokes, tail[None, :], axes=1)[:, :samples]
        base += strokes.astype(np.float32) / max(float(np.std(strokes)), 1e-9)
    return base / np.sqrt(np.mean(base**2, axis=1, keepdims=True))


def sine(hz: npt.NDArray[np.float64], begin: npt.NDArray[np.float64], samples: int) -> Sound:
    """A sine in each row, of a frequency and a phase of its own, both (rows, 1).

    Put together from stretches by sin(a + b), which costs two products a sample instead of a sine.
    """
    stretch = 256
    turn = 2j * np.pi * hz / RATE
    stretches = np.arange(-(-samples // stretch)) * stretch
    coarse = np.exp(turn * stretches + 1j * begin).astype(np.complex64)[:, :, None]
    fine = np.exp(turn * np.arange(stretch)).astype(np.complex64)[:, None, :]
    found = coarse.imag * fine.real
    found += coarse.real * fine.imag
    return found.reshape(len(hz), -1)[:, :samples]


def hum(rng: np.random.Generator, rows: int, samples: int, level_dbm0: float) -> Sound:
    """Mains and its third harmonic 8 dB below, 50 or 60 Hz within 0.3 %."""
    mains = rng.choice((50.0, 60.0), (rows, 1)) * rng.uniform(0.997, 1.003, (rows, 1))
    begin = rng.uniform(0, 6, (rows, 1))
    found = sine(mains, begin, samples)
    found += np.float32(0.4) * sine(3 * mains, 3 * begin + 1, samples)
    found *= np.float32(peak(level_dbm0))
    return found


def coders(rng: np.random.Generator, sound: Sound) -> Sound:
    """Each row through coders: A-law, u-law, both in tandem, 14 bits that clip; some with DC."""
    found = sound + rng.choice((0.0, 0.0, -60.0, 45.0), (sound.shape[0], 1)).astype(np.float32)
    for row, kind in enumerate(rng.integers(0, 4, sound.shape[0])):
        one = found[row]
        if kind == 1:
            one = trip(one, "u")
        elif kind == 2:
            one = trip(trip(one, "a"), "u")
        elif kind == 3:  # a converter of 14 bits whose reference is 4 % low
            one = np.clip(np.rint(one / 4) * 4, -0.96 * FULL, 0.96 * FULL - 4)
        found[row] = trip(one, "a") if kind != 1 else one
    return found
