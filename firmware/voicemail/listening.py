"""The owner listens to his mailbox: PIN, count, message by message, and his greeting. Pure.

Keys within a message: 1 again, 2 keep and next, 3 delete, 4 call back, 9 record the greeting,
``*`` leave. A message counts as heard once it was played to its end or a key was pressed on it.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable
from typing import Any, Final

import msgspec

from firmware.core.destinations import Destination, FlowGoto
from firmware.voicemail.mailbox import Erase, Keep, Mailboxes, Mark, Message
from firmware.voicemail.session import BEEP, Quiet, Record, Recorded, Session, StopRecord
from ivr.speech import say_digits, say_number

WAIT_MS: Final = 8_000  # chosen: as long as a menu waits, and some more for thinking
MOST_WRONG_PINS: Final = 3
MOST_PIN_KEYS: Final = 32  # what is longer is no PIN; what counts is that it is compared at all
LONGEST_GREETING_MS: Final = 60_000
_CALLS_BACK: Final = frozenset("0123456789")


class Listening(Session):
    """One visit of an owner.

    Args:
        mailbox: The extension.
        language: Of the prompts.
        boxes: What lies there now; changes come back as effects.
        pin: To be entered first; empty for none.
        counted: Whether an entry counts; told of each one whether it was right.
        locked: Whether no PIN is heard for now, after too many wrong ones.
        greeting: He only wants to record his greeting.
        shared: Mailboxes of groups that he listens to besides.
        destination: Where a call back to a number goes; others cannot be called.
    """

    def __init__(
        self,
        mailbox: str,
        language: str,
        boxes: Mailboxes,
        *,
        pin: str = "",
        counted: Callable[[bool], bool] = bool,
        locked: Callable[[], bool] = lambda: False,
        greeting: bool = False,
        shared: tuple[str, ...] = (),
        destination: dict[str, Destination] | None = None,
    ) -> None:
        super().__init__(mailbox, language)
        self._boxes = boxes
        self._every = (mailbox, *shared)
        self._pin = pin
        self._counted = counted
        self._locked = locked
        self._destinations = destination or {}
        self._entered = ""
        self._wrong = 0
        self._left: list[Message] = []
        self._now: Message | None = None
        self._state = "greeting" if greeting else "pin" if pin else "message"

    def start(self, now_ms: int) -> list[Any]:
        """Ask for the PIN, or for the greeting, or say what there is."""
        if self._state == "greeting":
            return [self._talk("greeting-record", BEEP)]
        if self._state == "pin" and self._locked():
            self._state = "bye"
            return [self._talk("password-locked", "goodbye")]
        if self._state == "pin":
            self._deadline = now_ms + 2 * WAIT_MS
            return [self._talk("password-ask")]
        return self._count()

    def key(self, key: str, now_ms: int) -> list[Any]:
        """One key of the owner."""
        if self._state == "pin":
            return self._pin_key(key, now_ms)
        if self._state == "greeting":
            return self._stop_greeting() if key == "#" and self.recording else []
        if self._state != "message" or (self._now is None and key not in "9*"):
            return []
        self._deadline = None
        return [Quiet(), *self._choose(key, now_ms)]

    def played(self, now_ms: int) -> list[Any]:
        """What was said is over: wait for a key."""
        if self._state == "bye":
            return self._hang_up(now_ms)
        if self._state == "greeting" and not self.recording:
            self.recording = True
            self._deadline = now_ms + LONGEST_GREETING_MS
            return [Record()]
        self._deadline = now_ms + WAIT_MS
        return self._heard()

    def advance(self, now_ms: int) -> list[Any]:
        """No key came: say goodbye."""
        if self._deadline is None or now_ms < self._deadline:
            return []
        self._deadline = None
        return self._stop_greeting() if self.recording else self._goodbye()

    def recorded(self, recording: Recorded, now_ms: int) -> list[Any]:  # noqa: ARG002 - form
        """The greeting is closed."""
        self.recording = False
        greeting = Message(
            message=recording.name,
            mailbox=self.mailbox,
            kind="greeting",
            path=recording.path,
            left_at=recording.left_at,
            duration_ms=recording.duration_ms,
        )
        old = self._boxes.greeting(self.mailbox)
        done: list[Any] = [Keep(message=greeting)]
        if old is not None:
            done.append(Erase(message=old))
        self._state = "bye"
        return done if self.gone else [*done, self._talk("saved", "goodbye")]

    # --- steps ------------------------------------------------------------------------------------

    def _pin_key(self, key: str, now_ms: int) -> list[Any]:
        self._deadline = now_ms + 2 * WAIT_MS
        if key != "#":
            self._entered = (self._entered + key)[:MOST_PIN_KEYS]
            return []
        right, self._entered = hmac.compare_digest(self._entered, self._pin), ""
        if self._counted(right):
            self._state = "message"
            self._deadline = None
            return self._count()
        self._wrong += 1
        if self._wrong >= MOST_WRONG_PINS or self._locked():
            self._state = "bye"
            return [self._talk("password-locked", "goodbye")]
        return [self._talk("password-wrong", "password-ask")]

    def _count(self) -> list[Any]:
        lying = [m for box in self._every for m in self._boxes.messages(box)]
        self._left = sorted(lying, key=lambda m: m.heard)
        waiting = sum(self._boxes.waiting(box) for box in self._every)
        said = (
            ("voicemail-count-before", *say_number(waiting, self.language))
            if waiting
            else ("voicemail-none",)
        )
        if not self._left:
            return [self._talk(*said)]
        return self._next(*said)

    def _next(self, *before: str) -> list[Any]:
        if not self._left:
            self._now = None
            return [self._talk(*before, "voicemail-no-more")]
        self._now = self._left.pop(0)
        return [self._talk(*before, *self._words(self._now))]

    def _words(self, message: Message) -> tuple[str, ...]:
        known = bool(message.caller) and set(message.caller) <= _CALLS_BACK
        who = say_digits(message.caller, self.language) if known else ("voicemail-number-unknown",)
        return ("voicemail-message-from", *who, message.path, "voicemail-menu")

    def _heard(self) -> list[Any]:
        if self._now is None or self._now.heard:
            return []
        self._now = msgspec.structs.replace(self._now, heard=True)
        return [Mark(message=self._now)]

    def _choose(self, key: str, now_ms: int) -> list[Any]:
        message = self._now
        if key == "9":
            self._state = "greeting"
            return [self._talk("greeting-record", BEEP)]
        if key == "*" or message is None:
            return [*self._heard(), *self._goodbye()]
        if key == "3":
            return [Erase(message=message), *self._next("voicemail-deleted")]
        marked = self._heard()
        if key == "1":
            return [*marked, self._talk(*self._words(message))]
        if key == "2":
            return [*marked, *self._next()]
        destination = self._destinations.get(message.caller)
        if key == "4" and destination is not None:
            self.ended = True
            return [*marked, FlowGoto(at_ms=now_ms, destination=destination, choice=key)]
        return [*marked, self._talk("wrong-choice", "voicemail-menu")]

    def _stop_greeting(self) -> list[Any]:
        self._deadline = None
        return [StopRecord()]

    def _goodbye(self) -> list[Any]:
        self._state = "bye"
        return [self._talk("goodbye")]
