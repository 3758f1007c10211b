"""Somebody in charge tells callers of a known problem: hours, a recording, in force. Pure.

What he records is said to callers before anything else until the hours are over, or until the code
that ends it. It is judged, heard and kept as any prompt of the office's own.
"""

from __future__ import annotations

from typing import Any, Final

from firmware.dialogs.studio import Studio
from firmware.dialogs.told import NoticeRecorded
from firmware.voicemail.session import Quiet, Talk
from ivr.kit import Item

KEY: Final = "office-notice"
"""Of the owner's prompt; a new notice takes the place of the last."""
MOST_HOURS: Final = 720
"""Thirty days; what is true for longer belongs into the menu (chosen)."""


class Incident(Studio):
    """One session.

    Args:
        extension: Whose handset it is.
        language: He is spoken to in it.
        spoken: The office's language: he speaks it, and callers hear it.
        pin: To be entered first; empty for none.
    """

    def __init__(self, extension: str, language: str, spoken: str, *, pin: str = "") -> None:
        super().__init__(
            extension, language, lambda _language: (), lambda _language, _key: False, pin=pin
        )
        self._wanted = spoken
        self._item = Item(number=0, key=KEY, text="")
        self._hours = 0
        if not pin:
            self._state = "number"

    def kept(self, done: bool) -> list[Any]:
        """Whether the recording is there; then callers hear it from now on."""
        asked = self._state == "keeping" and not self.gone
        said = super().kept(done)
        if not (done and asked):
            return said
        return [NoticeRecorded(extension=self.mailbox, key=KEY, hours=self._hours), *said]

    def _question(self) -> Talk:
        return self._talk("notice-hours-ask") if self._state == "number" else super()._question()

    def _pin_entered(self, entered: str) -> list[Any]:
        said = super()._pin_entered(entered)
        if self._state != "language":
            return said
        self._state = "number"
        return [self._question()]

    def _collect(self, key: str, now_ms: int) -> list[Any]:
        if self._state != "number" or key != "#":
            return super()._collect(key, now_ms)
        entered, self._entered = self._entered, ""
        self._hours = int(entered) if entered.isdecimal() else 0
        if not 1 <= self._hours <= MOST_HOURS:
            return [Quiet(), self._talk("number-wrong", "notice-hours-ask")]
        return self._again("notice-record")

    def _number(self) -> tuple[str, ...]:
        return ()

    def _next(self, *said: str) -> list[Any]:
        """One sentence is all there is: it is in force, or was skipped."""
        if "kit-skipped" in said:
            return self._leave()
        self._state = "bye"
        return [self._talk("notice-on", "goodbye")]
