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
    Service,
    outside_first,
    read,
)
from firmware.call.feature_codes import Asked
from firmware.call.forwarding import Hop, forwarded, unanswered
from firmware.call.hours import place
from firmware.call.journal import Journal
from firmware.call.leg import Kind, Leg, LegEnd
from firmware.call.orders import (
    Dissolve,
    DropLast,
    Enquire,
    GoBack,
    Hold,
    Interrupt,
    Park,
    PickUp,
    Receive,
    Retrieve,
    RingAgain,
    Served,
    UseService,
)
from firmware.call.outside import Outside
from firmware.call.parties import Parties
from firmware.call.permission import Refusal
from firmware.call.room import GiveWay, MakeRoom, held_line, helps
from firmware.call.routing import (
    Ports,
    first_free_line,
    free_telephones,
    may_become_free,
    telephones,
    waiting_telephone,
)
from firmware.call.states import CALL
from firmware.core.commands import (
    Caller,
    Listen,
    Play,
    PlayTone,
    SendDigits,
    StartRecording,
    StopPlay,
    StopRecording,
    StopTone,
)
from firmware.core.countries import country as country_of
from firmware.core.destinations import (
    Destination,
    EndFlow,
    FlowGoto,
    FlowHangsUp,
    FlowResult,
    ReturnToFlow,
    StartFlow,
    ToExtension,
    ToFlow,
    ToOutside,
    named,
    spoken,
)
from firmware.core.events import PlayFinished, RecordingFinished
from firmware.core.fsm import STAY, Machine, Table
from firmware.core.ids import play_id, recording_id
from firmware.core.log_entries import (
    AnyLogEntry,
    CallDialled,
    CallForwarded,
    CallHeld,
    CallParked,
    CallRetrieved,
    ClearedBy,
    Direction,
    LimitReached,
    Outcome,
    PartyLeft,
    PartyMoved,
    ServiceUsed,
    Side,
)
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
    PhoneFree,
    PortLost,
    ReadyToDial,
    RingingCeased,
    SeizureFailed,
    TakeLine,
    TakePhone,
)
from firmware.core.settings import Extension, Mode, Settings, extension_at, line_at
from firmware.core.timers import Times

