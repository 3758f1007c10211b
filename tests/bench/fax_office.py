"""What the people of an office do with faxes at the page, and what they find there."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from firmware.control.fax_desk_messages import PART_BYTES, ChangeFax, FaxAnswer, FaxPart, SendFax
from firmware.control.messages import Refused
from firmware.storage.faxes import FaxRow
from tests.bench.expected_memory import expectations
from tests.bench.fax_pages import draw
from tests.bench.stage import Expectation, Finding, Stage

__all__ = ["asked", "expectations"]

LOOK_MS = 200
REPLY = re.compile(r"answer fax (\d+) by a fax of (\d+) pages")
ORDER = re.compile(r"order a fax of (\d+) pages to (\d+)")
CANCEL = re.compile(r"cancel fax (\d+)")


def asked(box: Any, what: str, pages: Path) -> Path | None:
    """``answer fax 1 by a fax of 2 pages`` and others, as the page asks for it.

    Args:
        box: Which is asked.
        what: The words.
        pages: Where pages that are going to be sent may lie.

    Returns:
        The pages, an empty path where there are none; None for other words.
    """
    if found := CANCEL.fullmatch(what):
        _done(box.ask(ChangeFax(fax=int(found[1]), act="cancel", who="anna")))
        return Path()
    if found := REPLY.fullmatch(what):
        wanted = SendFax(upload="bench", reply=int(found[1]), who="anna")
    elif found := ORDER.fullmatch(what):
        wanted = SendFax(upload="bench", number=found[2], who="anna")
    else:
        return None
    count = found[2] if REPLY.fullmatch(what) else found[1]
    data = draw(pages, pages=int(count), words="the office says").read_bytes()
    for at in range(0, len(data), PART_BYTES):
        _done(box.ask(FaxPart(upload="bench", at=at, data=data[at : at + PART_BYTES])))
    _done(box.ask(wanted))
    return pages


def _done(answer: object) -> None:
    if not isinstance(answer, FaxAnswer):
        raise TypeError(answer.message if isinstance(answer, Refused) else str(answer))


def _fax(stage: Stage, fax: str) -> FaxRow | None:
    found: FaxRow | None = stage.box.calld._records.faxes.fax(int(fax))
    return found


@expectations.add("fax <fax:N> is <state:NAME> with <pages:N> pages")
def _is(stage: Stage, fax: str, state: str, pages: str) -> Expectation:
    def check() -> Finding:
        row = _fax(stage, fax)
        if row is None:
            return False, f"there is no fax {fax}"
        found = f"{row.state} ({row.result}), {row.pages} pages, {row.tries} tries"
        return (row.state, row.pages) == (state, int(pages)), found

    return Expectation(check, LOOK_MS)


@expectations.add("fax <fax:N> waits after <tries:N> tries for <result:NAME>")
def _waits(stage: Stage, fax: str, tries: str, result: str) -> Expectation:
    def check() -> Finding:
        row = _fax(stage, fax)
        if row is None:
            return False, f"there is no fax {fax}"
        found = f"{row.state} ({row.result}), {row.tries} tries"
        return (row.state, row.tries, row.result) == ("waiting", int(tries), result), found

    return Expectation(check, LOOK_MS)


@expectations.add("fax <fax:N> opened a <kind:NAME> of <number:NUMBER> due in <hours:N> hours")
def _opened(stage: Stage, fax: str, kind: str, number: str, hours: str) -> Expectation:
    def check() -> Finding:
        row = _fax(stage, fax)
        ticket = stage.box.calld._records.cases.ticket(row.ticket) if row is not None else None
        if ticket is None:
            return False, "there is no ticket"
        due = (ticket.due_ms - ticket.opened_ms) // 3_600_000
        words = f"{ticket.reference}: {ticket.kind} of {ticket.number}, {due} h, {ticket.origin}"
        fits = ticket.kind == kind and ticket.number.endswith(number.lstrip("0"))
        return fits and due == int(hours) and ticket.origin == "fax", words

    return Expectation(check, LOOK_MS)


@expectations.add("the ticket of fax <fax:N> has the steps <steps:TEXT>")
def _steps(stage: Stage, fax: str, steps: str) -> Expectation:
    def check() -> Finding:
        row = _fax(stage, fax)
        records = stage.box.calld._records
        found = [] if row is None else [step.what for step in records.cases.steps(row.ticket)]
        return found == steps.split(), " ".join(found)

    return Expectation(check, LOOK_MS)
