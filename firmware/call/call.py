"""One call, from the first ring or the lifted handset to its closed record.

A call is told what ports and menus say and answers with orders to ports and menus, with commands
for the sound path, and with the entries of its log. Entries come before what they announce, so
that the record says "answered" before voices are joined.

The office's telephone that calls is dismissed with a tone when nothing comes of it; from then on
the tone is the port's affair and the record is closed.
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
from firmware.call.leg import AnswerLeg, AttachLeg, EndLeg, Leg, LegEnd, OfferLeg
from firmware.call.routing import Ports, first_free_line, free_telephones, telephones
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
from firmware.core.fsm import STAY, Machine, Moves, Order, State, Table, choose
from firmware.core.ids import recording_id
from firmware.core.log_entries import (
    AnsweredBy,
    AnyLogEntry,
    CallAdopted,
    CallClosed,
    CallDialled,
    CallerKnown,
    CallOffered,
    Cleared,
    ClearedBy,
    Direction,
    FarSideAnswered,
    LineAnswered,
    LineSeized,
    MenuLeft,
    Outcome,
    RecordingEnded,
    RecordingStarted,
    Side,
    TelephoneAnswered,
    VoicesConnected,
)
from firmware.core.port_events import (
    AnswerDue,
    AnswerLine,
    Attend,
    CallerIdentified,
    Dial,
    Digit,
    DigitsOut,
    FarSideAnswers,
    FarSideBusy,
    FarSideCleared,
    Glare,
    HookFlash,
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
from firmware.core.settings import Settings, extension_at, line_at
from firmware.core.timers import Times


class Interrupt(Order, frozen=True, kw_only=True):
    """The call was cut by something outside it: lined is gone, or call control began anew."""

    at_ms: int
    side: Side = Side.SYSTEM
    by: ClearedBy = ClearedBy.FAULT
    port: str = ""
    detail: str = ""


_END = ("closing", "closed")
_CUT: Moves = {Interrupt: choose("_interrupted", "closed")}
_KEYS = choose("_digit", "collecting", "emergency_pause", "calling", "seizing", *_END)
_DIALLED = choose("_dialled", "calling", "seizing", *_END)
_CALLER: Moves = {CallerIdentified: choose("_identity", STAY)}
_PARTY_GONE: Moves = {
    OnHook: choose("_on_hook", *_END),
    FarSideCleared: choose("_far_side_cleared", *_END),
    PortLost: choose("_port_lost", *_END, STAY),
    **_CUT,
}
_IGNORED: Moves = {HookFlash: choose("_ignore", STAY), Digit: choose("_ignore", STAY)}

CALL = Table(
    "call",
    State(
        "new",
        {
            Lifted: choose("_lifted", "lifted"),
            LineRings: choose("_line_rings", "alerted"),
            Glare: choose("_answered_by_glare", "menu", "offering", *_END),
            **_CUT,
        },
    ),
    # --- a handset of ours calls
    State(
        "lifted",
        {Digit: _KEYS, HookFlash: choose("_ignore", STAY), **_PARTY_GONE},
        timer="first_digit",
        expired=choose("_nothing_dialled", *_END),
    ),
    State(
        "collecting",
        {Digit: _KEYS, HookFlash: choose("_ignore", STAY), **_PARTY_GONE},
        timer="inter_digit",
        expired=_DIALLED,
    ),
    State(
        "emergency_pause",
        {Digit: _KEYS, HookFlash: choose("_ignore", STAY), **_PARTY_GONE},
        timer="emergency_pause",
        expired=_DIALLED,
    ),
    State(
        "calling",
        {PhoneAnswered: choose("_phone_answered", "talking"), **_IGNORED, **_PARTY_GONE},
        timer="internal_no_answer",
        expired=choose("_colleague_silent", *_END),
        enter="_sound_ringback",
        leave="_stop_ringback",
    ),
    State(
        "seizing",
        {
            ReadyToDial: choose("_dial", "dialling"),
            Glare: choose("_another_line", "seizing", *_END),
            SeizureFailed: choose("_another_line", "seizing", *_END),
            **_IGNORED,
            **_PARTY_GONE,
            PortLost: choose("_line_lost_while_seizing", "seizing", *_END, STAY),
        },
        timer="seize_limit",
        expired=choose("_another_line", "seizing", *_END),
    ),
    State(
        "dialling",
        {
            DigitsOut: "progress",
            SeizureFailed: choose("_line_failed", *_END),
            **_IGNORED,
            **_PARTY_GONE,
        },
    ),
    State(
        "progress",
        {
            FarSideAnswers: choose("_far_side_answers", "talking"),
            FarSideBusy: choose("_far_side_busy", *_END),
            HookFlash: choose("_ignore", STAY),
            Digit: choose("_pass_pulse", STAY),
            **_PARTY_GONE,
        },
        enter="_early_audio",
    ),
    # --- an exchange line calls
    State(
        "alerted",
        {
            AnswerDue: choose("_answer_due", "menu", "offering", *_END, STAY),
            RingingCeased: choose("_ringing_ceased", *_END),
            **_CALLER,
            **_PARTY_GONE,
        },
    ),
    State(
        "menu",
        {
            FlowGoto: choose("_goto", "offering", "menu", *_END),
            FlowHangsUp: choose("_flow_hangs_up", *_END),
            Digit: choose("_ignore", STAY),
            **_CALLER,
            **_PARTY_GONE,
        },
        enter="_enter_menu",
        leave="_leave_menu",
    ),
    State(
        "offering",
        {
            PhoneAnswered: choose("_phone_answered", "talking"),
            RingingCeased: choose("_ringing_ceased", *_END),
            **_CALLER,
            **_IGNORED,
            **_PARTY_GONE,
        },
        timer="ring_no_answer",
        expired=choose("_nobody_answers", "menu", "offering", *_END),
        enter="_sound_ringback",
        leave="_stop_ringback",
    ),
    # --- both
    State(
        "talking",
        {
            FarSideAnswers: choose("_answer_known_better", STAY),
            Digit: choose("_pass_pulse", STAY),
            HookFlash: choose("_ignore", STAY),
            RecordingFinished: choose("_recording_ended", STAY),
            **_CALLER,
            **_PARTY_GONE,
        },
        enter="_connect",
    ),
    State(
        "closing",
        {RecordingFinished: choose("_recording_ended", "closed"), **_CUT},
        timer="recording_close",
        expired="closed",
    ),
    State("closed", enter="_close", final=True),
)


class Call(Machine):
    """One call.

    Args:
        call: Its id.
        settings: The office's settings when it began; a later change counts from the next call.
        ports: What routing may ask about the jacks.
        emergency: The country's emergency numbers.
        folder: Where recordings go.
        times: Timers in force.
    """

    __slots__ = (
        "_answered_by",
        "_emergency",
        "_flow",
        "_folder",
        "_last_result",
        "_line_answered",
        "_outcome",
        "_outcome_detail",
        "_ports",
        "_recordings",
        "_tried",
        "bridge",
        "call",
        "caller",
        "connected",
        "destination",
        "digits",
        "direction",
        "legs",
        "offered",
        "origin",
        "recording",
        "settings",
        "since_ms",
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
    ) -> None:
        super().__init__(times)
        self.call = call
        self.settings = settings
        self.direction = Direction.INTERNAL
        self.origin = ""
        self.since_ms = 0
        self.caller: CallerIdentified | None = None
        self.digits = ""
        self.destination: Destination | None = None
        self.legs: dict[str, Leg] = {}
        self.bridge = Bridge(call)
        self.connected = False
        self.offered = False
        self._ports = ports
        self._emergency = emergency
        self._folder = folder
        self._tried: set[str] = set()
        self._flow = ""
        self._last_result: FlowResult | None = None
        self._line_answered = False
        self._answered_by: AnsweredBy | None = None
        self.recording = ""
        self._recordings = 0
        self._outcome = Outcome.FAILED
        self._outcome_detail = ""

    @property
    def label(self) -> str:
        """The call's name in the log of transitions."""
        return f"call {self.call}"

    # --- legs -------------------------------------------------------------------------------------

    def _leg(self, port: str, kind: str, now_ms: int) -> Leg:
        """A party that is there already."""
        extension = extension_at(self.settings, port)
        number = extension.number if extension and kind == "telephone" else ""
        leg = Leg(self.call, port, "telephone" if kind == "telephone" else "line", number)
        self.legs[port] = leg
        self.do(*leg.handle(AttachLeg(), now_ms))
        return leg

    def _end_leg(self, port: str, cause: LegEnd, now_ms: int) -> None:
        leg = self.legs.pop(port, None)
        if leg is not None:
            self.do(*leg.effects(EndLeg(cause=cause), now_ms))
            self.moves += leg.take_moves()

    def _line(self) -> Leg | None:
        return next((leg for leg in self.legs.values() if leg.kind == "line"), None)

    def _present(self) -> tuple[str, ...]:
        return tuple(port for port, leg in self.legs.items() if leg.present)

    def _ringing(self) -> tuple[str, ...]:
        return tuple(port for port, leg in self.legs.items() if leg.ringing)

    # --- the beginning ----------------------------------------------------------------------------

    def _lifted(self, event: Lifted, now_ms: int) -> str:
        self.origin = event.port
        self.since_ms = event.at_ms
        self._leg(event.port, "telephone", now_ms)
        return "lifted"

    def _offer(self, direction: Direction) -> None:
        self.direction = direction
        if not self.offered:
            self.offered = True
            self.do(
                CallOffered(
                    call=self.call, at_ms=self.since_ms, direction=direction, origin=self.origin
                )
            )

    def _line_rings(self, event: LineRings | Glare, now_ms: int) -> str:
        self.origin = event.port
        self.since_ms = event.at_ms
        self._leg(event.port, "line", now_ms)
        self._offer(Direction.INBOUND)
        return "alerted"

    def _answered_by_glare(self, event: Glare, now_ms: int) -> str:
        self._line_rings(event, now_ms)
        self._line_answered = True
        self.do(LineAnswered(call=self.call, at_ms=event.at_ms, port=event.port))
        return self._send_inbound(now_ms)

    def _identity(self, event: CallerIdentified, _now_ms: int) -> str:
        self.caller = event
        self.do(
            CallerKnown(
                call=self.call,
                at_ms=event.at_ms,
                kind=event.kind,
                number=event.number,
                name=event.name,
                method=event.method,
            )
        )
        return STAY

    def _ignore(self, _event: Any, _now_ms: int) -> str:
        return STAY

    # --- dialling ---------------------------------------------------------------------------------

    def _digit(self, event: Digit, now_ms: int) -> str:
        self.digits += event.digit
        match read(self.digits, self.settings, self._emergency):
            case NeedMore():
                return "collecting"
            case MayBeComplete(wait=wait):
                return "collecting" if wait == "inter_digit" else "emergency_pause"
            case Complete(destination=destination):
                return self._call(destination, now_ms)
            case Invalid(reason=reason):
                return self._refuse_dialled(reason, now_ms)

    def _dialled(self, _event: Any, now_ms: int) -> str:
        """The pause behind the last digit is over."""
        match read(self.digits, self.settings, self._emergency):
            case MayBeComplete(destination=destination) | Complete(destination=destination):
                return self._call(destination, now_ms)
            case Invalid(reason=reason):
                return self._refuse_dialled(reason, now_ms)
            case NeedMore():
                return self._refuse_dialled("the number is incomplete", now_ms)

    def _call(self, destination: Destination, now_ms: int) -> str:
        self.destination = destination
        outside = isinstance(destination, ToOutside)
        self._offer(Direction.OUTBOUND if outside else Direction.INTERNAL)
        self._log_dialled(spoken(destination), now_ms)
        self.do(TakePhone(port=self.origin))
        if isinstance(destination, ToOutside):
            return self._seize(now_ms)
        if not self._ring_phones(now_ms):
            return self._end(Outcome.BUSY, Side.SYSTEM, ClearedBy.ROUTING, now_ms, tone=LegEnd.BUSY)
        return "calling"

    def _log_dialled(self, destination: str, now_ms: int) -> None:
        self.do(
            CallDialled(call=self.call, at_ms=now_ms, digits=self.digits, destination=destination)
        )

    def _refuse_dialled(self, reason: str, now_ms: int) -> str:
        outside = outside_first(self.digits, self.settings)
        self._offer(Direction.OUTBOUND if outside else Direction.INTERNAL)
        self._log_dialled("", now_ms)
        return self._end(Outcome.REFUSED, Side.SYSTEM, ClearedBy.ROUTING, now_ms, detail=reason)

    def _nothing_dialled(self, _event: Any, now_ms: int) -> str:
        return self._end(Outcome.ABANDONED, Side.SYSTEM, ClearedBy.TIMER, now_ms)

    # --- telephones -------------------------------------------------------------------------------

    def _ring_phones(self, now_ms: int) -> bool:
        if self.destination is None:
            return False
        caller = self._shown_caller()
        for extension in free_telephones(self.destination, self.settings, self._ports):
            leg = Leg(self.call, extension.port, "telephone", extension.number)
            self.legs[extension.port] = leg
            self.do(*leg.handle(OfferLeg(caller=caller), now_ms))
        return bool(self._ringing())

    def _shown_caller(self) -> Caller | None:
        if self.direction is Direction.INBOUND:
            if self.caller is None:
                return None
            return Caller(
                number=self.caller.number,
                name=self.caller.name,
                withheld=self.caller.kind == "private",
            )
        extension = extension_at(self.settings, self.origin)
        return Caller(number=extension.number, name=extension.name) if extension else None

    def _sound_ringback(self, _now_ms: int) -> None:
        if self.direction is not Direction.INBOUND or self._line_answered:
            self.do(PlayTone(port=self.origin, tone="ringback"))

    def _stop_ringback(self, _now_ms: int) -> None:
        if self.direction is not Direction.INBOUND or self._line_answered:
            self.do(StopTone(port=self.origin))

    def _phone_answered(self, event: PhoneAnswered, now_ms: int) -> str:
        leg = self.legs[event.port]
        self.do(
            TelephoneAnswered(
                call=self.call, at_ms=event.at_ms, port=leg.port, extension=leg.extension
            ),
            *leg.handle(AnswerLeg(), now_ms),
        )
        for port in self._ringing():
            self._end_leg(port, LegEnd.WITHDRAWN, now_ms)
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
        self._leg(port, "line", now_ms)
        self.do(LineSeized(call=self.call, at_ms=now_ms, port=port), TakeLine(port=port))
        return "seizing"

    def _another_line(self, event: Any, now_ms: int) -> str:
        line = self._line()
        if line is not None:
            # In glare the line lives on as the other party's call and is not released.
            glare = isinstance(event, Glare)
            self._end_leg(line.port, LegEnd.HANDED_OVER if glare else LegEnd.CLEARED, now_ms)
        return self._seize(now_ms)

    def _line_lost_while_seizing(self, event: PortLost, now_ms: int) -> str:
        if event.port == self.origin:
            return self._port_lost(event, now_ms)
        self._end_leg(event.port, LegEnd.GONE, now_ms)
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
        self.do(*self.bridge.join(*self._present()))

    def _far_side_answers(self, event: FarSideAnswers, _now_ms: int) -> str:
        self._log_answer(event)
        return "talking"

    def _log_answer(self, event: FarSideAnswers) -> None:
        self._answered_by = event.by
        self.do(
            FarSideAnswered(
                call=self.call,
                at_ms=event.at_ms,
                port=event.port,
                by=event.by,
                estimate=event.by is not AnsweredBy.REVERSAL,
            )
        )

    def _answer_known_better(self, event: FarSideAnswers, _now_ms: int) -> str:
        self._log_answer(event)
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
        line = self._line()
        if event.pulse and line is not None and event.port != line.port:
            self.do(SendDigits(port=line.port, digits=event.digit))
        return STAY

    # --- from the outside -------------------------------------------------------------------------

    def _inbound(self) -> Destination:
        line = line_at(self.settings, self.origin)
        text = (line.inbound if line else "") or self.settings.inbound
        return named(text, self.settings) or ToFlow(flow="main")

    def _answer_due(self, event: AnswerDue, now_ms: int) -> str:
        if isinstance(self._inbound(), ToFlow):
            self._answer_line(event.at_ms)
            return self._send_inbound(now_ms)
        destination = self._inbound()
        self.destination = destination
        self.do(MenuLeft(call=self.call, at_ms=event.at_ms, destination=spoken(destination)))
        # All busy: the line goes on ringing, and its caller hears that nobody answers.
        return "offering" if self._ring_phones(now_ms) else STAY

    def _answer_line(self, at_ms: int) -> None:
        self._line_answered = True
        self.do(
            LineAnswered(call=self.call, at_ms=at_ms, port=self.origin),
            AnswerLine(port=self.origin),
        )

    def _send_inbound(self, now_ms: int) -> str:
        """Where an answered line's caller goes first."""
        destination = self._inbound()
        if isinstance(destination, ToFlow):
            self._flow = destination.flow
            self.do(StartFlow(call=self.call, port=self.origin, flow=destination.flow))
            return "menu"
        return self._offer_to(destination, "", now_ms)

    def _goto(self, event: FlowGoto, now_ms: int) -> str:
        return self._offer_to(event.destination, event.choice, now_ms)

    def _offer_to(self, destination: Destination, choice: str, now_ms: int) -> str:
        self.destination = destination
        self.do(
            MenuLeft(call=self.call, at_ms=now_ms, destination=spoken(destination), choice=choice)
        )
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
        if not self._line_answered:
            # The caller has not been answered and pays nothing: the telephones ring on.
            return "offering"
        for port in self._ringing():
            self._end_leg(port, LegEnd.NO_ANSWER, now_ms)
        return self._back_to_flow("no_answer", now_ms)

    def _enter_menu(self, _now_ms: int) -> None:
        self.do(Attend(port=self.origin, digits=True))

    def _leave_menu(self, _now_ms: int) -> None:
        if self.origin in self.legs:
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
        if self.direction is Direction.INBOUND and not self._line_answered:
            self._answer_line(now_ms)
        self.connected = True
        parties = self._present()
        self.do(
            VoicesConnected(call=self.call, at_ms=now_ms, parties=parties),
            *self.bridge.join(*parties),
        )
        self._start_recording(now_ms)

    def _start_recording(self, now_ms: int) -> None:
        line = self._line()
        port = line.port if line else self.origin
        setting = line_at(self.settings, port)
        wanted = (setting.record if setting else "") or self.settings.record
        if wanted != "all":
            return
        self._recordings += 1
        self.recording = recording_id(self.call, self._recordings)
        path = f"{self._folder}/{self.recording}.wav"
        self.do(
            RecordingStarted(
                call=self.call, at_ms=now_ms, recording=self.recording, port=port, path=path
            ),
            StartRecording(port=port, recording=self.recording, path=path),
        )

    def _recording_ended(self, event: RecordingFinished, _now_ms: int) -> str:
        self.do(
            RecordingEnded(
                call=self.call,
                at_ms=event.at_ms,
                recording=event.recording,
                duration_ms=event.duration_ms,
            )
        )
        self.recording = ""
        return "closed" if self.state == "closing" else STAY

    # --- the end ----------------------------------------------------------------------------------

    def _side_of(self, port: str) -> Side:
        leg = self.legs.get(port)
        if leg is not None and leg.kind == "line":
            return Side.CUSTOMER
        if self.direction is Direction.INTERNAL and port == self.origin:
            return Side.CUSTOMER
        return Side.AGENT

    def _on_hook(self, event: OnHook, _now_ms: int) -> str:
        outcome = Outcome.ANSWERED if self.connected else Outcome.ABANDONED
        if self.digits and not self.offered:
            outside = outside_first(self.digits, self.settings)
            self._offer(Direction.OUTBOUND if outside else Direction.INTERNAL)
            self._log_dialled("", event.at_ms)
        return self._end(
            outcome,
            self._side_of(event.port),
            ClearedBy.ON_HOOK,
            event.at_ms,
            event.port,
            gone=event.port,
        )

    def _far_side_cleared(self, event: FarSideCleared, _now_ms: int) -> str:
        outcome = Outcome.ANSWERED if self.connected else Outcome.ABANDONED
        if self.direction is Direction.OUTBOUND and not self.connected:
            outcome = Outcome.NO_ANSWER if event.by is ClearedBy.TIMER else Outcome.FAILED
        return self._end(outcome, Side.CUSTOMER, event.by, event.at_ms, event.port, event.detail)

    def _port_lost(self, event: PortLost, now_ms: int) -> str:
        leg = self.legs.get(event.port)
        if leg is None:
            return STAY
        if leg.ringing:
            self._end_leg(event.port, LegEnd.FAILED, now_ms)
            return STAY
        return self._end(
            Outcome.ANSWERED if self.connected else Outcome.FAILED,
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
        self._outcome = outcome
        self._outcome_detail = detail if outcome is not Outcome.ANSWERED else ""
        if self.offered:
            self.do(
                Cleared(call=self.call, at_ms=at_ms, side=side, by=by, port=port, detail=detail)
            )
        if self._flow:
            self.do(EndFlow(call=self.call))
        self.do(*self.bridge.clear())
        if self.recording:
            self.do(StopRecording(recording=self.recording))
        for leg_port in list(self.legs):
            leg = self.legs[leg_port]
            cause = LegEnd.GONE if leg_port == gone else ringing if leg.ringing else tone
            self._end_leg(leg_port, cause, at_ms)
        return "closing" if self.recording else "closed"

    def _interrupted(self, order: Interrupt, _now_ms: int) -> str:
        if self.state == "closing":
            return "closed"  # the conversation was over; only its recording was waited for
        outcome = Outcome.ANSWERED if self.connected else Outcome.INTERRUPTED
        self._end(outcome, order.side, order.by, order.at_ms, order.port, order.detail)
        return "closed"

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
        self._read_log(entries)
        for port in present:
            self._leg(port, "line" if line_at(self.settings, port) else "telephone", now_ms)
        self.do(CallAdopted(call=self.call, at_ms=now_ms, parties=present))
        if self.recording not in recordings:
            self.recording = ""
        answered = self._answered_by is not None or self.direction is not Direction.OUTBOUND
        if bridge:
            self.bridge = Bridge(self.call, present, name=bridge)
            self.resume("talking" if answered else "progress", now_ms)
            if answered and not self.connected:
                self.connected = True
                self.do(VoicesConnected(call=self.call, at_ms=now_ms, parties=present))
        elif self._line_answered:
            self.resume("menu", now_ms)
            self.do(Attend(port=self.origin, digits=True))
            flow = self._inbound()
            self._flow = flow.flow if isinstance(flow, ToFlow) else "main"
            self.do(StartFlow(call=self.call, port=self.origin, flow=self._flow))
        else:
            self.resume("alerted", now_ms)
        return self._taken()

    def recall(self, entries: Sequence[AnyLogEntry], now_ms: int) -> None:
        """Remember a call that is to be closed at once: what it was, without its parties."""
        self._read_log(entries)
        self.recording = ""
        self.resume("talking" if self.connected else "new", now_ms)

    def _read_log(self, entries: Sequence[AnyLogEntry]) -> None:
        for entry in entries:
            match entry:
                case CallOffered():
                    self.offered = True
                    self.direction = entry.direction
                    self.origin = entry.origin
                    self.since_ms = entry.at_ms
                case CallerKnown():
                    self.caller = CallerIdentified(
                        port=self.origin,
                        at_ms=entry.at_ms,
                        kind=entry.kind,
                        number=entry.number,
                        name=entry.name,
                        method=entry.method,
                    )
                case CallDialled():
                    self.digits = entry.digits
                    match read(entry.digits, self.settings, self._emergency):
                        case MayBeComplete(destination=destination):
                            self.destination = destination
                        case Complete(destination=destination):
                            self.destination = destination
                case LineAnswered():
                    self._line_answered = True
                case FarSideAnswered():
                    self._answered_by = entry.by
                case VoicesConnected():
                    self.connected = True
                case RecordingStarted():
                    self._recordings += 1
                    self.recording = entry.recording
                case RecordingEnded():
                    self.recording = ""

    @property
    def answered_by(self) -> AnsweredBy | None:
        """How the far side's answer was known, if it was."""
        return self._answered_by

    def _close(self, now_ms: int) -> None:
        if self.offered:
            self.do(
                CallClosed(
                    call=self.call,
                    at_ms=now_ms,
                    outcome=self._outcome,
                    detail=self._outcome_detail,
                )
            )
