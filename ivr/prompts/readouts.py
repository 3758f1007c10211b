# ruff: noqa: INP001  # a script: the folder holds sound and must not become a package
"""Numbers, amounts, days, times, durations and places to be heard, put together as on a call.

A draw with a printed seed: every kind equally often, small values as often as large ones.
"""

import random
from datetime import date, time, timedelta
from typing import Final

from ivr import speech

SEED: Final = 20_261_122
EACH: Final = 12
"""Of a kind in a language: with six kinds, five minutes of a core for both languages (chosen)."""


def drawn(language: str, seed: int = SEED) -> dict[str, list[str]]:
    """Names of read-outs (``money 1205``: cents) and the prompts of each in their order."""
    draw = random.Random(f"{seed} {language}")  # noqa: S311  # a repeatable draw, not a secret
    found: dict[str, list[str]] = {}
    for _ in range(EACH):
        number = draw.randrange(10 ** draw.randint(1, 9))
        cents = draw.randrange(1, 10 ** draw.randint(2, 8))
        day = date(2026, 1, 1) + timedelta(days=draw.randrange(4 * 365))
        at = time(draw.randrange(24), draw.randrange(60))
        seconds, place = draw.randrange(1, 4 * 3_600), draw.randint(1, 99)
        found |= {
            f"number {number}": speech.say_number(number, language),
            f"money {cents}": speech.say_money(cents, language),
            f"date {day}": speech.say_date(day, language),
            f"time {at:%H:%M}": speech.say_time(at, language),
            f"duration {seconds}": speech.say_duration(seconds, language),
            f"place {place}": speech.say_position(place, language),
        }
    return found
