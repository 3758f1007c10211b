"""The whole of call control as one pure core: ports, calls and menus put together.

The shell hands in what lined reports and when, and carries out what comes back: commands for
lined, entries for the log. Their order matters; an entry stands before what it announces. Nothing
here reads a clock, a socket or a file.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from drivers.line import (
    AnyLineCommand,
    AnyLineEvent,
    LineCommand,
    PortKind,
    port_kind,
)
from firmware.call.call import Call
from firmware.call.fraud import Counters
from firmware.call.hours import notice, opening, zone_of
from firmware.call.orders import ChangeSettings, Interrupt, UseService
from firmware.call.outside import Outside
from firmware.call.room import GiveWay, MakeRoom, helps, who_gives_way
from firmware.call.session import OpenEnquiry, Session
from firmware.control.messages import CallStatus, PortStatus, Snapshot, Status
from firmware.core.commands import (
    AnyMediaCommand,
    MediaCommand,
    Play,
    SetBridge,
    StartRecording,
    StopPlay,
    StopRecording,
)
from firmware.core.countries import country as country_of
from firmware.core.country import Country
from firmware.core.destinations import (
    EndFlow,
    FlowGoto,
    FlowHangsUp,
    ReturnToFlow,
    StartFlow,
    ToOutside,
    spoken,
)
from firmware.core.events import AnyMediaEvent, PlayFinished, RecordingFinished
from firmware.core.fsm import earliest
from firmware.core.ids import NextCallId, play_id
from firmware.core.log_entries import (
    AnyLogEntry,
    LimitReached,
    LineReleased,
    LineSeized,
    LogEntry,
)
from firmware.core.open_call import OpenCallLike
from firmware.core.port_events import (
    Digit,
    Glare,
    KnockPhone,
    Lifted,
    LineRings,
    PortEvent,
    PortOrder,
)
from firmware.core.settings import Line, Mode, Settings, extension_at, line_at
from firmware.daemons.adoption import Adoption
from firmware.daemons.handsets import Handsets
from firmware.daemons.visits import Visits
from firmware.port.fxo_port import FxoPort
from firmware.port.fxs_port import FxsPort
from firmware.port.line_doctor import LineDoctor
from firmware.port.line_profile import LineProfile
from firmware.port.line_verdict import complaint, verdict
from firmware.voicemail.mailbox import MailboxChange, Message
from firmware.voicemail.session import Quiet, Record, StopRecord, Talk
from firmware.voicemail.session import Session as Visit
from ivr.flow import Flow, Hush, Say
from ivr.nodes import MAIN, FlowDocument
from ivr.shipped import SHIPPED, announced, straight

log = logging.getLogger(__name__)

Effect = AnyLineCommand | AnyMediaCommand | AnyLogEntry | ChangeSettings | MailboxChange
Event = AnyLineEvent | AnyMediaEvent

MOST_STEPS = 10_000
"""Timers fired in one ``advance``; more than that is a machine that does not move on."""


class FlowRun:
    """A flow running for one call, and the name of what it plays."""

    __slots__ = ("flow", "play", "plays", "port")

    def __init__(self, flow: Flow | Visit, port: str) -> None:
        self.flow = flow
        self.port = port
        self.play = ""
        self.plays = 0


class Office:
    """Call control.

    Args:
        settings: The office's settings, already validated.
        country: The profile of ``settings.country``.
        ids: Gives each new call its id; only ever growing.
        folder: Where recordings go, as lined shall name them.
        flows: Menu flows by name; those that ship are in ``ivr.shipped``.
    """

    def __init__(
        self,
        settings: Settings,
        country: Country,
        ids: NextCallId,
        *,
        folder: str = "recordings",
        flows: Mapping[str, FlowDocument] | None = None,
    ) -> None:
        self._settings = settings
        self._country = country
        self._ids = ids
        self._folder = folder
        self._flows = {**SHIPPED, **(flows or {})}
        self._wall_at_zero: datetime | None = None
        self._times = settings.times()
        self._phones: dict[str, FxsPort] = {}
        self._lines: dict[str, FxoPort] = {}
        self._doctors: dict[str, LineDoctor] = {}  # outlive the machines of their jacks
        self._calls: dict[str, Call] = {}
        self._runs: dict[str, FlowRun] = {}
        self._visits = Visits(folder)
        self.handsets = Handsets(self)
        self._outside = Outside(settings, country)
        self._connected = False
        self.dropped = 0
        self._make_ports()

    # --- in ---------------------------------------------------------------------------------------

    def handle(self, event: Event, now_ms: int) -> list[Effect]:
        """One thing that lined reports."""
        out: list[Effect] = []
        match event:
            case RecordingFinished() if closed := self._visits.closed(event, self.wall(now_ms)):
                visit, recorded = closed
                self._visit_says(visit, visit.recorded(recorded, now_ms), now_ms, out)
            case RecordingFinished(recording=recording):
                call = self._calls.get(recording.rpartition("-")[0])
                if call is not None:
                    self._carry_out(call.handle(event, now_ms), now_ms, out)
            case PlayFinished(play=play):
                self._carry_out(self._played(play, now_ms), now_ms, out)
            case _:
                done = self._port(event.port).handle(event, now_ms)
                self._carry_out(_commands_first(done), now_ms, out)
        self._settle(now_ms, out)
        return out

    def advance(self, now_ms: int) -> list[Effect]:
        """Fire every timer that is due, each at its own time and in the order of time."""
        out: list[Effect] = []
        for _ in range(MOST_STEPS):
            due_ms = self.next_deadline()
            if due_ms is None or due_ms > now_ms:
                return out
            if self._outside.next_deadline() == due_ms:
                self._end_overdue(due_ms, out)
                self._settle(due_ms, out)
                continue
            for machine in self._machines():
                if machine.next_deadline() == due_ms:
                    self._carry_out(_commands_first(machine.advance(due_ms)), due_ms, out)
                    break
            else:
                self._advance_flow(due_ms, out)
            self._settle(due_ms, out)
        raise RuntimeError(f"{MOST_STEPS} timers at {now_ms} ms: a machine does not move on")

    def next_deadline(self) -> int | None:
        """When :meth:`advance` wants to be called."""
        machines = [machine.next_deadline() for machine in self._machines()]
        flows = (run.flow.next_deadline() for run in self._runs.values())
        return earliest(*machines, *flows, self._outside.next_deadline())

    def tell_time(self, wall: datetime, now_ms: int) -> None:
        """What the clock on the wall says; it may be set, so it is told again and again."""
        self._wall_at_zero = wall.astimezone(UTC) - timedelta(milliseconds=now_ms)
        self._outside.tell_time(wall.astimezone(zone_of(self._settings)))

    def know_counters(self, counters: Counters, now_ms: int, wall: datetime, boot: str) -> None:
        """What was counted of calls to the outside before; said once, at the beginning."""
        self._outside = Outside(self._settings, self._country, counters)
        self._outside.tell_time(wall.astimezone(zone_of(self._settings)))
        self._outside.fraud.begin(now_ms, int(wall.timestamp() * 1_000), boot)

    def take_counters(self, now_ms: int, wall: datetime) -> Counters | None:
        """What is to be kept of calls to the outside, None if nothing changed."""
        self._outside.fraud.tick(now_ms, int(wall.timestamp() * 1_000))
        return self._outside.fraud.counters if self._outside.fraud.take_change() else None

    @property
    def outside(self) -> Outside:
        """Permission, lines and limits of calls to the outside."""
        return self._outside

    def adopt(
        self, snapshot: Snapshot, open_calls: Sequence[OpenCallLike], now_ms: int
    ) -> list[Effect]:
        """Begin from lined's snapshot: take over the conversations that are up, close the rest."""
        self._connected = True
        self._make_ports()
        self.handsets.forget()
        self._calls.clear()
        self._runs.clear()
        out: list[Effect] = []
        adoption = Adoption(snapshot, open_calls)
        for port in adoption.ports():
            self._port(port)
        for effects in adoption.run(self._phones, self._lines, self._new_call, now_ms):
            self._carry_out(effects, now_ms, out)
        self._outside.keep_only(self._calls)
        self._settle(now_ms, out)
        return out

    def lines_lost(self, now_ms: int) -> list[Effect]:
        """The line daemon is gone, every conversation with it. Only entries come back."""
        self._connected = False
        self.handsets.forget()
        self._runs.clear()
        entries: list[Effect] = []
        for call in list(self._calls.values()):
            cut = Interrupt(at_ms=now_ms, detail="the line daemon was lost")
            if not call.ended:
                done = call.handle(cut, now_ms)
                entries += [effect for effect in done if isinstance(effect, LogEntry)]  # type: ignore[misc]  # the union is closed
        self._calls.clear()
        self._outside.keep_only(())
        self._make_ports()
        return entries

    def apply_settings(self, settings: Settings, now_ms: int) -> list[Effect]:  # noqa: ARG002 - the seam
        """New settings from the next call on; calls that are up keep theirs."""
        self._settings = settings
        self._country = country_of(settings.country)
        self._times = settings.times()
        self._outside.retune(settings, self._country)
        for phone in self._phones.values():
            phone.retune(self._country.hook, self._times)
        for port, line in self._lines.items():
            line.line = line_at(settings, port) or Line(port=port)
            line.country = self._country
            line.times = self._times
        for port in self._set_ports():
            self._port(port)
        return []

    # --- out --------------------------------------------------------------------------------------

    @property
    def busy(self) -> bool:
        """A call's record is open."""
        return any(call.journal.offered for call in self._calls.values())

    @property
    def calls(self) -> tuple[Call, ...]:
        """Calls that are up."""
        return tuple(self._calls.values())

    def status(self, now_ms: int) -> Status:
        """The state of the box, for page and command line."""
        ports: list[PortStatus] = []
        for port in sorted({*self._phones, *self._lines}):
            machine = self._port(port)
            call = self._call_at(port)
            extension = extension_at(self._settings, port)
            line = line_at(self._settings, port)
            label = extension.number if extension else (line.name if line else "")
            ports.append(
                PortStatus(
                    port=port,
                    label=label,
                    state=machine.state,
                    call=call.call if call else "",
                    detail=self._detail(machine, now_ms),
                )
            )
        return Status(
            at_ms=now_ms,
            lines_connected=self._connected,
            country=self._country.code,
            ports=tuple(ports),
            calls=tuple(self._call_status(call) for call in self._calls.values()),
            alarms=self._outside.alarms(),
            mode=self.mode(now_ms),
        )

    def wall(self, now_ms: int) -> datetime | None:
        """UTC at a monotonic time, None while nobody has told it."""
        if self._wall_at_zero is None:
            return None
        return self._wall_at_zero + timedelta(milliseconds=now_ms)

    def mode(self, now_ms: int) -> Mode:
        """Day, lunch, night or holiday."""
        wall = self.wall(now_ms)
        return "day" if wall is None else opening(self._settings, wall).mode

    def _announcement(self, now_ms: int) -> str:
        wall = self.wall(now_ms)
        said = None if wall is None else notice(self._settings, wall)
        return said.prompt if said else ""

    def _detail(self, machine: FxsPort | FxoPort, now_ms: int) -> str:
        """Why a jack is out of service, or what is wrong with its line."""
        if machine.state == "out_of_service":
            return machine.lost_because
        if isinstance(machine, FxsPort):
            return ""
        name = self._line_name(machine.port)
        return complaint(machine.doctor, name, self._settings.language, now_ms)

    def _line_name(self, port: str) -> str:
        line = line_at(self._settings, port)
        return line.name if line is not None and line.name else port

    # --- what lines have shown --------------------------------------------------------------------

    def line_verdict(self, port: str, now_ms: int) -> str:
        """What the doctor says of a line, in the office's language; empty for a telephone."""
        doctor = self._doctors.get(port)
        if doctor is None:
            return ""
        return verdict(doctor, self._line_name(port), self._settings.language, now_ms)

    def line_profiles(self) -> dict[str, LineProfile]:
        """What was learned of each line."""
        return {port: doctor.profile for port, doctor in self._doctors.items()}

    def know_lines(self, profiles: Mapping[str, LineProfile]) -> None:
        """What was learned of lines before; said once, at the beginning."""
        for port, profile in profiles.items():
            self._doctors.setdefault(port, LineDoctor()).profile = profile

    def take_learned(self) -> bool:
        """Whether a line has taught something since this was asked last."""
        changes = [doctor.take_change() for doctor in self._doctors.values()]
        return any(changes)

    def _call_status(self, call: Call) -> CallStatus:
        extension = extension_at(self._settings, call.origin)
        caller = (
            call.journal.caller.number
            if call.journal.caller
            else (extension.number if extension else "")
        )
        return CallStatus(
            call=call.call,
            direction=call.journal.direction.value,
            state=call.state,
            caller=caller,
            destination=spoken(call.destination) if call.destination else call.journal.digits,
            since_ms=call.journal.since_ms,
            parties=tuple(call.parties.legs),
        )

    # --- what calls may ask about ports -----------------------------------------------------------

    def phone_idle(self, port: str) -> bool:
        """The telephone can ring now."""
        phone = self._phones.get(port)
        return phone is not None and phone.state == "idle"

    def phone_waitable(self, port: str) -> bool:
        """The telephone is in one conversation and can be told of another call."""
        phone, call = self._phones.get(port), self._call_at(port)
        if phone is None or phone.state != "in_call" or port in self.handsets.sessions:
            return False
        return call is not None and call.state == "talking" and len(call.parties.here()) == 2

    def last_dialled(self, port: str) -> str:
        """The number the telephone dialled last, empty for none."""
        return self.handsets.last_dialled.get(port, "")

    def last_caller(self, port: str) -> str:
        """Who rang the telephone last, as it would dial him, empty for none."""
        return self.handsets.last_caller.get(port, "")

    # --- what handsets need -----------------------------------------------------------------------

    @property
    def calls_by_id(self) -> dict[str, Call]:
        """Calls that are up."""
        return self._calls

    def call_at(self, port: str) -> Call | None:
        """The call that the user of a telephone is in."""
        return self._call_at(port)

    def carry_out(self, effects: Sequence[Any], now_ms: int, out: list[Any]) -> None:
        """Pass effects on."""
        self._carry_out(effects, now_ms, out)

    def open_call(self, now_ms: int) -> Call:
        """A new call."""
        return self._new_call(now_ms=now_ms)

    def put_in_force(self, settings: Settings, now_ms: int) -> None:
        """Settings that a handset changed; they bring no effects."""
        self.apply_settings(settings, now_ms)

    def idle_phones(self) -> set[str]:
        """Telephones that can ring now."""
        return {port for port, phone in self._phones.items() if phone.state == "idle"}

    def line_free(self, port: str) -> bool:
        """The line can be taken now."""
        line = self._lines.get(port)
        return line is not None and line.free

    # --- within -----------------------------------------------------------------------------------

    def _set_ports(self) -> list[str]:
        phones = [extension.port for extension in self._settings.extensions]
        return phones + [line.port for line in self._settings.lines]

    def _make_ports(self) -> None:
        self._phones.clear()
        self._lines.clear()
        for port in self._set_ports():
            self._port(port)
        self._show_waiting()

    def _port(self, port: str) -> FxsPort | FxoPort:
        """The jack's machine; a jack that the settings do not name gets one as well."""
        if port_kind(port) is PortKind.FXS:
            if port not in self._phones:
                self._phones[port] = FxsPort(port, self._country.hook, self._times)
            return self._phones[port]
        if port not in self._lines:
            line = line_at(self._settings, port) or Line(port=port)
            doctor = self._doctors.setdefault(port, LineDoctor())
            self._lines[port] = FxoPort(line, self._country, self._times, doctor)
        return self._lines[port]

    def _machines(self) -> list[FxsPort | FxoPort | Call | Session]:
        sessions = self.handsets.sessions.values()
        return [*self._phones.values(), *self._lines.values(), *self._calls.values(), *sessions]

    def _call_at(self, port: str) -> Call | None:
        """The call of a port; of two, the one that its user is in."""
        second: Call | None = None
        for call in self._calls.values():
            leg = call.parties.legs.get(port)
            if leg is None:
                continue
            if port not in call.parties.away and not leg.knocking:
                return call
            second = second or call
        return second

    def _new_call(self, call_id: str = "", *, now_ms: int | None = None) -> Call:
        call = Call(
            call_id or self._ids(),
            self._settings,
            self,
            self._country.emergency,
            self._folder,
            self._times,
            mode="day" if now_ms is None else self.mode(now_ms),
            announcement="" if now_ms is None else self._announcement(now_ms),
            outside=self._outside,
        )
        self._calls[call.call] = call
        return call

    def _carry_out(self, effects: Sequence[Any], now_ms: int, out: list[Effect]) -> None:
        """Pass on what machines say to each other until only commands and entries are left."""
        for effect in effects:
            match effect:
                case PortEvent():
                    self._port_event(effect, now_ms, out)
                case PortOrder():
                    done = self._port(effect.port).handle(effect, now_ms)
                    self._carry_out(_commands_first(done), now_ms, out)
                    if isinstance(effect, KnockPhone):
                        self.handsets.knocked(effect, self._times, now_ms)
                case MakeRoom():
                    loser = who_gives_way(self._calls.values())
                    if loser is not None:
                        order = GiveWay(reason="the line is needed for help", prompt="line-fault")
                        self._carry_out(loser.handle(order, now_ms), now_ms, out)
                case OpenEnquiry():
                    self.handsets.enquiry(effect, now_ms, out)
                case UseService():
                    self.handsets.serve(effect, self._settings, self._country, now_ms, out)
                case StartFlow() | ReturnToFlow() | EndFlow():
                    self._flow_order(effect, now_ms, out)
                case SetBridge():
                    out.append(with_gains(effect, self._settings))
                case LineCommand() | MediaCommand() | LogEntry():
                    if isinstance(effect, LogEntry):
                        self._watch(effect, now_ms)
                        self.handsets.note(effect, self._settings)
                    out.append(effect)  # type: ignore[arg-type]  # the unions are closed
                case _:
                    raise TypeError(f"{type(effect).__name__} is nothing an office carries out")

    def _watch(self, entry: LogEntry, now_ms: int) -> None:
        """Count what goes out; emergency calls are not counted."""
        call = self._calls.get(entry.call)
        match entry:
            case LineSeized() if call is not None and not helps(call):
                number = call.destination.number if isinstance(call.destination, ToOutside) else ""
                payer = call.payer.number if call.payer else ""
                self._outside.began(call.call, payer, entry.port, number, call.price, now_ms)
            case LineReleased():
                self._outside.gave_back(entry.call, entry.port, now_ms)
            case LimitReached():
                self._outside.reached(entry.limit, entry.also)
            case _:
                pass

    def _end_overdue(self, now_ms: int, out: list[Effect]) -> None:
        """A call that may not go on loses its line; who talks on it hears why."""
        for call_id, refusal in self._outside.due(now_ms):
            call = self._calls.get(call_id)
            if call is None or GiveWay not in call.TABLE.states[call.state].on:
                continue
            reached = LimitReached(
                call=call_id,
                at_ms=now_ms,
                limit=refusal.limit,
                also=refusal.also,
                detail=refusal.reason,
            )
            order = GiveWay(reason=refusal.reason, prompt=refusal.prompt)
            self._carry_out([reached, *call.handle(order, now_ms)], now_ms, out)

    def _port_event(self, event: PortEvent, now_ms: int, out: list[Effect]) -> None:
        if self.handsets.take(event, self._times, now_ms, out):
            return
        call = self._call_at(event.port)
        if isinstance(event, Glare):
            if call is not None:
                self._carry_out(call.handle(event, now_ms), now_ms, out)
            call = self._new_call(now_ms=now_ms)
            self._carry_out(call.handle(event, now_ms), now_ms, out)
        elif isinstance(event, Lifted | LineRings):
            call = self._new_call(now_ms=now_ms)
            self._carry_out(call.handle(event, now_ms), now_ms, out)
        elif call is None:
            self.dropped += 1
        elif isinstance(event, Digit) and event.port == call.origin and call.call in self._runs:
            run = self._runs[call.call]
            self._flow_says(call.call, run.flow.key(event.digit, now_ms), now_ms, out)
        else:
            self._carry_out(call.handle(event, now_ms), now_ms, out)

    # --- flows ------------------------------------------------------------------------------------

    def _flow_order(
        self, order: StartFlow | ReturnToFlow | EndFlow, now_ms: int, out: list[Effect]
    ) -> None:
        match order:
            case StartFlow():
                call = self._calls[order.call]
                visit = self._visits.begin(order.flow, call, order.port, self._settings)
                flow = visit or Flow(self._document(order), (self._settings.language,))
                run = FlowRun(flow, order.port)
                self._runs[order.call] = run
                self._flow_says(order.call, run.flow.start(now_ms), now_ms, out)
            case ReturnToFlow() if order.call in self._runs:
                said = self._runs[order.call].flow.returned(order.result, now_ms)
                self._flow_says(order.call, said, now_ms, out)
            case EndFlow():
                ended = self._runs.pop(order.call, None)
                if ended is not None and ended.play:
                    out.append(StopPlay(port=ended.port))
                if ended is not None and isinstance(ended.flow, Visit):
                    self._visit_says(ended.flow, ended.flow.left(now_ms), now_ms, out)

    def _document(self, order: StartFlow) -> FlowDocument:
        """The flow of that name; ``announced:PLACE`` is a place with a message before it."""
        kind, _, place = order.flow.partition(":")
        if kind != "announced":
            return self._flows.get(order.flow, MAIN)
        if place.startswith("flow:"):
            document = self._flows.get(place.removeprefix("flow:"), MAIN)
        else:
            groups = {group.number for group in self._settings.ring_groups}
            document = straight(place, group=place in groups)
        return announced(document, self._calls[order.call].announcement)

    def _flow_says(self, call_id: str, said: Sequence[Any], now_ms: int, out: list[Effect]) -> None:
        for effect in said:
            run = self._runs.get(call_id)
            if run is None:
                return
            match effect:
                case Say(prompts=prompts) | Talk(prompts=prompts):
                    run.plays += 1
                    run.play = play_id(call_id, run.plays)
                    # A line that was closed this moment does not carry sound yet.
                    settles = run.plays == 1 and port_kind(run.port) is PortKind.FXO
                    after_ms = self._times["answer_settle"] if settles else 0
                    out.append(
                        Play(port=run.port, play=run.play, prompts=prompts, after_ms=after_ms)
                    )
                case Hush() | Quiet():
                    run.play = ""
                    out.append(StopPlay(port=run.port))
                case FlowGoto() | FlowHangsUp():
                    run.play = ""
                    call = self._calls[call_id]
                    self._carry_out(call.handle(effect, now_ms), now_ms, out)
                case Record() if isinstance(run.flow, Visit):
                    name, path = self._visits.record(call_id, run.flow)
                    out.append(StartRecording(port=run.port, recording=name, path=path))
                case StopRecord() | MailboxChange() if isinstance(run.flow, Visit):
                    self._visit_says(run.flow, (effect,), now_ms, out)

    # --- mailboxes --------------------------------------------------------------------------------

    def know_messages(self, messages: Sequence[Message]) -> None:
        """What lies in the mailboxes; said once, at the beginning."""
        self._visits.know(messages)
        self._show_waiting()

    def waiting_messages(self, extension: str) -> int:
        """Messages that an extension has not heard."""
        return self._visits.boxes.waiting(extension)

    def _visit_says(
        self, visit: Visit, said: Sequence[Any], now_ms: int, out: list[Effect]
    ) -> None:
        """What a visit wants, whether its visitor is still there or not."""
        for effect in said:
            match effect:
                case StopRecord():
                    if recording := self._visits.recording_of(visit):
                        out.append(StopRecording(recording=recording))
                case MailboxChange():
                    self._visits.apply(effect)
                    self._show_waiting()
                    out.append(effect)
                case _:
                    for call_id, run in list(self._runs.items()):
                        if run.flow is visit:
                            self._flow_says(call_id, (effect,), now_ms, out)

    def _show_waiting(self) -> None:
        """Telephones with new messages get another dial tone at the next lift."""
        for extension in self._settings.extensions:
            phone = self._phones.get(extension.port)
            if phone is not None:
                phone.message_waits = self._visits.boxes.waiting(extension.number) > 0

    def _played(self, play: str, now_ms: int) -> list[Any]:
        for call_id, run in self._runs.items():
            if run.play == play:
                run.play = ""
                out: list[Effect] = []
                self._flow_says(call_id, run.flow.played(now_ms), now_ms, out)
                return out
        call = self._calls.get(play.rpartition("-")[0])
        if call is not None and call.state in {"serving", "refusing"}:
            return call.handle(PlayFinished(port=call.origin, at_ms=now_ms, play=play), now_ms)
        return []

    def _advance_flow(self, due_ms: int, out: list[Effect]) -> None:
        for call_id, run in list(self._runs.items()):
            if run.flow.next_deadline() == due_ms:
                self._flow_says(call_id, run.flow.advance(due_ms), due_ms, out)
                return

    def _settle(self, now_ms: int, out: list[Effect]) -> None:
        self._tidy()
        self.handsets.settle(now_ms, out)
        self._tidy()

    def _tidy(self) -> None:
        """Forget what has ended; say what moved."""
        for machine in self._machines():
            for move in machine.take_moves():
                log.info("%s", move)
        for call_id in [call_id for call_id, call in self._calls.items() if call.ended]:
            del self._calls[call_id]
            self._runs.pop(call_id, None)


def with_gains(bridge: SetBridge, settings: Settings) -> SetBridge:
    """The bridge with what each port's setting adds to what comes from it."""
    gains = {e.port: e.gain_db for e in settings.extensions}
    gains |= {line.port: line.gain_db for line in settings.lines}
    parties = tuple(
        msgspec.structs.replace(p, gain_db=p.gain_db + gains.get(p.port, 0.0))
        for p in bridge.parties
    )
    return msgspec.structs.replace(bridge, parties=parties)


def _commands_first(effects: Sequence[Any]) -> list[Any]:
    """What a port does, before what it tells: the answer may concern the same jack."""
    return sorted(effects, key=lambda effect: isinstance(effect, PortEvent))
