"""Score sheets, incidents and drills over a whole calld: from the page to the record and back."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from drivers.line import BatteryLost, LoopOpened
from firmware.control.messages import AskStatus, PowerSigns
from firmware.control.office_messages import AskFigures, FiguresAnswer
from firmware.core.desk_entries import Audited, CallScored
from firmware.quality.incident import Incident
from firmware.storage.record_reader import ReadRecords
from tests.web.desk import signed_in
from tests.web.office import OfficeBox
from web.app import create_app

ENGLISH = {"Accept-Language": "en"}
MARKS = {
    "greeting": "yes",
    "surname": "1",
    "listening": "partly",
    "solution": "yes",
    "courtesy": "yes",
    "farewell": "no",
    "verified": "yes",
}
"""10 + 5 + 10 + 30 + 20 + 0 of 100: 75 points."""


@pytest.fixture
def box(tmp_path: Path) -> Iterator[OfficeBox]:
    made = OfficeBox(tmp_path)
    yield made
    made.close()


@pytest.fixture
def app(box: OfficeBox, tmp_path: Path) -> Flask:
    return create_app(box, tmp_path)


@pytest.fixture
def boss(app: Flask) -> FlaskClient:
    return signed_in(app, "boss")


def text(browser: FlaskClient, path: str) -> str:
    answer = browser.get(path, headers=ENGLISH)
    assert answer.status_code == 200, (path, answer.text)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.text))


def served(box: OfficeBox) -> None:
    """A caller is answered by Anna at 201 and both hang up."""
    box.ring("13800138000")
    box.lift()
    box.hang_up()
    box.pass_ms(60_000)


def log_in(app: Flask) -> None:
    """Anna is at 201."""
    signed_in(app, "anna").post("/desk/state", data={"act": "sign_in", "extension": "201"})


def kept(box: OfficeBox) -> ReadRecords:
    return ReadRecords.open(box.recordings.parent / "records.sqlite")


def the_call(box: OfficeBox) -> str:
    with kept(box) as records:
        return records.calls()[0].call


def test_a_call_is_heard_scored_and_counted(box: OfficeBox, app: Flask, boss: FlaskClient) -> None:
    log_in(app)
    served(box)
    call = the_call(box)
    assert "Score this call" in text(boss, f"/calls/{call}")
    page = text(boss, f"/scores/{call}")
    assert "Customer&#39;s surname said" in page or "Customer's surname said" in page
    wanted = {f"mark.{name}": mark for name, mark in MARKS.items()} | {"sheet": "standard"}
    lacking = {**wanted, "mark.surname": "often", "mark.greeting": ""}
    answer = boss.post(f"/scores/{call}", data=lacking, headers=ENGLISH)
    assert answer.status_code == 422
    assert "often cannot be chosen; there are a number of times from 0 to 99" in answer.text
    assert "Choose one of yes, partly, no, -" in answer.text
    answer = boss.post(f"/scores/{call}", data=wanted, headers=ENGLISH)
    assert answer.status_code == 303, answer.text
    page = text(boss, "/scores/")
    assert "Anna 1001 75.00 1 Surname said twice: 0 / 1 (0.0 %)" in page
    with kept(box) as records:
        (entry,) = (e.entry for e in records.all_events() if isinstance(e.entry, CallScored))
        assert (entry.agent, entry.points, entry.who, entry.marks) == ("1001", 75.0, "boss", MARKS)
        assert records.verify().reason == ""
    found = box.ask(AskFigures(by="agent", codes=("quality", "surname_ok")))
    assert isinstance(found, FiguresAnswer)
    assert found.parts["1001"]["quality"].value == 75.0
    # Heard again: what is newer counts, once. 10 + 10 + 10 + 30 + 20 + 0 of 100.
    wanted["mark.surname"] = "2"
    assert boss.post(f"/scores/{call}", data=wanted).status_code == 303
    assert "Anna 1001 80.00 1 Surname said twice: 1 / 1 (100.0 %)" in text(boss, "/scores/")
    assert "Quality score 80.00 (80 / 1)" in text(
        boss, f"/reports/?day={box.wall().date()}&by=whole"
    )


def test_a_must_that_was_left_out_is_no_points_and_what_did_not_apply_is_not_asked(
    box: OfficeBox, app: Flask, boss: FlaskClient
) -> None:
    log_in(app)
    served(box)
    call = the_call(box)
    marks = dict(MARKS, verified="no")
    boss.post(f"/scores/{call}", data={f"mark.{k}": v for k, v in marks.items()})
    assert "Anna 1001 0.00 1" in text(boss, "/scores/")
    # A withheld number has no name, nobody was to be verified: 10 + 10 + 30 + 20 + 0 of 90.
    marks = dict(MARKS, verified="-", surname="-")
    boss.post(f"/scores/{call}", data={f"mark.{k}": v for k, v in marks.items()})
    assert "Anna 1001 77.78 1" in text(boss, "/scores/")


def test_what_cannot_be_scored_says_why(box: OfficeBox, app: Flask, boss: FlaskClient) -> None:
    assert boss.get("/scores/00009999").status_code == 404
    log_in(app)
    box.ring("13800138000")
    call = the_call(box)
    data = {f"mark.{k}": v for k, v in MARKS.items()}
    answer = boss.post(f"/scores/{call}", data=data, headers=ENGLISH)
    assert "is not over yet" in answer.text
    assert signed_in(app, "anna").get("/scores/").status_code == 403


def test_an_incident_has_a_grade_a_deadline_and_somebody_who_deals_with_it(
    box: OfficeBox, boss: FlaskClient
) -> None:
    bad = {"title": " ", "grade": "huge", "kind": "lines"}
    answer = boss.post("/incidents/", data=bad, headers=ENGLISH)
    assert answer.status_code == 422
    assert "There is no grade huge; there are general, large, serious, grave." in answer.text
    made = {"title": "two lines without dial tone", "grade": "serious", "kind": "lines"}
    answer = boss.post("/incidents/", data=made)
    assert answer.headers["Location"] == "/incidents/1"
    with kept(box) as records:
        one = records.quality.incident(1)
    assert isinstance(one, Incident)
    assert one.due_ms - one.opened_ms == 8 * 3_600_000
    boss.post("/incidents/1", data={"act": "give", "handler": "Bo"})
    assert "being dealt with" in text(boss, "/incidents/1")
    answer = boss.post("/incidents/1", data={"act": "close", "cause": "?"}, headers=ENGLISH)
    assert answer.status_code == 422
    assert "Say what the cause was." in answer.text
    done = {"act": "close", "cause": "cable cut by builders", "action": "cable laid deeper"}
    assert boss.post("/incidents/1", data=done).status_code == 303
    page = text(boss, "/incidents/1")
    assert "closed" in page
    assert "cable laid deeper" in page
    with kept(box) as records:
        noted = [
            e.entry.action
            for e in records.all_events()
            if isinstance(e.entry, Audited) and e.entry.what == "incident/1"
        ]
    assert noted == ["incident_open", "incident_take", "incident_close"]
    answer = boss.post("/incidents/1", data=done, headers=ENGLISH)
    assert "Incident 1 is closed already." in answer.text


def states(box: OfficeBox) -> dict[str, str]:
    answer = box.ask(AskStatus())
    return {p.port: p.state for p in answer.ports}  # type: ignore[union-attr]  # the box answers


def alarms(box: OfficeBox) -> str:
    return " ".join(box.ask(AskStatus()).alarms)  # type: ignore[union-attr]  # the same


def begin(browser: FlaskClient, kind: str, minutes: int = 5) -> str:
    data = {"drill": kind, "minutes": str(minutes), "sure": "1"}
    answer = browser.post("/incidents/drill", data=data, headers=ENGLISH)
    assert answer.status_code == 303, answer.text
    return answer.headers["Location"]


def test_a_drill_of_lines_leaves_one_and_ends_by_itself(box: OfficeBox, app: Flask) -> None:
    log_in(app)
    owner = signed_in(app, "owner")
    data = {"drill": "lines", "minutes": "5"}
    answer = owner.post("/incidents/drill", data=data, headers=ENGLISH)
    assert "confirm it first" in answer.text
    answer = owner.post(
        "/incidents/drill", data=dict(data, minutes="90", sure="1"), headers=ENGLISH
    )
    assert "90 minutes: a drill lasts 1 to 30." in answer.text
    assert signed_in(app, "boss").post("/incidents/drill", data=data).status_code == 403
    where = begin(owner, "lines")
    lines = {port: state for port, state in states(box).items() if port.startswith("fxo/")}
    assert sorted(lines.values()) == ["idle", "no_battery", "no_battery", "no_battery"]
    assert "演练进行中" in alarms(box)
    assert "min left" in text(owner, where)
    answer = owner.post("/incidents/drill", data=dict(data, sure="1"), headers=ENGLISH)
    assert "A drill is on already" in answer.text
    served(box)  # a caller rings all the same, and is served
    signed_in(app, "boss").post(where, data={"act": "take"})
    box.pass_ms(5 * 60_000)
    lines = {port: state for port, state in states(box).items() if port.startswith("fxo/")}
    assert set(lines.values()) == {"idle"}
    assert "演练" not in alarms(box)
    page = text(owner, where)
    assert "Ended by its time" in page
    assert "Calls meanwhile 1, of them answered 1" in page
    assert "nobody took it up" not in page


def test_a_drill_of_the_mains_gives_way_to_the_real_thing(box: OfficeBox, app: Flask) -> None:
    owner = signed_in(app, "owner")
    where = begin(owner, "power")
    assert "市电中断" in alarms(box)
    assert owner.post("/incidents/drill/end").status_code == 303
    assert "市电中断" not in alarms(box)
    assert "Ended by a person" in text(owner, where)
    assert "系统正由电池供电" in text(owner, where)
    where = begin(owner, "power")
    box.tell(PowerSigns(at_ms=box.now_ms, mains=False, low=False))
    assert "市电中断" in alarms(box)
    assert "Ended by a real failure" in text(owner, where)
    assert owner.post("/incidents/drill/end", headers=ENGLISH).status_code == 422
    begin(owner, "lines")
    box.tell(BatteryLost(port="fxo/4", at_ms=box.now_ms))
    assert states(box)["fxo/4"] == "no_battery"
    assert states(box)["fxo/1"] == "idle"


def test_while_the_card_is_away_calls_go_on_and_are_written_afterwards(
    box: OfficeBox, app: Flask
) -> None:
    log_in(app)
    owner = signed_in(app, "owner")
    where = begin(owner, "card")
    box.ring("13800138000")
    box.lift()
    box.pass_ms(130_000)  # over two minutes of talk: heartbeats and time-outs come and go
    assert states(box)["fxs/1"] == "in_call"
    assert "通话记录无法写入" in alarms(box) or "call records cannot be written" in alarms(box)
    with kept(box) as records:
        assert not records.calls()
    refused = owner.post("/incidents/", data={"title": "now", "grade": "large", "kind": "card"})
    assert refused.status_code == 422
    box.tell(LoopOpened(port="fxs/1", at_ms=box.now_ms))
    box.pass_ms(60_000)
    assert owner.post("/incidents/drill/end").status_code == 303
    with kept(box) as records:
        (record,) = records.calls()
        assert str(record.outcome) == "answered"
        assert (record.t6_ms or 0) - (record.t5_ms or 0) >= 130_000
        assert records.verify().reason == ""
    page = text(owner, where)
    assert "Calls meanwhile 1, of them answered 1" in page
    held = re.search(r"written afterwards (\d+)", page)
    assert held is not None
    assert int(held[1]) > 5
