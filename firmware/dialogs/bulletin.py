"""What every agent must know is told to him as he logs in, until he confirms it. Pure."""

from __future__ import annotations

from typing import Any, Final

from firmware.dialogs.after_call import Parting
from firmware.voicemail.session import Quiet, Recorded, Session

KEY: Final = "office-bulletin"
"""Of the owner's prompt that is the bulletin."""

WAIT_MS: Final = 8_000
"""Chosen: as long as an agent is given for a key elsewhere."""

MOST_ASKED: Final = 2


class BulletinKnown(Parting, frozen=True, kw_only=True):
    """The agent has heard the bulletin of this moment and says so."""

    agent: str
    bulletin: str


class Bulletin(Session):
    """One agent who logs in.

    Args:
        agent: His number.
        language: Of the prompts.
        first: What is said before: that he is logged in, and where.
        sound: The bulletin, as a prompt with its language.
        moment: When it was recorded; what is confirmed.
    """

    def __init__(
        self, agent: str, language: str, first: tuple[str, ...], sound: str, moment: str
    ) -> None:
        super().__init__(agent, language)
        self._first = first
        self._sound = sound
        self._moment = moment
        self._asked = 0
        self._bye = False

    def start(self, now_ms: int) -> list[Any]:  # noqa: ARG002 - the form of a flow
        """He is logged in, and there is something new."""
        return [self._talk(*self._first, "bulletin-new", self._sound, "bulletin-confirm")]

    def key(self, key: str, now_ms: int) -> list[Any]:  # noqa: ARG002 - the form of a flow
        """1 confirms, 2 says it again."""
        if self._bye:
            return []
        self._asked, self._deadline = 0, None
        match key:
            case "1":
                self._bye = True
                known = BulletinKnown(agent=self.mailbox, bulletin=self._moment)
                return [Quiet(), known, self._talk("bulletin-thanks")]
            case "2":
                return [self._talk(self._sound, "bulletin-confirm")]
            case "*" | "#":
                return self._goodbye()
            case _:
                return [self._talk("number-wrong", "bulletin-confirm")]

    def played(self, now_ms: int) -> list[Any]:
        """All was said."""
        if self._bye:
            return self._hang_up(now_ms)
        self._deadline = now_ms + WAIT_MS
        return []

    def recorded(self, recording: Recorded, now_ms: int) -> list[Any]:  # noqa: ARG002 - form
        """Nothing is recorded here."""
        return []

    def advance(self, now_ms: int) -> list[Any]:
        """No key: asked once more, then left; he hears it again at his next login."""
        if self._deadline is None or now_ms < self._deadline:
            return []
        self._asked, self._deadline = self._asked + 1, None
        return self._goodbye() if self._asked >= MOST_ASKED else [self._talk("bulletin-confirm")]

    def _goodbye(self) -> list[Any]:
        self._bye, self._deadline = True, None
        return [self._talk("goodbye")]
