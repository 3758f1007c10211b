"""The API: keys and what they are good for, every operation and its description."""

import json
from datetime import UTC, datetime

import msgspec
import pytest
from flask import Flask
from flask.testing import FlaskClient

from firmware.control.messages import (
    AskLines,
    AskStatus,
    CallStatus,
    LinesAnswer,
    PlaceCall,
    Refused,
    SaveSettings,
    Status,
)
from firmware.control.office_messages import AskFigures, FiguresAnswer, FigureValue
from firmware.storage.records import Records
from tests.unit.storage.stories import BOOT, inbound, wall
from tests.web.desk import HASH, DeskBox, signed_in
from web.api.operation import SCOPES
from web.api.routes import OPERATIONS, PREFIX
from web.app import create_app

NOW = datetime.now(UTC)
STATUS = Status(at_ms=1, lines_connected=True, country="CN", ports=(), calls=())
JSON = "application/json"


class ApiBox(DeskBox):
    """A box with a status; its telephone 202 is in use."""

    def _answer(self, request, answer_ms):
        self.asked.append(request)
        match request:
            case AskStatus():
                return self.status()
            case AskLines():
                return LinesAnswer(readings=())
            case AskFigures():
                return FiguresAnswer(from_ms=0, parts={"": {"calls": FigureValue(value=1, top=1)}})
            case PlaceCall(extension="202"):
                return Refused(id="telephone-busy", message="Extension 202 is in use.")
            case PlaceCall():
                return STATUS
        return super()._answer(request, answer_ms)


@pytest.fixture
def box(tmp_path) -> ApiBox:
    made = ApiBox(tmp_path)
    made.owned_by()
    made.owned_by("agent", ("agent",))
    made.publish(STATUS)
    return made


@pytest.fixture
def app(box: ApiBox, tmp_path) -> Flask:
    records = Records.open(tmp_path / "records.sqlite")
    for entry in inbound("00000001"):
        records.append([entry], boot=BOOT, wall=wall(entry.at_ms), trusted=True)
    records.close()
    return create_app(box, tmp_path)


def program(app: Flask, *scopes: str, account: str = "owner") -> FlaskClient:
    """A program with a key of its own and no cookie."""
    key = app.extensions["visitors"].give_token("crm", account, scopes or SCOPES, NOW)
    asker = app.test_client()
    asker.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {key}"
    return asker


def test_a_key_is_told_once_and_kept_as_a_hash(app: Flask, tmp_path) -> None:
    visitors = app.extensions["visitors"]
    key = visitors.give_token("crm", "owner", ("status",), NOW)
    assert key.startswith("tipring_")
    assert len(key) > 40
    kept = b"".join(path.read_bytes() for path in (tmp_path / "page").iterdir())
    assert key.encode() not in kept
    assert visitors.find_token(key, NOW).scopes == ("status",)
    assert visitors.find_token(key + "x", NOW) is None
    visitors.take_token(visitors.tokens()[0].id)
    assert visitors.find_token(key, NOW) is None


def test_a_key_does_what_its_scopes_say_and_its_account_may(app: Flask) -> None:
    assert program(app, "status").get(f"{PREFIX}/status").status_code == 200
    assert program(app, "calls").get(f"{PREFIX}/status").status_code == 403
    assert program(app, account="agent").get(f"{PREFIX}/settings").status_code == 403
    assert program(app, account="nobody").get(f"{PREFIX}/status").status_code == 401
    assert program(app).get("/", headers={"Accept": "text/html"}).status_code == 302, "no page"


@pytest.mark.parametrize(
    "given", ["", "Bearer", "Bearer x", "Basic b3duZXI6eA==", "Bearer tipring_"]
)
def test_what_is_no_key_opens_nothing_and_says_how_to_ask(app: Flask, given: str) -> None:
    answer = app.test_client().get(f"{PREFIX}/status", headers={"Authorization": given})
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert answer.json["id"] == "token-unknown"


def test_a_key_lives_as_long_as_its_account(app: Flask, box: ApiBox) -> None:
    asker = program(app, account="agent")
    assert asker.get(f"{PREFIX}/status").status_code == 200
    accounts = [dict(a, off=a["name"] == "agent") for a in box.desk.document["accounts"]]
    wanted = dict(box.desk.document, accounts=accounts)
    box.ask(SaveSettings(base=box.desk.version, who="owner", why="", settings=wanted))
    assert asker.get(f"{PREFIX}/status").status_code == 401


def test_a_signed_in_browser_may_ask_too_but_changes_nothing_without_its_form_key(app) -> None:
    browser = signed_in(app)
    assert browser.get(f"{PREFIX}/status").json["country"] == "CN"
    browser.environ_base.pop("HTTP_X_FORM_KEY")
    refused = browser.post(f"{PREFIX}/calls", json={"extension": "201", "number": "10086"})
    assert refused.status_code == 403
    assert refused.json["id"] == "old-form"


def test_calls_page_by_page(app: Flask) -> None:
    asker = program(app, "calls")
    found = asker.get(f"{PREFIX}/calls").json["calls"]
    assert [call["call"] for call in found] == ["00000001"]
    assert asker.get(f"{PREFIX}/calls?before=00000001").json["calls"] == []
    assert asker.get(f"{PREFIX}/calls/00000001").json["direction"] == "inbound"
    assert asker.get(f"{PREFIX}/calls/00000002").status_code == 404
    for limit in ("0", "501", "x", "", "1e3", "٣"):
        assert asker.get(f"{PREFIX}/calls", query_string={"limit": limit}).status_code == 422


