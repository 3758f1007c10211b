"""What a caller hears while he waits in a queue, and what his keys mean. Pure.

Sentences come between pieces of music; each new one replaces what plays, and all of it stops in
the moment an agent lifts, since the flow ends then.
"""

from __future__ import annotations

from typing import Any

from firmware.acd.effects import Announce, Entered
from firmware.acd.wait_estimate import BANDS_MS
from firmware.core.destinations import FlowLearned
from firmware.dialogs.survey import SurveyKeyed, SurveyPut
from firmware.dialogs.told import Told
from firmware.voicemail.session import Recorded, Session
from ivr.speech import say_duration, say_position

MUSIC = "music/default"
CALLBACK_KEY = "1"
MESSAGE_KEY = "2"
NEXT_KEY_MS = 1_500
"""Chosen: the pause after which a lone key is no agent's number; people key two digits a second."""


LAST_CALL_MS = 6_000
"""Chosen: who waits anyway is given so long for the question about his last call."""

LAST_CALL_KEYS = 2


class Joins(Told, frozen=True, kw_only=True):
    """The caller is in the queue from now on."""

    queue: str


class WantsCallback(Told, frozen=True, kw_only=True):
    """He wants to be called back."""


class Leaves(Told, frozen=True, kw_only=True):
    """He goes by a key: ``message`` or ``menu``."""

    how: str


class WantsAgent(Told, frozen=True, kw_only=True):
    """He keyed the number of an agent."""

    agent: str


class QueueWait(Session):
    """One caller's wait.

    Keys: 1 asks for a callback once that was offered, 2 leaves a message, ``*`` goes to a menu; the
    number of an agent and ``#`` asks for that one.

    Args:
        queue: The queue's number.
        language: Of the prompts.
        message: Whether a message may be left.
        menu: Whether there is a menu to go to.
    """

    def __init__(
        self, queue: str, language: str, *, message: bool = False, menu: bool = False
    ) -> None:
        super().__init__(queue, language)
        self._message = message
        self._menu = menu
        self._keyed = ""
        self._callback = False
        self._goodbye = False
        self._asking = False  # about his last call
        self._entered: Entered | None = None  # what he hears after that

    def start(self, now_ms: int) -> list[Any]:  # noqa: ARG002 - the form of a flow
        """He comes."""
        return [Joins(queue=self.mailbox)]

    def ask_first(self) -> None:
        """He hung up first the last time: he is asked how that was while he waits."""
        self._asking = True

    def entered(self, entered: Entered) -> list[Any]:
        """He waits: welcome, place, range; before them the question about his last call."""
        if self._asking:
            self._entered = entered
            return [SurveyPut(scale=LAST_CALL_KEYS), self._talk("survey-last-call")]
        welcome = "queue-kept-place" if entered.again else "queue-welcome"
        self._callback = self._callback or entered.callback
        said = [welcome, *self._place(entered.position), *self._range(entered.band)]
        said += ["queue-offer-callback"] if entered.callback else []
        said += ["queue-offer-message"] if self._message else []
        said += ["queue-offer-menu"] if self._menu else []
        return [self._talk(*said, MUSIC)]

    def announce(self, told: Announce) -> list[Any]:
        """Place, range, apology, offer: whatever there is to say."""
        self._callback = self._callback or told.callback
        said = ["queue-wait-longer"] if told.apology else []
        said += [*self._place(told.position), *self._range(told.band)]
        said += ["queue-offer-callback"] if told.callback else []
        quiet = self._goodbye or self._asking
        return [self._talk(*said, MUSIC)] if said and not quiet else []

    def comfort(self) -> list[Any]:
        """He is not forgotten."""
        quiet = self._goodbye or self._asking
        return [] if quiet else [self._talk("queue-comfort", MUSIC)]

    def kept(self, now_ms: int) -> list[Any]:
        """His callback is booked; he hears it and the line is released."""
        self._goodbye = True
        return [
            FlowLearned(at_ms=now_ms, served=True),
            self._talk("callback-kept-place", "goodbye"),
        ]

    def sorry(self, prompt: str) -> list[Any]:
        """Nothing for him here: a sentence, then the line is released."""
        self._goodbye = True
        return [self._talk(prompt)]

    def refused(self, prompt: str) -> list[Any]:
        """What he keyed cannot be done; he waits on."""
        return [self._talk(prompt, MUSIC)]

    def key(self, key: str, now_ms: int) -> list[Any]:
        """A key that may be the first of a number means itself when none follows."""
        if self._goodbye:
            return []
        if self._asking:
            good = key.isdigit() and 1 <= int(key) <= LAST_CALL_KEYS
            answer = [SurveyKeyed(scale=LAST_CALL_KEYS, key=int(key))] if good else []
            return [*answer, *self._asked()]
        keyed, self._keyed, self._deadline = self._keyed, "", None
        if key.isdigit():
            self._keyed, self._deadline = keyed + key, now_ms + NEXT_KEY_MS
            return []
        if key == "#" and len(keyed) > 1:
            return [WantsAgent(agent=keyed)]
        if key == "*" and self._menu:
            return [Leaves(how="menu")]
        return []

    def _asked(self) -> list[Any]:
        """The question is over, answered or not: now he is welcomed."""
        self._asking, self._deadline = False, None
        entered, self._entered = self._entered, None
        return self.entered(entered) if entered is not None else []

    def _single(self, key: str) -> list[Any]:
        if key == CALLBACK_KEY and self._callback:
            return [WantsCallback()]
        if key == MESSAGE_KEY and self._message:
            return [Leaves(how="message")]
        return []

    def played(self, now_ms: int) -> list[Any]:
        """Music again, or the end."""
        if self._asking:
            self._deadline = now_ms + LAST_CALL_MS
            return []
        return self._hang_up(now_ms) if self._goodbye else [self._talk(MUSIC)]

    def recorded(self, recording: Recorded, now_ms: int) -> list[Any]:  # noqa: ARG002 - no recorder
        """Nothing is recorded here."""
        return []

    def advance(self, now_ms: int) -> list[Any]:
        """No key follows; all other times are kept by the queue."""
        if self._deadline is None or now_ms < self._deadline:
            return []
        if self._asking:
            return self._asked()
        keyed, self._keyed, self._deadline = self._keyed, "", None
        return self._single(keyed) if len(keyed) == 1 and not self._goodbye else []

    def _place(self, position: int) -> list[str]:
        if position <= 0:
            return []
        if position == 1:
            return ["queue-next"]
        place = say_position(position, self.language)
        return ["queue-position-before", *place, "queue-position-after"]

    def _range(self, band: int) -> list[str]:
        if band < 0:
            return []
        if band == 0:
            return ["queue-wait-short"]
        if band >= len(BANDS_MS):
            return ["queue-wait-unknown"]
        low, high = (say_duration(BANDS_MS[at] // 1_000, self.language) for at in (band - 1, band))
        return ["queue-wait-between", *low, "queue-wait-to", *high]
