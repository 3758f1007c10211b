"""Customers who need care (tag ``care`` of their card): more time, fewer steps, no tones.

Who calls is looked up once for each call; everything else asks here.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, Protocol

from firmware.call.call import Call
from firmware.core.acd_settings import CallerClass
from firmware.core.case_settings import Care
from firmware.core.destinations import ToOutside
from firmware.core.log_entries import CallMarked
from firmware.core.settings import Settings
from firmware.core.timers import TIMERS, Times
from firmware.customers.customer import Customer

TAG: Final = "care"
USUAL: Final = 100  # percent

PATIENT: Final = ("hold_limit", "silent_pause", "silent_clear")
"""Timers that wait for a customer; what he is told in the meantime comes as often as always."""


class Office(Protocol):
    """The office, as care needs it."""

    @property
    def settings(self) -> Settings:
        """In force now."""
        ...

    @property
    def calls_by_id(self) -> dict[str, Call]:
        """Calls that are up."""
        ...

    def carry_out(self, effects: Any, now_ms: int, out: list[Any]) -> None:
        """Pass effects on."""
        ...


class CareDesk:
    """Who needs care, and what that means for a call.

    Args:
        office: With the settings and the calls.
    """

    def __init__(self, office: Office) -> None:
        self._office = office
        self.customer_of: Callable[[str], Customer | None] = lambda _number: None
        self._known: dict[str, tuple[str, bool]] = {}  # call to its number, and whether he does

    @property
    def _care(self) -> Care:
        return self._office.settings.cases.care

    def wanted(self, number: str) -> bool:
        """Whether whoever has this number needs care."""
        card = self.customer_of(number) if number else None
        return card is not None and TAG in card.tags

    def needs(self, call: Call) -> bool:
        """Whether the customer of a call does, who called or was called."""
        number = _number_of(call)
        known = self._known.get(call.call)
        if known is not None and known[0] == number:
            return known[1]
        up = self._office.calls_by_id
        self._known = {name: what for name, what in self._known.items() if name in up}
        self._known[call.call] = (number, self.wanted(number))
        return self._known[call.call][1]

    def class_of(self, number: str) -> CallerClass | None:
        """What this caller is worth in queues at least; None leaves him as he is."""
        return self._care.priority if self.wanted(number) else None

    def percent(self, number: str) -> int:
        """How long menus wait for this caller, of the usual."""
        return self._care.patience if self.wanted(number) else USUAL

    def times(self, call: Call, times: Times) -> Times:
        """The timers of a call: those that wait for the customer are longer if he needs that."""
        if not self.needs(call):
            return times
        longer = {
            name: min(times[name] * self._care.patience // USUAL, TIMERS[name].high_ms)
            for name in PATIENT
        }
        return Times({**times, **longer})

    def identified(self, call: Call, now_ms: int, out: list[Any]) -> None:
        """A caller is known while it rings: he goes where those like him go, and it is marked."""
        if not self.needs(call):
            return
        if self._care.to and call.mode == "day":
            call.called_place = self._care.to
        mark = CallMarked(call=call.call, at_ms=now_ms, mark=TAG, extension="")
        self._office.carry_out([mark], now_ms, out)


def _number_of(call: Call) -> str:
    caller = call.journal.caller
    if caller is not None:
        return caller.number
    return call.destination.number if isinstance(call.destination, ToOutside) else ""
