"""One daisy chain: a whole poll of all its chips in one exchange, and doubt about what comes back.

In the steady state a poll is one exchange of a prepared frame, compared with the answer of the
last one. Only a difference is looked at, and only a difference that is seen in a second
exchange at once is believed; what no healthy chip can say starts a diagnosis, which tells a
disturbed transfer from a chip that lost its registers and brings the chain back into step.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Sequence

from drivers.access import Access, Framing, answers, frame, transact
from drivers.bus import SpiBus
from drivers.chip import FOREVER, Chip, Condition, Resync, Service
from drivers.errors import BusError
from drivers.line import AnyLineEvent

log = logging.getLogger(__name__)

AUDIT_EVERY = 8
"""Every so many polls one register more of each chip is read and compared."""

START_ROUNDS = 10
SERVICE_ROUNDS = 3
"""Exchanges in one poll while scripts run: many when no port carries anybody yet."""

ROOM = 120  # accesses of scripts in one message, beside those of the poll
SILENCE_MS = 100  # a chip that says nothing for so long is taken as lost
BUS_LIMIT_MS = 1000  # the bus may refuse messages for so long

_NOTHING: list[AnyLineEvent] = []


class Chain:
    """All chips behind one chip select.

    Args:
        bus: the chip select line.
        framing: the family's bytes.
        chips: in the order of the chain.
    """

    def __init__(self, bus: SpiBus, framing: Framing, chips: Sequence[Chip]) -> None:
        self._bus = bus
        self._framing = framing
        self.chips = tuple(chips)
        self._frame = b""
        self._spans: list[tuple[Chip, int, int]] = []
        self._reads: list[Access] = []
        self._audits: list[tuple[bytes, bytes, tuple[int, ...]]] = []
        self._audit_next = 0
        self._audit_doubt = 0
        self._accepted = b""
        self._turn = 0
        self._attention_ms = 0
        self._mute_since_ms: int | None = None
        self._polled_ms = 0

    # --- for the card ----------------------------------------------------------------------------

    def enable(self, now_ms: int) -> None:
        """The reset line was released: bring the chain into its framing, begin all scripts."""
        try:
            if self._framing.enable:
                self._bus.exchange(self._framing.enable)
        except BusError as problem:
            log.warning("the chain cannot be enabled: %s", problem)
        for chip in self.chips:
            chip.now_ms = now_ms
            chip.start()
        self.attend()

    def settle_clock(self) -> None:
        """Bytes that no chip in reset hears, so that the clock line idles in its mode.

        The Si3050 takes its interface mode from SCLK at the end of reset, and some controllers
        set the idle level only with the first transfer.
        """
        try:
            self._bus.exchange(bytes(6))
        except BusError as problem:
            log.warning("the chain cannot be reached: %s", problem)

    def audit_anew(self) -> None:
        """Settings of a chip were changed: other values are right from now on."""
        self._audits = []
        self._audit_doubt = 0

    def attend(self) -> None:
        """Something changed from outside: do not take the short way in the next poll."""
        self._attention_ms = 0
        self._accepted = b""

    def poll(self, now_ms: int) -> list[AnyLineEvent]:
        """Exchange once, more only when something is new; events in the order of observation."""
        try:
            if now_ms < self._attention_ms and self._accepted:
                self._turn += 1
                if self._turn % AUDIT_EVERY:
                    if answers(self._bus.exchange(self._frame)) == self._accepted:
                        self._polled_ms = now_ms
                        return _NOTHING
                elif self._audit(now_ms):
                    self._polled_ms = now_ms
                    return _NOTHING
            self._work(now_ms)
            self._mute_since_ms = None
            self._polled_ms = now_ms
        except BusError as problem:
            self._refused(now_ms, problem)
        found: list[AnyLineEvent] = []
        for chip in self.chips:
            if chip.events:
                found += chip.take_events()
        return found

    def ask(self, accesses: Sequence[Access]) -> bytes:
        """Read at once, outside the poll: for readings and dumps."""
        return transact(self._bus, self._framing, accesses) if accesses else b""

    def make_safe(self) -> None:
        """Write every chip's safe state twice; a last attempt, so it does not raise."""
        writes = [access for chip in self.chips for access in chip.safe_writes()]
        for _ in range(2):
            try:
                self.ask(writes)
            except BusError as problem:
                log.warning("the chain cannot be made safe: %s", problem)

    # --- one poll, the long way ------------------------------------------------------------------

    def _work(self, now_ms: int) -> None:
        chips = self.chips
        for chip in chips:
            chip.now_ms = now_ms
            chip.gap_ms = now_ms - self._polled_ms
            if chip.busy and chip.request is None and chip.wake_ms <= now_ms:
                chip.advance(None)
        values = self._exchange_all()
        if values:
            self._believe(values)
        self._prepare()
        attention = FOREVER
        for chip in chips:
            if chip.request is not None or chip.outbox.waiting or chip.silent_since_ms is not None:
                attention = 0
            attention = min(attention, chip.wake_ms, chip.deadline_ms)
        self._attention_ms = attention

    def _exchange_all(self) -> bytes:
        """Waiting writes, requests of scripts, and the poll; returns the poll's answers."""
        serving = any(chip.service is Service.READY for chip in self.chips)
        rounds = SERVICE_ROUNDS if serving else START_ROUNDS
        polled = b""
        for turn in range(rounds):
            waiting = [(chip, chip.outbox.take()) for chip in self.chips] if not turn else []
            batch = [access for _, writes in waiting for access in writes]
            parts: list[tuple[Chip, int, int]] = []
            resync = False
            for chip in self.chips:
                request = chip.request
                if isinstance(request, Resync):
                    resync = True
                elif request is not None and len(batch) + len(request) <= ROOM:
                    parts.append((chip, len(batch), len(batch) + len(request)))
                    batch += request
            start = len(batch)
            if not turn:
                self._prepare()
                batch += self._reads
            try:
                if resync and self._framing.resync:
                    self._bus.exchange(self._framing.resync)
                values = self.ask(batch)
            except BusError:
                for chip, writes in waiting:
                    chip.outbox.waiting = writes + chip.outbox.waiting
                raise
            if not turn:
                polled = values[start:]
            for chip in self.chips:
                if isinstance(chip.request, Resync):
                    chip.advance(b"")
            for chip, first, last in parts:
                chip.advance(values[first:last])
            if all(chip.request is None for chip in self.chips):
                break
        before = self._reads
        self._prepare()
        if self._reads != before and self._reads:  # a script changed what is expected
            polled = self.ask(self._reads)
        return polled

    def _prepare(self) -> None:
        """Frame and audits anew when what is polled has changed."""
        reads: list[Access] = []
        spans = []
        for chip in self.chips:
            if chip.in_service:
                wanted = chip.poll_reads()
                spans.append((chip, len(reads), len(reads) + len(wanted)))
                reads += wanted
        if reads == self._reads and len(spans) == len(self._spans):
            return
        self._reads, self._spans = reads, spans
        self._frame = frame(self._framing, reads)
        self._accepted = b""
        self._audits = []

    # --- belief ----------------------------------------------------------------------------------

    def _believe(self, values: bytes) -> None:
        spans = [span for span in self._spans if span[2] <= len(values)]
        doubtful = []
        for chip, first, last in spans:
            key = chip.judge(values[first:last])
            if key is None or key != chip.key:
                doubtful.append((chip, first, last, key))
        suspects = False
        refused: set[Chip] = set()
        if doubtful:
            second = self.ask(self._reads)
            for chip, first, last, key in doubtful:
                again = chip.judge(second[first:last])
                if again is not None and again == key:
                    chip.key = key
                    chip.silent_since_ms = None
                elif again is not None and again == chip.key:
                    chip.fault()
                else:
                    refused.add(chip)
                    suspects = suspects or again is None
                    if again is not None:
                        chip.fault()
            values = second
        if suspects:
            # With one chip out of step another may answer in its name: believe nobody.
            self._accepted = b""
            self._diagnose(refused)
            return
        for chip, first, last in spans:
            if chip in refused or not chip.in_service:
                continue
            part = values[first:last]
            if part != chip.values or chip.now_ms >= chip.deadline_ms:
                chip.values = part
                chip.observe(part)
        self._accepted = b"" if refused or len(spans) != len(self._spans) else values

    def _diagnose(self, suspects: Collection[Chip] = ()) -> None:
        """Find out what is wrong with chips that said what they cannot say."""
        verdicts = self._conditions()
        if self._framing.resync and _silent(verdicts):
            self._bus.exchange(self._framing.resync)
            verdicts = self._conditions()
        for slip in self._framing.slips:
            if len(_silent(verdicts)) < len(verdicts):
                break
            self._bus.exchange(slip)
            verdicts = self._conditions()
        for chip, (verdict, values) in verdicts.items():
            if verdict is Condition.SILENT:
                if chip.silent_since_ms is None:
                    chip.silent_since_ms = chip.now_ms
                if chip.now_ms - chip.silent_since_ms >= SILENCE_MS:
                    chip.lost()
                continue
            chip.silent_since_ms = None
            if verdict is Condition.RESET:
                log.error("%s: the chip %s", chip.port, verdict.value)
                chip.lost()
            elif verdict is Condition.DEVIATES:
                chip.deviates(values)
            elif chip in suspects:
                chip.fault()  # nothing is wrong with it: the transfers were

    def _conditions(self) -> dict[Chip, tuple[Condition, bytes]]:
        """Verdicts on the chips in service, each given twice in a row; INTACT where they differ."""
        chips = [chip for chip in self.chips if chip.in_service]
        reads = [(chip, chip.condition_reads()) for chip in chips]
        batch = [access for _, accesses in reads for access in accesses]
        rounds = []
        for _ in range(2):
            values, place, found = self.ask(batch), 0, {}
            for chip, accesses in reads:
                part = values[place : place + len(accesses)]
                place += len(accesses)
                found[chip] = (chip.condition(part), part)
            rounds.append(found)
            if all(verdict is Condition.INTACT for verdict, _ in found.values()):
                break
        last = rounds[-1]
        return {
            chip: last[chip] if rounds[0][chip][0] is last[chip][0] else (Condition.INTACT, b"")
            for chip in chips
        }

    # --- audit -----------------------------------------------------------------------------------

    def _audit(self, now_ms: int) -> bool:
        """One poll with one register more of each chip; True if all was as before."""
        if not self._audits:
            self._audits = self._make_audits()
            if not self._audits:
                return answers(self._bus.exchange(self._frame)) == self._accepted
        extra, expected, registers = self._audits[self._audit_next % len(self._audits)]
        found = answers(self._bus.exchange(self._frame + extra))
        place = len(self._reads)
        if found[place:] != expected:
            for chip in self.chips:
                chip.now_ms = now_ms
            self._differs(found[place:], expected, registers)
        else:
            self._audit_next += 1
            self._audit_doubt = 0
        return found[:place] == self._accepted

    def _make_audits(self) -> list[tuple[bytes, bytes, tuple[int, ...]]]:
        chips = [chip for chip in self.chips if chip.in_service]
        if not chips:
            return []
        lists = [sorted(chip.expected) for chip in chips]
        found = []
        for place in range(max((len(one) for one in lists), default=0)):
            registers = tuple(one[place % len(one)] for one in lists)
            reads = [a for chip, r in zip(chips, registers, strict=True) for a in chip.ask(r)]
            expected = bytes(chip.expected[r] for chip, r in zip(chips, registers, strict=True))
            found.append((frame(self._framing, reads), expected, registers))
        return found

    def _differs(self, found: bytes, expected: bytes, registers: tuple[int, ...]) -> None:
        """A register is not what it should be: look again next time, then write it anew."""
        self._audit_doubt += 1
        chips = [chip for chip, _, _ in self._spans]
        wrong = [
            (chip, register, value, now)
            for chip, register, value, now in zip(chips, registers, expected, found, strict=True)
            if value != now
        ]
        for chip, register, value, now in wrong:
            chip.fault()
            if self._audit_doubt > 1:
                mask = chip.mask(register)
                if (value ^ now) & mask:
                    log.warning("%s: register %d is written anew", chip.port, register)
                    chip.outbox.waiting += chip.writes({register: value & mask})
                else:  # bits that only the chip sets: what was learned was disturbed
                    chip.expected[register] = now
        if self._audit_doubt > 1:
            self._audit_next += 1
            self._audit_doubt = 0
            self._audits = []
            self._diagnose()
        # The faults just counted are events: the long way hands them out.
        self._accepted = b""

    def _refused(self, now_ms: int, problem: BusError) -> None:
        """The bus did not take a message."""
        self._accepted = b""
        if self._mute_since_ms is None:
            self._mute_since_ms = now_ms
            for chip in self.chips:
                chip.now_ms = now_ms
                chip.fault()
            log.warning("the chain cannot be reached: %s", problem)
        if now_ms - self._mute_since_ms >= BUS_LIMIT_MS:
            for chip in self.chips:
                chip.now_ms = now_ms
                if chip.service is not Service.FAILED:
                    chip.fail(
                        f"{chip.port}: the bus took no message for {BUS_LIMIT_MS} ms: {problem}"
                    )


def _silent(verdicts: dict[Chip, tuple[Condition, bytes]]) -> list[Chip]:
    return [chip for chip, (verdict, _) in verdicts.items() if verdict is Condition.SILENT]
