"""A fake Si3210 or Si3215: bytes on one side, the feed of a pair on the other.

Written from data sheet facts, not from the driver. What is not modelled: on-chip tone and
metering generators, the analog loopbacks, FSK, and the thermal arithmetic behind power alarms
(over-power is told by the world).
"""

from __future__ import annotations

import random
from collections.abc import Callable
from functools import cache

import numpy as np

from tests.bench.chips import si321x_map as m
from tests.bench.chips.dtmf_decoder import DtmfDecoder
from tests.bench.chips.loop_detector import NEVER
from tests.bench.chips.si321x_calibration import Calibration
from tests.bench.chips.si321x_line import LineCircuit
from tests.bench.chips.voice import (
    Delay,
    Format,
    PcmSetting,
    Samples,
    amplified,
    gain_of_db,
)
from tests.bench.world.copper import FeedState, PairState

CODEC_SAMPLES = 4  # path delay each way, about 0.5 ms
IAS_ACCESSES = 3  # accesses to this chip during which an indirect one stays pending

_FORMATS = {0: Format.A_LAW, 1: Format.MU_LAW, 2: Format.LINEAR8, 3: Format.LINEAR8}
_STATUS = {18: 21, 19: 22, 20: 23}  # interrupt status register: its enable register
_LINE_SETTINGS = frozenset({14, 34, 63, 66, 69, 70, 71, 72, 73, 74, 75, 108})


