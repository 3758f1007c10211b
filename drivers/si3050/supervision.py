"""What an exchange line did, out of what its DAA measures poll by poll.

Pure: values and times in, events out. Every change must last its time from
:mod:`drivers.si3050.tuning` before it is reported, and is reported with the time at which it was
first seen.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from drivers.line import (
    AnyLineEvent,
    BatteryLost,
    BatteryReturned,
    LineFree,
    LineInUse,
    LoopCurrentLost,
    LoopCurrentReturned,
    PolarityReversed,
    RingStarted,
    RingStopped,
)
from drivers.si3050 import tuning

FOREVER = 1 << 62


@dataclass(frozen=True, slots=True)
class LineSample:
    """One believed poll of one line."""

    at_ms: int
    off_hook: bool
    ring_edge: bool  # voltage beyond a ring threshold right now
    ring_valid: bool  # the chip has validated the ringing frequency
    line_v: int
    loop_ma: float


@dataclass(slots=True)
class Held:
    """A state that changes only when the new one has lasted."""

    value: int
    since_ms: int | None = None
    candidate: int = 0

    def feed(self, value: int, now_ms: int, hold_ms: int) -> int | None:
        """Take in a new observation; the time it was first seen if that just became the state."""
        if value == self.value:
            self.since_ms = None
            return None
        if self.since_ms is None or value != self.candidate:
            self.since_ms, self.candidate = now_ms, value
        if now_ms - self.since_ms < hold_ms:
            return None
        began, self.since_ms = self.since_ms, None
        self.value = value
        return began

    def wait(self) -> None:
        """The observation means nothing now: a change must begin anew."""
        self.since_ms = None


@dataclass(slots=True)
class Supervision:
    """State of one line.

    Attributes:
        port: for the events.
        minimum_ma: less current than this is a loop break.
        loss_hold_ms: how long it must last.
    """

    port: str
    minimum_ma: float = tuning.LOSS_BELOW_MA
    loss_hold_ms: int = tuning.CURRENT_LOSS_HOLD_MS
    ringing: bool = False
    deadline_ms: int = FOREVER
    events: list[AnyLineEvent] = field(default_factory=list)
    _ring_began_ms: int = 0
    _edge_ms: int = -1_000_000
    _polarity: Held = field(default_factory=lambda: Held(0))
    _normal: int = 0  # sign of the idle line, learned; 0 until battery was seen
    _battery: Held = field(default_factory=lambda: Held(1))
    _in_use: Held = field(default_factory=lambda: Held(0))
    _current: Held = field(default_factory=lambda: Held(1))
    _current_gone_ms: int = 0
    _current_from_ms: int = FOREVER
    _on_hook_from_ms: int = 0

    def seized(self, now_ms: int, settle_ms: int) -> None:
        """The loop was closed by us; current is expected from ``settle_ms`` on."""
        self._current_from_ms = now_ms + settle_ms
        self._current = Held(1)
        self._in_use.wait()
        self._battery.wait()

    def remade(self, now_ms: int, settle_ms: int) -> None:
        """The loop was closed again after a break of our own."""
        self._current_from_ms = now_ms + settle_ms
        self._current.wait()

    def opened(self) -> None:
        """The loop is open for a break of our own: no current is expected."""
        self._current_from_ms = FOREVER
        self._current.wait()
        self._polarity.wait()

    def released(self, now_ms: int) -> None:
        """The loop was opened for good."""
        self.opened()
        self._on_hook_from_ms = now_ms + tuning.ON_HOOK_HOLD_OFF_MS

    def voltage_class(self, sample_v: int) -> int:
        """Signed class of a voltage as the states below see it: 0 none, 1 low, 2 normal."""
        size = abs(sample_v)
        if size < tuning.NO_BATTERY_V:
            return 0
        limit = tuning.FREE_V if self._in_use.value else tuning.IN_USE_V
        level = 1 if size < limit else 2
        return level if sample_v > 0 else -level

    def ring_active(self, now_ms: int) -> bool:
        """Whether ring voltage is on the line, validated or suspected."""
        return self.ringing or now_ms - self._edge_ms < tuning.RING_EDGE_QUIET_MS

    def observe(self, sample: LineSample) -> list[AnyLineEvent]:
        """Take in one poll; what it amounts to."""
        self.events = []
        now = sample.at_ms
        if sample.ring_edge and not sample.off_hook:
            self._edge_ms = now
        self._observe_ring(sample)
        active = self.ring_active(now)
        if not active:
            self._observe_polarity(sample)
        else:
            self._polarity.wait()
        if sample.off_hook:
            self._observe_current(sample)
        elif now >= self._on_hook_from_ms and not active:
            self._observe_idle(sample)
        else:
            self._battery.wait()
            self._in_use.wait()
        self.deadline_ms = self._next(now)
        return self.events

    def _observe_ring(self, sample: LineSample) -> None:
        now = sample.at_ms
        if sample.ring_valid and not self.ringing and not sample.off_hook:
            self.ringing = True
            self._ring_began_ms = now - tuning.RING.confirm_ms
            self.events.append(RingStarted(port=self.port, at_ms=now))
        elif self.ringing and not sample.ring_valid:
            self.ringing = False
            # Off-hook ends the burst at once; otherwise the chip waits for its time-out first.
            ended = now if sample.off_hook else now - tuning.RING.timeout_ms
            length = max(0, ended - self._ring_began_ms)
            self.events.append(RingStopped(port=self.port, at_ms=now, duration_ms=length))

    def _observe_polarity(self, sample: LineSample) -> None:
        known = bool(self._battery.value) or sample.off_hook
        if not known or abs(sample.line_v) < tuning.NO_BATTERY_V:
            self._polarity.wait()
            return
        sign = 1 if sample.line_v > 0 else -1
        began = self._polarity.feed(sign, sample.at_ms, tuning.POLARITY_HOLD_MS)
        if began is None:
            return
        if self._normal == 0:
            self._normal = sign
            return
        reverse = sign != self._normal
        self.events.append(PolarityReversed(port=self.port, at_ms=began, reversed=reverse))

    def _observe_current(self, sample: LineSample) -> None:
        now = sample.at_ms
        if now < self._current_from_ms:
            return
        flows = int(sample.loop_ma >= self.minimum_ma)
        # A return is believed at once: the loss was long, and a call waits for it.
        began = self._current.feed(flows, now, 0 if flows else self.loss_hold_ms)
        if began is None:
            return
        if flows:
            gap = began - self._current_gone_ms
            self.events.append(LoopCurrentReturned(port=self.port, at_ms=began, gap_ms=gap))
        else:
            self._current_gone_ms = began
            self.events.append(LoopCurrentLost(port=self.port, at_ms=began))

    def _observe_idle(self, sample: LineSample) -> None:
        now = sample.at_ms
        level = abs(self.voltage_class(sample.line_v))
        present = int(level > 0)
        hold = tuning.BATTERY_RETURN_HOLD_MS if present else tuning.BATTERY_LOSS_HOLD_MS
        began = self._battery.feed(present, now, hold)
        if began is not None and present:
            self.events.append(BatteryReturned(port=self.port, at_ms=began))
            # Plugged in again, perhaps with the wires swapped: what is there now is normal.
            self._normal = 0
            self._polarity = Held(0)
            self._observe_polarity(sample)  # starts the hold; a quiet line is not polled for it
        elif began is not None:
            self.events.append(BatteryLost(port=self.port, at_ms=began))
            if self._in_use.value:
                self._in_use = Held(0)
                self.events.append(LineFree(port=self.port, at_ms=began))
        if not self._battery.value or not present:
            self._in_use.wait()
            return
        began = self._in_use.feed(int(level == 1), now, tuning.IN_USE_HOLD_MS)
        if began is not None:
            kind = LineInUse if self._in_use.value else LineFree
            self.events.append(kind(port=self.port, at_ms=began))

    def _next(self, now: int) -> int:
        """When something becomes true by time alone."""
        times = [FOREVER]
        if self._polarity.since_ms is not None:
            times.append(self._polarity.since_ms + tuning.POLARITY_HOLD_MS)
        if self._battery.since_ms is not None:
            hold = (
                tuning.BATTERY_RETURN_HOLD_MS
                if self._battery.candidate
                else tuning.BATTERY_LOSS_HOLD_MS
            )
            times.append(self._battery.since_ms + hold)
        if self._in_use.since_ms is not None:
            times.append(self._in_use.since_ms + tuning.IN_USE_HOLD_MS)
        if self._current.since_ms is not None:
            times.append(self._current.since_ms + self.loss_hold_ms)
        times += [
            at
            for at in (
                self._current_from_ms,
                self._on_hook_from_ms,
                self._edge_ms + tuning.RING_EDGE_QUIET_MS,
            )
            if at > now
        ]
        return min(times)
