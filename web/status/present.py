"""Records as a person reads them. Pure: a record and a language in, strings out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

from firmware.storage.projection import CallRecord
from web.words import say


@dataclass(frozen=True, slots=True)
class CallRow:
    """One line of the call log."""

    call: str
    started: str
    started_iso: str
    direction: str
    caller: str
    destination: str
    outcome: str
    waited: str
    talked: str
    cleared_first: str
    cleared_by: str


def call_row(record: CallRecord, language: str) -> CallRow:
    """The row of one call."""
    began = datetime.fromisoformat(record.t0_wall).astimezone(
        timezone(timedelta(minutes=record.offset_min))
    )
    outcome = say(record.outcome, language) if record.outcome else say("talking", language)
    if record.answer_estimate:
        outcome += f" ({say('estimate', language)})"
    return CallRow(
        call=record.call,
        started=began.strftime("%Y-%m-%d %H:%M:%S"),
        started_iso=began.isoformat(timespec="seconds"),
        direction=say(record.direction, language),
        caller=caller(record, language),
        destination=record.extension or record.dialled or record.destination,
        outcome=outcome,
        waited=duration(record.wait_ms, language),
        talked=duration(record.talk_ms, language),
        cleared_first=say(record.cleared_first, language) if record.cleared_first else "",
        cleared_by=say(record.cleared_by, language) if record.cleared_by else "",
    )


def caller(record: CallRecord, language: str) -> str:
    """Number and name, or why there is none."""
    if record.caller_number:
        return f"{record.caller_number} {record.caller_name}".strip()
    if record.caller_kind == "private":
        return say("withheld", language)
    if record.direction == "inbound":
        return say("unknown", language)
    return record.origin


def duration(ms: int | None, language: str) -> str:
    """Whole seconds, cut; nothing for a time that never was."""
    if ms is None:
        return ""
    minutes, seconds = divmod(ms // 1000, 60)
    if minutes:
        return say("minutes", language, m=minutes, s=seconds)
    return say("seconds", language, n=seconds)
