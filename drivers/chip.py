"""What both chip drivers share: scripts instead of sleeps, faults, and being asked by the chain.

A *script* is a generator. It yields what it wants to exchange and is resumed with the answers,
or yields a :class:`Wait` and is resumed when that time has passed. So bring-up reads from top to
bottom, never sleeps, and the chain interleaves the scripts of all its chips in common messages.
"""

from __future__ import annotations

import logging
from abc import ABC, abstractmethod
from collections.abc import Generator, Hashable, Mapping
from enum import Enum
from typing import NamedTuple

from drivers.access import Access, Gathered, read
from drivers.errors import BringUpError, CardError
from drivers.line import (
    AnyLineCommand,
    AnyLineEvent,
    BusFault,
    ChipReset,
    PortFailed,
    PortReady,
    Reading,
)
from drivers.registers import Kind, RegisterFile

log = logging.getLogger(__name__)

FOREVER = 1 << 62
RETRY_MS = 10_000
"""A port that failed is tried again after this: the foreign voltage or wet cable may be gone."""


class Wait(NamedTuple):
    """Resume the script in the first poll that comes ``ms`` after this one."""

    ms: int


class Resync(NamedTuple):
    """Send the chain's resynchronising bytes, then resume the script in the same poll."""


Script = Generator[list[Access] | Wait | Resync, bytes, None]


class Service(Enum):
    """Whether a port can be used."""

    COMING = "coming up"
    READY = "ready"
    FAILED = "failed"


class Condition(Enum):
    """What a chip that answered strangely turned out to be."""

    INTACT = "intact"
    RESET = "lost its registers"
    SILENT = "does not answer"
    DEVIATES = "answers, but is not in the state it was put into"


