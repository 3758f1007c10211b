"""What an agent hears in the moment he lifts: grade, how the caller came, queue, last topic.

It is three seconds at most: what does not fit is left out, the least important first.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Final, NamedTuple

import msgspec

from firmware.acd.visit import Visit
from firmware.core.desk_settings import Hint
from firmware.daemons.floor.task_news import topic_of
from firmware.daemons.lobby import EveryPrompt, Prompts
from firmware.knowledge.hints import Situation, hint_for
from ivr.speech import say_digits

if TYPE_CHECKING:
    from firmware.daemons.floor.queues import QueueDesk

LIMIT_MS: Final = 3_000
"""Identity is to be known three seconds after the answer at the latest."""

CARE, COMPLAINT = "care", "complaint"


class Known(msgspec.Struct, frozen=True, kw_only=True):
    """What the office remembers of a number.

    Attributes:
        tags: Of his card.
        open_ticket: Something is owed to him.
        complaint: That is a complaint.
        topic: Of his last call, two digits.
        grade: Of his card.
        days: Dates of his card, by name.
    """

    tags: tuple[str, ...] = ()
    open_ticket: bool = False
    complaint: bool = False
    topic: str = ""
    grade: str = ""
    days: dict[str, date] = {}


class Contact(NamedTuple):
    """An earlier call of a number: when, and about what (two digits, empty if nobody keyed it)."""

    wall: datetime
    topic: str


class Piece(NamedTuple):
    """Prompts that are said together or not at all; the lowest ``rank`` is left out last."""

    rank: int
    prompts: tuple[str, ...]


class Whispers:
    """Says who comes.

    Args:
        desk: Queues and agents.
    """

    def __init__(self, desk: QueueDesk) -> None:
        self._desk = desk
        self.prompts: Prompts = EveryPrompt()
        self.known_of: Callable[[str], Known] = lambda _number: Known()
        self._known: dict[str, Known] = {}  # visit to what was found while it rang
        self._hints: dict[str, Hint | None] = {}

    def look_up(self, visit: Visit, languages: Iterable[str]) -> None:
        """The telephone rings: find out now, so that nothing is asked when it is lifted.

        Prompts are read in these languages, to be at hand as well.
        """
        gone = [name for name in self._known if name not in self._desk.acd.hall.visits]
        for name in gone:
            del self._known[name]
        self._hints = {name: hint for name, hint in self._hints.items() if name not in gone}
        if visit.number and visit.id not in self._known:
            self._known[visit.id] = self.known_of(visit.number)
        if visit.id not in self._hints:
            self._hints[visit.id] = self._hint(visit)
        for language in languages:
            self.of(visit, language)

    def hint_of(self, visit: str) -> Hint | None:
        """What an agent may suggest to this caller, as it was found while it rang."""
        return self._hints.get(visit)

    def _hint(self, visit: Visit) -> Hint | None:
        rules = self._desk.settings.desk.hints
        today = self._desk.around.day
        if not rules or visit.task or not today:
            return None
        known = self._known.get(visit.id, Known())
        keys = [line.partition(":")[2] for line in visit.hops if line.startswith("choice:")]
        situation = Situation(
            today=date.fromisoformat(today),
            tags=known.tags,
            grade=known.grade,
            topic=known.topic,
            choice=keys[-1] if keys else "",
            days=known.days,
        )
        return hint_for(rules, situation)

    def of(self, visit: Visit, language: str) -> tuple[str, ...]:
        """What is whispered of a caller, as names with the language, in the order it is said."""
        pieces = [piece for piece in self.pieces(visit, language) if piece.prompts]
        kept: list[Piece] = []
        left_ms = LIMIT_MS
        for piece in sorted(pieces, key=lambda piece: piece.rank):
            lasts_ms = sum(self.prompts.length_ms(f"{language}/{key}") for key in piece.prompts)
            if lasts_ms <= left_ms or not kept:
                kept.append(piece)
                left_ms -= lasts_ms
        said = [key for piece in pieces if piece in kept for key in piece.prompts]
        return tuple(f"{language}/{key}" for key in said)

    def pieces(self, visit: Visit, language: str) -> Sequence[Piece]:
        """Everything there is to say, in the order it is said."""
        known = self._known.get(visit.id, Known())
        has = self.prompts.has
        digits = "".join(key for key in visit.number if key.isdigit())
        name = f"name-{digits}"
        own = f"queue-{visit.queue}"
        came, sent_by = hop(visit.hops, language)
        return (
            Piece(0, ("whisper-vip",) if visit.vip else ()),
            Piece(2, came),
            Piece(4, sent_by),
            Piece(3, (name,) if digits and has(f"{language}/{name}") else ()),
            Piece(1, ("whisper-care",) if CARE in known.tags else ()),
            Piece(6, _owed(known)),
            Piece(5, (own,) if has(f"{language}/{own}") else _queue(visit.queue, language)),
            Piece(8, choice(visit.hops, language)),
            Piece(9, self._hinted(visit.id, language)),
            Piece(7, tuple(topic_of(known.topic, language, has)) if known.topic else ()),
        )

    def _hinted(self, visit: str, language: str) -> tuple[str, ...]:
        """In the owner's words (``hint-12``) where he recorded them, else by its code."""
        hint = self._hints.get(visit)
        if hint is None:
            return ()
        own = f"hint-{hint.code}"
        if self.prompts.has(f"{language}/{own}"):
            return (own,)
        return ("whisper-hint-before", *say_digits(hint.code, language))


def hop(hops: Sequence[str], language: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """That the caller was sent on last, and by whom: ``extension:201`` or ``queue:300``."""
    for line in reversed(hops):
        kind, _, value = line.partition(":")
        if kind == "extension":
            return ("whisper-transfer",), ("whisper-from-before", *say_digits(value, language))
        if kind == "queue":
            return ("whisper-overflow",), _queue(value, language)
    return (), ()


def choice(hops: Sequence[str], language: str) -> tuple[str, ...]:
    """What he chose in a menu: ``choice:2``."""
    keys = [line.partition(":")[2] for line in hops if line.startswith("choice:")]
    return ("whisper-choice-before", *say_digits(keys[-1], language)) if keys else ()


def _owed(known: Known) -> tuple[str, ...]:
    if known.complaint or COMPLAINT in known.tags:
        return ("whisper-complaint",)
    return ("whisper-open-ticket",) if known.open_ticket else ()


def _queue(number: str, language: str) -> tuple[str, ...]:
    return ("whisper-queue-before", *say_digits(number, language))
