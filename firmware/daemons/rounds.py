"""What call control does at its hour, whether anything happens or not."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from datetime import datetime
from typing import Final

from firmware.control.messages import KeepAlive
from firmware.daemons.card_space import LOOK_MS as SPACE_LOOK_MS
from firmware.daemons.card_space import CardSpace
from firmware.daemons.desks.reception import Desks
from firmware.daemons.desks.report_desk import ReportDesk
from firmware.daemons.execution import Execution, ToLinedMessage
from firmware.daemons.office import Effect, Office
from firmware.daemons.upkeep.starts import StartBook
from firmware.storage.errors import StorageError
from firmware.storage.records import Records

KEEP_ALIVE_MS: Final = 500
"""lined takes care of the calls by itself 2 s after the last one."""

LOOK_MS: Final = 300_000
"""Readings for the doctors of telephones: a leak needs three of them. Backups, reports and the
time of tickets are looked at as often."""

HEARTBEAT_ROW_MS: Final = 60_000
"""An open call of a power cut ends at most so long before the truth."""


class Rounds:
    """Everything that is due by itself.

    Args:
        execution: Keeps entries and carries out what follows.
        records: Open for writing.
        office: Its premises have times of their own.
        desks: All of them.
        reports: Which are to be mailed.
        space: Free and all bytes of the card; None where nobody looks.
        starts: Counts starts that fail; None where nobody does.
        boot: Names the running kernel's boot.
        now_ms: Monotonic time now.
    """

    def __init__(
        self,
        execution: Execution,
        records: Records,
        office: Office,
        desks: Desks,
        reports: ReportDesk,
        space: Callable[[], tuple[int, int]] | None,
        starts: StartBook | None,
        boot: str,
        now_ms: int,
    ) -> None:
        self._execution = execution
        self._records = records
        self._office = office
        self._desks = desks
        self._reports = reports
        self._space, self._card = space, CardSpace()
        self._starts = starts
        self._boot = boot
        self._keep_alive_at = now_ms
        self._heartbeat_at = now_ms + HEARTBEAT_ROW_MS
        self._look_at = now_ms + LOOK_MS
        self._space_at = now_ms

    def greeted(self, now_ms: int) -> None:
        """Lined has just been told that call control is there."""
        self._keep_alive_at = now_ms + KEEP_ALIVE_MS

    def written(self, now_ms: int) -> None:
        """What was just written is a sign of life: a heartbeat only when nothing happens."""
        self._heartbeat_at = now_ms + HEARTBEAT_ROW_MS

    @property
    def deadlines(self) -> list[int]:
        """When :meth:`advance` wants to be called; never empty."""
        desks = self._desks
        due = [self._keep_alive_at, self._heartbeat_at, self._look_at]
        due += [desks.room.due_ms, desks.mail.due_ms, desks.updates.due_ms]
        due += [*desks.recordings.deadlines, *desks.changes.deadlines]
        due += [*self._execution.ledger.deadlines, *desks.drills.deadlines, *desks.loops.deadlines]
        if self._space is not None:
            due.append(self._space_at)
        if self._starts is not None:
            due += self._starts.deadlines
        if (stop_ms := self._office.premises.next_deadline()) is not None:
            due.append(stop_ms)
        return due

    def advance(self, now_ms: int, wall: datetime) -> list[ToLinedMessage]:
        """Do what is due."""
        execution, desks = self._execution, self._desks
        out: list[ToLinedMessage] = []
        if any(now_ms >= due for due in execution.ledger.deadlines):
            execution.commit(now_ms, wall)
        desks.outbox.look(wall)
        done: list[Effect] = []
        self._office.premises.advance(desks.settings.settings, now_ms, done)
        out += execution.carry_out(done, now_ms, wall)
        if now_ms >= self._keep_alive_at:
            self._keep_alive_at = now_ms + KEEP_ALIVE_MS
            if execution.connected:
                out.append(KeepAlive(at_ms=now_ms))
        if desks.recordings.due(now_ms):
            execution.keep(desks.recordings.retain(now_ms, wall), now_ms, wall)
        if desks.backups.changed or self._reports.changed:
            execution.commit(now_ms, wall)
        if self._space is not None and now_ms >= self._space_at:
            self._space_at = now_ms + SPACE_LOOK_MS
            out += self._card_room(*self._space(), now_ms, wall)
        desks.loops.advance(now_ms)
        if self._starts is not None:
            self._starts.look(desks.settings.version, now_ms)
        if now_ms >= desks.updates.due_ms:
            self._look_for_updates(now_ms, wall)
        out += desks.course.advance(now_ms, wall)
        out += desks.changes.advance(now_ms, wall)
        out += desks.mail.advance(now_ms, wall)
        if now_ms >= self._look_at:
            self._look_at = now_ms + LOOK_MS
            desks.backups.look(wall, execution.aside)
            execution.enter(self._reports.look(now_ms, wall), now_ms)
            out += desks.lines.look()
            out += desks.room.remind(now_ms, wall)
        out += desks.room.advance(now_ms, wall)
        if now_ms >= self._heartbeat_at:
            self._heartbeat_at = now_ms + HEARTBEAT_ROW_MS
            # Only open calls need it, and an idle box shall not wear its card.
            if self._office.busy:
                with contextlib.suppress(StorageError):  # the ledger says that the card is sick
                    self._records.heartbeat(now_ms, boot=self._boot, wall=wall)
                execution.commit(now_ms, wall)  # minutes that were charged since
        return out

    def _look_for_updates(self, now_ms: int, wall: datetime) -> None:
        updates = self._desks.updates
        self._execution.enter(updates.look(len(self._office.calls), now_ms, wall), now_ms)
        if updates.changed:
            self._execution.commit(now_ms, wall)
            self._execution.changed = True

    def _card_room(
        self, free: int, total: int, now_ms: int, wall: datetime
    ) -> list[ToLinedMessage]:
        """Little room on the card: recordings stop with an alarm, before records have none."""
        if not self._card.told(free, total):
            return []
        self._execution.changed = True
        stopped: list[Effect] = []
        self._office.premises.card(low=self._card.low, out=stopped)
        return self._execution.carry_out(stopped, now_ms, wall)
