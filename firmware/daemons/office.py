"""The whole of call control as one pure core: ports, calls and menus put together.

The shell hands in what lined reports and when, and carries out what comes back: commands for
lined, entries for the log. Their order matters; an entry stands before what it announces. Nothing
here reads a clock, a socket or a file.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple, TypeVar

import msgspec

from drivers.line import AnyLineEvent, LineCommand, PortFailed
from firmware.call.call import Call
from firmware.call.feature_codes import patterns
from firmware.call.fraud import Counters
from firmware.call.hours import notice, opening, zone_of
from firmware.call.keeping import hushed_entry
from firmware.call.offices import arrived
from firmware.call.orders import Enquire, Interrupt, UseService
from firmware.call.outside import Outside
from firmware.call.room import GiveWay, MakeRoom, who_gives_way
from firmware.call.session import OpenEnquiry, Session
from firmware.control.messages import (
    Snapshot,
    Status,
)
from firmware.core.commands import MediaCommand, Play, SetBridge, ShowWaiting
from firmware.core.countries import country as country_of
from firmware.core.country import Country
from firmware.core.destinations import EndFlow, ReturnToFlow, StartFlow
from firmware.core.events import (
    AnyMediaEvent,
    ConversationSilent,
    FaintRaised,
    FaxToneHeard,
    LineMeasured,
    PlayFinished,
    RecordingFinished,
    RecordingHushed,
    SpeechHeard,
)
from firmware.core.fsm import earliest
from firmware.core.ids import NextCallId
from firmware.core.log_entries import (
    LogEntry,
)
from firmware.core.open_call import OpenCallLike
from firmware.core.port_events import (
    CallerIdentified,
    Digit,
    Glare,
    HookFlash,
    KnockPhone,
    Lifted,
    LineRings,
    PortEvent,
    PortOrder,
)
from firmware.core.settings import Language, Line, Mode, Settings, line_at
from firmware.core.sip_events import AnySipEvent, SipEnded, SipOffered, SipQuality
from firmware.customers.customer import Customer
from firmware.daemons.adoption import Adoption
from firmware.daemons.attendance import Attendance, Effect
from firmware.daemons.desks.fax_calls import FaxCalls
from firmware.daemons.desks.leg_desk import LegDesk
from firmware.daemons.desks.line_desk import LineDesk
from firmware.daemons.desks.watch_desk import WatchDesk
from firmware.daemons.floor.care import CareDesk
from firmware.daemons.floor.queues import QueueDesk
from firmware.daemons.handset.agent_codes import AgentCodes
from firmware.daemons.handset.ask import read_out
from firmware.daemons.handset.bell_book import read, written
from firmware.daemons.handset.bells import Bells
from firmware.daemons.handset.butler import CODES as BUTLER_CODES
from firmware.daemons.handset.butler import Butler
from firmware.daemons.handset.caller_codes import CallerCodes
from firmware.daemons.handset.closing import Closing
from firmware.daemons.handset.codes import Codes
from firmware.daemons.handset.dialog_news import DialogNews
from firmware.daemons.handset.handsets import Handsets
from firmware.daemons.handset.premises import Premises
from firmware.daemons.handset.supervisor_codes import SupervisorCodes
from firmware.daemons.handset.text_codes import TextCodes
from firmware.daemons.jacks import commands_first
from firmware.daemons.lobby import Prompts
from firmware.daemons.portrait import Portrait
from firmware.daemons.tolls import Tolls
from firmware.dialogs.disa import Disa
from firmware.dialogs.self_test import SelfTest
from firmware.dialogs.studio import Studio
from firmware.dialogs.told import (
    Told,
)
from firmware.fax.job import FaxOrder
from firmware.port.fxo_port import FxoPort
from firmware.port.fxs_port import FxsPort
from firmware.port.sip_port import SipPort
from firmware.voicemail.mailbox import Message
from firmware.voicemail.session import Session as Visit
from ivr.document import FlowDocument

__all__ = ["MOST_STEPS", "Effect", "Event", "Office", "with_gains"]

log = logging.getLogger(__name__)

Event = AnyLineEvent | AnyMediaEvent | AnySipEvent

CALLBACK_KEY = "5"
"""On busy tone: ring me when the other one is free; the key of the spoken offer."""

Answer = TypeVar("Answer")

MOST_STEPS = 10_000
"""Timers fired in one ``advance``; more than that is a machine that does not move on."""


class Timed(NamedTuple):
    """A desk or a book of the office that has times of its own."""

    deadline_ms: int | None
    advance: Callable[[int, list[Effect]], None]


class Office(Attendance):
    """Call control.

    Args:
        settings: The office's settings, already validated.
        country: The profile of ``settings.country``.
        ids: Gives each new call its id; only ever growing.
        folder: Where recordings go, as lined shall name them.
        flows: Menu flows besides those that ship and those of the settings.
        prompts: Which there are; every one, if nothing is said.
    """

    def __init__(
        self,
        settings: Settings,
        country: Country,
        ids: NextCallId,
        *,
        folder: str = "recordings",
        flows: Mapping[str, FlowDocument] | None = None,
        prompts: Prompts | None = None,
    ) -> None:
        self._wall_at_zero: datetime | None = None
        super().__init__(settings, country, folder, flows, prompts)
        self._ids = ids
        self.handsets = Handsets(self)
        self.butler = Butler(self, self.handsets)
        self.line_desk = LineDesk(self)
        self.faxes = FaxCalls(self)
        self.leg_desk = LegDesk()
        self.premises = Premises(self)
        self.queues = QueueDesk(self, settings)
        self.watch = WatchDesk(self)
        self.watch.has = self.lobby.prompts.has
        self.lobby.figures = self.queues.figures
        self.queues.room.grade_of = self.lobby.grade
        self.queues.whispers.prompts = self.lobby.prompts
        self.care = CareDesk(self)
        self.lobby.patience_of = self.care.percent
        self.queues.room.class_of = self.care.class_of
        self.butler.cared, self.butler.times_of = self.care.needs, self.care.times
        self._customer_of: Callable[[str], Customer | None] = lambda _number: None
        self._visits.pin_tried = lambda whose, good: self.outside.fraud.pin_tried(whose, good=good)
        self._visits.pin_blocked = lambda whose: self.outside.fraud.pin_blocked(whose)  # noqa: PLW0108 - the counters come later
        self._turns: dict[str, int] = {}  # calls of each ring group
        self._lamps: dict[str, bool] = {}  # what each set was told of waiting messages
        self.address = ""  # the box's own, on the network; the shell tells
        self.claim: Callable[[int], str] = lambda _now_ms: ""  # whoever keeps the settings tells
        self.dialog_news = DialogNews(self)
        self.portrait = Portrait(self)
        self.codes = Codes(self, self.handsets, self.line_desk, self.premises)
        self.codes.add(AgentCodes(self.queues).table())
        self.codes.add(self.queues.bulletins.table())
        self.codes.add(CallerCodes(self.handsets, self.queues).table())
        self.codes.add(TextCodes(self.handsets, self.butler).table())
        self.codes.add(Closing(self.handsets, self.queues).table())
        self.codes.add(SupervisorCodes(self.queues, self.handsets).table())
        self.tolls = Tolls(self, settings, country)
        self._connected = False
        self.dropped = 0
        self._make_ports()
        self._show_waiting()

    def open_claim(self, now_ms: int) -> str:
        """Let a new box be claimed: the digits to type on the page; empty when it has an owner."""
        return self.claim(now_ms)

    # --- in ---------------------------------------------------------------------------------------

    def handle(self, event: Event, now_ms: int) -> list[Effect]:
        """One thing that lined reports."""
        out: list[Effect] = []
        match event:
            case RecordingFinished() if closed := self._visits.closed(event, self.wall(now_ms)):
                visit, recorded = closed
                self._visit_says(visit, visit.recorded(recorded, now_ms), now_ms, out)
            case RecordingFinished() if kept := self._visits.finished(event, self._settings):
                self._visits.apply(kept)
                self._show_waiting()
                out.append(kept)
            case RecordingFinished() if self._flow_recorded(event, now_ms, out):
                pass
            case RecordingFinished(recording=recording):
                call = self._calls.get(recording.rpartition("-")[0])
                if call is not None:
                    self.carry_out(call.handle(event, now_ms), now_ms, out)
            case ConversationSilent():
                self.butler.silent(event.port, event.lasted_ms, now_ms, out)
            case FaintRaised():
                self.butler.raised(event, now_ms, out)
            case PlayFinished(play=play) if self.butler.played(play, now_ms, out):
                pass
            case PlayFinished(play=play) if self.queues.reminders.played(play, out):
                pass
            case PlayFinished(play=play):
                self._played(play, now_ms, out, completed=event.completed)
            case RecordingHushed(recording=name):
                out.append(hushed_entry(name, event.at_ms, hush=event.hush))
            case SipOffered() if (came := arrived(self._settings, event)) != event:
                return self.handle(came, now_ms)
            case SipQuality():
                out += self.leg_desk.told(event, self._settings)
            case _:
                if isinstance(event, SipEnded | PortFailed):
                    out += self.leg_desk.told(event, self._settings)
                self.see_phone(event)
                if isinstance(event, FaxToneHeard):
                    self.faxes.tone(event, now_ms, out)
                if isinstance(event, LineMeasured):
                    self.line_desk.measured(event, self._settings, now_ms, out)
                done = self._port(event.port).handle(event, now_ms)
                self.carry_out(commands_first(done), now_ms, out)
                if isinstance(event, SpeechHeard):
                    self.butler.heard(event.port, now_ms, out)
        self._settle(now_ms, out)
        return out

    def advance(self, now_ms: int) -> list[Effect]:
        """Fire every timer that is due, each at its own time and in the order of time."""
        out: list[Effect] = []
        for _ in range(MOST_STEPS):
            due_ms = self.next_deadline()
            if due_ms is None or due_ms > now_ms:
                return out
            timed = next((t for t in self._timed() if t.deadline_ms == due_ms), None)
            if timed is not None:
                timed.advance(due_ms, out)
                self._settle(due_ms, out)
                continue
            for machine in self._machines():
                if machine.next_deadline() == due_ms:
                    self.carry_out(commands_first(machine.advance(due_ms)), due_ms, out)
                    break
            else:
                self._advance_flow(due_ms, out)
            self._settle(due_ms, out)
        raise RuntimeError(f"{MOST_STEPS} timers at {now_ms} ms: a machine does not move on")

    def next_deadline(self) -> int | None:
        """When :meth:`advance` wants to be called."""
        timed = (one.deadline_ms for one in self._timed())
        machines = (machine.next_deadline() for machine in self._machines())
        flows = (run.flow.next_deadline() for run in self._runs.values())
        return earliest(*timed, *machines, *flows)

    def _timed(self) -> tuple[Timed, ...]:
        """Who acts by himself; of those due at the same moment the first acts first."""
        settings, times = self._settings, self._times
        return (
            Timed(self.queues.next_deadline(), self.queues.advance),
            Timed(self.butler.next_deadline(), self.butler.advance),
            Timed(self.faxes.next_deadline(), lambda _now_ms, _out: None),  # settling does it
            Timed(self.outside.next_deadline(), self.tolls.advance),
            Timed(
                self.bells.next_deadline(settings, times),
                lambda now_ms, out: self.bells.advance(now_ms, settings, times, out),
            ),
            Timed(
                self.watch.next_deadline(settings),
                lambda now_ms, out: self.watch.advance(settings, now_ms, out),
            ),
        )

    def tell_time(self, wall: datetime, now_ms: int) -> None:
        """What the clock on the wall says; it may be set, so it is told again and again."""
        self._wall_at_zero = wall.astimezone(UTC) - timedelta(milliseconds=now_ms)
        self.outside.tell_time(wall.astimezone(zone_of(self._settings)))

    def know_counters(self, counters: Counters, now_ms: int, wall: datetime, boot: str) -> None:
        """What was counted of calls to the outside before; said once, at the beginning."""
        self.tolls.know(self._settings, self._country, counters, now_ms, wall, boot)

    def take_counters(self, now_ms: int, wall: datetime) -> Counters | None:
        """What is to be kept of calls to the outside, None if nothing changed."""
        return self.tolls.take_counters(now_ms, wall)

    def know_bells(self, text: str, now_ms: int, wall: datetime) -> None:
        """What was to ring as call control ended, as it was kept; said once, at the beginning."""
        self.tell_time(wall, now_ms)
        self.bells.know(read(text), now_ms)

    def take_bells(self, now_ms: int) -> str | None:
        """What is to be kept of what is to ring, None if nothing changed."""
        changed, self.bells.changed = self.bells.changed, False
        return written(self.bells.book(now_ms)) if changed else None

    def own_dialog(self, flow: str, call: Call) -> Visit | None:
        """A caller who may call out again, where the office has allowed that."""
        if (
            told := self.queues.room.dialog(flow, self._settings_of(call.call).language)
            or self.queues.supervision.dialog(flow, call)
            or self.watch.dialog(flow, self._settings)
            or self.faxes.dialog(flow, call)
        ) is not None:
            return told
        known = call.journal.caller
        number, kind = (known.number, known.kind) if known else ("", "unavailable")
        if flow != "disa" or not self.outside.may_call_again(number, kind):
            return None
        disa = self._settings.disa
        return Disa(disa.extension, self._settings.language, self.outside.disa_pin)

    @property
    def outside(self) -> Outside:
        """Permission, lines and limits of calls to the outside."""
        return self.tolls.outside

    def adopt(
        self, snapshot: Snapshot, open_calls: Sequence[OpenCallLike], now_ms: int
    ) -> list[Effect]:
        """Begin from lined's snapshot: take over the conversations that are up, close the rest."""
        self._connected = True
        self._make_ports()
        self._show_waiting()
        self.handsets.forget()
        self._lamps.clear()
        self._calls.clear()
        self._runs.clear()
        out: list[Effect] = [*self.line_desk.tunings()]
        self.queues.continuity.rest()
        adoption = Adoption(snapshot, open_calls, self.queues.continuity.flows())
        for port in adoption.ports():
            self._port(port)
        for effects in adoption.run(self._phones, self._lines, self._new_call, now_ms):
            self.carry_out(effects, now_ms, out)
        self.outside.keep_only(self._calls)
        self._tidy()
        self.queues.continuity.wake(now_ms, out)
        self._settle(now_ms, out)
        return out

    def lines_away(self) -> None:
        """The line daemon is away; what it carries may still be up."""
        self._connected = False

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
        self.butler.forget_gone()  # a timer may be due before lined is back
        self.outside.keep_only(())
        self._make_ports()
        self._show_waiting()
        return entries

    def apply_settings(self, settings: Settings, now_ms: int) -> list[Effect]:
        """New settings from the next call on; calls that are up keep theirs."""
        out: list[Effect] = []
        self._retune(settings)
        self.queues.settle(now_ms, out, is_open=self.mode(now_ms) == "day")
        return out

    def _retune(self, settings: Settings) -> None:
        self._settings = settings
        self._country = country_of(settings.country)
        self._times = settings.times()
        self.outside.retune(settings, self._country)
        self.lobby.retune(settings)
        self.queues.continuity.retune(settings)
        for port, phone in self._phones.items():
            phone.retune(self.hook_of(port), self._times)
        for port, line in self._lines.items():
            line.line = line_at(settings, port) or Line(port=port)
            line.country = self._country
            line.times = self._times
        for port in self._set_ports():
            self._port(port)
        self._show_waiting()

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
        return self.portrait.status(now_ms)

    @property
    def connected(self) -> bool:
        """Whether the line daemon is there."""
        return self._connected

    def alarms_in(self, language: Language) -> tuple[str, ...]:
        """What people must know, in a language."""
        return (
            *self.outside.alarms(language),
            *self.premises.alarms(self._settings, language),
            *self.queues.alarms.sentences(language),
            *self.leg_desk.alarms(self._settings, language),
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
        simple = wall is None or self._settings.emergency_mode
        said = None if simple or wall is None else notice(self._settings, wall)
        return said.prompt if said else ""

    # --- what calls may ask about ports -----------------------------------------------------------

    def phone_waitable(self, port: str) -> bool:
        """The telephone is in one conversation and can be told of another call."""
        phone, call = self._phones.get(port), self.call_at(port)
        if phone is None or phone.state != "in_call" or port in self.handsets.sessions:
            return False
        two = call is not None and call.state == "talking" and len(call.parties.here()) == 2
        if call is None or self.faxes.is_machine(call):
            return False
        return two and port not in call.parties.beside

    def last_dialled(self, port: str) -> str:
        """The number the telephone dialled last, empty for none."""
        return self.handsets.last_dialled.get(port, "")

    def turn(self, group: str) -> int:
        """How many calls a group has had; each question counts one."""
        before = self._turns.get(group, 0)
        self._turns[group] = before + 1
        return before

    def last_caller(self, port: str) -> str:
        """Who rang the telephone last, as it would dial him, empty for none."""
        return self.handsets.last_caller.get(port, "")

    # --- what handsets need -----------------------------------------------------------------------

    @property
    def calls_by_id(self) -> dict[str, Call]:
        """Calls that are up."""
        return self._calls

    def open_call(self, now_ms: int) -> Call:
        """A new call."""
        return self._new_call(now_ms=now_ms)

    def dialog_told(self, call_id: str, told: Told, now_ms: int, out: list[Effect]) -> None:
        """What a dialog with a handset found out."""
        if self.queues.room.heard(call_id, told, now_ms, out):
            return
        if self.faxes.told(call_id, told, now_ms, out):
            return
        if self.queues.supervision.heard(call_id, told, now_ms, out):
            return
        self.dialog_news.told(call_id, told, now_ms, out)

    def studio(
        self, call_id: str, answer: Callable[[Studio], list[Any]], now_ms: int
    ) -> list[Effect]:
        """What became of a recording of a prompt; a studio that is left hears nothing."""
        run = self._runs.get(call_id)
        out: list[Effect] = []
        if run is not None and isinstance(run.flow, Studio):
            self._flow_says(call_id, answer(run.flow), now_ms, out)
        return out

    def know_own_prompts(self, own: Callable[[str, str], bool]) -> None:
        """Whether the owner recorded (language, key); said once, at the beginning."""
        self._visits.own_prompt = self.butler.own_prompt = own

    @property
    def settings(self) -> Settings:
        """In force now."""
        return self._settings

    def show_waiting(self) -> None:
        """Telephones at which something waits to be heard say so."""
        self._show_waiting()

    def more_waits(self, port: str) -> bool:
        """An agent at this telephone has a bulletin to hear."""
        return self.queues.bulletins.waits(port)

    @property
    def bells(self) -> Bells:
        """What rings of the box's own accord."""
        return self.codes.bells

    def dialog_of(self, call_id: str) -> Any:
        """The flow or dialog that runs for a call, None for none."""
        run = self._runs.get(call_id)
        return run.flow if run is not None else None

    def dialog_says(self, call_id: str, spoken: Sequence[Any], now_ms: int, out: list[Any]) -> None:
        """What a dialog wants that was told something by others than its caller."""
        self._flow_says(call_id, spoken, now_ms, out)

    def free_lines(self) -> int:
        """Exchange lines that could be taken now."""
        return sum(line.free for line in self._lines.values())

    def put_in_force(self, settings: Settings, now_ms: int) -> None:  # noqa: ARG002 - the seam
        """Settings that a handset changed; what follows for queues comes with the settling."""
        self._retune(settings)

    # --- within -----------------------------------------------------------------------------------

    def _machines(self) -> list[FxsPort | FxoPort | SipPort | Call | Session]:
        sessions = self.handsets.sessions.values()
        return [*self._phones.values(), *self._lines.values(), *self._calls.values(), *sessions]

    def _new_call(self, call_id: str = "", *, now_ms: int | None = None) -> Call:
        call = Call(
            call_id or self._ids(),
            self.premises.settings(self._settings, "day" if now_ms is None else self.mode(now_ms)),
            self,
            self._country.emergency,
            self._folder,
            self._times,
            mode="day" if now_ms is None else self.mode(now_ms),
            announcement="" if now_ms is None else self._announcement(now_ms),
            outside=self.outside,
        )
        self._calls[call.call] = call
        return call

    def carry_out(self, effects: Sequence[Any], now_ms: int, out: list[Any]) -> None:
        """Pass on what machines say to each other until only commands and entries are left."""
        # A flow may let go of its caller in its first moment: its line has to be ready before.
        for effect in sorted(effects, key=lambda e: isinstance(e, StartFlow | ReturnToFlow)):
            match effect:
                case PortEvent():
                    self._port_event(effect, now_ms, out)
                case PortOrder() if self.faxes.ordered(effect):
                    pass
                case PortOrder():
                    done = self._port(effect.port).handle(effect, now_ms)
                    self.carry_out(commands_first(done), now_ms, out)
                    if isinstance(effect, KnockPhone):
                        self.handsets.knocked(effect, self._times, now_ms)
                case MakeRoom():
                    loser = who_gives_way(self._calls.values())
                    if loser is not None:
                        order = GiveWay(reason="the line is needed for help", prompt="line-fault")
                        self.carry_out(loser.handle(order, now_ms), now_ms, out)
                case OpenEnquiry():
                    self.handsets.enquiry(effect, now_ms, out)
                case UseService() if effect.service in BUTLER_CODES:
                    self.butler.asked(effect, self._settings, self._times, now_ms, out)
                case UseService():
                    self.codes.serve(effect, self._settings, self._country, now_ms, out)
                case StartFlow() | ReturnToFlow() | EndFlow():
                    self._flow_order(effect, now_ms, out)
                case SetBridge():
                    out.append(self.butler.louder(with_gains(effect, self._settings)))
                    self.faxes.bridged(effect, out)
                case Play() if any("/digits:" in prompt for prompt in effect.prompts):
                    out.append(msgspec.structs.replace(effect, prompts=read_out(effect.prompts)))
                case LineCommand() | MediaCommand() | LogEntry():
                    if isinstance(effect, LogEntry):
                        self.tolls.note(effect, now_ms)
                        self.faxes.note(effect)
                        self.leg_desk.note(effect)
                        self.handsets.note(effect, self._settings)
                        self.premises.note(effect, self._settings, out)
                    out.append(effect)
                    if isinstance(effect, LogEntry):
                        self.queues.note(effect, now_ms, out)
                case _:
                    raise TypeError(f"{type(effect).__name__} is nothing an office carries out")

    def _port_event(self, event: PortEvent, now_ms: int, out: list[Effect]) -> None:
        if self.handsets.take(event, self._times, now_ms, out):
            return
        if isinstance(event, CallerIdentified):
            event = self._named(event)
        if isinstance(event, Digit) and self.butler.key(event, now_ms, out):
            return
        if isinstance(event, Digit) and self.queues.supervisors.key(event, now_ms, out):
            return
        call = self.call_at(event.port)
        if isinstance(event, Glare):
            if call is not None:
                self.carry_out(call.handle(event, now_ms), now_ms, out)
            call = self._new_call(now_ms=now_ms)
            self.carry_out(call.handle(event, now_ms), now_ms, out)
        elif isinstance(event, Digit) and self.premises.key(event, self._settings, now_ms, out):
            pass
        elif isinstance(event, Lifted | LineRings):
            call = self._new_call(now_ms=now_ms)
            self.premises.prepare(call, event.port, self._settings)
            self.carry_out(call.handle(event, now_ms), now_ms, out)
            if isinstance(event, Lifted) and call.state == "lifted":
                self.queues.reminders.lifted(event.port, call.call, now_ms, out)
        elif call is None:
            self._nobodys(event, now_ms, out)
        elif isinstance(event, HookFlash) and self._flashed(call, event, now_ms, out):
            pass
        elif isinstance(event, Digit) and event.port == call.origin and call.call in self._runs:
            run = self._runs[call.call]
            self._flow_says(call.call, run.flow.key(event.digit, now_ms), now_ms, out)
        else:
            self.carry_out(call.handle(event, now_ms), now_ms, out)
            if isinstance(event, CallerIdentified):
                self.care.identified(call, now_ms, out)

    def unfinished_messages(self, running: Sequence[str]) -> tuple[Message, ...]:
        """Messages whose recording was lost by a restart; :meth:`handle` is told their length."""
        return self._visits.unfinished(running)

    def know_customers(self, customer_of: Callable[[str], Customer | None]) -> None:
        """Who calls, by his number; asked while the telephone is about to ring."""
        self.lobby.customer_of = self._customer_of = self.care.customer_of = customer_of

    def _named(self, event: CallerIdentified) -> CallerIdentified:
        """The caller with his name from his card, where the exchange sends none."""
        card = self._customer_of(event.number) if event.number and not event.name else None
        name = (card.name or card.company) if card is not None else event.name
        return msgspec.structs.replace(event, name=name)

    def know_messages(self, messages: Sequence[Message]) -> None:
        """What lies in the mailboxes; said once, at the beginning."""
        self._visits.know(messages)
        self._show_waiting()

    def _nobodys(self, event: PortEvent, now_ms: int, out: list[Effect]) -> None:
        """An event of a port without a call; on busy tone one key asks for a callback."""
        pattern = patterns(self._settings).get("callback_on", "")
        wanted = isinstance(event, Digit) and event.digit == CALLBACK_KEY
        if not wanted or not pattern or self._phones[event.port].dismissed_by != "busy":
            self.dropped += 1
            return
        call = self._new_call(now_ms=now_ms)
        enquire = Enquire(port=event.port, at_ms=event.at_ms)
        self.carry_out(call.handle(enquire, now_ms), now_ms, out)
        for key in pattern:
            digit = Digit(port=event.port, at_ms=event.at_ms, digit=key)
            self.carry_out(call.handle(digit, now_ms), now_ms, out)

    def _flashed(self, call: Call, event: HookFlash, now_ms: int, out: list[Effect]) -> bool:
        """Whether a dialog wanted to know of the recall."""
        run = self._runs.get(call.call)
        if run is None or not isinstance(run.flow, SelfTest):
            return False
        said = run.flow.flashed(event.break_ms, now_ms)
        self._flow_says(call.call, said, now_ms, out)
        return True

    def from_faxd(self, message: object, now_ms: int) -> list[Effect]:
        """One message of faxd, or of the link to it."""
        out: list[Effect] = []
        self.faxes.from_faxd(message, now_ms, out)
        self._settle(now_ms, out)
        return out

    def send_faxes(self, orders: Sequence[FaxOrder], now_ms: int) -> list[Effect]:
        """Place a call for each, as soon as a fax end is free."""
        out: list[Effect] = []
        self.faxes.send(orders, now_ms)
        self._settle(now_ms, out)
        return out

    def asked(
        self, act: Callable[[list[Effect]], Answer], now_ms: int
    ) -> tuple[Answer, list[Effect]]:
        """What somebody at a page does, as if he had dialled it: his answer, and what to do."""
        out: list[Effect] = []
        answer = act(out)
        self._settle(now_ms, out)
        return answer, out

    def _settle(self, now_ms: int, out: list[Effect]) -> None:
        self._tidy()
        self.handsets.settle(now_ms, out)
        self._tidy()
        self.butler.settle(self._settings, self._times, now_ms)
        self.bells.settle(now_ms, self._settings, self._times)
        self.watch.settle(self._settings, self._times, now_ms)
        self.queues.settle(now_ms, out, is_open=self.mode(now_ms) == "day")
        for port, phone in self._phones.items():
            if phone.state == "idle" and phone.message_waits != self._lamps.get(port, False):
                self._lamps[port] = phone.message_waits
                out.append(ShowWaiting(port=port, waiting=phone.message_waits))
        self.faxes.settle(now_ms, out)
        fraud = self.outside.fraud
        fraud.changed = self.line_desk.look(fraud.counters, now_ms) or fraud.changed

    def _tidy(self) -> None:
        """Forget what has ended; say what moved."""
        for machine in self._machines():
            for move in machine.take_moves():
                log.info("%s", move)
        for call_id in [call_id for call_id, call in self._calls.items() if call.ended]:
            del self._calls[call_id]
            self._runs.pop(call_id, None)
            self._languages.pop(call_id, None)


def with_gains(bridge: SetBridge, settings: Settings) -> SetBridge:
    """The bridge with what each port's setting adds to what comes from it."""
    gains = {e.port: e.gain_db for e in settings.extensions}
    gains |= {line.port: line.gain_db for line in settings.lines}
    raises = {line.port: line.raise_faint_db for line in settings.lines}
    parties = tuple(
        msgspec.structs.replace(
            p,
            gain_db=p.gain_db + gains.get(p.port, 0.0),
            raise_db=raises.get(p.port, 0.0),
        )
        for p in bridge.parties
    )
    return msgspec.structs.replace(bridge, parties=parties)
