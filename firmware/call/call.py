"""One call, from the first ring or the lifted handset to its closed record.

A call is told what ports and menus say and answers with orders to ports and menus, with commands
for the sound path, and with the entries of its log. Entries come before what they announce, so
that the record says "answered" before voices are joined.

The office's telephone that calls is dismissed with a tone when nothing comes of it; from then on
the tone is the port's affair and the record is closed.

The module is longer than others since every handler of the table in ``states`` stands here, in the
table's order; what they work with is in ``parties``, ``journal``, ``routing`` and ``dial_plan``.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any, ClassVar

from firmware.call.bridge import Bridge
from firmware.call.dial_plan import (
    Complete,
    Invalid,
    MayBeComplete,
    NeedMore,
    outside_first,
    read,
)
from firmware.call.hours import place
from firmware.call.journal import Journal
from firmware.call.leg import Kind, LegEnd
from firmware.call.parties import Parties
from firmware.call.routing import Ports, first_free_line, free_telephones, telephones
from firmware.call.states import CALL, Interrupt
from firmware.core.commands import (
    Caller,
    PlayTone,
    SendDigits,
    StartRecording,
    StopRecording,
    StopTone,
)
from firmware.core.destinations import (
    Destination,
    EndFlow,
    FlowGoto,
    FlowHangsUp,
    FlowResult,
    ReturnToFlow,
    StartFlow,
    ToFlow,
    ToOutside,
    named,
    spoken,
)
from firmware.core.events import RecordingFinished
from firmware.core.fsm import STAY, Machine, Table
from firmware.core.ids import recording_id
from firmware.core.log_entries import AnyLogEntry, ClearedBy, Direction, Outcome, Side
from firmware.core.port_events import (
    AnswerDue,
    AnswerLine,
    Attend,
    CallerIdentified,
    Dial,
    Digit,
    FarSideAnswers,
    FarSideBusy,
    FarSideCleared,
    Glare,
    Lifted,
    LineRings,
    OnHook,
    PhoneAnswered,
    PortLost,
    ReadyToDial,
    RingingCeased,
    SeizureFailed,
    TakeLine,
    TakePhone,
)
from firmware.core.settings import Mode, Settings, extension_at, line_at
from firmware.core.timers import Times


class Call(Machine):
    """One call.

    Args:
        call: Its id.
        settings: The office's settings when it began; a later change counts from the next call.
        ports: What routing may ask about the jacks.
        emergency: The country's emergency numbers.
        folder: Where recordings go.
        times: Timers in force.
        mode: Day, lunch, night or holiday, as the call began.
        announcement: A message that a caller from the outside hears first, empty for none.
    """

    __slots__ = (
        "_emergency",
        "_flow",
        "_folder",
        "_last_result",
        "_ports",
        "_tried",
        "announcement",
        "call",
        "destination",
        "journal",
        "mode",
        "parties",
        "settings",
    )
    TABLE: ClassVar[Table] = CALL

    def __init__(
        self,
        call: str,
        settings: Settings,
        ports: Ports,
        emergency: tuple[str, ...],
        folder: str = "recordings",
        times: Times | None = None,
        *,
        mode: Mode = "day",
        announcement: str = "",
    ) -> None:
        super().__init__(times)
        self.call = call
        self.mode: Mode = mode
        self.announcement = announcement
        self.settings = settings
        self.journal = Journal(call)
        self.parties = Parties(call)
        self.destination: Destination | None = None
        self._ports = ports
        self._emergency = emergency
        self._folder = folder
        self._tried: set[str] = set()  # lines this call has had
        self._flow = ""
        self._last_result: FlowResult | None = None

    @property
    def label(self) -> str:
        """The call's name in the log of transitions."""
        return f"call {self.call}"

    @property
    def origin(self) -> str:
        """The port where the call began."""
        return self.journal.origin

    def take_moves(self) -> list[str]:
        """Transitions of the call and of its legs."""
        legs, self.parties.moves = self.parties.moves, []
        return legs + super().take_moves()

    # --- the beginning ----------------------------------------------------------------------------

    def _lifted(self, event: Lifted, now_ms: int) -> str:
        self.journal.begin(event.port, event.at_ms)
        extension = extension_at(self.settings, event.port)
        number = extension.number if extension else ""
        self.do(*self.parties.attach(event.port, "telephone", number, now_ms))
        return "lifted"

    def _line_rings(self, event: LineRings | Glare, now_ms: int) -> str:
        self.journal.begin(event.port, event.at_ms)
        self.do(*self.parties.attach(event.port, "line", "", now_ms))
        self.do(*self.journal.offer(Direction.INBOUND))
        return "alerted"

    def _answered_by_glare(self, event: Glare, now_ms: int) -> str:
        self._line_rings(event, now_ms)
        self.do(self.journal.answered_line(event.port, event.at_ms))
        return self._send_inbound(now_ms)

    def _identity(self, event: CallerIdentified, _now_ms: int) -> str:
        self.do(self.journal.identified(event))
        return STAY

    def _ignore(self, _event: Any, _now_ms: int) -> str:
        return STAY

    # --- dialling ---------------------------------------------------------------------------------

    def _digit(self, event: Digit, now_ms: int) -> str:
        self.journal.digits += event.digit
        match read(self.journal.digits, self.settings, self._emergency):
            case NeedMore():
                return "collecting"
            case MayBeComplete(wait=wait):
                return "collecting" if wait == "inter_digit" else "emergency_pause"
            case Complete(destination=destination):
                return self._place(destination, now_ms)
            case Invalid(reason=reason):
                return self._refuse_dialled(reason, now_ms)

    def _dialled(self, _event: Any, now_ms: int) -> str:
        """The pause behind the last digit is over."""
        match read(self.journal.digits, self.settings, self._emergency):
            case MayBeComplete(destination=destination) | Complete(destination=destination):
                return self._place(destination, now_ms)
            case Invalid(reason=reason):
                return self._refuse_dialled(reason, now_ms)
            case NeedMore():
                return self._refuse_dialled("the number is incomplete", now_ms)

    def _place(self, destination: Destination, now_ms: int) -> str:
        """The number is complete: go there."""
        self.destination = destination
        outside = isinstance(destination, ToOutside)
        self.do(
            *self.journal.offer(Direction.OUTBOUND if outside else Direction.INTERNAL),
            self.journal.dialled(spoken(destination), now_ms),
            TakePhone(port=self.origin),
        )
        if outside:
            return self._seize(now_ms)
        if self._ring_phones(now_ms):
            return "calling"
        return self._end(Outcome.BUSY, Side.SYSTEM, ClearedBy.ROUTING, now_ms, tone=LegEnd.BUSY)

    def _keep_half_dialled(self, at_ms: int) -> None:
        outside = outside_first(self.journal.digits, self.settings)
        self.do(
            *self.journal.offer(Direction.OUTBOUND if outside else Direction.INTERNAL),
            self.journal.dialled("", at_ms),
        )

    def _refuse_dialled(self, reason: str, now_ms: int) -> str:
        self._keep_half_dialled(now_ms)
        return self._end(Outcome.REFUSED, Side.SYSTEM, ClearedBy.ROUTING, now_ms, detail=reason)

    def _nothing_dialled(self, _event: Any, now_ms: int) -> str:
        return self._end(Outcome.ABANDONED, Side.SYSTEM, ClearedBy.TIMER, now_ms)

    # --- telephones -------------------------------------------------------------------------------

    def _ring_phones(self, now_ms: int) -> bool:
        if self.destination is None:
            return False
        caller = self._shown_caller()
        for extension in free_telephones(self.destination, self.settings, self._ports):
            self.do(*self.parties.ring(extension, caller, now_ms))
        return bool(self.parties.ringing())

    def _shown_caller(self) -> Caller | None:
        known = self.journal.caller
        if known is not None:
            withheld = known.kind == "private"
            return Caller(number=known.number, name=known.name, withheld=withheld)
        extension = extension_at(self.settings, self.origin)
        return Caller(number=extension.number, name=extension.name) if extension else None

    @property
    def _caller_waits_here(self) -> bool:
        """Whoever calls hears us, and not the exchange's own ringback."""
        return self.journal.direction is not Direction.INBOUND or self.journal.line_answered

    def _sound_ringback(self, _now_ms: int) -> None:
        if self._caller_waits_here:
            self.do(PlayTone(port=self.origin, tone="ringback"))

    def _stop_ringback(self, _now_ms: int) -> None:
        if self._caller_waits_here:
            self.do(StopTone(port=self.origin))

    def _phone_answered(self, event: PhoneAnswered, now_ms: int) -> str:
        extension = self.parties.legs[event.port].extension
        self.do(
            self.journal.telephone_answered(event.port, extension, event.at_ms),
            *self.parties.answer(event.port, now_ms),
        )
        return "talking"

    def _colleague_silent(self, _event: Any, now_ms: int) -> str:
        return self._end(
            Outcome.NO_ANSWER,
            Side.SYSTEM,
            ClearedBy.TIMER,
            now_ms,
            tone=LegEnd.BUSY,
            ringing=LegEnd.NO_ANSWER,
        )

    # --- to the outside ---------------------------------------------------------------------------

    def _seize(self, now_ms: int) -> str:
        emergency = isinstance(self.destination, ToOutside) and self.destination.emergency
        port = first_free_line(
            self.settings, self._ports, not_again=self._tried, emergency=emergency
        )
        if port is None:
            return self._end(
                Outcome.REFUSED,
                Side.SYSTEM,
                ClearedBy.ROUTING,
                now_ms,
                detail="no line is free",
            )
        self._tried.add(port)
        self.do(
            *self.parties.attach(port, "line", "", now_ms),
            self.journal.line_taken(port, now_ms),
            TakeLine(port=port),
        )
        return "seizing"

    def _another_line(self, event: Any, now_ms: int) -> str:
        line = self.parties.line()
        if line is not None:
            # In glare the line lives on as the other party's call and is not released.
            cause = LegEnd.HANDED_OVER if isinstance(event, Glare) else LegEnd.CLEARED
            self.do(*self.parties.end(line.port, cause, now_ms))
        return self._seize(now_ms)

    def _line_lost_while_seizing(self, event: PortLost, now_ms: int) -> str:
        if event.port == self.origin:
            return self._port_lost(event, now_ms)
        self.do(*self.parties.end(event.port, LegEnd.GONE, now_ms))
        return self._seize(now_ms)

    def _dial(self, event: ReadyToDial, _now_ms: int) -> str:
        number = self.destination.number if isinstance(self.destination, ToOutside) else ""
        self.do(Dial(port=event.port, digits=number))
        return "dialling"

    def _line_failed(self, event: SeizureFailed, now_ms: int) -> str:
        return self._end(
            Outcome.FAILED, Side.SYSTEM, ClearedBy.FAULT, now_ms, event.port, event.reason
        )

    def _early_audio(self, _now_ms: int) -> None:
        # The caller hears the exchange from here on: ringback, busy, an announcement.
        self.do(*self.parties.join())

    def _far_side_answers(self, event: FarSideAnswers, _now_ms: int) -> str:
        self.do(self.journal.far_side_answered(event))
        return "talking"

    def _answer_known_better(self, event: FarSideAnswers, _now_ms: int) -> str:
        self.do(self.journal.far_side_answered(event))
        return STAY

    def _far_side_busy(self, event: FarSideBusy, _now_ms: int) -> str:
        outcome = {"busy": Outcome.BUSY, "special_information": Outcome.REFUSED}.get(
            event.tone, Outcome.FAILED
        )
        return self._end(
            outcome,
            Side.CUSTOMER,
            ClearedBy.TONE,
            event.at_ms,
            event.port,
            event.tone,
            tone=LegEnd.BUSY if outcome is Outcome.BUSY else LegEnd.CLEARED,
        )

    def _pass_pulse(self, event: Digit, _now_ms: int) -> str:
        # A DTMF key passes through the bridge as sound; the clicks of a dial do not.
        line = self.parties.line()
        if event.pulse and line is not None and event.port != line.port:
            self.do(SendDigits(port=line.port, digits=event.digit))
        return STAY

    # --- from the outside -------------------------------------------------------------------------

    def _inbound(self) -> Destination:
        text = place(self.settings, line_at(self.settings, self.origin), self.mode)
        destination = named(text, self.settings) or ToFlow(flow="main")
        if self.announcement:
            return ToFlow(flow=f"announced:{text}")
        return destination

    def _answer_due(self, event: AnswerDue, now_ms: int) -> str:
        destination = self._inbound()
        if isinstance(destination, ToFlow):
            self._answer_line(event.at_ms)
            return self._send_inbound(now_ms)
        self.destination = destination
        self.do(self.journal.left_menu(spoken(destination), "", event.at_ms))
        # All busy: the line goes on ringing, and its caller hears that nobody answers.
        return "offering" if self._ring_phones(now_ms) else STAY

    def _answer_line(self, at_ms: int) -> None:
        self.do(self.journal.answered_line(self.origin, at_ms), AnswerLine(port=self.origin))

    def _send_inbound(self, now_ms: int) -> str:
        """Where an answered line's caller goes first."""
        destination = self._inbound()
        if isinstance(destination, ToFlow):
            self._start_flow(destination)
            return "menu"
        return self._offer_to(destination, "", now_ms)

    def _start_flow(self, destination: ToFlow) -> None:
        self._flow = destination.flow
        self.do(StartFlow(call=self.call, port=self.origin, flow=destination.flow))

    def _goto(self, event: FlowGoto, now_ms: int) -> str:
        return self._offer_to(event.destination, event.choice, now_ms)

    def _offer_to(self, destination: Destination, choice: str, now_ms: int) -> str:
        self.destination = destination
        self.do(self.journal.left_menu(spoken(destination), choice, now_ms))
        if self._ring_phones(now_ms):
            return "offering"
        known = bool(telephones(destination, self.settings))
        return self._back_to_flow("busy" if known else "unknown", now_ms)

    def _back_to_flow(self, result: FlowResult, now_ms: int) -> str:
        self._last_result = result
        if not self._flow:
            outcome = Outcome.NO_ANSWER if result == "no_answer" else Outcome.BUSY
            by = ClearedBy.TIMER if result == "no_answer" else ClearedBy.ROUTING
            return self._end(outcome, Side.SYSTEM, by, now_ms)
        self.do(ReturnToFlow(call=self.call, result=result))
        return "menu"

    def _nobody_answers(self, _event: Any, now_ms: int) -> str:
        if not self.journal.line_answered:
            # The caller has not been answered and pays nothing: the telephones ring on.
            return "offering"
        for port in self.parties.ringing():
            self.do(*self.parties.end(port, LegEnd.NO_ANSWER, now_ms))
        return self._back_to_flow("no_answer", now_ms)

    def _enter_menu(self, _now_ms: int) -> None:
        self.do(Attend(port=self.origin, digits=True))

    def _leave_menu(self, _now_ms: int) -> None:
        if self.origin in self.parties.legs:
            self.do(Attend(port=self.origin, digits=False))

    def _flow_hangs_up(self, event: FlowHangsUp, _now_ms: int) -> str:
        outcome = {"no_answer": Outcome.NO_ANSWER, "busy": Outcome.BUSY}.get(
            self._last_result or "", Outcome.REFUSED
        )
        return self._end(outcome, Side.SYSTEM, ClearedBy.FLOW, event.at_ms)

    def _ringing_ceased(self, event: RingingCeased, _now_ms: int) -> str:
        return self._end(
            Outcome.ABANDONED,
            Side.CUSTOMER,
            ClearedBy.TIMER,
            event.at_ms,
            event.port,
            "the line stopped ringing",
            gone=event.port,
        )

    # --- talking ----------------------------------------------------------------------------------

    def _connect(self, now_ms: int) -> None:
        inbound = self.journal.direction is Direction.INBOUND
        if inbound and not self.journal.line_answered:
            self._answer_line(now_ms)
        self.do(self.journal.voices(self.parties.present(), now_ms), *self.parties.join())
        self._start_recording(now_ms)

    def _start_recording(self, now_ms: int) -> None:
        line = self.parties.line()
        port = line.port if line else self.origin
        setting = line_at(self.settings, port)
        wanted = (setting.record if setting else "") or self.settings.record
        if wanted != "all":
            return
        recording = recording_id(self.call, self.journal.recordings + 1)
        path = f"{self._folder}/{recording}.wav"
        self.do(
            self.journal.recording_started(recording, port, path, now_ms),
            StartRecording(port=port, recording=recording, path=path),
        )

    def _recording_ended(self, event: RecordingFinished, _now_ms: int) -> str:
        self.do(self.journal.recording_ended(event.recording, event.duration_ms, event.at_ms))
        return "closed" if self.state == "closing" else STAY

    # --- the end ----------------------------------------------------------------------------------

    def _side_of(self, port: str) -> Side:
        leg = self.parties.legs.get(port)
        if leg is not None and leg.kind == "line":
            return Side.CUSTOMER
        if self.journal.direction is Direction.INTERNAL and port == self.origin:
            return Side.CUSTOMER
        return Side.AGENT

    def _on_hook(self, event: OnHook, _now_ms: int) -> str:
        if self.journal.digits and not self.journal.offered:
            self._keep_half_dialled(event.at_ms)
        return self._end(
            Outcome.ANSWERED if self.journal.connected else Outcome.ABANDONED,
            self._side_of(event.port),
            ClearedBy.ON_HOOK,
            event.at_ms,
            event.port,
            gone=event.port,
        )

    def _far_side_cleared(self, event: FarSideCleared, _now_ms: int) -> str:
        if self.journal.connected:
            outcome = Outcome.ANSWERED
        elif self.journal.direction is Direction.INBOUND:
            outcome = Outcome.ABANDONED
        else:
            outcome = Outcome.NO_ANSWER if event.by is ClearedBy.TIMER else Outcome.FAILED
        return self._end(outcome, Side.CUSTOMER, event.by, event.at_ms, event.port, event.detail)

    def _port_lost(self, event: PortLost, now_ms: int) -> str:
        leg = self.parties.legs.get(event.port)
        if leg is None:
            return STAY
        if leg.ringing:
            self.do(*self.parties.end(event.port, LegEnd.FAILED, now_ms))
            return STAY
        return self._end(
            Outcome.ANSWERED if self.journal.connected else Outcome.FAILED,
            Side.SYSTEM,
            ClearedBy.FAULT,
            event.at_ms,
            event.port,
            event.reason,
            gone=event.port,
        )

    def _end(
        self,
        outcome: Outcome,
        side: Side,
        by: ClearedBy,
        at_ms: int,
        port: str = "",
        detail: str = "",
        *,
        gone: str = "",
        tone: LegEnd = LegEnd.CLEARED,
        ringing: LegEnd = LegEnd.WITHDRAWN,
    ) -> str:
        """End everything the call owns; the state to go to is the answer.

        ``gone`` is the party that needs nothing more, ``tone`` what the others are left with.
        """
        self.do(*self.journal.ended(outcome, side, by, at_ms, port, detail))
        if self._flow:
            self.do(EndFlow(call=self.call))
        self.do(*self.parties.bridge.clear())
        if self.journal.recording:
            self.do(StopRecording(recording=self.journal.recording))
        self.do(*self.parties.end_all(at_ms, gone=gone, present=tone, ringing=ringing))
        return "closing" if self.journal.recording else "closed"

    def _interrupted(self, order: Interrupt, _now_ms: int) -> str:
        if self.state == "closing":
            return "closed"  # the conversation was over; only its recording was waited for
        outcome = Outcome.ANSWERED if self.journal.connected else Outcome.INTERRUPTED
        self._end(outcome, order.side, order.by, order.at_ms, order.port, order.detail)
        return "closed"

    def _close(self, now_ms: int) -> None:
        self.do(*self.journal.closed(now_ms))

    # --- after a restart --------------------------------------------------------------------------

    def adopt(
        self,
        entries: Sequence[AnyLogEntry],
        present: tuple[str, ...],
        now_ms: int,
        *,
        recordings: Collection[str] = (),
        bridge: str = "",
    ) -> list[Any]:
        """Take over a call whose log says so far ``entries``, with these parties present.

        ``bridge`` names the conversation that is up, empty if none is; ``recordings`` run.
        """
        journal = self.journal
        journal.read(entries)
        if journal.recording not in recordings:
            journal.recording = ""
        for port in present:
            extension = extension_at(self.settings, port)
            kind: Kind = "telephone" if port.startswith("fxs/") else "line"
            number = extension.number if extension else ""
            self.do(*self.parties.attach(port, kind, number, now_ms))
        self.do(journal.adopted(present, now_ms))
        answered = journal.answered_by is not None or journal.direction is not Direction.OUTBOUND
        if bridge:
            self.parties.bridge = Bridge(self.call, present, name=bridge)
            self.resume("talking" if answered else "progress", now_ms)
            if answered and not journal.connected:
                self.do(journal.voices(present, now_ms))
        elif journal.line_answered:
            self.resume("menu", now_ms)
            self._enter_menu(now_ms)
            destination = self._inbound()
            main = ToFlow(flow="main")
            self._start_flow(destination if isinstance(destination, ToFlow) else main)
        else:
            self.resume("alerted", now_ms)
        return self._taken()

    def recall(self, entries: Sequence[AnyLogEntry], now_ms: int) -> None:
        """Remember a call that is to be closed at once: what it was, without its parties."""
        self.journal.read(entries)
        self.journal.recording = ""
        if self.journal.cleared:
            self.resume("closing", now_ms)
        else:
            self.resume("talking" if self.journal.connected else "new", now_ms)
