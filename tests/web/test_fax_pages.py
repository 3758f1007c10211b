"""Faxes on the page over a whole calld: seen, answered, sent; what a page does is kept."""

from __future__ import annotations

import io
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image, ImageDraw

from firmware.core.fax_entries import FaxBegun, FaxFinished
from firmware.core.log_entries import CallClosed, CallerKnown, CallOffered, Direction, Outcome
from firmware.fax.job import FaxOrder
from firmware.paper.printer import as_tiff
from firmware.paper.tiff import pages_of
from firmware.storage.faxes import FaxRow
from firmware.storage.record_reader import ReadRecords
from firmware.tickets.ticket import Ticket
from tests.web.desk import signed_in
from tests.web.office import OfficeBox
from web.app import create_app

NUMBER = "13800138002"
ENGLISH = {"Accept-Language": "en"}


def page_of(text: str) -> Image.Image:
    made = Image.new("1", (1728, 500), 1)
    ImageDraw.Draw(made).text((200, 100), text, 0)
    return made


class FaxOffice(OfficeBox):
    """The wire is played by hand: what it tells is entries of the log."""

    def receive(self, count: int = 2, result: str = "complete", call: str = "00000900") -> None:
        """A fax comes from NUMBER."""
        path = self.calld.faxes.shelf.path_of(f"{call}-1")
        path.write_bytes(as_tiff([page_of(f"page {n}") for n in range(count)], "fine"))
        at = self.now_ms
        self.log(
            CallOffered(call=call, at_ms=at, direction=Direction.INBOUND, origin="fxo/1"),
            CallerKnown(call=call, at_ms=at, kind="number", number=NUMBER),
            FaxBegun(call=call, at_ms=at, port="fax/1", fax=f"{call}-1", direction="receive"),
        )
        self.log(
            FaxFinished(
                call=call,
                at_ms=at,
                fax=f"{call}-1",
                direction="receive",
                result=result,
                code=0,
                pages=count,
                tiff=str(path),
            ),
            CallClosed(call=call, at_ms=at, outcome=Outcome.SERVICE),
        )

    def log(self, *entries: object) -> None:
        """Entries as call control keeps them, and what follows from them."""
        self.calld.execution.enter(entries, self.now_ms)  # type: ignore[arg-type]  # entries of the log
        self.calld.execution.commit(self.now_ms, self.wall())
        self.settle()

    def settle(self) -> None:
        """Time goes by a little."""
        for _ in range(4):
            self.now_ms += 1
            self.do(self.calld.advance(self.now_ms, self.wall()))
        self.look()

    def orders(self) -> list[FaxOrder]:
        """Calls that are to be placed, taken from where they wait for a fax end."""
        self.settle()
        waiting = self.calld._office.faxes._orders  # there is no fax end here
        found = [order for order, _ in waiting]
        waiting.clear()
        return found

    def finish(self, order: FaxOrder, result: str = "complete") -> None:
        """The wire says how a try ended."""
        self.log(
            FaxFinished(
                call="00000901",
                at_ms=self.now_ms,
                fax="00000901-1",
                direction="send",
                result=result,
                code=0,
                pages=len(pages_of(Path(order.tiff).read_bytes())),
                job=order.job,
            )
        )


@pytest.fixture
def box(tmp_path: Path) -> Iterator[FaxOffice]:
    made = FaxOffice(tmp_path)
    made.set(
        fax={
            "on": True,
            "station": "021 66251234",
            "lines": [{"port": "fxo/1", "ticket": "complaint"}],
        }
    )
    yield made
    made.close()


@pytest.fixture
def app(box: FaxOffice, tmp_path: Path) -> Flask:
    return create_app(box, tmp_path)


@pytest.fixture
def boss(app: Flask) -> FlaskClient:
    return signed_in(app, "boss")


def fax_of(folder: Path, fax: int) -> FaxRow:
    with ReadRecords.open(folder / "records.sqlite") as records:
        found = records.faxes.fax(fax)
    assert found is not None
    return found


def ticket_of(folder: Path, ticket: int) -> tuple[Ticket, list[str]]:
    with ReadRecords.open(folder / "records.sqlite") as records:
        found = records.cases.ticket(ticket)
        steps = [step.what for step in records.cases.steps(ticket)]
    assert found is not None
    return found, steps


def test_a_complaint_by_fax_is_seen_answered_and_taken_out(
    box: FaxOffice, boss: FlaskClient, tmp_path: Path
) -> None:
    """It comes, opens a complaint, is looked at, answered by fax from the page, and arrives."""
    box.receive()
    listed = boss.get("/fax/", headers=ENGLISH).text
    assert "138 0013 8002" in listed
    assert "received" in listed
    shown = boss.get("/fax/1", headers=ENGLISH).text
    assert "/fax/1/2.png" in shown
    assert "Reply by fax" in shown
    seen = Image.open(io.BytesIO(boss.get("/fax/1/1.png").data))
    assert seen.width == 1000
    assert boss.get("/fax/1/3.png").status_code == 404
    ticket, _ = ticket_of(tmp_path, 1)
    assert (ticket.kind, ticket.origin) == ("complaint", "fax")
    assert "Fax #1" in boss.get("/tickets/1", headers=ENGLISH).text
    assert "Fax #1" in boss.get("/calls/00000900", headers=ENGLISH).text

    pdf = boss.post("/fax/1/pdf")
    assert pdf.mimetype == "application/pdf"
    assert pdf.data.startswith(b"%PDF-")
    with ReadRecords.open(tmp_path / "records.sqlite") as records:
        (noted,) = [e for e in records.entries_of("audited") if e.action == "fax_export"]  # type: ignore[union-attr]  # of that kind
    assert (noted.who, noted.what) == ("boss", "fax/1")  # type: ignore[union-attr]  # the same

    answer = boss.post(
        "/fax/new",
        data={"reply": "1", "numbers": "", "subject": "Your complaint", "text": "We are sorry."},
    )
    assert answer.status_code == 303, answer.text
    preview = boss.get(answer.location, headers=ENGLISH).text
    assert "the number it came from" in preview
    assert boss.get(f"{answer.location}/1.png").mimetype == "image/png"
    sent = boss.post(answer.location, data={"act": "send"})
    assert sent.location == "/fax/2"
    (order,) = box.orders()
    assert order.number == NUMBER
    box.finish(order)
    assert fax_of(tmp_path, 2).state == "sent"
    ticket, steps = ticket_of(tmp_path, 1)
    assert steps == ["open", "fax_ordered", "fax_sent"]
    assert ticket.answered_ms is not None
    assert "The fax arrived" in boss.get("/tickets/1", headers=ENGLISH).text


