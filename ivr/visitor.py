"""One caller within flows: the values he brings and gathers, his language, what is said to him.

Values by name: ``caller``, ``caller_name``, ``line``, ``line_name``, ``called``, ``language``,
``other_language`` (the one of zh-CN and en that is not spoken now),
``date``, ``time``, ``weekday``, ``grade``, what was keyed (``store`` of a ``collect``), what was
looked up, and counters.
"""

from __future__ import annotations

import re
from datetime import date, time
from typing import Final

from firmware.core.log_entry import LogEntry
from firmware.core.menu_entries import PromptMissing
from ivr.entries import as_date, as_time
from ivr.nodes import Said, Speech
from ivr.numerals import vocabulary
from ivr.orders import Caller, Surroundings
from ivr.speech import (
    say_date,
    say_digits,
    say_duration,
    say_money,
    say_number,
    say_position,
    say_time,
)
from ivr.texts import text_key

_VALUE: Final = re.compile(r"\{([a-z][a-z0-9_]*)\}")
_WEEKDAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
LAST_RESORT: Final = ("zh-CN", "en")
"""Languages that ship with sound; what is missing elsewhere is said in the first that has it."""

NOTICE: Final = "mandarin-instead"
"""Said once to a Cantonese caller before the first prompt that the office has not recorded."""

_CANTONESE_PIECES: Final = frozenset(vocabulary("zh-HK"))


class Visitor:
    """What is known of a caller, from the first node to the last.

    Args:
        caller: Whom.
        office: What may be asked about the box.
        languages: What is said before a language was chosen is said in each of these.
    """

    def __init__(self, caller: Caller, office: Surroundings, languages: tuple[str, ...]) -> None:
        self.caller = caller
        self.office = office
        self.languages = languages
        self.values: dict[str, str] = {}
        self.secrets: set[str] = set()
        self.counters: dict[str, int] = {}
        self.priority = 5
        self.now_ms = 0
        self.served = False
        self.has_operator = False  # whether 0 leads to a person in the flow that runs
        self.asks = 0
        self.notes: list[LogEntry] = []
        self._told_instead = False

    @property
    def language(self) -> str:
        """The one language of a visitor who has chosen; the first of several."""
        return self.languages[0]

    def speak(self, language: str) -> None:
        """From here on only this language."""
        self.languages = (language,)

    # --- values -----------------------------------------------------------------------------------

    def value(self, name: str) -> str:
        """A value by its name, empty for one that is not known."""
        if name in self.values:
            return self.values[name]
        if name in self.counters:
            return str(self.counters[name])
        caller = self.caller
        known = {
            "caller": caller.number,
            "caller_name": caller.name,
            "line": caller.line,
            "line_name": caller.line_name,
            "called": caller.called,
            "language": self.language,
            "other_language": "zh-CN" if self.language == "en" else "en",
        }
        if name in known:
            return known[name]
        if name == "grade":
            return self.office.grade(caller.number)
        wall = self.office.wall(self.now_ms)
        if wall is None:
            return ""
        return {
            "date": wall.date().isoformat(),
            "time": f"{wall:%H:%M}",
            "weekday": _WEEKDAYS[wall.weekday()],
        }.get(name, "")

    def filled(self, text: str) -> str:
        """A text with its values in place."""
        return _VALUE.sub(lambda found: self.value(found[1]), text)

    def public(self) -> dict[str, str]:
        """What was gathered and may be written down."""
        return {name: v for name, v in self.values.items() if name not in self.secrets}

    # --- speech -----------------------------------------------------------------------------------

    def words(self, speech: Speech) -> tuple[str, ...]:
        """Prompts that say this, complete with language; what cannot be said is left out."""
        names: list[str] = []
        for at, language in enumerate(self.languages):
            for one in speech:
                part = self.filled(one) if isinstance(one, str) else one
                if isinstance(part, Said):
                    names += self._said(part, language)
                elif "/" not in part:
                    names += self._in_language(part, language)
                elif not at:
                    names += self._recording(part)
        return tuple(names)

    def _recording(self, name: str) -> list[str]:
        if self.office.has_prompt(name):
            return [name]
        self._missing(name, "")
        return []

    def _in_language(self, key: str, language: str) -> list[str]:
        """One prompt, in another language where it is missing in this one."""
        wanted = f"{language}/{key}"
        if self.office.has_prompt(wanted):
            return [wanted]
        if language == "zh-HK" and key in _CANTONESE_PIECES:
            # Mandarin has no 百 of its own: who plays this says the whole read-out in Mandarin,
            # by Mandarin's grammar, with the notice. A piece left out would be another number.
            self._missing(wanted, "zh-CN")
            self._told_instead = True
            return [wanted]
        others = (self.caller.language, *LAST_RESORT)
        instead = next((f"{o}/{key}" for o in others if self.office.has_prompt(f"{o}/{key}")), "")
        self._missing(wanted, instead)
        if not instead:
            return []
        told, self._told_instead = self._told_instead, True
        if language == "zh-HK" and instead.startswith("zh-CN/") and not told:
            return [f"zh-CN/{NOTICE}", instead]
        return [instead]

    def _missing(self, prompt: str, instead: str) -> None:
        self.notes.append(
            PromptMissing(call=self.caller.call, at_ms=self.now_ms, prompt=prompt, instead=instead)
        )

    def _said(self, part: Said, language: str) -> list[str]:
        if part.kind == "text":
            return self._read_aloud(part, language)
        try:
            keys = self._read_out(part, language)
        except (ValueError, ArithmeticError):
            self._missing(f"{part.kind} {part.value}", "")
            return []
        return [name for key in keys for name in self._in_language(key, language)]

    def _read_aloud(self, part: Said, language: str) -> list[str]:
        """Words of a flow: their recording, of Cantonese the Mandarin words where it is missing."""
        words = part.text.get(language, "")  # type: ignore[call-overload]  # any language
        mandarin = part.text.get("zh-CN", "")
        if language == "zh-HK" and mandarin:
            spoken = words and self.office.has_prompt(f"{language}/{text_key(words)}")
            words = words if spoken else mandarin
        return self._in_language(text_key(words), language) if words else []

    def _read_out(self, part: Said, language: str) -> list[str]:
        value = self.filled(part.value).strip()
        match part.kind:
            case "digits":
                return say_digits("".join(c for c in value if c.isdigit()), language)
            case "number":
                return say_number(int(value), language)
            case "money":
                return say_money(int(value), language, part.currency)
            case "date":
                short = value.isdigit()
                day = as_date(value) if short else date.fromisoformat(value)
                return say_date(day, language, year=not short or len(value) == 8, weekday=False)
            case "time":
                at = as_time(value) if value.isdigit() else time.fromisoformat(value)
                return say_time(at, language)
            case "duration":
                return say_duration(int(value), language)
            case "queue_place":
                return say_position(self.office.queue(value).waiting + 1, language)
            case "queue_waiting":
                return say_number(self.office.queue(value).waiting, language)
            case "queue_wait":
                wait_s = self.office.queue(value).wait_s
                return [] if wait_s is None else say_duration(wait_s, language)
            case _:
                return []
