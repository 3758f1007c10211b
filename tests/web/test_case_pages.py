"""Customers, tickets, tasks, articles, reviews over a whole calld: what a page does is kept."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from firmware.control.case_messages import OpenTicket, SaveCustomer
from firmware.control.floor_messages import PromiseCall
from firmware.core.case_settings import CAUSES, KINDS
from firmware.core.desk_entries import Audited
from firmware.customers.customer import Customer
from firmware.knowledge.article import KINDS as ARTICLE_KINDS
from firmware.quality.review import Review
from firmware.storage.record_reader import ReadRecords
from firmware.tickets import states, ticket
from firmware.tickets.escalation import STEPS
from tests.web.desk import signed_in
from tests.web.office import OfficeBox
from web.app import create_app
from web.cases.tickets import ACTS
from web.words import WORDS

ENGLISH = {"Accept-Language": "en"}
WHO: dict[str, Any] = {"who": "boss", "origin": "test", "language": "en"}
NUMBER = "13800138000"
PAYLOADS = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "{{7*7}}",
    "'; DROP TABLE customer; --",
    "=cmd|' /C calc'!A0",
    "\u202egnp.exe",
)


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


def page(browser: FlaskClient, path: str) -> str:
    answer = browser.get(path, headers=ENGLISH)
    assert answer.status_code == 200, path
    return answer.text


def kept(box: OfficeBox, customer: int = 1) -> Customer | None:
    with ReadRecords.open(box.recordings.parent / "records.sqlite") as records:
        return records.cases.customer(customer)


def audited(box: OfficeBox) -> list[tuple[str, str, str]]:
    with ReadRecords.open(box.recordings.parent / "records.sqlite") as records:
        found = [e.entry for e in records.all_events() if isinstance(e.entry, Audited)]
    return [(e.who, e.action, e.what) for e in found]


# --- customers ------------------------------------------------------------------------------------


def test_a_card_is_made_found_changed(box: OfficeBox, boss: FlaskClient) -> None:
    assert "No customers yet." in page(boss, "/customers/")
    typed = {"name": "Li Lei", "numbers": "138 0013 8000\n021-6552 9988", "tags": "care，vip"}
    made = boss.post("/customers/save", data=typed | {"grade": "vip"})
    assert (made.status_code, made.location) == (303, "/customers/1")
    card = page(boss, "/customers/1")
    assert "138 0013 8000 (Beijing)" in card
    assert "021 6552 9988 (Shanghai)" in card
    card = kept(box)
    assert card is not None
    assert (card.numbers, card.tags) == (("+8613800138000", "+862165529988"), ("care", "vip"))
    for query in ("li", "13800138000", "0013", "VIP"):
        assert "Li Lei" in page(boss, f"/customers/?q={query}"), query
    assert "Nothing holds nobody." in page(boss, "/customers/?q=nobody")
    form = page(boss, "/customers/1/edit")
    assert "+8613800138000" in form
    typed = {"customer": "1", "name": "Li Lei", "numbers": "+8613800138000", "note": "morning"}
    boss.post("/customers/save", data=typed)
    card = kept(box)
    assert card is not None
    assert (card.note, card.numbers) == ("morning", ("+8613800138000",))


def test_days_of_a_customer_are_kept_shown_and_mended(box: OfficeBox, boss: FlaskClient) -> None:
    typed = {"name": "Li", "numbers": NUMBER, "dates": "birthday 1980/5/1\nrenewal 2027-03-01 once"}
    boss.post("/customers/save", data=typed | {"channel": "text"})
    card = kept(box)
    assert card is not None
    assert [(d.name, d.day, d.yearly) for d in card.dates] == [
        ("birthday", "1980-05-01", True),
        ("renewal", "2027-03-01", False),
    ]
    shown = page(boss, "/customers/1")
    assert "1980-05-01 yearly" in shown
    assert "text message" in shown
    form = page(boss, "/customers/1/edit")
    assert "birthday 1980-05-01 yearly\nrenewal 2027-03-01 once</textarea>" in form
    wrong = typed | {"customer": "1", "dates": "birthday 1980-02-30"}
    refused = boss.post("/customers/save", data=wrong, headers=ENGLISH)
    assert refused.status_code == 422
    assert "Date birthday 1980-02-30: needed is a name and a day" in refused.text
    assert ">birthday 1980-02-30</textarea>" in refused.text


def test_what_is_wrong_stands_at_its_field_and_nothing_is_lost(boss: FlaskClient) -> None:
    typed = {"name": "", "company": "", "numbers": "12", "note": "kept text"}
    refused = boss.post("/customers/save", data=typed, headers=ENGLISH)
    assert refused.status_code == 422
    assert re.search(r'id="name-wrong"[^>]*>A name or a company is needed\.', refused.text)
    assert re.search(r'id="numbers-wrong"[^>]*>Number 12: 5 to 20 digits', refused.text)
    assert ">kept text</textarea>" in refused.text
    assert ">12</textarea>" in refused.text
    first = {"name": "a", "numbers": NUMBER}
    boss.post("/customers/save", data=first)
    taken = boss.post("/customers/save", data=first | {"name": "b"}, headers=ENGLISH)
    assert "is customer 1&#39;s; the two can be merged." in taken.text


def test_an_agent_sees_no_numbers_and_loses_none(box: OfficeBox, app: Flask) -> None:
    box.set(cases={"fields": ["contract"]})
    card = Customer(name="Li", numbers=(NUMBER,), fields={"contract": "A-7"})
    box.ask(SaveCustomer(card=card, **WHO))
    anna = signed_in(app, "anna")
    for path in ("/customers/", "/customers/1", "/customers/1/edit"):
        shown = page(anna, path)
        assert "13800138000" not in shown.replace(" ", ""), path
        assert "****8000" in shown, path
    assert "A-7" not in page(anna, "/customers/1/edit")
    form = page(anna, "/customers/1/edit")
    numbers = re.search(r'<textarea id="numbers"[^>]*>([^<]*)<', form)
    assert numbers is not None
    typed = {"customer": "1", "name": "Li", "numbers": numbers.group(1), "note": "new"}
    assert anna.post("/customers/save", data=typed).status_code == 303
    after = kept(box)
    assert after is not None
    assert (after.numbers, after.note) == (("+8613800138000",), "new")
    assert after.fields == {"contract": "A-7"}
    assert anna.post("/customers/export").status_code == 403


@pytest.mark.parametrize("payload", PAYLOADS)
def test_payloads_are_shown_as_text_and_run_nowhere(
    box: OfficeBox, boss: FlaskClient, payload: str
) -> None:
    card = Customer(name=payload, company=payload, note=payload, tags=(payload,), numbers=(NUMBER,))
    box.ask(SaveCustomer(card=card, **WHO))
    box.ask(OpenTicket(kind="request", summary=payload, number=NUMBER, **WHO))
    typed = {"new": "1", "code": "11", "kind": "reply", "title": payload, "body": payload}
    assert boss.post("/knowledge/save", data=typed).status_code == 303
    paths = ["/customers/", "/customers/1", "/customers/1/edit", "/tickets/", "/tickets/1"]
    paths += ["/knowledge/", "/knowledge/11", "/knowledge/11/edit"]
    for path in paths:
        shown = page(boss, path)
        assert "<script>alert" not in shown, path
        assert "<img src=x" not in shown, path
        assert ">49<" not in shown, path
    rows = csv.reader(io.StringIO(boss.get("/customers/?as=csv").text.lstrip("\ufeff")))
    for row in list(rows)[1:]:
        assert not any(cell.startswith(("=", "+", "-", "@")) for cell in row), row


def test_a_list_is_sorted_paged_and_taken_away(box: OfficeBox, boss: FlaskClient) -> None:
    for at in range(60):
        card = Customer(name=f"C{at:02d}", company="ACME", numbers=(f"1370000{at:04d}",))
        box.ask(SaveCustomer(card=card, **WHO))
    first = page(boss, "/customers/?sort=-name")
    assert first.count("<tr><td") == 50
    assert first.index("C59") < first.index("C58")
    assert 'aria-sort="descending"' in first
    assert "60 rows, page 1 of 2" in first
    second = page(boss, "/customers/?sort=-name&page=2")
    assert second.count("<tr><td") == 10
    assert 'rel="next"' not in second
    assert page(boss, "/customers/?page=99").count("<tr><td") == 10, "the last one there is"
    taken = boss.get("/customers/?sort=-name&as=csv", headers=ENGLISH)
    assert taken.mimetype == "text/csv"
    rows = list(csv.reader(io.StringIO(taken.text.lstrip("\ufeff"))))
    assert rows[0][:3] == ["Name", "Company", "Telephone numbers"]
    assert len(rows) == 61
    assert rows[1][0] == "C59"


def test_a_file_is_looked_at_first_and_imported_then(box: OfficeBox, boss: FlaskClient) -> None:
    text = "姓名,电话,等级\n李雷,13800138000,vip\n韩梅梅,12,\n"

    def send(data: bytes, **more: str):
        form = {"file": (io.BytesIO(data), "customers.csv"), **more}
        return boss.post("/customers/import", data=form, headers=ENGLISH)

    wrong = send(text.encode("gb18030"))
    assert "Nothing is kept yet; it would be:" in wrong.text
    assert "1 mistakes" in wrong.text
    assert re.search(r'data-label="Line">3</td>', wrong.text)
    assert 'name="held"' not in wrong.text, "what is wrong cannot be imported"
    looked = send(text.replace("12,", "13900139000,").encode())
    assert "2 new, 0 changed" in looked.text
    assert kept(box) is None, "a look keeps nothing"
    held = re.search(r'name="held" value="([^"]+)"', looked.text)
    assert held is not None
    done = boss.post(
        "/customers/import", data={"held": held.group(1), "act": "keep"}, headers=ENGLISH
    )
    assert "Imported:" in done.text
    card = kept(box)
    assert card is not None
    assert card.name == "李雷"
    again = boss.post(
        "/customers/import", data={"held": held.group(1), "act": "keep"}, headers=ENGLISH
    )
    assert again.status_code == 422
    assert "choose it again" in again.text
    assert "needs a column of numbers" in send(b"a,b\n1,2\n").text


def test_the_export_is_put_down_before_it_is_given(box: OfficeBox, boss: FlaskClient) -> None:
    box.ask(SaveCustomer(card=Customer(name="Li", numbers=(NUMBER,)), **WHO))
    answer = boss.post("/customers/export")
    rows = list(csv.reader(io.StringIO(answer.text.lstrip("\ufeff"))))
    assert rows[1][0] == "Li"
    assert ("boss", "export", "customers") in audited(box)


def test_two_cards_of_one_person_become_one(box: OfficeBox, boss: FlaskClient) -> None:
    for name, number in (("Li", NUMBER), ("Li", "13900139000")):
        box.ask(SaveCustomer(card=Customer(name=name, numbers=(number,)), **WHO))
    assert '<option value="2">Li</option>' in page(boss, "/customers/1"), "suggested by name"
    refused = boss.post("/customers/1/merge", data={"other": "1"}, headers=ENGLISH)
    assert refused.status_code == 422
    assert "cannot be merged with itself" in refused.text
    assert boss.post("/customers/1/merge", data={"other": "2"}).status_code == 303
    card = kept(box)
    assert card is not None
    assert card.numbers == ("+8613800138000", "+8613900139000")
    assert boss.get("/customers/2").status_code == 404


def test_an_owner_erases_somebody_and_gets_the_receipt(box: OfficeBox, app: Flask, boss) -> None:
    box.ask(SaveCustomer(card=Customer(name="Li", numbers=(NUMBER,)), **WHO))
    owner = signed_in(app)
    assert boss.post("/customers/1/erase", data={"sure": "yes"}).status_code == 403
    unsure = owner.post("/customers/1/erase", headers=ENGLISH)
    assert "Tick the box first." in unsure.text
    done = owner.post("/customers/1/erase", data={"sure": "yes"}, headers=ENGLISH)
    assert "Print or keep this receipt" in done.text
    assert kept(box) is None


# --- tickets --------------------------------------------------------------------------------------


def test_the_life_of_a_ticket(app: Flask) -> None:
    anna = signed_in(app, "anna")
    assert "No tickets." in page(anna, "/tickets/")
    typed = {"kind": "complaint", "summary": "", "number": "7", "hours": "x"}
    late = anna.post("/tickets/new", data=typed, headers=ENGLISH)
    assert "x: needed are 1 to 168 hours." in late.text
    refused = anna.post("/tickets/new", data=typed | {"hours": ""}, headers=ENGLISH)
    assert refused.status_code == 422
    assert re.search(r'id="summary-wrong"[^>]*>Say what the ticket is about', refused.text)
    made = anna.post("/tickets/new", data={"kind": "complaint", "summary": "rude", "hours": "4"})
    assert made.location == "/tickets/1"
    shown = page(anna, "/tickets/1")
    assert "Complaint" in shown
    assert "High" in shown, "the priority of its kind"
    assert "4:00 left" in shown or "3:59 left" in shown or "late" in shown
    anna.post("/tickets/1", data={"act": "take"})
    assert "Being worked on" in page(anna, "/tickets/1")
    assert "1001" in page(anna, "/tickets/?mine=1")
    empty = anna.post("/tickets/1", data={"act": "solve"}, headers=ENGLISH)
    assert empty.status_code == 422
    assert "The solution is missing" in empty.text
    anna.post("/tickets/1", data={"act": "solve", "note": "said sorry"})
    shown = page(anna, "/tickets/1")
    assert "Solved" in shown
    assert "said sorry" in shown
    assert "No tickets." in page(anna, "/tickets/"), "nothing is owed"
    assert "rude" in page(anna, "/tickets/?state=all")
    anna.post("/tickets/1", data={"act": "reopen"})
    anna.post("/tickets/1", data={"act": "assign", "owner": "1002"})
    assert "<dd>1002" in page(anna, "/tickets/1")
    assert anna.post("/tickets/1", data={"act": "burn"}).status_code == 422
    assert anna.get("/tickets/77").status_code == 404


def test_what_the_page_offers_is_what_a_ticket_can() -> None:
    orders = {
        "take": states.TakeTicket,
        "wait": states.WaitForOthers,
        "solve": states.SolveTicket,
        "close": states.CloseTicket,
        "reopen": states.ReopenTicket,
    }
    for name, state in states.TABLE.states.items():
        assert {orders[act] for act in ACTS[name]} <= set(state.on), name
    assert set(ACTS) == set(ticket.STATES)


# --- tasks, articles, reviews ---------------------------------------------------------------------


def test_what_is_owed_is_listed_and_ended(box: OfficeBox, app: Flask, boss: FlaskClient) -> None:
    assert "No call is owed." in page(boss, "/tasks/")
    owed = PromiseCall(agent="1002", number=NUMBER, hours=1, note="the price", **WHO)
    box.ask(owed)
    shown = page(boss, "/tasks/")
    assert "138 0013 8000" in shown
    assert "the price" in shown
    assert "No call is owed." in page(signed_in(app, "anna"), "/tasks/"), "it is another's"
    assert boss.post("/tasks/t1/end", data={"how": "withdrawn"}).status_code == 303
    assert "No call is owed." in page(boss, "/tasks/")
    assert "not wanted any more" in page(boss, "/tasks/?all=1")
    refused = boss.post("/tasks/t1/end", data={"how": "done"}, headers=ENGLISH)
    assert refused.status_code == 409
    assert "There is no task t1, or it is over." in refused.text


def test_articles_are_written_and_taken_away(app: Flask, boss: FlaskClient) -> None:
    assert "No articles yet." in page(boss, "/knowledge/")
    typed = {"new": "1", "code": "1", "kind": "reply", "title": "", "body": "x" * 671}
    refused = boss.post("/knowledge/save", data=typed, headers=ENGLISH)
    assert refused.status_code == 422
    assert re.search(r'id="code-wrong"[^>]*>Code 1: it must be 2 to 4 digits', refused.text)
    assert "The title must have 1 to 120 characters" in refused.text
    good = {"new": "1", "code": "11", "kind": "reply", "title": "Refund", "body": "3 days"}
    assert boss.post("/knowledge/save", data=good).location == "/knowledge/11"
    twice = boss.post("/knowledge/save", data=good, headers=ENGLISH)
    assert "Code 11 has an article already." in twice.text
    boss.post("/knowledge/save", data={k: v for k, v in good.items() if k != "new"} | {"body": "4"})
    assert '<p class="lines slim">4</p>' in page(boss, "/knowledge/11")
    anna = signed_in(app, "anna")
    assert anna.post("/knowledge/11/remove").status_code == 403
    assert boss.post("/knowledge/11/remove").status_code == 303
    assert boss.get("/knowledge/11").status_code == 404


def test_a_bad_mark_is_looked_into_and_decided(box: OfficeBox, app: Flask) -> None:
    judge = signed_in(app, "judge")
    assert "Nothing to look into." in page(judge, "/reviews/")
    box.open_review(Review(call="00000001", agent="1001", queue="601", opened_ms=1, due_ms=2))
    shown = page(judge, "/reviews/")
    assert "Not satisfied" in shown
    empty = judge.post("/reviews/1", data={"action": "ok"}, headers=ENGLISH)
    assert empty.status_code == 422
    assert 'id="review-cause-wrong"' in empty.text
    assert 'id="review-action-wrong"' in empty.text
    assert ">ok</textarea>" in empty.text
    typed = {"cause": "manner", "action": "talked about it with Anna"}
    assert judge.post("/reviews/1", data=typed).status_code == 303
    assert "Nothing to look into." in page(judge, "/reviews/")
    every = page(judge, "/reviews/?all=1")
    assert "Decided" in every
    assert re.search(r"Manner</td>.*100 %", every, re.DOTALL)
    assert signed_in(app, "anna").get("/reviews/").status_code == 403


def test_every_kind_cause_step_and_state_has_words() -> None:
    names = [f"kind.{kind.name}" for kind in KINDS]
    names += [f"cause.{cause}" for cause in CAUSES]
    names += [f"ticket.{state}" for state in ticket.STATES]
    names += [f"article.{kind}" for kind in ARTICLE_KINDS]
    names += [f"step.remind_{percent}" for percent, _ in STEPS]
    names += [f"act.ticket.{act}" for acts in ACTS.values() for act in acts]
    assert not [name for name in names if name not in WORDS]
