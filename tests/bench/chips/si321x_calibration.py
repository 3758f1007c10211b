"""Calibrations of an Si3210 or Si3215: automatic, of the peak current, and the manual gain loop."""

from __future__ import annotations

from tests.bench.chips import si321x_map as m
from tests.bench.chips.loop_detector import NEVER
from tests.bench.chips.si321x_line import Flag, LineCircuit

SETTLE_MS, SHORT_SETTLE_MS = 300.0, 30.0  # VBAT settles first, or CALSP
STEP_MS = 10.0  # per selected calibration: all ten take 400 ms, within the 600 ms of the sheet
PEAK_CURRENT_MS = 20.0  # DCCAL; chosen
GAIN_SETTLE_MS = 30.0  # a step of the manual loop; drivers allow 40 ms
LEAST_BATTERY_V = 20.0  # nothing can be calibrated below; chosen


class Calibration:
    """Registers 88, 89, 93 and 96 to 107.

    Args:
        registers: the chip's direct registers, shared.
        line: its line side.
        flag: sets interrupt status bits that are enabled.
        trims: highest value of registers 98 and 99 at which each wire balances.
        gains: whether CALR and CALT find those by themselves; an Si3210 needs the manual loop.
    """

    def __init__(
        self,
        registers: bytearray,
        line: LineCircuit,
        flag: Flag,
        *,
        trims: dict[int, int],
        gains: bool,
    ) -> None:
        self._r, self._line, self._flag = registers, line, flag
        self.trims = trims
        self._gains = gains
        self.clear()

    def clear(self) -> None:
        """The registers are at reset."""
        self._done_at = self._peak_at = NEVER
        self._before = {98: 0x10, 99: 0x10}
        self._written_at = {98: -NEVER, 99: -NEVER}

    @property
    def wakes_at(self) -> float:
        """When :meth:`advance` has something to do."""
        return min(self._done_at, self._peak_at)

    def advance(self, now_ms: float) -> None:
        """Finish what is due."""
        if self._done_at <= now_ms:
            self._finish()
        if self._peak_at <= now_ms:
            self._peak_at = NEVER
            self._r[93] &= 0x7F
            self._r[107] = 0x08

    def write_start(self, value: int) -> None:
        """Register 96: b6 starts what 96 and 97 select."""
        r = self._r
        r[96] = value
        if not value & 0x40:
            return
        steps = (value & 0x1F).bit_count() + (r[97] & 0x1F).bit_count()
        settle = SHORT_SETTLE_MS if value & 0x20 else SETTLE_MS
        self._done_at = self._line.now_ms + settle + STEP_MS * steps
        self._line.balance(bool(r[97] & 1))

    def write_converter(self, value: int) -> None:
        """Register 93: b7 starts the calibration of the converter's peak current."""
        self._r[93] = (value & 0xDF) | (self._r[93] & 0x20)  # DCPOL is read only
        if value & 0x80:
            on = self._line.converter.on
            self._peak_at = self._line.now_ms + PEAK_CURRENT_MS if on else NEVER

    def write_trim(self, register: int, value: int) -> None:
        """Registers 98 and 99, by hand."""
        now = self._line.now_ms
        if now - self._written_at[register] >= GAIN_SETTLE_MS:
            self._before[register] = self._r[register]
        self._written_at[register] = now
        self._r[register] = value & 0x1F

    def mismatch(self, register: int) -> int:
        """Registers 88 and 89: with the line open the offset that the trims shall take away."""
        line = self._line
        if line.state != m.OPEN:
            return min(255, round(abs(line.pair.current_ma) / m.Q56_MA))
        if not line.converter.on:
            return 0
        trim = 98 if register == 88 else 99
        settled = line.now_ms - self._written_at[trim] >= GAIN_SETTLE_MS
        value = self._r[trim] if settled else self._before[trim]
        return max(0, value - self.trims[trim])

    def _finish(self) -> None:
        r, line = self._r, self._line
        converter = line.converter
        if not converter.on or not converter.clocked or line.battery_v < LEAST_BATTERY_V:
            # Nothing to calibrate against: the busy bit stays until there is a battery.
            self._done_at = line.now_ms + SETTLE_MS
            return
        first, second = r[96], r[97]
        self._done_at = NEVER
        if first & 0x18 and self._gains:
            for register, trim in self.trims.items():
                r[register] = trim
        if first & 0x01:
            r[102] = 0x08
        if first & 0x06:
            r[100] = r[101] = 0x12
        if second & 0x18:
            r[103] = 0x78
        if second & 0x06:
            r[104], r[105] = 0x02, 0x03
        if second & 0x01:
            if line.balance_spoiled:
                self._flag(20, 0x04)
            else:
                r[106] = 0x21
        line.balance(active=False)
        r[96] = r[97] = 0
