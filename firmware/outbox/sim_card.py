"""What lies on a SIM card: read by its place, given out, deleted once it is kept elsewhere."""

from __future__ import annotations

import re
from collections.abc import Callable

from firmware.outbox.at import Answer, Command
from firmware.outbox.pdu import Deliver, PduError, Report, read
from firmware.outbox.text_mode import report_of, stored
from firmware.outbox.vendors import NOTHING_THERE, TextForm

Found = tuple[str, Deliver | Report]
"""The place it lies at, empty for none, and what it is."""


class SimCard:
    """Places of one card.

    Args:
        ask: Has the modem asked something.
    """

    def __init__(self, ask: Callable[[Command], None]) -> None:
        self._ask = ask
        self._places: dict[str, str] = {}  # of messages given out and not yet deleted, with PDU
        self._doubted: set[str] = set()  # places of which nobody knows whether they are empty
        self.form: TextForm | None = None
        """How the modem gives messages where it knows no PDU mode."""

    def away(self) -> None:
        """The modem is gone, with whatever was asked of it."""
        self._places.clear()
        self._doubted.clear()

    def look(self) -> None:
        """Ask what lies there."""
        text = "AT+CMGL=4" if self.form is None else 'AT+CMGL="ALL"'
        self._ask(Command(text, 30_000, tag="list"))

    def look_at(self, place: str) -> None:
        """Ask what lies at a place."""
        self._ask(Command(f"AT+CMGR={place}", 10_000, tag="read"))

    def kept(self, place: str) -> None:
        """What lay there is stored elsewhere: it may leave the card."""
        if place in self._places:
            self.delete(place)

    def delete(self, place: str) -> None:
        """A place counts as taken until the modem has said that it is empty."""
        self._doubted.discard(place)
        self._ask(Command(f"AT+CMGD={place}", 15_000, tag="delete"))

    def listed(self, said: Answer) -> None:
        """Read what lies on the card, each by its place: a lost digit names a wrong one."""
        for line in said.lines:
            if (place := re.match(r"\+CMGL: *(\d+),", line)) and place[1] not in self._places:
                self.look_at(place[1])

    def read(self, said: Answer) -> Found | None:
        """One place was read; what is new there, None for nothing."""
        place = said.command.text.partition("=")[2]
        if said.ok and self.form is not None and said.lines:
            return self.take(place, said.lines)
        head = re.match(r"\+CMGR: .*?(\d+)$", said.lines[0] if said.lines else "")
        if said.ok and head:
            return self.take(place, said.lines[-1:], int(head[1]))
        if said.error == NOTHING_THERE and place in self._doubted:
            self._free(place)
        return None

    def deleted(self, said: Answer) -> None:
        """Where its answer is lost, another message may lie there by now: read, do not delete."""
        place = said.command.text.partition("=")[2]
        if said.ok:
            self._free(place)
        elif place in self._places:
            self._doubted.add(place)
            self.look_at(place)

    def take(self, place: str, lines: tuple[str, ...], octets: int = 0) -> Found | None:
        """A message as it lies on the card; what is not whole stays there for the next look.

        Args:
            place: Empty for one that was given out directly.
            lines: As the modem said them.
            octets: How many it announced; 0 in text mode.
        """
        pdu = "\n".join(lines)
        try:
            if self.form is None:
                message = read(pdu, octets)
            else:
                message = stored(lines, self.form) if place else report_of(pdu, self.form)
        except PduError:
            return None
        if place in self._places:
            if self._places[place] == pdu:
                if place in self._doubted:
                    self.delete(place)
                return None  # otherwise it waits to be confirmed
            self._free(place)
        if place:
            self._places[place] = pdu
        return place, message

    def _free(self, place: str) -> None:
        self._places.pop(place, None)
        self._doubted.discard(place)
