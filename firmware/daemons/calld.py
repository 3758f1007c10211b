"""calld: call control. One loop around pure cores; the only writer of settings and records.

:class:`Calld` is told what happened and when, keeps the records and says what lined shall do; it
owns no socket and reads no clock, so the bench runs it in virtual time. :func:`main` is the
shell that does.
"""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path

import msgspec

from drivers.line import AnyLineCommand, LineCommand, LineEvent
from firmware.call.hours import zone_of
from firmware.call.orders import ChangeSettings
from firmware.control.backup_messages import AskBackups, MakeBackup, ProtectBackups
from firmware.control.case_messages import ChangeTicket, EraseCustomer, TicketAnswer
from firmware.control.fax_desk_messages import FAX_ASK
from firmware.control.fax_messages import FaxdGone, FaxEnded, FaxEndsSeen, FaxProgress
from firmware.control.floor_messages import AskCaller, FloorRequest
from firmware.control.messages import (
    AskCard,
    AskChecklist,
    AskHistory,
    AskHours,
    AskLines,
    AskRegisters,
    AskSettings,
    AskStatus,
    AskWhatIf,
    Claim,
    ClaimAnswer,
    DumpRegisters,
    EndTrial,
    Hello,
    KeepAlive,
    KnowLines,
    LinesAnswer,
    Measure,
    MeasuredAnswer,
    MeasureNow,
    OpenClaim,
    PlaceCall,
    PowerSigns,
    Readings,
    Refused,
    RegisterDump,
    RestoreSettings,
    SaveSettings,
    Snapshot,
    Status,
    WatchStatus,
)
from firmware.control.office_messages import (
    ErasedAnswer,
    ErasePerson,
    NotedAnswer,
    OfficeRequest,
)
from firmware.control.outbox_messages import (
    PEOPLE_ASK,
    AskOutbox,
    LendMessage,
    OutboxRequest,
)
from firmware.control.prompt_messages import (
    AskPrompts,
    KeepPrompt,
    PromptPart,
    RemovePrompt,
    SpeakPrompt,
    SpeakTexts,
)
from firmware.control.quality_messages import AskDrill, EndDrill, StartDrill
from firmware.control.recording_messages import AnyRecordingRequest, OpenRecording
from firmware.control.trunk_messages import AskTrunks, ProbeTrunk, TryTrunk
from firmware.control.update_messages import AskLoop, AskUpdate, OrderUpdate, UpdateState
from firmware.core.clock import SAMPLE_RATE_HZ
from firmware.core.commands import (
    AnyMediaCommand,
    MediaCommand,
    Play,
    SetBridge,
    StartRecording,
    StopRecording,
)
from firmware.core.countries import country as country_of
from firmware.core.events import (
    Heartbeat,
    LineMeasured,
    LoopTested,
    MediaEvent,
    RecordingFinished,
)
from firmware.core.log_entries import (
    AnyLogEntry,
    LogEntry,
)
from firmware.core.network_settings import Network
from firmware.core.settings import LANGUAGES, Language
from firmware.daemons.aside import Aside, at_once
from firmware.daemons.card_space import LOOK_MS as SPACE_LOOK_MS
from firmware.daemons.card_space import CardSpace
from firmware.daemons.clock_trust import ClockTrust
from firmware.daemons.desks.archive import Archive, mended
from firmware.daemons.desks.backup_desk import DOCUMENT as BACKUPS
from firmware.daemons.desks.backup_desk import BackupDesk
from firmware.daemons.desks.change_trial import ChangeTrial, trial_why
from firmware.daemons.desks.claim import ClaimWindow
from firmware.daemons.desks.click_to_call import click_to_call
from firmware.daemons.desks.drill_desk import Done, DrillDesk
from firmware.daemons.desks.fax_desk import DOCUMENT as FAXES
from firmware.daemons.desks.fax_desk import FaxDesk
from firmware.daemons.desks.floor_desk import FloorDesk
from firmware.daemons.desks.hours_ahead import hours_ahead
from firmware.daemons.desks.key_date_desk import DOCUMENT as KEY_DATES
from firmware.daemons.desks.key_date_desk import KeyDateDesk
from firmware.daemons.desks.loop_desk import LoopDesk
from firmware.daemons.desks.memory_desk import MemoryDesk
from firmware.daemons.desks.outbox_desk import DOCUMENT as OUTBOX
from firmware.daemons.desks.outbox_desk import OutboxDesk
from firmware.daemons.desks.outgoing import outgoing_of, voicemail_mail
from firmware.daemons.desks.recording_desk import RecordingDesk
from firmware.daemons.desks.reminding import remind
from firmware.daemons.desks.report_desk import DOCUMENT as REPORTS
from firmware.daemons.desks.report_desk import ReportDesk
from firmware.daemons.desks.settings_desk import SettingsDesk
from firmware.daemons.desks.studio_desk import StudioDesk
from firmware.daemons.desks.trunk_desk import TrunkDesk
from firmware.daemons.desks.update_desk import DOCUMENT as UPDATES
from firmware.daemons.desks.update_desk import UpdateDesk
from firmware.daemons.documents import Documents, Noted
from firmware.daemons.floor.after_calls import LastCall
from firmware.daemons.floor.forgetting import forget
from firmware.daemons.ledger import MILESTONES, Ledger
from firmware.daemons.line_memory import LineMemory
from firmware.daemons.lobby import OutsideLookUp, Prompts
from firmware.daemons.look_ups import LookUps
from firmware.daemons.office import Effect, Office
from firmware.daemons.upkeep.starts import SafeMode, StartBook
from firmware.daemons.web_look_up import WebAnswer, WebQuestion
from firmware.daemons.what_if import rehearsed
from firmware.dialogs.told import StudioOrder
from firmware.quality.drill import Ended
from firmware.reports.measures import Figure
from firmware.storage.call_query import CallFilter
from firmware.storage.errors import StorageError
from firmware.storage.line_profiles import LineProfileStore
from firmware.storage.messages import MessageRow
from firmware.storage.records import Records
from firmware.storage.settings import SettingsStore
from firmware.voicemail.mailbox import Erase, MailboxChange, Message
from ivr.orders import LookedUp