class Chip(ABC):
    """One chip of a chain.

    Args:
        port: the jack behind it.
        position: place in the chain, from 0.
    """

    def __init__(self, port: str, position: int, registers: type[RegisterFile]) -> None:
        self.port = port
        self.position = position
        self.outbox = Gathered(position)
        self.registers = registers(self.outbox, port)
        self.service = Service.COMING
        self.jack = "not probed yet"
        self.faults = 0
        self.events: list[AnyLineEvent] = []
        self.now_ms = 0
        self.gap_ms = 0  # since the poll before this one
        self.request: list[Access] | Resync | None = None
        self.wake_ms = FOREVER
        self.deadline_ms = FOREVER
        self.key: Hashable = None
        self.values = b""
        self.expected: dict[int, int] = {}
        self.silent_since_ms: int | None = None
        self._script: Script | None = None
        self._failure = ""

    # --- asked by the chain ------------------------------------------------------------------

    @property
    def in_service(self) -> bool:
        """Whether the steady poll includes this chip."""
        return self.service is Service.READY

    @property
    def busy(self) -> bool:
        """Whether a script runs: bring-up, dialling, a flash."""
        return self._script is not None

    @abstractmethod
    def poll_reads(self) -> list[Access]:
        """What every poll reads."""

    @abstractmethod
    def judge(self, values: bytes) -> Hashable:
        """The part of a poll's answers that must be seen twice before it is believed.

        Returns:
            None if the chip cannot have said that.
        """

    @abstractmethod
    def observe(self, values: bytes) -> None:
        """Act on believed answers, and on time that has passed."""

    @abstractmethod
    def condition_reads(self) -> list[Access]:
        """What tells a chip that lost its registers from a disturbed transfer."""

    @abstractmethod
    def condition(self, values: bytes) -> Condition:
        """Verdict on these."""

    @abstractmethod
    def deviates(self, values: bytes) -> None:
        """The chip is there but not as it was set: see why and put it right."""

    @abstractmethod
    def bring_up(self) -> Script:
        """From reset to ready, everything."""

    @abstractmethod
    def re_initialise(self) -> Script:
        """From lost registers to ready, with what an earlier bring-up found out."""

    @abstractmethod
    def reading_reads(self) -> list[Access]:
        """What a reading for people needs beyond the poll."""

    @abstractmethod
    def reading(self, values: bytes) -> Reading:
        """A reading for people."""

    @abstractmethod
    def safe_writes(self) -> list[Access]:
        """Put the pair into the state in which nothing is left running."""

    @abstractmethod
    def command(self, command: AnyLineCommand) -> None:
        """Begin to do it; ``CardError`` if this kind of port cannot."""

    # --- scripts ---------------------------------------------------------------------------------

    def begin(self, script: Script) -> None:
        """Run a script from now on, instead of one that may be running."""
        if self._script is not None:
            self._script.close()
        self._script = script
        self.request = None
        self.wake_ms = self.now_ms

    def abandon(self) -> None:
        """Stop the running script."""
        if self._script is not None:
            self._script.close()
        self._script = None
        self.request = None
        self.wake_ms = FOREVER

    def advance(self, answer: bytes | None) -> None:
        """Resume the script with what it asked for; None to let it go on after a wait."""
        script = self._script
        if script is None:
            return
        self.request = None
        self.wake_ms = FOREVER
        try:
            step = next(script) if answer is None else script.send(answer)
        except StopIteration:
            if self._script is script:
                self._script = None
            return
        except BringUpError as problem:
            self._script = None
            self.fail(str(problem))
            return
        if isinstance(step, Wait):
            self.wake_ms = self.now_ms + step.ms
        else:
            self.request = step

    def start(self) -> None:
        """Begin bring-up after a hardware reset."""
        self.service = Service.COMING
        self.registers.forget()
        self.expected.clear()
        self.outbox.take()
        self.key = None
        self.silent_since_ms = None
        self.deadline_ms = FOREVER
        self._failure = ""
        self.begin(self.bring_up())

    def fail(self, reason: str) -> None:
        """The port cannot be used; said once per reason, tried again later."""
        self.service = Service.FAILED
        self.deadline_ms = FOREVER
        if self._failure != reason:
            self._failure = reason
            log.error("%s", reason)
            self.events.append(PortFailed(port=self.port, at_ms=self.now_ms, reason=reason))
        self.begin(self._retry())
        self.advance(None)

    def lost(self) -> None:
        """The chip lost its registers: out of service, and back as fast as it can."""
        self.events.append(ChipReset(port=self.port, at_ms=self.now_ms))
        self.service = Service.COMING
        self.deadline_ms = FOREVER
        self.silent_since_ms = None
        self.key = None
        self.outbox.take()
        self.begin(self.re_initialise())
        self.advance(None)

    def came_up(self, detail: str) -> None:
        """Bring-up or re-initialisation ended well."""
        self.service = Service.READY
        self.jack = detail
        self.key = None
        self._failure = ""
        self.deadline_ms = self.now_ms
        self.events.append(PortReady(port=self.port, at_ms=self.now_ms, detail=detail))

    def fault(self) -> None:
        """Count a transfer that was not believed."""
        self.faults += 1
        self.events.append(BusFault(port=self.port, at_ms=self.now_ms, count=self.faults))

    def take_events(self) -> list[AnyLineEvent]:
        """Events since the last call."""
        found, self.events = self.events, []
        return found

    def _retry(self) -> Script:
        yield Wait(RETRY_MS)
        self.service = Service.COMING
        yield from self.bring_up()

    # --- steps of scripts ------------------------------------------------------------------------

    def ask(self, *registers: int) -> list[Access]:
        """Reads of these registers, carrying what they ought to hold."""
        return [read(self.position, r, self.expected.get(r, 0)) for r in registers]

    def writes(self, values: Mapping[int, int]) -> list[Access]:
        """Checked writes of whole registers; the shadow follows."""
        before = self.outbox.take()
        for address, value in values.items():
            self.registers.write(self.registers.registers[address], value)
        found = self.outbox.take()
        self.outbox.waiting = before
        return found

    def put(self, values: Mapping[int, int], tries: int = 3) -> Script:
        """Write registers, read them back, and repeat for those that differ.

        Raises:
            BringUpError: a register never read back as written.
        """
        items = list(values.items())
        for start in range(0, len(items), 6):
            left = dict(items[start : start + 6])
            back: dict[int, int] = {}
            for turn in range(tries):
                if turn:
                    self.fault()
                    yield Resync()
                addresses = list(left)
                answer = yield [*self.writes(left), *self.ask(*addresses)]
                back = dict(zip(addresses, answer[len(addresses) :], strict=True))
                self._expect(back)
                left = {a: v for a, v in left.items() if (back[a] ^ v) & self.mask(a)}
                if not left:
                    break
            if left:
                address, value = next(iter(left.items()))
                raise BringUpError(
                    f"{self.port}: {self.registers.registers[address]} reads"
                    f" {back[address]:02X} after {value:02X} was written {tries} times"
                )

    def _expect(self, back: Mapping[int, int]) -> None:
        """Audit these from now on, with the bits that only the chip sets; not volatile ones."""
        known = self.registers.registers
        self.expected |= {a: value for a, value in back.items() if not known[a].volatile}

    def mask(self, address: int) -> int:
        """Bits of a register that read back as written."""
        found = 0
        known = False
        for item in self.registers.fields.values():
            if item.register.address == address:
                known = True
                if item.access is Kind.WRITE:
                    found |= item.mask
        return found if known else 0xFF

    def refuse(self, command: AnyLineCommand) -> CardError:
        """The error for a command that this kind of port cannot carry out."""
        return CardError(f"{self.port}: {type(command).__name__} is no command for such a port")
