"""The next thirty days as an owner looks them through: when the office is open. Pure."""

from __future__ import annotations

from datetime import datetime
from itertools import groupby

from firmware.call.hours import Span, preview
from firmware.control.messages import HoursAnswer, HoursDay, HoursSpan
from firmware.core.settings import Settings

CLOCK = "%H:%M"
MIDNIGHT = "24:00"


def hours_ahead(settings: Settings, wall: datetime, language: str) -> HoursAnswer:
    """Modes by schedule and calendar; what a handset forces now is no part of it.

    Args:
        settings: In force.
        wall: Now; the first day is that of the office's zone.
        language: Of the holidays' names.
    """

    def shown(span: Span) -> HoursSpan:
        holiday = ""
        if span.day is not None:
            holiday = span.day.chinese if language.startswith("zh") else span.day.english
        over = span.ends.date() != span.begins.date()
        return HoursSpan(
            begins=span.begins.strftime(CLOCK),
            ends=MIDNIGHT if over else span.ends.strftime(CLOCK),
            mode=span.mode,
            reason=span.reason,
            holiday=holiday,
        )

    whole = HoursSpan(begins="00:00", ends=MIDNIGHT, mode="day", reason="schedule")
    always = not settings.hours.week  # then no calendar counts either
    days = groupby(preview(settings, wall), key=lambda span: span.begins.date())
    return HoursAnswer(
        days=tuple(
            HoursDay(
                day=day.isoformat(),
                spans=(whole,) if always else tuple(shown(span) for span in spans),
            )
            for day, spans in days
        )
    )
