"""A telephone is tested by its user: voice, level, every key, hook, ringer. Pure.

The level is that of the voice alone, as the recorder measured it; limits are those of a handset at
the mouth (ITU-T P.310: send loudness 8 dB within 3 dB gives about -18 dBm0 for ordinary speech).
"""

from __future__ import annotations

from typing import Any, Final

from firmware.dialogs.told import RingTest, SelfTested
from firmware.voicemail.session import BEEP, Record, Recorded, Session, StopRecord
from ivr.speech import say_digits, say_number

SPEAK_MS: Final = 4_000
KEYS_MS: Final = 12_000
FLASH_MS: Final = 8_000
KEYS: Final = "123456789*0#"
SILENT_DBM0: Final = -50.0
LOW_DBM0: Final = -32.0
HIGH_DBM0: Final = -6.0


class SelfTest(Session):
    """One telephone.

    Args:
        extension: Which.
        language: Of the prompts.
    """

    def __init__(self, extension: str, language: str) -> None:
        super().__init__(extension, language)
        self._state = "begin"
        self._keys = ""
        self._found: list[str] = []
        self._good = True

    def start(self, now_ms: int) -> list[Any]:  # noqa: ARG002 - the form of a flow
        """Ask him to speak."""
        return [self._talk("self-test-begin", "self-test-speak", BEEP)]

    def played(self, now_ms: int) -> list[Any]:
        """What was to be said has been said: what comes next waits for him."""
        match self._state:
            case "begin":
                self._state, self.recording = "speaking", True
                self._deadline = now_ms + SPEAK_MS
                return [Record()]
            case "keys":
                self._deadline = now_ms + KEYS_MS
            case "flash":
                self._deadline = now_ms + FLASH_MS
            case "bye":
                return self._hang_up(now_ms)
        return []

    def recorded(self, recording: Recorded, now_ms: int) -> list[Any]:  # noqa: ARG002 - form
        """He hears himself, and what the box thinks of it."""
        self.recording = False
        if self.gone:
            return []
        level = recording.level_dbm0
        verdict = "self-test-level-good"
        if level is None or level < SILENT_DBM0:
            verdict = "self-test-silent"
        elif level < LOW_DBM0:
            verdict = "self-test-level-low"
        elif level > HIGH_DBM0:
            verdict = "self-test-level-high"
        self._good = verdict == "self-test-level-good"
        self._found.append("no voice" if level is None else f"level {level:.1f} dBm0")
        self._state = "keys"
        return [self._talk(recording.path, verdict, "self-test-keys")]

    def key(self, key: str, now_ms: int) -> list[Any]:
        """Every key is said back; the last one ends the test of keys."""
        if self._state != "keys":
            return []
        self._keys += key
        self._deadline = now_ms + KEYS_MS
        if set(KEYS) <= set(self._keys):
            return self._to_flash("self-test-keys-good")
        return [self._talk(*(say_digits(key, self.language) if key.isdigit() else (BEEP,)))]

    def flashed(self, break_ms: int, now_ms: int) -> list[Any]:
        """The hook was tapped."""
        if self._state != "flash":
            return []
        self._found.append(f"flash {break_ms} ms")
        length = say_number(break_ms, self.language)
        return self._to_ring(now_ms, "self-test-flash-good", *length)

    def advance(self, now_ms: int) -> list[Any]:
        """Time is up for this step."""
        if self._deadline is None or now_ms < self._deadline:
            return []
        self._deadline = None
        match self._state:
            case "speaking":
                self._state = "listening"
                return [StopRecord()]
            case "keys":
                return self._keys_missing()
            case "flash":
                self._found.append("no flash")
                return self._to_ring(now_ms, "self-test-flash-none")
            case _:
                return []

    def _keys_missing(self) -> list[Any]:
        missing = "".join(key for key in KEYS if key not in self._keys)
        self._good = False
        self._found.append(f"keys missing {missing}")
        digits = "".join(key for key in missing if key.isdigit())
        said = say_digits(digits, self.language) if digits else ()
        return self._to_flash("self-test-key-failed-before", *said)

    def _to_flash(self, *said: str) -> list[Any]:
        if not any(found.startswith("keys") for found in self._found):
            self._found.append("keys good")
        self._state, self._deadline = "flash", None
        return [self._talk(*said, "self-test-flash")]

    def _to_ring(self, _now_ms: int, *said: str) -> list[Any]:
        self._state, self._deadline = "bye", None
        verdict = "self-test-passed" if self._good else "self-test-failed"
        return [
            SelfTested(extension=self.mailbox, found=", ".join(self._found), good=self._good),
            RingTest(extension=self.mailbox),
            self._talk(*said, verdict, "self-test-ring"),
        ]
