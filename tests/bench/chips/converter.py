"""The DC-DC converter of an Si3210 or Si3215: battery voltage over time.

Rise and decay follow the facts that drivers rely on at power-up: above 72 V within 500 ms of
switching on at the reset settings (reached after about 200 ms), and still well above 2.3 V half
a second after switching off unless something leaks.
"""

from __future__ import annotations

import math

RISE_MS = 60.0  # 72.2 V of 75 V after 60*ln(75/2.8) = 197 ms; field value about 200 ms
FALL_MS = 100.0  # towards a lower set voltage with the converter regulating
IDLE_MS = 1000.0  # switched off: 45 V left of 75 V after the 500 ms of a leak test
LEAK_MS = 50.0  # switched off with a leak: nothing left after 500 ms
NO_FRAME_MS = 60_000.0  # the regulator samples once per FSYNC: without it the rise takes for ever
SETTLED_V = 0.05


class Converter:
    """Battery magnitude in volts, exponential towards a target."""

    def __init__(self) -> None:
        self.leak = False
        self.supplied = True  # 12 V at the card
        self.clocked = True  # FSYNC present
        self.on = False
        self.set_v = 75.0
        self._level = 0.0
        self._since = 0.0

    def voltage_v(self, now_ms: float) -> float:
        """Magnitude of VBAT now."""
        target, tau = self._course()
        difference = self._level - target
        if abs(difference) < SETTLED_V:
            return target
        return target + difference * math.exp(-(now_ms - self._since) / tau)

    def moving(self, now_ms: float) -> bool:
        """Whether the voltage is still on its way."""
        return abs(self.voltage_v(now_ms) - self._course()[0]) >= SETTLED_V

    def steer(self, now_ms: float, *, on: bool, set_v: float) -> None:
        """Switch, or set another voltage."""
        if on == self.on and set_v == self.set_v:
            return
        self.hold(now_ms)
        self.on, self.set_v = on, set_v

    def hold(self, now_ms: float) -> None:
        """Note the voltage before something about the course changes."""
        self._level = self.voltage_v(now_ms)
        self._since = now_ms

    def _course(self) -> tuple[float, float]:
        if not self.on or not self.supplied:
            return 0.0, LEAK_MS if self.leak else IDLE_MS
        if not self.clocked:
            return self.set_v, NO_FRAME_MS
        return self.set_v, RISE_MS if self._level < self.set_v else FALL_MS
