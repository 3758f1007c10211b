"""The call log searched: by day, direction, outcome, number and telephone, as a table."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Final

from flask import g, url_for

from firmware.core.accounts import Role
from firmware.core.log_entries import Direction, Outcome
from firmware.storage.call_query import CallFilter
from firmware.storage.errors import StorageError
from firmware.storage.projection import CallRecord
from web.asking import phone, records
from web.export import BATCH
from web.gate import may_see, the_box
from web.status.present import call_row, names_of
from web.table import MOST_ROWS, Cell, Column, Row

STORY_ROLES: Final[tuple[Role, ...]] = ("owner", "supervisor", "reviewer", "agent")
FIELDS: Final = ("since", "until", "direction", "outcome", "number", "extension")
COLUMNS: Final = (
    Column("started", "started"),
    Column("direction", "direction"),
    Column("caller", "caller"),
    Column("to", "destination"),
    Column("outcome", "outcome"),
    Column("waited", "waited", number=True),
    Column("talked", "talked", number=True),
    Column("cleared", "cleared-first"),
)


def asked(args: Mapping[str, str]) -> bool:
    """Whether anything is searched, sorted or taken away at all."""
    return any(args.get(name) for name in (*FIELDS, "q", "sort", "page", "as"))


def wanted(args: Mapping[str, str]) -> CallFilter:
    """What is looked for; a value that cannot be is as if it were not there."""
    direction, outcome = args.get("direction", ""), args.get("outcome", "")
    until = _day(args.get("until", ""))
    number = "".join(sign for sign in args.get("number", "") if sign in "0123456789")
    return CallFilter(
        direction=Direction(direction) if direction in set(Direction) else None,
        outcome=Outcome(outcome) if outcome in set(Outcome) else None,
        extension=args.get("extension", "").strip() or None,
        number=number or None,
        since=_day(args.get("since", "")),
        until=until + timedelta(days=1) if until is not None else None,
    )


def _day(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text[:10]).astimezone()
    except ValueError:
        return None


def found(args: Mapping[str, str]) -> tuple[list[Row], bool]:
    """Rows, newest first, and whether there are more than anybody looks at."""
    try:
        with records() as log:
            calls = log.calls(MOST_ROWS + 1, filters=wanted(args))
    except StorageError:
        return [], False
    names = names_of(the_box().status(), g.language)
    return [_row(record, names) for record in calls[:MOST_ROWS]], len(calls) > MOST_ROWS


def everything(args: Mapping[str, str]) -> Iterator[Row]:
    """All rows, newest first, however many; the records are opened for some at a time."""
    names, last = names_of(the_box().status(), g.language), None
    while True:
        with records() as log:
            calls = log.calls(BATCH, last, wanted(args))
        yield from (_row(record, names, linked=False) for record in calls)
        if len(calls) < BATCH:
            return
        last = calls[-1].call


def _row(record: CallRecord, names: Mapping[str, str], *, linked: bool = True) -> Row:
    row = call_row(record, names, g.language)
    story = url_for("stories.show", call=record.call) if linked and may_see(*STORY_ROLES) else ""
    caller = phone(record.caller_number) if record.caller_number else row.caller
    return {
        "started": Cell(row.started, record.t0_wall, href=story),
        "direction": Cell(row.direction),
        "caller": Cell(caller, small=record.caller_name if record.caller_number else ""),
        "to": Cell(phone(row.destination)),
        "outcome": Cell(row.outcome),
        "waited": Cell(row.waited, record.wait_ms if record.wait_ms is not None else -1),
        "talked": Cell(row.talked, record.talk_ms if record.talk_ms is not None else -1),
        "cleared": Cell(row.cleared),
    }
