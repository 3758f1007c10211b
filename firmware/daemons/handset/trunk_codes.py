"""Codes that concern the outside: block my last caller, recall to the exchange."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from drivers.line import Flash
from firmware.daemons.handset.ask import Answer, Ask
from firmware.daemons.handset.handsets import Handsets

MOST_BLOCKED = 500


class TrunkCodes:
    """Each method carries out one code."""

    def __init__(self, handsets: Handsets) -> None:
        self._handsets = handsets

    def table(self) -> Mapping[str, Answer]:
        """Service to what carries it out."""
        return {
            "block_caller": self._block,
            "unblock_caller": self._unblock,
            "exchange_recall": self._recall,
        }

    def _caller(self, ask: Ask) -> str:
        """Who rang this telephone last from outside, empty for a colleague or nobody."""
        known = self._handsets.last_caller.get(ask.port, "")
        prefixes = ask.settings.outside_prefixes
        prefix = prefixes[0] if prefixes else ""
        if ask.extension_named(known) is not None or not known.startswith(prefix):
            return ""
        return known.removeprefix(prefix)

    def _block(self, ask: Ask) -> None:
        number, listed = self._caller(ask), ask.settings.blocked_callers
        if not number or len(listed) >= MOST_BLOCKED:
            ask.refuse("code-not-now")
            return
        if number not in listed:
            ask.change(msgspec.structs.replace(ask.settings, blocked_callers=(*listed, number)))
        ask.say("caller-is-blocked-before", *ask.digits(number))

    def _unblock(self, ask: Ask) -> None:
        """The number that was blocked last is let through again."""
        listed = ask.settings.blocked_callers
        if not listed:
            ask.refuse("code-not-now")
            return
        ask.change(msgspec.structs.replace(ask.settings, blocked_callers=listed[:-1]))
        ask.say("feature-off")

    def _recall(self, ask: Ask) -> None:
        """A flash on the line of the held call, for services of the exchange itself."""
        session = self._handsets.sessions.get(ask.port)
        held = session.held if session is not None else None
        line = held.parties.line() if held is not None else None
        if line is None:
            ask.refuse("code-not-now")
            return
        ask.enter([Flash(port=line.port, break_ms=ask.country.hook.flash_out_ms)])
        ask.say("done")
