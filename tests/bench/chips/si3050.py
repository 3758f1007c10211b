"""A fake Si3050 with its line side: bytes on one side, the closing end of a pair on the other.

Written from data sheet facts, not from the driver. AC termination and hybrid taps act on the echo
of what the chip itself sends, where the copper tells the line's impedance. What is not modelled:
call progress output, ground start, GCI mode, 16 kHz sampling, and the analog loopbacks that need an
off-hook line.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from tests.bench.chips import si3050_map as m
from tests.bench.chips.hybrid import Hybrid
from tests.bench.chips.loop_detector import NEVER
from tests.bench.chips.si3050_line import LineSide
from tests.bench.chips.voice import Delay, Format, PcmSetting, Samples, amplified, gain_of_db
from tests.bench.world.copper import PairState, TerminalState

_FORMATS = (Format.A_LAW, Format.MU_LAW, Format.LINEAR8, Format.LINEAR16)


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
        self._r = bytearray(64)
        self.line = LineSide(self._r, line_side)
        self._bites_at = NEVER
        self._to_line = Delay(m.FIR_SAMPLES)
        self._from_line = Delay(m.FIR_SAMPLES)
        self.hybrid = Hybrid(self._r)
        self._bus_sound: Samples | None = None
        self._line_sound: Samples | None = None
        self._looped: Samples | None = None
        self._locked_at = -NEVER
        self._last_access_ms = 0.0
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
        self.now_ms = self.line.now_ms = now_ms
        if now_ms >= self._bites_at or now_ms >= self.line.wakes_at:
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
        elif what == "billing_tone":
            self.line.billing_tone = on
        elif what == "receive_overload":
            self.line.receive_overload = on
        else:
            raise ValueError(f"world({what!r}): isolation, billing_tone, receive_overload")
        self.line.disturbed()

    def lose_registers(self) -> None:
        """A brown-out or a discharge resets the chip behind the driver's back."""
        self._lose()
        self._locked_at = self.now_ms + m.LOCK_MS

    # --- the pair -----------------------------------------------------------------------------

    def terminal(self, samples: int) -> TerminalState:
        """What the chip presents to the exchange for the next ``samples``."""
        line = self.line
        state = line.presents
        state.closed = line.closed
        sound, self._bus_sound = self._bus_sound, None
        if line.talking and self._r[2] & 1:
            state.echo_gain = self.echo_gain
            if sound is not None:
                sound = amplified(sound, self._receive_gain)
            state.sound = self._to_line.through(sound, samples)
            self.hybrid.sent(state.sound)
        else:
            state.echo_gain = 0.0
            state.sound = None
        return state

    def terminal_senses(
        self,
        pair: PairState,
        sound: Samples | None,
        samples: int,
    ) -> None:
        """What arrived from the exchange."""
        self._line_sound = self.hybrid.heard(sound, pair.impedance, samples)
        self.line.sense(pair)

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
        line = self.line
        if not line.linked:
            return None
        if line.off_hook:
            if not line.talking:
                sound = None
        elif not r[5] & 8:
            return line.detector(samples)
        if sound is not None:
            sound = amplified(sound, self._transmit_gain)
        return self._from_line.through(sound, samples)

    # --- registers ----------------------------------------------------------------------------

    @property
    def off_hook(self) -> bool:
        """OH."""
        return self.line.off_hook

    @property
    def talking(self) -> bool:
        """Off-hook, settled and calibrated: audio passes."""
        return self.line.talking

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
                self.line.settings_changed()

    def render(self) -> str:
        """State of the chip for people; the first line says the most."""
        if self.in_reset:
            return f"{self.name} si3050+{self.line_side}: held in reset"
        if self._dead:
            return f"{self.name} si3050+{self.line_side}: powered down until reset"
        r, pcm, line, pair = self._r, self.pcm, self.line, self.line.pair
        hook = "on-hook"
        if line.off_hook:
            hook = "off-hook" if line.talking else "off-hook, settling"
        elif r[5] & 8:
            hook = "on-hook, listening"
        slot = f"slot at {pcm.transmit_count}" if pcm.enabled else "off the highway"
        return (
            f"{self.name} si3050+{self.line_side}: {hook}, {pair.voltage_v:.1f} V"
            f" {pair.current_ma:.1f} mA, ring {pair.ring_vrms:.0f} V\n"
            f"  link {'up' if line.linked else 'down'}, {pcm.format.value}, {slot},"
            f" RDT {int(line.ring.ringing)}, interrupts {r[4]:02x},"
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
        self._bus_sound = self._line_sound = self._looped = None
        self._to_line.empty()
        self._from_line.empty()
        self.line.clear()
        self._levels()
        self._pcm_changed()
        self._plan()

    def _work(self) -> None:
        self.line.advance(self.now_ms)
        idle_ms = self.now_ms - self._last_access_ms
        if self._r[2] & 0x10 and idle_ms >= m.WATCHDOG_MS and self.line.off_hook:
            self.watchdog_bites += 1
            self.line.hook(off=False)
        self._plan()

    def _plan(self) -> None:
        self._bites_at = NEVER
        if self._r[2] & 0x10 and self.line.off_hook:
            self._bites_at = self._last_access_ms + m.WATCHDOG_MS

    def _pcm_changed(self) -> None:
        self.pcm_version += 1

    def _power_line_side(self) -> None:
        alive = self.clocked and self.isolation and not self.in_reset
        self.line.power(alive and not self._r[6] & 0x18)

    # --- inside: levels -----------------------------------------------------------------------

    def _levels(self) -> None:
        """Gains by registers 15, 30, 31 and 38 to 41, and the path's length by IIRE."""
        r = self._r
        range_ = 2 if r[30] & 0x10 else 1 if r[31] & 0x80 else 0
        full_dbm = m.FULL_SCALE_DBM[range_]
        transmit = m.CODE_DBM - full_dbm + m.TRANSMIT_BACK_OFF_DB + _step(r[39]) + _tenth(r[41])
        receive = full_dbm - m.CODE_DBM + _step(r[38]) + _tenth(r[40])
        zero = np.float32(0.0)
        self._transmit_gain = zero if r[15] & 0x80 else gain_of_db(transmit)
        self._receive_gain = zero if r[15] & 0x08 else gain_of_db(receive)
        length = m.IIR_SAMPLES if r[16] & 0x10 else m.FIR_SAMPLES
        if length != self._to_line.length:
            self._to_line, self._from_line = Delay(length), Delay(length)

    # --- inside: register faces ---------------------------------------------------------------

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
        off = bool(value & 1) and self.line.linked
        if off != self.line.off_hook:
            self._to_line.empty()
            self._from_line.empty()
        self.line.hook(off=off)
        self._plan()

    def _write_power(self, value: int) -> None:
        self._r[6] = value & 0x18
        if value & 0x08:
            self._dead = True
            self.line.hook(off=False)
            self._pcm_changed()
        self._power_line_side()

    def _write_sources(self, value: int) -> None:
        self._r[4] &= value

    def _write_international_2(self, value: int) -> None:
        r = self._r
        r[17] = (value & 0xFC) | (r[17] & value & 0x03)  # ROV and BTD are cleared by 0
        self.line.settings_changed()
        self.line.disturbed()

    def _write_threshold(self, value: int) -> None:
        self._r[44] = (value & 0x07) | (self._r[44] & value & 0x08)
        self.line.compare()


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
    5: lambda c: c.line.hook_status(),
    11: lambda c: c.line.identity(),
    12: lambda c: c.line.status(),
    13: lambda c: c.line.revision(),
    19: lambda c: c.line.drop_out(),
    25: lambda c: c.line.resistor(),
    28: lambda c: c.line.current_fine(),
    29: lambda c: c.line.voltage(),
}
"""Registers that show something of the moment instead of what was written."""


def _write_international_1(chip: Si3050, value: int) -> None:
    chip._r[16] = value
    chip.line.settings_changed()
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
