"""Records of calls as lines for the printer's cable."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from firmware.core.log_entries import Direction
from firmware.outbox.smdr import CallLine, formatted
from firmware.storage.projection import CallRecord
from firmware.storage.record_reader import FILE_NAME, ReadRecords


def lines_after(data: Path, seq: int, most: int, form: str, zone: str) -> list[tuple[int, bytes]]:
    """Lines of calls that ended after an entry, in the order they ended.

    Args:
        data: Folder of the records.
        seq: Number of the entry.
        most: So many at most.
        form: Of ``smdr.formatted``.
        zone: The office's.

    Returns:
        Number of the entry that ended the call, and its line; empty for an internal call.

    Raises:
        StorageError: the records cannot be read.
    """
    with ReadRecords.open(data / FILE_NAME) as records:
        ended = records.ended_after(seq, most)
        found = [(number, records.call(call)) for number, call in ended]
    return [
        (number, formatted(form, call_line(record, ZoneInfo(zone))) if printed(record) else b"")
        for number, record in found
        if record is not None
    ]


def printed(record: CallRecord | None) -> bool:
    """Calls to and from the outside are; those within the office are not."""
    return record is not None and record.direction is not Direction.INTERNAL


def call_line(record: CallRecord, zone: ZoneInfo) -> CallLine:
    """What a line says of a record."""
    inbound = record.direction is Direction.INBOUND
    ends_ms = record.t4_ms or record.t6_ms or record.t7_ms or record.t0_ms
    talk_ms = record.talk_ms
    port = record.line.rpartition("/")[2]
    return CallLine(
        call=record.call,
        begun=datetime.fromisoformat(record.t0_wall).astimezone(zone),
        inbound=inbound,
        number=record.caller_number if inbound else record.dialled,
        extension=record.extension,
        line=int(port) if port.isdecimal() else 0,
        ring_s=max(0, ends_ms - record.t0_ms) // 1000 if inbound else 0,
        talk_s=None if talk_ms is None else talk_ms // 1000,
        account=record.account,
        transferred=len(record.parties) > 2,
        outcome=str(record.outcome or ""),
    )
