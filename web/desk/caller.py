"""Who calls, for the one who serves him: his card, his history, what he keyed on his way."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from firmware.control.floor_messages import AskCaller, CallerAnswer
from firmware.core.desk_entries import CallNoted
from firmware.core.desk_settings import Hint, script_of
from firmware.core.log_entries import AnyLogEntry, CallMarked
from firmware.core.menu_entries import (
    CallTagged,
    EntryTaken,
    LanguageChosen,
    LookUpEnded,
    NodePassed,
    PriorityGiven,
)
from firmware.core.settings import Settings
from firmware.customers.customer import Customer
from firmware.knowledge.article import Article
from firmware.reports.offers import HINT
from firmware.storage.call_query import CallFilter
from firmware.storage.errors import StorageError
from firmware.storage.masks import SEES_PEOPLE
from firmware.storage.projection import CallRecord
from firmware.storage.record_reader import ReadRecords
from firmware.tickets.ticket import ENDED, Ticket
from web.asking import RefusedError, ask, asker, records

EARLIER = 6
"""Calls of before that are shown: what fits beside a conversation."""

LATEST_DIGITS = 9
"""Of a number, by which its earlier calls are found however its beginning was written."""

NEW_GRADE = "new"  # of a caller without a card, where the office has such a grade
HIDDEN = "\u2022\u2022\u2022"


class Earlier(msgspec.Struct, frozen=True, kw_only=True):
    """One call of before, with what was noted about it."""

    record: CallRecord
    notes: tuple[str, ...] = ()


class Caller(msgspec.Struct, frozen=True, kw_only=True):
    """Everything about whoever is on the line.

    Attributes:
        call: The call's id.
        number: As it came.
        name: Of his card, else as the exchange told it.
        card: His card, None for nobody we know.
        queue: Number of the queue he came through, empty for a direct call.
        path: Steps of the menu he passed, with the exit he took.
        collected: What he keyed and what was found for him: name and value.
        tickets: That are not ended.
        earlier: Newest first.
        notes: Of this call.
        script: How to speak with him, None for none.
        hint: What to suggest to him, None for nothing.
    """

    call: str
    number: str = ""
    name: str = ""
    card: Customer | None = None
    queue: str = ""
    path: tuple[tuple[str, str], ...] = ()
    collected: tuple[tuple[str, str], ...] = ()
    tickets: tuple[Ticket, ...] = ()
    earlier: tuple[Earlier, ...] = ()
    notes: tuple[str, ...] = ()
    script: Article | None = None
    hint: Hint | None = None


def path_of(entries: Iterable[AnyLogEntry]) -> tuple[tuple[str, str], ...]:
    """Steps of menus and their exits, in order."""
    return tuple((e.node, e.exit) for e in entries if isinstance(e, NodePassed))


def collected_of(entries: Iterable[AnyLogEntry]) -> tuple[tuple[str, str], ...]:
    """What a caller keyed on his way; what a menu calls secret stays so."""
    found: dict[str, str] = {}
    for entry in entries:
        match entry:
            case EntryTaken(name=name, digits=digits, secret=secret):
                found[name] = HIDDEN if secret else digits
            case LookUpEnded(name=name, result=result):
                found[f"{name} ?"] = result
            case CallTagged(label=label):
                found["tag"] = ", ".join(filter(None, (found.get("tag", ""), label)))
            case LanguageChosen(language=language):
                found["language"] = language
            case PriorityGiven(priority=priority):
                found["priority"] = str(priority)
            case _:
                pass
    return tuple(found.items())


def notes_of(entries: Iterable[AnyLogEntry]) -> tuple[str, ...]:
    """What agents wrote about a call."""
    return tuple(e.text for e in entries if isinstance(e, CallNoted) and e.text)


def hint_of(entries: Iterable[AnyLogEntry], settings: Settings | None) -> Hint | None:
    """What his agent was told to suggest, in the words of the settings."""
    marks = [e.mark for e in entries if isinstance(e, CallMarked) and e.mark.startswith(HINT)]
    rules = settings.desk.hints if settings is not None else ()
    codes = {mark.removeprefix(HINT) for mark in marks}
    return next((rule for rule in rules if rule.code in codes), None)


def caller_of(call: str, settings: Settings | None) -> Caller:
    """Look everything up; what cannot be read is left out, and the number is shown at least."""
    try:
        known = ask(AskCaller(call=call, **asker()), CallerAnswer)
    except RefusedError:
        return Caller(call=call)
    try:
        with records() as log:
            # Whoever serves a caller knows who he is, also an agent who may not look him up.
            log.show_to(SEES_PEOPLE)
            return _read(log, known, settings)
    except StorageError:
        return Caller(call=known.call, number=known.number, name=known.name, queue=known.queue)


def _read(log: ReadRecords, known: CallerAnswer, settings: Settings | None) -> Caller:
    card = log.cases.customer(known.customer) if known.customer else None
    entries = [event.entry for event in log.events(known.call)]
    tickets: Sequence[Ticket] = ()
    if card is not None:
        tickets = log.cases.tickets_of(card)
    elif known.number:
        tickets = log.cases.tickets_of(Customer(numbers=(known.number,)))
    earlier: list[Earlier] = []
    if sum(sign.isdecimal() for sign in known.number) > 4:
        part = known.number[-LATEST_DIGITS:]
        for record in log.calls(EARLIER + 1, filters=CallFilter(number=part)):
            if record.call != known.call:
                notes = notes_of(event.entry for event in log.events(record.call))
                earlier.append(Earlier(record=record, notes=notes))
    code = ""
    if settings is not None:
        grades = settings.cases.grades
        grade = card.grade if card is not None else NEW_GRADE if NEW_GRADE in grades else ""
        code = script_of(settings.desk, grade)
    return Caller(
        call=known.call,
        number=known.number,
        name=(card.name or card.company) if card is not None else known.name,
        card=card,
        queue=known.queue,
        path=path_of(entries),
        collected=collected_of(entries),
        tickets=tuple(ticket for ticket in tickets if ticket.state not in ENDED),
        earlier=tuple(earlier[:EARLIER]),
        notes=notes_of(entries),
        script=log.cases.article(code) if code else None,
        hint=hint_of(entries, settings),
    )