class Si321x:
    """One chip.

    Args:
        variant: ``si3210`` or ``si3215``.
        name: for :meth:`render`.
        ring_trim: highest value of register 98 at which the RING side balances.
        tip_trim: the same for register 99 and TIP.
        echo_gain: part of what arrives from the telephone that goes back to it (return loss).
        seed: of what stands in the indirect registers after reset, which is undefined.
    """

    def __init__(
        self,
        variant: str = "si3210",
        *,
        name: str = "",
        ring_trim: int = 0x10,
        tip_trim: int = 0x10,
        echo_gain: float = 0.1,
        seed: int = 1,
    ) -> None:
        if variant not in {"si3210", "si3215"}:
            raise ValueError(f"variant {variant!r}: it is si3210 or si3215")
        self.variant = variant
        self.name = name or variant
        self.echo_gain = echo_gain
        self.in_reset = False
        self.clocked = True
        self.spi_epoch = 0
        self.pcm_version = 0
        self.accesses = 0
        self.now_ms = 0.0
        self._random = random.Random(seed)
        self._r = bytearray(128)
        self._i = [0] * 256
        self._where = m.SI3210 if variant == "si3210" else m.SI3215
        self.line = LineCircuit(self._r, self._i, self._where, self._flag)
        self.calibration = Calibration(
            self._r,
            self.line,
            self._flag,
            trims={98: ring_trim, 99: tip_trim},
            gains=variant == "si3215",
        )
        self._decoder = DtmfDecoder() if variant == "si3210" else None
        self._to_line = Delay(CODEC_SAMPLES)
        self._from_line = Delay(CODEC_SAMPLES)
        self._bus_sound: Samples | None = None
        self._line_sound: Samples | None = None
        self._looped: Samples | None = None
        self._wakes_at = NEVER
        self._lose()

    # --- pins ---------------------------------------------------------------------------------

    def reset(self, released: bool) -> None:
        """The RESET pin: low (False) holds the chip, everything is at reset when it rises."""
        if not released:
            self._lose()
        self.in_reset = not released
        self._pcm_changed()

    def clock(self, running: bool) -> None:
        """PCLK and FSYNC came or went: without them no voice, and hardly a battery."""
        self.line.converter.hold(self.now_ms)
        self.clocked = self.line.converter.clocked = running
        self.line.settings_changed()
        self._pcm_changed()

    @property
    def interrupt_low(self) -> bool:
        """The open drain INT pin: low while any status bit is set."""
        return not self.in_reset and bool(self._r[18] | self._r[19] | self._r[20])

    @property
    def daisy(self) -> bool:
        """SPIDC: the serial port is in 3-byte mode."""
        return bool(self._r[0] & 0x80)

    silent = False

    # --- time and the world -------------------------------------------------------------------

    def advance(self, now_ms: float) -> None:
        """It is ``now_ms``."""
        self.now_ms = self.line.now_ms = now_ms
        if now_ms >= self._wakes_at or now_ms >= self.line.wakes_at:
            self._work()

    def world(self, what: str, value: float = 1.0) -> None:
        """Do something to the chip from outside.

        Args:
            what: ``foreign_voltage`` (volts on both wires), ``short`` (0 or 1: TIP to RING
                inside the board), ``leak`` (0 or 1), ``supply`` (0 or 1: the 12 V of the
                converter), ``power_alarm`` (once).
            value: as above.
        """
        line = self.line
        if what == "foreign_voltage":
            line.foreign_v = value
        elif what == "short":
            line.short = bool(value)
        elif what == "leak":
            line.converter.hold(self.now_ms)
            line.converter.leak = bool(value)
        elif what == "supply":
            line.converter.hold(self.now_ms)
            line.converter.supplied = bool(value)
            line.settings_changed()
        elif what == "power_alarm":
            line.power_alarm()
        else:
            raise ValueError(f"world({what!r}): foreign_voltage, short, leak, supply, power_alarm")
        line.world_changed()

    def lose_registers(self) -> None:
        """A brown-out or a discharge resets the chip behind the driver's back."""
        self._lose()

    # --- the pair -----------------------------------------------------------------------------

    def feed(self, samples: int) -> FeedState:
        """What the chip puts on the pair for the next ``samples``."""
        state = self.line.feed()
        sound, self._bus_sound = self._bus_sound, None
        if self.line.audio and self.clocked:
            state.echo_gain = self.echo_gain
            state.sound = self._to_line.through(
                None if sound is None else amplified(sound, self._receive_gain()), samples
            )
        else:
            state.echo_gain = 0.0
            state.sound = None
        return state

    def feed_senses(self, pair: PairState, sound: Samples | None, samples: int) -> None:
        """What came back from the pair."""
        line = self.line
        line.sense(pair)
        if not line.audio:
            sound = None
        self._line_sound = sound
        if self._decoder is not None:
            self._decoder.hear(sound, samples)
            if sound is not None and self._r[23] & 1:
                present = self._decoder.present
                if self._decoder.read() & 0x10 and not present:
                    self._flag(20, 0x01)

    # --- the highway --------------------------------------------------------------------------

    @property
    def pcm(self) -> PcmSetting:
        """How registers 1 to 5 use the highway."""
        r = self._r
        code = r[1] >> 3 & 3
        linear = Format.LINEAR16 if r[1] & 4 else Format.LINEAR8
        return PcmSetting(
            enabled=bool(r[1] & 0x20) and not self.in_reset and self.clocked,
            format=_FORMATS[code] if code < 2 else linear,
            transmit_count=r[2] | (r[3] & 3) << 8,
            receive_count=r[4] | (r[5] & 3) << 8,
        )

    def incoming(self, sound: Samples | None) -> None:
        """What the receive slot carried in this block."""
        if self._r[8] & 2:  # DLM: the bus hears itself, the line hears nothing
            self._looped = sound
        else:
            self._bus_sound = sound

    def outgoing(self, samples: int) -> Samples | None:
        """What the chip puts into its transmit slot for this block."""
        if self._r[8] & 2:
            sound, self._looped = self._looped, None
            return sound
        sound, self._line_sound = self._line_sound, None
        if sound is not None:
            sound = amplified(sound, self._transmit_gain())
        return self._from_line.through(sound, samples)

    # --- registers ----------------------------------------------------------------------------

    def read(self, register: int) -> int:
        """What the chip drives for a read of ``register``."""
        self.accesses += 1
        if self._pending:
            self._count_down()
        if register in _LIVE:
            return _LIVE[register](self)
        return self._r[register]

    def write(self, register: int, value: int) -> None:
        """Put ``value`` into ``register``."""
        self.accesses += 1
        if self._pending:
            self._count_down()
        if register in _WRITES:
            _WRITES[register](self, value)
        elif register not in m.READ_ONLY:
            self._r[register] = value
            if register in _LINE_SETTINGS:
                self.line.settings_changed()
            elif register <= 5:
                self._pcm_changed()

    def indirect(self, address: int) -> int:
        """An indirect register, for tests and people."""
        return self._i[address]

    def render(self) -> str:
        """State of the chip for people; the first line says the most."""
        line, r = self.line, self._r
        if self.in_reset:
            return f"{self.name} {self.variant}: held in reset"
        hook = "off-hook" if line.loop.closed else "on-hook"
        pcm = self.pcm
        slot = f"slot at {pcm.transmit_count}" if pcm.enabled else "off the highway"
        return (
            f"{self.name} {self.variant} rev {r[0] & 15}: {m.LINE_STATES[line.state]}, {hook},"
            f" {line.pair.voltage_v:.1f} V {line.pair.current_ma:.1f} mA,"
            f" VBAT {line.battery_v:.1f} V\n"
            f"  {pcm.format.value}, {slot}, ring {line.pair.ring_vrms:.0f} V,"
            f" {line.alarms} alarms, interrupts {r[18]:02x} {r[19]:02x} {r[20]:02x}"
            f"{', loopback' if r[8] & 7 else ''}"
            f"{'' if self.daisy else ', serial port in 2-byte mode'}"
        )

    # --- inside: reset and time ---------------------------------------------------------------

    def _lose(self) -> None:
        r = self._r
        r[:] = bytes(128)
        for register, value in m.RESET.items():
            r[register] = value
        if self.variant == "si3215":
            r[1] = 0x88
        self._i[:] = [self._random.getrandbits(16) for _ in range(256)]
        self._pending = 0
        self._writing = False
        self._data_touched = False
        self._wakes_at = NEVER
        self.calibration.clear()
        self._bus_sound = self._line_sound = self._looped = None
        self._to_line.empty()
        self._from_line.empty()
        self.spi_epoch += 1
        self.line.lose()
        self._pcm_changed()

    def _work(self) -> None:
        now = self.now_ms
        self.line.advance(now)
        if self._pending:
            self._finish_indirect()
        self.calibration.advance(now)
        self._plan()

    def _plan(self) -> None:
        self._wakes_at = self.calibration.wakes_at
        if self._pending:
            self._wakes_at = min(self._wakes_at, self.now_ms + m.TIMER_MS)

    def _pcm_changed(self) -> None:
        self.pcm_version += 1

    def _flag(self, register: int, bits: int) -> None:
        """Set interrupt status bits that are enabled."""
        self._r[register] |= bits & self._r[_STATUS[register]]

    # --- inside: voice ------------------------------------------------------------------------

    def _receive_gain(self) -> np.float32:
        audio = self._r[9]
        return _gain(self._i[self._where.receive_gain], audio & 3, bool(audio & 0x10))

    def _transmit_gain(self) -> np.float32:
        audio = self._r[9]
        return _gain(self._i[self._where.transmit_gain], audio >> 2 & 3, bool(audio & 0x20))

    # --- inside: indirect registers -----------------------------------------------------------

    def _write_data(self, register: int, value: int) -> None:
        self._r[register] = value
        self._data_touched = True

    def _write_address(self, value: int) -> None:
        if self._pending:
            self._finish_indirect()
        self._r[30] = value
        self._writing, self._data_touched = self._data_touched, False
        self._pending = IAS_ACCESSES
        self._plan()

    def _count_down(self) -> None:
        self._pending -= 1
        if not self._pending:
            self._finish_indirect()

    def _finish_indirect(self) -> None:
        """The engine takes data at the end: who writes 28 or 29 meanwhile spoils the access."""
        r, address = self._r, self._r[30]
        if self._writing:
            self._i[address] = r[28] | r[29] << 8
            self.line.settings_changed()
        else:
            r[28], r[29] = self._i[address] & 0xFF, self._i[address] >> 8
        self._pending = 0
        self._flag(20, 0x02)

    def _calibrate(self, write: Callable[[int], None], value: int) -> None:
        write(value)
        self._plan()

    # --- inside: monitors ---------------------------------------------------------------------

    def _loop_voltage(self) -> int:
        volts = round(abs(self.line.pair.voltage_v) / m.LOOP_V)
        return self.line.loop_sign() | min(0x3F, volts)

    def _loop_current(self) -> int:
        milliamperes = round(abs(self.line.pair.current_ma) / m.LOOP_MA)
        return self.line.loop_sign() | min(0x3F, milliamperes)

    def _ring_control(self) -> int:
        ringing = self.line.commanded == m.RINGING
        burst = self.line.state == m.RINGING
        return (self._r[34] & 0x1B) | (4 if ringing else 0) | (0x20 if burst else 0)

    def _power(self) -> int:
        if self._r[76] & 7 > 1:
            return 0
        current = abs(self.line.pair.current_ma)
        lost = max(0.0, self.line.battery_v - abs(self.line.pair.voltage_v)) / 2.0
        return min(255, round(lost * current / m.POWER_MW))


