"""Eight exchange lines as the DAA meets them: its published presets, on a short and a long pair.

The makers publish echo filter taps for four terminations, each for 500 ft of 24 AWG. A line here is
such a pair, or 3 km of it, ended by the exchange with the impedance the preset stands for; what is
left of our own sound behind termination and taps is what the canceller has to deal with.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from drivers.si3050.registers import Termination
from drivers.si3050.tuning import TAPS, DaaCountry
from tests.bench.chips.hybrid import UNIT
from tests.bench.world import impedance

FEET_500_KM: Final = 0.152
LONG_KM: Final = 3.0  # a usual loop at the edge of an exchange's area

PRESETS: Final = {
    "600": Termination.OHM_600,
    "270+750/150n": Termination.R270_750_C150N,
    "200+680/100n": Termination.R200_680_C100N,
    "220+820/120n": Termination.R220_820_C120N,
}
LINES: Final = {
    f"{name} ohm, {words}": (name, km)
    for name in PRESETS
    for words, km in (("500 ft", FEET_500_KM), ("3 km", LONG_KM))
}


def daa_path(line: str) -> npt.NDArray[np.float64]:
    """Impulse response from what goes to the line to what comes back through the DAA."""
    name, km = LINES[line]
    path = impedance.echo(name, km, name).astype(np.float64)
    taps = DaaCountry(acim=PRESETS[name]).hybrid
    signed = np.array([tap - 256 if tap > 127 else tap for tap in taps], float)
    path[:TAPS] -= signed / UNIT
    return path


def return_loss_db(line: str) -> float:
    """Echo return loss of the line over 300 to 3400 Hz, before any canceller."""
    hz = np.fft.rfftfreq(1024, 1 / 8000)
    band = (hz >= 300) & (hz <= 3400)
    gain = np.mean(np.abs(np.fft.rfft(daa_path(line), 1024)[band]) ** 2)
    return float(-10 * np.log10(max(gain, 1e-9)))
