"""An FXO port on an Si3050 with Si3019: hook, pulses, flash, and what the exchange does.

Order and limits of bring-up: data sheet Si3050 rev 1.5, section "Initialization". The on-hook
line monitor stays on, so that the sound of the idle line (caller ID) is always on the PCM slot.
"""

from __future__ import annotations

import logging
from collections.abc import Hashable

from drivers.access import Access, read, write
from drivers.chip import Chip, Condition, Resync, Script, Service, Wait
from drivers.errors import BringUpError, CardError
from drivers.line import (
    AnyLineCommand,
    DialPulses,
    Flash,
    FlashDone,
    LoopBack,
    LoopCurrentLost,
    PulsesSent,
    Reading,
    Release,
    Seize,
    TuneLine,
)
from drivers.si3050 import tuning
from drivers.si3050.registers import DaaRegisters, LineSide
from drivers.si3050.supervision import FOREVER, LineSample, Supervision

log = logging.getLogger(__name__)

ON_HOOK = 0x08  # ONHM
OFF_HOOK = 0x09  # ONHM and OH
_RING_BITS = 0x60
_RING_VALID = 0x04
_ALWAYS_ZERO = 0x92
_LINK_UP = 0x40

DATA_LOOP = 0x01  # DDL in register 10
CALIBRATION_OFF = 0x20  # CALD in register 17, RCALD in register 25
OVERLOAD_PROTECTION = 0x08  # OPE in register 17

FLASH_BREAK_MS = (40, 2000)
PULSE_MS = (10, 200)


