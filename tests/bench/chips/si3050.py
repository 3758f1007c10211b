"""A fake Si3050 with its line side: bytes on one side, the closing end of a pair on the other.

Written from data sheet facts, not from the driver. What is not modelled: call progress output,
ground start, GCI mode, 16 kHz sampling, hybrid taps and AC termination as filters (the line's
echo comes with the copper), and the analog loopbacks that need an off-hook line.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from tests.bench.chips import si3050_map as m
from tests.bench.chips.loop_detector import NEVER
from tests.bench.chips.ring_detector import RingDetector, Validation
from tests.bench.chips.voice import Delay, Format, PcmSetting, Samples, amplified, gain_of_db
from tests.bench.world.copper import PairState, TerminalState

STEP_PULSE_MS = 10.0  # how long a polarity step shows in RDTP or RDTN; chosen, the input is AC
_FORMATS = (Format.A_LAW, Format.MU_LAW, Format.LINEAR8, Format.LINEAR16)
_MILLISECONDS = np.arange(4096) / 8.0


class Si3050:
    """One chip with one line side.

    Args:
        line_side: ``si3019``, ``si3018`` or ``si3011``.
        name: for :meth:`render`.
        echo_gain: part of what arrives from the exchange that goes back to it (return loss).
    """

    def __init__(
        self, line_side: str = "si3019", *, name: str = "", echo_gain: float = 0.1
    ) -> None:
        if line_side not in m.LINE_SIDES:
            raise ValueError(f"line side {line_side!r}: it is one of {', '.join(m.LINE_SIDES)}")
        self.line_side = line_side
        self.name = name or "si3050"
        self.echo_gain = echo_gain
        self.in_reset = False
        self.clocked = True
        self.isolation = True
        self.spi_epoch = 0
        self.pcm_version = 0
        self.accesses = 0
        self.reserved_writes = 0
        self.watchdog_bites = 0
        self.now_ms = 0.0
        self.pair = PairState()
        self.ring = RingDetector()
        self._r = bytearray(64)
        self._measures_voltage = line_side != "si3018"
        self._terminal = TerminalState()
        self._to_line = Delay(m.FIR_SAMPLES)
        self._from_line = Delay(m.FIR_SAMPLES)
        self._bus_sound: Samples | None = None
        self._line_sound: Samples | None = None
        self._looped: Samples | None = None
        self._locked_at = -NEVER
        self._last_access_ms = 0.0
        self._world: dict[str, bool] = {"billing_tone": False, "receive_overload": False}
        self._lose()

    # --- pins ---------------------------------------------------------------------------------

    def reset(self, released: bool) -> None:
        """The RESET pin: low (False) holds the chip, everything is at reset when it rises."""
        if self.in_reset or not released:
            self._lose()
        self.in_reset = not released
        self._locked_at = self.now_ms + m.LOCK_MS if released else NEVER
        self._pcm_changed()

    def clock(self, running: bool) -> None:
        """PCLK and FSYNC came or went: without them no voice and no link to the line side."""
        self.clocked = running
        self._power_line_side()
        self._pcm_changed()

    @property
    def interrupt_low(self) -> bool:
        """The open drain INT pin with INTE set; INTP turns it around, which nobody wires."""
        r = self._r
        crossed = r[44] & 8 and r[44] & 2
        return not self.in_reset and bool(r[2] & 0x80) and bool(r[3] & r[4] or crossed)

    @property
    def silent(self) -> bool:
        """PDN: the system side sleeps until RESET."""
        return self._dead

    daisy = True

    # --- time and the world -------------------------------------------------------------------

    def advance(self, now_ms: float) -> None:
        """It is ``now_ms``."""
        self.now_ms = now_ms
        if now_ms >= self._wakes_at:
            self._work()

    def world(self, what: str, value: float = 1.0) -> None:
        """Do something to the chip from outside.

        Args:
            what: ``isolation`` (0: the link's capacitors are bad), ``billing_tone``,
                ``receive_overload``.
            value: 0 or 1.
        """
        on = bool(value)
        if what == "isolation":
            self.isolation = on
            self._power_line_side()
        elif what in self._world:
            self._world[what] = on
            self._disturbed()
        else:
            raise ValueError(f"world({what!r}): isolation, billing_tone, receive_overload")

    def lose_registers(self) -> None:
        """A brown-out or a discharge resets the chip behind the driver's back."""
        self._lose()
        self._locked_at = self.now_ms + m.LOCK_MS

    # --- the pair -----------------------------------------------------------------------------

    def terminal(self, samples: int) -> TerminalState:
        """What the chip presents to the exchange for the next ``samples``."""
        state = self._terminal
        state.closed = self.off_hook or self.now_ms < self._opens_at
        sound, self._bus_sound = self._bus_sound, None
        if self._talking and self._r[2] & 1:
            state.echo_gain = self.echo_gain
            if sound is not None:
                sound = amplified(sound, self._receive_gain)
            state.sound = self._to_line.through(sound, samples)
        else:
            state.echo_gain = 0.0
            state.sound = None
        return state

    def terminal_senses(
        self,
        pair: PairState,
        sound: Samples | None,
        samples: int,  # noqa: ARG002  # the copper's contract
    ) -> None:
        """What arrived from the exchange."""
        last, self.pair = self.pair, pair
        self._line_sound = sound
        if (
            pair.voltage_v != last.voltage_v
            or pair.current_ma != last.current_ma
            or pair.ring_vrms != last.ring_vrms
        ):
            self._sensed()

    # --- the highway --------------------------------------------------------------------------

    @property
    def pcm(self) -> PcmSetting:
        """How registers 10 and 33 to 37 use the highway."""
        r = self._r
        return PcmSetting(
            enabled=bool(r[33] & 0x20) and not self.in_reset and self.clocked and not self._dead,
            format=_FORMATS[r[33] >> 3 & 3],
            transmit_count=r[34] | (r[35] & 3) << 8,
            receive_count=r[36] | (r[37] & 3) << 8,
            bit_exact_loop=bool(r[10] & 1),
        )

    def incoming(self, sound: Samples | None) -> None:
        """What the receive slot carried in this block."""
        if self._r[6] & 0x10:  # PDL: the bus hears itself through the filters
            self._looped = sound
        else:
            self._bus_sound = sound

    def outgoing(self, samples: int) -> Samples | None:
        """What the chip puts into its transmit slot for this block."""
        r = self._r
        sound, self._line_sound = self._line_sound, None
        if r[6] & 0x10:
            looped, self._looped = self._looped, None
            return amplified(looped, _PDL_GAIN)
        if not self.linked:
            return None
        if self.off_hook:
            if not self._talking:
                sound = None
        elif not r[5] & 8:
            return self._detector(samples)
        if sound is not None:
            sound = amplified(sound, self._transmit_gain)
        return self._from_line.through(sound, samples)

    # --- registers ----------------------------------------------------------------------------

    @property
    def off_hook(self) -> bool:
        """OH."""
        return bool(self._r[5] & 1)

    @property
    def talking(self) -> bool:
        """Off-hook, settled and calibrated: audio passes."""
        return self._talking

    def read(self, register: int) -> int:
        """What the chip drives for a read of ``register``."""
        self.accesses += 1
        self._last_access_ms = self.now_ms
        if self.now_ms < self._locked_at:
            return 0
        if register in _LIVE:
            return _LIVE[register](self)
        return self._r[register]

    def write(self, register: int, value: int) -> None:
        """Put ``value`` into ``register``."""
        self.accesses += 1
        self._last_access_ms = self.now_ms
        if register in m.RESERVED:
            self.reserved_writes += 1
        elif register in _WRITES:
            _WRITES[register](self, value)
        elif register not in m.READ_ONLY:
            self._r[register] = value
            if register in _LEVELS:
                self._levels()
            elif 33 <= register <= 37 or register == 10:
                self._pcm_changed()
            elif register in _RING_SETTINGS:
                self._ring_settings()

    def render(self) -> str:
        """State of the chip for people; the first line says the most."""
        if self.in_reset:
            return f"{self.name} si3050+{self.line_side}: held in reset"
        if self._dead:
            return f"{self.name} si3050+{self.line_side}: powered down until reset"
        r, pcm = self._r, self.pcm
        hook = "on-hook"
        if self.off_hook:
            hook = "off-hook" if self._talking else "off-hook, settling"
        elif r[5] & 8:
            hook = "on-hook, listening"
        slot = f"slot at {pcm.transmit_count}" if pcm.enabled else "off the highway"
        return (
            f"{self.name} si3050+{self.line_side}: {hook}, {self.pair.voltage_v:.1f} V"
            f" {self.pair.current_ma:.1f} mA, ring {self.pair.ring_vrms:.0f} V\n"
            f"  link {'up' if self.linked else 'down'}, {pcm.format.value}, {slot},"
            f" RDT {int(self.ring.ringing)}, interrupts {r[4]:02x},"
            f" watchdog {'on' if r[2] & 0x10 else 'off'}"
        )

    # --- inside: reset and time ---------------------------------------------------------------

    def _lose(self) -> None:
        self._dead = False
        self._clear_registers()

    def _clear_registers(self) -> None:
        r = self._r
        r[:] = bytes(64)
        for register, value in m.RESET.items():
            r[register] = value
        self.spi_epoch += 1
        self.linked = False
        self._talking = False
        self._talks_at = self._link_at = NEVER
        self._opens_at = -NEVER
        self._calibrates_until = -NEVER
        self._polarity = 0
        self._ring_on = False
        self._ring_since = 0.0
        self._pulse_until = -NEVER
        self._pulse_sign = 0
        self._dropped = True
        self._bus_sound = self._line_sound = self._looped = None
        self._wakes_at = NEVER
        self._to_line.empty()
        self._from_line.empty()
        self.ring.clear()
        self._ring_settings()
        self._levels()
        self._pcm_changed()

    def _work(self) -> None:
        now, r = self.now_ms, self._r
        if self._link_at <= now:
            self._link_at = NEVER
            self.linked = True
            r[4] |= m.RDTI | m.DODI  # both stand after power-up and have to be cleared
            self._sensed()
        for up in self.ring.settle(now):
            if up or r[2] & 0x04:  # RDI: at the end too
                r[4] |= m.RDTI
        if self._talks_at <= now:
            self._talks_at = NEVER
            self._talking = self.linked
        if r[2] & 0x10 and now - self._last_access_ms >= m.WATCHDOG_MS and self.off_hook:
            self.watchdog_bites += 1
            self._hook(off=False)
        self._plan()

    def _plan(self) -> None:
        self._wakes_at = min(self._link_at, self.ring.wakes_at, self._talks_at)
        if self._r[2] & 0x10 and self.off_hook:
            self._wakes_at = min(self._wakes_at, self._last_access_ms + m.WATCHDOG_MS)

    def _pcm_changed(self) -> None:
        self.pcm_version += 1

    def _power_line_side(self) -> None:
        """PDL, clocks and the isolation capacitors decide whether the line side lives."""
        r = self._r
        wanted = not r[6] & 0x18 and self.clocked and self.isolation and not self.in_reset
        if wanted:
            if not self.linked and self._link_at == NEVER:
                self._link_at = self.now_ms + m.LINK_MS
        else:
            if self.linked:
                r[4] |= m.FDTI
                self._hook(off=False)
            self.linked = False
            self._link_at = NEVER
            self.ring.clear()
            self._polarity = 0
        self._plan()

    # --- inside: hook -------------------------------------------------------------------------

    def _hook(self, off: bool) -> None:
        r, now = self._r, self.now_ms
        if off == self.off_hook:
            return
        if not off:
            r[5] &= 0xFE
            self._opens_at = now + self._release_ms()
            self._talking, self._talks_at = False, NEVER
            return
        r[5] |= 1
        self.ring.clear()
        self._ring_on = False
        self._from_line.empty()
        self._to_line.empty()
        at = now + m.HOOK_RELAY_MS + m.OFF_HOOK_MS[r[31] >> 5 & 3]
        if not r[25] & 0x20:
            at += m.RESISTOR_CALIBRATION_MS
            self._calibrates_until = at
        if not r[17] & 0x20:
            at += m.ADC_CALIBRATION_MS
        self._talks_at = at

    def _release_ms(self) -> float:
        """On-hook speed by OHS, OHS2 and SQ: under 0.5, 3 or 26 ms."""
        r = self._r
        if r[16] & 0x40:
            return 26.0
        return 3.0 if r[31] & 8 else 0.0

    # --- inside: line sensing -----------------------------------------------------------------

    def _sensed(self) -> None:
        """Something on the pair changed."""
        if not self.linked:
            return
        r, pair, now = self._r, self.pair, self.now_ms
        ringing = not self.off_hook and pair.ring_vrms >= self._threshold_v()
        if ringing != self._ring_on:
            self._ring_on = ringing
            if ringing:
                self._ring_since = now
                self.ring.ring(now, pair.ring_hz)
                if math.sqrt(2.0) * pair.ring_vrms > abs(pair.voltage_v):
                    self._polarity_interrupt()  # the tops turn the line around
            else:
                self.ring.quiet(now)
        sign = (
            0 if abs(pair.voltage_v) <= m.LVS_FORCED_V else int(math.copysign(1, -pair.voltage_v))
        )
        if sign and sign != self._polarity:
            if self._polarity:
                self._polarity_interrupt()
                if not self.off_hook:
                    self._pulse_sign, self._pulse_until = sign, now + STEP_PULSE_MS
                    if r[18] & 2 or sign > 0:
                        self.ring.crossing(now)
            self._polarity = sign
        dropped = not self.off_hook or abs(pair.current_ma) < m.DROP_OUT_MA
        if dropped and not self._dropped and self.off_hook:
            r[4] |= m.DODI
        self._dropped = dropped
        if self._line_current() >= 31:
            r[4] |= m.LCSOI
        self._compare()
        limit = m.OVERLOAD_LIMITED_MA if r[26] & 2 else m.OVERLOAD_MA
        if r[17] & 8 and self.off_hook and abs(pair.current_ma) > limit:
            r[19] |= 1
            self._terminal.resistance_ohm = m.OVERLOADED_OHM
        if self.ring.wakes_at <= now:
            self._work()
        self._plan()

    def _polarity_interrupt(self) -> None:
        if self._measures_voltage:
            self._r[4] |= m.POLI

    def _compare(self) -> None:
        """CVT: the threshold interrupt of registers 43 and 44."""
        if not self._measures_voltage:
            return
        r = self._r
        value = abs(self.pair.voltage_v) if r[44] & 4 else self._line_current_fine()
        if (value > r[43]) if r[44] & 1 else (value < r[43]):
            r[44] |= 8

    def _disturbed(self) -> None:
        r = self._r
        if self._world["billing_tone"] and r[17] & 4:
            r[17] |= 1
            r[4] |= m.BTDI
        if self._world["receive_overload"]:
            r[17] |= 2
            r[4] |= m.ROVI

    def _threshold_v(self) -> float:
        return m.RING_THRESHOLD_V[(self._r[17] >> 4 & 1) << 1 | (self._r[16] & 1)]

    def _ring_settings(self) -> None:
        r = self._r
        self.ring.validation = Validation.of(r[22], r[23], r[24], m.CONFIRM_MS)
        self._terminal.ren = m.SYNTHESISED_REN if r[16] & 2 else m.RINGER_REN
        if not r[17] & 8:  # OPE cleared: the overload is forgotten
            r[19] &= 0xFE
            self._terminal.resistance_ohm = m.OFF_HOOK_OHM

    def _ring_voltage(self, at_ms: float) -> float:
        """Ringing at an instant, TIP against RING."""
        if not self._ring_on:
            return self._pulse_sign * 100.0 if at_ms < self._pulse_until else 0.0
        turns = self.pair.ring_hz * (at_ms - self._ring_since) / 1000.0
        return math.sqrt(2.0) * self.pair.ring_vrms * math.sin(2.0 * math.pi * turns)

    def _detector(self, samples: int) -> Samples:
        """On-hook without ONHM the transmit slot carries the ring detector, not the line."""
        full = bool(self._r[18] & 2)
        idle = m.DETECTOR_IDLE_FULL if full else m.DETECTOR_IDLE_HALF
        if not self._ring_on:
            return np.full(samples, idle, np.float32)
        at = self.now_ms - self._ring_since + _MILLISECONDS[:samples]
        wave = np.sin(2.0 * np.pi * self.pair.ring_hz / 1000.0 * at)
        wave *= math.sqrt(2.0) * self.pair.ring_vrms
        out = np.where(wave > self._threshold_v(), m.DETECTOR_PEAK, idle)
        if full:
            out = np.where(wave < -self._threshold_v(), -m.DETECTOR_PEAK, out)
        return out.astype(np.float32)

    # --- inside: levels -----------------------------------------------------------------------

    def _levels(self) -> None:
        """Gains by registers 15, 30, 31 and 38 to 41, and the path's length by IIRE."""
        r = self._r
        range_ = 2 if r[30] & 0x10 else 1 if r[31] & 0x80 else 0
        full_dbm = m.FULL_SCALE_DBM[range_]
        transmit = m.CODE_DBM - full_dbm + m.TRANSMIT_BACK_OFF_DB + _step(r[38]) + _tenth(r[40])
        receive = full_dbm - m.CODE_DBM + _step(r[39]) + _tenth(r[41])
        zero = np.float32(0.0)
        self._transmit_gain = zero if r[15] & 0x80 else gain_of_db(transmit)
        self._receive_gain = zero if r[15] & 0x08 else gain_of_db(receive)
        length = m.IIR_SAMPLES if r[16] & 0x10 else m.FIR_SAMPLES
        if length != self._to_line.length:
            self._to_line, self._from_line = Delay(length), Delay(length)

    # --- inside: register faces ---------------------------------------------------------------

    def _hook_status(self) -> int:
        value = self._r[5] & 0x09
        if self.linked and not self.off_hook:
            volts = self._ring_voltage(self.now_ms)
            if volts > self._threshold_v():
                value |= 0x20
            elif volts < -self._threshold_v() and self._r[18] & 2:
                value |= 0x40
        return value | (4 if self.ring.ringing else 0)

    def _line_current(self) -> int:
        if not self.linked or not self.off_hook:
            return 0
        return min(31, int(abs(self.pair.current_ma) / m.LCS_MA))

    def _line_current_fine(self) -> int:
        if not self.linked or not self.off_hook or not self._measures_voltage:
            return 0
        return min(255, int(abs(self.pair.current_ma) / m.LCS2_MA))

    def _line_voltage(self) -> int:
        if not self.linked or not self._measures_voltage:
            return 0
        volts = -self.pair.voltage_v + self._ring_voltage(self.now_ms) * bool(self._ring_on)
        if abs(volts) <= m.LVS_FORCED_V and not self._r[31] & 1:
            return 0
        return max(-128, min(127, round(volts))) & 0xFF

    def _drop_out(self) -> int:
        if not self.linked:
            return 0
        overload = 4 if self._world["receive_overload"] else 0
        return (self._r[19] & 1) | overload | (2 if self._dropped or not self.off_hook else 0)

    def _identity(self) -> int:
        side = m.LINE_SIDES[self.line_side] if self.linked else 0
        return side << 4 | m.REVISION_A

    def _write_control_1(self, value: int) -> None:
        if value & 0x80:
            sticky = self._r[2] & 0x10
            self._clear_registers()
            self._r[2] |= sticky
            self._locked_at = self.now_ms + m.LOCK_MS
            return
        self._r[1] = value

    def _write_control_2(self, value: int) -> None:
        self._r[2] = value | (self._r[2] & 0x10)  # WDTEN stays until a hardware reset
        self._plan()

    def _write_hook(self, value: int) -> None:
        self._r[5] = (self._r[5] & 0x01) | (value & 0x08)
        self._hook(off=bool(value & 1) and self.linked)
        self._dropped = self._dropped or not self.off_hook
        self._plan()

    def _write_power(self, value: int) -> None:
        self._r[6] = value & 0x18
        if value & 0x08:
            self._dead = True
            self._hook(off=False)
            self._pcm_changed()
        self._power_line_side()

    def _write_sources(self, value: int) -> None:
        self._r[4] &= value

    def _write_international_2(self, value: int) -> None:
        r = self._r
        r[17] = (value & 0xFC) | (r[17] & value & 0x03)  # ROV and BTD are cleared by 0
        self._ring_settings()
        self._disturbed()

    def _write_threshold(self, value: int) -> None:
        self._r[44] = (value & 0x07) | (self._r[44] & value & 0x08)
        self._compare()

    def _resistor(self) -> int:
        busy = self.off_hook and self.now_ms < self._calibrates_until
        return (self._r[25] & 0x6F) | (0x80 if busy else 0)


def _step(value: int) -> int:
    """Registers 38, 39: b4 attenuates, up to 12 dB of gain and 15 of attenuation."""
    return -(value & 15) if value & 16 else min(12, value & 15)


def _tenth(value: int) -> float:
    """Registers 40, 41: b4 is the sign, tenths up to 1.5 dB."""
    return (-(value & 15) if value & 16 else value & 15) / 10.0


_PDL_GAIN = gain_of_db(m.TRANSMIT_BACK_OFF_DB)
_LEVELS = frozenset({15, 30, 31, 38, 39, 40, 41})
_RING_SETTINGS = frozenset({18, 22, 23, 24})

_LIVE: dict[int, Callable[[Si3050], int]] = {
    5: Si3050._hook_status,
    11: Si3050._identity,
    12: lambda c: (0x40 if c.linked else 0) | c._line_current(),
    13: lambda c: 0x40 | (m.REVISION_B << 2 if c.linked else 0),
    19: Si3050._drop_out,
    25: Si3050._resistor,
    28: Si3050._line_current_fine,
    29: Si3050._line_voltage,
}
"""Registers that show something of the moment instead of what was written."""


def _write_international_1(chip: Si3050, value: int) -> None:
    chip._r[16] = value
    chip._ring_settings()
    chip._levels()


_WRITES: dict[int, Callable[[Si3050, int], None]] = {
    1: Si3050._write_control_1,
    2: Si3050._write_control_2,
    4: Si3050._write_sources,
    5: Si3050._write_hook,
    6: Si3050._write_power,
    16: _write_international_1,
    17: Si3050._write_international_2,
    44: Si3050._write_threshold,
}
