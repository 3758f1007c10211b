"""Callers who want the recordings of their calls removed: whose sound that is, and until when.

A wish is an entry of the log (:class:`ForgetAsked`), written by a menu. It covers recordings of
calls with that number before the one in which it was asked; what a legal hold, a bad mark or an
open complaint keeps goes when it is released, as long as the wish is among the newest.
"""

from __future__ import annotations

from typing import Final

from firmware.core.menu_entries import ForgetAsked
from firmware.storage.erasure import NumberError, core_digits
from firmware.storage.records import Records

KIND: Final = "forget_asked"
KNOWN: Final = 100
"""Chosen: wishes that are looked at again after a start; each was carried out within a minute."""


class ForgetWishes:
    """What callers asked for, newest of a number counts.

    Args:
        records: Where wishes of before a start stand, and whose call a recording is of.
    """

    def __init__(self, records: Records) -> None:
        self._records = records
        self._until: dict[str, str] | None = None

    def add(self, wish: ForgetAsked) -> None:
        """One that was just kept."""
        self._keep(self._all(), wish)

    def cover(self, call: str) -> bool:
        """Whether somebody wants the recordings of this call removed."""
        wishes = self._all()
        if not wishes:
            return False
        record = self._records.call(call)
        if record is None:
            return False
        numbers = {_core(record.caller_number), _core(record.dialled)} - {""}
        return any(call < wishes[number] for number in numbers & set(wishes))

    def _all(self) -> dict[str, str]:
        if self._until is None:
            self._until = {}
            for stored in reversed(self._records.newest_of(KIND, KNOWN)):
                if isinstance(stored.entry, ForgetAsked):
                    self._keep(self._until, stored.entry)
        return self._until

    @staticmethod
    def _keep(wishes: dict[str, str], wish: ForgetAsked) -> None:
        core = _core(wish.number)
        if core:
            wishes[core] = max(wish.call, wishes.get(core, ""))


def _core(number: str) -> str:
    """The digits that all forms of a number share; empty for an extension or none."""
    try:
        return core_digits(number)
    except NumberError:
        return ""
