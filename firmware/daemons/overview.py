"""How the box is, for people: its state now, and what they must know."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec

from firmware.control.messages import Status
from firmware.core.events import Heartbeat
from firmware.core.settings import LANGUAGES, Language
from firmware.daemons.desks.change_trial import ChangeTrial
from firmware.daemons.desks.floor_desk import FloorDesk
from firmware.daemons.desks.outbox_desk import OutboxDesk
from firmware.daemons.desks.settings_desk import SettingsDesk
from firmware.daemons.execution import Execution
from firmware.daemons.office import Office

Alarms = Callable[[Language, int], Sequence[str]]
"""What somebody has to say, in a language, at a monotonic time in ms."""


class Overview:
    """The status, gathered from whoever knows a part of it.

    Args:
        execution: Knows whether lined is there.
        office: Ports, calls and queues.
        desk: Of the settings.
        trial: Of a change of them.
        outbox: What waits to be sent.
        floor: Queues and agents as a board shows them.
        alarms: Asked one after the other; their order is that of the page.
    """

    def __init__(
        self,
        execution: Execution,
        office: Office,
        desk: SettingsDesk,
        trial: ChangeTrial,
        outbox: OutboxDesk,
        floor: FloorDesk,
        alarms: Sequence[Alarms],
    ) -> None:
        self._execution = execution
        self._office = office
        self._desk = desk
        self._trial = trial
        self._outbox = outbox
        self._floor = floor
        self._alarms = alarms
        self.no_card = ""
        """The part of the line card that lined waits for, empty for none."""
        self.counters: Heartbeat | None = None
        """The last of lined."""

    def status(self, now_ms: int) -> Status:
        """The state of the box now."""
        own = self._desk.settings.language
        alarms = self._alarms_in(own, now_ms)
        others = [one for one in LANGUAGES if one != own] if alarms else []
        return msgspec.structs.replace(
            self._office.status(now_ms),
            lines_connected=self._execution.connected,
            texts=self._outbox.texts,
            no_card=self.no_card,
            counters=self.counters,
            alarms=alarms,
            alarms_in={one: self._alarms_in(one, now_ms) for one in others},
            settings_version=self._desk.version,
            trial_left_ms=self._trial.left_ms(now_ms),
            claimed=self._desk.claimed,
            claim_dial="" if self._desk.claimed else self._desk.claim_dial,
            floor=self._floor.floor(now_ms),
        )

    def _alarms_in(self, language: Language, now_ms: int) -> tuple[str, ...]:
        return tuple(said for alarms in self._alarms for said in alarms(language, now_ms))
