"""What an import would do, before it does it: new cards, changed cards, wrong lines."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import msgspec

from firmware.core.country import Country
from firmware.customers.customer import Customer, Problem, checked, merged


class Wrong(msgspec.Struct, frozen=True, kw_only=True):
    """A line that is left out, and why."""

    line: int
    field: str
    problem: Problem


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be kept.

    Attributes:
        new: Cards of nobody we know.
        changed: Cards we have, with what the import adds.
        same: How many add nothing.
        doubles: How many were about somebody who stood in the file before.
        wrong: Lines that are left out.
    """

    new: tuple[Customer, ...]
    changed: tuple[Customer, ...]
    same: int
    doubles: int
    wrong: tuple[Wrong, ...]


def planned(
    cards: Iterable[tuple[int, Customer]],
    known: Callable[[str], Customer | None],
    country: Country,
    grades: Sequence[str],
    fields: Sequence[str],
) -> Plan:
    """Cards that share a number are one customer: in the file, and with what we have.

    What a person wrote here stays; the file adds to it and overwrites nothing.

    Args:
        cards: With the numbers of their lines.
        known: The customer of a number, in the form of ``number_key``.
        country: Of the office.
        grades: What there are.
        fields: That the office has added.
    """
    wrong: list[Wrong] = []
    kept: dict[int, Customer] = {}
    of_number: dict[str, int] = {}
    doubles = 0
    for line, raw in cards:
        card, problems = checked(raw, country, grades, fields)
        if not card.numbers and not problems:
            problems = {"numbers": ("customer-number", {"value": "-"})}
        if problems:
            wrong += [Wrong(line=line, field=f, problem=p) for f, p in problems.items()]
            continue
        groups = sorted({of_number[n] for n in card.numbers if n in of_number})
        for group in groups:
            card = merged(kept.pop(group), card)
            doubles += 1
        kept[line] = card
        of_number |= dict.fromkeys(card.numbers, line)
    new, changed, same = [], [], 0
    for card in kept.values():
        before = next((c for n in card.numbers if (c := known(n)) is not None), None)
        if before is None:
            new.append(card)
            continue
        after = merged(before, card)
        # A note that was imported before is not written a second time.
        if card.note and card.note in before.note.split("\n"):
            after = msgspec.structs.replace(after, note=before.note)
        if after == before:
            same += 1
        else:
            changed.append(after)
    return Plan(
        new=tuple(new), changed=tuple(changed), same=same, doubles=doubles, wrong=tuple(wrong)
    )
