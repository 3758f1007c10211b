"""Figures as people read them. Pure."""

from __future__ import annotations

import msgspec

from firmware.reports.measures import MEASURES, Figure

CALLS_SHOWN = 40


class Shown(msgspec.Struct, frozen=True, kw_only=True):
    """One figure: its name, value in words, formula, and the calls behind it."""

    code: str
    name: str
    value: str
    formula: str
    parts: str
    note: str
    calls: tuple[str, ...]
    more: int


def shown(code: str, found: Figure, language: str) -> Shown:
    """One figure in the reader's language."""
    measure = MEASURES[code]
    top, bottom = found.top, found.bottom
    parts = "" if bottom is None else f"{plain(top)} / {plain(bottom)}"
    return Shown(
        code=code,
        name=measure.zh if language.startswith("zh") else measure.en,
        value=value_words(measure.unit, found.value),
        formula=measure.formula,
        parts=parts,
        note=found.note,
        calls=found.calls[:CALLS_SHOWN],
        more=max(0, len(found.calls) - CALLS_SHOWN),
    )


def value_words(unit: str, value: float | None) -> str:
    """A value with its unit; a dash where there is nothing to divide by."""
    if value is None:
        return "–"  # a dash is what a table shows for nothing
    if unit == "share":
        return f"{100 * value:.1f} %"
    if unit in {"seconds", "mean"}:
        return f"{value:.1f} s" if unit == "mean" else f"{value:.0f} s"
    return plain(value)


def plain(value: float) -> str:
    """A number without needless zeros."""
    return f"{value:.0f}" if value == int(value) else f"{value:.2f}"