def test_a_letter_goes_to_two_people_with_a_cover_each(
    box: FaxOffice, boss: FlaskClient, tmp_path: Path
) -> None:
    data = {
        "numbers": f"{NUMBER}\n021-62551234",
        "subject": "Price list",
        "text": "见附件",
        "cover": "1",
        "files": (io.BytesIO(b"Apples 3.50\nPears 4.20\n"), "prices.txt"),
    }
    answer = boss.post("/fax/new", data=data, content_type="multipart/form-data")
    assert answer.status_code == 303, answer.text
    boss.post(answer.location, data={"act": "send"})
    (first,) = box.orders()
    assert fax_of(tmp_path, 1).pages_in_file == 2
    box.finish(first)
    (second,) = box.orders()
    assert second.number == "02162551234"
    assert Path(first.tiff).read_bytes() != Path(second.tiff).read_bytes()
    text = subprocess.run(
        ["pdfimages", "-list", "-"],
        input=boss.post("/fax/1/pdf").data,
        capture_output=True,
        check=True,
    ).stdout
    assert text.count(b"ccitt") == 2


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"numbers": "", "text": "x"}, "Write a fax number."),
        ({"numbers": "12", "text": "x"}, "Number 12: 3 to 20 digits are needed."),
        ({"numbers": NUMBER, "text": "x", "at": "soon"}, "Time soon"),
        (
            {"numbers": "\n".join(str(1000 + n) for n in range(21)), "text": "x"},
            "At most 20 numbers",
        ),
    ],
)
def test_what_is_typed_wrong_is_told_at_its_field(
    boss: FlaskClient, typed: dict[str, str], sentence: str
) -> None:
    answer = boss.post("/fax/new", data=typed, headers=ENGLISH)
    assert answer.status_code == 422
    assert sentence in answer.text


def test_missing_pages_are_an_alarm_on_the_overview_until_seen(
    box: FaxOffice, boss: FlaskClient
) -> None:
    box.receive(1, "carrier_lost")
    status = box.status()
    assert status is not None
    assert any("缺页" in alarm for alarm in status.alarms)
    assert "is not complete" in boss.get("/fax/1", headers=ENGLISH).text
    boss.post("/fax/1", data={"act": "seen"})
    box.settle()
    status = box.status()
    assert status is not None
    assert not any("缺页" in alarm for alarm in status.alarms)


def test_whoever_has_no_part_in_faxes_sees_none(box: FaxOffice, app: Flask) -> None:
    box.receive()
    judge = signed_in(app, "judge")
    for address in ("/fax/", "/fax/1", "/fax/1/1.png", "/fax/new"):
        assert judge.get(address).status_code == 403
    agent = signed_in(app, "anna")
    shown = agent.get("/fax/1", headers=ENGLISH).text
    assert "138 0013 8002" not in shown  # agents see no whole numbers, and may answer all the same
    assert "Reply by fax" in shown
    assert agent.post("/fax/1", data={"act": "delete"}).status_code == 403


def test_somebody_else_s_preview_is_nobody_s(app: Flask, boss: FlaskClient) -> None:
    answer = boss.post("/fax/new", data={"numbers": NUMBER, "text": "private"})
    agent = signed_in(app, "anna")
    assert agent.get(answer.location).status_code == 404
    assert agent.get(f"{answer.location}/1.png").status_code == 404


def test_requests_by_other_ways_are_entered_by_hand_with_the_same_number_and_deadline(
    box: FaxOffice, boss: FlaskClient, tmp_path: Path
) -> None:
    box.receive()
    for way in ("chat", "social", "text"):
        answer = boss.post(
            "/tickets/new",
            data={"kind": "complaint", "summary": f"by {way}", "number": NUMBER, "way": way},
        )
        assert answer.status_code == 303
    tickets = [ticket_of(tmp_path, n)[0] for n in (1, 2, 3, 4)]
    assert [one.origin for one in tickets] == ["fax", "chat", "social", "text"]
    assert len({one.reference for one in tickets}) == 4
    assert {one.due_ms - one.opened_ms for one in tickets} == {24 * 3_600_000}
    listed = boss.get("/tickets/", headers=ENGLISH).text
    assert "social media" in listed
    figures = boss.get("/tickets/figures/ageing?state=", headers=ENGLISH)
    assert figures.status_code == 200