MOST_ROOMS = 10  # times an emergency call asks for a line before it gives up
MOST_KEYS = 24  # pressed in a conversation and still looked at


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
        outside: Who may call outside, by which line, and how much; the office's one object.
    """

    __slots__ = (
        "_asked",
        "_dial_out",
        "_emergency",
        "_flow",
        "_folder",
        "_keys",
        "_last_result",
        "_outside",
        "_plays",
        "_ports",
        "_rooms",
        "_sender",
        "_sent_on",
        "_sounding",
        "_tried",
        "announcement",
        "call",
        "destination",
        "forwarder",
        "journal",
        "mode",
        "parties",
        "price",
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
        outside: Outside | None = None,
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
        self._outside = outside or Outside(settings, country_of(settings.country))
        self._tried: set[str] = set()  # lines this call has had
        self._rooms = 0  # how often a line was asked for in an emergency
        self._dial_out = ""  # what the line taken is to be sent
        self._keys = ""  # pressed in a conversation that went out
        self.forwarder = ""  # the extension that sends this call outside, if not the caller
        self.price: int | None = None  # of a minute on the way taken
        self._flow = ""
        self._asked = Asked(service="")
        self._plays = 0
        self._sent_on = False  # forwarded since nobody answered, once in a call
        self._sender = ""  # the telephone that held, handed over or parked the call
        self._sounding: tuple[str, ...] = ()  # who hears our ringback or music
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
        extension = self._begin_at(event.port, event.at_ms, now_ms)
        if extension is None or not extension.services.hot_line:
            return "lifted"
        return "warm" if extension.services.hot_line_pause else self._warm_line(event, now_ms)

    def _enquire(self, order: Enquire, now_ms: int) -> str:
        self._begin_at(order.port, order.at_ms, now_ms)
        return "lifted"

    def _begin_at(self, port: str, at_ms: int, now_ms: int) -> Extension | None:
        self.journal.begin(port, at_ms)
        extension = extension_at(self.settings, port)
        number = extension.number if extension else ""
        self.do(*self.parties.attach(port, "telephone", number, now_ms))
        return extension

    def _warm_line(self, _event: Any, now_ms: int) -> str:
        extension = extension_at(self.settings, self.origin)
        return self._place_number(extension.services.hot_line if extension else "", now_ms)

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
            case Service(asked=asked):
                return self._serve(asked, now_ms)
            case Invalid(reason=reason):
                return self._refuse_dialled(reason, now_ms)

    def _place_number(self, number: str, now_ms: int) -> str:
        """Go where a stored number leads, as if it had been dialled to its end."""
        self.journal.digits = number
        match read(number, self.settings, self._emergency):
            case MayBeComplete(destination=destination) | Complete(destination=destination):
                return self._place(destination, now_ms)
            case _:
                return self._refuse_dialled(f"{number or 'nothing'} cannot be dialled", now_ms)

    def _dialled(self, _event: Any, now_ms: int) -> str:
        """The pause behind the last digit is over."""
        match read(self.journal.digits, self.settings, self._emergency):
            case MayBeComplete(destination=destination) | Complete(destination=destination):
                return self._place(destination, now_ms)
            case Invalid(reason=reason):
                return self._refuse_dialled(reason, now_ms)
            case Service(asked=asked):
                return self._serve(asked, now_ms)
            case NeedMore():
                return self._refuse_dialled("the number is incomplete", now_ms)

    def _place(self, destination: Destination, now_ms: int) -> str:
        """The number is complete: go there."""
        self.destination, hops = self._divert(destination)
        outside = isinstance(self.destination, ToOutside)
        self.do(
            *self.journal.offer(Direction.OUTBOUND if outside else Direction.INTERNAL),
            self.journal.dialled(spoken(destination), now_ms),
            *self._forwarded(hops, now_ms),
            TakePhone(port=self.origin),
        )
        if outside:
            return self._seize(now_ms)
        if self._ring_phones(now_ms) or may_become_free(self.destination, self.settings):
            return "calling"
        message = self._leave_message("busy", now_ms)
        if message is not None:
            return message
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

    # --- codes ------------------------------------------------------------------------------------

    def _serve(self, asked: Asked, now_ms: int) -> str:
        """A code was dialled; the office knows what comes of it and tells :class:`Served`."""
        number = self._number_asked(asked)
        if number is not None:
            return self._place_number(number, now_ms)
        extension = extension_at(self.settings, self.origin)
        if asked.service == "voicemail" and extension is not None:
            return self._visit_mailbox(extension.number, now_ms)
        self._asked = asked
        self.do(
            *self.journal.offer(Direction.INTERNAL),
            self.journal.dialled(f"service {asked.service}", now_ms),
            TakePhone(port=self.origin),
            UseService(
                call=self.call, port=self.origin, service=asked.service, arguments=asked.arguments
            ),
        )
        return "serving"

    def _visit_mailbox(self, number: str, now_ms: int) -> str:
        """The owner listens to what was left for him."""
        self.do(
            *self.journal.offer(Direction.INTERNAL),
            self.journal.dialled(f"voicemail {number}", now_ms),
            TakePhone(port=self.origin),
        )
        self._start_flow(ToFlow(flow=f"mailbox:{number}"))
        return "menu"

    def _number_asked(self, asked: Asked) -> str | None:
        """The number behind a code that only dials; None for any other code."""
        extension = extension_at(self.settings, self.origin)
        match asked.service:
            case "redial":
                return self._ports.last_dialled(self.origin)
            case "call_return":
                return self._ports.last_caller(self.origin)
            case "speed_dial":
                own = extension.services.speed_dials if extension else {}
                short = asked.arguments[0]
                return own.get(short) or self.settings.speed_dials.get(short, "")
            case _:
                return None

    def _served(self, order: Served, now_ms: int) -> str:
        self._plays += 1
        self.do(
            ServiceUsed(
                call=self.call,
                at_ms=now_ms,
                service=self._asked.service,
                argument=" ".join(self._asked.arguments),
                done=order.done,
            ),
            Play(port=self.origin, play=play_id(self.call, self._plays), prompts=order.prompts),
        )
        return STAY

    def _said(self, event: Any, now_ms: int) -> str:
        if not isinstance(event, PlayFinished):
            self.do(StopPlay(port=self.origin))
        return self._end(Outcome.SERVICE, Side.SYSTEM, ClearedBy.FLOW, now_ms)

    # --- telephones -------------------------------------------------------------------------------

    def _divert(self, destination: Destination) -> tuple[Destination, tuple[Hop, ...]]:
        caller = extension_at(self.settings, self.origin)
        number = caller.number if caller else ""
        return forwarded(destination, number, self.settings, self._ports, self._emergency)

    def _forwarded(self, hops: Sequence[Hop], at_ms: int) -> list[AnyLogEntry]:
        if hops:
            self.forwarder = hops[-1].extension
        return [
            CallForwarded(
                call=self.call,
                at_ms=at_ms,
                extension=hop.extension,
                target=hop.target,
                reason=hop.reason,
            )
            for hop in hops
        ]

    def _ring_phones(self, now_ms: int) -> bool:
        if self.destination is None:
            return False
        caller = self._shown_caller()
        for extension in free_telephones(self.destination, self.settings, self._ports):
            if extension.port not in self.parties.legs:
                self.do(*self.parties.ring(extension, caller, now_ms))
        if not self.parties.ringing():
            waits_for = waiting_telephone(self.destination, self.settings, self._ports)
            if waits_for is not None and waits_for.port not in self.parties.legs:
                self.do(*self.parties.knock(waits_for, caller, now_ms))
        return bool(self.parties.ringing())

    def _member_free(self, event: PhoneFree, now_ms: int) -> str:
        """A telephone that the caller waits for can ring now."""
        if self.destination is None or event.port in self.parties.legs:
            return STAY
        wanted = free_telephones(self.destination, self.settings, self._ports)
        if not any(extension.port == event.port for extension in wanted):
            return STAY
        self._ring_phones(now_ms)
        return "offering" if self.state == "alerted" else STAY

    def _ring_again(self, order: RingAgain, now_ms: int) -> str:
        leg = self.parties.legs.get(order.port)
        if leg is not None and leg.knocking:
            self.do(*self.parties.ring_after_all(order.port, now_ms))
        return STAY

    def _start_timer(self, now_ms: int) -> None:
        super()._start_timer(now_ms)
        rings = self.state in {"calling", "offering"} and not self._sent_on
        if rings and unanswered(self.destination, self.settings, self._emergency) is not None:
            # The user's own number for calls nobody answers comes before the office's patience.
            forward_ms = now_ms + self.times["forward_no_answer"]
            self._deadline = min(forward_ms, self._deadline or forward_ms)

    def _forward_unanswered(self, now_ms: int) -> str | None:
        """Send the call on that nobody answered; the state to go to, or None."""
        onward = unanswered(self.destination, self.settings, self._emergency)
        if onward is None or self._sent_on:
            return None
        self._sent_on = True
        destination, hop = onward
        self.destination, hops = self._divert(destination)
        self.do(*self._forwarded((hop, *hops), now_ms))
        for port in self.parties.ringing():
            self.do(*self.parties.end(port, LegEnd.NO_ANSWER, now_ms))
        if isinstance(self.destination, ToOutside):
            return self._seize(now_ms)
        inbound = self.journal.direction is Direction.INBOUND
        if self._ring_phones(now_ms) or may_become_free(self.destination, self.settings):
            return "offering" if inbound else "calling"
        return None

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
            self._sounding = self.parties.here()
            self.do(*(PlayTone(port=port, tone="ringback") for port in self._sounding))

    def _stop_ringback(self, _now_ms: int) -> None:
        self.do(*(StopTone(port=port) for port in self._sounding))
        self._sounding = ()

    def _phone_answered(self, event: PhoneAnswered, now_ms: int) -> str:
        extension = self.parties.legs[event.port].extension
        self.do(
            self.journal.telephone_answered(event.port, extension, event.at_ms),
            *self.parties.answer(event.port, now_ms),
        )
        return "talking"

    def _colleague_silent(self, _event: Any, now_ms: int) -> str:
        onward = self._forward_unanswered(now_ms)
        if onward is not None:
            return onward
        message = self._leave_message("no_answer", now_ms)
        if message is not None:
            return message
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
        emergency = helps(self)
        number = self.destination.number if isinstance(self.destination, ToOutside) else ""
        if not emergency and not self._tried:
            refusal = self._outside.refusal(self.payer, number, forwarded=bool(self.forwarder))
            if refusal is not None:
                return self._refuse(refusal, now_ms)
        way = self._outside.way(self._ports, number, not_again=self._tried, emergency=emergency)
        if way is None:
            if emergency and self._rooms < MOST_ROOMS:
                return "making_room"
            return self._refuse(
                Refusal(reason="no line is free", prompt="line-unavailable"), now_ms
            )
        port, self._dial_out, self.price = way.port, way.digits, way.price
        self._tried.add(port)
        self.do(
            *self.parties.attach(port, "line", "", now_ms),
            self.journal.line_taken(port, now_ms),
            TakeLine(port=port),
        )
        return "seizing"

    def _outgoing(self) -> Leg | None:
        """The line taken for the outside; not the one an incoming call came by."""
        lines = (leg for port, leg in self.parties.legs.items() if port != self.origin)
        return next((leg for leg in lines if leg.kind == "line"), None)

    def _another_line(self, event: Any, now_ms: int) -> str:
        line = self._outgoing()
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
        self.do(Dial(port=event.port, digits=self._dial_out))
        return "dialling"

    def _line_failed(self, event: SeizureFailed, now_ms: int) -> str:
        return self._end(
            Outcome.FAILED, Side.SYSTEM, ClearedBy.FAULT, now_ms, event.port, event.reason
        )

    def _early_audio(self, _now_ms: int) -> None:
        # The caller hears the exchange from here on: ringback, busy, an announcement. He is not
        # heard before somebody answers, or his keys could go on dialling; help hears him at once.
        line = self._outgoing()
        muted: tuple[str, ...] = ()
        if line is not None and not helps(self):
            muted = tuple(port for port in self.parties.here() if port != line.port)
        self.do(*self.parties.join(*muted))

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

    def _key_in_talk(self, event: Digit, now_ms: int) -> str:
        """A key within a conversation; one that dials on to a forbidden number ends it."""
        line = self._outgoing()
        out = isinstance(self.destination, ToOutside) and not helps(self)
        if out and line is not None and event.port != line.port and len(self._keys) < MOST_KEYS:
            self._keys += event.digit
            refusal = self._outside.slips_out(self.payer, self._dial_out, self._keys)
            if refusal is not None:
                self._note_limit(refusal, now_ms)
                return self._end(
                    Outcome.ANSWERED,
                    Side.SYSTEM,
                    ClearedBy.ROUTING,
                    now_ms,
                    line.port,
                    refusal.reason,
                )
        return self._pass_pulse(event, now_ms)

    def _pass_pulse(self, event: Digit, _now_ms: int) -> str:
        # A DTMF key passes through the bridge as sound; the clicks of a dial do not.
        line = self.parties.line()
        if event.pulse and line is not None and event.port != line.port:
            self.do(SendDigits(port=line.port, digits=event.digit))
        return STAY

    # --- refused, or giving way -------------------------------------------------------------------

    @property
    def payer(self) -> Extension | None:
        """The telephone whose class and limits count."""
        if self.forwarder:
            number = self.forwarder
            return next((e for e in self.settings.extensions if e.number == number), None)
        return extension_at(self.settings, self.origin)

    def _note_limit(self, refusal: Refusal, now_ms: int) -> None:
        if refusal.limit:
            self.do(
                LimitReached(
                    call=self.call,
                    at_ms=now_ms,
                    limit=refusal.limit,
                    also=refusal.also,
                    detail=refusal.reason,
                )
            )

    def _refuse(self, refusal: Refusal, now_ms: int) -> str:
        """Say why to whoever called, then end."""
        self._note_limit(refusal, now_ms)
        leg = self.parties.legs.get(self.origin)
        if leg is None or (leg.kind == "line" and not self.journal.line_answered):
            return self._end(
                Outcome.REFUSED, Side.SYSTEM, ClearedBy.ROUTING, now_ms, detail=refusal.reason
            )
        return self._say_why(refusal, Outcome.REFUSED, self.origin, now_ms)

    def _say_why(self, refusal: Refusal, outcome: Outcome, port: str, now_ms: int) -> str:
        """The call is over; one party hears why before he hears a tone."""
        extension = extension_at(self.settings, port)
        language = (extension.language if extension else "") or self.settings.language
        self._plays += 1
        self.do(
            *self.journal.ended(
                outcome, Side.SYSTEM, ClearedBy.ROUTING, now_ms, "", refusal.reason
            ),
            Play(
                port=port,
                play=play_id(self.call, self._plays),
                prompts=(f"{language}/{refusal.prompt}",),
            ),
        )
        return "refusing"

    def _refusal_said(self, _event: Any, now_ms: int) -> str:
        return self._let_go(now_ms)

    def _left_refused(self, event: Any, now_ms: int) -> str:
        if event.port not in self.parties.legs:
            return STAY
        return self._let_go(now_ms, gone=event.port)

    def _give_way(self, order: GiveWay, now_ms: int) -> str:
        """The line is taken from this call; a telephone of ours hears why."""
        line = held_line(self)
        if not line:
            return STAY
        refusal = Refusal(reason=order.reason, prompt=order.prompt)
        outcome = Outcome.ANSWERED if self.journal.connected else Outcome.REFUSED
        phones = [port for port in self.parties.here() if self.parties.legs[port].kind != "line"]
        if not phones:
            return self._end(outcome, Side.SYSTEM, ClearedBy.ROUTING, now_ms, line, order.reason)
        self.do(*self.parties.bridge.clear())
        if self.journal.recording:
            self.do(StopRecording(recording=self.journal.recording))
        for port in tuple(self.parties.legs):
            if port != phones[0]:
                self.do(*self.parties.end(port, LegEnd.CLEARED, now_ms))
        return self._say_why(refusal, outcome, phones[0], now_ms)

    def _ask_for_room(self, _now_ms: int) -> None:
        self._rooms += 1
        self._tried.clear()  # a line that failed a moment ago is better than none
        self.do(MakeRoom(call=self.call))

    def _room_made(self, _event: Any, now_ms: int) -> str:
        went_to = self._seize(now_ms)
        if went_to == "making_room":  # the state goes on and is not entered anew
            self._ask_for_room(now_ms)
        return went_to

    # --- from the outside -------------------------------------------------------------------------

    def _inbound(self) -> Destination:
        text = place(self.settings, line_at(self.settings, self.origin), self.mode)
        destination = named(text, self.settings) or ToFlow(flow="main")
        if self.announcement:
            return ToFlow(flow=f"announced:{text}")
        return destination

    def _answer_due(self, event: AnswerDue, now_ms: int) -> str:
        line = line_at(self.settings, self.origin)
        if line is not None and line.reserve == "outgoing":
            return STAY  # kept for calls to the outside: it rings until its caller gives up
        known = self.journal.caller
        if known is not None and self._outside.blocked(known.number, known.kind):
            self._answer_line(event.at_ms)
            return self._refuse(
                Refusal(reason="the caller is blocked", prompt="number-not-in-service"), now_ms
            )
        destination = self._inbound()
        if isinstance(destination, ToFlow):
            self._answer_line(event.at_ms)
            return self._send_inbound(now_ms)
        self.destination, hops = self._divert(destination)
        self.do(
            self.journal.left_menu(spoken(destination), "", event.at_ms),
            *self._forwarded(hops, now_ms),
        )
        if isinstance(self.destination, ToOutside):
            self._answer_line(event.at_ms)
            return self._seize(now_ms)
        if self._ring_phones(now_ms):
            return "offering"
        # All busy: the line goes on ringing until somebody is free.
        return self._leave_message("busy", now_ms) or STAY

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
        if self._flow.startswith("mailbox:"):
            # The owner calls back who left a message: a call of his own, from here on.
            self.do(EndFlow(call=self.call))
            self._flow = ""
            return self._place(event.destination, now_ms)
        return self._offer_to(event.destination, event.choice, now_ms)

    def _offer_to(self, destination: Destination, choice: str, now_ms: int) -> str:
        self.destination, hops = self._divert(destination)
        self.do(
            self.journal.left_menu(spoken(destination), choice, now_ms),
            *self._forwarded(hops, now_ms),
        )
        if isinstance(self.destination, ToOutside):
            if first_free_line(self.settings, self._ports) is not None:
                return self._seize(now_ms)
            return self._back_to_flow("busy", now_ms)
        if self._ring_phones(now_ms) or may_become_free(self.destination, self.settings):
            return "offering"
        known = bool(telephones(destination, self.settings))
        return self._back_to_flow("busy" if known else "unknown", now_ms)

    @property
    def _mailbox(self) -> str:
        """The extension whose mailbox takes a call that nobody takes, empty for none."""
        wanted = self.destination.number if isinstance(self.destination, ToExtension) else ""
        found = next((e for e in self.settings.extensions if e.number == wanted), None)
        return wanted if found is not None and found.voicemail else ""

    def _leave_message(self, result: FlowResult, now_ms: int) -> str | None:
        """Send the caller to the mailbox; the state to go to, None if there is none for him."""
        mailbox = self._mailbox
        if not mailbox or self._flow.startswith("voicemail:"):
            return None
        self._last_result = result
        for port in self.parties.ringing():
            self.do(*self.parties.end(port, LegEnd.NO_ANSWER, now_ms))
        if self.journal.direction is Direction.INBOUND and not self.journal.line_answered:
            self._answer_line(now_ms)
        if self._flow:
            self.do(EndFlow(call=self.call))
        self.do(self.journal.left_menu(f"voicemail {mailbox}", "", now_ms))
        self._start_flow(ToFlow(flow=f"voicemail:{mailbox}"))
        return "menu"

    def _back_to_flow(self, result: FlowResult, now_ms: int) -> str:
        message = self._leave_message(result, now_ms)
        if message is not None:
            return message
        self._last_result = result
        if not self._flow:
            outcome = Outcome.NO_ANSWER if result == "no_answer" else Outcome.BUSY
            by = ClearedBy.TIMER if result == "no_answer" else ClearedBy.ROUTING
            return self._end(outcome, Side.SYSTEM, by, now_ms)
        self.do(ReturnToFlow(call=self.call, result=result))
        return "menu"

    def _nobody_answers(self, _event: Any, now_ms: int) -> str:
        if self.journal.line_answered:
            onward = self._forward_unanswered(now_ms)
            if onward is not None:
                return onward
        if not self.journal.line_answered:
            # The caller has not been answered and pays nothing: the telephones ring on.
            return self._leave_message("no_answer", now_ms) or "offering"
        for port in self.parties.ringing():
            self.do(*self.parties.end(port, LegEnd.NO_ANSWER, now_ms))
        return self._back_to_flow("no_answer", now_ms)

    def _enter_menu(self, _now_ms: int) -> None:
        if self.parties.legs[self.origin].kind == "telephone":
            self.do(Listen(port=self.origin, digits=True))
            return
        self.do(Attend(port=self.origin, digits=True))

    def _leave_menu(self, _now_ms: int) -> None:
        leg = self.parties.legs.get(self.origin)
        if leg is not None and leg.kind == "telephone":
            self.do(Listen(port=self.origin))
        elif leg is not None:
            self.do(Attend(port=self.origin, digits=False))

    def _flow_hangs_up(self, event: FlowHangsUp, _now_ms: int) -> str:
        outcome = {"no_answer": Outcome.NO_ANSWER, "busy": Outcome.BUSY}.get(
            self._last_result or "", Outcome.REFUSED
        )
        if self._flow.startswith("mailbox:"):
            outcome = Outcome.SERVICE
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
        self.do(self.journal.voices(self.parties.here(), now_ms), *self.parties.join())
        if not self.journal.recording:
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

    # --- hold, transfer, parking ------------------------------------------------------------------

    def _hold(self, order: Hold, now_ms: int) -> str:
        self.parties.away.add(order.port)
        self._sender = order.port
        self.do(CallHeld(call=self.call, at_ms=now_ms, port=order.port), *self.parties.join())
        return "held"

    def _hold_music(self, _now_ms: int) -> None:
        here = self.parties.here()
        self._sounding = here if len(here) == 1 else ()  # two who wait have each other
        for port in self._sounding:
            self._plays += 1
            play = play_id(self.call, self._plays)
            self.do(Play(port=port, play=play, prompts=("music/default",), loop=True))

    def _stop_music(self, _now_ms: int) -> None:
        self.do(*(StopPlay(port=port) for port in self._sounding))
        self._sounding = ()

    def _retrieve(self, order: Retrieve, now_ms: int) -> str:
        self.parties.away.discard(order.port)
        self.do(CallRetrieved(call=self.call, at_ms=now_ms, port=order.port))
        return "talking"

    def _receive(self, order: Receive, now_ms: int) -> str:
        for leg in order.legs:
            self.parties.take(leg)
            self.do(
                PartyMoved(
                    call=self.call,
                    at_ms=now_ms,
                    port=leg.port,
                    extension=leg.extension,
                    other=order.other,
                )
            )
        if order.leaving:
            self._leave(order.port, now_ms)
        self.parties.away.discard(order.port)
        return "transferring" if self.parties.ringing() else "talking"

    def _leave(self, port: str, now_ms: int, cause: LegEnd = LegEnd.GONE) -> None:
        self.do(PartyLeft(call=self.call, at_ms=now_ms, port=port))
        self.do(*self.parties.end(port, cause, now_ms))

    def _sound_waiting(self, _now_ms: int) -> None:
        self._sounding = self.parties.here()
        self.do(*(PlayTone(port=port, tone="ringback") for port in self._sounding))

    def _not_taken(self, _event: Any, now_ms: int) -> str:
        for port in self.parties.ringing():
            self.do(*self.parties.end(port, LegEnd.NO_ANSWER, now_ms))
        return "returning"

    def _go_back(self, order: GoBack, now_ms: int) -> str:
        self._leave(order.port, now_ms)
        self._sender = order.port
        return "returning"

    def _park(self, order: Park, now_ms: int) -> str:
        self._leave(order.port, now_ms)
        self._sender = order.port
        self.do(CallParked(call=self.call, at_ms=now_ms, place=order.place))
        return "parked"

    def _ring_sender(self, now_ms: int) -> None:
        self._sound_waiting(now_ms)
        self._sender_rings(now_ms)

    def _sender_free(self, event: PhoneFree, now_ms: int) -> str:
        if event.port == self._sender:
            self._sender_rings(now_ms)
        return STAY

    def _sender_rings(self, now_ms: int) -> None:
        extension = extension_at(self.settings, self._sender)
        if extension is None or extension.port in self.parties.legs:
            return
        if self._ports.phone_idle(extension.port):
            self.do(*self.parties.ring(extension, self._shown_caller(), now_ms))

    def _nobody_takes_back(self, _event: Any, now_ms: int) -> str:
        return self._end(
            Outcome.ANSWERED,
            Side.SYSTEM,
            ClearedBy.TIMER,
            now_ms,
            detail="nobody took the call back",
            ringing=LegEnd.NO_ANSWER,
        )

    def _picked_up(self, order: PickUp, now_ms: int) -> str:
        ringing = self.parties.ringing()
        self.do(
            self.journal.telephone_answered(order.port, order.extension, order.at_ms),
            *self.parties.attach(order.port, "telephone", order.extension, now_ms),
        )
        for port in ringing:
            self.do(*self.parties.end(port, LegEnd.WITHDRAWN, now_ms))
        return "talking"

    def _drop_last(self, _order: DropLast, now_ms: int) -> str:
        port = self.parties.here()[-1]
        self._leave(port, now_ms, LegEnd.CLEARED)
        self.do(*self.parties.join())
        return STAY

    def _dissolved(self, order: Dissolve, now_ms: int) -> str:
        for port in tuple(self.parties.legs):
            self.parties.give_away(port)
        return self._end(
            Outcome.ANSWERED if self.journal.connected else Outcome.SERVICE,
            Side.AGENT,
            ClearedBy.ROUTING,
            now_ms,
            detail=order.detail,
        )

    def _others_go_on(self, port: str, now_ms: int, cause: LegEnd) -> bool:
        """The party leaves; whether enough people are left for the call to go on."""
        waits = self.state in {"held", "transferring", "parked", "returning"}
        left = [other for other in self.parties.here() if other != port]
        leg = self.parties.legs.get(port)
        if leg is None or port in self.parties.away or len(left) < (1 if waits else 2):
            return False
        self._leave(port, now_ms, cause)
        self.do(*self.parties.join())
        return True

    def _far_side_busy_in_talk(self, event: FarSideBusy, now_ms: int) -> str:
        """A line that was handed over before anybody answered there."""
        if self._others_go_on(event.port, now_ms, LegEnd.CLEARED):
            return STAY
        return self._end(
            Outcome.ANSWERED,
            Side.CUSTOMER,
            ClearedBy.TONE,
            event.at_ms,
            event.port,
            f"{event.tone} tone",
        )

    # --- the end ----------------------------------------------------------------------------------

    def _side_of(self, port: str) -> Side:
        leg = self.parties.legs.get(port)
        if leg is not None and leg.kind == "line":
            return Side.CUSTOMER
        if self.journal.direction is Direction.INTERNAL and port == self.origin:
            return Side.CUSTOMER
        return Side.AGENT

    def _on_hook(self, event: OnHook, now_ms: int) -> str:
        if self._others_go_on(event.port, now_ms, LegEnd.GONE):
            return STAY
        if self.journal.digits and not self.journal.offered:
            self._keep_half_dialled(event.at_ms)
        visited = {"voicemail": Outcome.NO_ANSWER, "mailbox": Outcome.SERVICE}
        unconnected = visited.get(self._flow.partition(":")[0], Outcome.ABANDONED)
        return self._end(
            Outcome.ANSWERED if self.journal.connected else unconnected,
            self._side_of(event.port),
            ClearedBy.ON_HOOK,
            event.at_ms,
            event.port,
            gone=event.port,
        )

    def _far_side_cleared(self, event: FarSideCleared, now_ms: int) -> str:
        if self._others_go_on(event.port, now_ms, LegEnd.CLEARED):
            return STAY
        if self.journal.connected:
            outcome = Outcome.ANSWERED
        elif self._flow.startswith("voicemail:"):
            outcome = Outcome.NO_ANSWER  # he was served, if not by whom he wanted
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
        if self._others_go_on(event.port, now_ms, LegEnd.GONE):
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
        return self._let_go(at_ms, gone=gone, tone=tone, ringing=ringing)

    def _let_go(
        self,
        at_ms: int,
        *,
        gone: str = "",
        tone: LegEnd = LegEnd.CLEARED,
        ringing: LegEnd = LegEnd.WITHDRAWN,
    ) -> str:
        """Give back everything the call owns."""
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
        if self.state == "refusing":
            self._let_go(order.at_ms)  # how it ended has been said
            return "closed"
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
        self._remember_way_out(entries)
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
            if len(present) == 1:
                # He was held, parked or on his way; whoever had him before gets him back.
                gone = [port for port in journal.talked if port not in present]
                self._sender = next((port for port in gone if port.startswith("fxs/")), "")
                self.resume("returning", now_ms)
                self._ring_sender(now_ms)
            elif answered and not journal.connected:
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

    def _remember_way_out(self, entries: Sequence[AnyLogEntry]) -> None:
        """A call for help stays one over a restart, and a call outside is still watched."""
        for entry in entries:
            match entry:
                case CallDialled(destination=destination):
                    kind, _, number = destination.partition(" ")
                    if kind in {"emergency", "outside"}:
                        self.destination = ToOutside(number=number, emergency=kind == "emergency")
                        self._dial_out = number
                case CallForwarded(extension=extension):
                    self.forwarder = extension
                case _:
                    pass

    def recall(self, entries: Sequence[AnyLogEntry], now_ms: int) -> None:
        """Remember a call that is to be closed at once: what it was, without its parties."""
        self.journal.read(entries)
        self.journal.recording = ""
        if self.journal.cleared:
            self.resume("closing", now_ms)
        else:
            self.resume("talking" if self.journal.connected else "new", now_ms)
