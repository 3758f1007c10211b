"""The ringing generator of an Si3210 or Si3215: volts and hertz from its coefficients."""

from __future__ import annotations

import math

GENERATOR_HZ = 1000.0
FULL_SCALE_V = 96.0  # 2**15 of an amplitude register
HEADROOM_V = 7.5  # VBATH must exceed the peak by this, or the tops are cut off
TRAPEZOID_CREST = 1.3  # Vpk / Vrms at the recommended rise time


def sine(frequency: int, amplitude: int) -> tuple[float, float]:
    """Peak volts and hertz of a sine from RCO and RNGX.

    c = cos(2 pi f / 1000); RCO = c 2**15; RNGX = 1/4 sqrt((1-c)/(1+c)) 2**15 Vpk/96
    (Si3215 data sheet, section 2.5).
    """
    cosine = min(0.99999, max(-0.99999, frequency / 32768.0))
    hertz = math.acos(cosine) * GENERATOR_HZ / (2.0 * math.pi)
    shape = 0.25 * math.sqrt((1.0 - cosine) / (1.0 + cosine))
    return amplitude / 32768.0 * FULL_SCALE_V / shape, hertz


def trapezoid(period: int, amplitude: int) -> tuple[float, float]:
    """Peak volts and hertz of a trapezoid from RNGY = T/2 * 8000 and RNGX = Vpk/96 * 2**15."""
    hertz = 4000.0 / period if period else 0.0
    return amplitude / 32768.0 * FULL_SCALE_V, hertz


def at_the_line(peak_v: float, battery_v: float, *, trapezoidal: bool) -> float:
    """Volts rms that reach the line when the battery has ``battery_v`` (magnitude)."""
    peak = max(0.0, min(peak_v, battery_v - HEADROOM_V))
    return peak / (TRAPEZOID_CREST if trapezoidal else math.sqrt(2.0))
