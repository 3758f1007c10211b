"""Calls to the outside as they begin, move and end: counted, limited, ended when they overrun."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from firmware.call.fraud import Counters
from firmware.call.hours import zone_of
from firmware.call.outside import Outside
from firmware.call.room import GiveWay, helps
from firmware.core.country import Country
from firmware.core.destinations import ToOutside
from firmware.core.log_entries import (
    CallClosed,
    Direction,
    LimitReached,
    LineReleased,
    LineSeized,
    LogEntry,
    Outcome,
    PartyMoved,
)
from firmware.core.settings import Settings

if TYPE_CHECKING:
    from firmware.daemons.office import Office


class Tolls:
    """What the office tells the one gate to the outside, and what that demands.

    Args:
        office: Whose calls they are.
        settings: The office's settings, already validated.
        country: The profile of ``settings.country``.
    """

    def __init__(self, office: Office, settings: Settings, country: Country) -> None:
        self._office = office
        self.outside = Outside(settings, country)
        """Permission, lines and limits."""

    def know(
        self,
        settings: Settings,
        country: Country,
        counters: Counters,
        now_ms: int,
        wall: datetime,
        boot: str,
    ) -> None:
        """What was counted before; said once, at the beginning.

        Args:
            settings: In force.
            country: The profile of ``settings.country``.
            counters: As :meth:`take_counters` gave them.
            now_ms: Monotonic time now.
            wall: The same moment on the wall's clock.
            boot: Names the running kernel's boot.
        """
        self.outside = Outside(settings, country, counters)
        self.outside.tell_time(wall.astimezone(zone_of(settings)))
        self.outside.fraud.begin(now_ms, int(wall.timestamp() * 1_000), boot)

    def take_counters(self, now_ms: int, wall: datetime) -> Counters | None:
        """What is to be kept, None if nothing changed."""
        self.outside.fraud.tick(now_ms, int(wall.timestamp() * 1_000))
        return self.outside.fraud.counters if self.outside.fraud.take_change() else None

    def note(self, entry: LogEntry, now_ms: int) -> None:
        """Count what goes out; emergency calls are not counted."""
        call = self._office.calls_by_id.get(entry.call)
        match entry:
            case LineSeized() if call is not None and not helps(call):
                number = call.destination.number if isinstance(call.destination, ToOutside) else ""
                payer = call.payer.number if call.payer else ""
                self.outside.began(call.call, payer, entry.port, number, call.price, now_ms)
            case LineReleased():
                self.outside.gave_back(entry.port, now_ms)
            case PartyMoved():
                self.outside.moved(entry.port, entry.call)
            case LimitReached():
                self.outside.reached(entry.limit, entry.also)
            case CallClosed(outcome=Outcome.REFUSED) if call is not None:
                if call.journal.direction is Direction.OUTBOUND:
                    self.outside.fraud.refused()
            case _:
                pass

    def advance(self, now_ms: int, out: list[Any]) -> None:
        """A call that may not go on loses its line; who talks on it hears why."""
        for call_id, refusal in self.outside.due(now_ms):
            call = self._office.calls_by_id.get(call_id)
            if call is None or GiveWay not in call.TABLE.states[call.state].on:
                continue
            reached = LimitReached(
                call=call_id,
                at_ms=now_ms,
                limit=refusal.limit,
                also=refusal.also,
                detail=refusal.reason,
            )
            order = GiveWay(reason=refusal.reason, prompt=refusal.prompt)
            self._office.carry_out([reached, *call.handle(order, now_ms)], now_ms, out)
