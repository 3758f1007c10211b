"""What of a person each role may see in the records: applied where records are read. Pure."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

import msgspec

from firmware.core.accounts import Role
from firmware.storage.projection import CallRecord

SEES_PEOPLE: Final = frozenset[Role]({"owner", "supervisor", "reviewer"})
"""An agent knows who he talks to while he does; an installer needs lines, not callers."""

LEAST_DIGITS: Final = 5  # shorter ones are extensions and services
STARS: Final = "****"


def masked_number(number: str) -> str:
    """``138****8000``: the way a Chinese bill masks a mobile number; extensions stay."""
    if sum(sign.isdigit() for sign in number) < LEAST_DIGITS:
        return number
    if len(number) >= 9:
        return f"{number[:3]}{STARS}{number[-4:]}"
    return f"{number[:1]}{STARS}{number[-2:]}"


def masked(record: CallRecord, roles: Collection[Role]) -> CallRecord:
    """The record as somebody with these roles may see it."""
    if SEES_PEOPLE & set(roles):
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