class Daa(Chip):
    """One Si3050 and its line side.

    Args:
        port: the jack.
        position: place in the chain.
        slot: PCM time slot.
        country: ISO 3166 code.
        law: ``"a"`` or ``"u"``.
        minimum_ma: loop current below which the loop counts as broken.
    """

    def __init__(
        self,
        port: str,
        position: int,
        *,
        slot: int,
        country: str,
        law: str,
        minimum_ma: float = tuning.LOSS_BELOW_MA,
    ) -> None:
        super().__init__(port, position, DaaRegisters)
        self._slot = slot
        self._country = tuning.country(country)
        self._system = tuning.system_side_values(law=law, slot=slot)
        self._line = tuning.line_side_values(self._country)
        self._minimum_ma = minimum_ma
        self._supervision = Supervision(port, minimum_ma)
        self._identity = b""
        self._detail = ""
        self._hook = ON_HOOK
        self._seized = False
        self._arm_at_ms = FOREVER
        self._link_lost_ms: int | None = None

    # --- poll ------------------------------------------------------------------------------------

    def poll_reads(self) -> list[Access]:
        """Hook and ring bits, link, current, voltage."""
        place = self.position
        return [read(place, 5, self._hook), read(place, 12), read(place, 28), read(place, 29)]

    def judge(self, values: bytes) -> Hashable:
        """Validated ring, link, and the classes of voltage and current."""
        control, status, current, voltage = values
        if control & _ALWAYS_ZERO or control & 0x09 != self._hook or status & 0xA0:
            return None
        if not status & _LINK_UP:
            return None
        ring = bool(control & _RING_VALID)
        if ring or control & _RING_BITS or self._supervision.ring_active(self.now_ms):
            return ring, None, None
        flows = current * tuning.CURRENT_STEP_MA >= self._minimum_ma
        return ring, self._supervision.voltage_class(_signed(voltage)), flows

    def observe(self, values: bytes) -> None:
        """Feed the line's supervision."""
        now = self.now_ms
        control, _, current, voltage = values
        self._link_lost_ms = None
        sample = LineSample(
            at_ms=now,
            off_hook=self._seized,
            ring_edge=bool(control & _RING_BITS),
            ring_valid=bool(control & _RING_VALID),
            line_v=_signed(voltage),
            loop_ma=current * tuning.CURRENT_STEP_MA,
        )
        self.events += self._supervision.observe(sample)
        if now >= self._arm_at_ms:
            self._arm_at_ms = FOREVER
            self.outbox.waiting += self.writes({17: OVERLOAD_PROTECTION})
        self.deadline_ms = min(self._supervision.deadline_ms, self._arm_at_ms)

    def command(self, command: AnyLineCommand) -> None:
        """Seize, release, flash or dial.

        Raises:
            CardError: no command for an exchange line, or times that no exchange understands.
        """
        match command:
            case Seize():
                if self._ready(command):
                    self._seize()
            case Release():
                self._release()
            case Flash(break_ms=break_ms):
                _within(self.port, "break_ms of a flash", break_ms, FLASH_BREAK_MS)
                if self._ready(command) and self._seized:
                    self.begin(self._flash(break_ms))
            case DialPulses(digits=digits, break_ms=break_ms, make_ms=make_ms):
                _within(self.port, "break_ms of a pulse", break_ms, PULSE_MS)
                _within(self.port, "make_ms of a pulse", make_ms, PULSE_MS)
                if not digits.isdecimal() or not digits.isascii():
                    raise CardError(
                        f"{self.port}: {digits!r} cannot be dialled by pulses, only 0-9"
                    )
                if self._ready(command) and self._seized:
                    self.begin(self._dial(command))
            case TuneLine(termination=termination, hybrid=hybrid):
                self._tune(termination, hybrid)
            case LoopBack(on=on):
                if not on or (self._ready(command) and not self._seized):
                    self._loop(on=on)
            case _:
                raise self.refuse(command)

    def _tune(self, termination: int, hybrid: tuple[int, ...]) -> None:
        """Registers 30 and 45 to 52, now and at every bring-up from now on."""
        wanted = {n: tuning.line_side_values(self._country)[n] for n in (30, *range(45, 53))}
        if hybrid:
            _within(self.port, "termination", termination, (0, 15))
            if len(hybrid) != tuning.TAPS:
                raise CardError(f"{self.port}: {len(hybrid)} hybrid taps, {tuning.TAPS} are needed")
            for tap in hybrid:
                _within(self.port, "a hybrid tap", tap, (-128, 127))
            wanted = {30: termination} | {45 + n: tap & 0xFF for n, tap in enumerate(hybrid)}
        self._line |= wanted
        if self.in_service:
            self.outbox.waiting += self.writes(wanted)
            self._expect(wanted)

    def _loop(self, *, on: bool) -> None:
        """Register 10: digital data loop-back. A bring-up ends it, for it is not remembered."""
        if self.in_service:
            self.outbox.waiting += self.writes({10: DATA_LOOP if on else 0x00})
            self._expect({10: DATA_LOOP if on else 0x00})

    def safe_writes(self) -> list[Access]:
        """On-hook, whatever state the driver believes in."""
        return [write(self.position, 5, ON_HOOK)]

    def _ready(self, command: AnyLineCommand) -> bool:
        if not self.in_service:
            log.info("%s is out of service: %s is not done", self.port, type(command).__name__)
        return self.in_service

    def _seize(self) -> None:
        if self._seized:
            return
        self._seized = True
        self._hook = OFF_HOOK
        self.outbox.waiting += self.writes({17: 0x00, 5: OFF_HOOK})
        self._supervision.seized(self.now_ms, tuning.CURRENT_IGNORED_MS)
        self._arm_at_ms = self.now_ms + tuning.OVERLOAD_ARM_MS
        self.deadline_ms = min(self.deadline_ms, self._arm_at_ms)

    def _release(self) -> None:
        if not self._seized:
            return
        if self.busy and self.in_service:
            self.abandon()
        self._seized = False
        self._hook = ON_HOOK
        self._arm_at_ms = FOREVER
        self.outbox.waiting += self.writes({5: ON_HOOK, 17: 0x00})
        self._supervision.released(self.now_ms)

    # --- breaks of our own -----------------------------------------------------------------------

    def _calibration_off(self) -> Script:
        """Neither resistor nor converter calibrates at the next make (data sheet, pulse dialling).

        The result bits of register 25 are written back as they were read.
        """
        answer = yield self.ask(25, 25)
        kept = answer[0] & 0x0F if answer[0] == answer[1] else answer[1] & 0x0F
        yield self.writes({25: kept | CALIBRATION_OFF, 17: CALIBRATION_OFF})

    def _calibration_on(self) -> Script:
        answer = yield self.ask(25, 25)
        kept = answer[0] & 0x0F if answer[0] == answer[1] else answer[1] & 0x0F
        yield self.writes({25: kept, 17: OVERLOAD_PROTECTION})

    def _set_hook(self, value: int) -> list[Access]:
        self._hook = value
        return self.writes({5: value})

    def _until(self, at_ms: int) -> Script:
        """Wait for a time on the dialling grid, so that late polls do not add up."""
        if at_ms > self.now_ms:
            yield Wait(at_ms - self.now_ms)

    def _flash(self, break_ms: int) -> Script:
        yield from self._calibration_off()
        self._supervision.opened()
        yield self._set_hook(ON_HOOK)
        yield Wait(break_ms)
        yield self._set_hook(OFF_HOOK)
        self._supervision.remade(self.now_ms, tuning.REMAKE_SETTLING_MS)
        yield from self._calibration_on()
        self.events.append(FlashDone(port=self.port, at_ms=self.now_ms))

    def _dial(self, command: DialPulses) -> Script:
        yield from self._calibration_off()
        at_ms = self.now_ms
        for place, digit in enumerate(command.digits):
            if place:
                at_ms += command.inter_digit_ms - command.make_ms
                yield from self._until(at_ms)
            for _ in range(int(digit) or 10):
                self._supervision.opened()
                yield self._set_hook(ON_HOOK)
                at_ms = max(at_ms, self.now_ms) + command.break_ms
                yield from self._until(at_ms)
                yield self._set_hook(OFF_HOOK)
                self._supervision.remade(self.now_ms, tuning.REMAKE_SETTLING_MS)
                at_ms = max(at_ms, self.now_ms) + command.make_ms
                yield from self._until(at_ms)
        yield from self._calibration_on()
        self.events.append(PulsesSent(port=self.port, at_ms=self.now_ms))

    # --- what went wrong -------------------------------------------------------------------------

    def condition_reads(self) -> list[Access]:
        """Two constants of the chip, three registers that a reset changes, and the poll."""
        return [*self.ask(11, 13, 34, 33, 6), *self.poll_reads()]

    def condition(self, values: bytes) -> Condition:
        """Register 13 bit 6 reads 1 in every Si3050; the others tell a reset."""
        revision, marker, start, pcm, power = values[:5]
        if not marker & 0x40 or marker & 0x80 or values[5] & _ALWAYS_ZERO:
            return Condition.SILENT
        known = (
            start == self._system[34],
            pcm == self._system[33],
            power == 0x00,
            revision == self._identity[0],
        )
        if not known[1] and not known[2]:
            return Condition.RESET
        fine = self.judge(values[5:]) is not None
        return Condition.INTACT if fine else Condition.DEVIATES

    def deviates(self, values: bytes) -> None:
        """A lost link is waited for; a wrong hook is the watchdog's doing or a disturbed write."""
        now = self.now_ms
        if not values[6] & _LINK_UP:
            if self._link_lost_ms is None:
                self._link_lost_ms = now
            if now - self._link_lost_ms >= tuning.LINK_LIMIT_MS:
                self._link_lost_ms = None
                self.lost()
            return
        if self._hook == OFF_HOOK and self.gap_ms >= tuning.WATCHDOG_MS:
            # The exchange has dropped the call long ago; closing the loop would begin another.
            self.events.append(LoopCurrentLost(port=self.port, at_ms=now))
            self._release()
            return
        self.outbox.waiting += self.writes({5: self._hook})

    def lost(self) -> None:
        """Registers lost: the chip is on-hook."""
        self._seized = False
        self._hook = ON_HOOK
        self._arm_at_ms = FOREVER
        super().lost()

    # --- bring-up --------------------------------------------------------------------------------

    def bring_up(self) -> Script:
        """Everything from reset to an idle line; a second attempt before the port fails."""
        for attempt in (1, 2):
            try:
                yield from self._present()
                yield from self._configure()
            except BringUpError as problem:
                if attempt == 2 or self.jack.startswith(("nothing", "Si3050 with")):
                    raise
                log.warning("%s; second attempt", problem)
                yield Wait(100)
            else:
                break
        self._idle(self._detail)

    def re_initialise(self) -> Script:
        """There is nothing to restore but settings: the same again."""
        yield Resync()
        yield from self._present()
        yield from self._configure()
        self._idle(f"{self._detail}; restored after a chip reset")

    def _idle(self, detail: str) -> None:
        self._seized = False
        self._hook = ON_HOOK
        self._link_lost_ms = None
        self._supervision = Supervision(self.port, self._minimum_ma)
        self._supervision.released(self.now_ms)
        self.came_up(detail)

    def _present(self) -> Script:
        answer = b""
        for attempt in range(10):
            if attempt > 2:
                yield Resync()
            answer = yield self.ask(2, 13, 2, 13)
            fresh = answer[0] == 0x03 or self.expected.get(2) == answer[0]
            if answer[:2] == answer[2:] and fresh and answer[1] & 0xC0 == 0x40:
                return
            if self.service is Service.COMING and answer[1] & 0xC0 == 0x40 and attempt > 4:
                return  # it answers; its registers are written anew in any case
            yield Wait(5)
        self.jack = "nothing answers"
        raise BringUpError(
            f"{self.port}: no Si3050 answers at place {self.position + 1} of the FXO chain:"
            f" register 2 reads {answer[0]:02X}, expected 03, register 13 reads {answer[1]:02X},"
            " expected 40 or more"
        )

    def _configure(self) -> Script:
        self._hook = ON_HOOK
        system = {5: 0x00, **self._system}
        yield from self.put({33: 0x00})  # PCM off while the slot is moved
        yield from self.put(system)
        yield from self.put({6: 0x00})
        yield from self._link()
        # The watchdog bit and the line side's registers are safe to write only now.
        yield from self.put(self._line)
        if self._country.spark_quench:
            answer = yield self.ask(59)
            yield from self.put({59: answer[0] & 0x06 | 0x50})
        yield from self.put({5: ON_HOOK})
        yield self.writes({4: 0x00})

    def _link(self) -> Script:
        """Wait for the isolation link and see what is beyond it."""
        until = self.now_ms + tuning.LINK_LIMIT_MS
        while True:
            answer = yield self.ask(11, 12, 13, 11, 12, 13)
            up = answer[1] & _LINK_UP and answer[0] >> 4
            if up and answer[0] == answer[3] and answer[2] == answer[5]:
                break
            if self.now_ms >= until:
                raise BringUpError(
                    f"{self.port}: the isolation link did not come up in"
                    f" {tuning.LINK_LIMIT_MS} ms; register 12 reads {answer[1]:02X}, bit 6"
                    " expected; check the line side and the PCM clock"
                )
            yield Wait(5)
        revision, _, line_revision = answer[:3]
        self._identity = bytes((revision, line_revision))
        self._name(revision, line_revision)

    def _name(self, revision: int, line_revision: int) -> None:
        side = revision >> 4
        name = next((item.name.capitalize() for item in LineSide if item.value == side), "")
        letter = chr(ord("A") - 1 + max(1, revision & 15))
        self._detail = f"Si3050 rev {letter}, {name or 'line side ' + str(side)}"
        if side != LineSide.SI3019:
            self.jack = f"Si3050 with {name or 'an unknown line side'}"
            why = {
                LineSide.SI3018: "it measures no line voltage, so battery, polarity and a line in"
                " use could not be seen",
                LineSide.SI3011: "it has only two of the sixteen line impedances, so most"
                " countries' lines would echo",
            }.get(LineSide(side) if name else LineSide.NONE, "it is not known")
            raise BringUpError(
                f"{self.port}: the line side is an {name or f'LSID {side}'}: {why}; an Si3019 is"
                " needed"
            )
        side_letter = chr(ord("A") - 1 + max(1, line_revision >> 2 & 15))
        self._detail += f" rev {side_letter}"
        self.jack = self._detail

    # --- for people ------------------------------------------------------------------------------

    def reading_reads(self) -> list[Access]:
        """Current and voltage anew."""
        return self.ask(28, 29)

    def reading(self, values: bytes) -> Reading:
        """Line voltage and loop current; steps of data sheet registers 28 and 29."""
        current, voltage = values
        state = self.service.value
        if self.in_service:
            state = "off-hook" if self._seized else "ringing" if self._rings else "on-hook"
        return Reading(
            port=self.port,
            at_ms=self.now_ms,
            chip=self._detail,
            state=state,
            line_v=float(_signed(voltage)),
            loop_ma=round(current * tuning.CURRENT_STEP_MA, 1),
            off_hook=self._seized,
            faults=self.faults,
            detail=self.jack,
        )

    @property
    def _rings(self) -> bool:
        return self._supervision.ringing


def _signed(value: int) -> int:
    return value - 256 if value & 0x80 else value


def _within(port: str, what: str, value: int, bounds: tuple[int, int]) -> None:
    least, most = bounds
    if not least <= value <= most:
        raise CardError(f"{port}: {what} is {value}, allowed {least} to {most}")
