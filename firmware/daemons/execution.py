"""What the office wants done: kept first where it is to be kept, then handed to whoever does it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Final

import msgspec

from drivers.line import AnyLineCommand, LineCommand
from firmware.call.orders import ChangeSettings
from firmware.control.messages import DumpRegisters, Hello, KeepAlive, KnowLines, Measure
from firmware.control.trunk_messages import ProbeTrunk
from firmware.core.commands import (
    AnyMediaCommand,
    MediaCommand,
    Play,
    SetBridge,
    StartRecording,
    StopRecording,
)
from firmware.core.log_entries import AnyLogEntry, LogEntry
from firmware.daemons.aside import Aside, at_once
from firmware.daemons.desks.outgoing import voicemail_mail
from firmware.daemons.desks.recording_desk import RecordingDesk
from firmware.daemons.desks.settings_desk import SettingsDesk
from firmware.daemons.desks.studio_desk import StudioDesk
from firmware.daemons.ledger import MILESTONES, Ledger
from firmware.daemons.line_memory import LineMemory
from firmware.daemons.lobby import OutsideLookUp
from firmware.daemons.look_ups import LookUps
from firmware.daemons.office import Effect, Office
from firmware.daemons.web_look_up import WebAnswer
from firmware.dialogs.told import StudioOrder
from firmware.storage.messages import MessageRow
from firmware.storage.records import Records
from firmware.voicemail.mailbox import Erase, MailboxChange
from ivr.orders import LookedUp

log = logging.getLogger(__name__)

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
"""What lined shall do, or one of the daemons that stand for ports of other kinds."""

# Each in zh-CN and in en.
UNKEPT: Final = {
    "message": (
        "信箱的一处改动写不进存储卡（{why}）",
        "a change of a mailbox cannot be kept: {why}",
    ),
    "change": (
        "话机上所做的更改没有保存（{why}）",
        "a change made at a handset was not saved: {why}",
    ),
}

Written = Callable[[list[AnyLogEntry], int, datetime], None]


class Execution:
    """Carries out effects in their order.

    Args:
        records: Open for writing.
        office: Whose effects they are.
        desk: Of the settings; keeps what a handset changed.
        ledger: Where entries wait for the card.
        lines: What exchange lines have taught.
        look_ups: What menus ask of the log and of other machines.
        studio: Own prompts; speaks every play in the listener's language.
        recordings: Opened for whoever listens, sealed as they are made.
        written: Told entries that are on the card, with monotonic ms and wall clock.
        restless: Whether the status is another though nothing was entered.
    """

    def __init__(
        self,
        *,
        records: Records,
        office: Office,
        desk: SettingsDesk,
        ledger: Ledger,
        lines: LineMemory,
        look_ups: LookUps,
        studio: StudioDesk,
        recordings: RecordingDesk,
        written: Written,
        restless: Callable[[], bool],
    ) -> None:
        self._records = records
        self._office = office
        self._desk = desk
        self.ledger = ledger
        self._lines = lines
        self._look_ups = look_ups
        self._studio = studio
        self._recordings = recordings
        self._written = written
        self._restless = restless
        self.aside: Aside = at_once
        self.connected = False
        """Whether there is a lined to be told anything."""
        self.changed = True
        """Whether the status may differ from the last one."""
        self.due_ms: int | None = None
        """The next deadline that was found; None when something has happened since."""
        self._unkept: list[tuple[str, str]] = []  # key of UNKEPT, and why
        self._late: list[ToLinedMessage] = []

    # --- the log ----------------------------------------------------------------------------------

    def enter(self, entries: Iterable[AnyLogEntry], now_ms: int) -> None:
        """These are kept with the next commit."""
        self.ledger.enter(entries, now_ms)

    def commit(self, now_ms: int, wall: datetime) -> None:
        """Write what waits; what was written is looked at by whoever lives from the log."""
        self.changed = self.changed or self._restless()
        entries = self.ledger.commit(now_ms, wall)
        if entries is not None:
            self._written(entries, now_ms, wall)

    def keep(self, entries: Iterable[AnyLogEntry], now_ms: int, wall: datetime) -> None:
        """These are kept now."""
        self.enter(entries, now_ms)
        self.commit(now_ms, wall)

    # --- effects ----------------------------------------------------------------------------------

    def carry_out(
        self, effects: Sequence[Effect], now_ms: int, wall: datetime
    ) -> list[ToLinedMessage]:
        """Keep what is to be kept, in order; give back what lined shall do.

        A milestone is committed before anything behind it is done: voices are joined only when the
        record says so.
        """
        self.due_ms = None  # what was done beside the loop comes in here only
        taught = self._lines.keep(wall) and self.connected
        out: list[ToLinedMessage] = [self._lines.learned()] if taught else []
        looked_up: list[tuple[str, LookedUp]] = []
        milestone = False
        for effect in effects:
            if isinstance(effect, LogEntry):
                self.enter((effect,), now_ms)
                milestone = milestone or isinstance(effect, MILESTONES)
            elif isinstance(effect, MailboxChange):
                self._keep_message(effect)
                mailed = voicemail_mail(effect, self._desk.settings, now_ms)
                self.enter(mailed, now_ms)
                milestone = milestone or bool(mailed)
            elif isinstance(effect, ChangeSettings):
                self._keep_change(effect, wall)
            elif isinstance(effect, StudioOrder):
                self._studio.order(effect, now_ms, wall)
            elif isinstance(effect, OutsideLookUp):
                known = self._look_ups.ask(effect, self._desk.settings)
                if known is not None:
                    looked_up.append(known)
            elif isinstance(effect, LineCommand | MediaCommand):
                if milestone and isinstance(effect, SetBridge) and effect.parties:
                    self.commit(now_ms, wall)
                    milestone = False
                if (prepared := self._prepared(effect)) is not None:
                    out.append(prepared)
                if isinstance(effect, StartRecording) and self._office.premises.nothing_kept:
                    out.append(StopRecording(recording=effect.recording))  # what began is closed
        if milestone:
            self.commit(now_ms, wall)
        if self._office.queues.changed:
            self.ledger.queues_moved(now_ms)
        out += self.take_late()
        for call, answer in looked_up:
            out += self.carry_out(self._office.looked_up(call, answer, now_ms), now_ms, wall)
        return out

    def asked(
        self, ask: Callable[[list[Effect]], None], now_ms: int, wall: datetime
    ) -> list[ToLinedMessage]:
        """Have the office do what somebody wants; ``ask`` adds effects to its list."""
        return self.carry_out(self._office.asked(ask, now_ms)[1], now_ms, wall)

    def web_answered(self, answer: WebAnswer, now_ms: int, wall: datetime) -> list[ToLinedMessage]:
        """Another machine has answered a menu, or will not."""
        self.due_ms = None
        if answer.failed:
            log.warning("a menu's question was not answered: %s", answer.failed)
        known = self._look_ups.answered(answer)
        if known is None:
            return []
        self.changed = True
        return self.carry_out(self._office.looked_up(known[0], known[1], now_ms), now_ms, wall)

    def work_aside(self, aside: Aside) -> None:
        """From now on what takes long is done beside the loop."""
        self.aside = self._studio.aside = aside
        if self._recordings.opener is not None:
            self._recordings.opener.aside = aside

    def later(self, messages: Sequence[ToLinedMessage]) -> None:
        """Messages for lined from where nobody can hand them on; :meth:`take_late` gives them."""
        self._late += messages

    def take_late(self) -> list[ToLinedMessage]:
        """Messages for lined that came of what was done beside the loop."""
        late, self._late = self._late, []
        opener = self._recordings.opener
        opened = opener.take_late() if opener is not None else ()
        return [*late, *self._studio.take_late(), *opened]

    def _prepared(self, effect: ToLinedMessage) -> ToLinedMessage | None:
        """Sound in the listener's language, recordings opened for him; what is made is sealed.

        None: the recording is being opened; :meth:`take_late` gives the play-out.
        """
        if self._recordings.opener is not None:
            self._recordings.opener.told(effect)
        match effect:
            case Play():
                return self._recordings.opened(self._studio.spoken(effect))
            case StartRecording():
                return self._recordings.sealed(effect)
            case _:
                return effect

    # --- what is kept beside the log --------------------------------------------------------------

    def _keep_message(self, change: MailboxChange) -> None:
        """Keep what changed in a mailbox. A card that takes nothing costs an alarm, not a call."""
        row = MessageRow(**msgspec.structs.asdict(change.message))
        try:
            if isinstance(change, Erase):
                self._records.messages.erase(row)
            else:
                self._records.messages.keep(row)
        except OSError as problem:
            self._alarm("message", str(problem))

    def _keep_change(self, change: ChangeSettings, wall: datetime) -> None:
        """Keep what a handset changed as a version; it is in force already."""
        if failed := self._desk.keep(change.settings, change.who, change.why, wall):
            self._alarm("change", failed)
        self.changed = True

    def alarms_in(self, language: str) -> tuple[str, ...]:
        """What could not be kept since the start, for people."""
        at = 0 if language.startswith("zh") else 1
        return tuple(UNKEPT[key][at].format(why=why) for key, why in self._unkept)

    def _alarm(self, key: str, why: str) -> None:
        if (key, why) not in self._unkept:
            self._unkept.append((key, why))
            log.error("%s", UNKEPT[key][1].format(why=why))