log = logging.getLogger(__name__)

KEEP_ALIVE_MS = 500
LINED_BACK_MS = 5_000  # a lined that hung up is back in 100 ms, one that died in 2 s
LOOK_MS = 300_000  # readings for the doctors of telephones; a leak needs three of them
HEARTBEAT_ROW_MS = 60_000  # an open call of a power cut ends at most so long before the truth
TRIAL = "trial"  # name of the document of a change that waits to be confirmed

ToLinedMessage = (
    AnyLineCommand
    | AnyMediaCommand
    | Hello
    | KeepAlive
    | KnowLines
    | Measure
    | DumpRegisters
    | ProbeTrunk
)
Reply = Callable[[msgspec.Struct], None]


class Calld:
    """Call control without its sockets."""

    def __init__(
        self,
        *,
        records: Records,
        settings: SettingsStore,
        country: str,
        recordings: Path,
        boot: str,
        trusted_clock: bool = True,
        now_ms: int,
        wall: datetime,
        alarms: Sequence[str] = (),
        lines: LineProfileStore | None = None,
        draw_code: Callable[[], str] = lambda: "",
        prompts: Prompts | None = None,
        prompt_folder: Path = Path("prompts"),
        archive: Archive | None = None,
        voice: Sequence[str] = (),
        space: Callable[[], tuple[int, int]] | None = None,
        updates: Callable[[], UpdateState | None] = lambda: None,
        starts: StartBook | None = None,
    ) -> None:
        """Read the settings in force and close what a power cut left open.

        Args:
            records: open for writing.
            settings: open; in factory state the office's defaults are in force.
            country: the machine's profile; a new office begins with it.
            recordings: folder of the recordings.
            boot: names the running kernel's boot: monotonic times compare only within one.
            trusted_clock: whether the wall clock is known to be right.
            now_ms: monotonic time now.
            wall: UTC now.
            alarms: sentences from opening the stores, for the overview.
            lines: where what was learned of exchange lines is kept; None keeps nothing.
            draw_code: draws the six digits by which a new box is claimed; without it nobody can.
            prompts: which there are, for menus; every one, if nothing is said.
            prompt_folder: where the owner's own prompts are kept.
            archive: puts recordings away; without it they stay as they were recorded.
            voice: the program that says texts, with its arguments; empty looks for the usual one.
            space: free and all bytes of the card; without it nobody looks.
            updates: how an update of the box stands; None where there are no slots.
            starts: counts starts that fail, for safe mode; without it nobody does.
        """
        self._records = records
        self._settings = settings
        self._boot = boot
        self._clock = ClockTrust(trusted=trusted_clock)
        self._prompts = prompts
        has = prompts.has if prompts else None
        self._starts = starts
        safe = SafeMode(starts.good, starts.failed) if starts is not None and starts.safe else None
        self._desk = SettingsDesk(
            settings, country, ClaimWindow(draw_code), has_prompt=has, safe=safe
        )
        self._office = Office(
            self._desk.settings,
            country_of(country),
            records.next_call_id,
            folder=str(recordings),
            prompts=prompts,
        )
        self._look_ups = LookUps(self._calls_of)
        self._office.claim = self._claim_digits
        self._trial = ChangeTrial()
        self._trial.know(records.document(TRIAL), now_ms)
        self._dates = KeyDateDesk(
            records, lambda: self._desk.settings, records.document(KEY_DATES), now_ms
        )
        self._reports = ReportDesk(lambda: self._desk.settings, records.document(REPORTS))
        self._backups = BackupDesk(
            recordings.parent, lambda: self._desk.settings, records.document(BACKUPS)
        )
        self._outbox = OutboxDesk(records, lambda: self._desk.settings, records.document(OUTBOX))
        self.faxes = FaxDesk(
            records, lambda: self._desk.settings, recordings.parent, records.document(FAXES)
        )
        records.outgoing = outgoing_of(lambda: self._desk.settings)
        self.updates = UpdateDesk(updates, lambda: self._desk.settings, records.document(UPDATES))
        self.loops = LoopDesk()
        desks: dict[str, Noted] = {
            UPDATES: self.updates,
            OUTBOX: self._outbox,
            FAXES: self.faxes,
            TRIAL: self._trial,
            BACKUPS: self._backups,
            REPORTS: self._reports,
            KEY_DATES: self._dates,
        }
        documents = Documents(records, self._office, desks, boot=boot)
        documents.know_counters(now_ms, wall)
        documents.know_bells(now_ms, wall)
        came_back = documents.know_queues(now_ms, wall)
        self._ledger = Ledger(records, documents, boot=boot, clock=self._clock)
        kept = [msgspec.convert(msgspec.structs.asdict(m), Message) for m in records.messages.all()]
        self._office.know_messages(kept)
        has_sound = has or (lambda _name: True)
        self.studio = StudioDesk(prompt_folder, self._office, has_sound, self._carry_out, voice)
        self._aside: Aside = at_once
        self._connected = False
        self._no_card = ""  # the part of the card that lined waits for
        self._away_since: int | None = None  # calls may still be up in lined
        self._wants_snapshot = False
        self._lines = LineMemory(lines, self._office, wall)
        self.trunks = TrunkDesk(lambda: self._desk.settings)
        self._memory = MemoryDesk(
            records,
            settings,
            recordings.parent,
            boot=boot,
            clock=self._clock,
            in_force=lambda: self._desk.settings,
        )
        self._drill = DrillDesk(self._memory.quality, records, lambda: self._desk.settings)
        self._office.know_customers(self._memory.cases.customer_of)
        self._office.butler.reference_of = records.cases.reference_of
        self._office.queues.whispers.known_of = self._memory.cases.known_of
        self._office.queues.tickets_of = self._memory.cases.tickets_of
        self._office.queues.day_figures = self._figures_of_today
        self._office.queues.contacts_of = self._memory.cases.contacts_of
        self._floor = FloorDesk(
            self._office,
            lambda: self._desk.settings,
            self._memory.cases.customer_of,
            records.cases.article,
        )
        self._alarms = (*alarms, *self._lines.know())
        self._recordings = RecordingDesk(archive, records, lambda: self._desk.settings)
        self._memory.held = self._recordings.held_files
        self._counters: Heartbeat | None = None
        self._asks: dict[int, Reply] = {}
        self._next_ask = 1
        self._measuring: dict[str, Reply] = {}
        self._keep_alive_at = now_ms
        self._heartbeat_at = now_ms + HEARTBEAT_ROW_MS
        self._look_at = now_ms + LOOK_MS
        self._space, self._card = space, CardSpace()
        self._space_at = now_ms
        self._changed = True
        self._due_ms: int | None = None  # what next_deadline found, until anything happens
        records.close_interrupted(boot=boot, wall=wall, now_ms=now_ms)
        self._ledger.enter(came_back, now_ms)
        if came_back:
            self._commit(now_ms, wall)

    # --- lined ------------------------------------------------------------------------------------

    def lined_connected(self, now_ms: int) -> list[ToLinedMessage]:
        """A lined is there; it will send a snapshot before any event."""
        self._due_ms = None
        self._connected = True
        self._changed = True
        self._keep_alive_at = now_ms + KEEP_ALIVE_MS
        return [Hello(program="calld"), KeepAlive(at_ms=now_ms), self._lines.learned()]

    def lined_gone(self, now_ms: int, wall: datetime) -> None:
        """Lined's socket closed. It died, or it gave us up because we stood still for a while.

        In the second case every conversation is still up, and the next snapshot gives them back
        from their open records. So nothing is over before that, or before ``LINED_BACK_MS``.
        """
        self._due_ms = None
        self._connected = False
        self._changed = True
        self._counters = None
        for reply in (*self._asks.values(), *self._measuring.values()):
            reply(_lines_away())
        self._asks.clear()
        self._measuring.clear()
        self._office.lines_away()
        self._away_since = now_ms
        self._commit(now_ms, wall)

    def _lose_calls(self, now_ms: int, wall: datetime) -> None:
        self._away_since = None
        self._carry_out(self._office.lines_lost(now_ms), now_ms, wall)
        self._commit(now_ms, wall)

    def from_lined(self, message: object, now_ms: int, wall: datetime) -> list[ToLinedMessage]:
        """One message of lined; what it shall do comes back."""
        self._due_ms = None
        self._office.tell_time(wall, now_ms)
        if self._drill.real(message):
            by_itself = EndDrill(who="tipring")
            given_back = self._end_drill("real", by_itself, _nobody_asked, now_ms, wall)
            return given_back + self.from_lined(message, now_ms, wall)
        match message:
            case Snapshot():
                self._changed = True
                if self._starts is not None:
                    self._starts.serves(now_ms)
                # These settings brought the box up: worth keeping apart from later ones.
                self._settings.mark_booted()
                if self._away_since is not None and not any(p.ready for p in message.ports):
                    self._lose_calls(now_ms, wall)  # a new lined, which has just reset the card
                self._away_since = None
                self._commit(now_ms, wall)
                self._recordings.put_all_away([r.recording for r in message.recordings])
                open_calls = self._records.open_calls()
                effects = self._office.adopt(message, open_calls, now_ms)
                effects += self._close_messages(message, now_ms)
                return self._carry_out(effects, now_ms, wall)
            case Heartbeat():
                self._counters = message
                return []
            case PowerSigns(mains=mains, low=low):
                closing: list[Effect] = []
                premises = self._office.premises
                premises.power(
                    self._desk.settings, mains=mains, low=low, now_ms=now_ms, out=closing
                )
                self._changed = True
                self._commit(now_ms, wall)  # whatever comes now, it is kept
                return self._carry_out(closing, now_ms, wall)
            case Readings(ask=ask):
                for reading in message.readings:
                    self._office.read_phone(reading)
                if reply := self._asks.pop(ask, None):
                    reply(LinesAnswer(readings=message.readings))
                return []
            case RegisterDump(ask=ask):
                if reply := self._asks.pop(ask, None):
                    reply(message)
                return []
            case LoopTested():
                self.loops.tested(message)
                return []
            case FaxEndsSeen() | FaxProgress() | FaxEnded() | FaxdGone():
                self._changed = True
                self.faxes.heard(message, self._aside)
                return self._carry_out(self._office.from_faxd(message, now_ms), now_ms, wall)
            case LineEvent() | MediaEvent():
                self._changed = True
                effects = self._office.handle(message, now_ms)  # type: ignore[arg-type]  # the unions are closed
                if isinstance(message, LineMeasured):
                    self._answer_measured(message)
                elif isinstance(message, RecordingFinished):
                    self._recordings.finished(message)
                return self._carry_out(effects, now_ms, wall)
            case _:
                return []

    # --- time -------------------------------------------------------------------------------------

    def next_deadline(self) -> int:
        """When :meth:`advance` wants to be called at the latest.

        Asked far more often than anything happens, so it is kept until something does.
        """
        if self._due_ms is None:
            self._due_ms = self._earliest()
        return self._due_ms

    def _earliest(self) -> int:
        due = [self._keep_alive_at, self._heartbeat_at, self._look_at, self._dates.at_ms]
        due.append(self.faxes.deadline())
        due += [*self._recordings.deadlines, *self._trial.deadlines, *self._ledger.deadlines]
        due += [*self._drill.deadlines, *self.loops.deadlines, self.updates.due_ms]
        if self._space is not None:
            due.append(self._space_at)
        if self._starts is not None:
            due += self._starts.deadlines
        if self._away_since is not None:
            due.append(self._away_since + LINED_BACK_MS)
        elif (deadline := self._office.next_deadline()) is not None:
            due.append(deadline)
        if (stop_ms := self._office.premises.next_deadline()) is not None:
            due.append(stop_ms)
        return min(due)

    def advance(self, now_ms: int, wall: datetime) -> list[ToLinedMessage]:
        """Let timers fire."""
        self._due_ms = None
        self._office.tell_time(wall, now_ms)
        out: list[ToLinedMessage] = []
        deadline = self._office.next_deadline()
        if self._away_since is not None:
            if now_ms >= self._away_since + LINED_BACK_MS:
                self._lose_calls(now_ms, wall)
        elif deadline is not None and deadline <= now_ms:
            self._changed = True
            out += self._carry_out(self._office.advance(now_ms), now_ms, wall)
        if any(now_ms >= due for due in self._ledger.deadlines):
            self._commit(now_ms, wall)
        self._outbox.look(wall)
        done: list[Effect] = []
        self._office.premises.advance(self._desk.settings, now_ms, done)
        out += self._carry_out(done, now_ms, wall)
        if now_ms >= self._keep_alive_at:
            self._keep_alive_at = now_ms + KEEP_ALIVE_MS
            if self._connected:
                out.append(KeepAlive(at_ms=now_ms))
        if self._recordings.due(now_ms):
            self._ledger.enter(self._recordings.retain(now_ms, wall), now_ms)
            self._commit(now_ms, wall)
        if self._backups.changed or self._reports.changed:
            self._commit(now_ms, wall)
        if self._space is not None and now_ms >= self._space_at:
            self._space_at = now_ms + SPACE_LOOK_MS
            out += self._card_room(*self._space(), now_ms, wall)
        self.loops.advance(now_ms)
        if self._starts is not None:
            self._starts.look(self._desk.version, now_ms)
        if now_ms >= self.updates.due_ms:
            self._ledger.enter(self.updates.look(len(self._office.calls), now_ms, wall), now_ms)
            if self.updates.changed:
                self._commit(now_ms, wall)
                self._changed = True
        if ended := self._drill.due(self._ledger.waiting, now_ms):
            by_itself = EndDrill(who="tipring")
            out += self._end_drill(ended, by_itself, _nobody_asked, now_ms, wall)
        if self._trial.due(now_ms):
            out += self._take_back("tipring", _nobody_asked, now_ms, wall)
        if now_ms >= self.faxes.deadline():
            out += self._file_faxes(now_ms, wall)
        if now_ms >= self._look_at:
            self._look_at = now_ms + LOOK_MS
            self._backups.look(wall, self._aside)
            self._ledger.enter(self._reports.look(now_ms, wall), now_ms)
            out += self._ask(_nobody_asked, lambda ask: Measure(ask=ask))
            out += self._remind(now_ms, wall)
        if now_ms >= self._dates.at_ms:
            out += self._tell_dates(now_ms, wall)
        if now_ms >= self._heartbeat_at:
            self._heartbeat_at = now_ms + HEARTBEAT_ROW_MS
            # Only open calls need it, and an idle box shall not wear its card.
            if self._office.busy:
                with contextlib.suppress(StorageError):  # the ledger says that the card is sick
                    self._records.heartbeat(now_ms, boot=self._boot, wall=wall)
                self._commit(now_ms, wall)  # minutes that were charged since
        return out

    # --- people and pages -------------------------------------------------------------------------

    def status(self, now_ms: int) -> Status:
        """The state of the box now."""
        state = self._office.status(now_ms)
        own = self._desk.settings.language
        alarms = self._alarms_in(own, now_ms)
        others = [one for one in LANGUAGES if one != own] if alarms else []
        return msgspec.structs.replace(
            state,
            lines_connected=self._connected,
            texts=self._outbox.texts,
            no_card=self._no_card,
            counters=self._counters,
            alarms=alarms,
            alarms_in={one: self._alarms_in(one, now_ms) for one in others},
            settings_version=self._desk.version,
            trial_left_ms=self._trial.left_ms(now_ms),
            claimed=self._desk.claimed,
            claim_dial="" if self._desk.claimed else self._desk.claim_dial,
            floor=self._floor.floor(now_ms),
        )

    @property
    def stop_wanted(self) -> bool:
        """The battery is at its end: the machine is to be switched off in order."""
        return self._office.premises.stop_wanted

    def _alarms_in(self, language: Language, now_ms: int) -> tuple[str, ...]:
        """What people must know, in a language; damage found at the start as it was found."""
        return (
            *self._office.alarms_in(language),
            *self._alarms,
            *self.trunks.alarms_in(language),
            *self._ledger.alarms_in(language),
            *self._drill.alarms_in(language),
            *self._recordings.alarms_in(language),
            *self._backups.alarms_in(language),
            *self.updates.alarms_in(language),
            *self._clock.alarms(language),
            *self._outbox.alarms_in(language, now_ms),
            *self.faxes.alarms(self._office.wall(now_ms)),
            *self._desk.alarms,
        )

    @property
    def network(self) -> Network:
        """What is set of the box's network, for whoever carries it out."""
        return self._desk.settings.network

    def know_clock(self, now_ms: int, *, trusted: bool) -> None:
        """Whether the wall clock was confirmed since the machine started."""
        if self._clock.know(now_ms, trusted=trusted):
            self._changed = True

    def know_address(self, address: str) -> None:
        """The box's own address on the office's network, empty for none; told when it changes."""
        self._office.address = address

    def know_card(self, missing: str) -> bool:
        """The part of the line card that lined waits for, empty for none; whether that is new."""
        new, self._no_card = missing != self._no_card, missing
        self._changed |= new
        return new

    def take_change(self) -> bool:
        """Whether the status may differ from the last time this was asked."""
        changed, self._changed = self._changed, False
        return changed

    def request(
        self, request: object, reply: Reply, now_ms: int, wall: datetime
    ) -> list[ToLinedMessage]:
        """Answer one question or carry out one change; ``reply`` is called once, now or later."""
        self._due_ms = None
        match request:
            case AskStatus() | WatchStatus():
                reply(self.status(now_ms))
            case AskLines(language=language):
                judged = self._judged(reply, language, now_ms)
                return self._ask(judged, lambda ask: Measure(ask=ask))
            case MeasureNow(port=port):
                return self._measure(port, reply, now_ms, wall)
            case AskTrunks():
                reply(self.trunks.answer(now_ms))
            case TryTrunk():
                return [*self.trunks.test(request, reply)]
            case AskChecklist():
                reply(self._office.checklist())
            case AskRegisters(port=port):
                return self._ask(reply, lambda ask: DumpRegisters(ask=ask, port=port))
            case AskSettings():
                reply(self._desk.shown(request))
            case AskHistory():
                reply(self._desk.history())
            case SaveSettings():
                before = self._desk.settings
                refused = self._desk.save(request, wall)
                if refused is None:
                    self._trial.begin(before, self._desk.settings, request.trial_ms, now_ms)
                    self._commit(now_ms, wall)
                return self._put_in_force(refused, reply, now_ms, wall)
            case EndTrial(keep=True):
                self._trial.end()
                self._commit(now_ms, wall)
                self._changed = True
                reply(self._desk.answer())
            case PlaceCall():
                return self._place(request, reply, now_ms, wall)
            case EndTrial(who=who):
                return self._take_back(who, reply, now_ms, wall)
            case RestoreSettings():
                before = self._desk.settings
                refused = self._desk.restore(request, wall)
                if refused is None:
                    trial_ms = before.page.trial_min * 60_000
                    self._trial.begin(before, self._desk.settings, trial_ms, now_ms)
                    self._commit(now_ms, wall)
                return self._put_in_force(refused, reply, now_ms, wall)
            case FloorRequest():
                return self._at_floor(request, reply, now_ms, wall)
            case MakeBackup() | ProtectBackups() | AskBackups():
                answer, noted = self._backups.answer(request, now_ms, wall, self._aside)
                self._ledger.enter(noted, now_ms)
                self._commit(now_ms, wall)
                reply(answer)
            case AskUpdate() | OrderUpdate():
                calls = len(self._office.calls)
                answer, noted = self.updates.answer(request, calls, now_ms, wall)
                self._ledger.enter(noted, now_ms)
                self._commit(now_ms, wall)
                self._changed = True
                reply(answer)
            case AskLoop():
                ports = self.status(now_ms).ports
                return [*self.loops.ask(ports, reply, now_ms, connected=self._connected)]
            case OpenRecording():
                self._recordings.unseal(
                    request,
                    self._aside,
                    lambda: _none(self._remember(request, reply, now_ms, wall)),
                )
            case AskOutbox():
                self._outbox.ask(request, reply, now_ms, wall)
            case LendMessage(path=path):
                self._recordings.lend_message(path, self._aside, reply)
            case OutboxRequest():
                self._changed = True  # how the ways out are stands on the overview
                with self._outbox.answering(request, reply) as told:
                    self._post(self._outbox.tell, request, told, now_ms, wall)
            case _ if isinstance(request, FAX_ASK):
                self._post(self.faxes.answer, request, reply, now_ms, wall)
            case _ if isinstance(request, PEOPLE_ASK):
                self._post(self._outbox.people, request, reply, now_ms, wall)
            case StartDrill():
                return self._begin_drill(request, reply, now_ms, wall)
            case EndDrill():
                return self._end_drill("person", request, reply, now_ms, wall)
            case AskDrill():
                reply(self._drill.asked(request, now_ms))
            case OfficeRequest():
                return self._remember(request, reply, now_ms, wall)
            case AskHours():
                reply(hours_ahead(self._desk.settings, wall, request.language))
            case AskCard():
                reply(self._desk.card(request.language))
            case OpenClaim():
                reply(self._desk.open_claim(request.language, now_ms))
            case Claim():
                done = self._desk.claim_box(request, now_ms, wall)
                return self._put_in_force(done, reply, now_ms, wall)
            case AskWhatIf():
                reply(rehearsed(request, self._desk.settings, wall, self._prompts, self._calls_of))
            case Hello():
                pass
            case PromptPart() | KeepPrompt() | RemovePrompt() | AskPrompts():
                self.studio.request(request, reply, wall)
            case SpeakPrompt() | SpeakTexts():
                self.studio.request(request, reply, wall)
            case _:
                reply(Refused(id="unknown-request", message="this request is not known here"))
        return []

    def _post(
        self,
        do: Callable[[msgspec.Struct, int, datetime], tuple[msgspec.Struct, Sequence[AnyLogEntry]]],
        request: msgspec.Struct,
        reply: Reply,
        now_ms: int,
        wall: datetime,
    ) -> None:
        """Something about messages that leave the box; it is kept before it is answered."""
        self._commit(now_ms, wall)
        try:
            answer, entries = do(request, now_ms, wall)
        except OSError as problem:
            reply(Refused(id="not-kept", message=str(problem)))
            return
        self._ledger.enter(entries, now_ms)
        if entries or self._outbox.changed or self.faxes.changed:
            self._commit(now_ms, wall)
        unkept = self._ledger.unwritten if entries else ""
        self._changed = self._changed or bool(entries)
        reply(Refused(id="not-kept", message=unkept) if unkept else answer)

    def _file_faxes(self, now_ms: int, wall: datetime) -> list[ToLinedMessage]:
        """What follows from faxes is kept before a call is placed for one."""
        self._commit(now_ms, wall)
        if self._ledger.unwritten:
            self.faxes.wait(now_ms)  # what was decided twice would be done twice
            return []
        entries = self.faxes.look(now_ms, wall)
        if not entries and not self.faxes.changed:
            return []
        self._ledger.enter(entries, now_ms)
        self._commit(now_ms, wall)
        return self._carry_out(
            self._office.send_faxes(self.faxes.take_orders(), now_ms), now_ms, wall
        )

    def _place(
        self, request: PlaceCall, reply: Reply, now_ms: int, wall: datetime
    ) -> list[ToLinedMessage]:
        """A telephone is rung for a program."""
        office = self._office
        idle = office.idle_phones() if self._connected else set()
        refused = click_to_call(request, self._desk.settings, office.bells, idle, now_ms)
        self._changed = True
        out = self._carry_out(office.advance(now_ms), now_ms, wall) if refused is None else []
        reply(refused or self.status(now_ms))
        return out

    def _take_back(
        self, who: str, reply: Reply, now_ms: int, wall: datetime
    ) -> list[ToLinedMessage]:
        """The change on trial is undone, as a new version of the settings."""
        wanted = self._trial.undone(self._desk.settings)
        if not self._trial.end():
            reply(self._desk.answer())
            return []
        failed = self._desk.keep(wanted, who, trial_why(wanted.language), wall)
        self._commit(now_ms, wall)
        refused = Refused(id="settings-not-saved", message=failed) if failed else None
        return self._put_in_force(refused, reply, now_ms, wall)

    def _claim_digits(self, now_ms: int) -> str:
        opened = self._desk.open_claim(self._desk.settings.language, now_ms)
        return opened.code if isinstance(opened, ClaimAnswer) else ""

    def _solved(
        self, request: ChangeTicket, answer: TicketAnswer, now_ms: int, wall: datetime
    ) -> list[ToLinedMessage]:
        """A ticket that a person solved: where queues ask, its caller is asked how it was."""
        records = [self._records.call(call) for call in answer.calls]
        callers = [r for r in records if r is not None and r.caller_number]
        if request.act != "solve" or not callers:
            return []
        last = LastCall(
            call=callers[-1].call,
            number=callers[-1].caller_number,
            name=callers[-1].caller_name,
            queue=answer.ticket.group,
        )

        def ask(out: list[Effect]) -> msgspec.Struct:
            self._office.queues.after.solved(last, answer.ticket.group, "", now_ms, out)
            return answer

        _, effects = self._office.asked(ask, now_ms)
        return self._carry_out(effects, now_ms, wall)

    def _remember(
        self, request: OfficeRequest, reply: Reply, now_ms: int, wall: datetime
    ) -> list[ToLinedMessage]:
        """The memory of the office: what waits is kept first, so that all of it is looked at."""
        out = self._forgotten(request, now_ms, wall)
        self._commit(now_ms, wall)
        desk = self._recordings if isinstance(request, AnyRecordingRequest) else self._memory
        answer, entries = desk.answer(request, now_ms, wall)
        self._ledger.enter(entries, now_ms)
        self._commit(now_ms, wall)
        if self._ledger.unwritten and entries:
            answer = Refused(id="not-kept", message=self._ledger.unwritten)
        reply(answer)
        if isinstance(request, ChangeTicket) and isinstance(answer, TicketAnswer):
            return out + self._solved(request, answer, now_ms, wall)
        if not isinstance(answer, ErasedAnswer):
            return out
        # A list of numbers may be shorter now.
        self._changed = True
        settings = self._desk.reload()
        return out + self._carry_out(self._office.apply_settings(settings, now_ms), now_ms, wall)

    def _begin_drill(
        self, request: StartDrill, reply: Reply, now_ms: int, wall: datetime
    ) -> list[ToLinedMessage]:
        """Something is taken away; that it is goes into the log before."""
        self._commit(now_ms, wall)
        state = self.status(now_ms)
        idle = [p.port for p in state.ports if p.port.startswith("fxo/") and p.state == "idle"]
        done = self._drill.start(request, idle, state.alarms, now_ms, wall)
        self._ledger.enter(done.entries, now_ms)
        self._commit(now_ms, wall)
        self._drill.hold()
        out = self._drilled(done, now_ms, wall)
        reply(done.answer)
        return out

    def _end_drill(
        self, how: Ended, request: EndDrill, reply: Reply, now_ms: int, wall: datetime
    ) -> list[ToLinedMessage]:
        """Everything is given back and what waited is written; then its report is."""
        alarms, held = self.status(now_ms).alarms, self._ledger.waiting
        signs = self._drill.release()
        self._commit(now_ms, wall)
        signs = tuple(msgspec.structs.replace(sign, at_ms=now_ms) for sign in signs)
        out = self._drilled(Done(answer=request, signs=signs), now_ms, wall)
        done = self._drill.ended(how, request, alarms, held, now_ms)
        self._ledger.enter(done.entries, now_ms)
        self._commit(now_ms, wall)
        reply(done.answer)
        return out

    def _drilled(self, done: Done, now_ms: int, wall: datetime) -> list[ToLinedMessage]:
        """The office is told what is not there, or there again, as if lined had said it."""
        self._changed = True
        effects: list[Effect] = []
        for sign in done.signs:
            if isinstance(sign, PowerSigns):
                premises = self._office.premises
                premises.power(
                    self._desk.settings, mains=sign.mains, low=False, now_ms=now_ms, out=effects
                )
            else:
                effects += self._office.handle(sign, now_ms)
        return self._carry_out(effects, now_ms, wall)

    def _card_room(
        self, free: int, total: int, now_ms: int, wall: datetime
    ) -> list[ToLinedMessage]:
        """Little room on the card: recordings stop with an alarm, before records have none."""
        if not self._card.told(free, total):
            return []
        self._changed = True
        stopped: list[Effect] = []
        self._office.premises.card(low=self._card.low, out=stopped)
        return self._carry_out(stopped, now_ms, wall)

    def _figures_of_today(self, codes: Sequence[str], now_ms: int) -> dict[str, Figure]:
        """For whoever hears them at a handset."""
        wall = self._office.wall(now_ms)
        if wall is None:
            return {}
        self._commit(now_ms, wall)
        return self._memory.today(codes, wall.astimezone(zone_of(self._desk.settings)))

    def _forgotten(
        self, request: OfficeRequest, now_ms: int, wall: datetime
    ) -> list[ToLinedMessage]:
        """Somebody is about to be erased: queues forget him before, or they write him again."""
        numbers: tuple[str, ...] = ()
        if isinstance(request, ErasePerson):
            numbers = (request.number,)
        elif isinstance(request, EraseCustomer):
            card = self._records.cases.customer(request.customer)
            numbers = card.numbers if card is not None else ()
        effects: list[Effect] = []
        for number in numbers:
            forget(self._office.queues, number, now_ms, effects)
        return self._carry_out(effects, now_ms, wall)

    def _at_floor(
        self, request: FloorRequest, reply: Reply, now_ms: int, wall: datetime
    ) -> list[ToLinedMessage]:
        """Somebody at a desk or a board; what he did is kept before he is told that it was done."""
        answer, effects = self._office.asked(
            lambda out: self._floor.answer(request, now_ms, out), now_ms
        )
        out = self._carry_out(effects, now_ms, wall)
        if isinstance(request, AskCaller):
            self._commit(now_ms, wall)  # whoever asks reads the call's log next
        self._changed = self._changed or bool(effects)
        unkept = self._ledger.unwritten if effects else ""
        reply(Refused(id="not-kept", message=unkept) if unkept else answer)
        return out

    def _remind(self, now_ms: int, wall: datetime) -> list[ToLinedMessage]:
        """Tickets whose time is half or wholly gone: kept first, then told by telephone."""
        try:
            self._ledger.enter(self._memory.cases.advance(now_ms, wall), now_ms)
        except OSError as problem:
            log.warning("steps of tickets cannot be kept and come later: %s", problem)
        self._commit(now_ms, wall)
        reminders = self._memory.cases.take_reminders()
        if not reminders:
            return []

        def told(out: list[Effect]) -> NotedAnswer:
            remind(self._office.queues, reminders, wall, now_ms, out)
            return NotedAnswer()

        return self._carry_out(self._office.asked(told, now_ms)[1], now_ms, wall)

    def _tell_dates(self, now_ms: int, wall: datetime) -> list[ToLinedMessage]:
        """Customers whose day it is: what is owed and that it was told are kept together."""
        found = self._dates.look(now_ms, wall)
        if not found:
            return []

        def told(out: list[Effect]) -> NotedAnswer:
            self._dates.tell(self._office.queues, found, wall, now_ms, out)
            return NotedAnswer()

        done = self._carry_out(self._office.asked(told, now_ms)[1], now_ms, wall)
        self._commit(now_ms, wall)
        return done

    def _ask(self, reply: Reply, message: Callable[[int], ToLinedMessage]) -> list[ToLinedMessage]:
        if not self._connected:
            reply(_lines_away())
            return []
        ask = self._next_ask
        self._next_ask += 1
        self._asks[ask] = reply
        return [message(ask)]

    def _measure(
        self, port: str, reply: Reply, now_ms: int, wall: datetime
    ) -> list[ToLinedMessage]:
        if not self._connected:
            reply(_lines_away())
            return []
        effects: list[Effect] = []
        state = self._office.line_desk.begin(port, now_ms, effects)
        if state:
            reply(Refused(id=f"line-{state}", message=f"{port} is not free: {state}"))
            return []
        self._measuring[port] = reply
        return self._carry_out(effects, now_ms, wall)

    def _answer_measured(self, measured: LineMeasured) -> None:
        if reply := self._measuring.pop(measured.port, None):
            reply(MeasuredAnswer(name=self._office.line_name(measured.port), measured=measured))

    def _put_in_force(
        self, refused: Refused | None, reply: Reply, now_ms: int, wall: datetime
    ) -> list[ToLinedMessage]:
        """After a change of the settings: the office follows it, or the asker hears why not."""
        if refused is not None:
            reply(refused)
            return []
        self._changed = True
        self._outbox.news(wall)
        effects = self._office.apply_settings(self._desk.settings, now_ms)
        out = self._carry_out(effects, now_ms, wall)
        reply(self._desk.answer())
        return out

    # --- effects ----------------------------------------------------------------------------------

    def _judged(self, reply: Reply, language: str, now_ms: int) -> Reply:
        """Readings are answered with what the doctors of their lines and telephones say."""

        def tell(answer: msgspec.Struct) -> None:
            if isinstance(answer, LinesAnswer):
                ports = [reading.port for reading in answer.readings]
                said = {port: self._office.jack_verdict(port, language, now_ms) for port in ports}
                spoken = {port: words for port, words in said.items() if words}
                answer = msgspec.structs.replace(answer, verdicts=spoken)
            reply(answer)

        return tell

    def _carry_out(
        self, effects: Sequence[Effect], now_ms: int, wall: datetime
    ) -> list[ToLinedMessage]:
        """Keep what is to be kept, in order; give back what lined shall do.

        A milestone is committed before anything behind it is done: voices are joined only when the
        record says so.
        """
        self._due_ms = None  # what was done beside the loop comes in here only
        taught = self._lines.keep(wall) and self._connected
        out: list[ToLinedMessage] = [self._lines.learned()] if taught else []
        looked_up: list[tuple[str, LookedUp]] = []
        milestone = False
        for effect in effects:
            if isinstance(effect, LogEntry):
                self._ledger.enter((effect,), now_ms)
                milestone = milestone or isinstance(effect, MILESTONES)
            elif isinstance(effect, MailboxChange):
                self._keep_message(effect)
                mailed = voicemail_mail(effect, self._desk.settings, now_ms)
                self._ledger.enter(mailed, now_ms)
                milestone = milestone or bool(mailed)
            elif isinstance(effect, ChangeSettings):
                self._keep_change(effect, wall)
            elif isinstance(effect, StudioOrder):
                self.studio.order(effect, now_ms, wall)
            elif isinstance(effect, OutsideLookUp):
                known = self._look_ups.ask(effect, self._desk.settings)
                if known is not None:
                    looked_up.append(known)
            elif isinstance(effect, LineCommand | MediaCommand):
                if milestone and isinstance(effect, SetBridge) and effect.parties:
                    self._commit(now_ms, wall)
                    milestone = False
                if (prepared := self._prepared(effect)) is not None:
                    out.append(prepared)
                if isinstance(effect, StartRecording) and self._office.premises.nothing_kept:
                    out.append(StopRecording(recording=effect.recording))  # what began is closed
        if milestone:
            self._commit(now_ms, wall)
        if self._office.queues.changed:
            self._ledger.queues_moved(now_ms)
        out += self.take_late()
        for call, answer in looked_up:
            out += self._carry_out(self._office.looked_up(call, answer, now_ms), now_ms, wall)
        return out

    def work_aside(self, aside: Aside) -> None:
        """From now on what takes long is done beside the loop."""
        self._aside = self.studio.aside = aside
        if self._recordings.opener is not None:
            self._recordings.opener.aside = aside

    def take_late(self) -> list[ToLinedMessage]:
        """Messages for lined that came of what was done beside the loop."""
        opener = self._recordings.opener
        return [*self.studio.take_late(), *(opener.take_late() if opener is not None else ())]

    def _prepared(self, effect: ToLinedMessage) -> ToLinedMessage | None:
        """Sound in the listener's language, recordings opened for him; what is made is sealed.

        None: the recording is being opened; :meth:`take_late` gives the play-out.
        """
        if self._recordings.opener is not None:
            self._recordings.opener.told(effect)
        match effect:
            case Play():
                return self._recordings.opened(self.studio.spoken(effect))
            case StartRecording():
                return self._recordings.sealed(effect)
            case _:
                return effect

    # --- what menus look up -----------------------------------------------------------------------

    def take_web_questions(self) -> list[WebQuestion]:
        """What the shell is to ask other machines; :meth:`web_answered` is told each answer."""
        return self._look_ups.take_questions()

    def web_answered(self, answer: WebAnswer, now_ms: int, wall: datetime) -> list[ToLinedMessage]:
        """Another machine has answered, or will not."""
        self._due_ms = None
        if answer.failed:
            log.warning("a menu's question was not answered: %s", answer.failed)
        known = self._look_ups.answered(answer)
        if known is None:
            return []
        self._changed = True
        return self._carry_out(self._office.looked_up(known[0], known[1], now_ms), now_ms, wall)

    def _calls_of(self, number: str, call: str) -> int:
        """Earlier calls from a number, up to fifty."""
        found = self._records.calls(50, filters=CallFilter(number=number))
        return sum(record.call != call and record.caller_number == number for record in found)

    def _alarm(self, sentence: str) -> None:
        if sentence not in self._alarms:
            self._alarms = (*self._alarms, sentence)
            log.error("%s", sentence)

    def _keep_message(self, change: MailboxChange) -> None:
        """Keep what changed in a mailbox. A card that takes nothing costs an alarm, not a call."""
        row = MessageRow(**msgspec.structs.asdict(change.message))
        try:
            if isinstance(change, Erase):
                self._records.messages.erase(row)
            else:
                self._records.messages.keep(row)
        except OSError as problem:
            self._alarm(str(problem))

    def _close_messages(self, snapshot: Snapshot, now_ms: int) -> list[Effect]:
        """Messages that were being spoken as both daemons ended: what the file has is kept."""
        running = [recording.recording for recording in snapshot.recordings]
        effects: list[Effect] = []
        for message in self._office.unfinished_messages(running):
            try:
                samples = mended(Path(message.path))
            except OSError as problem:
                log.warning("message %s is lost: %s", message.message, problem)
                samples = 0
            closed = RecordingFinished(
                port="",
                at_ms=now_ms,
                recording=message.message,
                path=message.path,
                duration_ms=samples * 1_000 // SAMPLE_RATE_HZ,
            )
            effects += self._office.handle(closed, now_ms)
        return effects

    def _keep_change(self, change: ChangeSettings, wall: datetime) -> None:
        """Keep what a handset changed as a version; it is in force already."""
        if failed := self._desk.keep(change.settings, change.who, change.why, wall):
            self._alarm(failed)
        self._changed = True

    def _commit(self, now_ms: int, wall: datetime) -> None:
        """Write what waits; what was written is looked at by whoever lives from the log."""
        self._changed = self._changed or self._backups.changed
        entries = self._ledger.commit(now_ms, wall)
        if entries is None:
            return
        # What was just written is a sign of life: a heartbeat only when nothing happens.
        self._heartbeat_at = now_ms + HEARTBEAT_ROW_MS
        self._memory.told(entries, now_ms, wall)
        self._outbox.told(entries, wall)
        self.faxes.told(entries)
        self._recordings.told(entries)
        self._drill.told(entries)

    def close(self, now_ms: int, wall: datetime) -> None:
        """Write what waits and let other programs have the stores."""
        if self._starts is not None:
            self._starts.ended()
        self._commit(now_ms, wall)
        self._lines.close(wall)
        self.abandon()

    def abandon(self) -> None:
        """Let go of the stores without writing, as an end without notice does."""
        self._records.close()
        self._settings.close()


def _none(_messages: list[ToLinedMessage]) -> None:
    """Of a question to the archive nothing follows for the lines."""


def _nobody_asked(_answer: msgspec.Struct) -> None:
    """The doctors have read it on its way."""


def _lines_away() -> Refused:
    return Refused(id="lines-away", message="the line daemon is not connected; is lined running?")
