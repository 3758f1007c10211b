"""The day that a command is about: as it was typed, or today, in the zone of whoever asks."""

from __future__ import annotations

import argparse
from datetime import date, datetime, timedelta, timezone, tzinfo
from typing import Final

from firmware.daemons.cli.means import Means
from firmware.daemons.cli.words import Language

BAD_DAY: Final = {
    "zh-CN": "{value} 不是日期（如 2026-03-02）",
    "en": "{value} is no day; e.g. 2026-03-02",
}


def day_of(means: Means, chosen: argparse.Namespace, language: Language) -> tuple[date, tzinfo]:
    """The day and its zone; what was typed as ``chosen.day``, or today.

    Raises:
        Exception: the mistake of ``means``, with a sentence: it is no day.
    """
    now = datetime.now().astimezone()
    zone = timezone(now.utcoffset() or timedelta())
    if not chosen.day:
        return now.date(), zone
    try:
        return date.fromisoformat(chosen.day), zone
    except ValueError as wrong:
        raise means.mistake(BAD_DAY[language].format(value=chosen.day)) from wrong
