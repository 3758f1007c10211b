"""lined: the wires and the sound, at real-time priority.

:class:`Lined` joins the card, the sound path, the ringers and the caretaker; it is told the time
and given blocks, so the bench runs it in virtual time. The shell around it is in
``firmware.daemons.wires.line_loop``.
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import msgspec
import numpy as np
import numpy.typing as npt

from drivers.card import Card
from drivers.errors import DriverError
from drivers.line import (
    AnyLineCommand,
    AnyLineEvent,
    BatteryLost,
    BatteryReturned,
    BusFault,
    ChipReset,
    LineCommand,
    LineState,
    LoopClosed,
    LoopOpened,
    PolarityReversed,
    PortFailed,
    PortKind,
    PortReady,
    Reading,
    Release,
    RingStarted,
    RingStopped,
    Seize,
    SetLineState,
    port_kind,
)
from firmware.control.messages import (
    BridgeSnapshot,
    DumpRegisters,
    Hello,
    KeepAlive,
    KnowLines,
    Measure,
    PortSnapshot,
    PowerSigns,
    Readings,
    RecordingSnapshot,
    RegisterDump,
    RegisterValue,
    Snapshot,
)
from firmware.core.clock import SAMPLE_RATE_HZ
from firmware.core.commands import (
    AnyMediaCommand,
    Caller,
    CloseRelay,
    MeasureLine,
    MediaCommand,
    OfferWaiting,
    Ring,
    SendDigits,
    ShowWaiting,
    StopRinging,
    StopTone,
    TryLoop,
)
from firmware.core.countries import Country
from firmware.core.events import (
    AnyMediaEvent,
    CallerIdSent,
    DigitEnded,
    DigitHeard,
    Heartbeat,
)
from firmware.daemons.wires.board_keeper import Board, BoardKeeper
from firmware.daemons.wires.lamps import Lamps
from firmware.daemons.wires.line_test import LineTest
from firmware.daemons.wires.loop_test import LoopTest
from firmware.media.caller_id_sound import (
    alert_tone,
    call_waiting_sound,
    caller_id_sound,
    message_waiting_sound,
)
from firmware.media.tick import SoundPath
from firmware.port.call_waiting import WaitingIdentity, WaitingStep
from firmware.port.caretaker import Caretaker
from firmware.port.line_profile import LineProfile
from firmware.port.ringing import PutState, Ringer, SendCallerId, Step

log = logging.getLogger(__name__)

POLL_SAMPLES = 80  # one exchange per chain every 10 ms: a dial pulse is 23 ms or more
SILENT_CALLD_MS = 2_000  # a call control that says nothing for so long is gone
MISSED_EVENTS = 4_000
HEARTBEAT_MS = 1_000

ToCalldMessage = (
    AnyLineEvent
    | AnyMediaEvent
    | Hello
    | Snapshot
    | Heartbeat
    | PowerSigns
    | Readings
    | RegisterDump
)


@dataclass(slots=True)
class _Port:
    """What is known of a port, for the snapshot."""

    ready: bool = False
    chip: str = ""
    failed: str = "not brought up yet"
    off_hook: bool = False
    ringing: bool = False
    battery: bool = True
    reversed: bool = False


@dataclass(slots=True)
class WaitingShow:
    """A caller being shown to a telephone in conversation."""

    sequence: WaitingIdentity
    data: npt.NDArray[np.float32]


class Lined:
    """Everything between the wires and call control."""

    def __init__(
        self,
        *,
        card: Card,
        sound: SoundPath,
        country: Country,
        wall: Callable[[], datetime],
        boot: str,
        board: Board | None = None,
    ) -> None:
        """Put it together.

        Args:
            card: all chips, not started.
            sound: rows in the order of the card's slots.
            country: profile of ringing and identity.
            wall: local time, for the display of telephones.
            boot: names the boot within which monotonic times compare.
            board: relays and supply lines, None where the board has none.
        """
        self.card = card
        self.board = BoardKeeper(board)
        self.sound = sound
        self.country = country
        self._wall = wall
        self._boot = boot
        self._legs = tuple(p for p in sound.ports if p.startswith("sip/"))  # behind the slots
        self._ports = {port: _Port() for port in (*card.ports, *self._legs)}
        self._up = -1  # legs that carry sound, as it was said last; never said yet
        self._ringers: dict[str, Ringer] = {}
        self._lamps = Lamps(
            sound=lambda order: message_waiting_sound(
                self.country.caller_id_out, self._wall(), waiting=order.waiting
            ),
            quiet=self._quiet,
            put=lambda port, step, now_ms: self.card.command(
                SetLineState(port=port, state=step.state), now_ms
            ),
            send=self.sound.send_identity,
            hush=self.sound.stop_signals,
        )
        self._callers: dict[str, Caller | None] = {}
        self._waiting: dict[str, WaitingShow] = {}
        self._tests: dict[str, LineTest | LoopTest] = {}
        self._now_ms = 0  # of this turn
        self._caretaker = Caretaker(card.ports, country)
        self._calld = False
        self._alone_since: int | None = None
        self._calld_heard_ms = 0
        self._missed: deque[AnyLineEvent | AnyMediaEvent] = deque(maxlen=MISSED_EVENTS)
        self._out: list[ToCalldMessage] = []
        self._blocks = 0
        self._poll_blocks = max(1, POLL_SAMPLES // sound.block_samples)
        self._coming = True  # the card, up
        self._late = 0
        self._longest_us = 0
        self._under_runs = 0
        self._bus_faults = 0
        self._heartbeat_at = 0

    # --- the two halves of a turn -----------------------------------------------------------------

    def start(self, now_ms: int) -> None:
        """Reset the card and begin its bring-up; nobody is in charge yet but us."""
        self._alone_since = now_ms
        self._heartbeat_at = now_ms + HEARTBEAT_MS
        self.card.start(now_ms)
        self._care(self._caretaker.take_over((), (), now_ms), now_ms)

    def tick(
        self, captured: npt.NDArray[np.uint8], playing: npt.NDArray[np.uint8], now_ms: int
    ) -> None:
        """Work one block of sound; ``playing`` is due at the device at once."""
        self._blocks += 1
        for event in self.sound.tick(captured, playing, now_ms):
            self._observe(event, now_ms)

    def after_tick(self, now_ms: int) -> None:
        """Everything that may wait until the block is with the device."""
        # Every block while the card comes up: its steps are short and dial tone is waited for.
        if self._coming or self._blocks % self._poll_blocks == 0:
            try:
                events = self.card.poll(now_ms)
            except DriverError:
                log.exception("the card cannot be polled")
                events = []
            if self._coming or events:  # a chip does not go away without a word
                self._coming = not self.card.ready
            for event in events:
                self._observe(event, now_ms)
        for port, ringer in list(self._ringers.items()):
            deadline = ringer.next_deadline()
            if deadline is not None and deadline <= now_ms:
                self._carry_out_steps(port, ringer.advance(now_ms), now_ms)
        self._lamps.advance(now_ms)
        for port, show in list(self._waiting.items()):
            deadline = show.sequence.next_deadline()
            if deadline is not None and deadline <= now_ms:
                self._carry_out_waiting(port, show.sequence.advance(now_ms))
        self._now_ms = now_ms
        signs = self.board.turn(now_ms)
        if signs is not None and self._calld:
            self._out.append(signs)
        for port, test in list(self._tests.items()):
            test.advance(now_ms)
            if test.found is not None:
                del self._tests[port]
                self._observe(test.found, now_ms)
        if self._calld:
            if now_ms - self._calld_heard_ms > SILENT_CALLD_MS:
                log.error("call control said nothing for %d ms: taking care", SILENT_CALLD_MS)
                self.calld_gone(now_ms)
        else:
            deadline = self._caretaker.next_deadline()
            if deadline is not None and deadline <= now_ms:
                self._care(self._caretaker.advance(now_ms), now_ms)
        if now_ms >= self._heartbeat_at:
            self._heartbeat_at = now_ms + HEARTBEAT_MS
            if self._calld:
                self._out.append(self.counters(now_ms))

    def legs_up(self, mask: int) -> None:
        """Which trunk legs carry sound; a snapshot shows them as lines that are seized."""
        if mask == self._up:
            return
        self._up = mask
        for leg, port in enumerate(self._legs):
            state = self._ports[port]
            state.ready = state.off_hook = bool(mask & 1 << leg)
            state.failed = "" if state.ready else "no call is up on it"

    def count(self, *, late: bool, took_us: int, under_runs: int) -> None:
        """Book one tick's timing, measured by the shell that owns the clock."""
        self._late += late
        self._longest_us = max(self._longest_us, took_us)
        self._under_runs += under_runs

    def take_messages(self) -> list[ToCalldMessage]:
        """What is to be sent to call control, oldest first."""
        out, self._out = self._out, []
        return out

    # --- call control -----------------------------------------------------------------------------

    @property
    def has_calld(self) -> bool:
        """Whether somebody else is in charge of the ports."""
        return self._calld

    def calld_connected(self, now_ms: int) -> None:
        """Call control is there: it gets the whole state first and takes over."""
        alone_ms = 0 if self._alone_since is None else now_ms - self._alone_since
        self._care(self._caretaker.hand_back(now_ms), now_ms)
        self._calld = True
        self._calld_heard_ms = now_ms
        self._alone_since = None
        self._out = [
            Hello(program="lined"),
            self.snapshot(now_ms, alone_ms),
            self.board.signs(now_ms),
        ]
        self._missed.clear()

    def calld_gone(self, now_ms: int) -> None:
        """Call control is away: keep every conversation, stop what only it could end."""
        self._calld = False
        self._alone_since = now_ms
        self._out = []
        for port in list(self._ringers):
            self._stop_ringing(port, now_ms)
        for port in list(self._tests):
            self._tests.pop(port).stop()
        for port in self._ports:
            self.sound.quiet(port)
        self.sound.drop_fax_ends()
        state = self.snapshot(now_ms, 0)
        jacks = tuple(seen for seen in state.ports if seen.port not in self._legs)
        self._care(self._caretaker.take_over(jacks, state.bridges, now_ms), now_ms)

    def command(self, message: msgspec.Struct, now_ms: int) -> None:
        """Carry out one message of call control. A command that cannot be is logged and counted."""
        self._calld_heard_ms = now_ms
        match message:
            case KeepAlive() | Hello():
                pass
            case Measure(ask=ask):
                readings = tuple(self._reading(port, now_ms) for port in self.card.ports)
                self._out.append(Readings(ask=ask, readings=readings))
            case KnowLines(profiles=profiles):
                try:
                    learned = msgspec.convert(profiles, dict[str, LineProfile])
                except msgspec.ValidationError:
                    log.exception("what was learned of the lines cannot be used")
                else:
                    self._caretaker.know_lines(learned)
            case DumpRegisters(ask=ask, port=port):
                self._out.append(self._dump(ask, port))
            case LineCommand() | MediaCommand():
                try:
                    self._carry_out(message, now_ms)  # type: ignore[arg-type]  # closed unions
                except (ValueError, DriverError):
                    log.exception("a command of call control cannot be carried out: %r", message)
            case _:
                log.error("call control sent %s, which is not for lined", type(message).__name__)

    def snapshot(self, now_ms: int, alone_ms: int) -> Snapshot:
        """The whole state."""
        return Snapshot(
            at_ms=now_ms,
            boot=self._boot,
            alone_ms=alone_ms,
            ports=tuple(
                PortSnapshot(
                    port=port,
                    ready=state.ready,
                    chip=state.chip,
                    failed=state.failed,
                    off_hook=state.off_hook,
                    ringing=state.ringing,
                    battery=state.battery,
                    reversed=state.reversed,
                    tone=self.sound.tone(port),
                    playing=self.sound.playing(port),
                )
                for port, state in self._ports.items()
                if port not in self._legs or state.ready  # a leg without a call is nothing here
            ),
            bridges=tuple(
                BridgeSnapshot(bridge=bridge.bridge, call=bridge.call, parties=bridge.parties)
                for bridge in self.sound.graph.bridges()
            ),
            recordings=tuple(
                RecordingSnapshot(recording=name, port=self.sound.ports[row], path=path)
                for name, path, row in self.sound.recorder.running()
            ),
            missed=tuple(self._missed),
        )

    def counters(self, now_ms: int) -> Heartbeat:
        """The counters of the sound path."""
        return Heartbeat(
            at_ms=now_ms,
            ticks=self._blocks,
            late_ticks=self._late,
            longest_tick_us=self._longest_us,
            under_runs=self._under_runs,
            bus_faults=self._bus_faults,
        )

    def make_safe(self) -> None:
        """Exchange lines on-hook, telephones quiet; the last thing a daemon does."""
        self.card.make_safe()
        self.board.make_safe()

    # --- inside -----------------------------------------------------------------------------------

    def _carry_out(self, command: AnyLineCommand | AnyMediaCommand, now_ms: int) -> None:
        match command:
            case Ring(port=port):
                self._lamps.cut(port, now_ms)
                self._stop_ringing(port, now_ms)
                ringer = Ringer(self.country, command.cadence, command.caller)
                self._ringers[port] = ringer
                self._callers[port] = command.caller
                self._ports[port].ringing = True
                self._carry_out_steps(port, ringer.start(now_ms), now_ms)
            case StopRinging(port=port):
                self._stop_ringing(port, now_ms)
            case ShowWaiting(port=port):
                self._lamps.show(command, now_ms)
            case OfferWaiting(port=port):
                self._offer_waiting(command, now_ms)
            case CloseRelay(relay=relay, hold_ms=hold_ms):
                self.board.close_relay(relay, hold_ms, now_ms)
            case MeasureLine():
                self._tests[command.port] = self._line_test(command, now_ms)
            case TryLoop():
                self._tests[command.port] = self._line_test(command, now_ms)
            case LineCommand():
                if isinstance(command, Seize | Release) and command.port in self._tests:
                    self._tests.pop(command.port).stop()
                if isinstance(command, Seize | Release):
                    self._ports[command.port].off_hook = isinstance(command, Seize)
                self.card.command(command, now_ms)
            case _:
                if isinstance(command, StopTone):
                    self._stop_waiting(command.port)
                for event in self.sound.apply(command, now_ms):
                    self._observe(event, now_ms)

    def _line_test(self, order: MeasureLine | TryLoop, now_ms: int) -> LineTest | LoopTest:
        port = order.port
        self._now_ms = now_ms

        def probe(sound: npt.NDArray[np.float32] | None, samples: int) -> None:
            self.sound.capture(port, samples, sound)

        def carry_out(command: AnyLineCommand | SendDigits) -> None:
            if isinstance(command, SendDigits):
                self.sound.apply(command, self._now_ms)
            else:
                self.card.command(command, self._now_ms)

        if isinstance(order, TryLoop):
            return LoopTest(
                order,
                command=carry_out,
                probe=probe,
                taken=lambda: self.sound.captured(port),
                now_ms=now_ms,
            )
        return LineTest(
            order,
            command=carry_out,
            read=lambda: self.card.reading(port, self._now_ms),
            probe=probe,
            taken=lambda: self.sound.captured(port),
            now_ms=now_ms,
        )

    def _reading(self, port: str, now_ms: int) -> Reading:
        """What the chip measures, with the score of the line's echo canceller."""
        reading = self.card.reading(port, now_ms)
        return msgspec.structs.replace(reading, echo_db=self.sound.echo_score_db(port))

    def _offer_waiting(self, command: OfferWaiting, now_ms: int) -> None:
        """Behind the tone's first burst; sets of a country without FSK hear the tone alone."""
        self._stop_waiting(command.port)
        scheme = self.country.caller_id_out
        if not scheme.startswith("fsk") or scheme == "fsk_jclip_before_ring":
            return
        data = call_waiting_sound(
            scheme, command.caller, self._wall(), encoding=command.caller.encoding
        )
        tone_ms = self.country.tones["call_waiting"].cadence_ms[0]
        sequence = WaitingIdentity(tone_ms, len(data) * 1000 // SAMPLE_RATE_HZ)
        self._waiting[command.port] = WaitingShow(sequence, data)
        sequence.start(now_ms)

    def _carry_out_waiting(self, port: str, steps: list[WaitingStep]) -> None:
        show = self._waiting[port]
        for step in steps:
            match step:
                case WaitingStep.MUTE:
                    self.sound.listen_aside(port, wanted=True)
                case WaitingStep.SEND_ALERT:
                    self.sound.send_identity(port, alert_tone("cas"))
                case WaitingStep.SEND_DATA:
                    self.sound.send_identity(port, show.data)
                case WaitingStep.UNMUTE:
                    self.sound.listen_aside(port, wanted=False)
        if show.sequence.ended:
            self._waiting.pop(port, None)

    def _stop_waiting(self, port: str) -> None:
        show = self._waiting.get(port)
        if show is not None:
            self.sound.stop_signals(port)
            self._carry_out_waiting(port, show.sequence.stop())

    def _carry_out_steps(self, port: str, steps: list[Step], now_ms: int) -> None:
        for step in steps:
            if isinstance(step, SendCallerId):
                caller = self._callers.get(port)
                if caller is not None:
                    sound = caller_id_sound(
                        self.country.caller_id_out,
                        caller,
                        self._wall(),
                        encoding=caller.encoding,
                    )
                    self.sound.send_identity(port, sound)
            elif isinstance(step, PutState):
                self.card.command(SetLineState(port=port, state=step.state), now_ms)

    def _quiet(self, port: str) -> bool:
        state = self._ports[port]
        return state.ready and not state.off_hook and port not in self._ringers

    def _stop_ringing(self, port: str, now_ms: int) -> None:
        if self._ringers.pop(port, None) is None:
            return
        self._callers.pop(port, None)
        self._ports[port].ringing = False
        self.sound.stop_signals(port)
        self.card.command(SetLineState(port=port, state=LineState.ACTIVE), now_ms)

    def _observe(self, event: AnyLineEvent | AnyMediaEvent, now_ms: int) -> None:
        """Note what happened, then tell whoever is in charge."""
        state = self._ports[event.port]
        match event:
            case PortReady(detail=detail):
                state.ready, state.chip, state.failed = True, detail, ""
            case PortFailed(reason=reason):
                state.ready, state.failed = False, reason
            case ChipReset():
                state.ready = False
                if port_kind(event.port) is PortKind.FXO:
                    state.off_hook = False  # the bit that held the loop is gone with the others
            case BusFault():
                self._bus_faults += 1
            case LoopClosed():
                state.off_hook = True
                self._stop_ringing(event.port, now_ms)
                self._lamps.cut(event.port, now_ms)
            case LoopOpened():
                state.off_hook = False
                self._stop_waiting(event.port)
            case DigitHeard(digit=digit) if event.port in self._waiting:
                show = self._waiting[event.port]
                if show.sequence.muted:
                    self._carry_out_waiting(event.port, show.sequence.key(digit, now_ms))
                    return  # the set's answer is nobody's key
            case DigitEnded() if event.port in self._waiting:
                return
            case RingStarted() if port_kind(event.port) is PortKind.FXO:
                state.ringing = True
            case RingStopped():
                state.ringing = False
            case BatteryLost():
                state.battery = False
            case BatteryReturned():
                state.battery = True
            case PolarityReversed(reversed=is_reversed):
                state.reversed = is_reversed
            case CallerIdSent():
                return  # the ringer goes by its own clock
            case _:
                pass
        if self._calld:
            self._out.append(event)
            return
        self._missed.append(event)
        self._care(self._caretaker.handle(event, now_ms), now_ms)

    def _care(self, commands: list[AnyLineCommand | AnyMediaCommand], now_ms: int) -> None:
        for command in commands:
            try:
                self._carry_out(command, now_ms)
            except (ValueError, DriverError):
                log.exception("the caretaker's command cannot be carried out: %r", command)

    def _dump(self, ask: int, port: str) -> RegisterDump:
        if port not in self._ports:
            known = ", ".join(self._ports)
            return RegisterDump(ask=ask, port=port, error=f"{port} is no port here; ports: {known}")
        try:
            registers = self.card.dump(port)
        except DriverError as problem:
            return RegisterDump(ask=ask, port=port, error=str(problem))
        return RegisterDump(
            ask=ask,
            port=port,
            chip=self._ports[port].chip,
            registers=tuple(
                RegisterValue(
                    register=r.name,
                    address=r.address,
                    value=r.value,
                    reset=r.reset,
                    fields=r.fields,
                )
                for r in registers
            ),
        )
