"""What an exchange line looks like at its end, and what a termination of it sends back.

A line is a cable of 0.4 mm copper (280 ohm, 50 nF, 0.6 mH a kilometre) ended by the exchange's own
impedance. A telephone or a line card with another impedance than the line's hears part of what it
sends: half of (Zline - Zown) / (Zline + Zown), through the channel of a codec.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import numpy.typing as npt

RATE_HZ = 8000
SIZE = 1024
ECHO_SAMPLES = 48
_HZ = np.arange(SIZE // 2 + 1) * RATE_HZ / SIZE
Response = npt.NDArray[np.complex128]

# Series ohm, shunted ohm, nF across it; nF alone stands in series with the resistor.
_NETWORKS: dict[str, tuple[float, float, float]] = {
    "600": (600, 0, 0),
    "900": (900, 0, 0),
    "270+750/150n": (270, 750, 150),
    "220+820/120n": (220, 820, 120),
    "370+620/310n": (370, 620, 310),
    "320+1050/230n": (320, 1050, 230),
    "370+820/110n": (370, 820, 110),
    "275+780/115n": (275, 780, 115),
    "120+820/110n": (120, 820, 110),
    "350+1000/210n": (350, 1000, 210),
    "200+680/100n": (200, 680, 100),
    "600+2160n": (600, 0, 2160),
    "900+1000n": (900, 0, 1000),
    "900+2160n": (900, 0, 2160),
    "600+1000n": (600, 0, 1000),
    "compromise": (300, 700, 160),
}
NAMES = tuple(_NETWORKS)
"""In the order of register 30 of the Si3050 (data sheet rev 1.5, ACIM); the last one's network is
not published and chosen here between its neighbours."""


@cache
def network(name: str) -> Response:
    """Impedance over frequency of one of :data:`NAMES`."""
    series, shunted, nano = _NETWORKS[name]
    w = 2j * np.pi * np.maximum(_HZ, 1.0)
    if not shunted:
        return series + (1.0 / (w * nano * 1e-9) if nano else 0.0 * w)
    return series + shunted / (1 + w * shunted * nano * 1e-9)


@cache
def line(name: str, km: float) -> Response:
    """Impedance of a cable that ends in an exchange's."""
    w = 2j * np.pi * np.maximum(_HZ, 1.0)
    series, shunt = 280.0 + w * 0.6e-3, w * 50e-9 + 1e-7
    own, swing = np.sqrt(series / shunt), np.tanh(np.sqrt(series * shunt) * km)
    far = network(name)
    found: Response = own * (far + own * swing) / (own + far * swing)
    return found


@cache
def echo(line_name: str, km: float, own_name: str) -> npt.NDArray[np.float32]:
    """Impulse response of what comes back at 8 kHz, its first sample at once."""
    seen, own = line(line_name, km), network(own_name)
    mismatch = 0.5 * (seen - own) / (seen + own)
    channel = 1 / (1 + (_HZ / 3600) ** 12) / (1 + (120 / np.maximum(_HZ, 1.0)) ** 4)
    shape = mismatch * channel * np.exp(-2j * np.pi * _HZ * 2.0 / RATE_HZ)  # two samples of codec
    return np.fft.irfft(shape)[:ECHO_SAMPLES].astype(np.float32)
