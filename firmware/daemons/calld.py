"""calld: call control. One loop around pure cores; the only writer of settings and records.

:class:`Calld` is told what happened and when, keeps the records and says what lined shall do; it
owns no socket and reads no clock, so the bench runs it in virtual time. The shell that does is
:mod:`firmware.daemons.call_loop`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from pathlib import Path

import msgspec

from drivers.line import LineEvent
from firmware.call.hours import zone_of
from firmware.control.fax_messages import FaxdGone, FaxEnded, FaxEndsSeen, FaxProgress
from firmware.control.messages import (
    Hello,
    KeepAlive,
    PowerSigns,
    Readings,
    RegisterDump,
    Snapshot,
    Status,
)
from firmware.control.update_messages import UpdateState
from firmware.core.countries import country as country_of
from firmware.core.events import (
    Heartbeat,
    LineMeasured,
    LoopTested,
    MediaEvent,
    RecordingFinished,
)
from firmware.core.log_entries import AnyLogEntry
from firmware.core.network_settings import Network
from firmware.core.settings import Settings
from firmware.daemons.adoption import closed_messages
from firmware.daemons.aside import Aside
from firmware.daemons.clock_trust import ClockTrust
from firmware.daemons.desks.archive import Archive
from firmware.daemons.desks.backup_desk import DOCUMENT as BACKUPS
from firmware.daemons.desks.backup_desk import BackupDesk
from firmware.daemons.desks.change_desk import ChangeDesk
from firmware.daemons.desks.change_trial import ChangeTrial
from firmware.daemons.desks.claim import ClaimWindow
from firmware.daemons.desks.drill_course import DrillCourse
from firmware.daemons.desks.drill_desk import DrillDesk
from firmware.daemons.desks.fax_alarms import DOCUMENT as FAXES
from firmware.daemons.desks.fax_desk import FaxDesk
from firmware.daemons.desks.floor_desk import FloorDesk
from firmware.daemons.desks.key_date_desk import DOCUMENT as KEY_DATES
from firmware.daemons.desks.key_date_desk import KeyDateDesk
from firmware.daemons.desks.line_inquiry import LineInquiry
from firmware.daemons.desks.loop_desk import LoopDesk
from firmware.daemons.desks.mailroom import Mailroom
from firmware.daemons.desks.memory_desk import MemoryDesk
from firmware.daemons.desks.outbox_desk import DOCUMENT as OUTBOX
from firmware.daemons.desks.outbox_desk import OutboxDesk
from firmware.daemons.desks.outgoing import outgoing_of
from firmware.daemons.desks.reception import Desks, Reception
from firmware.daemons.desks.record_room import RecordRoom, earlier_calls
from firmware.daemons.desks.recording_desk import RecordingDesk
from firmware.daemons.desks.reply import Reply
from firmware.daemons.desks.report_desk import DOCUMENT as REPORTS
from firmware.daemons.desks.report_desk import ReportDesk
from firmware.daemons.desks.settings_desk import SettingsDesk
from firmware.daemons.desks.studio_desk import StudioDesk
from firmware.daemons.desks.trunk_desk import TrunkDesk
from firmware.daemons.desks.update_desk import DOCUMENT as UPDATES
from firmware.daemons.desks.update_desk import UpdateDesk
from firmware.daemons.documents import Documents, Noted
from firmware.daemons.execution import Execution, ToLinedMessage
from firmware.daemons.ledger import Ledger
from firmware.daemons.line_memory import LineMemory
from firmware.daemons.lobby import Prompts
from firmware.daemons.look_ups import LookUps
from firmware.daemons.office import Effect, Office
from firmware.daemons.overview import Alarms, Overview
from firmware.daemons.rounds import Rounds
from firmware.daemons.upkeep.starts import SafeMode, StartBook
from firmware.daemons.web_look_up import WebAnswer, WebQuestion
from firmware.storage.damage import Damage
from firmware.storage.line_profiles import LineProfileStore
from firmware.storage.records import Records
from firmware.storage.settings import SettingsStore
from firmware.voicemail.mailbox import Message

LINED_BACK_MS = 5_000  # a lined that hung up is back in 100 ms, one that died in 2 s
TRIAL = "trial"  # name of the document of a change that waits to be confirmed


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
        damage: Sequence[Damage] = (),
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
            damage: what was found as the stores were opened, for the overview.
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
        self._clock = ClockTrust(trusted=trusted_clock)
        has = prompts.has if prompts else None
        self._starts = starts
        safe = SafeMode(starts.good, starts.failed) if starts is not None and starts.safe else None
        self._desk = SettingsDesk(
            settings, country, ClaimWindow(draw_code), has_prompt=has, safe=safe
        )

        def in_force() -> Settings:
            return self._desk.settings

        self._office = Office(
            self._desk.settings,
            country_of(country),
            records.next_call_id,
            folder=str(recordings),
            prompts=prompts,
        )
        calls_of = partial(earlier_calls, records)
        self._look_ups = LookUps(calls_of)
        self._trial = ChangeTrial()
        self._trial.know(records.document(TRIAL), now_ms)
        self._dates = KeyDateDesk(records, in_force, records.document(KEY_DATES), now_ms)
        self._reports = ReportDesk(in_force, records.document(REPORTS))
        self._backups = BackupDesk(recordings.parent, in_force, records.document(BACKUPS))
        self._outbox = OutboxDesk(records, in_force, records.document(OUTBOX))
        self.faxes = FaxDesk(records, in_force, recordings.parent, records.document(FAXES))
        records.outgoing = outgoing_of(in_force)
        self.updates = UpdateDesk(updates, in_force, records.document(UPDATES))
        self.loops = LoopDesk()
        noted: dict[str, Noted] = {
            UPDATES: self.updates,
            OUTBOX: self._outbox,
            FAXES: self.faxes.alarms,
            TRIAL: self._trial,
            BACKUPS: self._backups,
            REPORTS: self._reports,
            KEY_DATES: self._dates,
        }
        documents = Documents(records, self._office, noted, boot=boot)
        documents.know_counters(now_ms, wall)
        documents.know_bells(now_ms, wall)
        came_back = documents.know_queues(now_ms, wall)
        kept = [msgspec.convert(msgspec.structs.asdict(m), Message) for m in records.messages.all()]
        self._office.know_messages(kept)
        has_sound = has or (lambda _name: True)
        self.studio = StudioDesk(prompt_folder, self._office, has_sound, self._carry_out, voice)
        self._away_since: int | None = None  # calls may still be up in lined
        self._lines = LineMemory(lines, self._office, wall)
        self.trunks = TrunkDesk(in_force)
        self._memory = MemoryDesk(
            records, settings, recordings.parent, boot=boot, clock=self._clock, in_force=in_force
        )
        self._recordings = RecordingDesk(archive, records, in_force)
        self._memory.held = self._recordings.held_files
        self.execution = Execution(
            records=records,
            office=self._office,
            desk=self._desk,
            ledger=Ledger(records, documents, boot=boot, clock=self._clock),
            lines=self._lines,
            look_ups=self._look_ups,
            studio=self.studio,
            recordings=self._recordings,
            written=self._written,
            restless=lambda: self._backups.changed,
        )
        self._drill = DrillDesk(self._memory.quality, records, in_force)
        self._changes = ChangeDesk(
            self.execution, self._office, self._desk, self._trial, self._outbox
        )
        self._inquiry = LineInquiry(self.execution, self._office)
        self._mail = Mailroom(self.execution, self._office, self._outbox, self.faxes)
        remembered = (self._memory, self._recordings, self._dates)
        self._room = RecordRoom(self.execution, records, self._office, self._desk, *remembered)
        self._join_office()
        self._floor = FloorDesk(
            self._office, in_force, self._memory.cases.customer_of, records.cases.article
        )
        self._overview = self._seen_by_people((*damage, *self._lines.know()))
        self._course = DrillCourse(self.execution, self._office, self._drill, in_force, self.status)
        desks = self._staff()
        self._reception = Reception(
            self.execution, self._office, desks, self.status, prompts, calls_of
        )
        self._rounds = Rounds(
            self.execution, records, self._office, desks, self._reports, space, starts, boot, now_ms
        )
        records.close_interrupted(boot=boot, wall=wall, now_ms=now_ms)
        self.execution.enter(came_back, now_ms)
        if came_back:
            self.execution.commit(now_ms, wall)

    def _join_office(self) -> None:
        """What the office asks the memory and the desks while calls run."""
        cases, queues = self._memory.cases, self._office.queues
        self._office.claim = self._changes.claim_digits
        self._office.know_customers(cases.customer_of)
        self._office.butler.reference_of = self._records.cases.reference_of
        queues.whispers.known_of = cases.known_of
        queues.tickets_of = cases.tickets_of
        queues.day_figures = self._room.figures_of_today
        queues.contacts_of = cases.contacts_of

    def _seen_by_people(self, damage: Sequence[Damage]) -> Overview:
        """Args: ``damage``: what was found at the start."""
        execution, clock = self.execution, self._clock
        alarms: tuple[Alarms, ...] = (
            lambda language, _: self._office.alarms_in(language),
            lambda language, _: [one.sentence(language) for one in damage],
            lambda language, _: (*execution.alarms_in(language), *self.trunks.alarms_in(language)),
            lambda language, _: execution.ledger.alarms_in(language),
            lambda language, _: self._drill.alarms_in(language),
            lambda language, _: self._recordings.alarms_in(language),
            lambda language, _: self._backups.alarms_in(language),
            lambda language, _: (*self.updates.alarms_in(language), *clock.alarms(language)),
            self._outbox.alarms_in,
            lambda language, now_ms: self.faxes.alarms.worded(language, self._office.wall(now_ms)),
            lambda language, _: self._desk.alarms_in(language),
        )
        asked = (self._desk, self._trial, self._outbox, self._floor)
        return Overview(self.execution, self._office, *asked, alarms)

    def _staff(self) -> Desks:
        return Desks(
            settings=self._desk,
            changes=self._changes,
            lines=self._inquiry,
            trunks=self.trunks,
            loops=self.loops,
            floor=self._floor,
            room=self._room,
            recordings=self._recordings,
            mail=self._mail,
            outbox=self._outbox,
            backups=self._backups,
            updates=self.updates,
            studio=self.studio,
            drills=self._drill,
            course=self._course,
        )

    # --- lined ------------------------------------------------------------------------------------

    def lined_connected(self, now_ms: int) -> list[ToLinedMessage]:
        """A lined is there; it will send a snapshot before any event."""
        self.execution.due_ms = None
        self.execution.connected = True
        self.execution.changed = True
        self._rounds.greeted(now_ms)
        return [Hello(program="calld"), KeepAlive(at_ms=now_ms), self._lines.learned()]

    def lined_gone(self, now_ms: int, wall: datetime) -> None:
        """Lined's socket closed. It died, or it gave us up because we stood still for a while.

        In the second case every conversation is still up, and the next snapshot gives them back
        from their open records. So nothing is over before that, or before ``LINED_BACK_MS``.
        """
        self.execution.due_ms = None
        self.execution.connected = False
        self.execution.changed = True
        self._overview.counters = None
        self._inquiry.away()
        self._office.lines_away()
        self._away_since = now_ms
        self.execution.commit(now_ms, wall)

    def _lose_calls(self, now_ms: int, wall: datetime) -> None:
        self._away_since = None
        self.execution.carry_out(self._office.lines_lost(now_ms), now_ms, wall)
        self.execution.commit(now_ms, wall)

    def from_lined(self, message: object, now_ms: int, wall: datetime) -> list[ToLinedMessage]:
        """One message of lined; what it shall do comes back."""
        self.execution.due_ms = None
        self._office.tell_time(wall, now_ms)
        given_back = self._course.interrupted(message, now_ms, wall) or []
        return given_back + self._follow(message, now_ms, wall)

    def _follow(self, message: object, now_ms: int, wall: datetime) -> list[ToLinedMessage]:
        match message:
            case Snapshot():
                self.execution.changed = True
                if self._starts is not None:
                    self._starts.serves(now_ms)
                # These settings brought the box up: worth keeping apart from later ones.
                self._settings.mark_booted()
                if self._away_since is not None and not any(p.ready for p in message.ports):
                    self._lose_calls(now_ms, wall)  # a new lined, which has just reset the card
                self._away_since = None
                self.execution.commit(now_ms, wall)
                running = [recording.recording for recording in message.recordings]
                self._recordings.put_all_away(running)
                open_calls = self._records.open_calls()
                effects = self._office.adopt(message, open_calls, now_ms)
                for closed in closed_messages(self._office.unfinished_messages(running), now_ms):
                    effects += self._office.handle(closed, now_ms)
                return self.execution.carry_out(effects, now_ms, wall)
            case Heartbeat():
                self._overview.counters = message
                return []
            case PowerSigns(mains=mains, low=low):
                closing: list[Effect] = []
                premises = self._office.premises
                premises.power(
                    self._desk.settings, mains=mains, low=low, now_ms=now_ms, out=closing
                )
                self.execution.changed = True
                self.execution.commit(now_ms, wall)  # whatever comes now, it is kept
                return self.execution.carry_out(closing, now_ms, wall)
            case Readings():
                self._inquiry.read(message)
                return []
            case RegisterDump():
                self._inquiry.dumped(message)
                return []
            case LoopTested():
                self.loops.tested(message)
                return []
            case FaxEndsSeen() | FaxProgress() | FaxEnded() | FaxdGone():
                self.execution.changed = True
                self.faxes.heard(message, self.execution.aside)
                return self.execution.carry_out(
                    self._office.from_faxd(message, now_ms), now_ms, wall
                )
            case LineEvent() | MediaEvent():
                self.execution.changed = True
                effects = self._office.handle(message, now_ms)  # type: ignore[arg-type]  # the unions are closed
                if isinstance(message, LineMeasured):
                    self._inquiry.measured(message)
                elif isinstance(message, RecordingFinished):
                    self._recordings.finished(message)
                return self.execution.carry_out(effects, now_ms, wall)
            case _:
                return []

    # --- time -------------------------------------------------------------------------------------

    def next_deadline(self) -> int:
        """When :meth:`advance` wants to be called at the latest.

        Asked far more often than anything happens, so it is kept until something does.
        """
        if self.execution.due_ms is None:
            self.execution.due_ms = self._earliest()
        return self.execution.due_ms

    def _earliest(self) -> int:
        due = self._rounds.deadlines
        if self._away_since is not None:
            due.append(self._away_since + LINED_BACK_MS)
        elif (deadline := self._office.next_deadline()) is not None:
            due.append(deadline)
        return min(due)

    def advance(self, now_ms: int, wall: datetime) -> list[ToLinedMessage]:
        """Let timers fire."""
        self.execution.due_ms = None
        self._office.tell_time(wall, now_ms)
        out: list[ToLinedMessage] = []
        deadline = self._office.next_deadline()
        if self._away_since is not None:
            if now_ms >= self._away_since + LINED_BACK_MS:
                self._lose_calls(now_ms, wall)
        elif deadline is not None and deadline <= now_ms:
            self.execution.changed = True
            out += self.execution.carry_out(self._office.advance(now_ms), now_ms, wall)
        return out + self._rounds.advance(now_ms, wall)

    # --- people and pages -------------------------------------------------------------------------

    def status(self, now_ms: int) -> Status:
        """The state of the box now."""
        return self._overview.status(now_ms)

    @property
    def stop_wanted(self) -> bool:
        """The battery is at its end: the machine is to be switched off in order."""
        return self._office.premises.stop_wanted

    @property
    def network(self) -> Network:
        """What is set of the box's network, for whoever carries it out."""
        return self._desk.settings.network

    @property
    def zone(self) -> str:
        """The office's time zone (IANA)."""
        return zone_of(self._desk.settings).key

    def know_clock(self, now_ms: int, *, trusted: bool) -> None:
        """Whether the wall clock was confirmed since the machine started."""
        if self._clock.know(now_ms, trusted=trusted):
            self.execution.changed = True

    def know_address(self, address: str) -> None:
        """The box's own address on the office's network, empty for none; told when it changes."""
        self._office.address = address

    def know_card(self, missing: str) -> bool:
        """The part of the line card that lined waits for, empty for none; whether that is new."""
        new, self._overview.no_card = missing != self._overview.no_card, missing
        self.execution.changed |= new
        return new

    def take_change(self) -> bool:
        """Whether the status may differ from the last time this was asked."""
        changed, self.execution.changed = self.execution.changed, False
        return changed

    def request(
        self, request: object, reply: Reply, now_ms: int, wall: datetime
    ) -> list[ToLinedMessage]:
        """Answer one question or carry out one change; ``reply`` is called once, now or later."""
        self.execution.due_ms = None
        return self._reception.answer(request, reply, now_ms, wall)

    def _carry_out(
        self, effects: Sequence[Effect], now_ms: int, wall: datetime
    ) -> list[ToLinedMessage]:
        return self.execution.carry_out(effects, now_ms, wall)  # which is made after the studio

    def _written(self, entries: Sequence[AnyLogEntry], now_ms: int, wall: datetime) -> None:
        """Entries that were just kept, for whoever lives from the log."""
        self._rounds.written(now_ms)
        self._memory.told(entries, now_ms, wall)
        self._outbox.told(entries, wall)
        self.faxes.told(entries)
        self._recordings.told(entries)
        self._drill.told(entries)

    def work_aside(self, aside: Aside) -> None:
        """From now on what takes long is done beside the loop."""
        self.execution.work_aside(aside)

    def take_late(self) -> list[ToLinedMessage]:
        """Messages for lined that came of what was done beside the loop."""
        return self.execution.take_late()

    # --- what menus look up -----------------------------------------------------------------------

    def take_web_questions(self) -> list[WebQuestion]:
        """What the shell is to ask other machines; :meth:`web_answered` is told each answer."""
        return self._look_ups.take_questions()

    def web_answered(self, answer: WebAnswer, now_ms: int, wall: datetime) -> list[ToLinedMessage]:
        """Another machine has answered, or will not."""
        return self.execution.web_answered(answer, now_ms, wall)

    def close(self, now_ms: int, wall: datetime) -> None:
        """Write what waits and let other programs have the stores."""
        if self._starts is not None:
            self._starts.ended()
        self.execution.commit(now_ms, wall)
        self._lines.close(wall)
        self.abandon()

    def abandon(self) -> None:
        """Let go of the stores without writing, as an end without notice does."""
        self._records.close()
        self._settings.close()
