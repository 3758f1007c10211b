"""What a mail says, looked up as it is sent: a report of the records, a message with its sound."""

from __future__ import annotations

import json
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec

from firmware.control.link import ANSWERS, LinkError, connect
from firmware.control.messages import Answer, Hello, Refused
from firmware.control.outbox_messages import Item, LendMessage, OutboxNews
from firmware.control.recording_messages import RecordingDone
from firmware.fax.tries import sentence_of
from firmware.outbox.letter import Attached, Letter, fax, test, voicemail, word
from firmware.paper.errors import PaperError
from firmware.reports.report import Period, span
from firmware.reports.sheet import as_csv, sheet
from firmware.storage.export import BYTE_ORDER_MARK
from firmware.storage.faxes import RECEIVED
from firmware.storage.record_reader import FILE_NAME, ReadRecords

ANSWER_MS = 30_000
FAXES = "faxes"
"""Folder of their pages beside the records."""


def letter_of(item: Item, news: OutboxNews, data: Path, calld: Path) -> Letter:
    """Put a mail together. It takes a while.

    Args:
        item: Which.
        news: Settings of the office.
        data: Folder of the records.
        calld: Its socket; it lends the sound of messages.

    Raises:
        LookupError: nobody knows this kind of mail.
        StorageError: the records cannot be read.
        OSError: something else cannot.
    """
    kind, _, rest = item.template.partition(":")
    match kind:
        case "test":
            return test(item.language)
        case "voicemail":
            values = json.loads(item.data)
            wanted = not values.get("sound")
            sound = _sound(values.get("path", ""), calld) if wanted else b""
            return voicemail(values, item.language, sound)
        case "fax":
            return _fax(int(rest), item.language, data)
        case "report":
            period, _, day = rest.partition(":")
            return _report(Period(period), date.fromisoformat(day), item, news, data)
        case _:
            raise LookupError(f"there is no mail called {item.template}")


def _report(period: Period, day: date, item: Item, news: OutboxNews, data: Path) -> Letter:
    from firmware.reports.paper import NoFontError, paper  # its library takes long to load

    zone = ZoneInfo(news.zone)
    with ReadRecords.open(data / FILE_NAME) as records:
        facts = records.facts(*span(period, day, zone))
    made = sheet(
        facts,
        period=period,
        day=day,
        language=item.language,
        office=news.office,
        targets=news.targets,
    )
    name = f"{period}-{day}"
    table = (BYTE_ORDER_MARK + "".join(as_csv(made))).encode()
    attached = [Attached(f"{name}.csv", "text/csv", table)]
    try:
        attached.insert(
            0, Attached(f"{name}.pdf", "application/pdf", paper(made, datetime.now(zone)))
        )
    except NoFontError as problem:
        return Letter(
            subject=f"{made.title} {made.span}", text=f"{problem}\n", attached=tuple(attached)
        )
    text = word("report-text", item.language)
    return Letter(subject=f"{made.title} {made.span}", text=text, attached=tuple(attached))


def _fax(number: int, language: str, data: Path) -> Letter:
    """A fax that came, its pages as PDF; without them where they cannot be had (any more)."""
    from firmware.paper.portable import pdf_of  # its library takes long to load

    with ReadRecords.open(data / FILE_NAME) as records:
        row = records.faxes.fax(number)
    if row is None:
        raise LookupError(f"there is no fax {number}")
    values = {
        "fax": str(number),
        "pages": str(row.pages),
        "caller": row.number or row.station,
        "why": "" if row.state == RECEIVED else sentence_of(row.result, language),
    }
    path = Path(row.file)
    try:
        pdf = pdf_of(path.read_bytes(), f"Fax {number}") if path.parent == data / FAXES else b""
    except (OSError, PaperError):
        pdf = b""
    return fax(values, language, pdf)


def _sound(path: str, calld: Path) -> bytes:
    """A message's WAV; empty where it cannot be had (any more)."""
    answer = ask_once(calld, LendMessage(path=path))
    if not isinstance(answer, RecordingDone):
        return b""
    try:
        return Path(answer.path).read_bytes()
    except OSError:
        return b""


def ask_once(calld: Path, request: msgspec.Struct) -> Answer:
    """One question over a connection of its own."""
    try:
        link = connect(calld, ANSWERS, name="call control")
    except LinkError as problem:
        return Refused(id="calld-away", message=str(problem))
    try:
        link.send(Hello(program="outboxd"))
        link.send(request)
        while True:
            for message in link.wait(ANSWER_MS):
                if not isinstance(message, Hello):
                    return message
    except LinkError as problem:
        return Refused(id="calld-away", message=str(problem))
    finally:
        link.close()
