"""The box rings a telephone of its own accord: a callback, a wake-up call, the test of a ringer."""

from __future__ import annotations

from typing import Any

from firmware.call.leg import LegEnd
from firmware.call.orders import GoOn, Summon
from firmware.call.supervising import Supervising
from firmware.core.commands import Caller
from firmware.core.destinations import ToFlow
from firmware.core.log_entries import (
    ClearedBy,
    Direction,
    Outcome,
    ServiceUsed,
    Side,
)
from firmware.core.port_events import PhoneAnswered
from firmware.core.settings import extension_at


class Summoning(Supervising):
    """A telephone is rung first and asked afterwards; and codes that go on as a call."""

    __slots__ = ()

    def _summon(self, order: Summon, now_ms: int) -> str:
        self._summons = order
        self.journal.begin(order.port, order.at_ms)
        what = f"{order.purpose} {order.number}".strip()
        self.do(
            *self.journal.offer(Direction.INTERNAL),
            self.journal.dialled(f"service {what}", now_ms),
        )
        return "summoning"

    def _ring_summoned(self, now_ms: int) -> None:
        extension = extension_at(self.settings, self.origin)
        if extension is None or self._summons is None:
            return
        number = self._summons.number
        other = next((e for e in self.settings.extensions if e.number == number), None)
        caller = Caller(number=number, name=other.name if other else "") if number else None
        self.do(*self.parties.ring(extension, caller, now_ms, self._summons.cadence))

    def _summoned(self, event: PhoneAnswered, now_ms: int) -> str:
        extension = self.parties.legs[event.port].extension
        self.do(
            self.journal.telephone_answered(event.port, extension, event.at_ms),
            *self.parties.answer(event.port, now_ms),
        )
        if self._summons is not None and self._summons.number and not self._summons.flow:
            return self._place_number(self._summons.number, now_ms)
        self._start_flow(ToFlow(flow=self._summons.flow if self._summons else ""))
        return "menu"

    def _not_come(self, _event: Any, now_ms: int) -> str:
        return self._end(
            Outcome.NO_ANSWER,
            Side.SYSTEM,
            ClearedBy.TIMER,
            now_ms,
            ringing=LegEnd.NO_ANSWER,
        )

    def _go_on(self, order: GoOn, now_ms: int) -> str:
        """What a code asked for was right: now the number behind it."""
        self.do(
            ServiceUsed(
                call=self.call,
                at_ms=now_ms,
                service=self._asked.service,
                argument=order.payer or order.account,
            )
        )
        self.walker = order.payer or self.walker
        self._cadence = order.cadence
        if order.account:
            self._book(order.account, now_ms)
        if order.flow:
            self._start_flow(ToFlow(flow=order.flow))
            return "menu"
        return self._place_number(order.number, now_ms)
