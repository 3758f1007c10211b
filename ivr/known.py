"""What an office has that flows may name, from its settings; for whoever checks flows."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from firmware.core.settings import Settings
from ivr.check import Office
from ivr.shipped import SHIPPED


def office_of(
    settings: Settings,
    *,
    has_prompt: Callable[[str], bool] | None = None,
    today: date | None = None,
) -> Office:
    """The office as :mod:`ivr.check` wants it.

    Args:
        settings: Of the office, in force or wanted.
        has_prompt: Which prompts there are; None leaves them unchecked.
        today: Hours before this day are over; None leaves that unchecked.
    """
    return Office(
        flows=SHIPPED,
        extensions={extension.number for extension in settings.extensions},
        groups={group.number for group in settings.ring_groups},
        queues={text for queue in settings.acd.queues for text in (queue.number, queue.name)},
        tables=set(settings.tables),
        addresses=set(settings.addresses),
        language=settings.language,
        has_prompt=has_prompt,
        today=today,
    )
