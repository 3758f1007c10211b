"""The first steps without a browser: each page, its refusals, where one goes on, what it sets."""

import io
import re
from html import unescape

import msgspec
import numpy as np
import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.datastructures import MultiDict

from drivers.line import Reading
from firmware.control.messages import (
    AskChecklist,
    AskLines,
    CallStatus,
    ChecklistAnswer,
    LineCheck,
    LinesAnswer,
    MeasuredAnswer,
    MeasureNow,
    PortStatus,
    Refused,
    Status,
)
from firmware.control.prompt_messages import (
    AskPrompts,
    KeepPrompt,
    PromptKept,
    PromptPart,
    PromptReceived,
    PromptsAnswer,
    PromptShown,
)
from firmware.core.events import LineMeasured
from ivr.wav import pcm_wav
from tests.web.desk import CODE, DeskBox, signed_in
from web.app import create_app
from web.setup.routes import RINGS
from web.setup.steps import STEPS, hours_shown, hours_typed, line_verdict
from web.words import WORDS

ENGLISH = {"Accept-Language": "en", "Accept": "text/html"}


class NewBox(DeskBox):
    """Line 1 is fed by its exchange, line 2 hangs in the air; prompts are kept."""

    own: tuple[PromptShown, ...] = ()
    busy = False

    def _answer(self, request, answer_ms):
        match request:
            case AskLines():
                fed = Reading(port="fxo/1", at_ms=0, chip="si3050", state="on_hook", line_v=-48.0)
                dead = Reading(port="fxo/2", at_ms=0, chip="si3050", state="on_hook", line_v=0.4)
                return LinesAnswer(readings=(fed, dead))
            case AskChecklist():
                return ChecklistAnswer(lines=(LineCheck(port="fxo/1", name="", checks={}),))
            case MeasureNow(port=port):
                if self.busy:
                    return Refused(id="line-busy", message=f"{port} is not free: connected")
                return MeasuredAnswer(name="", measured=LineMeasured(port=port, at_ms=0))
            case PromptPart():
                return PromptReceived(upload=request.upload, bytes_there=len(request.data))
            case KeepPrompt(language=language, key=key, who=who):
                kept = PromptShown(
                    language=language,
                    key=key,
                    duration_ms=1000,
                    level_dbfs=-20.0,
                    pace=0,
                    source="upload",
                    who=who,
                    at="2026-03-02T09:00:00+00:00",
                    text="",
                )
                self.own = (kept,)
                return PromptKept(prompt=kept)
            case AskPrompts():
                return PromptsAnswer(prompts=self.own)
        return super()._answer(request, answer_ms)


def status(box: NewBox, *, up: str = "", calls: tuple[CallStatus, ...] = ()) -> None:
    ports = [
        PortStatus(
            port=f"fxs/{n}", label=f"20{n}", state="dial_tone" if up == f"fxs/{n}" else "idle"
        )
        for n in range(1, 5)
    ]
    ports += [PortStatus(port=f"fxo/{n}", label=f"line {n}", state="idle") for n in (1, 2)]
    box.publish(
        Status(
            at_ms=60_000,
            lines_connected=True,
            country="CN",
            ports=tuple(ports),
            calls=calls,
            settings_version=box.desk.version,
            claimed=box.desk.claimed,
        )
    )


@pytest.fixture
def box(tmp_path) -> NewBox:
    made = NewBox(tmp_path)
    made.owned_by()
    status(made)
    return made


@pytest.fixture
def app(box: NewBox, tmp_path) -> Flask:
    return create_app(box, tmp_path)


@pytest.fixture
def owner(app: Flask) -> FlaskClient:
    return signed_in(app)


