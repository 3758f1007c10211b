"""What an agent hears of a call that is owed before it is dialled: whom, since when, about what."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Final
from zoneinfo import ZoneInfo

from firmware.acd.tasks import Task
from firmware.dialogs.task_call import News
from firmware.dialogs.task_list import TaskItem
from ivr.speech import say_date, say_digits, say_time

SATISFACTION: Final = "satisfaction"
"""The note of a call that asks whether the customer is satisfied."""

KINDS: Final[Mapping[str, str]] = {
    "callback": "whisper-callback",
    "promise": "whisper-promise",
    "missed_call": "whisper-missed-call",
    "follow_up": "whisper-follow-up",
    "power_cut": "whisper-interrupted",
    "key_date": "whisper-key-date",
}
AT_ONCE: Final = frozenset({"callback", "power_cut"})
"""Who asked for it a moment ago, or was cut off, waits for it: nothing is offered but to call."""

OWN: Final = frozenset({"promise", "follow_up", "key_date"})
"""What agents have promised, or owe somebody of theirs: they are told how to put it off."""


def news_of(task: Task, language: str, zone: ZoneInfo, has: Callable[[str], bool]) -> News:
    """The announcement of one call.

    Args:
        task: What is owed.
        language: Of the agent's handset.
        zone: Of the office.
        has: Whether a prompt ``language/key`` can be heard.
    """
    said = [KINDS[task.kind] if task.note != SATISFACTION else "whisper-satisfaction"]
    digits = "".join(key for key in task.number if key.isdigit())
    if has(f"{language}/name-{digits}"):
        said.append(f"name-{digits}")
    if task.kind not in AT_ONCE and task.kind != "key_date":
        day = datetime.fromtimestamp(task.opened_ms / 1_000, UTC).astimezone(zone).date()
        said += ["contact-last-before", *say_date(day, language, year=False, weekday=False)]
    if task.topic:
        said += topic_of(task.topic, language, has)
    if "/" in task.note:
        said.append(task.note)
    number = tuple(say_digits(digits, language)) if digits else ()
    choice = task.kind not in AT_ONCE
    return News(said=tuple(said), number=number, choice=choice, menu=task.kind in OWN)


def item_of(task: Task, language: str, zone: ZoneInfo, has: Callable[[str], bool]) -> TaskItem:
    """One line of the list that an agent goes through: what, whom, until when."""
    news = news_of(task, language, zone, has)
    due = datetime.fromtimestamp(task.due_ms / 1_000, UTC).astimezone(zone)
    late = task.kind == "promise" and task.level > 0
    said = [*(("promise-overdue",) if late else ()), news.said[0]]
    said += ["task-customer-before", *news.number]
    said += ["task-due-before", *say_time(due.time(), language)]
    return TaskItem(task=task.id, said=tuple(said))


def topic_of(topic: str, language: str, has: Callable[[str], bool]) -> list[str]:
    """A topic by its name, where the owner has spoken that (``topic-23``), else by its digits."""
    if has(f"{language}/topic-{topic}"):
        return [f"topic-{topic}"]
    return ["whisper-topic-before", *say_digits(topic, language)]
