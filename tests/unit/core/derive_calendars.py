"""Writes ``firmware/core/calendar_days.py`` from the ``holidays`` library (MIT).

    pip install holidays
    python -m tests.unit.core.derive_calendars

The library is needed here alone: the box reads the table. Once a year, when the State Council has
announced the next one, run this with the library's newest release and look at the difference.
"""

from __future__ import annotations

from pathlib import Path

from firmware.core.countries import COUNTRIES

YEARS = (2025, 2026, 2027)
FILE = Path(__file__).parents[3] / "firmware" / "core" / "calendar_days.py"
HEAD = '''"""Statutory days per country, by ``tests/unit/core/derive_calendars.py``; do not edit.

A row is ``date|name in Chinese where the place has one|name in English``. Working days that make up
for a holiday, on weekends, stand apart. No exchanged days of 2027 had been announced for China.
"""

# ruff: noqa: E501 - a table of names: one line each
from __future__ import annotations

from typing import Final
'''
_OWN = {"CN": "zh_CN", "HK": "zh_HK", "TW": "zh_TW"}

Days = dict[str, tuple[str, ...]]


def derive() -> tuple[Days, Days]:
    """Holidays and made-up working days, as the table holds them."""
    from holidays import country_holidays  # type: ignore[import-not-found,unused-ignore]

    closed: Days = {}
    work: Days = {}
    for code in COUNTRIES:
        english_locale = "en_IN" if code == "IN" else "en_US"
        english = country_holidays(code, years=YEARS, language=english_locale)
        own = country_holidays(code, years=YEARS, language=_OWN.get(code, english_locale))
        closed[code] = tuple(
            f"{day}|{_plain(own[day])}|{_plain(english[day])}" for day in sorted(english)
        )
        made_up = tuple(str(day) for day in sorted(own.weekend_workdays) if day.year in YEARS)
        if made_up:
            work[code] = made_up
    return closed, work


def _plain(name: str) -> str:
    """Without the remark which weekend day was exchanged for it."""
    return name.partition("（")[0].partition(" (")[0]


def text() -> str:
    """The module's text."""
    closed, work = derive()
    parts = [HEAD]
    for name, table in (("CLOSED", closed), ("MADE_UP", work)):
        parts.append(f"\n{name}: Final[dict[str, tuple[str, ...]]] = {{\n")
        for code, rows in table.items():
            lines = "".join(f'        "{row}",\n' for row in rows)
            parts.append(f'    "{code}": (\n{lines}    ),\n')
        parts.append("}\n")
    return "".join(parts)


if __name__ == "__main__":
    FILE.write_text(text(), "utf-8")
    print(f"{FILE} written")
