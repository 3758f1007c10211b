"""Faxes in the records: made with the entry they follow from, and gone with their number."""

from __future__ import annotations

from pathlib import Path

from firmware.core.fax_entries import FaxBegun, FaxFinished, FaxOrdered, FaxRemoved, FaxTurned
from firmware.core.log_entries import CallClosed, CallerKnown, Outcome
from firmware.storage.faxes import FaxRow
from firmware.storage.records import Records
from tests.unit.storage.stories import BOOT, offered, wall

CALLER = "13800138002"
CALL = "00000001"


def opened(folder: Path) -> Records:
    return Records.open(folder / "records.sqlite")


def keep(records: Records, *entries: object) -> None:
    now_ms = max(entry.at_ms for entry in entries)  # type: ignore[attr-defined]  # entries of the log
    records.append(entries, boot=BOOT, wall=wall(now_ms), trusted=True, now_ms=now_ms)  # type: ignore[arg-type]  # the same


def received(records: Records, ticket: str = "complaint") -> None:
    """A fax of two pages comes in a call from CALLER."""
    keep(
        records,
        offered(CALL, 1_000),
        CallerKnown(call=CALL, at_ms=2_000, kind="number", number=CALLER),
    )
    keep(records, FaxBegun(call=CALL, at_ms=9_000, port="fax/1", fax="1-1", direction="receive"))
    keep(
        records,
        FaxFinished(
            call=CALL,
            at_ms=70_000,
            fax="1-1",
            direction="receive",
            result="complete",
            code=0,
            pages=2,
            remote_station="+86 138 0013 8002",
            tiff="/data/faxes/1-1.tif",
            sha256="ab",
        ),
    )
    keep(
        records,
        FaxTurned(
            call=CALL,
            at_ms=70_000,
            fax=1,
            state="received",
            why="complete",
            pages=2,
            file="/data/faxes/1-1.tif",
            sha256="ab",
            ticket=ticket,
        ),
        CallClosed(call=CALL, at_ms=71_000, outcome=Outcome.SERVICE),
    )


def ordered(records: Records, ticket: int = 0) -> FaxRow:
    fax = records.faxes.next_fax()
    keep(
        records,
        FaxOrdered(
            at_ms=100_000,
            fax=fax,
            number=CALLER,
            subject="quotation",
            pages=3,
            file=f"/data/faxes/o{fax}.tif",
            sha256="cd",
            who="anna",
            ticket=ticket,
        ),
    )
    found = records.faxes.fax(fax)
    assert found is not None
    return found


def test_a_received_fax_has_caller_pages_and_a_ticket_with_its_deadline(tmp_path: Path) -> None:
    records = opened(tmp_path)
    received(records)
    (fax,) = records.faxes.newest()
    assert (fax.direction, fax.state, fax.number, fax.pages) == (
        "receive",
        "received",
        CALLER,
        2,
    )
    assert (fax.station, fax.call, fax.file) == ("+86 138 0013 8002", CALL, "/data/faxes/1-1.tif")
    ticket = records.cases.ticket(fax.ticket)
    assert ticket is not None
    assert (ticket.kind, ticket.origin, ticket.number) == ("complaint", "fax", CALLER)
    assert ticket.due_ms - ticket.opened_ms == 24 * 3_600_000  # what complaints are promised
    assert records.cases.calls_of(fax.ticket) == [CALL]
    assert records.cases.held_calls() == {CALL: ("complaint",)}
    assert [row.fax for row in records.faxes.of_ticket(fax.ticket)] == [fax.fax]


def test_while_it_comes_it_stands_there_as_coming(tmp_path: Path) -> None:
    records = opened(tmp_path)
    keep(records, offered(CALL, 1_000))
    keep(records, FaxBegun(call=CALL, at_ms=9_000, port="fax/1", fax="1-1", direction="receive"))
    (fax,) = records.faxes.in_states("receiving")
    assert (fax.call, fax.session, fax.pages) == (CALL, "1-1", 0)


def test_a_fax_to_be_sent_follows_its_tries(tmp_path: Path) -> None:
    records = opened(tmp_path)
    fax = ordered(records)
    assert (fax.state, fax.due_ms, fax.pages_in_file) == ("waiting", 1_772_323_300_000, 3)
    keep(records, FaxTurned(at_ms=101_000, fax=fax.fax, state="dialling"))
    begun = FaxBegun(
        call="2", at_ms=120_000, port="fax/1", fax="2-1", direction="send", job=str(fax.fax)
    )
    keep(records, begun)
    keep(
        records,
        FaxFinished(
            call="2",
            at_ms=180_000,
            fax="2-1",
            direction="send",
            result="carrier_lost",
            code=27,
            pages=1,
            job=str(fax.fax),
        ),
    )
    (ended,) = records.faxes.in_states("ended")
    assert (ended.tries, ended.session_pages, ended.result) == (1, 1, "carrier_lost")
    keep(
        records,
        FaxTurned(
            at_ms=181_000,
            fax=fax.fax,
            state="waiting",
            why="carrier_lost",
            pages=1,
            due_wall="2026-03-01T00:10:00.000+00:00",
        ),
    )
    (waits,) = records.faxes.in_states("waiting")
    assert (waits.pages, waits.due_ms) == (1, 1_772_323_800_000)
    assert records.faxes.next_due_ms() == 1_772_323_800_000


def test_a_reply_by_fax_stands_among_the_steps_of_its_ticket(tmp_path: Path) -> None:
    records = opened(tmp_path)
    received(records)
    ticket = records.faxes.newest()[0].ticket
    fax = ordered(records, ticket)
    keep(records, FaxTurned(at_ms=150_000, fax=fax.fax, state="sent", why="complete", pages=3))
    steps = [(step.what, step.who, step.note) for step in records.cases.steps(ticket)]
    assert steps == [("open", "box", ""), ("fax_ordered", "anna", "#2"), ("fax_sent", "anna", "#2")]
    answered = records.cases.ticket(ticket)
    assert answered is not None
    assert answered.answered_ms == 1_772_323_350_000  # 00:02:30, when it had arrived


def test_erasing_a_number_leaves_no_byte_of_it_and_names_the_files(tmp_path: Path) -> None:
    records = opened(tmp_path)
    received(records)
    ordered(records)
    gone = records.erase_number(
        CALLER, who="o", boot=BOOT, wall=wall(200_000), trusted=True, now_ms=200_000
    )
    assert set(gone.files) >= {"/data/faxes/1-1.tif", "/data/faxes/o2.tif"}
    for fax in records.faxes.newest():
        assert (fax.number, fax.station, fax.subject, fax.file) == ("", "", "", "")
    assert records.faxes.in_states("waiting") == []  # nothing is sent to whom nobody knows
    records.close()
    whole = b"".join(path.read_bytes() for path in tmp_path.glob("records.sqlite*"))
    assert CALLER.encode() not in whole
    assert b"138 0013 8002" not in whole
    assert b"quotation" not in whole


def test_pages_that_were_removed_leave_the_row(tmp_path: Path) -> None:
    records = opened(tmp_path)
    received(records)
    keep(records, FaxRemoved(at_ms=300_000, fax=1, why="retention", size=10, sha256="ab"))
    (fax,) = records.faxes.newest()
    assert (fax.file, fax.pages) == ("", 2)
    assert records.faxes.with_pages() == []
