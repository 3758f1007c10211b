"""An FXS port on an Si3210 or Si3215: a telephone's battery, ringing, hook and alarms."""

from __future__ import annotations

import logging
from collections.abc import Hashable

from drivers.access import Access, read, write
from drivers.chip import FOREVER, Condition
from drivers.line import (
    AnyLineCommand,
    LineState,
    LoopClosed,
    LoopOpened,
    PortFailed,
    PortReady,
    PowerAlarm,
    Reading,
    SetLineState,
)
from drivers.si3210 import tuning
from drivers.si3210.bring_up import GUARD_MS, Part, SlicBringUp
from drivers.si3210.registers import (
    LINEFEED,
    Linefeed,
)

__all__ = ["Part", "Slic"]

log = logging.getLogger(__name__)

LINE_STATES = {
    LineState.OPEN: Linefeed.OPEN,
    LineState.ACTIVE: Linefeed.FORWARD_ACTIVE,
    LineState.ON_HOOK_TRANSMISSION: Linefeed.FORWARD_OHT,
    LineState.RINGING: Linefeed.RINGING,
    LineState.REVERSED: Linefeed.REVERSE_ACTIVE,
    LineState.REVERSED_ON_HOOK_TRANSMISSION: Linefeed.REVERSE_OHT,
}

_LEGAL = {
    Linefeed.OPEN: frozenset((0,)),
    Linefeed.FORWARD_ACTIVE: frozenset((1,)),
    Linefeed.FORWARD_OHT: frozenset((1, 2)),
    Linefeed.RINGING: frozenset((1, 2, 4, 5, 6)),
    Linefeed.REVERSE_ACTIVE: frozenset((5,)),
    Linefeed.REVERSE_OHT: frozenset((5, 6)),
}
"""Real states that the chip may be in while a state is commanded: it goes off-hook by itself."""

_OFF_HOOK = {
    Linefeed.FORWARD_OHT: Linefeed.FORWARD_ACTIVE,
    Linefeed.RINGING: Linefeed.FORWARD_ACTIVE,
    Linefeed.REVERSE_OHT: Linefeed.REVERSE_ACTIVE,
}

SETTLE_MS = 30
"""Register 64 may show the state before for so long after a command; it is not a ring trip."""

MAX_ALARMS = 10
ALARM_DECAY_MS = 10_000  # one alarm is forgotten in this time


