"""Where every request arrives: passed to the desk that answers it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import msgspec

from firmware.control.backup_messages import AskBackups, MakeBackup, ProtectBackups
from firmware.control.fax_desk_messages import FAX_ASK
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
    EndTrial,
    Hello,
    MeasureNow,
    OpenClaim,
    PlaceCall,
    Refused,
    RestoreSettings,
    SaveSettings,
    SeenDamage,
    Status,
    WatchStatus,
)
from firmware.control.office_messages import OfficeRequest
from firmware.control.outbox_messages import PEOPLE_ASK, AskOutbox, LendMessage, OutboxRequest
from firmware.control.prompt_messages import (
    AskPrompts,
    KeepPrompt,
    PromptPart,
    RemovePrompt,
    SpeakPrompt,
    SpeakTexts,
)
from firmware.control.quality_messages import AskDrill, EndDrill, StartDrill
from firmware.control.recording_messages import OpenRecording
from firmware.control.trunk_messages import AskTrunks, TryTrunk
from firmware.control.update_messages import AskLoop, AskUpdate, OrderUpdate
from firmware.core.desk_entries import Audited
from firmware.daemons.desks.backup_desk import BackupDesk
from firmware.daemons.desks.change_desk import ChangeDesk
from firmware.daemons.desks.click_to_call import click_to_call
from firmware.daemons.desks.drill_course import DrillCourse
from firmware.daemons.desks.drill_desk import DrillDesk
from firmware.daemons.desks.floor_desk import FloorDesk
from firmware.daemons.desks.hours_ahead import hours_ahead
from firmware.daemons.desks.line_inquiry import LineInquiry
from firmware.daemons.desks.loop_desk import LoopDesk
from firmware.daemons.desks.mailroom import Mailroom
from firmware.daemons.desks.outbox_desk import OutboxDesk
from firmware.daemons.desks.record_room import RecordRoom
from firmware.daemons.desks.recording_desk import RecordingDesk
from firmware.daemons.desks.reply import Reply
from firmware.daemons.desks.settings_desk import SettingsDesk
from firmware.daemons.desks.studio_desk import StudioDesk
from firmware.daemons.desks.trunk_desk import TrunkDesk
from firmware.daemons.desks.update_desk import UpdateDesk
from firmware.daemons.execution import Execution, ToLinedMessage
from firmware.daemons.lobby import Prompts
from firmware.daemons.office import Office
from firmware.daemons.what_if import rehearsed


class Desks(msgspec.Struct, frozen=True, kw_only=True):
    """Whom reception knows."""

    settings: SettingsDesk
    changes: ChangeDesk
    lines: LineInquiry
    trunks: TrunkDesk
    loops: LoopDesk
    floor: FloorDesk
    room: RecordRoom
    recordings: RecordingDesk
    mail: Mailroom
    outbox: OutboxDesk
    backups: BackupDesk
    updates: UpdateDesk
    studio: StudioDesk
    drills: DrillDesk
    course: DrillCourse


class Reception:
    """Answers one request after the other.

    Args:
        execution: Keeps entries and carries out what follows.
        office: Asked for what is no desk's.
        desks: All of them.
        status: Of the box at a time (monotonic ms).
        prompts: Which there are, for a call rehearsed; None for every one.
        calls_of: How many earlier calls came from a number, not counting the call named.
    """

    def __init__(
        self,
        execution: Execution,
        office: Office,
        desks: Desks,
        status: Callable[[int], Status],
        prompts: Prompts | None,
        calls_of: Callable[[str, str], int],
    ) -> None:
        self._execution = execution
        self._office = office
        self._desks = desks
        self._status = status
        self._prompts = prompts
        self._calls_of = calls_of

    def answer(
        self, request: object, reply: Reply, now_ms: int, wall: datetime
    ) -> list[ToLinedMessage]:
        """Answer one question or carry out one change; ``reply`` is called once, now or later."""
        desks = self._desks
        settings = desks.settings
        match request:
            case AskStatus() | WatchStatus():
                reply(self._status(now_ms))
            case AskLines(language=language):
                return desks.lines.lines(language, reply, now_ms)
            case MeasureNow(port=port):
                return desks.lines.measure(port, reply, now_ms, wall)
            case AskRegisters(port=port):
                return desks.lines.registers(port, reply)
            case AskTrunks():
                reply(desks.trunks.answer(now_ms))
            case TryTrunk():
                return [*desks.trunks.test(request, reply)]
            case AskChecklist():
                reply(self._office.portrait.checklist())
            case AskSettings():
                reply(settings.shown(request))
            case AskHistory():
                reply(settings.history(request.language))
            case SeenDamage(who=who):
                self._seen(who, reply, now_ms, wall)
            case AskCard():
                reply(settings.card(request.language))
            case AskHours():
                reply(hours_ahead(settings.settings, wall, request.language))
            case OpenClaim():
                reply(settings.open_claim(request.language, now_ms))
            case SaveSettings():
                return desks.changes.save(request, reply, now_ms, wall)
            case RestoreSettings():
                return desks.changes.restore(request, reply, now_ms, wall)
            case EndTrial():
                return desks.changes.end_trial(request, reply, now_ms, wall)
            case Claim():
                return desks.changes.claim(request, reply, now_ms, wall)
            case PlaceCall():
                return self._place(request, reply, now_ms, wall)
            case FloorRequest():
                return self._at_floor(request, reply, now_ms, wall)
            case MakeBackup() | ProtectBackups() | AskBackups():
                aside = self._execution.aside
                answer, noted = desks.backups.answer(request, now_ms, wall, aside)
                self._execution.keep(noted, now_ms, wall)
                reply(answer)
            case AskUpdate() | OrderUpdate():
                calls = len(self._office.calls)
                answer, noted = desks.updates.answer(request, calls, now_ms, wall)
                self._execution.keep(noted, now_ms, wall)
                self._execution.changed = True
                reply(answer)
            case AskLoop():
                ports = self._status(now_ms).ports
                connected = self._execution.connected
                return [*desks.loops.ask(ports, reply, now_ms, connected=connected)]
            case OpenRecording():
                self._open(request, reply, now_ms, wall)
                return self._execution.take_late()
            case LendMessage(path=path):
                desks.recordings.lend_message(path, self._execution.aside, reply)
            case AskOutbox():
                desks.outbox.ask(request, reply, now_ms, wall)
            case OutboxRequest():
                desks.mail.told(request, reply, now_ms, wall)
            case _ if isinstance(request, FAX_ASK):
                desks.mail.fax(request, reply, now_ms, wall)
            case _ if isinstance(request, PEOPLE_ASK):
                desks.mail.asked(request, reply, now_ms, wall)
            case StartDrill():
                return desks.course.begin(request, reply, now_ms, wall)
            case EndDrill():
                return desks.course.end(request, reply, now_ms, wall)
            case AskDrill():
                reply(desks.drills.asked(request, now_ms))
            case OfficeRequest():
                return desks.room.answer(request, reply, now_ms, wall)
            case AskWhatIf():
                in_force = settings.settings
                reply(rehearsed(request, in_force, wall, self._prompts, self._calls_of))
            case PromptPart() | KeepPrompt() | RemovePrompt() | AskPrompts():
                desks.studio.request(request, reply, wall)
            case SpeakPrompt() | SpeakTexts():
                desks.studio.request(request, reply, wall)
            case Hello():
                pass
            case _:
                reply(Refused(id="unknown-request", message="this request is not known here"))
        return []

    def _open(self, request: OpenRecording, reply: Reply, now_ms: int, wall: datetime) -> None:
        """Opened beside the loop first, then noted and answered."""

        def note() -> None:
            self._execution.later(self._desks.room.answer(request, reply, now_ms, wall))

        self._desks.recordings.unseal(request, self._execution.aside, note)

    def _seen(self, who: str, reply: Reply, now_ms: int, wall: datetime) -> None:
        """The alarm about damaged settings is put away, and who did it is kept."""
        desk = self._desks.settings
        noted = [
            Audited(at_ms=now_ms, who=who, action="change", what=f"damage seen: {kept}")
            for kept in desk.seen()
        ]
        self._execution.keep(noted, now_ms, wall)
        self._execution.changed = True
        reply(desk.history())

    def _place(
        self, request: PlaceCall, reply: Reply, now_ms: int, wall: datetime
    ) -> list[ToLinedMessage]:
        """A telephone is rung for a program."""
        office = self._office
        idle = office.idle_phones() if self._execution.connected else set()
        settings = self._desks.settings.settings
        refused = click_to_call(request, settings, office.bells, idle, now_ms)
        self._execution.changed = True
        out: list[ToLinedMessage] = []
        if refused is None:
            out = self._execution.carry_out(office.advance(now_ms), now_ms, wall)
        reply(refused or self._status(now_ms))
        return out

    def _at_floor(
        self, request: FloorRequest, reply: Reply, now_ms: int, wall: datetime
    ) -> list[ToLinedMessage]:
        """Somebody at a desk or a board; what he did is kept before he is told that it was done."""
        execution = self._execution
        answer, effects = self._office.asked(
            lambda out: self._desks.floor.answer(request, now_ms, out), now_ms
        )
        out = execution.carry_out(effects, now_ms, wall)
        if isinstance(request, AskCaller):
            execution.commit(now_ms, wall)  # whoever asks reads the call's log next
        execution.changed = execution.changed or bool(effects)
        unkept = execution.ledger.unwritten if effects else ""
        reply(Refused(id="not-kept", message=unkept) if unkept else answer)
        return out