@cache
def _gain(digital: int, analog: int, mute: bool) -> np.float32:
    """Gain of one direction: DACG or ADCG (0x4000 is 0 dB), ARX or ATX, RXM or TXM."""
    level_db = m.ANALOG_GAIN_DB[analog]
    if mute or level_db is None:
        return np.float32(0.0)
    return np.float32(gain_of_db(level_db) * ((digital & 0x7FF0) / 16384.0))


def _volts(volts: float) -> int:
    return max(0, min(255, int(volts / m.WIRE_V)))


_LIVE: dict[int, Callable[[Si321x], int]] = {
    24: lambda c: 0 if c._decoder is None else c._decoder.read(),
    31: lambda c: 1 if c._pending else 0,
    34: Si321x._ring_control,
    64: lambda c: c.line.state << 4 | c.line.commanded,
    68: lambda c: c.line.loop_status,
    77: Si321x._power,
    78: Si321x._loop_voltage,
    79: Si321x._loop_current,
    80: lambda c: _volts(c.line.wire_v()[0]),
    81: lambda c: _volts(c.line.wire_v()[1]),
    82: lambda c: _volts(c.line.battery_v),
    83: lambda c: _volts(c.line.battery_v),
    84: lambda c: min(255, round(abs(c.line.pair.current_ma) / m.Q12_MA)),
    85: lambda c: min(255, round(abs(c.line.pair.current_ma) / m.Q12_MA)),
    88: lambda c: c.calibration.mismatch(88),
    89: lambda c: c.calibration.mismatch(89),
}
"""Registers that show something of the moment instead of what was written."""


