"""Lists over a span: how long tickets take, what customers think, what became of a hint."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from firmware.control.case_messages import ChangeTicket, OpenTicket, SaveCustomer
from firmware.customers.customer import Customer
from firmware.customers.key_date import KeyDate
from firmware.daemons.cli.__main__ import main
from tests.web.desk import signed_in
from tests.web.office import OfficeBox
from web.app import create_app
from web.cases.figures import VIEWS

NUMBER = "13800138000"
WHO: dict[str, Any] = {"who": "boss", "origin": "test", "language": "en"}
DAY = "day=2026-03-02"


@pytest.fixture
def box(tmp_path: Path) -> Iterator[OfficeBox]:
    made = OfficeBox(tmp_path)
    yield made
    made.close()


@pytest.fixture
def app(box: OfficeBox, tmp_path: Path) -> Flask:
    return create_app(box, tmp_path)


def page(browser: FlaskClient, path: str, language: str = "en") -> str:
    answer = browser.get(path, headers={"Accept-Language": language})
    assert answer.status_code == 200, path
    return answer.text


def printed(
    box: OfficeBox, capsys: pytest.CaptureFixture[str], *words: str, language: str = "en"
) -> str:
    data = str(box.recordings.parent)
    arguments = ["--data", data, "--lang", language, *words, "--day", "2026-03-02"]
    assert main(arguments) == 0
    return capsys.readouterr().out


def test_who_opens_them(app: Flask) -> None:
    anna, boss = signed_in(app, "anna"), signed_in(app, "boss")
    for view in VIEWS:
        assert anna.get(f"/tickets/figures/{view}").status_code == 403
        assert boss.get(f"/tickets/figures/{view}").status_code == 200
    assert boss.get("/tickets/figures/other").status_code == 404
    wrong = boss.get("/tickets/figures/ageing?day=soon", headers={"Accept-Language": "en"})
    assert wrong.status_code == 422
    assert "soon" in wrong.text


def test_how_long_tickets_take(
    box: OfficeBox, app: Flask, capsys: pytest.CaptureFixture[str]
) -> None:
    boss = signed_in(app, "boss")
    for _ in range(2):
        box.ask(OpenTicket(kind="complaint", summary="late", number=NUMBER, **WHO))
    box.pass_ms(600_000)
    box.ask(ChangeTicket(ticket="#1", act="note", note="called", **WHO))
    box.ask(ChangeTicket(ticket="#1", act="take", **WHO))
    box.pass_ms(600_000)
    box.ask(ChangeTicket(ticket="#1", act="solve", note="sent anew", **WHO))
    shown = page(boss, f"/tickets/figures/ageing?{DAY}")
    assert "Complaint" in shown
    assert ">0:10<" in shown  # taken after ten minutes
    assert ">0:20<" in shown  # solved ten minutes later
    assert "place ceil(0.9 n)" in shown
    assert "首次响应中位数 = " in page(boss, f"/tickets/figures/ageing?{DAY}", "zh-CN")
    table = boss.get(f"/tickets/figures/ageing?{DAY}&as=csv", headers={"Accept-Language": "en"})
    assert table.mimetype == "text/csv"
    assert "0:10" in table.text
    ages = page(boss, "/tickets/figures/ages")
    assert 'href="/tickets/2"' in ages
    assert 'href="/tickets/1"' not in ages
    told = printed(box, capsys, "ageing")
    assert "complaint" in told
    assert "Time to first response, median = first taken or solved - opened" in told
    assert "600" in printed(box, capsys, "ageing", "--csv")
    assert "首次响应中位数" in printed(box, capsys, "ageing", language="zh-CN")


def test_what_customers_think_goes_to_whom_it_concerns(
    box: OfficeBox, app: Flask, capsys: pytest.CaptureFixture[str]
) -> None:
    boss, anna = signed_in(app, "boss"), signed_in(app, "anna")
    kinds = [{"name": "follow_up"}, {"name": "praise", "topics": ["93"], "opinion": True}]
    kinds[1]["owner"] = "201"
    box.set(cases={"kinds": kinds})
    anna.post("/desk/state", data={"act": "sign_in", "extension": "201"})
    box.ring(NUMBER)
    box.lift()
    box.hang_up()
    call = box.status().floor.agents[0].call  # type: ignore[union-attr]  # there is one
    done = {"call": call, "act": "end", "result": "solved", "topic": "93", "note": ""}
    assert anna.post("/desk/work", data=done).status_code == 303
    shown = page(boss, f"/tickets/figures/opinions?{DAY}")
    assert "Praise: 1" in shown
    assert ">201<" in shown
    by_hand = OpenTicket(kind="praise", summary="friendly", number=NUMBER, **WHO)
    assert box.ask(by_hand).ticket.owner == "201"  # type: ignore[union-attr]  # it is a ticket
    assert "Praise: 2" in page(boss, f"/tickets/figures/opinions?{DAY}")
    assert "表扬: 2" in page(boss, f"/tickets/figures/opinions?{DAY}", "zh-CN")
    assert "praise" in printed(box, capsys, "opinions")


def test_a_hint_stands_on_the_desk_and_what_became_of_it_is_counted(
    box: OfficeBox, app: Flask, capsys: pytest.CaptureFixture[str]
) -> None:
    boss, anna = signed_in(app, "boss"), signed_in(app, "anna")
    bought = KeyDate(name="purchase", day="2025-03-01", yearly=False)
    card = Customer(name="Li", numbers=(NUMBER,), tags=("boiler",), dates=(bought,))
    box.ask(SaveCustomer(card=card, **WHO))
    rule = {"code": "12", "text": "Offer the care plan", "tag": "boiler", "date": "purchase"}
    box.set(desk={"hints": [rule | {"from_days": 300}]})
    anna.post("/desk/state", data={"act": "sign_in", "extension": "201"})
    for number, result in (
        (NUMBER, "offer_accepted"),
        (NUMBER, "solved"),
        ("13900139000", "solved"),
    ):
        box.ring(number)
        hinted = "Offer the care plan" in page(anna, "/desk/")
        assert hinted is (number == NUMBER)
        box.lift()
        box.hang_up()
        call = box.status().floor.agents[0].call  # type: ignore[union-attr]  # there is one
        done = {"call": call, "act": "end", "result": result, "note": ""}
        assert anna.post("/desk/work", data=done).status_code == 303
    shown = page(boss, f"/tickets/figures/offers?{DAY}")
    assert "Offer the care plan" in shown
    assert ">50.0 %<" in shown  # one of two
    told = printed(box, capsys, "offers", "--csv")
    assert "12,Offer the care plan,2,1,50.0%" in told or "12,,2,1,50.0%" in told
    assert "-,(no hint),1,0,0.0%" in told
