"""Prompts are recorded at a handset: one after another, or one by its number. Pure.

The number is read, a tone sounds, the sentence is spoken, ``#`` ends it. It is judged, heard again
and kept with 1. What was kept stays: whoever hangs up goes on next time where nothing is recorded.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

from firmware.dialogs.told import DropPrompt, JudgeTake, KeepTake
from firmware.voicemail.session import BEEP, Quiet, Record, Recorded, Session, StopRecord, Talk
from ivr.kit import Item
from ivr.speech import say_digits, say_number

WAIT_MS: Final = 8_000
THINK_MS: Final = 60_000
"""Between two sentences somebody turns a page."""
LONGEST_MS: Final = 30_000
MOST_SILENCES: Final = 2
MOST_WRONG_PINS: Final = 3
LANGUAGES: Final = {"1": "zh-CN", "2": "en", "3": "zh-HK"}

_FAULTS: Final = {
    "too-long": "kit-too-long",
    "too-short": "recording-too-short",
    "silent": "kit-too-quiet",
    "too-quiet": "kit-too-quiet",
    "clipped": "kit-clipped",
    "noisy": "kit-noisy",
}

Script = Callable[[str], Sequence[Item]]
Own = Callable[[str, str], bool]


class Studio(Session):
    """One session of somebody who records.

    Args:
        extension: Whose handset it is.
        language: He is spoken to in it.
        script: The prompts of a language with their numbers.
        recorded: Whether the owner has (language, key) already.
        pin: To be entered first; empty for none.
    """

    def __init__(
        self, extension: str, language: str, script: Script, recorded: Own, *, pin: str = ""
    ) -> None:
        super().__init__(extension, language)
        self._script = script
        self._own = recorded
        self._pin = pin
        self._entered = ""
        self._wrong = 0
        self._silences = 0
        self._state = "pin" if pin else "language"
        self._wanted = ""  # language of the prompts
        self._left: list[Item] = []
        self._one = False
        self._item: Item | None = None
        self._take = ""
        self._heard = ""
        self._taught = False

    # --- what a visit is told ---------------------------------------------------------------------

    def start(self, now_ms: int) -> list[Any]:  # noqa: ARG002 - the form of a flow
        """Ask for the PIN, or for the language."""
        return [self._question()]

    def key(self, key: str, now_ms: int) -> list[Any]:
        """One key."""
        if self._state in {"bye", "judging", "keeping"}:
            return []
        self._silences = 0
        if self._state == "recording":
            return self._stop() if key == "#" else []
        self._deadline = None
        if self._state in {"pin", "number"}:
            return self._collect(key, now_ms)
        return [Quiet(), *self._choose(key)]

    def played(self, now_ms: int) -> list[Any]:
        """What was said is over: record, or wait for a key."""
        match self._state:
            case "bye":
                return self._hang_up(now_ms)
            case "beep":
                self._state, self.recording = "recording", True
                self._deadline = now_ms + LONGEST_MS
                return [Record()]
            case "judging" | "keeping" | "recording":
                return []
            case _:
                self._deadline = now_ms + (THINK_MS if self._state == "review" else 2 * WAIT_MS)
                return []

    def advance(self, now_ms: int) -> list[Any]:
        """No key came, or the sentence is longer than any."""
        if self._deadline is None or now_ms < self._deadline:
            return []
        self._deadline = None
        if self._state == "recording":
            return self._stop()
        self._silences += 1
        if self._silences >= MOST_SILENCES:
            return self._leave()
        return [self._question()]

    def recorded(self, recording: Recorded, now_ms: int) -> list[Any]:  # noqa: ARG002 - form
        """The recording is closed: have it judged."""
        self.recording = False
        self._take, self._state = recording.name, "judging"
        return [JudgeTake(take=recording.name, path=recording.path)]

    def judged(self, faults: tuple[str, ...], path: str) -> list[Any]:
        """What is wrong with it; empty ``path``: there is nothing to hear.

        Args:
            faults: As ``ivr.polish`` names them.
            path: The sound as it would be played.
        """
        if self.gone or self._state != "judging":
            return []
        self._heard = path
        said = [_FAULTS[fault] for fault in faults[:1] if fault in _FAULTS]
        if not path:
            return self._again(*(said or ["recording-too-short"]))
        self._state = "review"
        menu = () if self._taught and not said else ("kit-review",)
        self._taught = True
        return [self._talk(*said, path, *menu, *(() if menu else (BEEP,)))]

    def kept(self, done: bool) -> list[Any]:
        """Whether the recording is in force now."""
        if self.gone or self._state != "keeping":
            return []
        if not done:
            self._state = "bye"
            return [self._talk("kit-not-saved", "goodbye")]
        return self._next("saved")

    # --- steps ------------------------------------------------------------------------------------

    def _question(self) -> Talk:
        match self._state:
            case "pin":
                return self._talk("password-ask")
            case "language":
                return self._talk("kit-begin", "language-menu")
            case "way":
                count = say_number(len(self._left), self.language)
                return self._talk("kit-left-before", *count, "kit-way")
            case "number":
                return self._talk("kit-number-ask")
            case "menu":
                return self._talk(*self._number(), "kit-menu")
            case _:
                return self._talk("kit-review")

    def _collect(self, key: str, now_ms: int) -> list[Any]:
        if key == "*":
            return self._leave()
        if key != "#":
            self._entered += key
            self._deadline = now_ms + WAIT_MS
            return [Quiet()]
        entered, self._entered = self._entered, ""
        if self._state == "pin":
            return self._pin_entered(entered)
        item = next(
            (i for i in self._script(self._wanted) if entered and i.number == int(entered)), None
        )
        if item is None:
            return [self._talk("kit-number-unknown", "kit-number-ask")]
        self._item, self._state = item, "menu"
        return [self._question()]

    def _pin_entered(self, entered: str) -> list[Any]:
        if entered == self._pin:
            self._state = "language"
            return [self._question()]
        self._wrong += 1
        if self._wrong >= MOST_WRONG_PINS:
            self._state = "bye"
            return [self._talk("password-locked", "goodbye")]
        return [self._talk("password-wrong", "password-ask")]

    def _choose(self, key: str) -> list[Any]:
        if key == "*":
            return self._leave()
        match self._state, key:
            case "language", _ if key in LANGUAGES:
                self._wanted, self._state = LANGUAGES[key], "way"
                self._left = [
                    i for i in self._script(self._wanted) if not self._own(self._wanted, i.key)
                ]
                return [self._question()]
            case "way", "1":
                return self._next()
            case "way", "2":
                self._one, self._state = True, "number"
                return [self._question()]
            case "menu", "1":
                return self._again()
            case "menu", "2" if self._item is not None:
                present = f"{self._wanted}/{self._item.key}"
                return [self._talk(present, "kit-menu")]
            case "menu", "5" if self._item is not None:
                gone = DropPrompt(language=self._wanted, key=self._item.key)
                return [gone, self._talk("kit-removed", "kit-menu")]
            case "review", "1" if self._item is not None:
                self._state = "keeping"
                keep = KeepTake(take=self._take, language=self._wanted, key=self._item.key)
                return [keep]
            case "review", "2":
                return [self._talk(self._heard, BEEP)]
            case "review", "3":
                return self._again()
            case (("review" | "menu"), "4"):
                return self._next("kit-skipped")
            case _:
                asked = self._question().prompts
                return [Talk(prompts=(*self._talk("wrong-choice").prompts, *asked))]

    def _number(self) -> tuple[str, ...]:
        digits = self._item.label if self._item else ""
        return ("kit-number-before", *say_digits(digits, self.language)) if digits else ()

    def _again(self, *said: str) -> list[Any]:
        self._state = "beep"
        return [self._talk(*said, *self._number(), BEEP)]

    def _next(self, *said: str) -> list[Any]:
        """The next sentence of the script, or another number, or the end."""
        if self._one:
            self._state = "number"
            return [self._talk(*said, "kit-number-ask")]
        if not self._left:
            self._state = "bye"
            return [self._talk(*said, "kit-done", "goodbye")]
        self._item = self._left.pop(0)
        return self._again(*said)

    def _stop(self) -> list[Any]:
        self._state, self._deadline = "judging", None
        return [StopRecord()]

    def _leave(self) -> list[Any]:
        self._state, self._deadline = "bye", None
        return [Quiet(), self._talk("kit-stopped", "goodbye")]
