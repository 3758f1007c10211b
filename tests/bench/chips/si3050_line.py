"""The line side of an Si3050: link, hook, voltage, current, polarity and ringing.

It reads settings from the chip's registers and sets the flags of register 4; it knows nothing of
the serial port or of voice levels.
"""

from __future__ import annotations

import math

import numpy as np

from tests.bench.chips import si3050_map as m
from tests.bench.chips.loop_detector import NEVER
from tests.bench.chips.ring_detector import RingDetector, Validation
from tests.bench.chips.voice import Samples
from tests.bench.world.copper import PairState, TerminalState

STEP_PULSE_MS = 10.0  # how long a polarity step shows in RDTP or RDTN; chosen, the input is AC
STEP_PULSE_V = 100.0
_MILLISECONDS = np.arange(4096) / 8.0


class LineSide:
    """What stands between the registers and the pair.

    Args:
        registers: the chip's registers, shared.
        part: ``si3019``, ``si3018`` or ``si3011``.
    """

    def __init__(self, registers: bytearray, part: str) -> None:
        self._r = registers
        self.part = part
        self.measures_voltage = part != "si3018"
        self.now_ms = 0.0
        self.billing_tone = False
        self.receive_overload = False
        self.pair = PairState()
        self.ring = RingDetector()
        self.presents = TerminalState()
        self.clear()

    def clear(self) -> None:
        """The registers are at reset: no link, on-hook."""
        self.linked = False
        self.talking = False
        self._talks_at = self._link_at = NEVER
        self._opens_at = self._calibrates_until = -NEVER
        self._polarity = 0
        self._ring_on = False
        self._ring_since = 0.0
        self._pulse_until = -NEVER
        self._pulse_sign = 0
        self._dropped = True
        self.ring.clear()
        self.settings_changed()

    # --- time and power -----------------------------------------------------------------------

    @property
    def wakes_at(self) -> float:
        """When :meth:`advance` has something to do."""
        return min(self._link_at, self.ring.wakes_at, self._talks_at)

    def advance(self, now_ms: float) -> None:
        """Let everything happen that is due."""
        self.now_ms = now_ms
        r = self._r
        if self._link_at <= now_ms:
            self._link_at = NEVER
            self.linked = True
            r[4] |= m.RDTI | m.DODI  # both stand after power-up and have to be cleared
            self._sensed()
        self._settle_ring()
        if self._talks_at <= now_ms:
            self._talks_at = NEVER
            self.talking = self.linked

    def power(self, wanted: bool) -> None:
        """PDL, clocks and the isolation capacitors decide whether the line side lives."""
        if wanted:
            if not self.linked and self._link_at == NEVER:
                self._link_at = self.now_ms + m.LINK_MS
            return
        if self.linked:
            self._r[4] |= m.FDTI
            self.hook(off=False)
        self.linked = False
        self._link_at = NEVER
        self._polarity = 0
        self.ring.clear()

    def settings_changed(self) -> None:
        """A register of ring detection, ringer or overload was written."""
        r = self._r
        self.ring.validation = Validation.of(r[22], r[23], r[24], m.CONFIRM_MS)
        self.presents.ren = m.SYNTHESISED_REN if r[16] & 2 else m.RINGER_REN
        if not r[17] & 8:  # OPE cleared: the overload is forgotten
            r[19] &= 0xFE
            self.presents.resistance_ohm = m.OFF_HOOK_OHM

    def disturbed(self) -> None:
        """A billing tone or a receive overload came, or its enable was written."""
        r = self._r
        if self.billing_tone and r[17] & 4:
            r[17] |= 1
            r[4] |= m.BTDI
        if self.receive_overload:
            r[17] |= 2
            r[4] |= m.ROVI

    # --- hook ---------------------------------------------------------------------------------

    @property
    def off_hook(self) -> bool:
        """OH."""
        return bool(self._r[5] & 1)

    @property
    def closed(self) -> bool:
        """Whether the loop is closed; after OH is cleared it may stay so for a moment."""
        return self.off_hook or self.now_ms < self._opens_at

    def hook(self, off: bool) -> None:
        """Set or clear OH. Audio has to wait for settling and calibration."""
        r, now = self._r, self.now_ms
        if off == self.off_hook:
            return
        if not off:
            r[5] &= 0xFE
            self._opens_at = now + (26.0 if r[16] & 0x40 else 3.0 if r[31] & 8 else 0.0)
            self.talking, self._talks_at = False, NEVER
            self._dropped = True
            return
        r[5] |= 1
        self.ring.clear()
        self._ring_on = False
        at = now + m.HOOK_RELAY_MS + m.OFF_HOOK_MS[r[31] >> 5 & 3]
        if not r[25] & 0x20:
            at += m.RESISTOR_CALIBRATION_MS
            self._calibrates_until = at
        if not r[17] & 0x20:
            at += m.ADC_CALIBRATION_MS
        self._talks_at = at

    # --- sensing ------------------------------------------------------------------------------

    def sense(self, pair: PairState) -> None:
        """What the pair carries in this block."""
        last, self.pair = self.pair, pair
        if self.linked and (
            pair.voltage_v != last.voltage_v
            or pair.current_ma != last.current_ma
            or pair.ring_vrms != last.ring_vrms
        ):
            self._sensed()

    def compare(self) -> None:
        """CVT: the threshold interrupt of registers 43 and 44."""
        if not self.measures_voltage:
            return
        r = self._r
        value = abs(self.pair.voltage_v) if r[44] & 4 else self.current_fine()
        if (value > r[43]) if r[44] & 1 else (value < r[43]):
            r[44] |= 8

    def detector(self, samples: int) -> Samples:
        """On-hook without ONHM the transmit slot carries the ring detector, not the line."""
        full = bool(self._r[18] & 2)
        idle = m.DETECTOR_IDLE_FULL if full else m.DETECTOR_IDLE_HALF
        if not self._ring_on:
            return np.full(samples, idle, np.float32)
        at = self.now_ms - self._ring_since + _MILLISECONDS[:samples]
        wave = np.sin(2.0 * np.pi * self.pair.ring_hz / 1000.0 * at)
        wave *= math.sqrt(2.0) * self.pair.ring_vrms
        threshold = self._threshold_v()
        out = np.where(wave > threshold, m.DETECTOR_PEAK, idle)
        if full:
            out = np.where(wave < -threshold, -m.DETECTOR_PEAK, out)
        return out.astype(np.float32)

    def _sensed(self) -> None:
        """Something on the pair changed."""
        self._sense_ring()
        self._sense_polarity()
        self._sense_current()
        self.compare()
        self._settle_ring()

    def _sense_ring(self) -> None:
        pair, now = self.pair, self.now_ms
        ringing = not self.off_hook and pair.ring_vrms >= self._threshold_v()
        if ringing == self._ring_on:
            return
        self._ring_on = ringing
        if not ringing:
            self.ring.quiet(now)
            return
        self._ring_since = now
        self.ring.ring(now, pair.ring_hz)
        if math.sqrt(2.0) * pair.ring_vrms > abs(pair.voltage_v):
            self._polarity_interrupt()  # the tops turn the line around

    def _sense_polarity(self) -> None:
        volts = -self.pair.voltage_v  # copper counts normal polarity negative, TIP above RING
        sign = 0 if abs(volts) <= m.LVS_FORCED_V else int(math.copysign(1, volts))
        if not sign or sign == self._polarity:
            return
        if self._polarity:
            self._polarity_interrupt()
            if not self.off_hook:
                self._pulse_sign, self._pulse_until = sign, self.now_ms + STEP_PULSE_MS
                if self._r[18] & 2 or sign > 0:
                    self.ring.crossing(self.now_ms)
        self._polarity = sign

    def _sense_current(self) -> None:
        r = self._r
        current = abs(self.pair.current_ma)
        dropped = not self.off_hook or current < m.DROP_OUT_MA
        if dropped and not self._dropped:
            r[4] |= m.DODI
        self._dropped = dropped
        if self.current() >= 31:
            r[4] |= m.LCSOI
        limit = m.OVERLOAD_LIMITED_MA if r[26] & 2 else m.OVERLOAD_MA
        if r[17] & 8 and self.off_hook and current > limit:
            r[19] |= 1
            self.presents.resistance_ohm = m.OVERLOADED_OHM

    def _settle_ring(self) -> None:
        for up in self.ring.settle(self.now_ms):
            if up or self._r[2] & 0x04:  # RDI: at the end too
                self._r[4] |= m.RDTI

    def _polarity_interrupt(self) -> None:
        if self.measures_voltage:
            self._r[4] |= m.POLI

    def _threshold_v(self) -> float:
        return m.RING_THRESHOLD_V[(self._r[17] >> 4 & 1) << 1 | (self._r[16] & 1)]

    def _ring_voltage(self) -> float:
        """Ringing at this instant, TIP against RING."""
        if not self._ring_on:
            return self._pulse_sign * STEP_PULSE_V if self.now_ms < self._pulse_until else 0.0
        turns = self.pair.ring_hz * (self.now_ms - self._ring_since) / 1000.0
        return math.sqrt(2.0) * self.pair.ring_vrms * math.sin(2.0 * math.pi * turns)

    # --- what the registers show --------------------------------------------------------------

    def hook_status(self) -> int:
        """Register 5: RDTN, RDTP, ONHM, RDT, OH."""
        value = self._r[5] & 0x09
        if self.linked and not self.off_hook:
            volts, threshold = self._ring_voltage(), self._threshold_v()
            if volts > threshold:
                value |= 0x20
            elif volts < -threshold and self._r[18] & 2:
                value |= 0x40
        return value | (4 if self.ring.ringing else 0)

    def identity(self) -> int:
        """Register 11: LSID is 0 until the link is up."""
        return (m.LINE_SIDES[self.part] if self.linked else 0) << 4 | m.REVISION_A

    def status(self) -> int:
        """Register 12: FDT and LCS."""
        return (0x40 if self.linked else 0) | self.current()

    def revision(self) -> int:
        """Register 13: b6 is always set, REVB with the link."""
        return 0x40 | (m.REVISION_B << 2 if self.linked else 0)

    def drop_out(self) -> int:
        """Register 19: OVL, DOD, OPD."""
        if not self.linked:
            return 0
        dropped = 2 if self._dropped or not self.off_hook else 0
        return (self._r[19] & 1) | (4 if self.receive_overload else 0) | dropped

    def resistor(self) -> int:
        """Register 25: RCALS while the resistor is calibrated."""
        busy = self.off_hook and self.now_ms < self._calibrates_until
        return (self._r[25] & 0x6F) | (0x80 if busy else 0)

    def current(self) -> int:
        """LCS."""
        if not self.linked or not self.off_hook:
            return 0
        return min(31, int(abs(self.pair.current_ma) / m.LCS_MA))

    def current_fine(self) -> int:
        """Register 28, LCS2."""
        if not self.linked or not self.off_hook or not self.measures_voltage:
            return 0
        return min(255, int(abs(self.pair.current_ma) / m.LCS2_MA))

    def voltage(self) -> int:
        """Register 29, LVS: signed, positive while TIP is above RING, shaken by ringing."""
        if not self.linked or not self.measures_voltage:
            return 0
        volts = -self.pair.voltage_v + (self._ring_voltage() if self._ring_on else 0.0)
        if abs(volts) <= m.LVS_FORCED_V and not self._r[31] & 1:
            return 0
        return max(-128, min(127, round(volts))) & 0xFF
