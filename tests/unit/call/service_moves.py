"""What people do with services at a set, as moves of a desk: the raw material of every pair.

A move is short, needs nothing to have happened before and survives when it cannot be done. Every
code of the table of codes is a move without anybody's doing (``code NAME``), so that a new service
meets all the others from the day it has a code. What needs more than a code stands in ``BY_HAND``.

The set is telephone 201. It talks with a caller on line 1 when a pair begins, or lies on its hook.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from drivers.line import LoopClosed, LoopOpened
from firmware.call.feature_codes import patterns
from firmware.core.countries import country
from firmware.core.log_entries import CallClosed, CallOffered, Cleared
from firmware.core.settings import Extension, Settings
from tests.unit.desk import Desk

SET, MATE, OTHER, THIRD = "fxs/1", "fxs/2", "fxs/3", "fxs/4"
LINES: Final = tuple(f"fxo/{n}" for n in range(1, 5))
NUMBER: Final = {"fxs/1": "201", "fxs/2": "202", "fxs/3": "203", "fxs/4": "204"}
FILL: Final = {"N": "203", "E": "203", "D": "12", "P": "1"}


class Set:
    """The office with the hands of its people: who has a handset lifted."""

    def __init__(self, settings: Settings) -> None:
        self.desk = Desk.ready(settings)
        self.lifted: set[str] = set()
        self.done: list[str] = []
        low_ms, high_ms = country(settings.country).flash_ms
        self._flash_ms = (low_ms + high_ms) // 2

    def lift(self, port: str = SET) -> None:
        if port not in self.lifted:
            self.lifted.add(port)
            self.desk.lift(port)
            self.desk.wait(50)

    def down(self, port: str = SET) -> None:
        if port in self.lifted:
            self.lifted.discard(port)
            self.desk.hang_up(port)
            self.desk.wait(300)

    def flash(self, port: str = SET) -> None:
        if port in self.lifted:
            desk = self.desk
            desk.tell(LoopOpened(port=port, at_ms=desk.now_ms))
            desk.wait(self._flash_ms)
            desk.tell(LoopClosed(port=port, at_ms=desk.now_ms))
            desk.wait(200)

    def dial(self, keys: str, port: str = SET) -> None:
        """From a lifted set by a recall first, as somebody does who has read the card."""
        if port in self.lifted:
            self.flash(port)
        else:
            self.lift(port)
        self.desk.key(port, keys, gap_ms=60)
        self.desk.wait(300)

    def answer(self, port: str) -> None:
        if port in self.desk.ringing:
            self.lift(port)

    def caller(self, line: str = "fxo/1") -> None:
        """Somebody calls from the outside and chooses the operator."""
        self.desk.call_in(line)
        self.desk.wait(2_500)
        self.desk.key(line, "1")
        self.desk.wait(2_500)

    def talk(self) -> None:
        """The set talks with a caller on line 1."""
        self.caller()
        self.answer(SET)
        self.desk.wait(100)

    def go_home(self) -> None:
        """Handsets down, exchanges clear, and time enough for every timer."""
        for port in sorted(self.lifted):
            self.down(port)
        for line in LINES:
            self.desk.tone(line, "busy")
        self.desk.wait(400_000)
        for port in sorted(self.desk.ringing):
            self.lift(port)
            self.down(port)
        for line in LINES:
            self.desk.tone(line, "busy")
        self.desk.wait(1_500_000)

    def left(self) -> list[str]:
        """What is still there, when nobody does anything any more."""
        desk = self.desk
        kept = {
            "calls": {call.call: call.state for call in desk.office.calls},
            "tones": desk.tones,
            "ringing": desk.ringing,
            "bridges": desk.bridges,
            "lines": desk.seized,
            "recordings": desk.recordings,
            "sessions": desk.office.handsets.sessions,
        }
        found = [f"{name}: {what}" for name, what in kept.items() if what]
        for call in {entry.call for entry in desk.log}:
            entries = [type(entry) for entry in desk.log if entry.call == call]
            counts = [entries.count(kind) for kind in (CallOffered, Cleared, CallClosed)]
            if counts != [1, 1, 1]:
                found.append(f"call {call} was offered, cleared and closed {counts} times")
        return found


Move = Callable[[Set], None]


def _waits(s: Set) -> None:
    s.dial("201", MATE)


def _change(s: Set) -> None:
    s.flash()
    s.desk.wait(200)
    s.flash()
    s.desk.key(SET, "2")
    s.desk.wait(300)


def _waiting_taken(s: Set) -> None:
    _waits(s)
    s.flash()


def _hold(s: Set) -> None:
    s.flash()
    s.desk.wait(3_000)


def _hold_down(s: Set) -> None:
    s.flash()
    s.down()


def _enquiry(s: Set) -> None:
    s.dial("203")
    s.answer(OTHER)


def _enquiry_busy(s: Set) -> None:
    s.lift(OTHER)
    s.dial("203")


def _blind(s: Set) -> None:
    s.dial("203")
    s.down()


def _attended(s: Set) -> None:
    _enquiry(s)
    s.down()


def _outside(s: Set) -> None:
    before = set(s.desk.seized)
    s.dial("913800138000")
    for line in sorted(set(s.desk.seized) - before):
        s.desk.tone(line, "dial")
    s.desk.wait(4_000)


def _three_way(s: Set) -> None:
    _enquiry(s)
    s.flash()
    s.desk.key(SET, "3")
    s.desk.wait(300)


def _drop(s: Set) -> None:
    _three_way(s)
    s.flash()


def _back(s: Set) -> None:
    _enquiry(s)
    s.flash()
    s.desk.key(SET, "1")
    s.desk.wait(300)


def _park(s: Set) -> None:
    s.dial(patterns(s.desk.settings)["park"])
    s.desk.wait(2_200)


def _fetch(s: Set) -> None:
    _park(s)
    s.down()
    s.dial(patterns(s.desk.settings)["fetch"].replace("P", "1"), OTHER)


def _mate_picks_up(s: Set) -> None:
    s.dial(patterns(s.desk.settings)["pick_up"], THIRD)


def _group(s: Set) -> None:
    s.dial("200", THIRD)
    s.answer(MATE)


def _second_caller(s: Set) -> None:
    s.caller("fxo/2")


def _clears(s: Set) -> None:
    s.desk.tone("fxo/1", "busy")
    s.desk.wait(4_000)


def _mate_down(s: Set) -> None:
    s.down(MATE)
    s.down(OTHER)


def _everybody_answers(s: Set) -> None:
    for port in (SET, MATE, OTHER, THIRD):
        s.answer(port)


def _long(s: Set) -> None:
    s.desk.wait(70_000)


BY_HAND: Final[Mapping[str, Move]] = {
    "a colleague waits": _waits,
    "waiting call taken": _waiting_taken,
    "change between two": _change,
    "hold": _hold,
    "hold and on-hook": _hold_down,
    "enquiry": _enquiry,
    "enquiry to a busy telephone": _enquiry_busy,
    "blind transfer": _blind,
    "attended transfer": _attended,
    "call outside": _outside,
    "three-way": _three_way,
    "last party dropped": _drop,
    "back to the held one": _back,
    "park": _park,
    "park and fetch": _fetch,
    "picked up elsewhere": _mate_picks_up,
    "group call": _group,
    "second caller": _second_caller,
    "caller clears": _clears,
    "colleagues hang up": _mate_down,
    "everybody answers": _everybody_answers,
    "a minute goes by": _long,
    "on-hook": lambda s: s.down(),
    "recall": lambda s: s.flash(),
}


def settings() -> Settings:
    """An office in which everything can be asked for."""
    return Settings(
        extensions=tuple(
            Extension(number=number, port=port, voicemail=port == OTHER)
            for port, number in NUMBER.items()
        ),
        record="all",
    )


def _code(pattern: str) -> Move:
    keys = "".join(FILL.get(key, key) for key in pattern)

    def move(s: Set) -> None:
        s.dial(keys)
        s.desk.wait(2_200)
        s.answer(OTHER)

    return move


def moves() -> dict[str, Move]:
    """Every move, those of codes included."""
    codes = {f"code {name}": _code(keys) for name, keys in patterns(settings()).items()}
    return {**BY_HAND, **codes}