def test_who_claims_a_box_is_led_through_five_pages_and_may_come_back(tmp_path) -> None:
    box = NewBox(tmp_path)
    box.desk.open_claim("en", 0)
    browser = create_app(box, tmp_path).test_client()
    key = re.search(r'name="form_key" value="([^"]+)"', browser.get("/welcome").text)
    assert key is not None
    typed = {"form_key": key[1], "code": CODE, "name": "chen", "password": "queue of one"}
    answer = browser.post("/welcome", data=typed | {"again": "queue of one"})
    assert answer.location == "/setup/"
    assert browser.get("/setup/").location == "/setup/office"
    page = browser.get("/setup/office", headers=ENGLISH).text
    for step in STEPS:
        assert f'href="/setup/{step}"' in page
    assert len(STEPS) <= 5
    # He is called away; the overview leads him back to where he was.
    seen = browser.get("/", headers=ENGLISH).text
    assert "Go on with the first steps" in seen
    browser.environ_base["HTTP_X_FORM_KEY"] = re.findall(r'form_key" value="([^"]+)"', seen)[0]
    browser.post("/setup/office", data={"country": "GB", "language": "en"})
    browser.post("/setup/lines")
    assert browser.get("/setup/").location == "/setup/telephones"
    assert browser.post("/setup/done").location == "/"
    assert "Go on with the first steps" not in browser.get("/", headers=ENGLISH).text


def test_country_and_language(owner, box) -> None:
    answer = owner.post("/setup/office", data={"country": "HK", "language": "en"})
    assert answer.location == "/setup/lines"
    assert (box.desk.settings.country, box.desk.settings.language) == ("HK", "en")
    newest = box.desk.history().versions[0]
    assert newest.who == "owner"
    assert "国家和语言" in newest.why
    assert owner.post("/setup/office", data={"country": "XX", "language": "en"}).status_code == 422
    assert box.desk.settings.country == "HK"


def test_lines_are_found_and_each_has_its_verdict(owner, box) -> None:
    page = owner.get("/setup/lines", headers=ENGLISH).text
    assert "Connected, not tested yet" in page
    assert "Nothing is connected" in page
    assert page.count(">Test</button>") == 1, "what hangs in the air is not tested"
    assert owner.post("/setup/lines/1").location == "/setup/lines?tested=1"
    box.busy = True
    refused = owner.post("/setup/lines/1", headers=ENGLISH)
    assert refused.status_code == 409
    assert "not free" in refused.text
    assert owner.post("/setup/lines").location == "/setup/telephones"


@pytest.mark.parametrize(
    ("reading", "check", "measured", "words", "good"),
    [
        ({"line_v": None}, {}, {}, "Nothing is connected", False),
        ({}, {}, {"echo_db": 31.4}, "Tested and well, echo taken away 31 dB", True),
        ({}, {}, {"echo_db": 12.0}, "some echo (12 dB)", False),
        ({}, {"caller_id": "2026-03-02 09:00"}, {}, "Was called and works", True),
        ({}, {"clear": "x"}, {"fault": "no_dial_tone"}, "No dial tone", False),
        ({}, {}, {"fault": "no_loop"}, "No current when it is taken", False),
    ],
)
def test_what_is_said_of_a_line(reading, check, measured, words, good) -> None:
    values = {"line_v": 48.0} | reading
    seen = Reading(port="fxo/1", at_ms=0, chip="si3050", state="on_hook", **values)
    found = LineMeasured(port="fxo/1", at_ms=0, **measured) if measured else None
    said = line_verdict(seen, LineCheck(port="fxo/1", name="", checks=check), found, "en")
    assert words in said[0]
    assert said[1] is good


def test_the_telephone_that_is_lifted_lights_up(owner, box) -> None:
    status(box, up="fxs/3")
    page = owner.get("/setup/telephones", headers=ENGLISH).text
    assert 'data-lifted="fxs/3"' in page
    assert page.count("Lifted now") == 1
    assert page.count("On its cradle") == 3


def test_telephones_get_names_and_numbers_and_groups_follow(owner, box) -> None:
    typed = {"name-fxs/1": "前台 <b>", "number-fxs/2": "212"}
    assert owner.post("/setup/telephones", data=typed).location == "/setup/hours"
    first, second, *_ = box.desk.settings.extensions
    assert (first.name, second.number) == ("前台 <b>", "212")
    assert box.desk.settings.ring_groups[0].members == ("201", "212", "203", "204")
    assert "前台 &lt;b&gt;" in owner.get("/setup/telephones").text


