"""Texts that the box sends of its own accord after a call, with the entry that closes the call."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import msgspec

from firmware.core.acd_entries import SurveyOffered
from firmware.core.log_entries import AnyLogEntry, CallClosed, Direction, Outcome
from firmware.core.settings import Settings
from firmware.daemons.floor.mobile import is_mobile
from firmware.storage.outbox import OutboxItem
from firmware.storage.projection import CallRecord
from firmware.storage.records import Records

NOBODY: Final = frozenset({Outcome.ABANDONED, Outcome.NO_ANSWER, Outcome.BUSY})
"""Outcomes of a call that nobody took. A refused caller is not told that he will be called back,
unless it was a queue without anybody that refused him."""

TALKED_MS: Final = 10_000
"""Who spoke for less has nothing to judge. Chosen: a wrong number is over by then."""

QUEUE: Final = "queue"
BY_ITSELF: Final = {"by_itself": "yes"}


def own_texts(
    entry: AnyLogEntry, record: CallRecord | None, settings: Settings
) -> Iterable[dict[str, str]]:
    """Texts that follow from the end of a call, as columns of items.

    Who gets none after all (a number that wants none, one that had it today, a caller who was asked
    in the call) is looked up when the text is about to go.

    Args:
        entry: Which was just kept.
        record: Of its call.
        settings: Those in force.
    """
    texts = settings.outbox.texts
    if (
        not isinstance(entry, CallClosed)
        or record is None
        or not (texts.missed_call or texts.survey)
    ):
        return
    number = record.caller_number
    inbound = record.direction is Direction.INBOUND
    if not inbound or not number or not is_mobile(number, settings.country):
        return
    template = ""
    if texts.missed_call and _was_missed(record):
        template = "missed_call"
    elif texts.survey and _was_served(record, settings):
        template = "survey"
    if template:
        data = msgspec.json.encode({**BY_ITSELF, "extension": record.extension}).decode()
        yield {"kind": "sms", "number": number, "template": template, "data": data}


def _was_missed(record: CallRecord) -> bool:
    if record.t5_ms is not None:
        return False
    to_queue = record.destination.partition(" ")[0] == QUEUE
    return record.outcome in NOBODY or (record.outcome is Outcome.REFUSED and to_queue)


def _was_served(record: CallRecord, settings: Settings) -> bool:
    """An agent of a queue spoke with him."""
    kind, _, number = record.destination.partition(" ")
    queues = {queue.number for queue in settings.acd.queues}
    by_queue = kind == QUEUE and number in queues
    return by_queue and record.outcome is Outcome.ANSWERED and (record.talk_ms or 0) >= TALKED_MS


def asked_already(item: OutboxItem, records: Records) -> bool:
    """A survey that the box sends by itself, of a call in which its caller was asked already."""
    if item.template != "survey" or not item.call or not item.data:
        return False
    if msgspec.json.decode(item.data, type=dict[str, str]).get("by_itself") != "yes":
        return False  # an agent sends it: he knows why
    return any(isinstance(one.entry, SurveyOffered) for one in records.events(item.call))
