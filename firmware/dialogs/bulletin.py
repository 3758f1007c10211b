"""What every agent must know is told to him as he logs in, until he confirms it. Pure."""

from __future__ import annotations

from typing import Any, Final

from firmware.dialogs.after_call import Parting
from firmware.dialogs.asking import Asking
from firmware.voicemail.session import Quiet

KEY: Final = "office-bulletin"
"""Of the owner's prompt that is the bulletin."""

WAIT_MS: Final = 8_000
"""Chosen: as long as an agent is given for a key elsewhere."""

MOST_ASKED: Final = 2


class BulletinKnown(Parting, frozen=True, kw_only=True):
    """The agent has heard the bulletin of this moment and says so."""

    agent: str
    bulletin: str


class Bulletin(Asking):
    """One agent who logs in.

    Args:
        agent: His number.
        language: Of the prompts.
        first: What is said before: that he is logged in, and where.
        sound: The bulletin, as a prompt with its language.
        moment: When it was recorded; what is confirmed.
    """

    wait_ms = WAIT_MS

    def __init__(
        self, agent: str, language: str, first: tuple[str, ...], sound: str, moment: str
    ) -> None:
        super().__init__(agent, language)
        self._first = first
        self._sound = sound
        self._moment = moment
        self._asked = 0

    def _opened(self) -> list[Any]:
        """He is logged in, and there is something new."""
        return [self._talk(*self._first, "bulletin-new", self._sound, "bulletin-confirm")]

    def _keyed(self, key: str) -> list[Any]:
        """1 confirms, 2 says it again."""
        self._asked, self._deadline = 0, None
        match key:
            case "1":
                known = BulletinKnown(agent=self.mailbox, bulletin=self._moment)
                return [Quiet(), known, self._end("bulletin-thanks")]
            case "2":
                return [self._talk(self._sound, "bulletin-confirm")]
            case "*" | "#":
                return self._goodbye()
            case _:
                return [self._talk("number-wrong", "bulletin-confirm")]

    def _unanswered(self) -> list[Any]:
        """No key: asked once more, then left; he hears it again at his next login."""
        self._asked += 1
        return self._goodbye() if self._asked >= MOST_ASKED else [self._talk("bulletin-confirm")]
