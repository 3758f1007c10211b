"""What every desk of cases needs: the records, the settings in force, and whose a number is."""

from __future__ import annotations

from collections.abc import Callable

from firmware.core.countries import country as country_of
from firmware.core.settings import Settings
from firmware.customers.customer import Customer, number_key
from firmware.daemons.desks.case_words import CaseError
from firmware.storage.records import Records

Noted = tuple[str, str, str]
"""What stands in the log of it: action, what, detail."""


class CaseKeeper:
    """Base of the desks.

    Args:
        records: Open for writing.
        settings: Those in force.
    """

    def __init__(self, records: Records, settings: Callable[[], Settings]) -> None:
        self._records = records
        self._settings = settings
        self._cases = records.cases

    def key(self, number: str) -> str:
        """A number in the one form in which cards have it.

        Raises:
            ValueError: it is nobody's outside.
        """
        return number_key(number, country_of(self._settings().country))

    def customer_of(self, number: str) -> Customer | None:
        """Whose number this is, in any form; None for nobody we know."""
        try:
            return self._cases.customer_of(self.key(number)) if number else None
        except ValueError:
            return None

    def known_call(self, call: str, language: str) -> None:
        """The call is there.

        Raises:
            CaseError: it is not.
        """
        if self._records.call(call) is None:
            raise CaseError("no-call", language, value=call)
