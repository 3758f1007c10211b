"""What of a person each role may see in the records: applied where records are read. Pure."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Final, TypeVar

import msgspec

from firmware.core.accounts import Role
from firmware.core.log_entries import AnyLogEntry
from firmware.customers.customer import Customer
from firmware.storage import personal
from firmware.storage.projection import CallRecord

SEES_PEOPLE: Final = frozenset[Role]({"owner", "supervisor", "reviewer"})
"""An agent knows who he talks to while he does; an installer needs lines, not callers."""

LEAST_DIGITS: Final = 5  # shorter ones are extensions and services
STARS: Final = "****"
WORDS: Final = frozenset({"summary", "solution", "note"})
"""What is said of a customer in tickets and their steps."""

T = TypeVar("T", bound=msgspec.Struct)


def masked_number(number: str) -> str:
    """``138****8000``: the way a Chinese bill masks a mobile number; extensions stay."""
    if sum(sign.isdigit() for sign in number) < LEAST_DIGITS:
        return number
    if len(number) >= 9:
        return f"{number[:3]}{STARS}{number[-4:]}"
    return f"{number[:1]}{STARS}{number[-2:]}"


def sees_people(roles: Collection[Role]) -> bool:
    """Whether somebody with these roles may see numbers and names, and hear recordings."""
    return bool(SEES_PEOPLE & set(roles))


def masked_text(text: str) -> str:
    """A name, or words with a number in them: ``Li Lei`` is ``L*``, ``fxo/1`` stays."""
    if any(sign.isdigit() for sign in text):
        return " ".join(masked_number(part) for part in text.split(" "))
    return f"{text[:1]}*" if text else ""


def masked_entry(entry: AnyLogEntry, roles: Collection[Role]) -> AnyLogEntry:
    """An entry of the log as somebody with these roles may see it."""
    if sees_people(roles):
        return entry
    names = personal.FIELDS.get(str(entry.__struct_config__.tag), ())
    hidden = {name: _hidden(getattr(entry, name)) for name in names if getattr(entry, name)}
    return msgspec.structs.replace(entry, **hidden) if hidden else entry


def _hidden(value: Any) -> Any:
    """What kind of value it was stays: texts are masked, lists are empty."""
    return masked_text(value) if isinstance(value, str) else type(value)()


def masked_card(card: Customer, roles: Collection[Role]) -> Customer:
    """A customer's card: an agent knows the name, and no number; others know neither."""
    if sees_people(roles):
        return card
    numbers = tuple(masked_number(number) for number in card.numbers)
    if "agent" in roles:
        return msgspec.structs.replace(card, numbers=numbers, fields={})
    name, company = masked_text(card.name), masked_text(card.company)
    return msgspec.structs.replace(
        card, numbers=numbers, name=name, company=company, note="", fields={}, dates=()
    )


def masked_part(part: T, roles: Collection[Role]) -> T:
    """A ticket or a step of one: the number, and for whom has no desk the words too."""
    if sees_people(roles):
        return part
    hidden: dict[str, str] = {}
    for name in part.__struct_fields__:
        value = getattr(part, name)
        if name == "number":
            hidden[name] = masked_number(value)
        elif name in WORDS and "agent" not in roles:
            hidden[name] = ""
    return msgspec.structs.replace(part, **hidden) if hidden else part


def masked(record: CallRecord, roles: Collection[Role]) -> CallRecord:
    """The record as somebody with these roles may see it."""
    if sees_people(roles):
        return record
    kind, _, place = record.destination.partition(" ")
    return msgspec.structs.replace(
        record,
        caller_number=masked_number(record.caller_number),
        caller_name=record.caller_name[:1] + "*" if record.caller_name else "",
        dialled=masked_number(record.dialled),
        destination=f"{kind} {masked_number(place)}" if place else masked_number(kind),
        recordings=(),
    )
