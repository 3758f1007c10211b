"""After a call: the agent says by keys what became of it, and speaks a note if he likes. Pure.

Whatever he keyed counts, also when he hangs up in the middle.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, Final

from firmware.dialogs.told import Told
from firmware.voicemail.session import BEEP, Quiet, Record, Recorded, Session, StopRecord
from ivr.speech import say_duration

RESULTS: Final[Mapping[str, str]] = {
    "1": "solved",
    "2": "not_solved",
    "3": "follow_up",
    "4": "wrong_number",
    "5": "not_business",
    "6": "offer_accepted",
}
"""The key of each result, here and in the code that is dialled."""

WAIT_MS: Final = 10_000
"""Chosen: how long a choice may take before the question comes again."""

GOOD: Final = frozenset({"solved", "offer_accepted"})
"""Results after which nothing is owed and the customer may be asked whether he is satisfied."""

MOST_ASKED: Final = 2
NOTE_MS: Final = 20_000
"""Chosen: a note is a sentence or two."""

SHORTEST_NOTE_MS: Final = 800
MOST_HOURS: Final = 168
TOPIC_DIGITS: Final = 2


class Parting(Told, frozen=True, kw_only=True):
    """Something that holds although whoever keyed it has hung up."""


class AfterCallBegins(Parting, frozen=True, kw_only=True):
    """The agent has lifted and is asked; his time must not run out meanwhile."""

    agent: str


class AfterCallKeyed(Parting, frozen=True, kw_only=True):
    """What the agent keyed. ``note`` is the path of what he spoke, ``follow_up_h`` 0 for none."""

    agent: str
    result: str = ""
    topic: str = ""
    follow_up_h: int = 0
    note: str = ""


class AfterCall(Session):
    """One agent's work after one call.

    Args:
        agent: His number.
        language: Of the prompts.
        topics: Those of the queue; empty allows any two digits.
        offers: The office has hints what to offer: the key of an accepted one is told too.
    """

    def __init__(
        self, agent: str, language: str, topics: Collection[str], *, offers: bool = False
    ) -> None:
        super().__init__(agent, language)
        self._topics = topics
        self._offers = offers
        self._state = "menu"
        self._entered = ""
        self._asked = 0
        self._result = self._topic = self._note = ""
        self._hours = 0
        self._told = False

    def start(self, now_ms: int) -> list[Any]:
        """He lifted."""
        return [AfterCallBegins(agent=self.mailbox), *self._menu(now_ms)]

    def key(self, key: str, now_ms: int) -> list[Any]:
        """A key, by what was asked."""
        self._asked = 0
        self._deadline = now_ms + WAIT_MS
        match self._state:
            case "menu":
                return self._chosen(key, now_ms)
            case "result":
                self._result = RESULTS.get(key, self._result)
                said = "result-saved" if key in RESULTS else "number-wrong"
                return self._menu(now_ms, said)
            case "topic":
                return self._topic_key(key, now_ms)
            case "hours":
                return self._hours_key(key, now_ms)
            case "note" if self.recording:
                self.recording, self._deadline = False, None
                return [StopRecord()]
            case _:
                return []

    def _chosen(self, key: str, now_ms: int) -> list[Any]:
        asks = {
            "1": ("result", "result-menu"),
            "2": ("topic", "topic-ask"),
            "3": ("hours", "follow-up-hours-ask"),
            "4": ("note", "note-record"),
        }
        if key in "#*":
            return self._goodbye()
        if key not in asks:
            return self._menu(now_ms, "number-wrong")
        self._state, prompt = asks[key]
        self._entered = ""
        self._deadline = now_ms + WAIT_MS * 3  # the question may be longer than a choice may take
        also = {"4": (BEEP,), "1": ("result-menu-offer",) if self._offers else ()}
        return [self._talk(prompt, *also.get(key, ()))]

    def _topic_key(self, key: str, now_ms: int) -> list[Any]:
        if not key.isdigit():
            return self._menu(now_ms)
        self._entered += key
        if len(self._entered) < TOPIC_DIGITS:
            return [Quiet()]
        entered, self._entered = self._entered, ""
        if self._topics and entered not in self._topics:
            return [self._talk("topic-unknown", "topic-ask")]
        self._topic = entered
        return self._menu(now_ms, "topic-saved")

    def _hours_key(self, key: str, now_ms: int) -> list[Any]:
        if key.isdigit():
            self._entered += key
            return [Quiet()]
        entered, self._entered = self._entered, ""
        hours = int(entered or 0)
        if not entered:
            return self._menu(now_ms)
        if not 1 <= hours <= MOST_HOURS:
            return [self._talk("number-wrong", "follow-up-hours-ask")]
        self._hours = hours
        spoken = say_duration(hours * 3_600, self.language)
        return self._menu(now_ms, "follow-up-set-before", *spoken)

    def played(self, now_ms: int) -> list[Any]:
        """The question was said."""
        if self._state == "bye":
            return self._hang_up(now_ms)
        if self._state == "note" and not self.recording:
            self.recording, self._deadline = True, now_ms + NOTE_MS
            return [Record()]
        self._deadline = now_ms + WAIT_MS
        return []

    def recorded(self, recording: Recorded, now_ms: int) -> list[Any]:
        """The note is closed; he may have hung up."""
        self.recording = False
        good = recording.duration_ms >= SHORTEST_NOTE_MS
        self._note = recording.path if good else self._note
        if self.gone:
            return self._keyed()
        return self._menu(now_ms, *(("note-saved",) if good else ()))

    def left(self, now_ms: int) -> list[Any]:
        """He hung up: what he keyed counts."""
        return super().left(now_ms) or self._keyed()

    def advance(self, now_ms: int) -> list[Any]:
        """No key, or the note is long enough."""
        if self._deadline is None or now_ms < self._deadline:
            return []
        if self.recording:
            self.recording, self._deadline = False, None
            return [StopRecord()]
        self._asked += 1
        return self._goodbye() if self._asked > MOST_ASKED else self._menu(now_ms)

    def _menu(self, now_ms: int, *before: str) -> list[Any]:
        self._state = "menu"
        self._deadline = now_ms + WAIT_MS * 3
        return [self._talk(*before, "wrap-up-menu")]

    def _goodbye(self) -> list[Any]:
        self._state, self._deadline = "bye", None
        missing = () if self._result else ("result-missing",)
        return [*self._keyed(), self._talk(*missing, "goodbye")]

    def _keyed(self) -> list[Any]:
        anything = self._result or self._topic or self._hours or self._note
        if self._told or not anything:
            return []
        self._told = True
        return [
            AfterCallKeyed(
                agent=self.mailbox,
                result=self._result,
                topic=self._topic,
                follow_up_h=self._hours,
                note=self._note,
            )
        ]
