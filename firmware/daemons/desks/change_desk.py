"""Changes of the settings: put in force, on trial, confirmed or taken back."""

from __future__ import annotations

from datetime import datetime

from firmware.control.messages import (
    Claim,
    ClaimAnswer,
    EndTrial,
    Refused,
    RestoreSettings,
    SaveSettings,
)
from firmware.daemons.desks.change_trial import ChangeTrial, trial_why
from firmware.daemons.desks.outbox_desk import OutboxDesk
from firmware.daemons.desks.reply import Reply
from firmware.daemons.desks.settings_desk import SettingsDesk, unsaved
from firmware.daemons.execution import Execution, ToLinedMessage
from firmware.daemons.office import Office

MS_PER_MIN = 60_000


def _nobody(_answer: object) -> None:
    """The trial's time is over; nobody waits for an answer."""


class ChangeDesk:
    """Between whoever changes the settings and the office that follows them.

    Args:
        execution: Carries out what follows for the lines.
        office: Follows the settings.
        desk: Has them.
        trial: Of the change that waits to be confirmed.
        outbox: Is told that its settings may be others.
    """

    def __init__(
        self,
        execution: Execution,
        office: Office,
        desk: SettingsDesk,
        trial: ChangeTrial,
        outbox: OutboxDesk,
    ) -> None:
        self._execution = execution
        self._office = office
        self._desk = desk
        self._trial = trial
        self._outbox = outbox

    @property
    def deadlines(self) -> tuple[int, ...]:
        """When :meth:`advance` is due, as far as it is."""
        return self._trial.deadlines

    def save(
        self, request: SaveSettings, reply: Reply, now_ms: int, wall: datetime
    ) -> list[ToLinedMessage]:
        """A new version."""
        before = self._desk.settings
        refused = self._desk.save(request, wall)
        if refused is None:
            self._trial.begin(before, self._desk.settings, request.trial_ms, now_ms)
            self._execution.commit(now_ms, wall)
        return self._put_in_force(refused, reply, now_ms, wall)

    def restore(
        self, request: RestoreSettings, reply: Reply, now_ms: int, wall: datetime
    ) -> list[ToLinedMessage]:
        """An earlier version becomes the newest, on trial as any other change."""
        before = self._desk.settings
        refused = self._desk.restore(request, wall)
        if refused is None:
            trial_ms = before.page.trial_min * MS_PER_MIN
            self._trial.begin(before, self._desk.settings, trial_ms, now_ms)
            self._execution.commit(now_ms, wall)
        return self._put_in_force(refused, reply, now_ms, wall)

    def claim(
        self, request: Claim, reply: Reply, now_ms: int, wall: datetime
    ) -> list[ToLinedMessage]:
        """The first owner brings his code."""
        refused = self._desk.claim_box(request, now_ms, wall)
        return self._put_in_force(refused, reply, now_ms, wall)

    def claim_digits(self, now_ms: int) -> str:
        """The code as a telephone says it; empty when nobody can claim the box any more."""
        opened = self._desk.open_claim(self._desk.settings.language, now_ms)
        return opened.code if isinstance(opened, ClaimAnswer) else ""

    def end_trial(
        self, request: EndTrial, reply: Reply, now_ms: int, wall: datetime
    ) -> list[ToLinedMessage]:
        """The change on trial is confirmed, or somebody takes it back."""
        if not request.keep:
            return self._take_back(request.who, reply, now_ms, wall)
        self._trial.end()
        self._execution.commit(now_ms, wall)
        self._execution.changed = True
        reply(self._desk.answer())
        return []

    def advance(self, now_ms: int, wall: datetime) -> list[ToLinedMessage]:
        """Nobody has confirmed the change in its time."""
        return self._take_back("tipring", _nobody, now_ms, wall) if self._trial.due(now_ms) else []

    def _take_back(
        self, who: str, reply: Reply, now_ms: int, wall: datetime
    ) -> list[ToLinedMessage]:
        """The change on trial is undone, as a new version of the settings."""
        wanted = self._trial.undone(self._desk.settings)
        if not self._trial.end():
            reply(self._desk.answer())
            return []
        failed = self._desk.keep(wanted, who, trial_why(wanted.language), wall)
        self._execution.commit(now_ms, wall)
        refused = Refused(id="settings-not-saved", message=unsaved(failed)) if failed else None
        return self._put_in_force(refused, reply, now_ms, wall)

    def _put_in_force(
        self, refused: Refused | None, reply: Reply, now_ms: int, wall: datetime
    ) -> list[ToLinedMessage]:
        """The office follows, or the asker hears why not."""
        if refused is not None:
            reply(refused)
            return []
        self._execution.changed = True
        self._outbox.news(wall)
        effects = self._office.apply_settings(self._desk.settings, now_ms)
        out = self._execution.carry_out(effects, now_ms, wall)
        reply(self._desk.answer())
        return out
