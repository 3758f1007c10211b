"""The agent's desk over a whole calld: who calls, what is known of him, what became of it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, get_args

import pytest
from flask import Flask
from flask.testing import FlaskClient

from firmware.acd.agent import AGENT
from firmware.control.case_messages import OpenTicket, SaveArticle, SaveCustomer
from firmware.control.floor_messages import AgentNow
from firmware.core.acd_entries import WrapUpEnded
from firmware.core.acd_settings import PauseReason
from firmware.core.desk_entries import CallNoted
from firmware.core.desk_settings import Targets
from firmware.core.report_settings import Target
from firmware.customers.customer import Customer
from firmware.knowledge.article import Article
from firmware.storage.record_reader import ReadRecords
from tests.web.desk import signed_in
from tests.web.office import OfficeBox
from web.app import create_app
from web.desk.present import RESULTS, day_of
from web.words import WORDS

ENGLISH = {"Accept-Language": "en"}
NUMBER = "13800138000"
WHO: dict[str, Any] = {"who": "boss", "origin": "test", "language": "en"}
PAYLOAD = "<img src=x onerror=alert(1)>"


@pytest.fixture
def box(tmp_path) -> Iterator[OfficeBox]:
    made = OfficeBox(tmp_path)
    yield made
    made.close()


@pytest.fixture
def app(box: OfficeBox, tmp_path) -> Flask:
    return create_app(box, tmp_path)


@pytest.fixture
def anna(app: Flask) -> FlaskClient:
    return signed_in(app, "anna")


def page(browser: FlaskClient, path: str = "/desk/") -> str:
    answer = browser.get(path, headers=ENGLISH)
    assert answer.status_code == 200
    return answer.text


def sign_in(browser: FlaskClient, extension: str = "201") -> None:
    typed = {"act": "sign_in", "extension": extension}
    assert browser.post("/desk/state", data=typed).status_code == 303


def state(box: OfficeBox, agent: str = "1001") -> AgentNow:
    status = box.status()
    assert status is not None
    assert status.floor is not None
    return next(a for a in status.floor.agents if a.agent == agent)


def entries(box: OfficeBox, kind: type) -> list[Any]:
    with ReadRecords.open(box.recordings.parent / "records.sqlite") as records:
        return [e.entry for e in records.all_events() if isinstance(e.entry, kind)]


def test_states_are_buttons_and_a_refusal_is_told(box: OfficeBox, anna: FlaskClient) -> None:
    assert "Signed out" in page(anna)
    sign_in(anna)
    assert state(box).state == "ready"
    shown = page(anna)
    assert "Ready" in shown
    assert "30 min left" in shown, "the budget of a break"
    anna.post("/desk/state", data={"act": "pause:lunch"})
    assert (state(box).state, state(box).pause) == ("paused", "lunch")
    assert "Paused · Lunch" in page(anna)
    anna.post("/desk/state", data={"act": "ready"})
    assert state(box).state == "ready"
    refused = anna.post("/desk/state", data={"act": "sign_out"}, headers=ENGLISH)
    assert refused.status_code == 409
    assert "You are the last agent of queue 601" in refused.text
    quiet = anna.post("/desk/state", data={"act": "sign_out"}, headers=ENGLISH | {"X-Quiet": "1"})
    assert (quiet.status_code, quiet.mimetype) == (409, "text/html")
    assert quiet.text.startswith("You are the last agent")


def test_whoever_serves_no_queue_is_told_how_to(app: Flask) -> None:
    assert "Your account has no agent number" in page(signed_in(app, "boss"))
    owner = page(signed_in(app))
    assert 'href="/settings/people"' in owner


def test_a_caller_pops_with_all_that_is_known_of_him(box: OfficeBox, anna: FlaskClient) -> None:
    card = Customer(name="Li Lei", company="Blue Sky", grade="vip", numbers=(NUMBER,), note=PAYLOAD)
    box.ask(SaveCustomer(card=card, **WHO))
    box.ask(OpenTicket(kind="complaint", summary="the bill is wrong", number=NUMBER, **WHO))
    script = Article(code="101", kind="standard", title="VIP", body="Good morning, Mr. Li.")
    box.ask(SaveArticle(article=script, **WHO))
    box.set(desk={"scripts": {"vip": "101"}})
    sign_in(anna)
    assert "The next one appears here with the first ring." in page(anna)
    box.ring(NUMBER)
    assert state(box).state == "offered"
    shown = page(anna)
    for words in ("Li Lei", "138 0013 8000", "Blue Sky", "VIP", "sales 601", "the bill is wrong"):
        assert words in shown, words
    assert "Good morning, Mr. Li." in shown
    assert PAYLOAD not in shown
    assert "&lt;img src=x" in shown
    chinese = anna.get("/desk/", headers={"Accept-Language": "zh-CN"}).text
    assert "VIP 客户" in chinese
    assert "振铃" in chinese


def test_the_stream_brings_the_caller_with_the_ring(box: OfficeBox, anna: FlaskClient) -> None:
    sign_in(anna)
    answer = anna.get("/desk/live", buffered=False, headers=ENGLISH)
    stream = iter(answer.response)
    first = [next(stream).decode() for _ in range(6)]
    assert [text.partition("\n")[0] for text in first] == [
        f"event: {part}" for part in ("state", "caller", "work", "waiting", "day", "tasks")
    ]
    box.ring(NUMBER)
    seen: dict[str, str] = {}
    while "caller" not in seen:
        text = next(stream).decode()
        seen[text.partition("\n")[0].removeprefix("event: ")] = text
    answer.close()
    assert "138 0013 8000" in seen["caller"]
    assert "There is no card of this caller." in seen["caller"]


def test_somebody_unknown_can_be_given_a_card_and_a_ticket(
    box: OfficeBox, anna: FlaskClient
) -> None:
    sign_in(anna)
    box.ring(NUMBER)
    assert f'href="/customers/new?number={NUMBER}"' in page(anna)
    call = state(box).call
    typed = {"kind": "request", "summary": "wants a price", "number": NUMBER, "call": call}
    opened = anna.post("/desk/ticket", data=typed)
    assert (opened.status_code, opened.location) == (303, "/tickets/1")
    shown = page(anna, "/tickets/1")
    assert "wants a price" in shown
    assert f'href="/calls/{call}"' in shown


def test_note_result_and_follow_up_end_the_work(box: OfficeBox, anna: FlaskClient) -> None:
    sign_in(anna)
    box.ring(NUMBER)
    box.lift()
    call = state(box).call
    typed = {"call": call, "note": "asks for a bill", "act": "note"}
    assert anna.post("/desk/work", data=typed).status_code == 303
    early = {"call": call, "note": "long text", "act": "end", "result": "solved"}
    refused = anna.post("/desk/work", data=early, headers=ENGLISH)
    assert refused.status_code == 422
    assert "The work after the call is over already." in refused.text
    assert ">long text</textarea>" in refused.text
    assert re.search(r'value="solved" checked', refused.text)
    box.hang_up()
    assert "Work after the call ends in" in page(anna)
    wrong = anna.post("/desk/work", data=early | {"hours": "soon"}, headers=ENGLISH)
    assert wrong.status_code == 422
    assert "soon: needed are 1 to 168 hours." in wrong.text
    assert 'value="soon"' in wrong.text
    done = early | {"note": "sent", "topic": "11", "hours": "24"}
    assert anna.post("/desk/work", data=done).status_code == 303
    assert state(box).state == "ready"
    (ended,) = entries(box, WrapUpEnded)
    assert (ended.call, ended.result, ended.topic) == (call, "solved", "11")
    assert [e.text for e in entries(box, CallNoted)] == ["asks for a bill", "sent"]
    shown = page(anna)
    assert "Follow-up" in shown, "what is owed stands among his tasks"
    box.ring(NUMBER)
    shown = page(anna)
    assert "Earlier calls (1)" in shown
    assert "asks for a bill" in shown, "what was noted then is there when he calls again"


def test_a_promise_is_kept_among_the_tasks_and_ended(anna: FlaskClient) -> None:
    sign_in(anna)
    typed = {"promise_number": NUMBER, "promise_hours": "2", "promise_note": "price"}
    assert anna.post("/desk/promise", data=typed).status_code == 303
    shown = page(anna)
    assert "138 0013 8000" in shown
    task = re.search(r'action="(/tasks/[^"]+)"', shown)
    assert task is not None
    assert "138 0013 8000" in page(anna, "/tasks/"), "his own promise: he knows the number"
    ended = anna.post(task.group(1), data={"how": "done", "back": "/desk/"})
    assert (ended.status_code, ended.location) == (303, "/desk/")
    assert "Nothing is owed." in page(anna)
    refused = anna.post("/desk/promise", data=typed | {"promise_hours": "0"}, headers=ENGLISH)
    assert refused.status_code == 422


def test_answers_are_found_by_code_and_words(box: OfficeBox, anna: FlaskClient) -> None:
    assert "No articles yet" in page(anna)
    for code, kind, title in (("11", "reply", "Refund time"), ("12", "article", "Router reset")):
        article = Article(code=code, kind=kind, title=title, body=PAYLOAD)  # type: ignore[arg-type]  # of the kinds
        box.ask(SaveArticle(article=article, **WHO))
    assert "Refund time" in page(anna, "/desk/knowledge?find=11")
    found = page(anna, "/desk/knowledge?find=router")
    assert "Router reset" in found
    assert "Refund" not in found
    assert PAYLOAD not in found
    assert "Nothing holds &lt;b&gt;." in page(anna, "/desk/knowledge?find=<b>")
    sign_in(anna)
    box.ring(NUMBER)
    call = state(box).call
    assert anna.post("/desk/used/11", data={"call": call}).status_code == 303
    assert "used 1 times" in page(anna, "/knowledge/11")


def test_a_phrase_that_is_not_to_be_used_is_told(box: OfficeBox, anna: FlaskClient) -> None:
    never = Article(code="90", kind="forbidden", title="never", body="not my job")
    box.ask(SaveArticle(article=never, **WHO))
    sign_in(anna)
    box.ring(NUMBER)
    box.lift()
    typed = {"call": state(box).call, "note": "said it is Not My Job", "act": "note"}
    saved = anna.post("/desk/work", data=typed)
    assert "It holds a phrase that is not to be used" in page(anna, saved.location)


@pytest.mark.parametrize(
    ("targets", "texts", "good"),
    [
        (Targets(), ["", "", "", ""], [None] * 4),
        (
            Targets(calls=4, talk_s=100, wrap_up_s=20, missed=1),
            ["≥ 4", "≤ 100 s", "≤ 20 s", "≤ 1"],
            [True, True, False, False],
        ),
    ],
)
def test_a_day_against_its_targets(
    targets: Targets, texts: list[str], good: list[bool | None]
) -> None:
    # Four calls of 100 s each, 25 s of work after each, two missed.
    day = AgentNow(agent="1", calls=4, missed=2, talk_ms=400_000, wrap_up_ms=100_000)
    goals = day_of(day, targets, "en")
    assert [goal.text for goal in goals] == ["4", "100 s", "25 s", "2"]
    assert [goal.target_text for goal in goals] == texts
    assert [goal.good for goal in goals] == good


def test_his_own_target_goes_before_that_of_everybody() -> None:
    day = AgentNow(agent="1", calls=4, missed=2, talk_ms=400_000, wrap_up_ms=100_000)
    own = {
        "a": Target(figure="a", value=10, whose="1"),
        "aht": Target(figure="aht", value=120, reach="most", whose="1"),
    }
    goals = {goal.word: goal for goal in day_of(day, Targets(calls=4), "en", own)}
    assert goals["Conversations"].target_text == "≥ 10"
    assert goals["Conversations"].good is False
    assert goals["Mean handling"].text == "125 s"
    assert goals["Mean handling"].good is False


def test_every_state_pause_and_result_has_words() -> None:
    names = [f"agent.{name}" for name in AGENT.states]
    names += [f"pause.{name}" for name in get_args(PauseReason)]
    names += [f"result.{name}" for name in RESULTS]
    assert not [name for name in names if name not in WORDS]


def test_an_open_desk_ends_with_its_session(box: OfficeBox, app: Flask, anna: FlaskClient) -> None:
    watching = signed_in(app, "anna")
    answer = watching.get("/desk/live", buffered=False)
    stream = iter(answer.response)
    for _ in range(6):
        next(stream)
    app.extensions["visitors"].end_all("anna")
    box.ring(NUMBER)
    assert not list(stream), "a caller is told to nobody who was signed out"
    answer.close()
    assert anna.get("/desk/", headers={"Accept": "text/html"}).status_code == 302


def test_a_quick_reply_goes_to_the_caller_s_mobile(box: OfficeBox, anna: FlaskClient) -> None:
    body = "Your refund arrives within 3 working days."
    for code, kind in (("11", "reply"), ("12", "article")):
        article = Article(code=code, kind=kind, title="Refund", body=body)  # type: ignore[arg-type]  # of the kinds
        box.ask(SaveArticle(article=article, **WHO))
    sign_in(anna)
    box.ring("02165529988")
    call = state(box).call
    refused = anna.post("/desk/send/11", data={"call": call}, headers=ENGLISH)
    assert refused.status_code == 409
    assert "02165529988 is no mobile; a text cannot reach it." in refused.text
    box.lift()
    box.hang_up()
    anna.post("/desk/work", data={"act": "end", "result": "solved"})
    box.ring(NUMBER)
    call = state(box).call
    wrong = anna.post("/desk/send/12", data={"call": call}, headers=ENGLISH)
    assert "There is no quick reply 12." in wrong.text
    sent = anna.post("/desk/send/11", data={"call": call})
    assert sent.status_code == 303
    assert "The text is in the outbox." in page(anna, sent.location)
    with ReadRecords.open(box.recordings.parent / "records.sqlite") as records:
        (item,) = records.outbox()
    assert (item.kind, item.number, item.text, item.call) == ("sms", NUMBER, body, call)
