"""Queues and agents joined to the office: calls wait, sets ring, voices are joined, all is noted.

The distribution decides; calls ring, whisper and connect. What happens to calls is learned from
their own log, so nothing of a queue depends on which way a call took. Each part of it stands in a
module of its own and shares this desk.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final, Protocol

from firmware.acd import effects as said
from firmware.acd import events as told
from firmware.acd.distribution import Distribution
from firmware.acd.wait_estimate import expected_ms, mean_service_ms
from firmware.call.call import Call
from firmware.call.hours import zone_of
from firmware.call.orders import Summon
from firmware.core.acd_settings import queue_named
from firmware.core.fsm import earliest
from firmware.core.log_entries import LogEntry
from firmware.core.settings import Settings
from firmware.daemons.floor.acd_log import AcdLog
from firmware.daemons.floor.after_calls import AfterCalls
from firmware.daemons.floor.agent_sets import AgentSets
from firmware.daemons.floor.beckoning import Beckoning
from firmware.daemons.floor.bulletins import Bulletins
from firmware.daemons.floor.caller_texts import CallerTexts
from firmware.daemons.floor.continuity import Continuity
from firmware.daemons.floor.conversations import Conversations
from firmware.daemons.floor.errand_calls import ErrandCalls
from firmware.daemons.floor.notices import Notices
from firmware.daemons.floor.queue_alarms import QueueAlarms
from firmware.daemons.floor.reminders import Reminders
from firmware.daemons.floor.shifts import Shifts
from firmware.daemons.floor.supervision import Supervision
from firmware.daemons.floor.supervisors import Supervisors
from firmware.daemons.floor.surroundings import Surroundings
from firmware.daemons.floor.surveys import Surveys
from firmware.daemons.floor.waiting_room import WaitingRoom
from firmware.daemons.floor.whispers import Contact, Whispers
from firmware.reports.measures import Figure
from ivr.orders import QueueFigures

_FLEETING: Final = (told.LinesFree, told.ClockSet, told.SetTaken, told.SetFree)
"""What is seen anew after a restart; it is not kept for its own sake."""


class Front(Protocol):
    """The office, as queues need it."""

    @property
    def calls_by_id(self) -> dict[str, Call]:
        """Calls that are up."""
        ...

    def call_at(self, port: str) -> Call | None:
        """The call that the telephone's user is in."""
        ...

    def carry_out(self, effects: Any, now_ms: int, out: list[Any]) -> None:
        """Pass effects on."""
        ...

    def open_call(self, now_ms: int) -> Call:
        """A new call."""
        ...

    def dialog_of(self, call_id: str) -> Any:
        """The dialog that runs for a call, None for none."""
        ...

    def dialog_says(self, call_id: str, spoken: Any, now_ms: int, out: list[Any]) -> None:
        """What a dialog wants."""
        ...

    def phone_idle(self, port: str) -> bool:
        """The telephone can ring now."""
        ...

    @property
    def settings(self) -> Settings:
        """In force now."""
        ...

    def put_in_force(self, settings: Settings, now_ms: int) -> None:
        """New settings."""
        ...

    def show_waiting(self) -> None:
        """Telephones at which something waits to be heard say so."""
        ...

    def waiting_messages(self, extension: str) -> int:
        """Messages that an extension has not heard."""
        ...

    def free_lines(self) -> int:
        """Exchange lines that could be taken."""
        ...

    def wall(self, now_ms: int) -> datetime | None:
        """UTC."""
        ...


