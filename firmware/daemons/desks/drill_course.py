"""The course of a drill: begun with a word in the log, felt by the office, ended and reported."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import msgspec

from firmware.control.messages import PowerSigns, Status
from firmware.control.quality_messages import EndDrill, StartDrill
from firmware.core.settings import Settings
from firmware.daemons.desks.drill_desk import DrillDesk, Sign
from firmware.daemons.desks.reply import Reply
from firmware.daemons.execution import Execution, ToLinedMessage
from firmware.daemons.office import Effect, Office
from firmware.quality.drill import Ended


def _nobody(_answer: object) -> None:
    """It ended by itself; its report is where the incident is."""


class DrillCourse:
    """Takes away and gives back what :class:`DrillDesk` says.

    Args:
        execution: Carries out what the office wants of it.
        office: Is told what is not there, as if lined had said it.
        desk: Of drills.
        settings: Those in force.
        status: Of the box at a time, for what a drill may take and what alarmed.
    """

    def __init__(
        self,
        execution: Execution,
        office: Office,
        desk: DrillDesk,
        settings: Callable[[], Settings],
        status: Callable[[int], Status],
    ) -> None:
        self._execution = execution
        self._office = office
        self._desk = desk
        self._settings = settings
        self._status = status

    def begin(
        self, request: StartDrill, reply: Reply, now_ms: int, wall: datetime
    ) -> list[ToLinedMessage]:
        """Something is taken away; that it is goes into the log before."""
        self._execution.commit(now_ms, wall)
        state = self._status(now_ms)
        idle = [p.port for p in state.ports if p.port.startswith("fxo/") and p.state == "idle"]
        done = self._desk.start(request, idle, state.alarms, now_ms, wall)
        self._execution.keep(done.entries, now_ms, wall)
        self._desk.hold()
        out = self._feel(done.signs, now_ms, wall)
        reply(done.answer)
        return out

    def end(
        self, request: EndDrill, reply: Reply, now_ms: int, wall: datetime
    ) -> list[ToLinedMessage]:
        """Somebody ends it."""
        return self._end("person", request, reply, now_ms, wall)

    def advance(self, now_ms: int, wall: datetime) -> list[ToLinedMessage]:
        """Its time is over, or too much waits in memory."""
        how = self._desk.due(self._execution.ledger.waiting, now_ms)
        return self._by_itself(how, now_ms, wall) if how else []

    def interrupted(
        self, message: object, now_ms: int, wall: datetime
    ) -> list[ToLinedMessage] | None:
        """The real thing has happened meanwhile; None when this message of lined is none."""
        if not self._desk.real(message):
            return None
        return self._by_itself("real", now_ms, wall)

    def _by_itself(self, how: Ended, now_ms: int, wall: datetime) -> list[ToLinedMessage]:
        return self._end(how, EndDrill(who="tipring"), _nobody, now_ms, wall)

    def _end(
        self, how: Ended, request: EndDrill, reply: Reply, now_ms: int, wall: datetime
    ) -> list[ToLinedMessage]:
        """Everything is given back and what waited is written; then its report is."""
        alarms, held = self._status(now_ms).alarms, self._execution.ledger.waiting
        signs = self._desk.release()
        self._execution.commit(now_ms, wall)
        signs = tuple(msgspec.structs.replace(sign, at_ms=now_ms) for sign in signs)
        out = self._feel(signs, now_ms, wall)
        done = self._desk.ended(how, request, alarms, held, now_ms)
        self._execution.keep(done.entries, now_ms, wall)
        reply(done.answer)
        return out

    def _feel(self, signs: tuple[Sign, ...], now_ms: int, wall: datetime) -> list[ToLinedMessage]:
        """The office is told what is not there, or there again."""
        self._execution.changed = True
        effects: list[Effect] = []
        for sign in signs:
            if isinstance(sign, PowerSigns):
                self._office.premises.power(
                    self._settings(), mains=sign.mains, low=False, now_ms=now_ms, out=effects
                )
            else:
                effects += self._office.handle(sign, now_ms)
        return self._execution.carry_out(effects, now_ms, wall)