class Slic(SlicBringUp):
    """One Si3210 or Si3215.

    Args:
        port: the jack.
        position: place in the chain.
        part: what the machine configuration says is there.
        slot: PCM time slot.
        country: ISO 3166 code.
        law: ``"a"`` or ``"u"``.
    """

    # --- poll ------------------------------------------------------------------------------------

    def poll_reads(self) -> list[Access]:
        """Line state, carrying the wanted one, and loop status."""
        return [read(self.position, 64, self._wanted), read(self.position, 68)]

    def judge(self, values: bytes) -> Hashable:
        """Real line state and whether the loop is closed."""
        line, loop = values
        if line & 0x88 or loop & 0xF8:
            return None
        commanded, real = line & 7, line >> 4
        legal = _LEGAL[self._wanted]
        if self.now_ms < self._settled_ms:
            legal = legal | _LEGAL[self._before]
        if real not in legal or (commanded != self._wanted and commanded not in legal):
            return None
        return real, self._loop_closed(line, loop)

    def _loop_closed(self, line: int, loop: int) -> bool:
        """Loop closure; in ringing the ring trip bit, or that the chip has left ringing."""
        if self._wanted is not Linefeed.RINGING:
            return bool(loop & 1)
        tripped = line >> 4 in {1, 5} and self.now_ms >= self._settled_ms
        return bool(loop & 2) or tripped

    def observe(self, values: bytes) -> None:
        """Report the hook; put the commanded state behind what the chip did by itself."""
        now = self.now_ms
        self.deadline_ms = FOREVER
        if self._alarms and now >= self._decay_at_ms:
            self._alarms -= 1
            self._decay_at_ms = now + ALARM_DECAY_MS
        if self._resting:
            self._rest()
            return
        if self._alarms:
            self.deadline_ms = self._decay_at_ms
        if self._wanted is Linefeed.OPEN:
            self._candidate_ms = None
            return
        line, loop = values
        ringing = self._wanted is Linefeed.RINGING
        closed = self._loop_closed(line, loop)
        if now < self._settled_ms:
            self.deadline_ms = min(self.deadline_ms, self._settled_ms)
        if closed == self._closed:
            self._candidate_ms = None
            return
        if self._candidate_ms is None:
            self._candidate_ms = now
        if not ringing and now < self._guard_until_ms:
            self.deadline_ms = min(self.deadline_ms, self._guard_until_ms)
            return
        self._closed = closed
        seen_ms, self._candidate_ms = self._candidate_ms, None
        if closed:
            self.events.append(LoopClosed(port=self.port, at_ms=seen_ms, ring_trip=ringing))
            self._drive(_OFF_HOOK.get(self._wanted, self._wanted))
        else:
            self.events.append(LoopOpened(port=self.port, at_ms=seen_ms))

    def command(self, command: AnyLineCommand) -> None:
        """Set the line state; ringing into a closed loop is not begun, the chip would trip."""
        if not isinstance(command, SetLineState):
            raise self.refuse(command)
        if not self.in_service or self._resting:
            log.info("%s is out of service: %s is not set", self.port, command.state)
            return
        wanted = LINE_STATES[command.state]
        if wanted is Linefeed.RINGING and self._closed:
            wanted = Linefeed.FORWARD_ACTIVE
        self._drive(wanted)

    def safe_writes(self) -> list[Access]:
        """Battery without ringing; an open line stays open."""
        if not self.in_service or self._wanted is Linefeed.OPEN:
            return []
        return [write(self.position, 64, Linefeed.FORWARD_ACTIVE)]

    def _drive(self, wanted: Linefeed) -> None:
        if wanted is self._wanted:
            return
        self._before, self._wanted = self._wanted, wanted
        self._settled_ms = self.now_ms + SETTLE_MS
        if wanted is not Linefeed.RINGING:
            self._guard_until_ms = self.now_ms + GUARD_MS
        self._candidate_ms = None
        self.registers.write(LINEFEED, wanted)

    # --- what went wrong -------------------------------------------------------------------------

    def condition_reads(self) -> list[Access]:
        """Identity, two registers that stray traffic hits, three that only a reset changes."""
        return [*self.ask(0, 8, 2, 67, 74, 108), *self.poll_reads()]

    def condition(self, values: bytes) -> Condition:
        """Identity proves an answer; two of three settings prove that the chip was not reset."""
        mode, loopback, start = values[:3]
        if (mode ^ self._identity[0]) & 0xBF or values[7] & 0xF8:
            return Condition.SILENT
        kept = [values[place] == self.expected.get(r) for place, r in ((3, 67), (4, 74), (5, 108))]
        if sum(kept) < 2:
            return Condition.RESET
        strayed = loopback != 0 or start != 8 * self._slot & 0xFF
        fine = not strayed and self.judge(values[6:]) is not None
        return Condition.INTACT if fine else Condition.DEVIATES

    def deviates(self, values: bytes) -> None:
        """An open line is a power alarm; anything else was written wrongly: write it again."""
        strayed = values[1] != 0 or values[2] != 8 * self._slot & 0xFF
        if strayed or (values[6] & 0x70 and values[6] & 7):
            self.fault()
            self.outbox.write(64, self._wanted)
            if strayed:
                self.begin(self.put(self._direct()))
            return
        now = self.now_ms
        self._alarms += 1
        if self._alarms == 1:
            self._decay_at_ms = now + ALARM_DECAY_MS
        self.events.append(PowerAlarm(port=self.port, at_ms=now, count=self._alarms))
        if self._alarms < MAX_ALARMS:
            self._before, self._settled_ms = Linefeed.OPEN, now + SETTLE_MS
            if self._wanted is Linefeed.RINGING:
                self._wanted = Linefeed.FORWARD_ACTIVE
            self._guard_until_ms = now + GUARD_MS
            self.outbox.write(64, self._wanted)
            self.deadline_ms = self._decay_at_ms
            return
        self._resting = True
        self._wanted = Linefeed.OPEN
        self.outbox.write(64, Linefeed.OPEN)
        self.deadline_ms = self._decay_at_ms
        reason = (
            f"{self.port}: {MAX_ALARMS} power alarms, one forgotten every"
            f" {ALARM_DECAY_MS // 1000} s: the pair is shorted, wet, foreign-powered or rings"
            f" too many telephones; it stays open for {MAX_ALARMS * ALARM_DECAY_MS // 1000} s"
        )
        self.events.append(PortFailed(port=self.port, at_ms=now, reason=reason))

    def _rest(self) -> None:
        """Open after too many alarms; back when all of them are forgotten."""
        if self._alarms:
            self.deadline_ms = self._decay_at_ms
            return
        self._resting = False
        self._closed = False
        self._drive(Linefeed.FORWARD_ACTIVE)
        self.events.append(PortReady(port=self.port, at_ms=self.now_ms, detail=self._detail))

    # --- for people ------------------------------------------------------------------------------

    def reading_reads(self) -> list[Access]:
        """Loop voltage and current, battery."""
        return self.ask(78, 79, 82)

    def reading(self, values: bytes) -> Reading:
        """What the monitor converter says; steps of data sheet registers 78, 79 and 82."""
        volts, current, battery = values
        sign = 1 if volts & 0x40 else -1
        state = self.service.value
        if self._resting:
            state = "open after power alarms"
        elif self.in_service:
            state = self._wanted.name.lower().replace("_", " ")
        return Reading(
            port=self.port,
            at_ms=self.now_ms,
            chip=self._detail,
            state=state,
            line_v=sign * (volts & 0x3F) * tuning.BATTERY_STEP_V,
            loop_ma=(current & 0x3F) * 1.25,
            battery_v=-battery * tuning.SENSE_STEP_V,
            off_hook=self._closed,
            faults=self.faults,
            detail=self.jack,
        )
