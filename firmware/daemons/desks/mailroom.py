"""What leaves the box besides speech: kept before it is answered, filed before a call is placed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

import msgspec

from firmware.control.messages import Refused
from firmware.control.outbox_messages import OutboxRequest
from firmware.core.log_entries import AnyLogEntry
from firmware.daemons.desks.fax_desk import FaxDesk
from firmware.daemons.desks.outbox_desk import OutboxDesk
from firmware.daemons.desks.reply import Reply
from firmware.daemons.execution import Execution, ToLinedMessage
from firmware.daemons.office import Office

Doing = Callable[[msgspec.Struct, int, datetime], tuple[msgspec.Struct, Sequence[AnyLogEntry]]]
"""Given a request, monotonic ms and the wall clock: the answer, and entries to be kept before it.
An ``OSError`` says that something could not be kept."""


class Mailroom:
    """Texts, mail, hooks and faxes on their way through the log.

    Args:
        execution: Keeps entries and carries out what follows.
        office: Places the calls of faxes.
        outbox: Of everything but faxes.
        faxes: Of faxes.
    """

    def __init__(
        self, execution: Execution, office: Office, outbox: OutboxDesk, faxes: FaxDesk
    ) -> None:
        self._execution = execution
        self._office = office
        self._outbox = outbox
        self._faxes = faxes

    @property
    def due_ms(self) -> int:
        """When :meth:`advance` is due."""
        return self._faxes.deadline()

    def told(self, request: OutboxRequest, reply: Reply, now_ms: int, wall: datetime) -> None:
        """Outboxd tells how something went; it hears once that this is kept, or why it is not."""
        self._execution.changed = True  # how the ways out are stands on the overview
        with self._outbox.answering(request, reply) as told:
            self._do(self._outbox.tell, request, told, now_ms, wall)

    def asked(self, request: msgspec.Struct, reply: Reply, now_ms: int, wall: datetime) -> None:
        """A person asks about texts, mail and hooks, or sends some."""
        self._do(self._outbox.people, request, reply, now_ms, wall)

    def fax(self, request: msgspec.Struct, reply: Reply, now_ms: int, wall: datetime) -> None:
        """A person sends a fax, or does something with one."""
        self._do(self._faxes.answer, request, reply, now_ms, wall)

    def advance(self, now_ms: int, wall: datetime) -> list[ToLinedMessage]:
        """What follows from faxes is kept before a call is placed for one."""
        if now_ms < self._faxes.deadline():
            return []
        self._execution.commit(now_ms, wall)
        if self._execution.ledger.unwritten:
            self._faxes.wait(now_ms)  # what was decided twice would be done twice
            return []
        entries = self._faxes.look(now_ms, wall)
        if not entries and not self._faxes.changed:
            return []
        self._execution.keep(entries, now_ms, wall)
        effects = self._office.send_faxes(self._faxes.take_orders(), now_ms)
        return self._execution.carry_out(effects, now_ms, wall)

    def _do(
        self, do: Doing, request: msgspec.Struct, reply: Reply, now_ms: int, wall: datetime
    ) -> None:
        self._execution.commit(now_ms, wall)
        try:
            answer, entries = do(request, now_ms, wall)
        except OSError as problem:
            reply(Refused(id="not-kept", message=str(problem)))
            return
        self._execution.enter(entries, now_ms)
        if entries or self._outbox.changed or self._faxes.changed:
            self._execution.commit(now_ms, wall)
        unkept = self._execution.ledger.unwritten if entries else ""
        self._execution.changed = self._execution.changed or bool(entries)
        reply(Refused(id="not-kept", message=unkept) if unkept else answer)
