"""Figures as people read them. Pure."""

from __future__ import annotations

import msgspec

from firmware.core.report_settings import Target
from firmware.reports.measures import Figure
from firmware.reports.sheet import entry, plain, value_words

__all__ = ["Shown", "plain", "shown", "value_words"]

CALLS_SHOWN = 40


class Shown(msgspec.Struct, frozen=True, kw_only=True):
    """One figure: its name, value in words, formula, target, and the calls behind it."""

    code: str
    name: str
    value: str
    formula: str
    parts: str
    note: str
    target: str
    met: bool | None
    calls: tuple[str, ...]
    more: int


def shown(code: str, found: Figure, language: str, target: Target | None = None) -> Shown:
    """One figure in the reader's language."""
    made = entry(code, found, language, target)
    return Shown(
        code=code,
        name=made.name,
        value=made.value,
        formula=made.formula,
        parts=made.parts,
        note=made.note,
        target=made.target,
        met=made.met,
        calls=found.calls[:CALLS_SHOWN],
        more=max(0, len(found.calls) - CALLS_SHOWN),
    )
