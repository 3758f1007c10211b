"""What the command line prints of lines: a measurement, the go-live list, the card. Pure."""

from __future__ import annotations

from typing import Final

import msgspec

from firmware.call.emergency_card import emergency_card
from firmware.control.messages import ChecklistAnswer, MeasuredAnswer
from firmware.core.countries import country
from firmware.core.settings import Settings
from firmware.daemons.cli.tables import columns, duration
from firmware.daemons.cli.words import Language, say
from firmware.port.line_measure import measure_of
from firmware.port.line_verdict import figures, wrong_by

CHECKS: Final = ("seize", "dial", "caller_id", "clear")


def measured_lines(answer: MeasuredAnswer, language: Language) -> list[str]:
    """Figures, then what is wrong in words, or that nothing is."""
    measure = measure_of(answer.measured, "")
    wrong = wrong_by((measure,), answer.name, language)
    return [f"{answer.name}: {figures(measure, language)}", *wrong]


def checklist_lines(answer: ChecklistAnswer, language: Language) -> list[str]:
    """One line each, and what is still to be done."""
    heads = ["", *(say(f"check_{what}", language) for what in CHECKS)]
    rows = [
        (
            f"{line.port} {line.name}".strip(),
            *(line.checks.get(what) or say("check_missing", language) for what in CHECKS),
        )
        for line in answer.lines
    ]
    lines = columns(heads, rows)
    for line in answer.lines:
        lines += [
            f"  {line.port}: "
            + say(f"check_how_{what}", language, line=line.port.rpartition("/")[2])
            for what in CHECKS
            if not line.checks.get(what)
        ]
    lasted = duration(answer.all_busy_ms)
    return [*lines, say("all_busy_is", language, times=answer.all_busy, lasted=lasted)]


def card_lines(document: dict[str, object], language: Language) -> list[str]:
    """The printed card of the settings in force."""
    settings = msgspec.convert(document, Settings)
    return list(emergency_card(settings, country(settings.country), language))
