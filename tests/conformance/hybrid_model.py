"""Eight hybrids from line theory: what a two-wire port sends back of what is sent to it.

Echo is the mismatch between the line as the hybrid sees it and the network it is balanced with:
(Zline - Zbalance) / (Zline + Zbalance), where Zline is a cable from its primary constants ended by
a telephone or an exchange. A channel filter and a flat delay come in front. None of it is taken
from ITU-T G.168 annex D, on whose hybrids the canceller was developed.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import signal

from tests.conformance.line_model import RATE, pair

SIZE = 4096


def _series(hz, ohm, farad):
    return ohm + 1 / (2j * np.pi * np.maximum(hz, 1.0) * farad)


def _complex(hz, ohm, shunted_ohm, farad):
    """A resistor in series with a resistor that has a capacitor across it."""
    return ohm + shunted_ohm / (1 + 2j * np.pi * hz * shunted_ohm * farad)


_ENDS = {
    "600": lambda hz: np.full(hz.shape, 600.0 + 0j),
    "900 + 2.16 uF": lambda hz: _series(hz, 900, 2.16e-6),
    "China": lambda hz: _complex(hz, 200, 680, 100e-9),  # GB/T 7610, YD/T 514
    "TBR 21": lambda hz: _complex(hz, 270, 750, 150e-9),
    "UK": lambda hz: _complex(hz, 370, 620, 310e-9),
    "Australia": lambda hz: _complex(hz, 220, 820, 120e-9),
    "set off its pair": lambda hz: _complex(hz, 1500, 2200, 60e-9),
}

# Cable, km, loaded, its far end, the balance network, flat delay in ms.
HYBRIDS = {
    "short, China against 600": ("0.4 mm", 0.4, False, "China", "600", 0.0),
    "2 km, China against 900": ("0.4 mm", 2.0, False, "China", "900 + 2.16 uF", 0.0),
    "5 km, 600 against 600": ("0.5 mm", 5.0, False, "600", "600", 1.0),
    "loaded, 900 against 600": ("0.5 mm", 9.0, True, "900 + 2.16 uF", "600", 2.0),
    "3.5 km, UK against TBR 21": ("0.4 mm", 3.5, False, "UK", "TBR 21", 0.5),
    "1 km, far from matched": ("0.4 mm", 1.0, False, "set off its pair", "600", 0.0),
    "loaded, Australia against UK": ("0.5 mm", 5.5, True, "Australia", "UK", 4.0),
    "behind 7 ms, 600 against China": ("0.5 mm", 3.0, False, "600", "China", 7.0),
}


def echo_path(name: str, loss_db: float = 6.0) -> npt.NDArray[np.float64]:
    """Impulse response of a hybrid, scaled to an echo return loss over 300 to 3400 Hz."""
    kind, km, coils, end, balance, delay_ms = HYBRIDS[name]
    hz = np.arange(SIZE // 2 + 1) * RATE / SIZE
    own, length = pair(hz, kind, km, coils)
    ended, swing = _ENDS[end](hz), np.tanh(length)
    seen = own * (ended + own * swing) / (own + ended * swing)
    against = _ENDS[balance](hz)
    mismatch = (seen - against) / (seen + against)
    channel = signal.butter(3, (200, 3500), "bandpass", fs=RATE, output="sos")
    shape = mismatch * signal.sosfreqz(channel, worN=hz, fs=RATE)[1]
    shape = shape * np.exp(-2j * np.pi * hz * (delay_ms / 1000 + 4 / RATE))
    band = (hz >= 300) & (hz <= 3400)
    shape *= 10 ** (-loss_db / 20) / np.sqrt(np.mean(np.abs(shape[band]) ** 2))
    return np.fft.irfft(shape)[:240]
