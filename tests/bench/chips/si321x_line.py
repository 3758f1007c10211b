"""The line side of an Si3210 or Si3215: linefeed states, battery, ringing, hook and alarms.

It reads settings from the chip's registers and tells the chip what happened; it knows nothing
of the serial port, of interrupts or of voice.
"""

from __future__ import annotations

from collections.abc import Callable

from tests.bench.chips import ringer
from tests.bench.chips import si321x_map as m
from tests.bench.chips.converter import Converter
from tests.bench.chips.loop_detector import NEVER, LoopDetector
from tests.bench.world.copper import FeedState, PairState

FEED_OHM = 160.0  # source resistance behind the on-hook voltage
ALARM_MS = 60.0  # over-power to open line; chosen, the thermal pole is a register
BALANCE_HOOK_MA = 5.0  # current that spoils the balance calibration; chosen
POWERED_V = 20.0  # below this the feed cannot carry a current

Flag = Callable[[int, int], None]


class LineCircuit:
    """What stands between the registers and the pair.

    Args:
        registers: the chip's direct registers, shared.
        indirect: its indirect registers, shared.
        where: addresses of the indirect registers.
        flag: called with interrupt status register and bit when something happened.
    """

    def __init__(
        self, registers: bytearray, indirect: list[int], where: m.IndirectMap, flag: Flag
    ) -> None:
        self._r, self._i, self._where, self._flag = registers, indirect, where, flag
        self.converter = Converter()
        self.loop = LoopDetector()
        self.trip = LoopDetector()
        self.commanded = m.OPEN
        self.state = m.OPEN
        self.now_ms = 0.0
        self.wakes_at = NEVER
        self.audio = False
        self.pair = PairState()
        self.foreign_v = 0.0
        self.short = False
        self.alarms = 0
        self.balancing = False
        self.balance_spoiled = False
        self._ring_turns_at = NEVER
        self._alarm_at = NEVER
        self._feed = FeedState(open=True)
        self._feed_stale = True
        self._current_ma = self._ring_ma = self._voltage_v = 0.0

    # --- what the registers do ----------------------------------------------------------------

    def lose(self) -> None:
        """All registers are at reset: open line, converter off."""
        self.commanded = self.state = m.OPEN
        self._ring_turns_at = self._alarm_at = NEVER
        self.balancing = False
        self._entered()
        self.settings_changed()

    def command(self, linefeed: int) -> None:
        """Register 64 was written."""
        self.commanded = self.state = linefeed
        self._ring_turns_at = NEVER
        if linefeed == m.RINGING and self._r[34] & 0x10:
            self._ring_turns_at = self.now_ms + self._timer_ms(48)
        self._entered()

    def settings_changed(self) -> None:
        """A register that the line depends on was written."""
        r, i, where = self._r, self._i, self._where
        silence = self.commanded == m.RINGING and self.state == m.OHT
        on_ma = m.THRESHOLD_MA * (i[where.loop_threshold] >> 9 & 0x3F)
        low_ma = m.THRESHOLD_MA * (i[where.loop_threshold_low] >> 9 & 0x3F)
        self.loop.tune(
            self.now_ms,
            tau_ms=m.FILTER_MS / max(1, i[where.loop_filter]),
            on_ma=on_ma,
            off_ma=low_ma if r[108] & 1 else on_ma,
            debounce_ms=m.DEBOUNCE_MS * (r[63 if silence else 69] & 0x7F),
        )
        trip_ma = m.THRESHOLD_MA * (i[where.trip_threshold] >> 9 & 0x3F)
        self.trip.tune(
            self.now_ms,
            tau_ms=m.FILTER_MS / max(1, i[where.trip_filter]),
            on_ma=trip_ma,
            off_ma=trip_ma,
            debounce_ms=m.DEBOUNCE_MS * (r[70] & 0x7F),
        )
        self._steer()
        self._feed_stale = True
        self._plan()

    def balance(self, active: bool) -> None:
        """The longitudinal balance calibration puts a voltage on the open line by itself."""
        self.balancing = active
        if active:
            self.balance_spoiled = False
        self._feed_stale = True

    # --- time and the world -------------------------------------------------------------------

    def advance(self, now_ms: float) -> None:
        """Let everything happen that is due."""
        self.now_ms = now_ms
        while self._ring_turns_at <= now_ms:
            self._turn_ring()
        if self.loop.wakes_at <= now_ms and self.loop.settle(now_ms):
            self._loop_changed()
        if self.trip.wakes_at <= now_ms and self.trip.settle(now_ms) and self.trip.closed:
            self._tripped()
        if self._alarm_at <= now_ms:
            self.power_alarm()
        self._plan()

    def sense(self, pair: PairState) -> None:
        """What the pair carries in this block."""
        self.pair = pair
        current = pair.current_ma
        if (
            current == self._current_ma
            and pair.ring_current_ma == self._ring_ma
            and pair.voltage_v == self._voltage_v
        ):
            return
        self._current_ma, self._ring_ma = current, pair.ring_current_ma
        self._voltage_v = pair.voltage_v
        now, magnitude = self.now_ms, abs(current)
        if self.balancing:
            self.balance_spoiled |= magnitude > BALANCE_HOOK_MA
            return
        if self.state == m.RINGING:
            self.trip.sense(now, magnitude + pair.ring_current_ma)
        elif self.state not in {m.OPEN, m.TIP_OPEN, m.RING_OPEN}:
            self.loop.sense(now, magnitude)
            self._steer()
        if min(self.loop.wakes_at, self.trip.wakes_at) <= now:
            self.advance(now)
        self._plan()

    def feed(self) -> FeedState:
        """What is put on the pair; the same object as long as nothing changes."""
        if self._feed_stale:
            self._rebuild()
        return self._feed

    def world_changed(self) -> None:
        """A foreign voltage or a short came or went."""
        self._watch_power()
        self._plan()

    def power_alarm(self) -> None:
        """A transistor is over its limit: flag, and open the line if told so."""
        self.alarms += 1
        self._flag(19, 0x04 if self.short else 0x10)  # Q1 for a short, Q3 for a voltage
        if self._r[67] & 1:
            self.commanded = self.state = m.OPEN
            self._ring_turns_at = NEVER
            self._entered()
        else:
            self._watch_power()
        self._plan()

    # --- what the monitors show ---------------------------------------------------------------

    @property
    def loop_status(self) -> int:
        """Register 68: b2 low while the threshold is exceeded, b1 ring trip, b0 loop closed."""
        raw = self.trip.raw if self.state == m.RINGING else self.loop.raw
        return (0 if raw else 4) | (2 if self.trip.closed else 0) | (1 if self.loop.closed else 0)

    @property
    def battery_v(self) -> float:
        """Magnitude of VBAT."""
        return self.converter.voltage_v(self.now_ms)

    def loop_sign(self) -> int:
        """b6 of registers 78 and 79: set while TIP is below RING."""
        return 0x40 if self.pair.voltage_v > 0 else 0  # copper counts normal polarity negative

    def wire_v(self) -> tuple[float, float]:
        """Magnitudes of TIP and RING below ground."""
        if self.state in {m.OPEN, m.TIP_OPEN, m.RING_OPEN}:
            return self.foreign_v, self.foreign_v
        common = m.SETTING_V * (self._r[73] & 0x3F)
        far = common + abs(self.pair.voltage_v)
        return (far, common) if self.loop_sign() else (common, far)

    # --- inside -------------------------------------------------------------------------------

    def _entered(self) -> None:
        """The real state is another one now."""
        now = self.now_ms
        self.trip.clear(now)
        if self.state in {m.OPEN, m.TIP_OPEN, m.RING_OPEN, m.RINGING}:
            if self.loop.closed:
                self._flag(19, 0x02)
            self.loop.clear(now)
        self._current_ma = self._ring_ma = self._voltage_v = 0.0  # look at the pair afresh
        self.settings_changed()
        self._watch_power()
        self._listen()
        self._feed_stale = True

    def _turn_ring(self) -> None:
        """The ring timer ran out: burst to silence or back."""
        at = self._ring_turns_at
        if self.state == m.RINGING:
            self._flag(18, 0x10)
            self.state = m.OHT
            self._ring_turns_at = at + self._timer_ms(50) if self._r[34] & 8 else NEVER
        else:
            self._flag(18, 0x20)
            self.state = m.RINGING
            self._ring_turns_at = at + self._timer_ms(48) if self._r[34] & 0x10 else NEVER
        self._entered()

    def _loop_changed(self) -> None:
        self._flag(19, 0x02)
        if self.loop.closed and self.state in {m.OHT, m.REVERSED_OHT} and self._r[67] & 2:
            # AOLD: the off-hook state. A cadence ends with it.
            self.state = m.ACTIVE if self.state == m.OHT else m.REVERSED
            self._ring_turns_at = NEVER
            self.settings_changed()
        self._listen()
        self._steer()

    def _tripped(self) -> None:
        self._flag(19, 0x01)
        if self._r[67] & 4 and self.state == m.RINGING:
            # AORD: off-hook state at once. Ringing has no polarity, so it is the forward one;
            # what LF shows then is not documented, here it keeps the command.
            self.state = m.ACTIVE
            self._ring_turns_at = NEVER
            self._current_ma = self._ring_ma = self._voltage_v = 0.0
            self.settings_changed()
            self._listen()
            self._feed_stale = True

    def _listen(self) -> None:
        """Audio passes in on-hook transmission, and in active once the loop is closed."""
        if self.state in {m.OHT, m.REVERSED_OHT}:
            self.audio = True
        else:
            self.audio = self.state in {m.ACTIVE, m.REVERSED} and self.loop.closed

    def _watch_power(self) -> None:
        trouble = self.short or abs(self.foreign_v) > POWERED_V
        alive = self.state not in {m.OPEN, m.TIP_OPEN, m.RING_OPEN} and self.converter.on
        self._alarm_at = self.now_ms + ALARM_MS if trouble and alive else NEVER

    def _plan(self) -> None:
        self.wakes_at = min(
            self.loop.wakes_at, self.trip.wakes_at, self._ring_turns_at, self._alarm_at
        )

    def _timer_ms(self, register: int) -> float:
        return m.TIMER_MS * max(1, self._r[register] | self._r[register + 1] << 8)

    def _steer(self) -> None:
        """Tell the converter which battery the present state wants."""
        r = self._r
        high = m.SETTING_V * (r[74] & 0x3F)
        common = m.SETTING_V * (r[73] & 0x3F)
        overhead = m.SETTING_V * (self._i[self._where.overhead] >> 9 & 0xF)
        if r[66] & 8 or self.state in {m.OPEN, m.TIP_OPEN, m.RING_OPEN, m.RINGING}:
            wanted = high
        elif self.loop.closed:
            loop = abs(self.pair.voltage_v) + FEED_OHM * abs(self.pair.current_ma) / 1000.0
            wanted = loop + common + overhead
        else:
            wanted = common + m.SETTING_V * (r[72] & 0x3F) + overhead
        if not r[66] & 1:
            wanted = max(wanted, m.SETTING_V * (r[75] & 0x3F))
        on = not r[14] & 0x10
        if on != self.converter.on or wanted != self.converter.set_v:
            self.converter.steer(self.now_ms, on=on, set_v=wanted)
            self._feed_stale = True

    def _rebuild(self) -> None:
        r, feed, now = self._r, self._feed, self.now_ms
        battery = self.converter.voltage_v(now)
        state = m.ACTIVE if self.balancing else self.state
        feed.open = state in {m.OPEN, m.TIP_OPEN, m.RING_OPEN} or bool(r[14] & 0x03)
        feed.resistance_ohm = FEED_OHM
        feed.limit_ma = 20.0 + 3.0 * (r[71] & 7)
        feed.ring_vrms = feed.ring_hz = 0.0
        if state == m.RINGING:
            self._rebuild_ringing(feed, battery)
        elif not feed.open:
            wanted = m.SETTING_V * (r[72] & 0x3F)
            # With the loop closed the converter tracks the line: the current is what is kept.
            room = battery - m.SETTING_V * (r[73] & 0x3F)
            tracking = self.loop.raw and battery > POWERED_V / 2
            volts = wanted if tracking else max(0.0, min(wanted, room))
            backwards = (state in {m.REVERSED, m.REVERSED_OHT}) != bool(r[72] & 0x40)
            feed.battery_v = volts if backwards else -volts
        self._feed_stale = self.converter.moving(now)

    def _rebuild_ringing(self, feed: FeedState, battery: float) -> None:
        i, where = self._i, self._where
        trapezoidal = bool(self._r[34] & 1)
        if trapezoidal:
            peak, hertz = ringer.trapezoid(i[where.ring_period], i[where.ring_amplitude])
        else:
            peak, hertz = ringer.sine(i[where.ring_frequency], i[where.ring_amplitude])
        offset = ringer.FULL_SCALE_V * i[where.ring_offset] / 32768.0 if self._r[34] & 2 else 0.0
        feed.battery_v = -offset
        feed.ring_vrms = ringer.at_the_line(peak, battery - offset, trapezoidal=trapezoidal)
        feed.ring_hz = hertz