def test_click_to_call(app: Flask, box: ApiBox) -> None:
    asker = program(app, "dial")
    placed = asker.post(f"{PREFIX}/calls", json={"extension": "201", "number": "13912345678"})
    assert placed.json == {"extension": "201", "number": "13912345678"}
    assert next(r for r in box.asked if isinstance(r, PlaceCall)).number == "13912345678"
    busy = asker.post(f"{PREFIX}/calls", json={"extension": "202", "number": "1"})
    assert (busy.status_code, busy.json["id"]) == (422, "telephone-busy")
    wrong = asker.post(f"{PREFIX}/calls", json={"extension": "201", "number": "; rm -rf"})
    assert wrong.status_code == 422
    assert asker.post(f"{PREFIX}/calls", data="{", content_type=JSON).status_code == 400
    assert asker.post(f"{PREFIX}/calls", data="{}").status_code == 415


def test_settings_are_read_changed_and_brought_back_without_the_accounts(app, box) -> None:
    asker = program(app, "settings")
    read = asker.get(f"{PREFIX}/settings").json
    assert "accounts" not in read["settings"]
    assert HASH not in json.dumps(read)
    wanted = {**read["settings"], "record": "all"}
    body = {"base": read["version"], "settings": wanted, "why": "by program"}
    changed = asker.put(f"{PREFIX}/settings", json=body)
    assert changed.json["settings"]["record"] == "all"
    assert [a.name for a in box.desk.settings.accounts] == ["owner", "agent"]
    newest = asker.get(f"{PREFIX}/settings/history").json["versions"][0]
    assert (newest["who"], newest["why"]) == ("owner (crm)", "by program")
    assert asker.put(f"{PREFIX}/settings", json=body).status_code == 409
    invalid = {**body, "base": changed.json["version"], "settings": {**wanted, "country": "XX"}}
    refused = asker.put(f"{PREFIX}/settings", json=invalid)
    assert refused.status_code == 422
    assert "country" in refused.json["fields"]
    taken = dict(accounts=[], **wanted)
    asker.put(
        f"{PREFIX}/settings", json={**body, "base": changed.json["version"], "settings": taken}
    )
    assert len(box.desk.settings.accounts) == 2, "a program cannot take the owner away"
    back = asker.post(f"{PREFIX}/settings/history/{read['version']}", json={"why": "no"})
    assert back.json["settings"]["record"] == "none"
    assert asker.post(f"{PREFIX}/settings/history/99999", json={}).status_code == 404


def test_events_for_wall_boards(app: Flask) -> None:
    with program(app, "status").get(f"{PREFIX}/events?once=yes") as answer:
        assert answer.mimetype == "text/event-stream"
        name, data = answer.text.strip().split("\n")
    assert name == "event: status"
    assert json.loads(data.removeprefix("data: "))["country"] == "CN"


def test_a_stream_ends_with_its_key(app: Flask, box: ApiBox) -> None:
    with program(app, "status").get(f"{PREFIX}/events") as answer:
        events = answer.iter_encoded()
        assert b"event: status" in next(events)
        visitors = app.extensions["visitors"]
        visitors.take_token(visitors.tokens()[0].id)
        box.publish(box.status())
        assert list(events) == []


def test_callers_are_shown_to_whom_they_concern(app: Flask, box: ApiBox) -> None:
    up = CallStatus(
        call="00000009",
        direction="inbound",
        state="talking",
        caller="13912345678",
        destination="201",
        since_ms=0,
    )
    now = box.status()
    box.publish(msgspec.structs.replace(now, calls=(up,)))
    for account, seen, written in (
        ("owner", "13912345678", "139 1234 5678"),
        ("agent", "139****5678", "139****5678"),
    ):
        for path in ("/status", "/events?once=yes"):
            with program(app, "status", account=account).get(f"{PREFIX}{path}") as answer:
                told = answer.text
            assert seen in told, (account, path)
            assert (seen == "13912345678") == ("13912345678" in told), (account, path)
        assert written in signed_in(app, account).get("/").text


def test_the_description_names_every_operation_and_every_address(app: Flask) -> None:
    described = program(app, "status").get(f"{PREFIX}/openapi.json").json
    assert described["openapi"] == "3.1.0"
    there = {(m, p) for p, ms in described["paths"].items() for m in ms}
    rules = {
        (method.lower(), rule.rule.replace("<int:", "<").replace("<", "{").replace(">", "}"))
        for rule in app.url_map.iter_rules()
        if rule.endpoint.startswith("api.") and rule.endpoint != "api.openapi"
        for method in rule.methods - {"HEAD", "OPTIONS"}
    }
    assert there == rules
    assert len(OPERATIONS) == len(there)
    assert app.test_client().get(f"{PREFIX}/openapi.json").status_code == 401


def test_refusals_are_json_and_in_the_reader_s_language(app: Flask) -> None:
    asker = program(app)
    for path, status in (("/nothing", 404), ("/calls", 405)):
        answer = asker.delete(f"{PREFIX}{path}", headers={"Accept-Language": "en"})
        assert answer.status_code == status
        assert set(answer.json) == {"id", "message", "fields"}
    assert "GET" in asker.delete(f"{PREFIX}/calls").headers["Allow"]
