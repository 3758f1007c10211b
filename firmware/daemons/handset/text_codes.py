"""A text to the caller whom a telephone holds, or spoke with last, by the number of a wording."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from firmware.core.menu_entries import SmsWanted
from firmware.daemons.floor.mobile import is_mobile
from firmware.daemons.handset.ask import Answer, Ask
from firmware.daemons.handset.butler import Butler
from firmware.daemons.handset.handsets import Handsets
from firmware.outbox.rules import barred
from firmware.outbox.wording import USUAL

SHORT: Final[Mapping[str, str]] = {
    "91": "number",
    "92": "reference",
    "93": "survey",
    "94": "missed_call",
}
"""Numbers of the texts that every box has; a wording of the office's own with this name is used
instead."""


class TextCodes:
    """Each method carries out one code.

    Args:
        handsets: Who holds whom.
        butler: Knows the ticket of a call, once whoever keeps the tickets has told him.
    """

    def __init__(self, handsets: Handsets, butler: Butler) -> None:
        self._handsets = handsets
        self._butler = butler

    def table(self) -> Mapping[str, Answer]:
        """Service to what carries it out."""
        return {"text_send": self._send}

    def _send(self, ask: Ask) -> None:
        session = self._handsets.sessions.get(ask.port)
        held = session.held if session is not None else None
        caller = held.journal.caller if held is not None else None
        if held is None or caller is None or not caller.number:
            ask.refuse("hold-none" if held is None else "code-not-now")
            return
        name = ask.order.arguments[0]
        texts = ask.settings.outbox.texts
        own = {wording.name for wording in texts.wordings}
        if name not in own:
            name = SHORT.get(name, "")
        if not name or (name not in own and name not in USUAL):
            ask.refuse("feature-unknown")
            return
        refuses = (*texts.do_not_text, *ask.settings.acd.do_not_call)
        if not is_mobile(caller.number, ask.settings.country) or barred(
            name, caller.number, do_not_text=refuses
        ):
            ask.refuse("code-not-now")
            return
        reference, _ = self._butler.reference_of(held.call)
        if name == "reference" and not reference:
            ask.refuse("code-not-now")
            return
        wanted = SmsWanted(
            call=held.call,
            at_ms=ask.now_ms,
            template=name,
            number=caller.number,
            language=held.language,
            values={"extension": ask.extension.number, "reference": reference},
        )
        ask.enter([wanted])
        ask.say("done")
