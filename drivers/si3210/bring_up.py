"""Bring-up of an Si3210 or Si3215: from reset to dial tone, and back after lost registers.

Order and limits: data sheet Si3215 rev 0.92 sections 2.2 to 2.5 and the practice of fielded
drivers. The Si3210's gain mismatch is found by stepping, the Si3215's by itself.
"""

from __future__ import annotations

import logging
from typing import Literal

from drivers.access import write
from drivers.chip import Chip, Resync, Script, Service, Wait
from drivers.errors import BringUpError
from drivers.si3210 import tuning
from drivers.si3210.registers import (
    ACCUMULATORS,
    CALIBRATION_RESULTS,
    Linefeed,
    SlicRegisters,
)

log = logging.getLogger(__name__)

Part = Literal["si3210", "si3215"]

GUARD_MS = 60
"""After a change of line state the loop detector settles: a change must last this long."""

_IDENTITY = (0, 1, 11, 6)


class SlicBringUp(Chip):
    """The scripts of one chip; what it does in service is :class:`drivers.si3210.driver.Slic`."""

    def __init__(
        self, port: str, position: int, *, part: Part, slot: int, country: str, law: str
    ) -> None:
        super().__init__(port, position, SlicRegisters)
        self._part = part
        self._si3215 = part == "si3215"
        self._m_version = False
        self._slot = slot
        self._law = law
        self._country = tuning.country(country)
        self._ring = tuning.ringing(self._country.ring_hz, self._country.ring_vpk)
        self._identity = b""
        self._calibration: dict[int, int] = {}
        self._notes: list[str] = []
        self._detail = ""
        self._wanted = Linefeed.OPEN
        self._closed = False
        self._candidate_ms: int | None = None
        self._guard_until_ms = 0
        self._before = Linefeed.OPEN
        self._settled_ms = 0
        self._alarms = 0
        self._decay_at_ms = 0
        self._resting = False

    # --- bring-up --------------------------------------------------------------------------------

    def bring_up(self) -> Script:
        """Everything from reset to dial tone; a second attempt before the port fails."""
        yield from self._identify()
        for attempt in (1, 2):
            self._notes = []
            try:
                yield from self._power_up()
            except BringUpError as problem:
                yield Resync()
                yield [write(self.position, 64, 0), write(self.position, 14, 0x10)]
                if attempt == 2:
                    raise
                log.warning("%s; second attempt", problem)
                yield Wait(100)
            else:
                break
        yield from self._line_on()

    def re_initialise(self) -> Script:
        """After lost registers: everything but calibration, leak and battery tests."""
        yield Resync()
        yield from self._identify()
        if not self._calibration:
            yield from self.bring_up()
            return
        self._notes = ["restored after a chip reset"]
        yield from self.put({64: 0x00, 14: 0x10, **self._direct()})
        yield from self._write_indirect(self._indirect())
        yield from self.put({number: self._calibration[number] for number in range(98, 108)})
        yield [*self.writes({14: 0x00})]
        yield from self._verify_indirect(self._indirect())
        yield from self._converter_period()
        yield from self._battery(limit_ms=300)
        yield from self._line_on()

    def _identify(self) -> Script:
        """Find the chip and see that it is the one that was configured."""
        answer = b""
        for attempt in range(10):
            if attempt:
                yield Resync()
            answer = yield [*self.ask(*_IDENTITY), *self.ask(*_IDENTITY)]
            half = len(_IDENTITY)
            if answer[:half] == answer[half:] and answer[0] & 0xC0 == 0x80:
                break
            yield Wait(5)
        else:
            self.jack = "nothing answers"
            raise BringUpError(
                f"{self.port}: no chip answers at place {self.position + 1} of the FXS chain:"
                f" register 0 reads {answer[0]:02X}, expected 80 to BF"
            )
        mode, pcm, hybrid, part = answer[: len(_IDENTITY)]
        revision = mode & 0x0F
        self._identity = bytes((mode,))
        self.expected[0] = mode
        self._name(mode >> 4 & 3, pcm, part)
        if not 2 <= revision <= 14:
            raise BringUpError(
                f"{self.port}: chip revision {revision}, expected 2 (B) to 14; register 0 reads"
                f" {mode:02X}"
            )
        found = "si3215" if pcm & 0x80 else "si3210"
        if found != self._part:
            raise BringUpError(
                f"{self.port}: the chip is an {self._detail}, the configuration says {self._part}"
            )
        if self.service is Service.COMING and not self.expected.get(11) and hybrid != 0x33:
            raise BringUpError(
                f"{self.port}: register 11 reads {hybrid:02X} after reset, expected 33: the chip"
                " is not in its reset state"
            )

    def _name(self, part: int, pcm: int, part_2: int) -> None:
        """Name the part (data sheet registers 0, 1 and 6); refuse those without a converter."""
        if pcm & 0x80:
            kind = part_2 >> 5
            names = {0: "Si3215", 3: "Si3215M"}
            name = names.get(kind, "Si3216")
            self._m_version = kind == 3
        else:
            name = ("Si3210", "Si3211", "Si3212", "Si3210M")[part]
            self._m_version = part == 3
        self._detail = f"{name} rev {chr(ord('A') - 1 + max(1, self._identity[0] & 15))}"
        self.jack = self._detail
        if name in {"Si3211", "Si3212", "Si3216"}:
            raise BringUpError(
                f"{self.port}: the chip is an {name}; only Si3210, Si3210M, Si3215 and Si3215M"
                " are known"
            )

    def _direct(self) -> dict[int, int]:
        return tuning.direct_values(
            self._country,
            law=self._law,
            slot=self._slot,
            si3215=self._si3215,
            m_version=self._m_version,
        )

    def _indirect(self) -> dict[int, int]:
        return tuning.indirect_values(self._country, si3215=self._si3215)

    def _power_up(self) -> Script:
        values = self._indirect()
        parked = dict.fromkeys(tuning.filter_numbers(si3215=self._si3215), tuning.FILTERS_PARKED)
        yield from self.put({64: 0x00, 14: 0x10, **self._direct()})
        yield from self._write_indirect(values | parked)
        yield from self._foreign_voltage()
        yield from self._converter_on()
        yield from self._leak_test(values | parked)
        yield from self._calibrate()
        yield from self._write_indirect(dict.fromkeys(ACCUMULATORS, 0))
        final = {number: values[number] for number in parked}
        yield from self._write_indirect(final)
        yield from self._verify_indirect(final)
        answer = yield self.ask(*CALIBRATION_RESULTS)
        self._calibration = dict(zip(CALIBRATION_RESULTS, answer, strict=True))

    def _foreign_voltage(self) -> Script:
        answer = yield self.ask(80, 81, 80, 81)
        volts = max(min(answer[0], answer[2]), min(answer[1], answer[3])) * tuning.SENSE_STEP_V
        if volts > tuning.FOREIGN_LIMIT_V:
            raise BringUpError(
                f"{self.port}: {volts:.1f} V of a foreign source on the open pair, at most"
                f" {tuning.FOREIGN_LIMIT_V} V; unplug what feeds it"
            )

    def _converter_on(self) -> Script:
        yield from self.put({64: 0x00, 14: 0x00})
        yield from self._battery(limit_ms=500)
        yield from self._converter_period()

    def _battery(self, limit_ms: int) -> Script:
        """Wait for the high battery: within 6 V of nominal, seen twice."""
        least = self._ring.high_battery * tuning.BATTERY_STEP_V - tuning.BATTERY_MARGIN_V
        until = self.now_ms + limit_ms
        volts = 0.0
        while True:
            answer = yield self.ask(82, 82)
            volts = min(answer) * tuning.SENSE_STEP_V
            if volts >= least:
                return
            if self.now_ms >= until:
                break
            yield Wait(5)
        yield [write(self.position, 14, 0x10)]
        raise BringUpError(
            f"{self.port}: the ringing battery reached {volts:.0f} V within {limit_ms} ms, at"
            f" least {least:.0f} V expected; check the card's 12 V supply and the PCM frame clock"
        )

    def _converter_period(self) -> Script:
        """Off time, then peak current calibration; its result is set right if it is not sane."""
        off_time = 0x18 if self._m_version else 0x19
        yield self.writes({92: 0x60 if self._m_version else 0xFF, 93: off_time})
        yield self.writes({93: 0x80 | off_time})
        for _ in range(60):
            yield Wait(5)
            answer = yield self.ask(93, 93, 107, 107)
            if not (answer[0] | answer[1]) & 0x80:
                if answer[2] == answer[3] and not 2 <= answer[2] <= 13:
                    yield from self.put({107: 0x08})
                return
        raise BringUpError(
            f"{self.port}: the converter's peak current calibration did not end in 300 ms;"
            " register 93 bit 7 stays 1"
        )

    def _leak_test(self, values: dict[int, int]) -> Script:
        """Converter off for half a second; meanwhile the indirect registers are read back."""
        yield from self.put({14: 0x10})
        until = self.now_ms + 500
        yield from self._verify_indirect(values)
        if self.now_ms < until:
            yield Wait(until - self.now_ms)
        answer = yield self.ask(82, 82)
        if max(answer) * tuning.SENSE_STEP_V < tuning.LEAK_LIMIT_V:
            self._notes.append("the pair leaks or is shorted")
        yield from self._converter_on()

    def _calibrate(self) -> Script:
        yield from self.put({21: 0x00, 22: 0x00, 23: 0x00, 64: 0x00})
        # CALSP (bit 5 of 96): the battery was just measured and need not settle 300 ms again.
        first = 0x67 if not self._si3215 else 0x7F
        yield self.writes({97: 0x1E})
        yield self.writes({96: first})
        yield from self._calibration_end("of converters and current limit", 800)
        if not self._si3215:
            yield from self._gain_mismatch("RING", 98, 88)
            yield from self._gain_mismatch("TIP", 99, 89)
        yield from self._balance()

    def _calibration_end(self, what: str, limit_ms: int) -> Script:
        until = self.now_ms + limit_ms
        while True:
            yield Wait(5)
            answer = yield self.ask(96, 96)
            if answer == b"\x00\x00":
                return
            if self.now_ms >= until:
                raise BringUpError(
                    f"{self.port}: calibration {what} did not end in {limit_ms} ms; register 96"
                    f" reads {answer[0]:02X}, expected 00"
                )

    def _gain_mismatch(self, wire: str, result: int, current: int) -> Script:
        """Step down until the wire's transistor carries nothing (data sheet: manual procedure)."""
        for step in range(0x1F, 0, -1):
            yield self.writes({result: step})
            yield Wait(40)
            answer = yield self.ask(current, current)
            if answer == b"\x00\x00":
                return
        raise BringUpError(
            f"{self.port}: gain mismatch of {wire} found no balance in 31 steps; register"
            f" {current} reads {answer[0]:02X}, expected 00; is the pair grounded?"
        )

    def _balance(self) -> Script:
        """Longitudinal balance; left at its default while a telephone is off-hook."""
        yield from self.put({23: 0x04})
        yield self.writes({64: 0x01})
        yield Wait(100)
        answer = yield self.ask(68, 68)
        yield self.writes({64: 0x00})
        if answer[0] & answer[1] & 1:
            self._notes.append("balance not calibrated: the telephone was off-hook")
        else:
            yield self.writes({97: 0x01})
            yield self.writes({96: 0x60})
            yield from self._calibration_end("of longitudinal balance", 900)
            answer = yield self.ask(20, 20)
            if answer[0] & answer[1] & 0x04:
                self._notes.append("balance not calibrated: the hook moved meanwhile")
                yield self.writes({106: 0x20})
        yield from self.put({23: 0x00})
        yield self.writes({18: 0xFF, 19: 0xFF, 20: 0xFF})

    def _line_on(self) -> Script:
        yield from self.put({8: 0x00, 14: 0x00, **self._direct()})
        self._before, self._wanted = Linefeed.OPEN, Linefeed.FORWARD_ACTIVE
        self._closed = False
        self._candidate_ms = None
        self._resting = False
        self._alarms = 0
        yield self.writes({64: Linefeed.FORWARD_ACTIVE})
        yield Wait(20)
        yield self.writes({64: Linefeed.FORWARD_ACTIVE})
        self._guard_until_ms = self.now_ms + GUARD_MS
        self.came_up("; ".join((self._detail, *self._notes)))

    # --- indirect registers ----------------------------------------------------------------------

    def _write_indirect(self, values: dict[int, int]) -> Script:
        """Write through 28 to 30, each after the one before has left register 31."""
        for number, value in values.items():
            answer = yield [
                *self.writes({28: value & 0xFF, 29: value >> 8, 30: number}),
                *self.ask(31),
            ]
            yield from self._indirect_done(number, answer[-1])

    def _indirect_done(self, number: int, status: int) -> Script:
        for _ in range(20):
            if not status & 1:
                return
            yield Wait(0)
            answer = yield self.ask(31)
            status = answer[0]
        raise BringUpError(
            f"{self.port}: indirect register {number} stayed pending for 20 polls; register 31"
            f" reads {status:02X}, expected 00"
        )

    def _verify_indirect(self, values: dict[int, int], tries: int = 3) -> Script:
        """Read back; what differs is written again and read again."""
        left = dict(values)
        found = -1
        for turn in range(tries):
            wrong = {}
            for number, value in left.items():
                answer = yield [*self.writes({30: number}), *self.ask(31)]
                yield from self._indirect_done(number, answer[-1])
                answer = yield self.ask(28, 29)
                found = answer[0] | answer[1] << 8
                if found != value:
                    wrong[number] = value
            if not wrong:
                return
            left = wrong
            if turn < tries - 1:
                self.fault()
                yield from self._write_indirect(left)
        number, value = next(iter(left.items()))
        raise BringUpError(
            f"{self.port}: indirect register {number} reads {found:04X} after {value:04X} was"
            f" written {tries} times"
        )
