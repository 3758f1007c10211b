"""One sentence is recorded at a handset, judged, heard and put in force. Pure."""

from __future__ import annotations

from typing import Any

from firmware.dialogs.studio import Studio
from firmware.dialogs.told import Told
from ivr.kit import Item


class SentenceKept(Told, frozen=True, kw_only=True):
    """The owner's prompt ``key`` was recorded at this extension and is there."""

    extension: str
    key: str


class Sentence(Studio):
    """One recording.

    Args:
        extension: Whose handset it is.
        language: He is spoken to in it.
        spoken: The language under which the recording is kept.
        key: Of the owner's prompt; a new one takes the place of the last.
        ask: What he is asked.
        kept: What he hears when it is in force.
    """

    def __init__(
        self, extension: str, language: str, spoken: str, key: str, *, ask: str, kept: str
    ) -> None:
        super().__init__(extension, language, lambda _language: (), lambda _language, _key: False)
        self._wanted = spoken
        self._item = Item(number=0, key=key, text="")
        self._key = key
        self._ask = ask
        self._in_force = kept

    def start(self, now_ms: int) -> list[Any]:  # noqa: ARG002 - the form of a flow
        """It begins at once."""
        return self._again(self._ask)

    def kept(self, done: bool) -> list[Any]:
        """Whether the recording is there; then it is used from now on."""
        asked = self._state == "keeping" and not self.gone
        said = super().kept(done)
        if not (done and asked):
            return said
        return [SentenceKept(extension=self.mailbox, key=self._key), *said]

    def _number(self) -> tuple[str, ...]:
        return ()

    def _next(self, *said: str) -> list[Any]:
        """One sentence is all there is: it is in force, or was skipped."""
        if "kit-skipped" in said:
            return self._leave()
        self._state = "bye"
        return [self._talk(self._in_force, "goodbye")]