def _clear_ones(register: int) -> Callable[[Si321x, int], None]:
    def write(chip: Si321x, value: int) -> None:
        chip._r[register] &= ~value & 0xFF

    return write


def _write_spi_mode(chip: Si321x, value: int) -> None:
    chip._r[0] = (value & 0xC0) | m.REVISION


def _write_pcm_mode(chip: Si321x, value: int) -> None:
    chip._r[1] = (value & 0x7F) | (chip._r[1] & 0x80)  # PNI2 is read only
    chip._pcm_changed()


def _write_period(chip: Si321x, value: int) -> None:
    chip._r[92] = value | 0x40


_WRITES: dict[int, Callable[[Si321x, int], None]] = {
    0: _write_spi_mode,
    1: _write_pcm_mode,
    18: _clear_ones(18),
    19: _clear_ones(19),
    20: _clear_ones(20),
    28: lambda c, v: c._write_data(28, v),
    29: lambda c, v: c._write_data(29, v),
    30: Si321x._write_address,
    64: lambda c, v: c.line.command(v & 7),
    92: _write_period,
    93: lambda c, v: c._calibrate(c.calibration.write_converter, v),
    96: lambda c, v: c._calibrate(c.calibration.write_start, v),
    98: lambda c, v: c.calibration.write_trim(98, v),
    99: lambda c, v: c.calibration.write_trim(99, v),
}