def test_a_number_that_cannot_be_is_refused_at_its_field_and_nothing_is_lost(owner, box) -> None:
    typed = {"name-fxs/1": "typed with care", "number-fxs/2": "20"}
    answer = owner.post("/setup/telephones", data=typed, headers=ENGLISH)
    assert answer.status_code == 422
    assert "a number of 3 digits is needed" in answer.text
    assert 'id="number-fxs/2-wrong"' in answer.text
    assert 'value="typed with care"' in answer.text
    assert box.desk.settings.extensions[1].number == "202"


def test_hours_of_the_week(owner, box) -> None:
    typed = MultiDict([("open", "hours"), ("days", "mon"), ("days", "sat")])
    typed.update({"from": "8:30", "until": "1730"})
    assert owner.post("/setup/hours", data=typed).location == "/setup/greeting"
    week = box.desk.settings.hours.week
    assert week == {"mon": ("08:30-17:30",), "sat": ("08:30-17:30",)}
    shown = hours_shown({"week": {"mon": ["08:30-17:30"]}})
    assert (shown["always"], shown["from"], shown["until"]) == (False, "08:30", "17:30")
    owner.post("/setup/hours", data={"open": "always"})
    assert box.desk.settings.hours.week == {}


@pytest.mark.parametrize(
    ("typed", "field", "sentence"),
    [
        ({"from": "nine", "until": "18:00", "days": "mon"}, "from", "“nine” is no time"),
        ({"from": "9:00", "until": "24:30", "days": "mon"}, "until", "“24:30” is no time"),
        ({"from": "9:00", "until": "9:00", "days": "mon"}, "until", "not after the beginning"),
        ({"from": "9:00", "until": "18:00"}, "days", "at least one day"),
    ],
)
def test_hours_that_cannot_be(owner, typed, field, sentence) -> None:
    assert sentence in hours_typed({}, MultiDict(typed), "en")[1][field]
    answer = owner.post("/setup/hours", data=typed | {"open": "hours"}, headers=ENGLISH)
    assert answer.status_code == 422
    assert sentence in unescape(answer.text)
    assert f'value="{typed["from"]}"' in answer.text


def test_the_greeting_in_the_owner_s_own_voice(owner, box) -> None:
    page = owner.get("/setup/greeting", headers=ENGLISH).text
    assert "The system&#39;s greeting is in use" in page
    assert "*71#" in page
    empty = owner.post("/setup/greeting", data={}, headers=ENGLISH)
    assert empty.status_code == 422
    assert "Choose a WAV file first." in empty.text
    wav = pcm_wav(np.zeros(8000, np.int16), 8000)
    sent = {"file": (io.BytesIO(wav), "hello.wav")}
    answer = owner.post("/setup/greeting", data=sent, content_type="multipart/form-data")
    assert answer.location == "/setup/greeting?done=1"
    assert [(p.language, p.key) for p in box.own] == [("zh-CN", "welcome")]
    assert "Your own greeting is in force" in owner.get("/setup/greeting", headers=ENGLISH).text


def test_the_test_call_is_seen(owner, box) -> None:
    call = CallStatus(
        call="00000001",
        direction="inbound",
        state="alerted",
        caller="13912345678",
        destination="",
        since_ms=0,
        parties=("fxo/1",),
    )
    assert "Waiting for a call" in owner.get("/setup/lines", headers=ENGLISH).text
    status(box, calls=(call,))
    assert "Line 1 is called by 139 1234 5678" in owner.get("/setup/lines", headers=ENGLISH).text
    status(box, calls=(msgspec.structs.replace(call, state="menu"),))
    assert "Line 1 has answered 139 1234 5678" in owner.get("/setup/lines", headers=ENGLISH).text
    assert {f"call.{state}" for state in RINGS} <= set(WORDS), "states that calls have"


def test_everything_that_was_set_is_taken_back_through_the_history(owner, box) -> None:
    before, untouched = box.desk.version, box.desk.settings
    owner.post("/setup/office", data={"country": "GB", "language": "en"})
    owner.post("/setup/telephones", data={"name-fxs/1": "desk"})
    owner.post(
        "/setup/hours", data={"open": "hours", "days": "mon", "from": "9:00", "until": "17:00"}
    )
    assert box.desk.settings != untouched
    owner.post(f"/settings/history/{before}", data={"why": "again"})
    assert box.desk.settings == untouched