class QueueDesk:
    """Queues of the office.

    Attributes:
        office: Carries out what comes of it.
        settings: In force for queues.
        acd: The distribution; another one after a restart and new settings.
        changed: Something is to be kept.
        day_figures: Of today, by their codes, at a monotonic time; nothing without a log.

    Args:
        office: Carries out what comes of it.
        settings: As the office begins.
    """

    def __init__(self, office: Front, settings: Settings) -> None:
        self.office = office
        self.settings = settings
        self.acd = Distribution(settings.acd)
        self.log = AcdLog()
        self.day_figures: Callable[[Sequence[str], int], Mapping[str, Figure]] = lambda _c, _now: {}
        self.after = AfterCalls(self)
        self.room = WaitingRoom(self)
        self.sets = AgentSets(self)
        self.whispers = Whispers(self)
        self.texts = CallerTexts(self)
        self.bulletins = Bulletins(self)
        self.reminders = Reminders(self)
        self.surveys = Surveys(self)
        self.errands = ErrandCalls(self)
        self.talks = Conversations(self)
        self.around = Surroundings(self)
        self.continuity = Continuity(self)
        self.supervisors = Supervisors(self)
        self.beckoning = Beckoning(self)
        self.notices = Notices(self)
        self.alarms = QueueAlarms(self)
        self.shifts = Shifts(self)
        self.supervision = Supervision(self)
        # Whoever keeps the records tells.
        self.tickets_of: Callable[[str], int] = lambda _agent: 0
        self.contacts_of: Callable[[str], Sequence[Contact]] = lambda _number: ()
        self.changed = False

    @property
    def used(self) -> bool:
        """Whether the office has queues at all."""
        return bool(self.settings.acd.queues)

    def figures(self, text: str) -> QueueFigures:
        """How it stands with a queue, by number or name: who waits, and the wait to expect."""
        settings = queue_named(self.settings.acd, text)
        line = self.acd.hall.queues.get(settings.number) if settings is not None else None
        if line is None:
            return QueueFigures()
        service_ms = mean_service_ms(line.record.served_ms)
        wait_ms = expected_ms(line.waiting, service_ms, line.staffed)
        wait_s = None if wait_ms is None else wait_ms // 1_000
        return QueueFigures(waiting=line.waiting, wait_s=wait_s)

    # --- in -----------------------------------------------------------------------------------

    def note(self, entry: LogEntry, now_ms: int, out: list[Any]) -> None:
        """Learn from the log of a call."""
        if self.continuity.resting:
            return
        if entry.call in self.errands.running:
            self.errands.note(entry, self.errands.running[entry.call], now_ms, out)
        else:
            self.talks.note(entry, now_ms, out)

    def today(self, now_ms: int) -> date:
        """The office's date; the first of all while no clock is known."""
        wall = self.office.wall(now_ms)
        return date.min if wall is None else wall.astimezone(zone_of(self.settings)).date()

    def tell(self, event: told.AcdEvent, now_ms: int, out: list[Any]) -> list[said.AcdEffect]:
        """Tell the distribution, and do what it answers."""
        effects = self.acd.handle(event, now_ms)
        self.changed = self.changed or not isinstance(event, _FLEETING)
        self.follow(effects, now_ms, out)
        return effects

    def next_deadline(self) -> int | None:
        """When :meth:`advance` wants to be called."""
        if self.continuity.resting or not self.used:
            return None
        return earliest(
            self.acd.next_deadline(),
            self.after.next_deadline(),
            self.around.next_deadline(),
            self.supervision.next_deadline(),
        )

    def advance(self, now_ms: int, out: list[Any]) -> None:
        """Do what is due."""
        if self.continuity.resting:
            return
        self.around.advance(now_ms, out)
        effects = self.acd.advance(now_ms)
        spoken = (said.Announce, said.Comfort)
        self.changed = self.changed or not all(isinstance(e, spoken) for e in effects)
        self.follow(effects, now_ms, out)
        self.after.advance(now_ms, out)
        self.supervision.advance(now_ms, out)

    def settle(self, now_ms: int, out: list[Any], *, is_open: bool) -> None:
        """Look at what changed: settings, calls that are gone, sets, lines and hours."""
        if self.continuity.resting:
            return
        self.continuity.look(now_ms, out)
        if not self.used:
            return
        self.talks.bury(now_ms, out)
        self.errands.bury(now_ms, out)
        self.around.look(now_ms, out, is_open=is_open)
        self.supervision.settle(now_ms, out)

    # --- out ----------------------------------------------------------------------------------

    def follow(self, effects: Sequence[said.AcdEffect], now_ms: int, out: list[Any]) -> None:
        """Write down and do what the distribution answers."""
        for effect in effects:
            self.after.note(effect, now_ms)
            self.enter(list(self.log.entries(effect, self.acd, now_ms)), now_ms, out)
            self.supervision.note(effect, now_ms, out)
            match effect:
                case said.WrapUpClosed():
                    self.after.closed(effect, now_ms, out)
                case said.Comfort():
                    self.texts.look(effect.visit, now_ms, out)
                    self.room.tell(effect, now_ms, out)
                case said.OfferMade():
                    self.sets.offer(effect, now_ms, out)
                case said.OfferEnded():
                    self.sets.ended(effect, now_ms, out)
                case said.Connected():
                    self.sets.connected(effect, now_ms, out)
                case _:
                    self.room.tell(effect, now_ms, out)

    def enter(self, entries: Sequence[LogEntry], now_ms: int, out: list[Any]) -> None:
        """Entries of the log."""
        self.office.carry_out(entries, now_ms, out)
        self.supervision.entered(entries, now_ms, out)

    def order(self, call_id: str, order: Any, now_ms: int, out: list[Any]) -> None:
        """An order to a call, if that can take it."""
        call = self.office.calls_by_id.get(call_id)
        if call is not None and type(order) in call.TABLE.states[call.state].on:
            self.office.carry_out(call.handle(order, now_ms), now_ms, out)

    def ring(self, order: Summon, now_ms: int, out: list[Any]) -> Call:
        """Ring a telephone of the box's own accord."""
        call = self.office.open_call(now_ms)
        self.office.carry_out(call.handle(order, now_ms), now_ms, out)
        return call

    # --- who is where -------------------------------------------------------------------------

    def port_of(self, agent: str) -> str:
        """The telephone at which an agent is, empty for none."""
        return self.acd.hall.agents[agent].record.port

    def idle(self, port: str) -> bool:
        """The telephone can ring now."""
        return self.office.phone_idle(port)

    def agent_at(self, port: str) -> str:
        """The agent who is logged in at a telephone, empty for none."""
        return self.acd.hall.ports.get(port, "")
