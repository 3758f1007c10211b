"""The memory of the office, asked and told: what waits is kept first, so all of it is looked at."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime

from firmware.call.hours import zone_of
from firmware.control.case_messages import ChangeTicket, EraseCustomer, TicketAnswer
from firmware.control.messages import Refused
from firmware.control.office_messages import ErasedAnswer, ErasePerson, OfficeRequest
from firmware.control.recording_messages import AnyRecordingRequest
from firmware.daemons.desks.key_date_desk import KeyDateDesk
from firmware.daemons.desks.memory_desk import MemoryDesk
from firmware.daemons.desks.recording_desk import RecordingDesk
from firmware.daemons.desks.reminding import remind
from firmware.daemons.desks.reply import Reply
from firmware.daemons.desks.settings_desk import SettingsDesk
from firmware.daemons.execution import Execution, ToLinedMessage
from firmware.daemons.floor.after_calls import LastCall
from firmware.daemons.floor.forgetting import forget
from firmware.daemons.office import Effect, Office
from firmware.reports.measures import Figure
from firmware.storage.call_query import CallFilter
from firmware.storage.records import Records

log = logging.getLogger(__name__)

MOST_EARLIER = 50
"""Earlier calls of a number, as a menu counts them."""


class RecordRoom:
    """Between the desks of the memory and the office that lives from it.

    Args:
        execution: Keeps entries and carries out what follows.
        records: Open for writing.
        office: Rings, asks and forgets.
        settings: A person who is erased leaves lists in them, too.
        memory: Figures, customers, tickets, audit.
        recordings: Their desk.
        dates: Customers whose day it is.
    """

    def __init__(
        self,
        execution: Execution,
        records: Records,
        office: Office,
        settings: SettingsDesk,
        memory: MemoryDesk,
        recordings: RecordingDesk,
        dates: KeyDateDesk,
    ) -> None:
        self._execution = execution
        self._records = records
        self._office = office
        self._settings = settings
        self._memory = memory
        self._recordings = recordings
        self._dates = dates

    @property
    def due_ms(self) -> int:
        """When :meth:`advance` is due."""
        return self._dates.at_ms

    def answer(
        self, request: OfficeRequest, reply: Reply, now_ms: int, wall: datetime
    ) -> list[ToLinedMessage]:
        """One request; what follows for telephones comes back."""
        out = self._forgotten(request, now_ms, wall)
        self._execution.commit(now_ms, wall)
        desk = self._recordings if isinstance(request, AnyRecordingRequest) else self._memory
        answer, entries = desk.answer(request, now_ms, wall)
        self._execution.keep(entries, now_ms, wall)
        if self._execution.ledger.unwritten and entries:
            answer = Refused(id="not-kept", message=self._execution.ledger.unwritten)
        reply(answer)
        if isinstance(request, ChangeTicket) and isinstance(answer, TicketAnswer):
            return out + self._solved(request, answer, now_ms, wall)
        if not isinstance(answer, ErasedAnswer):
            return out
        # A list of numbers may be shorter now.
        self._execution.changed = True
        effects = self._office.apply_settings(self._settings.reload(), now_ms)
        return out + self._execution.carry_out(effects, now_ms, wall)

    def remind(self, now_ms: int, wall: datetime) -> list[ToLinedMessage]:
        """Tickets whose time is half or wholly gone: kept first, then told by telephone."""
        try:
            self._execution.enter(self._memory.cases.advance(now_ms, wall), now_ms)
        except OSError as problem:
            log.warning("steps of tickets cannot be kept and come later: %s", problem)
        self._execution.commit(now_ms, wall)
        reminders = self._memory.cases.take_reminders()
        if not reminders:
            return []

        def told(out: list[Effect]) -> None:
            remind(self._office.queues, reminders, wall, now_ms, out)

        return self._execution.asked(told, now_ms, wall)

    def advance(self, now_ms: int, wall: datetime) -> list[ToLinedMessage]:
        """Customers whose day it is: what is owed and that it was told are kept together."""
        if now_ms < self._dates.at_ms:
            return []
        found = self._dates.look(now_ms, wall)
        if not found:
            return []

        def told(out: list[Effect]) -> None:
            self._dates.tell(self._office.queues, found, wall, now_ms, out)

        done = self._execution.asked(told, now_ms, wall)
        self._execution.commit(now_ms, wall)
        return done

    def figures_of_today(self, codes: Sequence[str], now_ms: int) -> dict[str, Figure]:
        """For whoever hears them at a handset."""
        wall = self._office.wall(now_ms)
        if wall is None:
            return {}
        self._execution.commit(now_ms, wall)
        return self._memory.today(codes, wall.astimezone(zone_of(self._settings.settings)))

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

        def ask(out: list[Effect]) -> None:
            self._office.queues.after.solved(last, answer.ticket.group, "", now_ms, out)

        return self._execution.asked(ask, now_ms, wall)

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
        return self._execution.carry_out(effects, now_ms, wall)


def earlier_calls(records: Records, number: str, call: str) -> int:
    """Calls from a number before the call named, up to fifty: for menus that treat who comes back.

    Args:
        records: To be looked through.
        number: Of the caller.
        call: The call that is not counted.
    """
    found = records.calls(MOST_EARLIER, filters=CallFilter(number=number))
    return sum(record.call != call and record.caller_number == number for record in found)
